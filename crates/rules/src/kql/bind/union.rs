//! `union`: the rows of several tables, their columns matched by name.

use std::sync::Arc;

use super::names::Namer;
use super::operator::property;
use super::projection::fits;
use super::relation::{Relation, column};
use super::scalar::literal;
use super::scope::{Entity, Scope};
use super::{Bind, Binder, error_with};
use crate::kql::plan::{Expression, Node, Plan};
use crate::kql::syntax::{self, ExpressionKind, Property};
use crate::kql::{Column, Problem, Schema, Span, Type, Value};

impl Binder<'_> {
    /// `union`.
    pub(super) fn union(
        &mut self,
        input: Option<Relation>,
        properties: &[Property],
        tables: &[syntax::Expression],
        span: Span,
        scope: &Arc<Scope>,
    ) -> Bind<Relation> {
        let is_fuzzy =
            self.property_word(properties, "isfuzzy", scope)?.is_some_and(|word| word == "true");
        let is_inner =
            self.property_word(properties, "kind", scope)?.is_some_and(|word| word == "inner");
        let source = match property(properties, "withsource")
            .or_else(|| property(properties, "with_source"))
        {
            Some(name) => Some(self.word(name, scope)?),
            None => None,
        };
        let mut parts: Vec<(String, Relation)> = Vec::new();
        parts.extend(input.map(|relation| (source_name(&relation, 0), relation)));
        for table in tables {
            match self.union_part(table, scope) {
                Ok(some) => {
                    for (name, relation) in some {
                        let name = name.unwrap_or_else(|| format!("union_arg{}", parts.len()));
                        parts.push((name, relation));
                    }
                }
                Err(problem) if is_fuzzy && is_unknown(&problem) => {
                    let reason = format!("left out of the union: {}", problem.reason);
                    self.warn(Problem::warning(problem.span, reason));
                }
                Err(problem) => return Err(problem),
            }
        }
        if parts.is_empty() {
            return error_with(
                span,
                "no table is left to unite",
                "name a table that there is; `coldtrail query --schema` lists them",
            );
        }
        self.united(parts, source.as_deref(), is_inner)
    }

    /// The tables that one item of the union names.
    fn union_part(
        &mut self,
        table: &syntax::Expression,
        scope: &Arc<Scope>,
    ) -> Bind<Vec<(Option<String>, Relation)>> {
        let pattern = match &table.kind {
            ExpressionKind::Wildcard(pattern) => pattern.as_str(),
            ExpressionKind::Star => "*",
            ExpressionKind::Name(name) => {
                let relation = self.table(table, scope)?;
                return Ok(vec![(Some(name.clone()), relation)]);
            }
            _ => return Ok(vec![(None, self.table(table, scope)?)]),
        };
        self.tables_like(pattern, table.span, scope)
            .map(|all| all.into_iter().map(|(name, relation)| (Some(name), relation)).collect())
    }

    /// All tables of which the name fits a pattern: views of the query in the order of their definition, then
    /// the tables of the environment. Other `let`s are no part of it, as documented.
    pub(super) fn tables_like(
        &mut self,
        pattern: &str,
        span: Span,
        scope: &Arc<Scope>,
    ) -> Bind<Vec<(String, Relation)>> {
        let mut found: Vec<(String, Relation)> = Vec::new();
        let mut defined: Vec<(&str, &Entity)> = Vec::new();
        for (name, entity) in scope.entries() {
            if fits(pattern, name) && !defined.iter().any(|(inner, _)| *inner == name) {
                defined.push((name, entity));
            }
        }
        for (name, entity) in defined.into_iter().rev() {
            if matches!(entity, Entity::Function { function, .. } if function.is_view) {
                let named = ExpressionKind::Name(name.to_owned());
                let view = self.table(&syntax::Expression { kind: named, span }, scope)?;
                found.push((name.to_owned(), view));
            }
        }
        let all =
            if pattern == "*" { self.environment.everything() } else { self.environment.tables() };
        let names: Vec<String> = all.into_iter().filter(|name| fits(pattern, name)).collect();
        for name in names {
            if let Some(Entity::Table(relation)) = self.base_table(&name, span)? {
                found.push((name, relation));
            }
        }
        if found.is_empty() {
            return error_with(
                span,
                format!("there is no table `{pattern}`"),
                "`coldtrail query --schema` lists the tables there are",
            );
        }
        Ok(found)
    }

    /// Tables side by side, with the columns of all, or of those that all have.
    pub(super) fn united(
        &mut self,
        parts: Vec<(String, Relation)>,
        source: Option<&str>,
        is_inner: bool,
    ) -> Bind<Relation> {
        let schema = united_schema(&parts, is_inner);
        // A column that is not there may be one that any of the tables lacks.
        let is_open = parts.iter().any(|(_, relation)| relation.is_open);
        let mut inputs = Vec::with_capacity(parts.len());
        for (name, relation) in parts {
            let mut columns: Vec<(String, Expression)> = Vec::new();
            if let Some(source) = source {
                columns.push((
                    source.to_owned(),
                    literal(Value::String(name), Type::String, Span::default()),
                ));
            }
            for (own, wanted) in &schema {
                let place = relation
                    .plan
                    .schema
                    .iter()
                    .position(|known| known.name == *own && known.r#type == wanted.r#type);
                let expression = match place {
                    Some(place) => column(place, wanted.r#type),
                    None => literal(Value::nothing(wanted.r#type), wanted.r#type, Span::default()),
                };
                columns.push((wanted.name.clone(), expression));
            }
            inputs.push(relation.project(columns, false).plan);
        }
        let schema = inputs.first().map(|plan| plan.schema.clone()).unwrap_or_default();
        Ok(Relation { plan: Plan { node: Node::Union { inputs }, schema }, is_open })
    }
}

/// The columns of a union with the names that they have in its parts. Columns of one name and several types
/// stand side by side, told apart by the name of the type.
fn united_schema(parts: &[(String, Relation)], is_inner: bool) -> Vec<(String, Column)> {
    let mut all: Schema = Vec::new();
    for (_, relation) in parts {
        for known in &relation.plan.schema {
            if all.contains(known) {
                continue;
            }
            let beside = all.iter().rposition(|other| other.name == known.name);
            all.insert(beside.map_or(all.len(), |place| place + 1), known.clone());
        }
    }
    if is_inner {
        all.retain(|known| parts.iter().all(|(_, relation)| relation.plan.schema.contains(known)));
    }
    let is_mixed = |known: &Column| {
        all.iter().any(|other| other.name == known.name && other.r#type != known.r#type)
    };
    // A column that keeps its name does so whatever the others become.
    let kept = all.iter().filter(|known| !is_mixed(known)).map(|known| known.name.clone());
    let mut namer = Namer::of_taken(kept);
    let named = all.iter().map(|known| {
        let name = match is_mixed(known) {
            true => namer.take(&format!("{}_{}", known.name, known.r#type)),
            false => known.name.clone(),
        };
        (known.name.clone(), Column::new(name, known.r#type))
    });
    named.collect()
}

fn source_name(relation: &Relation, place: usize) -> String {
    match &relation.plan.node {
        Node::Table { name } => name.clone(),
        _ => format!("union_arg{place}"),
    }
}

/// Whether a problem is that something is not there.
fn is_unknown(problem: &Problem) -> bool {
    ["there is no ", "nothing is called", "is not supported: it names data"]
        .iter()
        .any(|begin| problem.reason.contains(begin))
}

/// The tables that a list names, or all there are.
pub(super) fn named_tables(
    binder: &mut Binder<'_>,
    tables: &[syntax::Expression],
    span: Span,
    scope: &Arc<Scope>,
) -> Bind<Vec<(String, Relation)>> {
    if tables.is_empty() {
        return binder.tables_like("*", span, scope);
    }
    let mut all = Vec::new();
    for table in tables {
        for (name, relation) in binder.union_part(table, scope)? {
            all.push((name.unwrap_or_else(|| format!("union_arg{}", all.len())), relation));
        }
    }
    Ok(all)
}
