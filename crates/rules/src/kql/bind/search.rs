//! `search` and `find`: many tables at once.

use std::sync::Arc;

use super::relation::{Relation, column};
use super::scalar::{Row, literal};
use super::scope::Scope;
use super::union::named_tables;
use super::{Bind, Binder};
use crate::kql::plan::{self, Node};
use crate::kql::syntax::{Expression, ExpressionKind, Literal, Named, Property};
use crate::kql::{Column, Schema, Span, Type, Value};

impl Binder<'_> {
    /// `search`: a bare text is a term that any column may have.
    pub(super) fn search(
        &mut self,
        input: Option<Relation>,
        properties: &[Property],
        tables: &[Expression],
        predicate: &Expression,
        span: Span,
        scope: &Arc<Scope>,
    ) -> Bind<Relation> {
        let is_exact = self
            .property_word(properties, "kind", scope)?
            .is_some_and(|kind| kind == "case_sensitive");
        let operator = if is_exact { "has_cs" } else { "has" };
        if let Some(input) = input {
            return self.searched(input, predicate, operator, scope);
        }
        let mut found = Vec::new();
        for (name, relation) in named_tables(self, tables, span, scope)? {
            found.push((name, self.searched(relation, predicate, operator, scope)?));
        }
        self.united(found, Some("$table"), false)
    }

    fn searched(
        &mut self,
        relation: Relation,
        predicate: &Expression,
        operator: &'static str,
        scope: &Arc<Scope>,
    ) -> Bind<Relation> {
        let row = self.row(&relation);
        let predicate = self.searched_for(predicate, operator, &row, scope)?;
        let predicate = self.convert(predicate, Type::Bool)?;
        Ok(relation.then(|input| Node::Filter { input, predicate }))
    }

    /// A predicate in which a bare text is looked for in all columns.
    fn searched_for(
        &mut self,
        predicate: &Expression,
        operator: &'static str,
        row: &Row,
        scope: &Arc<Scope>,
    ) -> Bind<plan::Expression> {
        let span = predicate.span;
        match &predicate.kind {
            ExpressionKind::Star => Ok(literal(Value::Bool(true), Type::Bool, span)),
            ExpressionKind::Literal(Literal { value: Value::String(text), .. }) => {
                if text == "*" || text.is_empty() {
                    return Ok(literal(Value::Bool(true), Type::Bool, span));
                }
                let (operator, text) = match (text.strip_prefix('*'), text.strip_suffix('*')) {
                    (Some(text), None) => ("hassuffix", text),
                    (None, Some(text)) => ("hasprefix", text),
                    (Some(_), Some(_)) => ("contains", text.trim_matches('*')),
                    (None, None) => (operator, text.as_str()),
                };
                self.in_any_column(operator, text, span, row)
            }
            ExpressionKind::Binary { operator: joint @ ("and" | "or"), left, right, .. } => {
                let left = self.searched_for(left, operator, row, scope)?;
                let right = self.searched_for(right, operator, row, scope)?;
                self.apply(joint, vec![left, right], span)
            }
            ExpressionKind::Pipeline { source: Some(inner), operators } if operators.is_empty() => {
                self.searched_for(inner, operator, row, scope)
            }
            ExpressionKind::Call { name, arguments }
                if name.text == "not" && arguments.len() == 1 =>
            {
                let Some(first) = arguments.first() else {
                    return self.scalar(predicate, scope, row);
                };
                let inner = self.searched_for(&first.value, operator, row, scope)?;
                self.apply("not", vec![inner], span)
            }
            _ => self.scalar(predicate, scope, row),
        }
    }

    fn in_any_column(
        &mut self,
        operator: &str,
        text: &str,
        span: Span,
        row: &Row,
    ) -> Bind<plan::Expression> {
        let mut all = Vec::new();
        for (place, known) in row.columns.iter().enumerate() {
            if matches!(known.r#type, Type::String | Type::Dynamic) {
                let wanted = literal(Value::String(text.to_owned()), Type::String, span);
                all.push(self.apply(operator, vec![column(place, known.r#type), wanted], span)?);
            }
        }
        self.any(all, span)
    }

    /// `find`: the rows of several tables with their source, the columns asked for, and the rest as a bag.
    #[expect(clippy::too_many_arguments, reason = "these are the parts of the operator")]
    pub(super) fn find(
        &mut self,
        input: Option<Relation>,
        properties: &[Property],
        tables: &[Expression],
        predicate: &Expression,
        project: &[Named],
        span: Span,
        scope: &Arc<Scope>,
    ) -> Bind<Relation> {
        let source = match super::operator::property(properties, "withsource") {
            Some(name) => self.word(name, scope)?,
            None => "source_".to_owned(),
        };
        let tables = match input {
            Some(input) => vec![("find_arg0".to_owned(), input)],
            None => named_tables(self, tables, span, scope)?,
        };
        let mut mentioned = Vec::new();
        mention(predicate, &mut mentioned);
        let is_common = |known: &Column| {
            tables.len() > 1
                && tables.iter().all(|(_, relation)| relation.plan.schema.contains(known))
        };
        let first = tables.first().map(|(_, relation)| relation.plan.schema.clone());
        let common: Schema = first.unwrap_or_default().into_iter().filter(is_common).collect();
        let mut found = Vec::new();
        for (name, relation) in tables {
            let filtered = self.searched(relation, predicate, "has", scope)?;
            let row = self.row(&filtered);
            let mut columns = Vec::new();
            if project.is_empty() {
                let mut rest = Vec::new();
                for (place, known) in filtered.plan.schema.iter().enumerate() {
                    if mentioned.contains(&known.name.as_str()) || common.contains(known) {
                        columns.push((known.name.clone(), column(place, known.r#type)));
                    } else {
                        rest.push(literal(Value::String(known.name.clone()), Type::String, span));
                        rest.push(column(place, known.r#type));
                    }
                }
                columns.push(("pack_".to_owned(), self.apply("bag_pack", rest, span)?));
            } else {
                for named in project {
                    for (own, expression) in self.named_columns(named, &row, scope)? {
                        columns.push((own.unwrap_or_else(|| "Column1".to_owned()), expression));
                    }
                }
            }
            found.push((name, filtered.project(columns, false)));
        }
        self.united(found, Some(&source), false)
    }
}

/// The names that an expression mentions.
fn mention<'q>(expression: &'q Expression, names: &mut Vec<&'q str>) {
    match &expression.kind {
        ExpressionKind::Name(name) => names.push(name),
        ExpressionKind::Binary { left, right, .. } => {
            mention(left, names);
            mention(right, names);
        }
        ExpressionKind::Membership { left, .. } => mention(left, names),
        ExpressionKind::Between { of, .. }
        | ExpressionKind::Member { of, .. }
        | ExpressionKind::Index { of, .. } => mention(of, names),
        ExpressionKind::Call { arguments, .. } => {
            arguments.iter().for_each(|argument| mention(&argument.value, names))
        }
        ExpressionKind::Pipeline { source: Some(source), operators } if operators.is_empty() => {
            mention(source, names)
        }
        _ => {}
    }
}
