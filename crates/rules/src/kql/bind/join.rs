//! `join` and `lookup`.

use std::collections::HashSet;
use std::sync::Arc;

use super::call::wider;
use super::relation::Relation;
use super::scalar::literal;
use super::scope::Scope;
use super::{Bind, Binder, error_with};
use crate::kql::plan::{Expression, JoinKind, Node};
use crate::kql::syntax::{self, ExpressionKind, Literal, Property};
use crate::kql::{Column, Problem, Schema, Span, Type, Value};

/// A pair of columns that must be equal.
struct Pair {
    left: usize,
    right: usize,
}

impl Binder<'_> {
    /// `join`: columns of the left, then those of the right, with a number behind names that the left has.
    pub(super) fn join(
        &mut self,
        left: Relation,
        properties: &[Property],
        right: &syntax::Expression,
        on: &[syntax::Expression],
        span: Span,
        scope: &Arc<Scope>,
    ) -> Bind<Relation> {
        let kind = self.property_word(properties, "kind", scope)?;
        let is_crossed = kind.as_deref() == Some("cross");
        let kind = match kind.as_deref() {
            None | Some("innerunique") => JoinKind::InnerUnique,
            Some("inner" | "cross") => JoinKind::Inner,
            Some("leftouter") => JoinKind::LeftOuter,
            Some("rightouter") => JoinKind::RightOuter,
            Some("fullouter") => JoinKind::FullOuter,
            Some("leftsemi") => JoinKind::LeftSemi,
            Some("rightsemi") => JoinKind::RightSemi,
            Some("leftanti" | "anti" | "leftantisemi") => JoinKind::LeftAnti,
            Some("rightanti" | "rightantisemi") => JoinKind::RightAnti,
            Some(other) => {
                let help = "innerunique, inner, leftouter, rightouter, fullouter, leftsemi, rightsemi, leftanti, rightanti";
                return error_with(
                    span,
                    format!("there is no join of kind `{other}`"),
                    format!("kinds are {help}"),
                );
            }
        };
        let right = self.table(right, scope)?;
        let (left, right) = self.with_keys(on, left, right);
        let pairs = self.pairs(on, &left, &right)?;
        if pairs.is_empty() && !is_crossed {
            return error_with(
                span,
                "a `join` needs columns to join on",
                "write `on Name`, or `on $left.A == $right.B`",
            );
        }
        let on = self.keys(&left, &right, &pairs)?;
        // A column that is not there may be one that the table on either side lacks.
        let is_open = match kind {
            JoinKind::LeftSemi | JoinKind::LeftAnti => left.is_open,
            JoinKind::RightSemi | JoinKind::RightAnti => right.is_open,
            _ => left.is_open || right.is_open,
        };
        let schema = match kind {
            JoinKind::LeftSemi | JoinKind::LeftAnti => left.plan.schema.clone(),
            JoinKind::RightSemi | JoinKind::RightAnti => right.plan.schema.clone(),
            _ => both(&left.plan.schema, &right.plan.schema),
        };
        let node = Node::Join { left: Box::new(left.plan), right: Box::new(right.plan), kind, on };
        Ok(Relation { is_open, ..Relation::closed(node, schema) })
    }

    /// `lookup`: a join that keeps the left rows, and leaves the right side's keys out.
    pub(super) fn lookup(
        &mut self,
        left: Relation,
        properties: &[Property],
        right: &syntax::Expression,
        on: &[syntax::Expression],
        span: Span,
        scope: &Arc<Scope>,
    ) -> Bind<Relation> {
        let kind = match self.property_word(properties, "kind", scope)?.as_deref() {
            None | Some("leftouter") => JoinKind::LeftOuter,
            Some("inner") => JoinKind::Inner,
            Some(other) => {
                return error_with(
                    span,
                    format!("there is no lookup of kind `{other}`"),
                    "kinds are leftouter and inner",
                );
            }
        };
        let right = self.table(right, scope)?;
        let (left, right) = self.with_keys(on, left, right);
        let pairs = self.pairs(on, &left, &right)?;
        if pairs.is_empty() {
            return error_with(
                span,
                "a `lookup` needs columns to look up by",
                "write `on Name`, or `on $left.A == $right.B`",
            );
        }
        let on = self.keys(&left, &right, &pairs)?;
        let (width, is_open) = (left.plan.schema.len(), left.is_open || right.is_open);
        let rights: HashSet<usize> = pairs.iter().map(|pair| pair.right).collect();
        // Names are given to what stays: a right key takes no name from another column.
        let stays: Vec<usize> =
            (0..right.plan.schema.len()).filter(|place| !rights.contains(place)).collect();
        let kept: Schema =
            stays.iter().filter_map(|place| right.plan.schema.get(*place).cloned()).collect();
        let names = both(&left.plan.schema, &kept);
        let mut schema = left.plan.schema.clone();
        schema.extend(
            right
                .plan
                .schema
                .iter()
                .enumerate()
                .map(|(place, known)| Column::new(format!("\u{1}{place}"), known.r#type)),
        );
        let node = Node::Join { left: Box::new(left.plan), right: Box::new(right.plan), kind, on };
        let joined = Relation::closed(node, schema);
        let places = (0..width).chain(stays.iter().map(|place| width + place));
        let named: Vec<_> = places.zip(names).map(|(place, known)| (place, known.name)).collect();
        Ok(joined.select(&named, is_open))
    }

    /// Both sides, with the keys that open tables lack as empty columns.
    fn with_keys(
        &mut self,
        on: &[syntax::Expression],
        mut left: Relation,
        mut right: Relation,
    ) -> (Relation, Relation) {
        let mut names = Vec::new();
        on.iter().for_each(|condition| key_names(condition, &mut names));
        for (on_left, on_right, span) in names {
            let type_in = |side: &Relation, name: &str| {
                side.plan.schema.iter().find(|known| known.name == name).map(|known| known.r#type)
            };
            match (type_in(&left, on_left), type_in(&right, on_right)) {
                (None, Some(r#type)) if left.is_open => {
                    left = self.with_key(left, on_left, r#type, span);
                }
                (Some(r#type), None) if right.is_open => {
                    right = self.with_key(right, on_right, r#type, span);
                }
                _ => {}
            }
        }
        (left, right)
    }

    fn with_key(&mut self, side: Relation, name: &str, r#type: Type, span: Span) -> Relation {
        let row = self.row(&side);
        self.missing_column(name, span, &row);
        let mut columns = side.columns();
        columns.push((name.to_owned(), literal(Value::nothing(r#type), r#type, span)));
        side.project(columns, true)
    }

    /// The pairs of columns that the conditions name.
    fn pairs(
        &mut self,
        on: &[syntax::Expression],
        left: &Relation,
        right: &Relation,
    ) -> Bind<Vec<Pair>> {
        let mut pairs = Vec::new();
        for condition in on {
            self.add_pairs(condition, left, right, &mut pairs)?;
        }
        Ok(pairs)
    }

    fn add_pairs(
        &mut self,
        condition: &syntax::Expression,
        left: &Relation,
        right: &Relation,
        pairs: &mut Vec<Pair>,
    ) -> Bind<()> {
        let span = condition.span;
        match &condition.kind {
            ExpressionKind::Pipeline { source: Some(inner), operators } if operators.is_empty() => {
                self.add_pairs(inner, left, right, pairs)
            }
            ExpressionKind::Binary { operator: "and", left: one, right: other, .. } => {
                self.add_pairs(one, left, right, pairs)?;
                self.add_pairs(other, left, right, pairs)
            }
            ExpressionKind::Binary { operator: "==", left: one, right: other, .. } => {
                let (one, other) = (sided(one), sided(other));
                let (Some(one), Some(other)) = (one, other) else {
                    return error_with(
                        span,
                        "a join compares columns alone",
                        "compute the value with `extend` before, and join on its column",
                    );
                };
                let (on_left, on_right) = match (one.0, other.0) {
                    (Some(false), _) | (None, Some(true)) => (one.1, other.1),
                    (Some(true), _) | (None, Some(false)) => (other.1, one.1),
                    (None, None) => (one.1, other.1),
                };
                let place = |side: &Relation, name: &str| side.place(name);
                let left = match place(left, on_left) {
                    Some(place) => place,
                    None => return self.no_column(on_left, span, left),
                };
                let right = match place(right, on_right) {
                    Some(place) => place,
                    None => return self.no_column(on_right, span, right),
                };
                pairs.push(Pair { left, right });
                Ok(())
            }
            _ => match sided(condition) {
                Some((_, name)) => {
                    let on_left = match left.place(name) {
                        Some(place) => place,
                        None => return self.no_column(name, span, left),
                    };
                    let on_right = match right.place(name) {
                        Some(place) => place,
                        None => {
                            return self.no_column(name, span, right).map_err(
                                |mut problem: Box<Problem>| {
                                    problem.reason = format!(
                                        "the right side of the join has no column `{name}`"
                                    );
                                    problem
                                },
                            );
                        }
                    };
                    pairs.push(Pair { left: on_left, right: on_right });
                    Ok(())
                }
                None => error_with(
                    span,
                    "a join compares columns with `==`",
                    "write `on Name`, or `on $left.A == $right.B`",
                ),
            },
        }
    }

    /// Keys of one type on both sides.
    fn keys(
        &mut self,
        left: &Relation,
        right: &Relation,
        pairs: &[Pair],
    ) -> Bind<Vec<(Expression, Expression)>> {
        let mut keys = Vec::new();
        for pair in pairs {
            let (Some(one), Some(other)) = (left.column(pair.left), right.column(pair.right))
            else {
                continue;
            };
            let Some(r#type) = wider(one.r#type, other.r#type) else {
                let name = left
                    .plan
                    .schema
                    .get(pair.left)
                    .map(|column| column.name.as_str())
                    .unwrap_or_default();
                let reason = format!(
                    "`{name}` is of type {} on the left and {} on the right",
                    one.r#type, other.r#type
                );
                // Kusto refuses it; a text equals no number in any case.
                return error_with(
                    Span::default(),
                    reason,
                    "convert one of them with tostring() or tolong() before the join",
                );
            };
            keys.push((self.convert(one, r#type)?, self.convert(other, r#type)?));
        }
        Ok(keys)
    }
}

/// The columns that a condition names, on the left and on the right.
fn key_names<'q>(condition: &'q syntax::Expression, names: &mut Vec<(&'q str, &'q str, Span)>) {
    match &condition.kind {
        ExpressionKind::Pipeline { source: Some(inner), operators } if operators.is_empty() => {
            key_names(inner, names);
        }
        ExpressionKind::Binary { operator: "and", left, right, .. } => {
            key_names(left, names);
            key_names(right, names);
        }
        ExpressionKind::Binary { operator: "==", left, right, .. } => {
            match (sided(left), sided(right)) {
                (Some((Some(true), right)), Some((_, left)))
                | (Some((_, left)), Some((_, right))) => names.push((left, right, condition.span)),
                _ => {}
            }
        }
        _ => names.extend(sided(condition).map(|(_, name)| (name, name, condition.span))),
    }
}

/// The side (`true` for the right) and the column that a key names.
fn sided(key: &syntax::Expression) -> Option<(Option<bool>, &str)> {
    match &key.kind {
        ExpressionKind::Name(name) => Some((None, name)),
        ExpressionKind::Member { of, name } => Some((Some(side(of)?), &name.text)),
        ExpressionKind::Index { of, index } => match &index.kind {
            ExpressionKind::Literal(Literal { value: Value::String(text), .. }) => {
                Some((Some(side(of)?), text))
            }
            _ => None,
        },
        ExpressionKind::Pipeline { source: Some(inner), operators } if operators.is_empty() => {
            sided(inner)
        }
        _ => None,
    }
}

fn side(of: &syntax::Expression) -> Option<bool> {
    match &of.kind {
        ExpressionKind::Name(name) if name == "$left" => Some(false),
        ExpressionKind::Name(name) if name == "$right" => Some(true),
        _ => None,
    }
}

/// The columns of both sides; a right one whose name is taken has a number behind it.
pub(super) fn both(left: &[Column], right: &[Column]) -> Schema {
    let mut taken: HashSet<String> = left.iter().map(|column| column.name.clone()).collect();
    let spelled: HashSet<String> = right.iter().map(|column| column.name.clone()).collect();
    let mut schema = left.to_vec();
    for known in right {
        let mut name = known.name.clone();
        let mut number = 0;
        while taken.contains(&name) || (number > 0 && spelled.contains(&name)) {
            number += 1;
            name = format!("{}{number}", known.name);
        }
        taken.insert(name.clone());
        schema.push(Column::new(name, known.r#type));
    }
    schema
}

/// A cross join, whose columns have those names.
pub(super) fn crossed(left: Relation, right: Relation) -> Relation {
    let schema = both(&left.plan.schema, &right.plan.schema);
    let node = Node::Join {
        left: Box::new(left.plan),
        right: Box::new(right.plan),
        kind: JoinKind::Inner,
        on: Vec::new(),
    };
    Relation::closed(node, schema)
}

/// An equality join on one column of each side, whose columns have those names.
pub(super) fn joined(
    left: Relation,
    right: Relation,
    kind: JoinKind,
    on: (usize, usize),
) -> Relation {
    let schema = both(&left.plan.schema, &right.plan.schema);
    let keys = left.column(on.0).zip(right.column(on.1));
    let node = Node::Join {
        left: Box::new(left.plan),
        right: Box::new(right.plan),
        kind,
        on: keys.into_iter().collect(),
    };
    Relation::closed(node, schema)
}
