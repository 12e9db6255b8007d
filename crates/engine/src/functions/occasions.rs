//! `occasions(moments, pause, until)`: how often something happened, where what follows at once is one.

use std::sync::{Arc, LazyLock};

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{ArrayRef, Int64Array, ListArray};
use arrow_cast::cast;
use arrow_schema::{DataType, Field};
use datafusion::common::utils::take_function_args;
use datafusion::common::{Result, ScalarValue, exec_err};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility, lit,
};

/// How many of a list of moments came after a pause, the first one included.
///
/// * `moments`: list of numbers; microseconds, in order.
/// * `pause`: microseconds without any moment that end an occasion.
/// * `until`: number or null; moments from there on do not count.
pub fn occasions(moments: Expr, pause: i64, until: Expr) -> Expr {
    function().call(vec![moments, lit(pause), until])
}

pub(super) fn function() -> Arc<ScalarUDF> {
    static FUNCTION: LazyLock<Arc<ScalarUDF>> =
        LazyLock::new(|| Arc::new(ScalarUDF::new_from_impl(Occasions::new())));
    Arc::clone(&FUNCTION)
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Occasions {
    signature: Signature,
}

impl Occasions {
    fn new() -> Self {
        Self { signature: Signature::any(3, Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for Occasions {
    fn name(&self) -> &str {
        "occasions"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _argument_types: &[DataType]) -> Result<DataType> {
        Ok(DataType::Int64)
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let rows = arguments.number_rows;
        let [moments, pause, until] = take_function_args(self.name(), &arguments.args)?;
        let ColumnarValue::Scalar(ScalarValue::Int64(Some(pause))) = pause else {
            return exec_err!("occasions: pause must be a number of microseconds, not {pause:?}");
        };
        let numbers = DataType::List(Arc::new(Field::new("item", DataType::Int64, true)));
        let moments = cast(&moments.to_array(rows)?, &numbers)?;
        let until = cast(&until.to_array(rows)?, &DataType::Int64)?;
        let counts = counts(moments.as_list(), *pause, until.as_primitive());
        Ok(ColumnarValue::Array(counts))
    }
}

fn counts(lists: &ListArray, pause: i64, until: &Int64Array) -> ArrayRef {
    let counts: Int64Array = lists
        .iter()
        .zip(until)
        .map(|(moments, until)| {
            let moments = moments?;
            let moments = moments.as_primitive::<Int64Type>().iter().flatten();
            Some(count(moments.take_while(|at| until.is_none_or(|until| *at < until)), pause))
        })
        .collect();
    Arc::new(counts)
}

fn count(moments: impl Iterator<Item = i64>, pause: i64) -> i64 {
    let mut before: Option<i64> = None;
    let mut count = 0;
    for at in moments {
        if before.is_none_or(|before| at.saturating_sub(before) >= pause) {
            count += 1;
        }
        before = Some(at);
    }
    count
}

#[cfg(test)]
mod tests {
    use super::count;

    #[test]
    fn what_follows_at_once_is_one_occasion() {
        assert_eq!(count([0, 1, 2, 100, 101, 300].into_iter(), 50), 3);
        assert_eq!(count([].into_iter(), 50), 0);
        assert_eq!(count([i64::MIN, i64::MAX].into_iter(), 50), 2);
    }
}
