//! Takes a line of `key=value` pairs apart, as FortiGate and many others write them: values with
//! spaces are in quotes, in which a backslash escapes a quote or itself.

use std::borrow::Cow;

use crate::filling::Values;

/// No record has that many pairs; what lies beyond is left out.
const MOST_PAIRS: usize = 4096;

/// The pairs of a line, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct KeyValues<'l>(pub(crate) Vec<(&'l str, Cow<'l, str>)>);

impl<'l> KeyValues<'l> {
    /// The pairs of a text, which are separated by spaces, or by another character and spaces. What
    /// stands between them and is no pair is passed over.
    pub(crate) fn of(text: &'l str, separator: char) -> Self {
        let mut pairs = Vec::new();
        let mut rest = text;
        while pairs.len() < MOST_PAIRS {
            rest = rest.trim_start_matches([' ', '\t', separator]);
            let Some(end) = rest.find(['=', ' ', separator]) else { break };
            let (key, behind) = rest.split_at(end);
            let Some(behind) = behind.strip_prefix('=') else {
                rest = behind;
                continue;
            };
            let (value, behind) = value(behind, separator);
            if !key.is_empty() {
                pairs.push((key, value));
            }
            rest = behind;
        }
        Self(pairs)
    }

    /// The value of a key, the first one if there are several.
    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        let (_, value) = self.0.iter().find(|(known, _)| *known == key)?;
        (!matches!(value.as_ref(), "" | "-")).then_some(value)
    }
}

impl Values for KeyValues<'_> {
    fn text(&self, name: &'static str) -> Option<Cow<'_, str>> {
        self.get(name).map(Cow::Borrowed)
    }
}

/// The value that a text begins with, and what stands behind it.
fn value(text: &str, separator: char) -> (Cow<'_, str>, &str) {
    if let Some(inside) = text.strip_prefix('"')
        && let Some(end) = closing_quote(inside)
    {
        let (value, behind) = inside.split_at(end);
        return (unescaped(value), behind.strip_prefix('"').unwrap_or(behind));
    }
    let end = text.find([' ', '\t', separator]).unwrap_or(text.len());
    let (value, behind) = text.split_at(end);
    (Cow::Borrowed(value), behind)
}

/// The place of the first quote that is not escaped.
fn closing_quote(inside: &str) -> Option<usize> {
    let mut is_escaped = false;
    inside.bytes().position(|byte| {
        let closes = byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        closes
    })
}

/// A value without the backslashes before quotes and backslashes. Others are part of it, since paths
/// of Windows come unescaped.
fn unescaped(value: &str) -> Cow<'_, str> {
    if !value.contains('\\') {
        return Cow::Borrowed(value);
    }
    let mut plain = String::with_capacity(value.len());
    let mut characters = value.chars().peekable();
    while let Some(character) = characters.next() {
        match characters.peek() {
            Some(next @ ('"' | '\\')) if character == '\\' => {
                plain.push(*next);
                characters.next();
            }
            _ => plain.push(character),
        }
    }
    Cow::Owned(plain)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::KeyValues;

    #[test]
    fn values_with_spaces_are_quoted() {
        let pairs =
            KeyValues::of(r#"date=2024-05-04 msg="a \"b\" C:\\x" empty="" x= y=1=2 z"#, ' ');
        assert_eq!(pairs.get("date"), Some("2024-05-04"));
        assert_eq!(pairs.get("msg"), Some(r#"a "b" C:\x"#));
        assert_eq!(pairs.get("y"), Some("1=2"));
        assert_eq!((pairs.get("empty"), pairs.get("x"), pairs.get("z")), (None, None, None));
    }

    #[test]
    fn other_separators_stand_for_spaces() {
        let pairs = KeyValues::of("a=1, b=\"2, 3\",c=4", ',');
        assert_eq!(
            (pairs.get("a"), pairs.get("b"), pairs.get("c")),
            (Some("1"), Some("2, 3"), Some("4"))
        );
    }

    #[test]
    fn a_quote_that_is_not_closed_costs_its_own_value() {
        let pairs = KeyValues::of("a=\"b c=1", ' ');
        assert_eq!((pairs.get("a"), pairs.get("c")), (Some("\"b"), Some("1")));
    }

    proptest! {
        #[test]
        fn quoted_values_read_back_as_written(written in prop::collection::vec("[a-c=\"\\\\ ]{1,6}", 1..6)) {
            let escape = |value: &String| value.replace('\\', "\\\\").replace('"', "\\\"");
            let line: Vec<_> = written.iter().map(|value| format!("k=\"{}\"", escape(value))).collect();
            let line = line.join(" ");
            let pairs = KeyValues::of(&line, ' ');
            let values: Vec<_> = pairs.0.iter().map(|(_, value)| value.to_string()).collect();
            prop_assert_eq!(values, written);
        }

        #[test]
        fn no_text_makes_it_fall_over(text in "[a=\" \\\\,é]{0,40}") {
            let _ = KeyValues::of(&text, ',');
        }
    }
}
