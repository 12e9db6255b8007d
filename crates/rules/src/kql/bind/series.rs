//! `make-series`.

use std::sync::Arc;

use super::names::{self, Namer};
use super::relation::{Relation, column};
use super::scalar::{Row, literal};
use super::scope::Scope;
use super::{Bind, Binder, error};
use crate::kql::plan::{Aggregate, Node};
use crate::kql::syntax::{Expression, ExpressionKind, Named, Property};
use crate::kql::{Column, Schema, Span, Type, Value, aggregates};

/// The axis of a series.
pub(super) struct Range<'q> {
    /// What is put into bins.
    pub(super) on: &'q Named,
    /// Where it begins.
    pub(super) from: Option<&'q Expression>,
    /// Before what it ends.
    pub(super) to: Option<&'q Expression>,
    /// The width of a bin.
    pub(super) step: &'q Expression,
}

impl Binder<'_> {
    /// `make-series aggregates on axis from … to … step … by keys`.
    #[expect(clippy::too_many_arguments, reason = "these are the parts of the operator")]
    pub(super) fn make_series(
        &mut self,
        input: Relation,
        properties: &[Property],
        aggregates: &[(Named, Option<Expression>)],
        range: &Range<'_>,
        by: &[Named],
        span: Span,
        scope: &Arc<Scope>,
    ) -> Bind<Relation> {
        let is_nonempty =
            self.property_word(properties, "kind", scope)?.is_some_and(|kind| kind == "nonempty");
        let row = self.row(&input);
        let axis = self.scalar(&range.on.value, scope, &row)?;
        let is_time = axis.r#type == Type::DateTime;
        let mut bound = |expression: Option<&Expression>, r#type: Type| -> Bind<Option<Value>> {
            let Some(expression) = expression else { return Ok(None) };
            let (value, _) = self.constant(expression, scope)?;
            match value.convert(r#type) {
                Value::Null => {
                    error(expression.span, format!("this must be a {type}", r#type = r#type.name()))
                }
                value => Ok(Some(value)),
            }
        };
        let from = bound(range.from, axis.r#type)?;
        let to = bound(range.to, axis.r#type)?;
        let step = bound(Some(range.step), if is_time { Type::TimeSpan } else { axis.r#type })?;
        let Some(step) = step else { return error(span, "a step is needed") };
        let mut namer = Namer::default();
        let (mut keys, mut schema, mut names): (_, Schema, Vec<String>) =
            (Vec::new(), Vec::new(), Vec::new());
        for named in by {
            for (name, expression) in self.named_columns(named, &row, scope)? {
                let name = match name {
                    Some(name) => name,
                    None => namer.place(),
                };
                names.push(namer.take(&name));
                schema.push(Column::new(format!("\u{1}{}", schema.len()), expression.r#type));
                keys.push(expression);
            }
        }
        if by.is_empty() && !is_nonempty {
            // No rows make no series, as no rows make no group; the series of defaults is what
            // `kind=nonempty` asks for.
            let everything = literal(Value::Bool(true), Type::Bool, span);
            schema.push(Column::new("\u{1}all", Type::Bool));
            keys.push(everything);
        }
        let hidden = keys.len() - names.len();
        let mut series = Vec::new();
        for (named, default) in aggregates {
            let (aggregate, r#type) = self.series_aggregate(&named.value, &row, scope)?;
            let default = match default {
                Some(default) => self.constant(default, scope)?.0.convert(r#type),
                None if r#type.is_number() => Value::Long(0).convert(r#type),
                None => Value::nothing(r#type),
            };
            let name = named
                .names
                .first()
                .map(|name| name.text.clone())
                .or_else(|| names::of(&named.value));
            let name = match name {
                Some(name) => name,
                None => namer.place(),
            };
            names.push(namer.take(&name));
            schema.push(Column::new(format!("\u{1}{}", schema.len()), Type::Dynamic));
            series.push((aggregate, default));
        }
        let axis_name = range
            .on
            .names
            .first()
            .map(|name| name.text.clone())
            .or_else(|| names::of(&range.on.value));
        let axis_name = match axis_name {
            Some(name) => name,
            None => namer.place(),
        };
        names.push(namer.take(&axis_name));
        schema.push(Column::new(format!("\u{1}{}", schema.len()), Type::Dynamic));
        let node = Node::MakeSeries {
            input: Box::new(input.plan),
            keys,
            aggregates: series,
            axis,
            from,
            to,
            step,
        };
        let named: Vec<_> = names
            .into_iter()
            .zip(schema.iter().enumerate().skip(hidden))
            .map(|(name, (place, known))| (name, column(place, known.r#type)))
            .collect();
        Ok(Relation::closed(node, schema).project(named, false))
    }

    /// What a series is of: an aggregate, or a constant, which stands wherever there are rows.
    fn series_aggregate(
        &mut self,
        value: &Expression,
        row: &Row,
        scope: &Arc<Scope>,
    ) -> Bind<(Aggregate, Type)> {
        let is_call = matches!(value.kind, ExpressionKind::Call { .. });
        if !is_call
            && let Some(function) = aggregates::aggregate("take_any")
            && let Ok((constant, r#type)) = self.constant(value, scope)
        {
            let arguments = vec![literal(constant, r#type, value.span)];
            return Ok((Aggregate { function, arguments, width: 1 }, r#type));
        }
        self.one_aggregate(value, row, scope)
    }
}
