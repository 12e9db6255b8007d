//! `json_list(values)`: a list of texts or numbers as a JSON array.

use std::sync::{Arc, LazyLock};

use arrow_array::builder::StringBuilder;
use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, ArrayRef, ListArray};
use arrow_schema::DataType;
use datafusion::common::utils::take_function_args;
use datafusion::common::{Result, exec_err};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use serde_json::Value;

/// The list as a JSON array; null where there is no list.
pub fn json_list(values: Expr) -> Expr {
    function().call(vec![values])
}

pub(super) fn function() -> Arc<ScalarUDF> {
    static FUNCTION: LazyLock<Arc<ScalarUDF>> =
        LazyLock::new(|| Arc::new(ScalarUDF::new_from_impl(JsonList::new())));
    Arc::clone(&FUNCTION)
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct JsonList {
    signature: Signature,
}

impl JsonList {
    fn new() -> Self {
        Self { signature: Signature::any(1, Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for JsonList {
    fn name(&self) -> &str {
        "json_list"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _argument_types: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8)
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [lists] = take_function_args(self.name(), &arguments.args)?;
        let lists = lists.to_array(arguments.number_rows)?;
        match lists.as_list_opt::<i32>() {
            Some(lists) => Ok(ColumnarValue::Array(written(lists)?)),
            None => exec_err!("json_list takes a list, not {}", lists.data_type()),
        }
    }
}

fn written(lists: &ListArray) -> Result<ArrayRef> {
    let mut texts = StringBuilder::with_capacity(lists.len(), 16 * lists.len());
    for list in lists.iter() {
        let Some(list) = list else {
            texts.append_null();
            continue;
        };
        let items: Vec<Value> = match list.data_type() {
            DataType::Utf8 => list.as_string::<i32>().iter().map(Value::from).collect(),
            DataType::Int64 => list.as_primitive::<Int64Type>().iter().map(Value::from).collect(),
            other => return exec_err!("json_list takes texts or numbers, not {other}"),
        };
        texts.append_value(Value::Array(items).to_string());
    }
    Ok(Arc::new(texts.finish()))
}

#[cfg(test)]
mod tests {
    use arrow_array::builder::{Int64Builder, ListBuilder, StringBuilder};
    use arrow_array::cast::AsArray;

    use super::written;

    #[test]
    fn lists_become_json() {
        let mut lists = ListBuilder::new(StringBuilder::new());
        lists.append_value([Some("a\"b"), None]);
        lists.append_null();
        let texts = written(&lists.finish()).expect("texts");
        let texts: Vec<Option<&str>> = texts.as_string::<i32>().iter().collect();
        assert_eq!(texts, [Some("[\"a\\\"b\",null]"), None]);

        let mut lists = ListBuilder::new(Int64Builder::new());
        lists.append_value([Some(1), Some(2)]);
        let texts = written(&lists.finish()).expect("texts");
        assert_eq!(texts.as_string::<i32>().value(0), "[1,2]");
    }
}
