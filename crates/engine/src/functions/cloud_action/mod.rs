//! `cloud_action(…)`: what a record of a cloud says was done to which function, and by whom.
//!
//! Each provider has its own words for the same few acts, so each has a file. What fails did nothing,
//! and what only reads or deletes prepares no function, so both are passed over.

mod aws;
mod azure;
mod cloudflare;
mod google;

use std::sync::{Arc, LazyLock};

use arrow_array::builder::{StringBuilder, StructBuilder};
use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, StringArray};
use arrow_cast::cast;
use arrow_schema::{DataType, Field as ArrowField, Fields};
use coldtrail_catalogue::Catalogue;
use coldtrail_model::{Endpoint, Field, Kind, Reach};
use datafusion::common::Result;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility, ident,
};

/// The columns of the table `cloud` that it reads, in the order of [`Record`].
const COLUMNS: [Field; 18] = [
    Field::CloudProvider,
    Field::EventProvider,
    Field::EventAction,
    Field::EventOutcome,
    Field::CloudResourceId,
    Field::FaasName,
    Field::FaasExecution,
    Field::CloudAccountId,
    Field::CloudProjectId,
    Field::CloudRegion,
    Field::UrlDomain,
    Field::UserId,
    Field::UserName,
    Field::SourceIp,
    Field::UserAgentOriginal,
    Field::HttpRequestMethod,
    Field::HttpRequestBodyContent,
    Field::HttpResponseBodyContent,
];

/// The parts of the result.
const PARTS: [&str; 12] = [
    "act", "actor", "identity", "agent", "resource", "function", "host", "provider", "platform",
    "kind", "tenant", "account",
];

/// What a row of the table `cloud` did to a function, or null where it did nothing to any.
///
/// The result is a struct of texts: `act` (`prepared`, `exposed`, `changed` or `invoked`); `actor`,
/// who did it as the record says, and `identity`, that in its account, without what is new in each session; `agent`, the
/// program that it was done with, without its version; `resource`, which tells the function from all
/// others, and `function`, its name; `host`, where its address is known; `provider`, `platform`, `kind`
/// and `tenant` of the endpoint that it is or may become; and `account`, to which it belongs.
pub fn cloud_action() -> Expr {
    function().call(COLUMNS.iter().map(|column| ident(column.name())).collect())
}

pub(super) fn function() -> Arc<ScalarUDF> {
    static FUNCTION: LazyLock<Arc<ScalarUDF>> =
        LazyLock::new(|| Arc::new(ScalarUDF::new_from_impl(CloudAction::new())));
    Arc::clone(&FUNCTION)
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct CloudAction {
    signature: Signature,
}

impl CloudAction {
    fn new() -> Self {
        Self { signature: Signature::any(COLUMNS.len(), Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for CloudAction {
    fn name(&self) -> &str {
        "cloud_action"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _argument_types: &[DataType]) -> Result<DataType> {
        Ok(DataType::Struct(fields()))
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let rows = arguments.number_rows;
        let texts = |column: &ColumnarValue| cast(&column.to_array(rows)?, &DataType::Utf8);
        let columns = arguments.args.iter().map(|column| Ok(texts(column)?));
        let columns: Vec<ArrayRef> = columns.collect::<Result<_>>()?;
        let columns: Vec<&StringArray> = columns.iter().map(|column| column.as_string()).collect();
        let mut builder = StructBuilder::from_fields(fields(), rows);
        for row in 0..rows {
            append(&mut builder, Record::of(&columns, row).action());
        }
        Ok(ColumnarValue::Array(Arc::new(builder.finish())))
    }
}

fn fields() -> Fields {
    PARTS.iter().map(|name| ArrowField::new(*name, DataType::Utf8, true)).collect()
}

fn append(builder: &mut StructBuilder, action: Option<[String; PARTS.len()]>) {
    let is_action = action.is_some();
    let texts = action.unwrap_or_default();
    for (place, text) in texts.into_iter().enumerate() {
        if let Some(column) = builder.field_builder::<StringBuilder>(place) {
            column.append_option(Some(text).filter(|text| !text.is_empty()));
        }
    }
    builder.append(is_action);
}

/// What can be done to a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    /// It, or what leads to it, was made.
    Prepared,
    /// It was opened to everybody.
    Exposed,
    /// Its code or settings were changed.
    Changed,
    /// It ran.
    Invoked,
}

impl Act {
    fn name(self) -> &'static str {
        match self {
            Act::Prepared => "prepared",
            Act::Exposed => "exposed",
            Act::Changed => "changed",
            Act::Invoked => "invoked",
        }
    }
}

/// A product of the catalogue, for functions whose address no record tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Product {
    provider: &'static str,
    name: &'static str,
    kind: Kind,
}

/// What was done to what.
#[derive(Debug, PartialEq, Eq)]
struct Deed {
    act: Act,
    product: Product,
    /// The name of the function.
    function: String,
    /// The host that the function is reached at, where it is known.
    host: Option<String>,
}

/// A row of the table; what is null is empty.
#[derive(Clone, Copy, Debug, Default)]
struct Record<'r> {
    provider: &'r str,
    service: &'r str,
    action: &'r str,
    outcome: &'r str,
    resource: &'r str,
    function: &'r str,
    execution: &'r str,
    account: &'r str,
    project: &'r str,
    region: &'r str,
    domain: &'r str,
    user_id: &'r str,
    user_name: &'r str,
    source_ip: &'r str,
    user_agent: &'r str,
    method: &'r str,
    request: &'r str,
    response: &'r str,
}

impl<'r> Record<'r> {
    fn of(columns: &[&'r StringArray], row: usize) -> Self {
        let mut values =
            columns.iter().map(|column| if column.is_valid(row) { column.value(row) } else { "" });
        let mut next = || values.next().unwrap_or_default();
        Record {
            provider: next(),
            service: next(),
            action: next(),
            outcome: next(),
            resource: next(),
            function: next(),
            execution: next(),
            account: next(),
            project: next(),
            region: next(),
            domain: next(),
            user_id: next(),
            user_name: next(),
            source_ip: next(),
            user_agent: next(),
            method: next(),
            request: next(),
            response: next(),
        }
    }

    fn action(&self) -> Option<[String; PARTS.len()]> {
        if self.outcome == "failure" {
            return None;
        }
        let deed = match self.provider {
            "aws" => aws::deed(self),
            "azure" => azure::deed(self),
            "cloudflare" => cloudflare::deed(self),
            "gcp" => google::deed(self),
            _ => None,
        }?;
        let known = |host: &str| {
            let endpoint = Catalogue::builtin().platform(host, None)?;
            (endpoint.reach == Reach::Tenant).then_some(endpoint)
        };
        let endpoint = known(self.domain).or_else(|| known(deed.host.as_deref()?));
        let account = if self.project.is_empty() { self.account } else { self.project };
        let resource = [self.provider, account, self.place(), &deed.function].join("/");
        let Deed { act, product, function, .. } = deed;
        let (host, provider, platform, kind, tenant) = match endpoint {
            Some(Endpoint { host, provider, product, kind, tenant, .. }) => {
                (host, provider, product, kind, tenant.unwrap_or_else(|| function.clone()))
            }
            None => {
                let Product { provider, name, kind } = product;
                (String::new(), provider.to_owned(), name.to_owned(), kind, function.clone())
            }
        };
        Some([
            act.name().to_owned(),
            self.actor().to_owned(),
            [account, identity(self.actor())].join(" "),
            agent(self.user_agent).to_owned(),
            resource,
            function,
            host,
            provider,
            platform,
            kind.name().to_owned(),
            tenant,
            account.to_owned(),
        ])
    }

    /// Functions of one name live in many regions of AWS; elsewhere the name is enough, and not every
    /// record has the region.
    fn place(&self) -> &'r str {
        if self.provider == "aws" { self.region } else { "" }
    }

    /// Who acted. Elsewhere than at AWS, identifiers are numbers that nobody knows by heart.
    fn actor(&self) -> &'r str {
        let is_arn = self.user_id.starts_with("arn:");
        let names =
            if is_arn { [self.user_id, self.user_name] } else { [self.user_name, self.user_id] };
        names
            .into_iter()
            .chain([self.source_ip])
            .find(|name| !name.is_empty())
            .unwrap_or("(unknown)")
    }

    /// What ran, where the record is about a run.
    fn run(&self, product: Product) -> Option<Deed> {
        let is_run = !self.execution.is_empty() && !self.function.is_empty();
        is_run.then(|| Deed {
            act: Act::Invoked,
            product,
            function: self.function.to_owned(),
            host: None,
        })
    }
}

/// An actor without what is new in each session. Builds call their sessions by numbers; people who log
/// in by single sign-on have their names in the place of the session.
fn identity(actor: &str) -> &str {
    let Some((role, session)) = actor.rsplit_once('/') else { return actor };
    let is_person = session.contains('@') || role.contains("AWSReservedSSO_");
    if actor.contains(":assumed-role/") && !is_person { role } else { actor }
}

/// The program of a user agent, without its version: `aws-cli` of `aws-cli/2.27.1 md/…`.
fn agent(user_agent: &str) -> &str {
    let written = user_agent.trim_start_matches('[');
    written.split(['/', ' ']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use coldtrail_catalogue::Catalogue;

    use super::{Record, agent, aws, azure, cloudflare, google, identity};

    /// The act, the function, the platform and the host of a record.
    pub(super) fn told(record: &Record<'_>) -> Option<String> {
        let [act, _, _, _, _, function, host, _, platform, ..] = record.action()?;
        let platform = platform.split(" (").next().unwrap_or_default().to_owned();
        Some([act, function, platform, host].join(" ").trim_end().to_owned())
    }

    #[test]
    fn products_are_those_of_the_catalogue() {
        let products = [aws::PRODUCTS, azure::PRODUCTS, cloudflare::PRODUCTS, google::PRODUCTS];
        for product in products.concat() {
            let is_known = Catalogue::builtin()
                .entries()
                .any(|entry| entry.product == product.name && entry.provider == product.provider);
            assert!(is_known, "{}", product.name);
        }
    }

    #[test]
    fn sessions_of_builds_are_one_identity_and_people_are_many() {
        for (actor, expected) in [
            ("arn:aws:sts::1:assumed-role/ci/run-17", "arn:aws:sts::1:assumed-role/ci"),
            (
                "arn:aws:sts::1:assumed-role/dev/a@b.example",
                "arn:aws:sts::1:assumed-role/dev/a@b.example",
            ),
            ("arn:aws:iam::1:user/kim", "arn:aws:iam::1:user/kim"),
            ("kim@example.com", "kim@example.com"),
        ] {
            assert_eq!(identity(actor), expected);
        }
        assert_eq!(
            (agent("[aws-cli/2.1 x]"), agent("Boto3/1"), agent("")),
            ("aws-cli", "Boto3", "")
        );
    }

    #[test]
    fn what_failed_did_nothing() {
        let record = Record {
            provider: "aws",
            service: "lambda.amazonaws.com",
            action: "CreateFunction20150331",
            function: "poll",
            ..Record::default()
        };
        assert_eq!(told(&record).as_deref(), Some("prepared poll Lambda Function URL"));
        assert_eq!(told(&Record { outcome: "failure", ..record }), None);
    }
}
