//! Places of a text in another.

use super::super::{Accepts, Function, Type, Value};
use crate::kql::functions::arguments::Arguments;

const TEXT: Accepts = Accepts::Only(Type::String);
const LONG: Accepts = Accepts::Only(Type::Long);

/// The functions.
pub(in super::super) const FUNCTIONS: &[Function] = &[
    Function::define("indexof", &[TEXT, TEXT, LONG, LONG, LONG], Type::Long, index_of)
        .with_optional(3),
    Function::define("strcmp", &[TEXT, TEXT], Type::Long, |arguments| {
        Value::Long(arguments.text(0).cmp(arguments.text(1)) as i64)
    }),
];

/// The place of an occurrence in so many letters from a start, which counts from the end if it is negative;
/// -1 if there is none. The next occurrence is looked for in as many letters behind the last one.
fn index_of(arguments: &[Value]) -> Value {
    let length = arguments.long(3).unwrap_or(-1);
    let occurrence = arguments.long(4).unwrap_or(1);
    if length < -1 || occurrence < 1 {
        return Value::Null;
    }
    let source: Vec<char> = arguments.text(0).chars().collect();
    let wanted: Vec<char> = arguments.text(1).chars().collect();
    let start = arguments.long(2).unwrap_or(0);
    let start =
        if start < 0 { start.saturating_add_unsigned(source.len() as u64).max(0) } else { start };
    let mut from = usize::try_from(start).unwrap_or(usize::MAX);
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    let mut found = None;
    for _ in 0..occurrence {
        found = first_within(&source, &wanted, from, length);
        let Some(place) = found else { break };
        from = place + 1;
    }
    Value::Long(found.and_then(|place| i64::try_from(place).ok()).unwrap_or(-1))
}

/// The first place from that letter on where the text stands wholly within so many letters.
fn first_within(source: &[char], wanted: &[char], from: usize, length: usize) -> Option<usize> {
    let end = from.saturating_add(length).min(source.len());
    let searched = source.get(from..end)?;
    if wanted.is_empty() {
        return Some(from);
    }
    searched.windows(wanted.len()).position(|window| window == wanted).map(|place| from + place)
}

#[cfg(test)]
mod tests {
    use super::super::super::function;
    use super::*;

    fn index_of(source: &str, wanted: &str, numbers: &[i64]) -> Value {
        let texts = [source, wanted].map(|text| Value::String(text.to_owned()));
        let numbers = numbers.iter().map(|number| Value::Long(*number));
        (function("indexof").unwrap().call)(&texts.into_iter().chain(numbers).collect::<Vec<_>>())
    }

    #[test]
    fn places_count_letters_within_bounds() {
        let long = Value::Long;
        assert_eq!(index_of("äbcdefg", "cde", &[]), long(2));
        assert_eq!(index_of("abcdefg", "cde", &[1, 4]), long(2));
        assert_eq!(index_of("abcdefg", "cde", &[1, 2]), long(-1));
        assert_eq!(index_of("abcdefg", "cde", &[-5]), long(2));
        assert_eq!(index_of("abcdefg", "cde", &[2, -1]), long(2));
        assert_eq!(index_of("abcdefg", "cde", &[0, -2]), Value::Null);
        assert_eq!(index_of("abc", "x", &[i64::MAX, i64::MAX, i64::MAX]), long(-1));
    }

    #[test]
    fn a_later_occurrence_is_found() {
        assert_eq!(index_of("abcdefgabcdefg", "cde", &[1, 10, 2]), Value::Long(9));
        assert_eq!(index_of("abcdefgabcdefg", "cde", &[1, -1, 3]), Value::Long(-1));
    }

    #[test]
    fn comparison_is_of_code_points() {
        let compare = |left: &str, right: &str| {
            (function("strcmp").unwrap().call)(
                &[left, right].map(|text| Value::String(text.to_owned())),
            )
        };
        assert_eq!(compare("abc", "ABC"), Value::Long(1));
        assert_eq!(compare("ABC", "abc"), Value::Long(-1));
        assert_eq!(compare("abc", "abc"), Value::Long(0));
    }
}
