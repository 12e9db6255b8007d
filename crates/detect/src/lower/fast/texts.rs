//! Texts in texts: what is looked for is prepared once for a query, and looked for in a whole column.

use std::collections::HashSet;
use std::fmt::Debug;
use std::sync::Arc;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, BooleanArray};
use arrow_schema::DataType;
use coldtrail_engine::guests::{GuestError, ScalarGuest, scalar_guest};
use coldtrail_engine::plan::{Expr, lit, lower};
use coldtrail_rules::kql::matching::{Edge, Place, TermMatcher, TextMatcher, equals_ignoring_case};
use coldtrail_rules::kql::plan::Expression;
use coldtrail_rules::kql::{Schema, Type, Value};

use super::super::expressions::{expression, short};
use super::comparisons::{constant, flattened};

/// From how many needles on they are looked for all at once.
const MANY: usize = 4;

/// The twin of a call.
pub(super) fn twin(name: &str, arguments: &[Expression], schema: &Schema) -> Option<Expr> {
    let (subject, others) = arguments.split_first()?;
    if subject.r#type != Type::String {
        return None;
    }
    match name {
        "tostring" if others.is_empty() => return Some(expression(subject, schema)),
        "tolower" if others.is_empty() => return Some(lower(expression(subject, schema))),
        "isempty" => return Some(expression(subject, schema).eq(lit(""))),
        "isnotempty" | "notempty" => return Some(expression(subject, schema).not_eq(lit(""))),
        "isnull" => return Some(lit(false)),
        "isnotnull" | "notnull" => return Some(lit(true)),
        _ => {}
    }
    let mut needles = Vec::new();
    for other in others {
        for needle in flattened(constant(other)?) {
            match needle {
                Value::String(needle) => needles.push(needle),
                _ => return None,
            }
        }
    }
    let (is_negated, positive) = match name.strip_prefix('!') {
        Some(positive) => (true, positive),
        None => (false, name),
    };
    let search = Search::new(positive, &needles)?;
    let name = short(format!("kql:{name}:{needles:?}"));
    let looking = Looking { name, search, is_negated };
    Some(scalar_guest(Arc::new(looking), vec![expression(subject, schema)]))
}

/// What is looked for.
#[derive(Debug)]
enum Search {
    Term(TermMatcher),
    AnyTerm(Vec<TermMatcher>),
    /// Many ASCII terms at once, and one by one for other texts.
    ManyTerms(Box<Terms>),
    AllTerms(Vec<TermMatcher>),
    Text(TextMatcher),
    /// The texts in ASCII's lower case, and as they are.
    Same(HashSet<String>, Vec<String>),
}

impl Search {
    fn new(name: &str, needles: &[String]) -> Option<Self> {
        let terms = || needles.iter().map(|needle| TermMatcher::new(needle, false, Edge::Whole));
        match (name, needles) {
            ("has_any", needles) if needles.len() >= MANY => {
                Some(match Terms::new(needles, terms().collect()) {
                    Ok(terms) => Search::ManyTerms(Box::new(terms)),
                    Err(terms) => Search::AnyTerm(terms),
                })
            }
            ("has_any", _) => Some(Search::AnyTerm(terms().collect())),
            ("has_all", _) => Some(Search::AllTerms(terms().collect())),
            ("in~", needles) => {
                let lower = needles.iter().map(|needle| needle.to_ascii_lowercase());
                Some(Search::Same(lower.collect(), needles.to_vec()))
            }
            ("=~" | "~", [needle]) => {
                Some(Search::Same([needle.to_ascii_lowercase()].into(), vec![needle.clone()]))
            }
            (name, [needle]) => {
                let (name, is_case_sensitive) = match name.strip_suffix("_cs") {
                    Some(name) => (name, true),
                    None => (name, false),
                };
                let term =
                    |edge| Some(Search::Term(TermMatcher::new(needle, is_case_sensitive, edge)));
                let text =
                    |place| Some(Search::Text(TextMatcher::new(needle, is_case_sensitive, place)));
                match name {
                    "has" => term(Edge::Whole),
                    "hasprefix" => term(Edge::Prefix),
                    "hassuffix" => term(Edge::Suffix),
                    "contains" => text(Place::Anywhere),
                    "startswith" => text(Place::Start),
                    "endswith" => text(Place::End),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn matches(&self, text: &str) -> bool {
        match self {
            Search::Term(term) => term.matches(text),
            Search::AnyTerm(terms) => terms.iter().any(|term| term.matches(text)),
            Search::ManyTerms(terms) => terms.any(text),
            Search::AllTerms(terms) => terms.iter().all(|term| term.matches(text)),
            Search::Text(matcher) => matcher.matches(text),
            Search::Same(lower, texts) if text.is_ascii() => {
                let is_lower = !text.bytes().any(|byte| byte.is_ascii_uppercase());
                let is_ascii_in = match is_lower {
                    true => lower.contains(text),
                    false => lower.contains(&text.to_ascii_lowercase()),
                };
                // A letter beyond ASCII may be the same but for case as one of ASCII.
                is_ascii_in
                    || texts.iter().any(|one| !one.is_ascii() && equals_ignoring_case(text, one))
            }
            Search::Same(_, texts) => texts.iter().any(|one| equals_ignoring_case(text, one)),
        }
    }
}

/// Many ASCII terms that are looked for at once.
#[derive(Debug)]
struct Terms {
    automaton: AhoCorasick,
    /// Of each term whether a term must begin and end with it.
    edges: Vec<(bool, bool)>,
    one_by_one: Vec<TermMatcher>,
}

impl Terms {
    /// The terms, or their matchers again if they cannot be looked for at once.
    fn new(needles: &[String], one_by_one: Vec<TermMatcher>) -> Result<Self, Vec<TermMatcher>> {
        if !needles.iter().all(|needle| needle.is_ascii() && !needle.is_empty()) {
            return Err(one_by_one);
        }
        let automaton = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .kind((needles.len() < 1000).then_some(AhoCorasickKind::DFA))
            .build(needles);
        let Ok(automaton) = automaton else { return Err(one_by_one) };
        let is_of_term = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
        let edges = needles.iter().map(|needle| {
            (is_of_term(needle.as_bytes().first()), is_of_term(needle.as_bytes().last()))
        });
        Ok(Self { automaton, edges: edges.collect(), one_by_one })
    }

    fn any(&self, text: &str) -> bool {
        if !text.is_ascii() {
            return self.one_by_one.iter().any(|term| term.matches(text));
        }
        let bytes = text.as_bytes();
        let is_of_term = |place: Option<usize>| {
            place.and_then(|place| bytes.get(place)).is_some_and(u8::is_ascii_alphanumeric)
        };
        self.automaton.find_overlapping_iter(bytes).any(|found| {
            let (begins, ends) =
                self.edges.get(found.pattern().as_usize()).copied().unwrap_or_default();
            let is_before = begins && is_of_term(found.start().checked_sub(1));
            let is_behind = ends && is_of_term(Some(found.end()));
            !is_before && !is_behind
        })
    }
}

/// A search through a column of texts.
#[derive(Debug)]
struct Looking {
    name: String,
    search: Search,
    is_negated: bool,
}

impl ScalarGuest for Looking {
    fn name(&self) -> &str {
        &self.name
    }

    fn result(&self) -> DataType {
        DataType::Boolean
    }

    fn call(&self, columns: &[ArrayRef], rows: usize) -> Result<ArrayRef, GuestError> {
        let column = columns.first().ok_or("a search without a column")?;
        let texts = column.as_string_opt::<i32>().ok_or("a search through what is no text")?;
        let found = (0..rows).map(|row| {
            let text = if texts.is_valid(row) { texts.value(row) } else { "" };
            Some(self.search.matches(text) != self.is_negated)
        });
        Ok(Arc::new(found.collect::<BooleanArray>()))
    }
}
