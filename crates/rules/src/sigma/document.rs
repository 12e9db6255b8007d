//! Documents of a file of rules, read with care.
//!
//! A file holds documents between lines of `---`. Each is read by itself, so that what is wrong with one harms no
//! other, and with a bound on what it may grow to: an alias of YAML can stand for much more than it is long.
//! `action: global`, `reset` and `repeat`, with which files of rules were once put together, are resolved here.

use std::fmt;

use coldtrail_diagnostics::{Problem, ProblemKind};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use yaml_serde::{Mapping, Value};

/// A document, whole: what others before it gave to it is in it.
pub(super) struct Document<'t> {
    /// The line on which it begins, counted from 1.
    pub(super) line: u64,
    /// Its own text.
    pub(super) text: &'t str,
    /// What it says.
    pub(super) value: Mapping,
    /// Whether another document of the file gave something to it, so that its text does not tell all.
    pub(super) is_merged: bool,
}

/// What is wrong with a document, and where in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) kind: ProblemKind,
    /// The keys that lead to what is to blame; nothing where the whole document is.
    pub(super) path: Vec<String>,
    /// Where in the text it is, if something tells it: line and column, counted from 1.
    pub(super) place: Option<(u64, u64)>,
    pub(super) reason: String,
    pub(super) help: String,
}

/// A document is nested at most so deep.
const DEPTH: usize = 32;

/// At most so many brackets and braces may be open at once.
const BRACKETS: usize = 1_000;

/// A document takes at most so many bytes of memory, about.
const DOCUMENT_BYTES: usize = 64 << 20;

/// What a value takes besides its text, about.
const VALUE_BYTES: usize = 80;

impl Document<'_> {
    /// The first line that says something.
    pub(super) fn first_line(&self) -> u64 {
        let is_empty = |line: &&str| line.trim().is_empty() || line.starts_with('#');
        self.line + self.text.lines().take_while(is_empty).count() as u64
    }
}

impl Fault {
    pub(super) fn new(
        kind: ProblemKind,
        reason: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self { kind, path: Vec::new(), place: None, reason: reason.into(), help: help.into() }
    }

    /// The same, below a key.
    pub(super) fn below(mut self, key: &str) -> Self {
        self.path.insert(0, key.to_owned());
        self
    }

    /// The problem that it is, for a document of a file.
    pub(super) fn problem(self, file: &str, document: &Document<'_>) -> Problem {
        let place = self.place.or_else(|| place_of(document.text, &self.path));
        let line = place.map_or(document.first_line(), |(line, _)| document.line + line - 1);
        Problem {
            file: file.to_owned(),
            line: Some(line),
            column: place.map(|(_, column)| column),
            kind: self.kind,
            is_used: false,
            reason: self.reason,
            help: self.help,
        }
    }
}

/// The documents of a file, and what is wrong with others. No more than `most` documents are read.
pub(super) fn read<'t>(
    file: &str,
    text: &'t str,
    most: usize,
) -> (Vec<Document<'t>>, Vec<Problem>) {
    let mut documents: Vec<Document<'t>> = Vec::new();
    let mut problems = Vec::new();
    let mut global: Option<Mapping> = None;
    // A document is kept for the next one only where one may ask for it.
    let mut previous = text.contains("repeat").then(Mapping::new);
    for (line, part) in parts(text) {
        let document = Document { line, text: part, value: Mapping::new(), is_merged: false };
        if documents.len() == most {
            let reason = format!("the file has more than {most} documents");
            let fault = Fault::new(ProblemKind::TooMany, reason, "put the rest into other files");
            problems.push(fault.problem(file, &document));
            break;
        }
        let own = match parse(part) {
            Ok(Some(own)) => own,
            Ok(None) => continue,
            Err(fault) => {
                problems.push(fault.problem(file, &document));
                continue;
            }
        };
        match resolve(own, &mut global, &mut previous) {
            Ok(Some((value, is_merged))) => {
                documents.push(Document { value, is_merged, ..document });
            }
            Ok(None) => {}
            Err(fault) => problems.push(fault.problem(file, &document)),
        }
    }
    (documents, problems)
}

/// The parts of a text between lines of `---`, each with the line on which it begins.
///
/// YAML allows such a line in no scalar, so that it ends a document wherever it stands.
fn parts(text: &str) -> impl Iterator<Item = (u64, &str)> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (mut rest, mut line) = (Some(text), 1);
    std::iter::from_fn(move || {
        let text = rest?;
        let (mut end, mut next_line) = (0, line);
        let first = line;
        for written in text.split_inclusive('\n') {
            next_line += 1;
            end += written.len();
            let marker = written.trim_end();
            if marker == "---" || marker == "..." || marker.starts_with("--- ") {
                // What follows the marker on its line belongs to the next document.
                let after = end - written.len() + 3;
                rest = Some(&text[after..]);
                line = next_line - 1;
                return Some((first, &text[..end - written.len()]));
            }
        }
        rest = None;
        Some((first, text))
    })
}

/// Reads a document; `None` where there is nothing in it but comments and directives.
fn parse(text: &str) -> Result<Option<Mapping>, Fault> {
    let mut lines = text.lines().map(str::trim);
    if lines.all(|line| line.is_empty() || line.starts_with(['#', '%'])) {
        return Ok(None);
    }
    if has_many_brackets(text) {
        let reason = format!("more than {BRACKETS} brackets or braces may be open at once");
        let help = "write lists and mappings on lines of their own";
        return Err(Fault::new(ProblemKind::TooLarge, reason, help));
    }
    let mut left = DOCUMENT_BYTES;
    let bounded = Bounded { left: &mut left, depth: DEPTH };
    let value = bounded.deserialize(yaml_serde::Deserializer::from_str(text));
    let mut value = value.map_err(|error| broken(&error))?;
    if let Err(error) = value.apply_merge() {
        return Err(broken(&error));
    }
    match value {
        Value::Mapping(mapping) => Ok(Some(mapping)),
        Value::Null => Ok(None),
        _ => {
            let reason = "the document is no mapping";
            let help = "write a rule as keys and values, such as `title: …`";
            Err(Fault::new(ProblemKind::InvalidYaml, reason, help))
        }
    }
}

fn broken(error: &yaml_serde::Error) -> Fault {
    let told = error.to_string();
    let place = error.location().map(|place| (place.line() as u64, place.column() as u64));
    let is_large = told.contains(TOO_LARGE) || told.contains("repetition limit");
    if is_large {
        let help = "write it with fewer values and aliases, or as several rules";
        let fault = Fault::new(ProblemKind::TooLarge, "the document grows too large", help);
        return Fault { place, ..fault };
    }
    let reason = match told.find(" at line ") {
        Some(end) => told[..end].to_owned(),
        None => told,
    };
    let help = "write valid YAML; quote values with `:`, `#`, `*` or a backslash in single quotes";
    Fault { place, ..Fault::new(ProblemKind::InvalidYaml, reason, help) }
}

/// Whether more brackets may be open at once than the parser can do with: for each sign it looks at all of them.
///
/// It is said too often rather than too seldom: a bracket opens wherever YAML may begin a list, and closes only on a
/// line on which nothing is quoted.
fn has_many_brackets(text: &str) -> bool {
    let mut open = 0_usize;
    for line in text.lines() {
        let mut before = b' ';
        let mut is_plain = true;
        for byte in line.bytes() {
            match byte {
                b'[' | b'{' if matches!(before, b' ' | b'\t' | b'[' | b'{' | b',' | b':') => {
                    open += 1
                }
                b']' | b'}' if is_plain => open = open.saturating_sub(1),
                b'\'' | b'"' | b'#' => is_plain = false,
                _ => {}
            }
            before = byte;
            if open > BRACKETS {
                return true;
            }
        }
    }
    false
}

/// What a document is with what those before it give to it; `None` for one that only gives.
fn resolve(
    mut own: Mapping,
    global: &mut Option<Mapping>,
    previous: &mut Option<Mapping>,
) -> Result<Option<(Mapping, bool)>, Fault> {
    let action = own.remove("action");
    let action = match &action {
        None => "",
        Some(Value::String(action)) => action.as_str(),
        Some(_) => "?",
    };
    let mut is_merged = false;
    match action {
        "" => {}
        "global" => {
            *global = Some(own);
            return Ok(None);
        }
        "reset" => {
            *global = None;
            return Ok(None);
        }
        "repeat" => {
            let base = previous.clone().filter(|base| !base.is_empty());
            let Some(base) = base else {
                let reason = "`action: repeat` stands in the first document of the file";
                let help = "put the document that it repeats before it";
                return Err(Fault::new(ProblemKind::InvalidValue, reason, help).below("action"));
            };
            own = merged(base, own);
            is_merged = true;
        }
        other => {
            let reason = format!("`action: {other}` is not known");
            let help = "write `global`, `reset` or `repeat`, or leave it out";
            return Err(Fault::new(ProblemKind::Unsupported, reason, help).below("action"));
        }
    }
    if let Some(global) = global {
        own = merged(global.clone(), own);
        is_merged = true;
    }
    if let Some(previous) = previous {
        previous.clone_from(&own);
    }
    Ok(Some((own, is_merged)))
}

/// One mapping over another, in which mappings under the same key are merged as well.
fn merged(mut base: Mapping, over: Mapping) -> Mapping {
    for (key, value) in over {
        let value = match (base.remove(&key), value) {
            (Some(Value::Mapping(below)), Value::Mapping(value)) => {
                Value::Mapping(merged(below, value))
            }
            (_, value) => value,
        };
        base.insert(key, value);
    }
    base
}

/// Where in the text of a document the keys lead: line and column, counted from 1. The last key that is found counts.
pub(super) fn place_of(text: &str, path: &[String]) -> Option<(u64, u64)> {
    let mut lines = (1_u64..).zip(text.lines()).peekable();
    let mut found = None;
    for key in path {
        for (number, line) in lines.by_ref() {
            let content = line.trim_start().trim_start_matches(['-', ' ', '\'', '"']);
            let rest = content.strip_prefix(key.as_str());
            let is_key = rest.is_some_and(|rest| {
                rest.trim_start_matches(['\'', '"']).trim_start().starts_with(':')
            });
            if is_key {
                let before = line.len() - content.len();
                let column = line.get(..before).unwrap_or_default().chars().count() as u64 + 1;
                found = Some((number, column));
                break;
            }
        }
    }
    found
}

/// What an error of a document says that grows too large.
const TOO_LARGE: &str = "more than a document may hold";

/// Reads a value, with a bound on memory and depth.
struct Bounded<'b> {
    left: &'b mut usize,
    depth: usize,
}

impl Bounded<'_> {
    fn take<E: Error>(&mut self, text: usize) -> Result<(), E> {
        match self.left.checked_sub(VALUE_BYTES + text) {
            Some(left) => *self.left = left,
            None => return Err(E::custom(TOO_LARGE)),
        }
        Ok(())
    }

    fn below<E: Error>(&mut self) -> Result<Bounded<'_>, E> {
        let Some(depth) = self.depth.checked_sub(1) else { return Err(E::custom(TOO_LARGE)) };
        Ok(Bounded { left: self.left, depth })
    }
}

impl<'de> DeserializeSeed<'de> for Bounded<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Bounded<'_> {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value without a tag")
    }

    fn visit_bool<E: Error>(mut self, value: bool) -> Result<Value, E> {
        self.take(0)?;
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: Error>(mut self, value: i64) -> Result<Value, E> {
        self.take(0)?;
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E: Error>(mut self, value: u64) -> Result<Value, E> {
        self.take(0)?;
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: Error>(mut self, value: f64) -> Result<Value, E> {
        self.take(0)?;
        Ok(Value::Number(value.into()))
    }

    fn visit_str<E: Error>(mut self, value: &str) -> Result<Value, E> {
        self.take(value.len())?;
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E: Error>(mut self, value: String) -> Result<Value, E> {
        self.take(value.len())?;
        Ok(Value::String(value))
    }

    fn visit_unit<E: Error>(mut self) -> Result<Value, E> {
        self.take(0)?;
        Ok(Value::Null)
    }

    fn visit_none<E: Error>(self) -> Result<Value, E> {
        self.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut members: A) -> Result<Value, A::Error> {
        self.take(0)?;
        let mut list = Vec::new();
        while let Some(member) = members.next_element_seed(self.below()?)? {
            list.push(member);
        }
        Ok(Value::Sequence(list))
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut entries: A) -> Result<Value, A::Error> {
        self.take(0)?;
        let mut mapping = Mapping::new();
        while let Some(key) = entries.next_key_seed(self.below()?)? {
            // Names of fields may be numbers.
            let key = match key {
                Value::Number(number) => Value::String(number.to_string()),
                Value::Bool(truth) => Value::String(truth.to_string()),
                Value::Null => Value::String(String::new()),
                Value::String(key) => Value::String(key),
                _ => return Err(A::Error::custom("a key is no text")),
            };
            let value = entries.next_value_seed(self.below()?)?;
            if mapping.contains_key(&key) {
                let key = key.as_str().unwrap_or_default();
                return Err(A::Error::custom(format!("the key `{key}` is there twice")));
            }
            mapping.insert(key, value);
        }
        Ok(Value::Mapping(mapping))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<(u64, usize)> {
        let (documents, problems) = read("f.yml", text, 100);
        assert_eq!(problems, [], "{text}");
        documents.iter().map(|document| (document.line, document.value.len())).collect()
    }

    fn fault(text: &str) -> Problem {
        let (_, problems) = read("f.yml", text, 100);
        problems.into_iter().next().unwrap()
    }

    #[test]
    fn documents_are_told_apart_by_their_markers() {
        assert_eq!(lines("a: 1\nb: 2\n---\nc: 3\n"), [(1, 2), (3, 1)]);
        assert_eq!(lines("\u{feff}%YAML 1.2\n---\na: 1\n...\n# end\n"), [(2, 1)]);
        assert_eq!(lines("--- {a: 1}\n---\n\n---\n"), [(1, 1)]);
        assert_eq!(lines("a: |\n  text\n  --- no marker\r\n---\r\nb: 1\r\n"), [(1, 1), (4, 1)]);
        assert_eq!(lines(""), []);
    }

    #[test]
    fn a_broken_document_harms_no_other() {
        let (documents, problems) = read("f.yml", "a: 1\n---\nb: [\nc\n---\nd: 1\n", 100);
        assert_eq!(documents.len(), 2);
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].kind, ProblemKind::InvalidYaml);
        assert!(problems[0].line.is_some_and(|line| (2..=5).contains(&line)), "{problems:?}");
    }

    #[test]
    fn lines_and_columns_are_those_of_the_file() {
        let told = fault("a: 1\n---\nx: 1\nb: 'open\n");
        assert_eq!((told.line, told.kind), (Some(5), ProblemKind::InvalidYaml), "{told:?}");
        let told = fault("a: 1\na: 2\n");
        assert!(told.reason.contains("the key `a` is there twice"), "{told:?}");
        assert_eq!(fault("- a\n- b\n").reason, "the document is no mapping");
        assert_eq!(fault("a: !tag b\n").kind, ProblemKind::InvalidYaml);
    }

    #[test]
    fn what_grows_without_end_is_told() {
        let mut bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for (from, to) in "abcdefghi".chars().zip("bcdefghij".chars()) {
            bomb.push_str(&format!("{to}: &{to} [{}]\n", vec![format!("*{from}"); 10].join(", ")));
        }
        assert_eq!(fault(&bomb).kind, ProblemKind::TooLarge);
        let large = "x".repeat(1 << 20);
        let text = format!("a: &a {large}\nb: [{}]\n", ["*a"; 100].join(", "));
        assert_eq!(fault(&text).kind, ProblemKind::TooLarge);
        for open in ["[", "{a: ", "- ", "a:\n  [\n"] {
            for many in [50, 900, 200_000] {
                let told = fault(&format!("x: {}", open.repeat(many)));
                assert!(told.line.is_some(), "{open}");
            }
        }
        let deep: String = (0..500).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
        assert_eq!(fault(&deep).kind, ProblemKind::TooLarge);
    }

    #[test]
    fn no_more_documents_are_read_than_are_allowed() {
        let text = "a: 1\n---\n".repeat(10);
        let (documents, problems) = read("f.yml", &text, 3);
        assert_eq!((documents.len(), problems.len()), (3, 1));
        assert_eq!(problems[0].kind, ProblemKind::TooMany);
    }

    #[test]
    fn documents_give_to_others() {
        let text = "action: global\nx: {a: 1, b: 1}\n---\nx: {b: 2}\n---\naction: repeat\ny: 3\n---\n\
                    action: reset\n---\nz: 1\n";
        let (documents, problems) = read("f.yml", text, 100);
        assert_eq!(problems, []);
        let told: Vec<String> =
            documents.iter().map(|one| yaml_serde::to_string(&one.value).unwrap()).collect();
        assert_eq!(told, ["x:\n  a: 1\n  b: 2\n", "x:\n  a: 1\n  b: 2\ny: 3\n", "z: 1\n"]);
        assert_eq!(fault("action: repeat\n").line, Some(1));
        assert_eq!(fault("\n# b\n- a\n").line, Some(3));
        assert_eq!(fault("a: 1\n---\n\naction: other\n").line, Some(4));
    }

    #[test]
    fn merge_keys_are_merged() {
        let (documents, _) = read("f.yml", "a: &a {x: 1}\nb:\n  <<: *a\n  y: 2\n", 100);
        let told = yaml_serde::to_string(&documents[0].value).unwrap();
        assert_eq!(told, "a:\n  x: 1\nb:\n  y: 2\n  x: 1\n");
    }

    #[test]
    fn a_path_of_keys_is_found_in_the_text() {
        let text = "title: a\ndetection:\n  one:\n    - 'A|re': x\n  condition: one\n";
        let path = |keys: &[&str]| {
            let keys: Vec<String> = keys.iter().map(|key| (*key).to_owned()).collect();
            place_of(text, &keys)
        };
        assert_eq!(path(&["detection", "one", "A|re"]), Some((4, 8)));
        assert_eq!(path(&["detection", "condition"]), Some((5, 3)));
        assert_eq!(path(&["missing"]), None);
    }
}
