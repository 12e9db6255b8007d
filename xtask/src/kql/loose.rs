//! JSON as people print it: in single or double quotation marks or none, with commas too many, cut short
//! with dots.

use serde_json::{Map, Number, Value};

/// Pages nest a few levels; more is not JSON but a mistake.
const DEEPEST: usize = 64;

/// What stands for elements that are left out.
pub(super) const GAP: &str = "…";

/// The array or object that a text says; nothing if it says none.
pub(super) fn document(text: &str) -> Option<Value> {
    let text = text.trim();
    if !text.starts_with(['[', '{']) {
        return None;
    }
    if let Ok(value) = serde_json::from_str(text) {
        return Some(value);
    }
    let mut reader = Reader { rest: text };
    let value = reader.value(0)?;
    reader.skip_space();
    reader.rest.is_empty().then_some(value)
}

struct Reader<'t> {
    rest: &'t str,
}

impl Reader<'_> {
    fn value(&mut self, depth: usize) -> Option<Value> {
        if depth > DEEPEST {
            return None;
        }
        self.skip_space();
        match self.rest.chars().next()? {
            '[' => self.array(depth),
            '{' => self.object(depth),
            mark @ ('"' | '\'') => self.quoted(mark).map(Value::String),
            _ => self.bare().map(of_bare),
        }
    }

    fn array(&mut self, depth: usize) -> Option<Value> {
        let mut values = Vec::new();
        self.take('[')?;
        while !self.ends(']')? {
            values.push(self.value(depth + 1)?);
            self.separate();
        }
        Some(Value::Array(values))
    }

    fn object(&mut self, depth: usize) -> Option<Value> {
        let mut object = Map::new();
        self.take('{')?;
        while !self.ends('}')? {
            let name = match self.rest.chars().next()? {
                mark @ ('"' | '\'') => self.quoted(mark)?,
                _ => self.bare()?,
            };
            self.skip_space();
            self.take(':')?;
            object.insert(name, self.value(depth + 1)?);
            self.separate();
        }
        Some(Value::Object(object))
    }

    /// A text in quotation marks; what is escaped is so as in JSON.
    fn quoted(&mut self, mark: char) -> Option<String> {
        self.take(mark)?;
        let mut text = String::new();
        let mut letters = self.rest.char_indices();
        while let Some((at, letter)) = letters.next() {
            match letter {
                '\\' => match letters.next()?.1 {
                    'n' => text.push('\n'),
                    't' => text.push('\t'),
                    'r' => text.push('\r'),
                    other => text.push(other),
                },
                letter if letter == mark => {
                    self.rest = self.rest.get(at + mark.len_utf8()..)?;
                    return Some(text);
                }
                letter => text.push(letter),
            }
        }
        None
    }

    /// A word without quotation marks, up to the end of the element.
    fn bare(&mut self) -> Option<String> {
        let is_end = |letter| matches!(letter, ',' | ']' | '}' | ':' | '\n');
        let end = self.rest.find(is_end).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        let word = word.trim();
        (!word.is_empty()).then(|| word.to_owned())
    }

    fn take(&mut self, mark: char) -> Option<()> {
        self.rest = self.rest.strip_prefix(mark)?;
        Some(())
    }

    /// Whether the list ends here, and passes its mark; nothing if the text ends instead.
    fn ends(&mut self, mark: char) -> Option<bool> {
        self.skip_space();
        match self.rest.strip_prefix(mark) {
            Some(rest) => {
                self.rest = rest;
                Some(true)
            }
            None => (!self.rest.is_empty()).then_some(false),
        }
    }

    fn separate(&mut self) {
        self.skip_space();
        self.rest = self.rest.strip_prefix(',').unwrap_or(self.rest);
    }

    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start();
    }
}

fn of_bare(word: String) -> Value {
    match word.to_lowercase().as_str() {
        "null" => Value::Null,
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        dots if dots.chars().all(|letter| letter == '.' || letter == '…') => GAP.into(),
        number => match (number.parse::<i64>(), number.parse().ok().and_then(Number::from_f64)) {
            (Ok(whole), _) => whole.into(),
            (_, Some(number)) => Value::Number(number),
            _ => Value::String(word),
        },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{GAP, document};

    #[test]
    fn what_people_print_is_read() {
        for (text, expected) in [
            ("[yes, no]", json!(["yes", "no"])),
            ("{'a': [1, 2.5,], b: True}", json!({"a": [1, 2.5], "b": true})),
            ("[1,.....,9]", json!([1, GAP, 9])),
            ("[\n \"a\",\n null\n]", json!(["a", null])),
            (r#"["a\"b\\"]"#, json!(["a\"b\\"])),
        ] {
            assert_eq!(document(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_document_is_none() {
        for text in ["a", "[1", "{a}", "[1] 2", "{\"a\": }"] {
            assert_eq!(document(text), None, "{text}");
        }
        assert_eq!(document(&"[".repeat(1000)), None);
    }
}
