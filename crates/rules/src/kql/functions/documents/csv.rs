//! Values separated by commas.
//!
//! <https://learn.microsoft.com/kusto/query/parse-csv-function>

use super::super::arguments::{Arguments, array, text};
use super::super::{Accepts, Function, Type};

/// The functions.
pub(in super::super) const FUNCTIONS: &[Function] =
    &[Function::define("parse_csv", &[Accepts::Only(Type::String)], Type::Dynamic, |arguments| {
        array(first_record(arguments.text(0)).into_iter().map(text).collect())
    })];

/// The values of the first record; others are left out.
fn first_record(record: &str) -> Vec<String> {
    let mut values = Vec::new();
    let mut value = String::new();
    let mut is_quoted = false;
    let mut letters = record.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if is_quoted && letters.next_if_eq(&'"').is_some() => value.push('"'),
            '"' if is_quoted || value.is_empty() => is_quoted = !is_quoted,
            ',' if !is_quoted => values.push(std::mem::take(&mut value)),
            '\r' | '\n' if !is_quoted => break,
            other => value.push(other),
        }
    }
    values.push(value);
    values
}

#[cfg(test)]
mod tests {
    use super::first_record;

    #[test]
    fn records_as_documented() {
        assert_eq!(
            first_record("aa,\"b,b,b\",cc,\"Quotes: \"\"Title\"\"\",\"line1\nline2\""),
            ["aa", "b,b,b", "cc", "Quotes: \"Title\"", "line1\nline2"]
        );
        assert_eq!(first_record("a,b\nc,d"), ["a", "b"]);
        assert_eq!(first_record("a,,\"\""), ["a", "", ""]);
        assert_eq!(first_record("5\" disk,\"open"), ["5\" disk", "open"]);
    }
}
