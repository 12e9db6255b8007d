//! Text in text: `has`, `contains`, `startswith`, `endswith` and `matches regex`, each with its opposite and in
//! either case. A null is the empty text, so that each has an answer.

use super::super::{Accepts, Function, Type, Value};
use crate::kql::functions::arguments::Arguments;
use crate::kql::functions::expressions::compiled;
use crate::kql::matching::{Edge, Place, TermMatcher, TextMatcher};

const TEXTS: &[Accepts] = &[Accepts::Only(Type::String), Accepts::Only(Type::String)];

/// The functions.
pub(in super::super) const FUNCTIONS: &[Function] = &[
    operator("has", |given| Value::Bool(term(given, false, Edge::Whole))),
    operator("has_cs", |given| Value::Bool(term(given, true, Edge::Whole))),
    operator("!has", |given| Value::Bool(!term(given, false, Edge::Whole))),
    operator("!has_cs", |given| Value::Bool(!term(given, true, Edge::Whole))),
    operator("hasprefix", |given| Value::Bool(term(given, false, Edge::Prefix))),
    operator("hasprefix_cs", |given| Value::Bool(term(given, true, Edge::Prefix))),
    operator("!hasprefix", |given| Value::Bool(!term(given, false, Edge::Prefix))),
    operator("!hasprefix_cs", |given| Value::Bool(!term(given, true, Edge::Prefix))),
    operator("hassuffix", |given| Value::Bool(term(given, false, Edge::Suffix))),
    operator("hassuffix_cs", |given| Value::Bool(term(given, true, Edge::Suffix))),
    operator("!hassuffix", |given| Value::Bool(!term(given, false, Edge::Suffix))),
    operator("!hassuffix_cs", |given| Value::Bool(!term(given, true, Edge::Suffix))),
    operator("contains", |given| Value::Bool(text(given, false, Place::Anywhere))),
    operator("contains_cs", |given| Value::Bool(text(given, true, Place::Anywhere))),
    operator("!contains", |given| Value::Bool(!text(given, false, Place::Anywhere))),
    operator("!contains_cs", |given| Value::Bool(!text(given, true, Place::Anywhere))),
    operator("startswith", |given| Value::Bool(text(given, false, Place::Start))),
    operator("startswith_cs", |given| Value::Bool(text(given, true, Place::Start))),
    operator("!startswith", |given| Value::Bool(!text(given, false, Place::Start))),
    operator("!startswith_cs", |given| Value::Bool(!text(given, true, Place::Start))),
    operator("endswith", |given| Value::Bool(text(given, false, Place::End))),
    operator("endswith_cs", |given| Value::Bool(text(given, true, Place::End))),
    operator("!endswith", |given| Value::Bool(!text(given, false, Place::End))),
    operator("!endswith_cs", |given| Value::Bool(!text(given, true, Place::End))),
    operator("matches regex", matches),
];

const fn operator(sign: &'static str, call: fn(&[Value]) -> Value) -> Function {
    Function::define(sign, TEXTS, Type::Bool, call)
}

fn term(arguments: &[Value], is_case_sensitive: bool, edge: Edge) -> bool {
    TermMatcher::new(arguments.text(1), is_case_sensitive, edge).matches(arguments.text(0))
}

fn text(arguments: &[Value], is_case_sensitive: bool, place: Place) -> bool {
    TextMatcher::new(arguments.text(1), is_case_sensitive, place).matches(arguments.text(0))
}

/// An expression that cannot be compiled matches nothing.
fn matches(arguments: &[Value]) -> Value {
    let expression = compiled(arguments.text(1));
    Value::Bool(expression.is_some_and(|expression| expression.is_match(arguments.text(0))))
}

#[cfg(test)]
mod tests {
    use super::super::super::function;
    use super::*;

    #[test]
    fn opposites_have_an_answer_for_what_is_missing() {
        let call = |sign: &str, text: &str, needle: &str| {
            let arguments = [text, needle].map(|text| Value::String(text.to_owned()));
            (function(sign).unwrap().call)(&arguments)
        };
        assert_eq!(call("!has", "", "x"), Value::Bool(true));
        assert_eq!(call("has_cs", "A b", "a"), Value::Bool(false));
        assert_eq!(call("!hasprefix_cs", "powershell -enc", "power"), Value::Bool(false));
        assert_eq!(call("endswith", "a.EXE", ".exe"), Value::Bool(true));
        assert_eq!(call("matches regex", "a.exe", r"\.EXE$"), Value::Bool(false));
        assert_eq!(call("matches regex", "a.exe", r"(?i)\.EXE$"), Value::Bool(true));
        assert_eq!(call("matches regex", "a", "("), Value::Bool(false));
    }
}
