//! What columns are called that nobody named.
//!
//! The documentation says little of it; the lists are what the service was measured to do.

use std::collections::HashSet;

use crate::kql::syntax::{Expression, ExpressionKind, Literal};
use crate::kql::{Type, Value, aggregates, functions};

/// Functions whose result is called as their first argument is.
const PASSING: &[&str] = &[
    "tostring",
    "toint",
    "tolong",
    "todouble",
    "toreal",
    "tobool",
    "toboolean",
    "todatetime",
    "totimespan",
    "timespan",
    "toguid",
    "todecimal",
    "tohex",
    "todynamic",
    "parse_json",
    "split",
    "bin",
    "bin_at",
    "bin_auto",
    "floor",
    "ceiling",
    "round",
    "startofday",
    "abs",
    "sqrt",
    "log",
    "log10",
    "log2",
    "exp",
    "exp2",
    "gamma",
    "sin",
    "cos",
    "tan",
    "asin",
    "acos",
    "atan",
    "atan2",
    "binary_and",
    "binary_or",
    "binary_xor",
    "binary_not",
    "binary_shift_left",
    "binary_shift_right",
    "format_datetime",
    "materialize",
];

/// What an expression is called by itself; nothing if it is called by its place.
pub(super) fn of(expression: &Expression) -> Option<String> {
    match &expression.kind {
        ExpressionKind::Name(name) => Some(name.clone()),
        ExpressionKind::Member { of: inner, name } => {
            match of(inner).filter(|before| !before.starts_with('$')) {
                Some(before) => Some(format!("{before}_{}", name.text)),
                None => Some(name.text.clone()),
            }
        }
        ExpressionKind::Index { of: inner, index } => {
            let step = match &index.kind {
                ExpressionKind::Literal(Literal { value: Value::String(text), .. }) => text.clone(),
                ExpressionKind::Literal(Literal { value, .. }) => value.text(),
                ExpressionKind::Sign { is_minus: true, of } => match &of.kind {
                    ExpressionKind::Literal(Literal { value, .. }) => format!("_{}", value.text()),
                    _ => return None,
                },
                _ => return None,
            };
            Some(match of(inner) {
                Some(before) => format!("{before}_{step}"),
                None => step,
            })
        }
        ExpressionKind::Call { name, arguments } => {
            let first = arguments.first().map(|argument| &argument.value);
            if let Some(function) = aggregates::aggregate(&name.text) {
                let own: Vec<Option<String>> =
                    arguments.iter().map(|argument| of(&argument.value)).collect();
                let own: Vec<Option<&str>> = own.iter().map(Option::as_deref).collect();
                let constants: Vec<Value> = arguments
                    .iter()
                    .map(|argument| constant(&argument.value).unwrap_or(Value::Null))
                    .collect();
                return aggregates::names::default_names(function, &own, &constants)
                    .into_iter()
                    .next()
                    .filter(|name| !name.is_empty());
            }
            match name.text.as_str() {
                "strlen" => Some(format!("strlen_{}", first.and_then(of).unwrap_or_default())),
                "gettype" => Some(format!("type_{}", first.and_then(of).unwrap_or_default())),
                "array_sort_asc" | "array_sort_desc" => Some(sorted(0, first?)),
                "column_ifexists" | "columnifexists" => match &first?.kind {
                    ExpressionKind::Literal(Literal { value: Value::String(text), .. }) => {
                        Some(text.clone())
                    }
                    _ => None,
                },
                passing if PASSING.contains(&passing) => {
                    let argument = arguments.first()?;
                    // `tolong(Sum = sum(Bytes))` names what it converts.
                    argument
                        .name
                        .as_ref()
                        .map_or_else(|| of(&argument.value), |name| Some(name.text.clone()))
                }
                _ => None,
            }
        }
        ExpressionKind::Pipeline { source: Some(source), operators } if operators.is_empty() => {
            of(source)
        }
        _ => None,
    }
}

/// The columns that a call gives instead of one, with their names and types; nothing if it gives one.
pub(super) fn spread(expression: &Expression) -> Option<Vec<(String, Type)>> {
    let ExpressionKind::Call { name, arguments } = &expression.kind else { return None };
    if matches!(name.text.as_str(), "array_sort_asc" | "array_sort_desc") {
        let arrays = arguments.iter().map(|argument| &argument.value);
        let arrays = arrays.filter(|array| !matches!(constant(array), Some(Value::Bool(_))));
        let columns: Vec<_> = arrays
            .enumerate()
            .map(|(place, array)| (sorted(place, array), Type::Dynamic))
            .collect();
        return (columns.len() > 1).then_some(columns);
    }
    let columns = functions::series::spread(&name.text)?;
    let argument = arguments.first().and_then(|argument| of(&argument.value)).unwrap_or_default();
    let named =
        |(column, r#type): &(&str, Type)| (format!("{}_{argument}_{column}", name.text), *r#type);
    Some(columns.iter().map(named).collect())
}

/// The name of an array that was sorted, which is one of several.
fn sorted(place: usize, array: &Expression) -> String {
    match of(array) {
        Some(name) => format!("{name}_sorted"),
        None => format!("array{place}_sorted"),
    }
}

fn constant(expression: &Expression) -> Option<Value> {
    match &expression.kind {
        ExpressionKind::Literal(known) => Some(known.value.clone()),
        _ => None,
    }
}

/// Gives an operator's columns their names, from left to right.
#[derive(Debug, Default)]
pub(super) struct Namer {
    taken: HashSet<String>,
    /// Names that the operator spells out; a number is never added to make one of these.
    reserved: HashSet<String>,
    /// Names that a place never gives.
    skipped: HashSet<String>,
    places: usize,
}

impl Namer {
    /// A namer for an operator that spells out those names.
    pub(super) fn new(reserved: impl IntoIterator<Item = String>) -> Self {
        Self { reserved: reserved.into_iter().collect(), ..Self::default() }
    }

    /// A namer for columns behind others that have those names.
    pub(super) fn of_taken(taken: impl IntoIterator<Item = String>) -> Self {
        Self { taken: taken.into_iter().collect(), ..Self::default() }
    }

    /// With names that `Column1` and its like must not repeat.
    pub(super) fn skipping<'n>(mut self, names: impl IntoIterator<Item = &'n str>) -> Self {
        self.skipped = names.into_iter().map(str::to_owned).collect();
        self
    }

    /// The name of the next column that has none: `Column1`.
    pub(super) fn place(&mut self) -> String {
        loop {
            self.places += 1;
            let name = format!("Column{}", self.places);
            if !self.skipped.contains(&name) {
                return name;
            }
        }
    }

    /// A name, with a number behind it if an earlier column has it.
    pub(super) fn take(&mut self, name: &str) -> String {
        let mut taken = name.to_owned();
        let mut number = 0;
        while self.taken.contains(&taken) || (number > 0 && self.reserved.contains(&taken)) {
            number += 1;
            taken = format!("{name}{number}");
        }
        self.taken.insert(taken.clone());
        taken
    }
}
