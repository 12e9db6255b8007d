//! `surge(moments, minimum)`: the hour with many more events than the hours of days before.

use std::sync::{Arc, LazyLock};

use arrow_array::builder::{Int64Builder, StructBuilder};
use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, ArrayRef, ListArray};
use arrow_cast::cast;
use arrow_schema::{DataType, Field, Fields};
use datafusion::common::utils::take_function_args;
use datafusion::common::{Result, ScalarValue, exec_err};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility, lit,
};

/// The hour of a list of moments in microseconds that grew most over its past, among those with at
/// least `minimum` events: a struct of the numbers `events` and `usual`, or null where no such hour has
/// a past. `coldtrail_analytics::surge` defines it.
pub fn surge(moments: Expr, minimum: u32) -> Expr {
    function().call(vec![moments, lit(i64::from(minimum))])
}

pub(super) fn function() -> Arc<ScalarUDF> {
    static FUNCTION: LazyLock<Arc<ScalarUDF>> =
        LazyLock::new(|| Arc::new(ScalarUDF::new_from_impl(SurgeOfMoments::new())));
    Arc::clone(&FUNCTION)
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct SurgeOfMoments {
    signature: Signature,
}

impl SurgeOfMoments {
    fn new() -> Self {
        Self { signature: Signature::any(2, Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for SurgeOfMoments {
    fn name(&self) -> &str {
        "surge"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _argument_types: &[DataType]) -> Result<DataType> {
        Ok(DataType::Struct(fields()))
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [moments, minimum] = take_function_args(self.name(), &arguments.args)?;
        let minimum = match minimum {
            ColumnarValue::Scalar(ScalarValue::Int64(Some(count))) if *count >= 0 => {
                count.unsigned_abs()
            }
            other => return exec_err!("surge: minimum must be a number of events, not {other:?}"),
        };
        let numbers = DataType::List(Arc::new(Field::new("item", DataType::Int64, true)));
        let moments = cast(&moments.to_array(arguments.number_rows)?, &numbers)?;
        Ok(ColumnarValue::Array(surges(moments.as_list(), minimum)))
    }
}

fn fields() -> Fields {
    let number = |name| Field::new(name, DataType::Int64, true);
    Fields::from(vec![number("events"), number("usual")])
}

fn surges(lists: &ListArray, minimum: u64) -> ArrayRef {
    let mut builder = StructBuilder::from_fields(fields(), lists.len());
    for moments in lists.iter() {
        let surge = moments.and_then(|moments| {
            let moments: Vec<i64> = moments.as_primitive::<Int64Type>().iter().flatten().collect();
            coldtrail_analytics::surge(&moments, minimum)
        });
        let counts = surge.map(|surge| [surge.events, surge.usual]);
        for place in 0..2 {
            if let Some(column) = builder.field_builder::<Int64Builder>(place) {
                let count = counts.and_then(|counts| counts.get(place).copied());
                column.append_option(count.map(|count| i64::try_from(count).unwrap_or(i64::MAX)));
            }
        }
        builder.append(surge.is_some());
    }
    Arc::new(builder.finish())
}

#[cfg(test)]
mod tests {
    use arrow_array::Array;
    use arrow_array::builder::{Int64Builder, ListBuilder};
    use arrow_array::cast::AsArray;
    use arrow_array::types::Int64Type;

    use super::surges;

    #[test]
    fn a_surge_has_a_past_and_a_first_day_has_none() {
        let minute = 60_000_000;
        let mut lists = ListBuilder::new(Int64Builder::new());
        let past = (0..40).map(|hour| hour * 60 * minute);
        lists.append_value(past.chain((0..600).map(|at| 48 * 60 * minute + at)).map(Some));
        lists.append_value((0..600).map(Some));
        let surges = surges(&lists.finish(), 100);
        let events = surges.as_struct().column_by_name("events").expect("a column").clone();
        assert_eq!(events.as_primitive::<Int64Type>().value(0), 600);
        assert!(surges.is_null(1));
    }
}
