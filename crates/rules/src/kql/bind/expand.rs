//! `mv-expand` and `mv-apply`: dynamic values taken apart.

use std::sync::Arc;

use super::names;
use super::operator::property;
use super::relation::{Relation, column};
use super::scope::Scope;
use super::{Bind, Binder, error, error_with};
use crate::kql::plan::{ExpandedColumn, Expression, Node, Plan};
use crate::kql::syntax::{self, Expanded, Property};
use crate::kql::{Column, Problem, Schema, Span, Type};

/// What is taken apart, and what the elements are called.
struct Apart {
    columns: Vec<ExpandedColumn>,
    names: Vec<String>,
    index: Option<String>,
    limit: Option<u64>,
}

impl Binder<'_> {
    /// `mv-expand`.
    pub(super) fn mv_expand(
        &mut self,
        input: Relation,
        properties: &[Property],
        columns: &[Expanded],
        limit: Option<&syntax::Expression>,
        span: Span,
        scope: &Arc<Scope>,
    ) -> Bind<Relation> {
        let apart = self.apart(&input, properties, columns, limit, span, scope)?;
        let (schema, layout) = laid_out(&input.plan.schema, &apart);
        let is_open = input.is_open;
        let node = Node::Expand {
            input: Box::new(input.plan),
            columns: apart.columns,
            with_index: apart.index.is_some(),
            limit: apart.limit,
            keeps_empty: true,
        };
        Ok(Relation::closed(node, schema).project(layout, is_open))
    }

    /// `mv-apply`: the body sees the rows that `mv-expand` would make of one row.
    #[expect(clippy::too_many_arguments, reason = "these are the parts of the operator")]
    pub(super) fn mv_apply(
        &mut self,
        input: Relation,
        properties: &[Property],
        columns: &[Expanded],
        limit: Option<&syntax::Expression>,
        body: &syntax::Expression,
        span: Span,
        scope: &Arc<Scope>,
    ) -> Bind<Relation> {
        let apart = self.apart(&input, properties, columns, limit, span, scope)?;
        let (schema, layout) = laid_out(&input.plan.schema, &apart);
        let subtable =
            Relation { plan: Plan { node: Node::Subtable, schema }, is_open: input.is_open };
        let is_open = input.is_open;
        let subtable = subtable.project(layout, is_open);
        let body = self.subquery(body, subtable, span, scope)?;
        let width = input.plan.schema.len();
        let mut schema = input.plan.schema.clone();
        schema.extend(
            body.plan
                .schema
                .iter()
                .enumerate()
                .map(|(place, known)| Column::new(format!("\u{1}{place}"), known.r#type)),
        );
        // A column that the body gives stands for the input's of the same name.
        let outer: Vec<(usize, String)> = input
            .plan
            .schema
            .iter()
            .enumerate()
            .filter(|(_, known)| body.plan.column(&known.name).is_none())
            .map(|(place, known)| (place, known.name.clone()))
            .collect();
        let inner = body
            .plan
            .schema
            .iter()
            .enumerate()
            .map(|(place, known)| (width + place, known.name.clone()));
        let places: Vec<_> = outer.into_iter().chain(inner).collect();
        let node = Node::Apply {
            input: Box::new(input.plan),
            body: Box::new(body.plan),
            columns: apart.columns,
            with_index: apart.index.is_some(),
            limit: apart.limit,
        };
        Ok(Relation::closed(node, schema).select(&places, is_open))
    }

    fn apart(
        &mut self,
        input: &Relation,
        properties: &[Property],
        columns: &[Expanded],
        limit: Option<&syntax::Expression>,
        span: Span,
        scope: &Arc<Scope>,
    ) -> Bind<Apart> {
        let kind = match self.property_word(properties, "bagexpansion", scope)? {
            Some(kind) => Some(kind),
            None => self.property_word(properties, "kind", scope)?,
        };
        let is_pairs = match kind.as_deref() {
            None | Some("bag") => false,
            Some("array") => true,
            Some(other) => {
                return error_with(
                    span,
                    format!("there is no expansion of kind `{other}`"),
                    "kinds are bag and array",
                );
            }
        };
        let index = match property(properties, "with_itemindex") {
            Some(name) => Some(self.word(name, scope)?),
            None => None,
        };
        let limit = match limit {
            Some(limit) => Some(self.count(limit, scope)?),
            None => None,
        };
        let row = self.row(input);
        let (mut expanded, mut called) = (Vec::new(), Vec::new());
        for one in columns {
            let mut expression = self.scalar(&one.column.value, scope, &row)?;
            match expression.r#type {
                Type::Dynamic => {}
                Type::String => {
                    let reason = "this takes a text apart, which is read as JSON";
                    self.warn(
                        Problem::warning(one.column.value.span, reason)
                            .help("write `parse_json(…)` around it"),
                    );
                    expression =
                        self.apply("parse_json", vec![expression], one.column.value.span)?;
                }
                other => {
                    return error_with(
                        one.column.value.span,
                        format!("a value of type {other} cannot be taken apart"),
                        "only dynamic values can",
                    );
                }
            }
            let name = match one.column.names.first() {
                Some(name) => name.text.clone(),
                None => names::of(&one.column.value)
                    .unwrap_or_else(|| format!("Column{}", called.len() + 1)),
            };
            called.push(name);
            expanded.push(ExpandedColumn {
                expression,
                r#type: one.to.unwrap_or(Type::Dynamic),
                is_pairs,
            });
        }
        if expanded.is_empty() {
            return error(span, "a column to take apart is needed");
        }
        Ok(Apart { columns: expanded, names: called, index, limit })
    }
}

/// The columns of the node, and in which order and under which names they come out: elements where the column
/// of their name stood, or else at the end, and the index behind all.
fn laid_out(input: &Schema, apart: &Apart) -> (Schema, Vec<(String, Expression)>) {
    let mut schema = input.clone();
    let index = apart.index.as_ref().map(|name| {
        schema.push(Column::new("\u{1}index", Type::Long));
        (name.clone(), column(schema.len() - 1, Type::Long))
    });
    let mut layout: Vec<(String, Expression)> = input
        .iter()
        .enumerate()
        .map(|(place, known)| (known.name.clone(), column(place, known.r#type)))
        .collect();
    for (place, (expanded, name)) in apart.columns.iter().zip(&apart.names).enumerate() {
        schema.push(Column::new(format!("\u{1}element{place}"), expanded.r#type));
        let element = column(schema.len() - 1, expanded.r#type);
        match layout.iter_mut().find(|(known, _)| known == name) {
            Some(known) => known.1 = element,
            None => layout.push((name.clone(), element)),
        }
    }
    layout.extend(index);
    (schema, layout)
}
