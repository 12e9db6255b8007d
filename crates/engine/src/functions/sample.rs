//! `sample(text, n)`: the first `n` distinct texts in order, as a list.
//!
//! It is what a report shows of a column of many values: bounded, and the same whatever order or
//! partition the rows came in, which `array_agg` is not.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use arrow_array::ArrayRef;
use arrow_array::cast::AsArray;
use arrow_cast::cast;
use arrow_schema::{DataType, Field, FieldRef};
use datafusion::common::{Result, ScalarValue, exec_err};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::format_state_name;
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, Expr, Signature, Volatility, lit,
};
use datafusion::physical_expr::expressions::Literal;

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
        Ok(DataType::List(item()))
    }

    fn state_fields(&self, arguments: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        let name = format_state_name(arguments.name, "kept");
        Ok(vec![Arc::new(Field::new(name, DataType::List(item()), true))])
    }

    fn accumulator(&self, arguments: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(Kept { limit: limit(&arguments)?, texts: BTreeSet::new(), bytes: 0 }))
    }
}

fn item() -> FieldRef {
    Arc::new(Field::new("item", DataType::Utf8, true))
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

#[derive(Debug)]
struct Kept {
    limit: usize,
    texts: BTreeSet<String>,
    bytes: usize,
}

impl Kept {
    fn add(&mut self, text: &str) {
        let is_full = self.texts.len() >= self.limit;
        let is_late = is_full && self.texts.last().is_some_and(|last| last.as_str() <= text);
        if is_late || self.texts.contains(text) {
            return;
        }
        self.bytes += text.len();
        self.texts.insert(text.to_owned());
        if is_full && let Some(dropped) = self.texts.pop_last() {
            self.bytes -= dropped.len();
        }
    }

    /// Adds a column of texts, or of lists of texts: a sample of samples is a sample of the whole.
    fn add_all(&mut self, texts: &ArrayRef) -> Result<()> {
        if let Some(lists) = texts.as_list_opt::<i32>() {
            return lists.iter().flatten().try_for_each(|texts| self.add_all(&texts));
        }
        let texts = cast(texts, &DataType::Utf8)?;
        for text in texts.as_string::<i32>().iter().flatten() {
            self.add(text);
        }
        Ok(())
    }
}

impl Accumulator for Kept {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        values.first().map_or(Ok(()), |texts| self.add_all(texts))
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        states.first().map_or(Ok(()), |lists| self.add_all(lists))
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let texts: Vec<ScalarValue> =
            self.texts.iter().map(|text| ScalarValue::from(text.as_str())).collect();
        Ok(ScalarValue::List(ScalarValue::new_list_nullable(&texts, &DataType::Utf8)))
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        Ok(vec![self.evaluate()?])
    }

    fn size(&self) -> usize {
        /// What a tree node and a `String` cost beside the bytes of the text, roughly.
        const OVERHEAD: usize = 48;
        size_of_val(self) + self.bytes + self.texts.len() * OVERHEAD
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{ArrayRef, StringArray};
    use datafusion::logical_expr::Accumulator;

    use super::Kept;

    fn kept(texts: &[&str]) -> Kept {
        let mut kept = Kept { limit: 2, texts: Default::default(), bytes: 0 };
        let texts: ArrayRef = Arc::new(StringArray::from(texts.to_vec()));
        kept.update_batch(&[texts]).expect("text");
        kept
    }

    #[test]
    fn order_of_arrival_does_not_matter() {
        let forwards = kept(&["a", "b", "c", "b"]).evaluate().expect("a list");
        let backwards = kept(&["c", "b", "a"]).evaluate().expect("a list");
        assert_eq!(forwards, backwards);
        assert_eq!(forwards.to_string(), "[a, b]");
        assert_eq!(kept(&["c", "b", "a"]).bytes, 2);
    }
}
