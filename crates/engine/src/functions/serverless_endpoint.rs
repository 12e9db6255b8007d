//! `serverless_endpoint(host, path, answers)`: which serverless endpoint a name is, by the catalogue.

use std::sync::{Arc, LazyLock};

use arrow_array::builder::{StringBuilder, StructBuilder};
use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, ListArray, StringArray};
use arrow_cast::cast;
use arrow_schema::{DataType, Field, Fields};
use coldtrail_catalogue::Catalogue;
use coldtrail_model::Endpoint;
use datafusion::common::Result;
use datafusion::common::utils::take_function_args;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

/// The endpoint of a contacted name, or null where the catalogue knows none.
///
/// * `host`: text; the name that was asked for or contacted.
/// * `path`: text or null; the URL's path, which alone names the tenant on a shared host.
/// * `answers`: list of text or null; a DNS answer, where a CNAME may lead to a platform.
///
/// The result is a struct of texts: `host`, `provider`, `platform`, `kind`, `tenant`, `group`,
/// `function`, `reach`, `via`, `alias` (the custom name in front of a CNAME).
pub fn serverless_endpoint(host: Expr, path: Expr, answers: Expr) -> Expr {
    function().call(vec![host, path, answers])
}

pub(super) fn function() -> Arc<ScalarUDF> {
    static FUNCTION: LazyLock<Arc<ScalarUDF>> =
        LazyLock::new(|| Arc::new(ScalarUDF::new_from_impl(ServerlessEndpoint::new())));
    Arc::clone(&FUNCTION)
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct ServerlessEndpoint {
    signature: Signature,
}

impl ServerlessEndpoint {
    fn new() -> Self {
        Self { signature: Signature::any(3, Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for ServerlessEndpoint {
    fn name(&self) -> &str {
        "serverless_endpoint"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _argument_types: &[DataType]) -> Result<DataType> {
        Ok(DataType::Struct(fields()))
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let rows = arguments.number_rows;
        let [host, path, answers] = take_function_args(self.name(), &arguments.args)?;
        let hosts = cast(&host.to_array(rows)?, &DataType::Utf8)?;
        let paths = cast(&path.to_array(rows)?, &DataType::Utf8)?;
        let answers = cast(&answers.to_array(rows)?, &list_of_text())?;
        Ok(ColumnarValue::Array(endpoints(
            hosts.as_string::<i32>(),
            paths.as_string::<i32>(),
            answers.as_list::<i32>(),
        )))
    }
}

/// The parts of an endpoint.
pub(super) fn fields() -> Fields {
    const NAMES: [&str; 10] = [
        "host", "provider", "platform", "kind", "tenant", "group", "function", "reach", "via",
        "alias",
    ];
    NAMES.iter().map(|name| Field::new(*name, DataType::Utf8, true)).collect()
}

fn list_of_text() -> DataType {
    DataType::List(Arc::new(Field::new("item", DataType::Utf8, true)))
}

fn endpoints(hosts: &StringArray, paths: &StringArray, answers: &ListArray) -> ArrayRef {
    let mut builder = StructBuilder::from_fields(fields(), hosts.len());
    for row in 0..hosts.len() {
        let endpoint = if hosts.is_valid(row) {
            let path = paths.is_valid(row).then(|| paths.value(row));
            let chain = answers.is_valid(row).then(|| answers.value(row));
            identify(hosts.value(row), path, chain.as_deref())
        } else {
            None
        };
        append(&mut builder, endpoint.as_ref());
    }
    Arc::new(builder.finish())
}

fn identify(host: &str, path: Option<&str>, answers: Option<&dyn Array>) -> Option<Endpoint> {
    let names: Option<Vec<&str>> =
        answers.map(|answers| answers.as_string::<i32>().iter().flatten().collect());
    Catalogue::builtin().contacted(host, path, names.as_deref())
}

/// Appends an endpoint, or null.
pub(super) fn append(builder: &mut StructBuilder, endpoint: Option<&Endpoint>) {
    let texts: [Option<&str>; 10] = match endpoint {
        Some(endpoint) => [
            Some(&endpoint.host),
            Some(&endpoint.provider),
            Some(&endpoint.product),
            Some(endpoint.kind.name()),
            endpoint.tenant.as_deref(),
            endpoint.group.as_deref(),
            endpoint.function.as_deref(),
            Some(endpoint.reach.name()),
            Some(endpoint.via.name()),
            endpoint.related_hosts.first().map(String::as_str),
        ],
        None => [None; 10],
    };
    for (place, text) in texts.into_iter().enumerate() {
        if let Some(column) = builder.field_builder::<StringBuilder>(place) {
            column.append_option(text);
        }
    }
    builder.append(endpoint.is_some());
}

#[cfg(test)]
mod tests {
    use arrow_array::cast::AsArray;
    use arrow_array::{Array, ListArray, StringArray, new_null_array};

    use super::{endpoints, list_of_text};

    #[test]
    fn names_an_endpoint_or_nothing() {
        let hosts = StringArray::from(vec![
            Some("sync.acme.workers.dev"),
            Some("workers.dev.example.com"),
            None,
        ]);
        let paths = StringArray::new_null(3);
        let answers = new_null_array(&list_of_text(), 3);
        let endpoints = endpoints(&hosts, &paths, answers.as_list::<i32>());
        let endpoints = endpoints.as_struct();
        assert_eq!((endpoints.is_valid(0), endpoints.null_count()), (true, 2));
        let provider = endpoints.column_by_name("provider").expect("a column");
        assert_eq!(provider.as_string::<i32>().value(0), "Cloudflare");
    }

    #[test]
    fn follows_a_cname() {
        let hosts = StringArray::from(vec!["api.example.com"]);
        let mut answers =
            arrow_array::builder::ListBuilder::new(arrow_array::builder::StringBuilder::new());
        answers.append_value([Some("sync.azurewebsites.net"), Some("192.0.2.1")]);
        let answers: ListArray = answers.finish();
        let endpoints = endpoints(&hosts, &StringArray::new_null(1), &answers);
        let text = |name: &str| {
            let column = endpoints.as_struct().column_by_name(name).expect("a column").clone();
            column.as_string::<i32>().value(0).to_owned()
        };
        assert_eq!(
            (text("host").as_str(), text("via").as_str()),
            ("sync.azurewebsites.net", "cname")
        );
        assert_eq!(text("alias"), "api.example.com");
    }
}
