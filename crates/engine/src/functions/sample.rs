//! `sample(text, n)`: the first `n` distinct texts in order, as a list.
//!
//! It is what a report shows of a column of many values: bounded, and the same whatever order or
//! partition the rows came in, which `array_agg` is not.

use std::sync::{Arc, LazyLock};

use arrow_schema::{DataType, Field, FieldRef};
use datafusion::common::{Result, ScalarValue, exec_err};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::format_state_name;
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, Expr, GroupsAccumulator, Signature, Volatility,
    lit,
};
use datafusion::physical_expr::expressions::Literal;

use super::first_distinct::{Groups, Kept, item};

/// The first `count` distinct values of an expression of texts or of lists of texts, in order;
/// nulls do not count.
pub fn sample(text: Expr, count: u32) -> Expr {
    function().call(vec![text, lit(i64::from(count))])
}

pub(super) fn function() -> Arc<AggregateUDF> {
    static FUNCTION: LazyLock<Arc<AggregateUDF>> =
        LazyLock::new(|| Arc::new(AggregateUDF::new_from_impl(Sample::new())));
    Arc::clone(&FUNCTION)
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Sample {
    signature: Signature,
}

impl Sample {
    fn new() -> Self {
        Self { signature: Signature::any(2, Volatility::Immutable) }
    }
}

impl AggregateUDFImpl for Sample {
    fn name(&self) -> &str {
        "sample"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _argument_types: &[DataType]) -> Result<DataType> {
        Ok(DataType::List(item::<String>()))
    }

    fn state_fields(&self, arguments: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        let name = format_state_name(arguments.name, "kept");
        Ok(vec![Arc::new(Field::new(name, DataType::List(item::<String>()), true))])
    }

    fn accumulator(&self, arguments: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(Kept::<String>::new(limit(&arguments)?)))
    }

    fn groups_accumulator_supported(&self, _arguments: AccumulatorArgs) -> bool {
        true
    }

    fn create_groups_accumulator(
        &self,
        arguments: AccumulatorArgs,
    ) -> Result<Box<dyn GroupsAccumulator>> {
        Ok(Box::new(Groups::<String>::new(limit(&arguments)?)))
    }
}

fn limit(arguments: &AccumulatorArgs) -> Result<usize> {
    let literal = arguments.exprs.get(1).and_then(|expression| {
        expression.downcast_ref::<Literal>().map(|literal| literal.value().clone())
    });
    match literal {
        Some(ScalarValue::Int64(Some(count))) if count > 0 => Ok(count as usize),
        other => exec_err!("sample: its second argument must be a positive number, not {other:?}"),
    }
}
