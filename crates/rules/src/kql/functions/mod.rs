//! Scalar functions and operators, one row at a time.
//!
//! Each is a [`Function`]: what it is called, what it accepts, what comes out, and how. Kin that share
//! their work share a file.

mod addresses;
mod arguments;
mod bins;
mod choices;
mod conversions;
mod definition;
mod documents;
mod dynamics;
mod encodings;
pub mod expressions;
mod internal;
pub(super) mod moments;
mod numbers;
mod operators;
pub mod patterns;
mod places;
pub mod series;
pub(super) mod sketches;
mod texts;
mod units;

pub use places::geography;

use std::collections::HashMap;
use std::sync::LazyLock;

use super::{Type, Value};

/// A scalar function or operator.
#[derive(Debug)]
pub struct Function {
    /// The name; an operator's is its sign.
    pub name: &'static str,
    /// What it accepts in order. Arguments are converted to it before the call.
    pub parameters: &'static [Accepts],
    /// How many of the parameters may be left out, counted from the end.
    pub optional: usize,
    /// What any further arguments are accepted as; nothing if there may be none.
    pub rest: Option<Accepts>,
    /// What comes out.
    pub result: ResultType,
    /// Computes the result. A function never fails: what cannot be computed is null.
    pub call: fn(&[Value]) -> Value,
}

/// What a parameter accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accepts {
    /// Anything as it is.
    Any,
    /// A value of that type; others are converted, as by `tostring()`, `tolong()` and the like.
    Only(Type),
    /// A number as it is; a dynamic value becomes a real.
    Number,
    /// A number, a moment or a length of time as it is; a dynamic value becomes a real.
    Measure,
    /// A constant as it is.
    Literal,
}

/// The type of a function's result.
#[derive(Clone, Copy, Debug)]
pub enum ResultType {
    /// Always that.
    Only(Type),
    /// That of the argument at that place.
    Argument(usize),
    /// The one that all arguments from that place on have in common: the wider of numbers, dynamic where they
    /// differ otherwise. Arguments are converted to it.
    Common(usize),
    /// Told by the types of the arguments; nothing if it does not accept such.
    Computed(fn(&[Type]) -> Option<Type>),
}

impl PartialEq for Function {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

/// Every function, theme by theme.
const THEMES: &[&[Function]] = &[
    internal::FUNCTIONS,
    operators::comparison::FUNCTIONS,
    operators::arithmetic::FUNCTIONS,
    operators::logic::FUNCTIONS,
    operators::matching::FUNCTIONS,
    operators::membership::FUNCTIONS,
    choices::FUNCTIONS,
    conversions::FUNCTIONS,
    numbers::elementary::FUNCTIONS,
    numbers::rounding::FUNCTIONS,
    numbers::bits::FUNCTIONS,
    numbers::distributions::FUNCTIONS,
    units::FUNCTIONS,
    texts::joining::FUNCTIONS,
    texts::cutting::FUNCTIONS,
    texts::letters::FUNCTIONS,
    texts::places::FUNCTIONS,
    texts::replacing::FUNCTIONS,
    texts::sizes::FUNCTIONS,
    expressions::FUNCTIONS,
    encodings::base64::FUNCTIONS,
    encodings::addresses::FUNCTIONS,
    encodings::digests::FUNCTIONS,
    encodings::compression::FUNCTIONS,
    dynamics::members::FUNCTIONS,
    dynamics::arrays::FUNCTIONS,
    dynamics::sorting::FUNCTIONS,
    dynamics::shapes::FUNCTIONS,
    dynamics::sets::FUNCTIONS,
    dynamics::bags::FUNCTIONS,
    dynamics::json::FUNCTIONS,
    series::elementwise::FUNCTIONS,
    series::measures::FUNCTIONS,
    series::fill::FUNCTIONS,
    series::filters::FUNCTIONS,
    series::fit::FUNCTIONS,
    series::frequencies::FUNCTIONS,
    series::outliers::FUNCTIONS,
    series::periods::FUNCTIONS,
    series::decompose::FUNCTIONS,
    documents::url::FUNCTIONS,
    documents::path::FUNCTIONS,
    documents::csv::FUNCTIONS,
    documents::version::FUNCTIONS,
    documents::command_line::FUNCTIONS,
    documents::xml::FUNCTIONS,
    documents::user_agent::FUNCTIONS,
    patterns::FUNCTIONS,
    addresses::matches::FUNCTIONS,
    addresses::formats::FUNCTIONS,
    addresses::mentions::FUNCTIONS,
    moments::boundaries::FUNCTIONS,
    moments::parts::FUNCTIONS,
    moments::arithmetic::FUNCTIONS,
    moments::making::FUNCTIONS,
    moments::format::FUNCTIONS,
    moments::zones::FUNCTIONS,
    bins::FUNCTIONS,
    sketches::FUNCTIONS,
    places::geography::FUNCTIONS,
    places::points::FUNCTIONS,
    places::geohash::FUNCTIONS,
    places::shapes::FUNCTIONS,
];

/// The function of that name or alias.
pub fn function(name: &str) -> Option<&'static Function> {
    static BY_NAME: LazyLock<HashMap<&str, &Function>> =
        LazyLock::new(|| all().map(|function| (function.name, function)).collect());
    BY_NAME.get(name).copied()
}

/// Every function and operator, in the order of their themes.
pub fn all() -> impl Iterator<Item = &'static Function> {
    THEMES.iter().flat_map(|theme| theme.iter())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn every_name_is_of_one_function() {
        let mut names: BTreeMap<&str, usize> = BTreeMap::new();
        for function in all() {
            *names.entry(function.name).or_default() += 1;
            assert!(function.optional <= function.parameters.len(), "{}", function.name);
        }
        names.retain(|_, count| *count > 1);
        assert_eq!(names, BTreeMap::new());
    }
}
