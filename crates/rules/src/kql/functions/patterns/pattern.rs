//! The pattern of `parse` and `parse-where`.

use std::cell::RefCell;

use indexmap::IndexMap;
use regex_automata::meta::Regex;
use regex_automata::util::captures::Captures;

use super::super::arguments::{Arguments, array, text};
use super::cache::{Cache, compiled, regex};
use crate::kql::{Dynamic, Type, Value};

/// The pattern of `parse` and `parse-where`.
#[derive(Clone, Debug, PartialEq)]
pub struct Pattern {
    /// How the texts in it are read.
    pub kind: PatternKind,
    /// Letters among `i`, `m`, `s` and `U` that tell how a regular expression is read.
    pub flags: String,
    /// What it is made of, in order.
    pub parts: Vec<Part>,
}

/// How a pattern's texts are read, and what a column means whose type its text does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PatternKind {
    /// As they are, to the end of the text; nothing is found unless all columns fit.
    Simple,
    /// As they are, to the end of the text; what does not fit is null.
    Relaxed,
    /// As regular expressions, anywhere; nothing is found unless all columns fit.
    Regex,
}

/// A part of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// `*`: anything, as little of it as will do.
    Star,
    /// Text, or a regular expression.
    Text(String),
    /// A column of that type.
    Column(Type),
}

impl PatternKind {
    const ALL: [PatternKind; 3] = [PatternKind::Simple, PatternKind::Relaxed, PatternKind::Regex];

    /// Its name behind `kind=`.
    pub fn name(self) -> &'static str {
        match self {
            PatternKind::Simple => "simple",
            PatternKind::Relaxed => "relaxed",
            PatternKind::Regex => "regex",
        }
    }

    /// The kind of that name.
    pub fn from_name(name: &str) -> Option<PatternKind> {
        PatternKind::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

impl Pattern {
    /// The pattern as the second argument of `parse_pattern`: text, so that comparing it is cheap.
    pub fn literal(&self) -> Value {
        let parts = self.parts.iter().map(|part| match part {
            Part::Star => text("*"),
            Part::Text(constant) => Dynamic::Array(vec![text(constant.clone())]),
            Part::Column(r#type) => text(r#type.name()),
        });
        let bag = IndexMap::from([
            ("kind".to_owned(), text(self.kind.name())),
            ("flags".to_owned(), text(self.flags.clone())),
            ("parts".to_owned(), Dynamic::Array(parts.collect())),
        ]);
        Value::String(Dynamic::Bag(bag).json())
    }

    /// Whether it can be used.
    ///
    /// # Errors
    ///
    /// What is wrong with its flags or its regular expressions.
    pub fn check(&self) -> Result<(), String> {
        if let Some(flag) = self.flags.chars().find(|flag| !"imsU".contains(*flag)) {
            return Err(format!("there is no flag `{flag}`; there are `i`, `m`, `s` and `U`"));
        }
        for part in &self.parts {
            if let (PatternKind::Regex, Part::Text(expression)) = (self.kind, part) {
                regex(expression)?;
            }
        }
        regex(&self.expression()).map(|_| ())
    }

    /// The types of the columns, in order.
    fn types(&self) -> Vec<Type> {
        let types = self.parts.iter().filter_map(|part| match part {
            Part::Column(r#type) => Some(*r#type),
            _ => None,
        });
        types.collect()
    }

    /// The pattern as one regular expression. Columns are groups named by their number, so that groups
    /// within a text do not count.
    fn expression(&self) -> String {
        // A simple pattern's `*` crosses the ends of lines; that of a regular expression does with flag `s`.
        let mut flags =
            if self.kind == PatternKind::Regex { self.flags.clone() } else { "s".to_owned() };
        flags.retain(|flag| "imsU".contains(flag));
        let mut expression = if flags.is_empty() { String::new() } else { format!("(?{flags})") };
        let mut columns = 0;
        for (place, part) in self.parts.iter().enumerate() {
            match part {
                Part::Star => expression.push_str(".*?"),
                Part::Text(constant) if self.kind == PatternKind::Regex => {
                    expression.push_str(&format!("(?:{constant})"));
                }
                Part::Text(constant) => expression.push_str(&escaped(constant)),
                Part::Column(r#type) => {
                    let shape = self.shape(place, *r#type);
                    expression.push_str(&format!("(?P<{}>{shape})", group(columns)));
                    columns += 1;
                }
            }
        }
        if self.kind != PatternKind::Regex {
            expression.push_str(r"\z");
        }
        expression
    }

    /// What a column takes. In a regular expression, string columns take as much as they can and others
    /// what looks like their type; in a simple pattern each takes as little as it can, and only one with a
    /// `*` behind it, which would leave it nothing, what looks like its type.
    fn shape(&self, place: usize, r#type: Type) -> String {
        let looks_like = looks_like(r#type);
        if self.kind == PatternKind::Regex {
            return looks_like.unwrap_or(".*").to_owned();
        }
        match (self.parts.get(place + 1), looks_like) {
            (Some(Part::Star), Some(looks_like)) => {
                let may_be_missing = if place + 2 == self.parts.len() { "?" } else { "" };
                format!(r"(?:\s*(?:{looks_like})){may_be_missing}")
            }
            _ => ".*?".to_owned(),
        }
    }
}

/// The name of a column's group; nobody calls a group of their own like that.
fn group(column: usize) -> String {
    format!("parse_column_{column}")
}

/// What text looks like that is of a type; nothing if it may look like anything.
fn looks_like(r#type: Type) -> Option<&'static str> {
    Some(match r#type {
        Type::String | Type::Dynamic => return None,
        Type::Int | Type::Long => r"[-+]?[0-9]+",
        Type::Real | Type::Decimal => r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)",
        Type::Bool => r"(?i:true|false)|[-+]?[0-9]+",
        Type::DateTime => r"[0-9][-0-9/:.TZ+ ]*",
        Type::TimeSpan => r"-?[0-9][0-9.:]*[a-z]*",
        Type::Guid => r"[-0-9a-fA-F{}()]+",
    })
}

/// Text as a regular expression that matches it and nothing else.
fn escaped(constant: &str) -> String {
    let mut expression = String::with_capacity(constant.len());
    for letter in constant.chars() {
        if letter.is_ascii_punctuation() {
            expression.push('\\');
        }
        expression.push(letter);
    }
    expression
}

/// A pattern that is ready to be used.
#[derive(Debug)]
struct Compiled {
    regex: Regex,
    captures: RefCell<Captures>,
    kind: PatternKind,
    types: Vec<Type>,
}

impl Compiled {
    fn of_literal(literal: &str) -> Option<Compiled> {
        let pattern = of_literal(literal)?;
        let regex = regex(&pattern.expression()).ok()?;
        let captures = RefCell::new(regex.create_captures());
        Some(Compiled { regex, captures, kind: pattern.kind, types: pattern.types() })
    }

    /// The texts of the columns, in order.
    fn find(&self, text: &str) -> Option<Vec<Dynamic>> {
        let mut captures = self.captures.borrow_mut();
        self.regex.captures(text, &mut captures);
        if !captures.is_match() {
            return None;
        }
        let columns = self.types.iter().enumerate().map(|(column, r#type)| {
            let found =
                captures.get_group_by_name(&group(column)).map_or(0..0, |span| span.range());
            let found = Value::String(text.get(found).unwrap_or_default().to_owned());
            let fits = *r#type == Type::String || found.convert(*r#type) != Value::Null;
            match (fits, self.kind) {
                (true, _) => Some(found.into_dynamic()),
                (false, PatternKind::Relaxed) => Some(Dynamic::Null),
                (false, _) => None,
            }
        });
        columns.collect()
    }
}

/// The pattern that a literal is.
fn of_literal(literal: &str) -> Option<Pattern> {
    let Dynamic::Bag(bag) = Dynamic::of_json(literal)? else { return None };
    let (Dynamic::String(kind), Dynamic::String(flags), Dynamic::Array(parts)) =
        (bag.get("kind")?, bag.get("flags")?, bag.get("parts")?)
    else {
        return None;
    };
    let parts: Option<Vec<Part>> = parts
        .iter()
        .map(|part| match part {
            Dynamic::String(star) if star == "*" => Some(Part::Star),
            Dynamic::String(name) => Type::from_name(name).map(Part::Column),
            Dynamic::Array(constant) => match constant.first() {
                Some(Dynamic::String(constant)) => Some(Part::Text(constant.clone())),
                _ => None,
            },
            _ => None,
        })
        .collect();
    Some(Pattern { kind: PatternKind::from_name(kind)?, flags: flags.clone(), parts: parts? })
}

/// `parse_pattern(text, literal)`: the texts of the pattern's columns in order, or null if the text does not
/// match. In a relaxed pattern, a text that does not fit its column's type is null.
pub(super) fn parse(arguments: &[Value]) -> Value {
    thread_local! {
        static KNOWN: Cache<Compiled> = const { RefCell::new(Vec::new()) };
    }
    let compiled = compiled(&KNOWN, arguments.text(1), Compiled::of_literal);
    let found = compiled.as_ref().as_ref().and_then(|pattern| pattern.find(arguments.text(0)));
    found.map_or(Value::Null, array)
}

#[cfg(test)]
mod tests {
    use super::super::super::dynamics::tests::call;
    use super::*;

    fn parsed(kind: PatternKind, flags: &str, parts: &[Part], text: &str) -> String {
        let pattern = Pattern { kind, flags: flags.to_owned(), parts: parts.to_vec() };
        assert_eq!(pattern.check(), Ok(()));
        assert_eq!(of_literal(pattern.literal().text().as_str()), Some(pattern.clone()));
        let found = call("parse_pattern", &[Value::String(text.to_owned()), pattern.literal()]);
        found.into_dynamic().json()
    }

    fn simple(parts: &[Part], text: &str) -> String {
        parsed(PatternKind::Simple, "", parts, text)
    }

    fn constant(text: &str) -> Part {
        Part::Text(text.to_owned())
    }

    const STRING: Part = Part::Column(Type::String);
    const LONG: Part = Part::Column(Type::Long);
    const DATE: Part = Part::Column(Type::DateTime);

    #[test]
    fn a_simple_pattern_reaches_the_end_and_takes_little() {
        let pair = [constant("a="), STRING, constant(",b="), STRING];
        assert_eq!(simple(&pair, "a=1,b=2,b=3"), r#"["1","2,b=3"]"#);
        assert_eq!(simple(&[constant("abc "), STRING, constant(" ")], "abc def ghi"), "null");
        assert_eq!(
            simple(&[constant("abc "), STRING, constant(" "), Part::Star], "abc def ghi"),
            r#"["def"]"#
        );
        assert_eq!(simple(&[constant("X"), STRING, constant("Y")], "X1Y2Y"), r#"["1Y2"]"#);
        assert_eq!(
            simple(&[constant("a.b("), STRING], "a.b(c\nd"),
            r#"["c\nd"]"#,
            "no expression, no line ends"
        );
        assert_eq!(simple(&pair, "A=1,b=2"), "null", "letters have a case");
    }

    #[test]
    fn all_columns_of_a_simple_pattern_fit_or_none() {
        let pair = [constant("a="), LONG, constant(",b="), LONG];
        assert_eq!(simple(&pair, "a= 1 ,b=2"), r#"[" 1 ","2"]"#);
        assert_eq!(simple(&pair, "a=x,b=2"), "null");
        assert_eq!(simple(&pair, "a=,b=2"), "null");
        assert_eq!(parsed(PatternKind::Relaxed, "", &pair, "a=x,b=2"), r#"[null,"2"]"#);
        assert_eq!(
            parsed(PatternKind::Relaxed, "", &pair, "b=2"),
            "null",
            "texts must be there all the same"
        );
    }

    #[test]
    fn a_typed_column_before_a_star_takes_what_looks_like_it() {
        let parts = [Part::Star, constant("n="), LONG, Part::Star];
        assert_eq!(simple(&parts, "xn=-12y"), r#"["-12"]"#);
        assert_eq!(simple(&parts, "xn=y"), "null");
        let parts =
            [Part::Star, constant("t="), DATE, constant(","), Part::Star, constant("n="), LONG];
        assert_eq!(
            simple(&parts, "t=02/17/2016 08:40:01, x n=3"),
            r#"["02/17/2016 08:40:01","3"]"#
        );
    }

    #[test]
    fn columns_of_a_regular_expression_take_much_unless_told_otherwise() {
        let parts = [Part::Star, constant("name="), STRING, constant(","), Part::Star];
        let text = "x name=a, b=2, c=3";
        assert_eq!(parsed(PatternKind::Regex, "", &parts, text), r#"["a, b=2"]"#);
        assert_eq!(parsed(PatternKind::Regex, "U", &parts, text), r#"["a"]"#);
        let parts = [constant("NAME=(x|y)?"), STRING, constant(",")];
        assert_eq!(parsed(PatternKind::Regex, "", &parts, text), "null");
        assert_eq!(
            parsed(PatternKind::Regex, "Ui", &parts, text),
            r#"["a"]"#,
            "anywhere, and groups of its own"
        );
        let parts = [constant("n="), LONG];
        assert_eq!(parsed(PatternKind::Regex, "", &parts, "n=27x"), r#"["27"]"#);
    }

    #[test]
    fn what_is_wrong_with_an_expression_is_told() {
        let pattern = |flags: &str, text: &str| Pattern {
            kind: PatternKind::Regex,
            flags: flags.to_owned(),
            parts: vec![constant(text), STRING],
        };
        assert!(pattern("", "a(").check().is_err_and(|reason| reason.contains("unclosed group")));
        assert!(pattern("x", "a").check().is_err());
        assert!(pattern("", ")(").check().is_err(), "each text is an expression by itself");
        assert!(pattern("", "((a{1000}){1000}){1000}").check().is_err(), "it would take gigabytes");
        let value =
            call("parse_pattern", &[Value::String("a".into()), pattern("", "a(").literal()]);
        assert_eq!(value, Value::Null);
    }
}
