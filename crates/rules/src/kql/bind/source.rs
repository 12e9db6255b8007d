//! What a pipeline begins with: tables, views, functions, and rows that are spelled out.

use std::sync::Arc;

use super::call::{has_columns, is_elsewhere, known};
use super::relation::Relation;
use super::scalar::{Row, likely};
use super::scope::{Entity, Scope};
use super::{Bind, Binder, error, error_with};
use crate::kql::plan::Node;
use crate::kql::syntax::{
    DeclaredColumn, Expression, ExpressionKind, Name, OperatorKind, Property, Query, Statement,
};
use crate::kql::{Column, Problem, Schema, Span, Value, aggregates};

impl Binder<'_> {
    /// What an expression is: a scalar, a table or a function.
    pub(super) fn entity(&mut self, expression: &Expression, scope: &Arc<Scope>) -> Bind<Entity> {
        self.entity_over(expression, scope, &Row::none())
    }

    /// What an expression is where columns may be at hand.
    pub(super) fn entity_over(
        &mut self,
        expression: &Expression,
        scope: &Arc<Scope>,
        row: &Row,
    ) -> Bind<Entity> {
        let span = expression.span;
        match &expression.kind {
            ExpressionKind::Pipeline { source: Some(source), operators }
                if operators.is_empty() =>
            {
                self.entity_over(source, scope, row)
            }
            ExpressionKind::Pipeline { source, operators } => self.deeper(|binder| {
                binder.pipeline(source.as_deref(), operators, scope).map(Entity::Table)
            }),
            ExpressionKind::DataTable { columns, values } => {
                self.data_table(columns, values, span, scope).map(Entity::Table)
            }
            ExpressionKind::ExternalData { columns, addresses, properties } => {
                self.external_data(columns, addresses, properties, span, scope).map(Entity::Table)
            }
            ExpressionKind::Name(name)
                if !row.columns.iter().any(|column| column.name == *name) =>
            {
                match self.named(name, span, scope)? {
                    Some(entity) => Ok(entity),
                    None if row.number > 0 => self.scalar_entity(expression, scope, row),
                    None => self.unknown_table(name, span, scope),
                }
            }
            ExpressionKind::Call { name, arguments } => match name.text.as_str() {
                "materialize" | "view" => match arguments.as_slice() {
                    [only] => self.entity_over(&only.value, scope, row),
                    _ => error(span, format!("`{}` takes one argument", name.text)),
                },
                "table" => {
                    let Some(argument) = arguments.first() else {
                        return error(span, "`table` takes a name");
                    };
                    let named = self.word(&argument.value, scope)?;
                    match self.named(&named, span, scope)? {
                        Some(entity) => Ok(entity),
                        None => self.unknown_table(&named, span, scope),
                    }
                }
                "_GetWatchlist" | "_GetWatchlistAlias" => {
                    let Some(argument) = arguments.first() else {
                        return error(span, "`_GetWatchlist` takes a name");
                    };
                    let named = self.word(&argument.value, scope)?;
                    match self.environment.watchlist(&named) {
                        Ok(plan) => Ok(Entity::Table(Relation { plan, is_open: true })),
                        Err(reason) => error(span, reason),
                    }
                }
                elsewhere if is_elsewhere(elsewhere) => self.elsewhere(elsewhere, span),
                _ => match self.defined(name, arguments, scope, row)? {
                    Some(entity) => Ok(entity),
                    None => self.scalar_entity(expression, scope, row),
                },
            },
            ExpressionKind::Member { of, .. } | ExpressionKind::MemberCall { of, .. } => {
                if let Some(name) = begin_elsewhere(of) {
                    return self.elsewhere(name, span);
                }
                self.scalar_entity(expression, scope, row)
            }
            ExpressionKind::Wildcard(_) => {
                let union = crate::kql::syntax::Operator {
                    kind: OperatorKind::Union {
                        properties: Vec::new(),
                        tables: vec![expression.clone()],
                    },
                    span,
                };
                self.pipeline(None, &[union], scope).map(Entity::Table)
            }
            _ => self.scalar_entity(expression, scope, row),
        }
    }

    /// A table, whatever it is written as.
    pub(super) fn table(&mut self, expression: &Expression, scope: &Arc<Scope>) -> Bind<Relation> {
        match self.entity(expression, scope)? {
            Entity::Table(relation) => Ok(relation),
            Entity::Function { function, scope: around } => {
                let name = Name { text: "the view".to_owned(), span: expression.span };
                match self.invoke(&function, &around, &name, None, &[], scope, &Row::none())? {
                    Entity::Table(relation) => Ok(relation),
                    entity => error(
                        expression.span,
                        format!("a table is needed here, and this is {}", entity.what()),
                    ),
                }
            }
            entity => error(
                expression.span,
                format!("a table is needed here, and this is {}", entity.what()),
            ),
        }
    }

    fn scalar_entity(
        &mut self,
        expression: &Expression,
        scope: &Arc<Scope>,
        row: &Row,
    ) -> Bind<Entity> {
        let bound = self.scalar(expression, scope, row)?;
        let owner = has_columns(&bound).then_some(row.number);
        Ok(Entity::Scalar { expression: bound, row: owner })
    }

    /// The body of a function: its last statement may read the columns of its arguments.
    pub(super) fn body(&mut self, body: &Query, scope: &Arc<Scope>, row: &Row) -> Bind<Entity> {
        // Whether it is a scalar, only its last statement tells.
        if let [Statement::Expression(only)] = body.statements.as_slice() {
            return self.deeper(|binder| binder.entity_over(only, scope, row));
        }
        self.statements_over(body, scope, row)
    }

    /// What a name stands for besides a column.
    fn named(&mut self, name: &str, span: Span, scope: &Arc<Scope>) -> Bind<Option<Entity>> {
        match scope.find(name).cloned() {
            Some(Entity::Function { function, scope: around })
                if function.parameters.iter().all(|parameter| parameter.default.is_some()) =>
            {
                let called = Name { text: name.to_owned(), span };
                return self
                    .invoke(&function, &around, &called, None, &[], scope, &Row::none())
                    .map(Some);
            }
            Some(entity) => return Ok(Some(entity)),
            None => {}
        }
        self.base_table(name, span)
    }

    /// A table of the environment, or a stored view.
    pub(super) fn base_table(&mut self, name: &str, span: Span) -> Bind<Option<Entity>> {
        let called = Name { text: name.to_owned(), span };
        if let Some(function) = self.stored(&called)? {
            let entity = self.invoke(
                &function,
                &Scope::root(),
                &called,
                None,
                &[],
                &Scope::root(),
                &Row::none(),
            )?;
            return Ok(Some(match entity {
                // What a stored view gives are the columns of a table.
                Entity::Table(relation) => Entity::Table(Relation { is_open: true, ..relation }),
                entity => entity,
            }));
        }
        let Some(schema) = self.environment.table(name) else { return Ok(None) };
        let node = Node::Table { name: name.to_owned() };
        Ok(Some(Entity::Table(Relation { is_open: true, ..Relation::closed(node, schema) })))
    }

    pub(super) fn unknown_table<T>(
        &mut self,
        name: &str,
        span: Span,
        scope: &Arc<Scope>,
    ) -> Bind<T> {
        let mut names = self.environment.tables();
        names.extend(self.environment.functions());
        names.extend(scope.entries().map(|(name, _)| name.to_owned()));
        let help = match likely(name, names.iter().map(String::as_str)) {
            Some(like) => format!("did you mean `{like}`?"),
            None => "`coldtrail query --schema` lists the tables there are; a function of your workspace is found in the \
                     folder that --functions names"
                .to_owned(),
        };
        error_with(span, format!("there is no table `{name}`"), help)
    }

    /// Whether a call of that name gives a table.
    pub(super) fn is_tabular(&mut self, name: &str, scope: &Arc<Scope>) -> Bind<bool> {
        match name {
            "materialize" | "table" | "_GetWatchlist" | "_GetWatchlistAlias" | "view" => {
                return Ok(true);
            }
            _ => {}
        }
        if let Some(Entity::Function { function, .. }) = scope.find(name) {
            return Ok(ends_with_table(&function.body));
        }
        if known(name).is_some() || aggregates::aggregate(name).is_some() {
            return Ok(false);
        }
        let called = Name { text: name.to_owned(), span: Span::default() };
        Ok(self.stored(&called)?.is_some_and(|function| ends_with_table(&function.body)))
    }

    fn data_table(
        &mut self,
        columns: &[DeclaredColumn],
        values: &[Expression],
        span: Span,
        scope: &Arc<Scope>,
    ) -> Bind<Relation> {
        let schema = declared(columns)?;
        if schema.is_empty() {
            return error(span, "a `datatable` needs columns");
        }
        if !values.len().is_multiple_of(schema.len()) {
            let reason =
                format!("{} values do not fill rows of {} columns", values.len(), schema.len());
            return error(span, reason);
        }
        let mut rows = Vec::with_capacity(values.len() / schema.len());
        for chunk in values.chunks(schema.len()) {
            let mut row = Vec::with_capacity(schema.len());
            for (value, column) in chunk.iter().zip(&schema) {
                let bound = self.scalar(value, scope, &Row::none())?;
                let bound = self.convert(bound, column.r#type)?;
                match bound.kind {
                    crate::kql::plan::ExpressionKind::Literal(value) => row.push(value),
                    _ => return error(value.span, "a `datatable` holds constants"),
                }
            }
            rows.push(row);
        }
        Ok(Relation::closed(Node::Rows { rows }, schema))
    }

    fn external_data(
        &mut self,
        columns: &[DeclaredColumn],
        addresses: &[Expression],
        properties: &[Property],
        span: Span,
        scope: &Arc<Scope>,
    ) -> Bind<Relation> {
        let schema = declared(columns)?;
        let mut named = Vec::new();
        for address in addresses {
            named.push(self.constant(address, scope)?.0.text());
        }
        let mut said = Vec::new();
        for property in properties {
            let value = Value::String(self.word(&property.value, scope)?);
            said.push((property.name.text.to_lowercase(), value));
        }
        match self.environment.external_data(&schema, &named, &said) {
            Ok(plan) => Ok(Relation { plan, is_open: false }),
            Err(reason) => Err(Box::new(Problem::error(span, reason))),
        }
    }
}

/// The columns that a query declares.
pub(super) fn declared(columns: &[DeclaredColumn]) -> Bind<Schema> {
    let mut schema: Schema = Vec::with_capacity(columns.len());
    let mut seen = std::collections::HashSet::new();
    for column in columns {
        if !seen.insert(column.name.text.as_str()) {
            return error(
                column.name.span,
                format!("the column `{}` is declared twice", column.name.text),
            );
        }
        schema.push(Column::new(column.name.text.clone(), column.r#type));
    }
    Ok(schema)
}

/// The function that names another service at the begin of `workspace("…").Table`.
pub(super) fn begin_elsewhere(expression: &Expression) -> Option<&str> {
    match &expression.kind {
        ExpressionKind::Call { name, .. } if is_elsewhere(&name.text) => Some(&name.text),
        ExpressionKind::Member { of, .. } | ExpressionKind::MemberCall { of, .. } => {
            begin_elsewhere(of)
        }
        _ => None,
    }
}

/// Whether a function's text ends with a table, as far as it shows.
fn ends_with_table(body: &Query) -> bool {
    let last = body.statements.iter().rev().find_map(|statement| match statement {
        Statement::Expression(expression) => Some(expression),
        _ => None,
    });
    let Some(last) = last else { return false };
    match &last.kind {
        ExpressionKind::Pipeline { operators, .. } => !operators.is_empty(),
        ExpressionKind::DataTable { .. } | ExpressionKind::ExternalData { .. } => true,
        // A name or a call at the end of a function of several statements is a table as good as always.
        ExpressionKind::Name(_) | ExpressionKind::Call { .. } => body.statements.len() > 1,
        _ => false,
    }
}
