//! Reads records as Tenzir prints them: like JSON, but names and many values are bare, and a comma
//! follows the last one, too.

use anyhow::{Context, bail, ensure};
use serde_json::{Map, Value};

/// Records are nested by people; more than that is a mistake of ours.
const DEEPEST: usize = 64;

/// The records of a text, one after the other.
pub(super) fn records(text: &str) -> anyhow::Result<Vec<Value>> {
    let mut reader = Reader { rest: text };
    let mut records = Vec::new();
    loop {
        reader.skip_space();
        if reader.rest.is_empty() {
            return Ok(records);
        }
        records.push(reader.value(0)?);
    }
}

struct Reader<'t> {
    rest: &'t str,
}

impl<'t> Reader<'t> {
    fn value(&mut self, depth: usize) -> anyhow::Result<Value> {
        ensure!(depth < DEEPEST, "records are nested too deeply");
        self.skip_space();
        match self.rest.chars().next() {
            Some('{') => self.record(depth),
            Some('[') => self.list(depth),
            Some('"') => self.quoted().map(Value::String),
            Some(_) => Ok(bare(self.bare())),
            None => bail!("the text ends where a value is due"),
        }
    }

    fn record(&mut self, depth: usize) -> anyhow::Result<Value> {
        let mut record = Map::new();
        self.take("{")?;
        while !self.ends("}") {
            let name = if self.rest.starts_with('"') { self.quoted()? } else { self.name() };
            self.take(":")?;
            record.insert(name, self.value(depth + 1)?);
            self.separator();
        }
        Ok(Value::Object(record))
    }

    fn list(&mut self, depth: usize) -> anyhow::Result<Value> {
        let mut list = Vec::new();
        self.take("[")?;
        while !self.ends("]") {
            list.push(self.value(depth + 1)?);
            self.separator();
        }
        Ok(Value::Array(list))
    }

    /// A text in quotation marks, escaped as in JSON.
    fn quoted(&mut self) -> anyhow::Result<String> {
        let mut texts = serde_json::Deserializer::from_str(self.rest).into_iter::<String>();
        let text = texts.next().context("a text is due")?.context("a text cannot be read")?;
        self.rest = self.rest.get(texts.byte_offset()..).unwrap_or_default();
        Ok(text)
    }

    fn name(&mut self) -> String {
        self.until(|letter| letter == ':').trim().to_owned()
    }

    /// A number, a time, an address: whatever reaches to the end of the element.
    fn bare(&mut self) -> &'t str {
        self.until(|letter| matches!(letter, ',' | '\n' | '}' | ']')).trim()
    }

    fn until(&mut self, is_end: impl Fn(char) -> bool) -> &'t str {
        let end = self.rest.find(is_end).unwrap_or(self.rest.len());
        let (text, rest) = self.rest.split_at(end);
        self.rest = rest;
        text
    }

    fn take(&mut self, mark: &str) -> anyhow::Result<()> {
        self.skip_space();
        let begin: String = self.rest.chars().take(20).collect();
        self.rest =
            self.rest.strip_prefix(mark).with_context(|| format!("no {mark} at {begin}"))?;
        Ok(())
    }

    /// Whether the list or record ends here, and passes its mark; so it does at the end of the text.
    fn ends(&mut self, mark: &str) -> bool {
        self.skip_space();
        match self.rest.strip_prefix(mark) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => self.rest.is_empty(),
        }
    }

    fn separator(&mut self) {
        self.skip_space();
        self.rest = self.rest.strip_prefix(',').unwrap_or(self.rest);
    }

    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start();
    }
}

fn bare(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::records;

    #[test]
    fn bare_and_quoted_values_are_read() {
        let text = "{\n  ip: 192.0.2.7,\n  six: 2001:db8::7,\n  time: 2024-10-16T04:07:01.5Z,\n\
                    \x20 port: 443,\n  none: null,\n  \"a b\": \"c \\\"d\\\"\\n\",\n  empty: {},\n\
                    \x20 list: [\n    {\n      x: 1.5,\n    },\n    true,\n  ],\n}\n{\n  y: 2,\n}\n";
        let expected = [
            json!({
                "ip": "192.0.2.7", "six": "2001:db8::7", "time": "2024-10-16T04:07:01.5Z",
                "port": 443, "none": null, "a b": "c \"d\"\n", "empty": {}, "list": [{"x": 1.5}, true],
            }),
            json!({"y": 2}),
        ];
        assert_eq!(records(text).unwrap(), expected);
    }

    #[test]
    fn what_is_no_record_is_an_error() {
        for text in ["{ a 1 }", "{ a: \"b }", "{ a:"] {
            assert!(records(text).is_err(), "{text}");
        }
        assert!(records(&"[".repeat(100)).is_err());
    }
}
