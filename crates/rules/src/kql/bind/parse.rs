//! `parse`, `parse-where` and `parse-kv`: columns out of text.

use std::sync::Arc;

use super::relation::Relation;
use super::scalar::literal;
use super::scope::Scope;
use super::source::declared;
use super::{Bind, Binder, error, error_with};
use crate::kql::functions::patterns::{KeyValues, Part, Pattern, PatternKind};
use crate::kql::plan::{Expression, Node};
use crate::kql::syntax::{self, DeclaredColumn, ParsePart, Property};
use crate::kql::{Span, Type, Value};

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
        let kind = match self.property_word(properties, "kind", scope)? {
            None => PatternKind::Simple,
            Some(word) => match PatternKind::from_name(&word) {
                Some(kind) => kind,
                None => {
                    let reason = format!("there is no `parse` of kind `{word}`");
                    return error_with(span, reason, "kinds are simple, regex and relaxed");
                }
            },
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
        let pattern = Pattern { kind, flags, parts };
        if let Err(reason) = pattern.check() {
            return error(span, reason);
        }
        let pattern = literal(pattern.literal(), Type::String, span);
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
        let mut wanted = KeyValues {
            keys: schema.iter().map(|column| column.name.clone()).collect(),
            ..KeyValues::default()
        };
        let (mut pair, mut value) = (None, None);
        for property in properties {
            let said = self.word(&property.value, scope)?;
            match property.name.text.to_lowercase().as_str() {
                "pair_delimiter" => pair = Some(said),
                "kv_delimiter" => value = Some(said),
                "quote" => wanted.quotes.extend(quotes(&said)),
                "escape" => wanted.escapes.extend(said.chars()),
                "greedy" => wanted.is_greedy = said.eq_ignore_ascii_case("true"),
                "regex" => wanted.expression = Some(said),
                other => {
                    return error(
                        property.name.span,
                        format!("`parse-kv` has no option `{other}`"),
                    );
                }
            }
        }
        wanted.delimiters = match (pair, value) {
            (None, None) => None,
            (pair, value) => Some((
                pair.unwrap_or_else(|| " ".to_owned()),
                value.unwrap_or_else(|| "=".to_owned()),
            )),
        };
        if let Err(reason) = wanted.check() {
            return error(span, reason);
        }
        let options = literal(wanted.literal(), Type::String, span);
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
}

/// A pair of quotes: one letter stands for both.
fn quotes(said: &str) -> Option<(char, char)> {
    let mut letters = said.chars();
    let open = letters.next()?;
    Some((open, letters.next().unwrap_or(open)))
}

/// A column in place of the one of its name, or behind all.
fn put(all: &mut Vec<(String, Expression)>, name: String, value: Expression) {
    match all.iter_mut().find(|(known, _)| *known == name) {
        Some(column) => column.1 = value,
        None => all.push((name, value)),
    }
}
