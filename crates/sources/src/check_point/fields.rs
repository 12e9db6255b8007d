//! The fields of a record of Check Point, in each way of writing.

use std::borrow::Cow;

use crate::filling::Values;

/// No record has that many fields; what lies beyond is left out.
const MOST_FIELDS: usize = 4096;

/// How a record begins whose values come behind equals signs: the number of Check Point.
const NUMBERED: &str = "[Fields@1.3.6.1.4.1.2620 ";

/// The fields of a record, in order.
pub(super) struct Fields<'l>(Vec<(&'l str, Cow<'l, str>)>);

/// Where the fields of a line begin, if it is a record: every one has the number that the gateway gave
/// it.
pub(super) fn begin(line: &str) -> Option<usize> {
    if let Some(place) = line.find(NUMBERED) {
        return Some(place + NUMBERED.len());
    }
    if line.contains(" CheckPoint ") && line.contains("loguid:\"{") {
        return line.find('[').map(|place| place + 1);
    }
    let has_bars = line.contains("|loguid={") && line.contains("|product=");
    let begin = line.find('|').filter(|_| has_bars)?;
    Some(line.get(..begin)?.rfind(' ').map_or(0, |space| space + 1))
}

impl<'l> Fields<'l> {
    /// The fields of a line, if it is a record.
    pub(super) fn of(line: &'l str) -> Option<Self> {
        let fields = line.get(begin(line)?..)?;
        if fields.contains("|loguid={") {
            let pairs = fields.split('|').filter_map(|pair| pair.split_once('='));
            let pairs = pairs.map(|(key, value)| (key, Cow::Borrowed(value)));
            return Some(Self(pairs.take(MOST_FIELDS).collect()));
        }
        Some(Self(quoted(fields).take(MOST_FIELDS).collect()))
    }
}

impl Values for Fields<'_> {
    /// The first value of that name: behind it, a record may go on about something else.
    fn text(&self, name: &'static str) -> Option<Cow<'_, str>> {
        let (_, value) = self.0.iter().find(|(known, _)| *known == name)?;
        let value = value.as_ref();
        (!value.trim_ascii().is_empty()).then_some(Cow::Borrowed(value))
    }
}

/// Fields whose values are in quotes, in which a backslash escapes quotes, brackets and itself.
fn quoted(text: &str) -> impl Iterator<Item = (&str, Cow<'_, str>)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (before, behind) = rest.split_once('"')?;
        let key = before.trim_end_matches([':', '=']).rsplit([' ', ';', '[']).next()?;
        let end = end_of_value(behind);
        rest = behind.get(end + 1..).unwrap_or_default();
        Some((key, unescaped(behind.get(..end)?)))
    })
}

/// The place of the first quote that is not escaped, or the end.
fn end_of_value(text: &str) -> usize {
    let mut is_escaped = false;
    let end = text.bytes().position(|byte| {
        let ends = byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        ends
    });
    end.unwrap_or(text.len())
}

fn unescaped(value: &str) -> Cow<'_, str> {
    if !value.contains('\\') {
        return Cow::Borrowed(value);
    }
    let mut plain = String::with_capacity(value.len());
    let mut characters = value.chars().peekable();
    while let Some(character) = characters.next() {
        match characters.peek() {
            Some(next @ ('"' | '\\' | ']')) if character == '\\' => {
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

    use super::quoted;

    #[test]
    fn a_value_may_hold_what_stands_between_fields() {
        let fields: Vec<_> = quoted(r#"a:"b; c:\"d\""; e::"f\]"; g="h"] i:"j"#)
            .map(|(k, v)| (k, v.to_string()))
            .collect();
        let expected = [("a", r#"b; c:"d""#), ("e", "f]"), ("g", "h"), ("i", "j")];
        assert_eq!(fields, expected.map(|(key, value)| (key, value.to_owned())));
    }

    proptest! {
        #[test]
        fn values_read_back_as_written(written in prop::collection::vec("[a-c;:\"\\\\\\] ]{0,6}", 1..6)) {
            let escape = |value: &String| value.replace('\\', "\\\\").replace('"', "\\\"");
            let fields: Vec<_> = written.iter().map(|value| format!("k:\"{}\"", escape(value))).collect();
            let line = fields.join("; ");
            let values: Vec<_> = quoted(&line).map(|(_, value)| value.to_string()).collect();
            prop_assert_eq!(values, written);
        }
    }
}
