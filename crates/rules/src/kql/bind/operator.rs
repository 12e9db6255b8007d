//! Pipelines: one operator behind the other.

use std::sync::Arc;

use super::relation::{Relation, column};
use super::scalar::{Row, literal};
use super::scope::{Entity, Scope};
use super::{Bind, Binder, error, error_with};
use crate::kql::plan::{Aggregate, Node, SortKey};
use crate::kql::syntax::{Expression, Named, Operator, OperatorKind, Ordering, Property};
use crate::kql::{Column, Dynamic, Span, Type, Value, aggregates};

/// At most so many rows may a `range` have.
const MOST_RANGE: usize = 1_048_576;

impl Binder<'_> {
    /// Binds a pipeline.
    pub(super) fn pipeline(
        &mut self,
        source: Option<&Expression>,
        operators: &[Operator],
        scope: &Arc<Scope>,
    ) -> Bind<Relation> {
        self.pipeline_over(source, operators, None, scope)
    }

    /// Binds a pipeline that may have its rows from the operator around it.
    pub(super) fn pipeline_over(
        &mut self,
        source: Option<&Expression>,
        operators: &[Operator],
        subtable: Option<Relation>,
        scope: &Arc<Scope>,
    ) -> Bind<Relation> {
        let mut scope = Arc::clone(scope);
        let mut relation = match source {
            Some(source) => Some(self.table(source, &scope)?),
            None => subtable,
        };
        for operator in operators {
            self.works(operator.span)?;
            let next = self.operator(relation.take(), operator, &scope)?;
            if let OperatorKind::As(name) = &operator.kind {
                scope = Scope::with(&scope, &name.text, Entity::Table(next.clone()));
            }
            relation = Some(next);
        }
        match relation {
            Some(relation) => Ok(relation),
            None => error(Span::default(), "the pipeline is empty"),
        }
    }

    fn operator(
        &mut self,
        input: Option<Relation>,
        operator: &Operator,
        scope: &Arc<Scope>,
    ) -> Bind<Relation> {
        let span = operator.span;
        match &operator.kind {
            OperatorKind::Print(columns) => return self.print(columns, scope),
            OperatorKind::Range { name, from, to, step } => {
                return self.range(&name.text, from, to, step, span, scope);
            }
            OperatorKind::Union { properties, tables } => {
                return self.union(input, properties, tables, span, scope);
            }
            OperatorKind::Search { properties, tables, predicate } => {
                return self.search(input, properties, tables, predicate, span, scope);
            }
            OperatorKind::Find { properties, tables, predicate, project } => {
                return self.find(input, properties, tables, predicate, project, span, scope);
            }
            OperatorKind::Evaluate { plugin, arguments, schema, .. } if input.is_none() => {
                return self.evaluate(
                    Relation::closed(Node::Rows { rows: vec![vec![]] }, Vec::new()),
                    plugin,
                    arguments,
                    schema.as_ref(),
                    scope,
                );
            }
            OperatorKind::Refused { what } => return self.refused_operator(what, span),
            _ => {}
        }
        let Some(input) = input else {
            return error_with(
                span,
                "a table must stand before this operator",
                "for example `DeviceNetworkEvents | where …`",
            );
        };
        match &operator.kind {
            OperatorKind::Where(predicate) => self.filter(input, predicate, scope),
            OperatorKind::Extend(columns) | OperatorKind::Serialize(columns) => {
                self.extend(input, columns, scope)
            }
            OperatorKind::Project(columns) => self.project(input, columns, scope),
            OperatorKind::ProjectAway(names) => self.project_away(input, names),
            OperatorKind::ProjectKeep(names) => self.project_keep(input, names),
            OperatorKind::ProjectRename(columns) => self.project_rename(input, columns),
            OperatorKind::ProjectReorder(names) => self.project_reorder(input, names),
            OperatorKind::ProjectByNames(names) => self.project_by_names(input, names, scope),
            OperatorKind::Distinct(columns) => self.distinct(input, columns, scope),
            OperatorKind::Count => self.count_rows(input, span),
            OperatorKind::Take(count) => {
                let count = self.count(count, scope)?;
                Ok(input.then(|input| Node::Take { input, count }))
            }
            OperatorKind::Sample(count) => {
                let count = self.count(count, scope)?;
                Ok(input.then(|input| Node::Sample { input, count }))
            }
            OperatorKind::SampleDistinct { count, of } => {
                let count = self.count(count, scope)?;
                let named = Named { names: Vec::new(), value: of.clone() };
                let distinct = self.distinct(input, &[named], scope)?;
                Ok(distinct.then(|input| Node::Take { input, count }))
            }
            OperatorKind::Top { count, by } => {
                let count = self.count(count, scope)?;
                let sorted = self.sort(input, by, scope)?;
                Ok(sorted.then(|input| Node::Take { input, count }))
            }
            OperatorKind::TopHitters { count, of, by } => {
                self.top_hitters(input, count, of, by.as_ref(), span, scope)
            }
            OperatorKind::TopNested(levels) => self.top_nested(input, levels, span, scope),
            OperatorKind::Sort(by) => self.sort(input, by, scope),
            OperatorKind::Summarize { aggregates, by } => {
                self.summarize(input, aggregates, by, scope)
            }
            OperatorKind::Join { properties, right, on } => {
                self.join(input, properties, right, on, span, scope)
            }
            OperatorKind::Lookup { properties, right, on } => {
                self.lookup(input, properties, right, on, span, scope)
            }
            OperatorKind::MvExpand { properties, columns, limit } => {
                self.mv_expand(input, properties, columns, limit.as_ref(), span, scope)
            }
            OperatorKind::MvApply { properties, columns, limit, body } => {
                self.mv_apply(input, properties, columns, limit.as_ref(), body, span, scope)
            }
            OperatorKind::Parse { is_where, properties, of, pattern } => {
                self.parse(input, *is_where, properties, of, pattern, span, scope)
            }
            OperatorKind::ParseKv { of, columns, properties } => {
                self.parse_kv(input, of, columns, properties, span, scope)
            }
            OperatorKind::Evaluate { plugin, arguments, schema, .. } => {
                self.evaluate(input, plugin, arguments, schema.as_ref(), scope)
            }
            OperatorKind::MakeSeries { properties, aggregates, on, from, to, step, by } => {
                let range = super::series::Range { on, from: from.as_ref(), to: to.as_ref(), step };
                self.make_series(input, properties, aggregates, &range, by, span, scope)
            }
            OperatorKind::Invoke { name, arguments } => {
                let entity = match scope.find(&name.text) {
                    Some(Entity::Function { function, scope: around }) => {
                        let (function, around) = (Arc::clone(function), Arc::clone(around));
                        self.invoke(
                            &function,
                            &around,
                            name,
                            Some(Entity::Table(input)),
                            arguments,
                            scope,
                            &Row::none(),
                        )?
                    }
                    _ => match self.stored(name)? {
                        Some(function) => {
                            let is_stub = matches!(name.text.as_str(), "FileProfile" | "SeenBy");
                            if is_stub {
                                let reason = format!(
                                    "what `{}` knows is known to the vendor alone; its columns are empty",
                                    name.text
                                );
                                self.warn(crate::kql::Problem::warning(name.span, reason));
                            }
                            // It looks at no argument; the first one is a column, by its bare name.
                            let arguments = if is_stub { &[][..] } else { arguments };
                            self.invoke(
                                &function,
                                &Scope::root(),
                                name,
                                Some(Entity::Table(input)),
                                arguments,
                                scope,
                                &Row::none(),
                            )?
                        }
                        None => {
                            let help = "if it is a function of your workspace, give the folder that has it with --functions";
                            return error_with(
                                name.span,
                                format!("there is no function `{}`", name.text),
                                help,
                            );
                        }
                    },
                };
                match entity {
                    Entity::Table(relation) => Ok(relation),
                    entity => error(
                        span,
                        format!(
                            "`invoke` needs a function that gives a table, and this gives {}",
                            entity.what()
                        ),
                    ),
                }
            }
            OperatorKind::As(_) | OperatorKind::Render => Ok(input),
            OperatorKind::Consume => {
                Ok(Relation::closed(Node::Rows { rows: Vec::new() }, input.plan.schema))
            }
            OperatorKind::GetSchema => Ok(get_schema(&input)),
            OperatorKind::Partition { properties, by, body } => {
                self.partition(input, properties, by, body, span, scope)
            }
            OperatorKind::Fork(_) => error_with(
                span,
                "`fork` gives several tables, and one is shown",
                "run its parts one by one",
            ),
            _ => error(span, "this operator cannot stand behind a pipe"),
        }
    }

    fn refused_operator<T>(&self, what: &str, span: Span) -> Bind<T> {
        let help = match what {
            _ if what.contains("graph") => {
                "graphs are not supported; `join` a table with itself to follow edges"
            }
            "scan" => "`scan` is not supported; `sort` and `prev()` see the row before",
            "reduce" => {
                "`reduce` is not supported; `summarize count() by` a part of the text instead"
            }
            _ => "write it with the operators that `coldtrail query --help` lists",
        };
        error_with(span, format!("the operator `{what}` is not supported"), help)
    }

    fn filter(
        &mut self,
        input: Relation,
        predicate: &Expression,
        scope: &Arc<Scope>,
    ) -> Bind<Relation> {
        let row = self.ordered_row(&input);
        let predicate = self.scalar(predicate, scope, &row)?;
        let predicate = self.convert(predicate, Type::Bool)?;
        let before = input.plan.schema.clone();
        let wide = self.with_windows(input, &row);
        let is_wider = wide.plan.schema.len() > before.len();
        let filtered = wide.then(|input| Node::Filter { input, predicate });
        if !is_wider {
            return Ok(filtered);
        }
        let places: Vec<_> =
            before.iter().enumerate().map(|(place, known)| (place, known.name.clone())).collect();
        let is_open = filtered.is_open;
        Ok(filtered.select(&places, is_open))
    }

    /// `sort by`, and what `top` sorts by.
    pub(super) fn sort(
        &mut self,
        input: Relation,
        by: &[Ordering],
        scope: &Arc<Scope>,
    ) -> Bind<Relation> {
        let row = self.row(&input);
        let mut keys = Vec::new();
        for ordering in by {
            let is_descending = ordering.is_descending.unwrap_or(true);
            let expression = self.scalar(&ordering.by.value, scope, &row)?;
            keys.push(SortKey {
                expression,
                is_descending,
                nulls_first: ordering.nulls_first.unwrap_or(!is_descending),
            });
        }
        Ok(input.sort(keys))
    }

    fn print(&mut self, columns: &[Named], scope: &Arc<Scope>) -> Bind<Relation> {
        let one = Relation::closed(Node::Rows { rows: vec![Vec::new()] }, Vec::new());
        let named: Vec<Named> = columns
            .iter()
            .enumerate()
            .map(|(place, column)| {
                let mut column = column.clone();
                if column.names.is_empty() && super::names::spread(&column.value).is_none() {
                    let text = format!("print_{place}");
                    column.names.push(crate::kql::syntax::Name { text, span: column.value.span });
                }
                column
            })
            .collect();
        self.project(one, &named, scope)
    }

    fn range(
        &mut self,
        name: &str,
        from: &Expression,
        to: &Expression,
        step: &Expression,
        span: Span,
        scope: &Arc<Scope>,
    ) -> Bind<Relation> {
        let mut bounds = Vec::new();
        for bound in [from, to, step] {
            let (value, r#type) = self.constant(bound, scope)?;
            bounds.push(literal(value, r#type, bound.span));
        }
        let is_time = bounds[0].r#type == Type::DateTime;
        let r#type = if is_time {
            Type::DateTime
        } else {
            bounds
                .iter()
                .map(|bound| bound.r#type)
                .reduce(|one, other| super::call::wider(one, other).unwrap_or(one))
                .unwrap_or(Type::Long)
        };
        let list = self.apply("range", bounds, span)?;
        let values = match super::scalar::as_constant(&list) {
            Some(Value::Dynamic(Dynamic::Array(values))) if values.len() >= MOST_RANGE => {
                return error(span, format!("a range may have less than {MOST_RANGE} rows"));
            }
            Some(Value::Dynamic(Dynamic::Array(values))) => values.clone(),
            Some(Value::Null) => {
                return error(
                    span,
                    "the range cannot be counted: the step must lead from the first to the last",
                );
            }
            _ => Vec::new(),
        };
        let rows = values
            .into_iter()
            .map(|value| vec![Value::of_dynamic(value).convert(r#type)])
            .collect();
        Ok(Relation::closed(Node::Rows { rows }, vec![Column::new(name, r#type)]))
    }

    fn count_rows(&mut self, input: Relation, span: Span) -> Bind<Relation> {
        let Some(function) = aggregates::aggregate("count") else {
            return error(span, "`count` is not supported");
        };
        let aggregates = vec![Aggregate { function, arguments: Vec::new(), width: 1 }];
        let node = Node::Summarize {
            input: Box::new(input.plan),
            keys: Vec::new(),
            aggregates,
            is_grouped: false,
        };
        Ok(Relation::closed(node, vec![Column::new("Count", Type::Long)]))
    }

    fn partition(
        &mut self,
        input: Relation,
        _properties: &[Property],
        by: &Expression,
        body: &Expression,
        span: Span,
        scope: &Arc<Scope>,
    ) -> Bind<Relation> {
        let row = self.row(&input);
        let key = self.scalar(by, scope, &row)?;
        let crate::kql::plan::ExpressionKind::Column(key) = key.kind else {
            return error(by.span, "`partition` is by a column");
        };
        let subtable = Relation {
            plan: crate::kql::plan::Plan {
                node: Node::Subtable,
                schema: input.plan.schema.clone(),
            },
            is_open: input.is_open,
        };
        let body = self.subquery(body, subtable, span, scope)?;
        let schema = body.plan.schema.clone();
        let node = Node::Partition { input: Box::new(input.plan), key, body: Box::new(body.plan) };
        Ok(Relation::closed(node, schema))
    }

    /// A pipeline whose rows are those of the operator around it.
    pub(super) fn subquery(
        &mut self,
        body: &Expression,
        subtable: Relation,
        span: Span,
        scope: &Arc<Scope>,
    ) -> Bind<Relation> {
        match &body.kind {
            crate::kql::syntax::ExpressionKind::Pipeline { source: None, operators } => {
                self.deeper(|binder| binder.pipeline_over(None, operators, Some(subtable), scope))
            }
            _ => error_with(
                span,
                "the subquery must begin with an operator",
                "for example `(where x > 1 | top 1 by x)`",
            ),
        }
    }
}

/// `getschema`.
fn get_schema(input: &Relation) -> Relation {
    let rows = input.plan.schema.iter().enumerate().map(|(place, known)| {
        let full = match known.r#type {
            Type::Bool => "System.SByte",
            Type::Int => "System.Int32",
            Type::Long => "System.Int64",
            Type::Real => "System.Double",
            Type::Decimal => "System.Data.SqlTypes.SqlDecimal",
            Type::String => "System.String",
            Type::DateTime => "System.DateTime",
            Type::TimeSpan => "System.TimeSpan",
            Type::Guid => "System.Guid",
            Type::Dynamic => "System.Object",
        };
        vec![
            Value::String(known.name.clone()),
            Value::Int(i32::try_from(place).unwrap_or(i32::MAX)),
            Value::String(full.to_owned()),
            Value::String(known.r#type.name().to_owned()),
        ]
    });
    let schema = vec![
        Column::new("ColumnName", Type::String),
        Column::new("ColumnOrdinal", Type::Int),
        Column::new("DataType", Type::String),
        Column::new("ColumnType", Type::String),
    ];
    Relation::closed(Node::Rows { rows: rows.collect() }, schema)
}

/// The value of a property among an operator's.
pub(super) fn property<'p>(properties: &'p [Property], name: &str) -> Option<&'p Expression> {
    properties
        .iter()
        .find(|property| property.name.text.eq_ignore_ascii_case(name))
        .map(|property| &property.value)
}

impl Binder<'_> {
    /// The word of a property among an operator's, in lower case.
    pub(super) fn property_word(
        &mut self,
        properties: &[Property],
        name: &str,
        scope: &Arc<Scope>,
    ) -> Bind<Option<String>> {
        match property(properties, name) {
            Some(value) => Ok(Some(self.word(value, scope)?.to_lowercase())),
            None => Ok(None),
        }
    }
}

/// All columns of a relation behind which nothing was added.
pub(super) fn first_columns(
    count: usize,
    relation: &Relation,
) -> Vec<(String, crate::kql::plan::Expression)> {
    let columns = relation.plan.schema.iter().take(count).enumerate();
    columns.map(|(place, known)| (known.name.clone(), column(place, known.r#type))).collect()
}
