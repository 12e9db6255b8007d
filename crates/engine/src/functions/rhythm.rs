//! `rhythm(moments, minimum_polls)`: how regular a list of moments is.

use std::sync::{Arc, LazyLock};

use arrow_array::builder::{Float64Builder, Int64Builder, StructBuilder};
use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, ArrayRef, ListArray};
use arrow_cast::cast;
use arrow_schema::{DataType, Field, Fields};
use coldtrail_analytics::{Rhythm, RhythmSettings};
use datafusion::common::utils::take_function_args;
use datafusion::common::{Result, ScalarValue, exec_err};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility, lit,
};

/// The rhythm of a list of moments in microseconds, or null where there are too few polls.
///
/// The result is a struct of `period_seconds`, `regularity`, `miss_rate`, `strength`, `duty` and
/// `span_seconds` (64-bit floats; what has no unit is from 0 to 1) and `polls` (a number);
/// `coldtrail_analytics` defines them.
pub fn rhythm(moments: Expr, minimum_polls: u32) -> Expr {
    function().call(vec![moments, lit(i64::from(minimum_polls))])
}

pub(super) fn function() -> Arc<ScalarUDF> {
    static FUNCTION: LazyLock<Arc<ScalarUDF>> =
        LazyLock::new(|| Arc::new(ScalarUDF::new_from_impl(RhythmOfMoments::new())));
    Arc::clone(&FUNCTION)
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct RhythmOfMoments {
    signature: Signature,
}

impl RhythmOfMoments {
    fn new() -> Self {
        Self { signature: Signature::any(2, Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for RhythmOfMoments {
    fn name(&self) -> &str {
        "rhythm"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _argument_types: &[DataType]) -> Result<DataType> {
        Ok(DataType::Struct(fields()))
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [moments, minimum_polls] = take_function_args(self.name(), &arguments.args)?;
        let minimum_polls = match minimum_polls {
            ColumnarValue::Scalar(ScalarValue::Int64(Some(count))) if *count > 0 => {
                count.unsigned_abs()
            }
            other => {
                return exec_err!("rhythm: minimum_polls must be a positive number, not {other:?}");
            }
        };
        let settings = RhythmSettings { minimum_polls, ..RhythmSettings::default() };
        let moments = cast(&moments.to_array(arguments.number_rows)?, &list_of_numbers())?;
        Ok(ColumnarValue::Array(rhythms(moments.as_list(), &settings)))
    }
}

fn fields() -> Fields {
    Fields::from(vec![
        Field::new("period_seconds", DataType::Float64, true),
        Field::new("regularity", DataType::Float64, true),
        Field::new("miss_rate", DataType::Float64, true),
        Field::new("strength", DataType::Float64, true),
        Field::new("duty", DataType::Float64, true),
        Field::new("span_seconds", DataType::Float64, true),
        Field::new("polls", DataType::Int64, true),
    ])
}

fn list_of_numbers() -> DataType {
    DataType::List(Arc::new(Field::new("item", DataType::Int64, true)))
}

fn rhythms(lists: &ListArray, settings: &RhythmSettings) -> ArrayRef {
    let mut builder = StructBuilder::from_fields(fields(), lists.len());
    for moments in lists.iter() {
        let rhythm = moments.and_then(|moments| {
            let moments: Vec<i64> = moments.as_primitive::<Int64Type>().iter().flatten().collect();
            coldtrail_analytics::rhythm(&moments, settings)
        });
        append(&mut builder, rhythm.as_ref());
    }
    Arc::new(builder.finish())
}

fn append(builder: &mut StructBuilder, rhythm: Option<&Rhythm>) {
    let measures = rhythm.map(|rhythm| {
        [
            rhythm.period_seconds,
            rhythm.regularity,
            rhythm.miss_rate,
            rhythm.strength,
            rhythm.duty,
            rhythm.span_seconds,
        ]
    });
    for place in 0..6 {
        if let Some(column) = builder.field_builder::<Float64Builder>(place) {
            column.append_option(measures.and_then(|measures| measures.get(place).copied()));
        }
    }
    if let Some(column) = builder.field_builder::<Int64Builder>(6) {
        column.append_option(rhythm.map(|rhythm| rhythm.polls as i64));
    }
    builder.append(rhythm.is_some());
}

#[cfg(test)]
mod tests {
    use arrow_array::Array;
    use arrow_array::builder::{Int64Builder, ListBuilder};
    use arrow_array::cast::AsArray;
    use arrow_array::types::Float64Type;
    use coldtrail_analytics::RhythmSettings;

    use super::rhythms;

    #[test]
    fn a_timer_has_a_period_and_three_polls_have_none() {
        let mut lists = ListBuilder::new(Int64Builder::new());
        lists.append_value((0..60).map(|poll| Some(poll * 60_000_000)));
        lists.append_value([Some(0), Some(60_000_000), Some(120_000_000)]);
        let rhythms = rhythms(&lists.finish(), &RhythmSettings::default());
        let periods = rhythms.as_struct().column_by_name("period_seconds").expect("a column");
        assert_eq!(periods.as_primitive::<Float64Type>().value(0), 60.0);
        assert!(rhythms.is_null(1));
    }
}
