//! `record_reference(timestamp, source, offset, length)`: where a record is, as text that sorts by
//! time, so that [`super::sample`] keeps the earliest records whatever order they arrive in.

use std::sync::{Arc, LazyLock};

use arrow_array::builder::StringBuilder;
use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, StringArray};
use arrow_cast::cast;
use arrow_schema::DataType;
use coldtrail_model::RecordReference;
use datafusion::common::Result;
use datafusion::common::utils::take_function_args;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

/// A record's place as sortable text; [`parse_record_reference`] reads it back.
///
/// * `timestamp`: a time in microseconds, or a number of microseconds since 1970.
/// * `source`: text; the file of the record.
/// * `offset`, `length`: numbers of bytes.
pub fn record_reference(timestamp: Expr, source: Expr, offset: Expr, length: Expr) -> Expr {
    function().call(vec![timestamp, source, offset, length])
}

/// Reads what [`record_reference`] wrote; nothing for any other text.
pub fn parse_record_reference(text: &str) -> Option<RecordReference> {
    let mut parts = text.splitn(4, ':').skip(1);
    let offset = parts.next()?.parse().ok()?;
    let length = parts.next()?.parse().ok()?;
    let source = parts.next()?.to_owned();
    Some(RecordReference { source, offset, length, sha256: None })
}

pub(super) fn function() -> Arc<ScalarUDF> {
    static FUNCTION: LazyLock<Arc<ScalarUDF>> =
        LazyLock::new(|| Arc::new(ScalarUDF::new_from_impl(RecordReferenceText::new())));
    Arc::clone(&FUNCTION)
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct RecordReferenceText {
    signature: Signature,
}

impl RecordReferenceText {
    fn new() -> Self {
        Self { signature: Signature::any(4, Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for RecordReferenceText {
    fn name(&self) -> &str {
        "record_reference"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _argument_types: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8)
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let rows = arguments.number_rows;
        let [timestamp, source, offset, length] = take_function_args(self.name(), &arguments.args)?;
        let timestamps = cast(&timestamp.to_array(rows)?, &DataType::Int64)?;
        let sources = cast(&source.to_array(rows)?, &DataType::Utf8)?;
        let offsets = cast(&offset.to_array(rows)?, &DataType::Int64)?;
        let lengths = cast(&length.to_array(rows)?, &DataType::Int64)?;
        let timestamps = timestamps.as_primitive::<Int64Type>();
        let sources: &StringArray = sources.as_string();
        let offsets = offsets.as_primitive::<Int64Type>();
        let lengths = lengths.as_primitive::<Int64Type>();
        let mut texts = StringBuilder::with_capacity(rows, rows * 64);
        for row in 0..rows {
            if timestamps.is_null(row) || sources.is_null(row) {
                texts.append_null();
                continue;
            }
            texts.append_value(text(
                timestamps.value(row),
                offsets.value(row),
                lengths.value(row),
                sources.value(row),
            ));
        }
        Ok(ColumnarValue::Array(Arc::new(texts.finish())))
    }
}

/// Numbers are padded to 20 digits, which any 64-bit number fits in, so that text order is
/// numerical order; times are shifted to be never negative.
fn text(timestamp: i64, offset: i64, length: i64, source: &str) -> String {
    let shifted = timestamp.wrapping_sub(i64::MIN) as u64;
    format!("{shifted:020}:{offset:020}:{length}:{source}")
}

#[cfg(test)]
mod tests {
    use super::{parse_record_reference, text};

    #[test]
    fn reads_back_and_sorts_by_time() {
        let early = text(-5, 9, 3, "logs.zip!/a:b.log");
        let late = text(7, 1, 3, "a.log");
        assert!(early < late);
        let reference = parse_record_reference(&early).expect("a reference");
        assert_eq!((reference.offset, reference.length), (9, 3));
        assert_eq!(reference.source, "logs.zip!/a:b.log");
        assert_eq!(parse_record_reference("nonsense"), None);
    }
}
