//! `parse`, `parse-where` and `parse-kv`: columns out of text.

use std::sync::Arc;

use super::relation::Relation;
use super::scalar::literal;
use super::scope::Scope;
use super::source::declared;
use super::{Bind, Binder, error, error_with};
use crate::kql::functions::patterns::{Kind, Part, Pattern};
use crate::kql::plan::{Expression, Node};
use crate::kql::syntax::{self, DeclaredColumn, ParsePart, Property};
use crate::kql::{Dynamic, Span, Type, Value};

impl Binder<'_> {
    /// `parse` and `parse-where`.
    #[expect(clippy::too_many_arguments, reason = "these are the parts of the operator")]
    pub(super) fn parse(
        &mut self,
        input: Relation,
        is_where: bool,
        properties: &[Property],
        of: &syntax::Expression,
        pattern: &[ParsePart],
        span: Span,
        scope: &Arc<Scope>,
    ) -> Bind<Relation> {
        let kind = match self.property_word(properties, "kind", scope)?.as_deref() {
            None | Some("simple") => Kind::Simple,
            Some("relaxed") => Kind::Relaxed,
            Some("regex") => Kind::Regex,
            Some(other) => {
                return error_with(
                    span,
                    format!("there is no `parse` of kind `{other}`"),
                    "kinds are simple, regex and relaxed",
                );
            }
        };
        let flags = self.property_flags(properties, scope)?;
        let row = self.row(&input);
        let text = self.scalar_as(of, Type::String, scope, &row)?;
        let mut parts = Vec::new();
        let mut columns = Vec::new();
        for part in pattern {
            parts.push(match part {
                ParsePart::Star => Part::Star,
                ParsePart::Text { text, .. } => Part::Text(text.clone()),
                ParsePart::Column { name, r#type } => {
                    let r#type = r#type.unwrap_or(Type::String);
                    columns.push((name.text.clone(), r#type));
                    Part::Column(r#type)
                }
            });
        }
        let pattern = match Pattern::new(parts, kind, &flags) {
            Ok(pattern) => pattern,
            Err(reason) => return error(span, reason),
        };
        let pattern = literal(pattern.literal(), Type::Dynamic, span);
        let captured = self.apply("parse_pattern", vec![text, pattern], span)?;
        // Captured once, in a column of its own; the columns are taken from it behind.
        let width = input.plan.schema.len();
        let mut all = input.columns();
        all.push(("\u{1}captured".to_owned(), captured));
        let is_open = input.is_open;
        let mut parsed = input.project(all, is_open);
        let Some(captured) = parsed.column(width) else {
            return error(span, "nothing was captured");
        };
        if is_where {
            let predicate = self.apply("isnotnull", vec![captured.clone()], span)?;
            parsed = parsed.then(|input| Node::Filter { input, predicate });
        }
        let mut all: Vec<(String, Expression)> = super::operator::first_columns(width, &parsed);
        for (place, (name, r#type)) in columns.into_iter().enumerate() {
            let value = self.element(captured.clone(), place, r#type)?;
            put(&mut all, name, value);
        }
        Ok(parsed.project(all, is_open))
    }

    fn property_flags(&mut self, properties: &[Property], scope: &Arc<Scope>) -> Bind<String> {
        match super::operator::property(properties, "flags") {
            Some(flags) => self.word(flags, scope),
            None => Ok(String::new()),
        }
    }

    /// `parse-kv`.
    pub(super) fn parse_kv(
        &mut self,
        input: Relation,
        of: &syntax::Expression,
        columns: &[DeclaredColumn],
        properties: &[Property],
        span: Span,
        scope: &Arc<Scope>,
    ) -> Bind<Relation> {
        let schema = declared(columns)?;
        let row = self.row(&input);
        let text = self.scalar_as(of, Type::String, scope, &row)?;
        let mut options = indexmap::IndexMap::new();
        for property in properties {
            let value = self.constant_word(&property.value, scope)?;
            options.insert(property.name.text.to_lowercase(), value);
        }
        let names = schema.iter().map(|column| Dynamic::String(column.name.clone()));
        options.insert("columns".to_owned(), Dynamic::Array(names.collect()));
        let options = literal(Value::Dynamic(Dynamic::Bag(options)), Type::Dynamic, span);
        let captured = self.apply("parse_kv", vec![text, options], span)?;
        let width = input.plan.schema.len();
        let mut all = input.columns();
        all.push(("\u{1}captured".to_owned(), captured));
        let is_open = input.is_open;
        let parsed = input.project(all, is_open);
        let Some(captured) = parsed.column(width) else {
            return error(span, "nothing was captured");
        };
        let mut all = super::operator::first_columns(width, &parsed);
        for column in schema {
            let name = literal(Value::String(column.name.clone()), Type::String, span);
            let value = self.apply(".", vec![captured.clone(), name], span)?;
            put(&mut all, column.name, self.convert(value, column.r#type)?);
        }
        Ok(parsed.project(all, is_open))
    }

    fn constant_word(
        &mut self,
        expression: &syntax::Expression,
        scope: &Arc<Scope>,
    ) -> Bind<Dynamic> {
        if let syntax::ExpressionKind::Name(name) = &expression.kind
            && scope.find(name).is_none()
        {
            return Ok(Dynamic::String(name.clone()));
        }
        Ok(self.constant(expression, scope)?.0.into_dynamic())
    }
}

/// A column in place of the one of its name, or behind all.
fn put(all: &mut Vec<(String, Expression)>, name: String, value: Expression) {
    match all.iter_mut().find(|(known, _)| *known == name) {
        Some(column) => column.1 = value,
        None => all.push((name, value)),
    }
}
