//! Parts of a text.

use super::super::{Accepts, Function, Type, Value};
use crate::kql::functions::arguments::{Arguments, array, text};

const TEXT: Accepts = Accepts::Only(Type::String);
const LONG: Accepts = Accepts::Only(Type::Long);

/// The functions.
pub(in super::super) const FUNCTIONS: &[Function] = &[
    Function::define("substring", &[TEXT, LONG, LONG], Type::String, substring).with_optional(1),
    Function::define("split", &[TEXT, TEXT, LONG], Type::Dynamic, split).with_optional(1),
];

/// Letters from a place on, which counts from the end if it is negative; beyond the text there is nothing.
fn substring(arguments: &[Value]) -> Value {
    let source = arguments.text(0);
    let taken = || {
        let start = arguments.long(1)?;
        let start =
            if start < 0 { start + i64::try_from(source.chars().count()).ok()? } else { start };
        let letters = source.chars().skip(usize::try_from(start).ok()?);
        let length = match arguments.get(2) {
            None => usize::MAX,
            Some(_) => usize::try_from(arguments.long(2)?.max(0)).ok()?,
        };
        Some(letters.take(length).collect())
    };
    Value::String(taken().unwrap_or_default())
}

/// The parts between delimiters, or the one at a place, in an array.
fn split(arguments: &[Value]) -> Value {
    let (source, delimiter) = (arguments.text(0), arguments.text(1));
    let parts: Vec<&str> =
        if delimiter.is_empty() { vec![source] } else { source.split(delimiter).collect() };
    if arguments.len() < 3 {
        return array(parts.into_iter().map(text).collect());
    }
    let wanted = arguments.long(2).and_then(|place| usize::try_from(place).ok());
    array(wanted.and_then(|place| parts.get(place)).map(|part| text(*part)).into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::super::super::function;
    use super::*;

    #[test]
    fn substrings_end_where_the_text_ends() {
        let substring = |source: &str, numbers: &[i64]| {
            let numbers = numbers.iter().map(|number| Value::Long(*number));
            let arguments: Vec<Value> =
                std::iter::once(Value::String(source.to_owned())).chain(numbers).collect();
            (function("substring").unwrap().call)(&arguments).text()
        };
        assert_eq!(substring("abcdefg", &[1, 3]), "bcd");
        assert_eq!(substring("abcdefg", &[5, 10]), "fg");
        assert_eq!(substring("abcdefg", &[10, 3]), "");
        assert_eq!(substring("abcdefg", &[1, -1]), "");
        assert_eq!(substring("abcdefg", &[-3, 2]), "ef");
        assert_eq!(substring("abc", &[-10]), "");
        assert_eq!(substring("héllo", &[1, 3]), "éll");
    }

    #[test]
    fn parts_stand_between_delimiters() {
        let split = |source: &str, delimiter: &str, place: Option<i64>| {
            let texts = [source, delimiter].map(|text| Value::String(text.to_owned()));
            let arguments: Vec<Value> = texts.into_iter().chain(place.map(Value::Long)).collect();
            (function("split").unwrap().call)(&arguments).text()
        };
        assert_eq!(split("a__b", "_", None), r#"["a","","b"]"#);
        assert_eq!(split("", "_", None), r#"[""]"#);
        assert_eq!(split("aabbcc", "bb", None), r#"["aa","cc"]"#);
        assert_eq!(split("a_b_c", "_", Some(1)), r#"["b"]"#);
        assert_eq!(split("a_b_c", "_", Some(3)), "[]");
    }
}
