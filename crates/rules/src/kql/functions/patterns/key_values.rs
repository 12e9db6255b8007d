//! What `parse-kv` finds pairs of key and value by.

use std::cell::RefCell;

use indexmap::IndexMap;
use regex_automata::meta::Regex;

use super::super::arguments::{Arguments, bag, text};
use super::cache::{Cache, compiled, regex};
use super::scanner::{Delimiters, Quoting, Scanner};
use crate::kql::{Dynamic, Value};

/// The options of `parse-kv`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KeyValues {
    /// The keys that are looked for.
    pub keys: Vec<String>,
    /// What stands between pairs, and between a key and its value; without it, anything that is neither a
    /// letter nor a digit.
    pub delimiters: Option<(String, String)>,
    /// Pairs of quotes, the opening before the closing one.
    pub quotes: Vec<(char, char)>,
    /// What takes its meaning from a quote behind it.
    pub escapes: Vec<char>,
    /// Whether a value without quotes goes on to the next key.
    pub is_greedy: bool,
    /// An expression whose first group is a key and whose second is its value, in place of all else.
    pub expression: Option<String>,
}

impl KeyValues {
    /// The options as the second argument of `parse_kv`: text, so that comparing it is cheap.
    pub fn literal(&self) -> Value {
        let list = |texts: Vec<String>| Dynamic::Array(texts.into_iter().map(text).collect());
        let (pair, value) = self.delimiters.clone().unwrap_or_default();
        let quotes = self.quotes.iter().map(|(open, close)| format!("{open}{close}")).collect();
        let escapes = self.escapes.iter().map(char::to_string).collect();
        let bag = IndexMap::from([
            ("keys".to_owned(), list(self.keys.clone())),
            ("delimiters".to_owned(), list(vec![pair, value])),
            ("quotes".to_owned(), list(quotes)),
            ("escapes".to_owned(), list(escapes)),
            ("greedy".to_owned(), Dynamic::Bool(self.is_greedy)),
            ("regex".to_owned(), self.expression.clone().map_or(Dynamic::Null, text)),
        ]);
        Value::String(Dynamic::Bag(bag).json())
    }

    /// Whether they can be used.
    ///
    /// # Errors
    ///
    /// What is wrong with the regular expression.
    pub fn check(&self) -> Result<(), String> {
        let Some(expression) = &self.expression else { return Ok(()) };
        match regex(expression)?.captures_len() {
            3 => Ok(()),
            _ => Err("the expression must have two groups, a key and its value".to_owned()),
        }
    }

    /// The options that a literal is.
    fn of_literal(literal: &str) -> Option<KeyValues> {
        let Dynamic::Bag(bag) = Dynamic::of_json(literal)? else { return None };
        let list = |name: &str| match bag.get(name)? {
            Dynamic::Array(elements) => elements
                .iter()
                .map(|element| match element {
                    Dynamic::String(text) => Some(text.clone()),
                    _ => None,
                })
                .collect::<Option<Vec<String>>>(),
            _ => None,
        };
        let quotes = list("quotes")?.into_iter().filter_map(|pair| {
            let mut letters = pair.chars();
            Some((letters.next()?, letters.next()?))
        });
        let delimiters = match <[String; 2]>::try_from(list("delimiters")?).ok()? {
            [pair, value] if !pair.is_empty() && !value.is_empty() => Some((pair, value)),
            _ => None,
        };
        Some(KeyValues {
            keys: list("keys")?,
            delimiters,
            quotes: quotes.collect(),
            escapes: list("escapes")?.iter().filter_map(|escape| escape.chars().next()).collect(),
            is_greedy: bag.get("greedy")? == &Dynamic::Bool(true),
            expression: match bag.get("regex")? {
                Dynamic::String(expression) => Some(expression.clone()),
                _ => None,
            },
        })
    }
}

/// Options that are ready to be used.
#[derive(Debug)]
struct Compiled {
    options: KeyValues,
    regex: Option<Regex>,
}

impl Compiled {
    fn of_literal(literal: &str) -> Option<Compiled> {
        let options = KeyValues::of_literal(literal)?;
        let regex = match &options.expression {
            Some(expression) => Some(regex(expression).ok()?),
            None => None,
        };
        Some(Compiled { options, regex })
    }

    /// The first value of each key that is looked for.
    fn find(&self, text: &str) -> IndexMap<String, Dynamic> {
        let mut found = IndexMap::new();
        let mut keep = |key: &str, value: String| {
            if self.options.keys.iter().any(|wanted| wanted == key) && !found.contains_key(key) {
                found.insert(key.to_owned(), Dynamic::String(value));
            }
        };
        let quoting = Quoting { quotes: &self.options.quotes, escapes: &self.options.escapes };
        match (&self.regex, &self.options.delimiters) {
            (Some(regex), _) => {
                for captures in regex.captures_iter(text) {
                    let group =
                        |place| captures.get_group(place).and_then(|span| text.get(span.range()));
                    if let (Some(key), Some(value)) = (group(1), group(2)) {
                        keep(key.trim(), value.trim().to_owned());
                    }
                }
            }
            (None, Some((pair, value))) => {
                let delimiters = Delimiters { pair, value, is_greedy: self.options.is_greedy };
                for (key, value) in Scanner::new(text, quoting).pairs(delimiters) {
                    keep(&key, value);
                }
            }
            (None, None) => {
                let mut words = Scanner::new(text, quoting).words().peekable();
                while let Some(word) = words.next() {
                    if self.options.keys.contains(&word)
                        && let Some(value) = words.next()
                    {
                        keep(&word, value);
                    }
                }
            }
        }
        found
    }
}

/// `parse_kv(text, literal)`: a bag of the first value of each key that is there.
pub(super) fn parse(arguments: &[Value]) -> Value {
    thread_local! {
        static KNOWN: Cache<Compiled> = const { RefCell::new(Vec::new()) };
    }
    let compiled = compiled(&KNOWN, arguments.text(1), Compiled::of_literal);
    compiled.as_ref().as_ref().map_or(Value::Null, |options| bag(options.find(arguments.text(0))))
}

#[cfg(test)]
mod tests {
    use super::super::super::dynamics::tests::call;
    use super::*;

    fn parsed(options: &KeyValues, keys: &[&str], text: &str) -> String {
        let keys = keys.iter().map(|key| (*key).to_owned()).collect();
        let options = KeyValues { keys, ..options.clone() };
        assert_eq!(options.check(), Ok(()));
        assert_eq!(KeyValues::of_literal(&options.literal().text()), Some(options.clone()));
        call("parse_kv", &[Value::String(text.to_owned()), options.literal()]).into_dynamic().json()
    }

    fn between(pair: &str, value: &str) -> KeyValues {
        let delimiters = Some((pair.to_owned(), value.to_owned()));
        KeyValues { delimiters, ..KeyValues::default() }
    }

    #[test]
    fn pairs_are_found_by_delimiters() {
        let text =
            "ThreadId:458745723, Machine:Node001, Text: The service is up, Text: later, Level";
        assert_eq!(
            parsed(&between(",", ":"), &["Text", "ThreadId", "Level"], text),
            r#"{"ThreadId":"458745723","Text":"The service is up"}"#
        );
    }

    #[test]
    fn quotes_hold_delimiters_and_escapes_hold_quotes() {
        let quoted = KeyValues {
            quotes: vec![('"', '"'), ('(', ')')],
            escapes: vec!['\\'],
            ..between(" ", "=")
        };
        let text =
            r#"src=192.0.2.1 why="host said \"bye a=b\"" (event time)=(2021-01-01 10:00:54)"#;
        assert_eq!(
            parsed(&quoted, &["src", "why", "event time", "a"], text),
            r#"{"src":"192.0.2.1","why":"host said \"bye a=b\"","event time":"2021-01-01 10:00:54"}"#
        );
        assert_eq!(parsed(&quoted, &["a", "b"], r#"b=1 a="open"#), r#"{"b":"1","a":"open"}"#);
    }

    #[test]
    fn a_greedy_value_goes_on_to_the_next_key() {
        let text = "name=John Doe phone=555 5555 city=New York";
        let keys = ["name", "phone", "city"];
        let lazy = between(" ", "=");
        assert_eq!(parsed(&lazy, &keys, text), r#"{"name":"John","phone":"555","city":"New"}"#);
        let greedy = KeyValues { is_greedy: true, ..lazy };
        assert_eq!(
            parsed(&greedy, &keys, text),
            r#"{"name":"John Doe","phone":"555 5555","city":"New York"}"#
        );
    }

    #[test]
    fn without_delimiters_words_are_pairs() {
        let options =
            KeyValues { quotes: vec![('\'', '\'')], escapes: vec!['\\'], ..KeyValues::default() };
        let text =
            r"2021-01-01T10:00:34 [INFO] ThreadId:458745723, Machine:Node001, Text: 'It \' is up'";
        assert_eq!(
            parsed(&options, &["Text", "ThreadId", "Machine"], text),
            r#"{"ThreadId":"458745723","Machine":"Node001","Text":"It ' is up"}"#
        );
    }

    #[test]
    fn an_expression_has_a_key_and_a_value() {
        let expression = Some(r#""([\w ]+)\s*:\s*([^"]*)""#.to_owned());
        let options = KeyValues { expression, ..KeyValues::default() };
        let text =
            r#"["referer url: https://example.com/?a=1", "request url: https://example.org/"]"#;
        assert_eq!(
            parsed(&options, &["referer url", "request url"], text),
            r#"{"referer url":"https://example.com/?a=1","request url":"https://example.org/"}"#
        );
        let one_group = KeyValues { expression: Some("(a)".to_owned()), ..KeyValues::default() };
        assert!(one_group.check().is_err());
    }
}
