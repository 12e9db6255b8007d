//! `touches(texts, wanted)`: whether one of a row's texts is one of a list of wanted ones.
//!
//! It is what finds the rows about a few addresses among all rows, where the addresses are too many
//! for a plan of comparisons.

use std::collections::HashSet;
use std::sync::{Arc, LazyLock};

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, BooleanArray};
use arrow_cast::cast;
use arrow_schema::DataType;
use datafusion::common::utils::take_function_args;
use datafusion::common::{Result, ScalarValue, exec_err};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility, lit,
};

/// Whether a text, or one of a list of texts, is wanted; never null.
pub fn touches<'w>(texts: Expr, wanted: impl Iterator<Item = &'w str>) -> Expr {
    let wanted: Vec<ScalarValue> = wanted.map(ScalarValue::from).collect();
    let list = ScalarValue::new_list_nullable(&wanted, &DataType::Utf8);
    function().call(vec![texts, lit(ScalarValue::List(list))])
}

pub(super) fn function() -> Arc<ScalarUDF> {
    static FUNCTION: LazyLock<Arc<ScalarUDF>> =
        LazyLock::new(|| Arc::new(ScalarUDF::new_from_impl(Touches::new())));
    Arc::clone(&FUNCTION)
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Touches {
    signature: Signature,
}

impl Touches {
    fn new() -> Self {
        Self { signature: Signature::any(2, Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for Touches {
    fn name(&self) -> &str {
        "touches"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _argument_types: &[DataType]) -> Result<DataType> {
        Ok(DataType::Boolean)
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [texts, wanted] = take_function_args(self.name(), &arguments.args)?;
        let ColumnarValue::Scalar(ScalarValue::List(wanted)) = wanted else {
            return exec_err!("touches: its second argument must be a list of literals");
        };
        let wanted = cast(wanted.values(), &DataType::Utf8)?;
        let wanted: HashSet<&str> = wanted.as_string::<i32>().iter().flatten().collect();
        let texts = texts.to_array(arguments.number_rows)?;
        Ok(ColumnarValue::Array(Arc::new(touched(&texts, &wanted)?)))
    }
}

fn touched(texts: &ArrayRef, wanted: &HashSet<&str>) -> Result<BooleanArray> {
    let Some(lists) = texts.as_list_opt::<i32>() else {
        let texts = cast(texts, &DataType::Utf8)?;
        let is_wanted = |text: Option<&str>| Some(text.is_some_and(|text| wanted.contains(text)));
        return Ok(texts.as_string::<i32>().iter().map(is_wanted).collect());
    };
    let values = cast(lists.values(), &DataType::Utf8)?;
    let values = values.as_string::<i32>();
    let is_wanted = |place: usize| values.is_valid(place) && wanted.contains(values.value(place));
    let ends = lists.value_offsets();
    let rows = ends.windows(2).enumerate().map(|(row, bounds)| match bounds {
        [from, to] => {
            Some(lists.is_valid(row) && (*from..*to).any(|place| is_wanted(place as usize)))
        }
        _ => Some(false),
    });
    Ok(rows.collect())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::sync::Arc;

    use arrow_array::builder::{ListBuilder, StringBuilder};
    use arrow_array::{ArrayRef, StringArray};

    use super::touched;

    #[test]
    fn one_of_a_list_is_enough() {
        let wanted = HashSet::from(["192.0.2.1"]);
        let mut lists = ListBuilder::new(StringBuilder::new());
        lists.append_value([Some("a.example"), Some("192.0.2.1")]);
        lists.append_null();
        lists.append_value([None, Some("192.0.2.10")]);
        let lists: ArrayRef = Arc::new(lists.finish());
        let rows = touched(&lists, &wanted).expect("texts");
        assert_eq!(rows.iter().flatten().collect::<Vec<_>>(), [true, false, false]);

        let texts: ArrayRef = Arc::new(StringArray::from(vec![None, Some("192.0.2.1")]));
        let rows = touched(&texts, &wanted).expect("texts");
        assert_eq!(rows.iter().flatten().collect::<Vec<_>>(), [false, true]);
    }
}
