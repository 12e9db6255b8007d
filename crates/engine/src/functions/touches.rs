//! `touches(source, reached, at, links)`: whether a row's address, or one of a list of them, is one
//! that its source may have been told for a serverless endpoint at that time.
//!
//! It is what finds the rows about a few addresses among all rows, where there are too many
//! addresses, sources and stretches of time for a plan of comparisons. The links are a literal text
//! (see [`Links`]), so that the plan can travel.

use std::hash::{Hash, Hasher};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, BooleanArray, Int64Array, StringArray};
use arrow_cast::cast;
use arrow_schema::DataType;
use coldtrail_model::Links;
use datafusion::common::utils::take_function_args;
use datafusion::common::{Result, ScalarValue, exec_datafusion_err, exec_err};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
    cast as cast_to, lit,
};

/// Whether an address, or one of a list of them, touches one of the links; never null.
///
/// `source` is who acted, or null where that is not known, and `at` the time of it.
pub fn touches(source: Expr, reached: Expr, at: Expr, links: &Links) -> Expr {
    let at = cast_to(at, DataType::Int64);
    function().call(vec![source, reached, at, lit(links.to_string())])
}

pub(super) fn function() -> Arc<ScalarUDF> {
    static FUNCTION: LazyLock<Arc<ScalarUDF>> =
        LazyLock::new(|| Arc::new(ScalarUDF::new_from_impl(Touches::new())));
    Arc::clone(&FUNCTION)
}

#[derive(Debug)]
struct Touches {
    signature: Signature,
    /// The links that were read last. One text serves many batches, and reading it takes longer than
    /// comparing it.
    last: Mutex<Option<(String, Arc<Links>)>>,
}

impl Touches {
    fn new() -> Self {
        Self { signature: Signature::any(4, Volatility::Immutable), last: Mutex::default() }
    }

    fn links(&self, text: &str) -> Result<Arc<Links>> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, links)) = &*last
            && known == text
        {
            return Ok(Arc::clone(links));
        }
        let links: Links = text.parse().map_err(|error| exec_datafusion_err!("{error}"))?;
        let links = Arc::new(links);
        *last = Some((text.to_owned(), Arc::clone(&links)));
        Ok(links)
    }
}

// What was read last makes no difference to what the function is.
impl PartialEq for Touches {
    fn eq(&self, other: &Self) -> bool {
        self.signature == other.signature
    }
}

impl Eq for Touches {}

impl Hash for Touches {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.signature.hash(state);
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
        let [source, reached, at, links] = take_function_args(self.name(), &arguments.args)?;
        let ColumnarValue::Scalar(ScalarValue::Utf8(Some(links))) = links else {
            return exec_err!("touches: its last argument must be a literal text");
        };
        let links = self.links(links)?;
        let rows = arguments.number_rows;
        let sources = cast(&source.to_array(rows)?, &DataType::Utf8)?;
        let times = cast(&at.to_array(rows)?, &DataType::Int64)?;
        let rows =
            Rows { sources: sources.as_string(), times: times.as_primitive(), links: &links };
        Ok(ColumnarValue::Array(Arc::new(rows.touched(&reached.to_array(arguments.number_rows)?)?)))
    }
}

struct Rows<'r> {
    sources: &'r StringArray,
    times: &'r Int64Array,
    links: &'r Links,
}

impl Rows<'_> {
    fn touched(&self, reached: &ArrayRef) -> Result<BooleanArray> {
        let Some(lists) = reached.as_list_opt::<i32>() else {
            let texts = cast(reached, &DataType::Utf8)?;
            let texts = texts.as_string::<i32>().iter().enumerate();
            let touches = |(row, text): (usize, Option<&str>)| {
                Some(text.is_some_and(|text| self.is_touched(row, text)))
            };
            return Ok(texts.map(touches).collect());
        };
        let values = cast(lists.values(), &DataType::Utf8)?;
        let values = values.as_string::<i32>();
        let ends = lists.value_offsets();
        let rows = ends.windows(2).enumerate().map(|(row, bounds)| match bounds {
            [from, to] if lists.is_valid(row) => Some((*from..*to).any(|place| {
                let place = place as usize;
                values.is_valid(place) && self.is_touched(row, values.value(place))
            })),
            _ => Some(false),
        });
        Ok(rows.collect())
    }

    fn is_touched(&self, row: usize, address: &str) -> bool {
        let source = self.sources.is_valid(row).then(|| self.sources.value(row));
        let at = self.times.is_valid(row).then(|| self.times.value(row));
        at.is_some_and(|at| self.links.touch(source, address, at))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::builder::{ListBuilder, StringBuilder};
    use arrow_array::{ArrayRef, Int64Array, StringArray};
    use coldtrail_model::Links;

    use super::{Rows, Touches};

    fn links() -> Links {
        let mut links = Links::default();
        links.add(Some("10.0.0.1"), "192.0.2.1", 100..=200);
        links
    }

    #[test]
    fn one_of_a_list_is_enough() {
        let mut lists = ListBuilder::new(StringBuilder::new());
        lists.append_value([Some("a.example"), Some("192.0.2.1")]);
        lists.append_null();
        lists.append_value([None, Some("192.0.2.10")]);
        let lists: ArrayRef = Arc::new(lists.finish());
        let sources = StringArray::from(vec![Some("10.0.0.1"); 3]);
        let times = Int64Array::from(vec![150; 3]);
        let rows = Rows { sources: &sources, times: &times, links: &links() };
        let touched = rows.touched(&lists).expect("addresses");
        assert_eq!(touched.iter().flatten().collect::<Vec<_>>(), [true, false, false]);
    }

    #[test]
    fn the_source_and_the_time_have_to_fit() {
        let sources = [Some("10.0.0.1"), Some("10.0.0.1"), Some("10.0.0.2"), None, None];
        let times = Int64Array::from(vec![100, 201, 150, 150, 99]);
        let reached: ArrayRef = Arc::new(StringArray::from(vec!["192.0.2.1"; 5]));
        let sources = StringArray::from(sources.to_vec());
        let rows = Rows { sources: &sources, times: &times, links: &links() };
        let touched = rows.touched(&reached).expect("addresses");
        let touched: Vec<bool> = touched.iter().flatten().collect();
        assert_eq!(touched, [true, false, false, true, false]);
    }

    #[test]
    fn a_text_is_read_once() {
        let function = Touches::new();
        let text = links().to_string();
        let first = function.links(&text).expect("links");
        assert!(Arc::ptr_eq(&first, &function.links(&text).expect("links")));
        assert!(function.links("192.0.2.1").is_err());
        assert!(function.links("").expect("no links").is_empty());
    }
}
