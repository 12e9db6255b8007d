//! `moments(timestamp)`: the distinct times of a group in order, as a list of microseconds.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use arrow_array::ArrayRef;
use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_cast::cast;
use arrow_schema::{DataType, Field, FieldRef};
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::format_state_name;
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, Expr, Signature, Volatility,
};

/// A group keeps at most its earliest 100,000 distinct moments: a poll every six seconds for a
/// week, at under 2 MB. More than that is a flood, whose rhythm the earliest part shows as well.
const MOST_MOMENTS: usize = 100_000;

/// The distinct values of an expression of times, or of lists of moments, in order, in microseconds
/// since 1970, UTC.
pub fn moments(timestamp: Expr) -> Expr {
    function().call(vec![timestamp])
}

pub(super) fn function() -> Arc<AggregateUDF> {
    static FUNCTION: LazyLock<Arc<AggregateUDF>> =
        LazyLock::new(|| Arc::new(AggregateUDF::new_from_impl(Moments::new())));
    Arc::clone(&FUNCTION)
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Moments {
    signature: Signature,
}

impl Moments {
    fn new() -> Self {
        Self { signature: Signature::any(1, Volatility::Immutable) }
    }
}

impl AggregateUDFImpl for Moments {
    fn name(&self) -> &str {
        "moments"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _argument_types: &[DataType]) -> Result<DataType> {
        Ok(DataType::List(item()))
    }

    fn state_fields(&self, arguments: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        let name = format_state_name(arguments.name, "kept");
        Ok(vec![Arc::new(Field::new(name, DataType::List(item()), true))])
    }

    fn accumulator(&self, _arguments: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(Kept::default()))
    }
}

fn item() -> FieldRef {
    Arc::new(Field::new("item", DataType::Int64, true))
}

#[derive(Debug, Default)]
struct Kept {
    moments: BTreeSet<i64>,
}

impl Kept {
    /// Adds a column of times, or of lists of moments.
    fn add_all(&mut self, timestamps: &ArrayRef) -> Result<()> {
        if let Some(lists) = timestamps.as_list_opt::<i32>() {
            return lists.iter().flatten().try_for_each(|moments| self.add_all(&moments));
        }
        let timestamps = cast(timestamps, &DataType::Int64)?;
        for timestamp in timestamps.as_primitive::<Int64Type>().iter().flatten() {
            self.moments.insert(timestamp);
            if self.moments.len() > MOST_MOMENTS {
                self.moments.pop_last();
            }
        }
        Ok(())
    }
}

impl Accumulator for Kept {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        values.first().map_or(Ok(()), |timestamps| self.add_all(timestamps))
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        states.first().map_or(Ok(()), |lists| self.add_all(lists))
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let moments: Vec<ScalarValue> =
            self.moments.iter().map(|moment| ScalarValue::from(*moment)).collect();
        Ok(ScalarValue::List(ScalarValue::new_list_nullable(&moments, &DataType::Int64)))
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        Ok(vec![self.evaluate()?])
    }

    fn size(&self) -> usize {
        /// A tree of 64-bit keys holds about two thirds of its slots.
        const BYTES_A_MOMENT: usize = 16;
        size_of_val(self) + self.moments.len() * BYTES_A_MOMENT
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{ArrayRef, Int64Array};
    use datafusion::logical_expr::Accumulator;

    use super::{Kept, MOST_MOMENTS};

    #[test]
    fn keeps_the_earliest_in_order() {
        let mut kept = Kept::default();
        let late: ArrayRef = Arc::new(Int64Array::from_iter_values((0..200_000).rev()));
        kept.update_batch(&[late]).expect("numbers");
        assert_eq!(kept.moments.len(), MOST_MOMENTS);
        assert_eq!(kept.moments.last(), Some(&99_999));
    }
}
