//! Which texts the rows of a table must contain to come through the filters above it: whoever reads the
//! table may leave out rows without them before it makes rows of them.

use std::collections::BTreeMap;

use coldtrail_rules::kql::plan::{Expression, ExpressionKind, Node, Plan};
use coldtrail_rules::kql::{Dynamic, Value};

use super::{Needle, inputs};

/// Functions that a row passes only if the column contains one of the texts, in some case of letters.
const TELLING: [&str; 18] = [
    "==",
    "=~",
    "in",
    "in~",
    "has",
    "has_cs",
    "has_any",
    "has_all",
    "hasprefix",
    "hasprefix_cs",
    "hassuffix",
    "hassuffix_cs",
    "contains",
    "contains_cs",
    "startswith",
    "startswith_cs",
    "endswith",
    "endswith_cs",
];

/// The tables of a plan, each with the needles that stand for it.
pub(super) fn tables(plan: &Plan) -> Vec<(&Plan, Vec<Needle>)> {
    let mut found = Vec::new();
    walk(plan, &[], &mut found);
    found
}

/// Texts of which the column at a place must contain one.
type Wanted = (usize, Vec<String>);

fn walk<'p>(plan: &'p Plan, wanted: &[Wanted], found: &mut Vec<(&'p Plan, Vec<Needle>)>) {
    match &plan.node {
        Node::Table { .. } => {
            let named = wanted.iter().filter_map(|(place, texts)| {
                Some((plan.schema.get(*place)?.name.clone(), texts.clone()))
            });
            found.push((plan, named.collect()));
        }
        Node::Filter { input, predicate } => {
            let mut wanted = wanted.to_vec();
            conjuncts(predicate, &mut wanted);
            walk(input, &wanted, found);
        }
        Node::Sort { input, .. } => walk(input, wanted, found),
        Node::Project { input, expressions } => {
            let passed: BTreeMap<usize, usize> = expressions
                .iter()
                .enumerate()
                .filter_map(|(place, made)| match made.kind {
                    ExpressionKind::Column(below) => Some((place, below)),
                    _ => None,
                })
                .collect();
            let below = wanted
                .iter()
                .filter_map(|(place, texts)| Some((*passed.get(place)?, texts.clone())));
            walk(input, &below.collect::<Vec<_>>(), found);
        }
        Node::Union { inputs } => inputs.iter().for_each(|input| walk(input, wanted, found)),
        node => inputs(node).into_iter().for_each(|input| walk(input, &[], found)),
    }
}

/// What each of the conditions wants that must all hold.
fn conjuncts(predicate: &Expression, wanted: &mut Vec<Wanted>) {
    let ExpressionKind::Call { function, arguments } = &predicate.kind else { return };
    if function.name == "and" {
        arguments.iter().for_each(|argument| conjuncts(argument, wanted));
        return;
    }
    if !TELLING.contains(&function.name) {
        return;
    }
    let Some((subject, others)) = arguments.split_first() else { return };
    let ExpressionKind::Column(place) = subject.kind else { return };
    if subject.r#type != coldtrail_rules::kql::Type::String {
        return;
    }
    let mut texts = Vec::new();
    let is_told = others.iter().all(|other| match &other.kind {
        ExpressionKind::Literal(value) => texts_of(value, &mut texts),
        _ => false,
    });
    if is_told && !texts.is_empty() {
        wanted.push((place, texts));
    }
}

/// Adds the texts of a constant; false if one of them tells nothing about the bytes of a row: an empty one
/// is everywhere, and other letters than ASCII's have cases that bytes do not show.
fn texts_of(value: &Value, texts: &mut Vec<String>) -> bool {
    match value {
        Value::String(text) | Value::Dynamic(Dynamic::String(text)) => {
            texts.push(text.clone());
            !text.is_empty() && text.is_ascii()
        }
        Value::Dynamic(Dynamic::Array(elements)) => {
            elements.iter().all(|element| texts_of(&Value::of_dynamic(element.clone()), texts))
        }
        _ => false,
    }
}
