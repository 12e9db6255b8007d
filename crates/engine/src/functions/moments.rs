//! `moments(timestamp)`: the distinct times of a group in order, as a list of microseconds.

use std::sync::{Arc, LazyLock};

use arrow_schema::{DataType, Field, FieldRef};
use datafusion::common::Result;
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::format_state_name;
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, Expr, GroupsAccumulator, Signature, Volatility,
};

use super::first_distinct::{Groups, Kept, item};

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
        Ok(DataType::List(item::<i64>()))
    }

    fn state_fields(&self, arguments: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        let name = format_state_name(arguments.name, "kept");
        Ok(vec![Arc::new(Field::new(name, DataType::List(item::<i64>()), true))])
    }

    fn accumulator(&self, _arguments: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(Kept::<i64>::new(MOST_MOMENTS)))
    }

    fn groups_accumulator_supported(&self, _arguments: AccumulatorArgs) -> bool {
        true
    }

    fn create_groups_accumulator(
        &self,
        _arguments: AccumulatorArgs,
    ) -> Result<Box<dyn GroupsAccumulator>> {
        Ok(Box::new(Groups::<i64>::new(MOST_MOMENTS)))
    }
}
