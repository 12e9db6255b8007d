//! `summarize`, and what is said in its terms: `top-hitters`, `top-nested`.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use super::names::{self, Namer};
use super::projection::spelled;
use super::relation::{Relation, column};
use super::scalar::{Row, as_constant};
use super::scope::Scope;
use super::{Bind, Binder, error, error_with};
use crate::kql::aggregates::names::Naming;
use crate::kql::aggregates::{self, AggregateFunction};
use crate::kql::plan::{Aggregate, Expression, JoinKind, Node, SortKey};
use crate::kql::syntax::{self, Argument, ExpressionKind, Name, Named, TopNestedLevel};
use crate::kql::{Column, Schema, Span, Type, Value};

/// Aggregates that an operator's expressions asked for.
pub(super) struct Summary {
    /// The columns that aggregates read.
    input: Row,
    /// How many columns stand before theirs.
    before: usize,
    asked: RefCell<Asked>,
    /// Columns that the operator groups by, which `*` leaves out.
    keys: Vec<String>,
}

#[derive(Default)]
struct Asked {
    aggregates: Vec<Aggregate>,
    columns: Vec<Type>,
}

/// An aggregate of several columns with their names: the first, then those it carries.
struct Wide {
    first: usize,
    columns: Vec<(String, Type)>,
}

impl Binder<'_> {
    /// `summarize aggregates by keys`.
    pub(super) fn summarize(
        &mut self,
        input: Relation,
        aggregates: &[Named],
        by: &[Named],
        scope: &Arc<Scope>,
    ) -> Bind<Relation> {
        let reserved: Vec<String> = spelled(by)
            .into_iter()
            .chain(
                aggregates
                    .iter()
                    .flat_map(|named| named.names.iter().map(|name| name.text.clone())),
            )
            .collect();
        let mut namer = Namer::new(reserved);
        let row = self.row(&input);
        let (mut keys, mut columns) = (Vec::new(), Vec::new());
        for named in by {
            for (name, expression) in self.named_columns(named, &row, scope)? {
                let name = match name {
                    Some(name) => name,
                    None => namer.place(),
                };
                let name = namer.take(&name);
                columns.push((name, column(keys.len(), expression.r#type)));
                keys.push(expression);
            }
        }
        let summary = Rc::new(Summary {
            before: keys.len(),
            asked: RefCell::default(),
            keys: columns.iter().map(|(name, _)| name.clone()).collect(),
            input: row,
        });
        let outer = Row { summary: Some(Rc::clone(&summary)), ..Row::none() };
        for named in aggregates {
            for (name, expression) in self.aggregated(named, &outer, &summary, scope)? {
                let name = match name {
                    Some(name) => name,
                    None => namer.place(),
                };
                columns.push((namer.take(&name), expression));
            }
        }
        // `arg_max(x, *)` carries all columns of the table, and those that it lacks with them.
        let is_open = input.is_open && aggregates.iter().any(|named| carries_all(&named.value));
        let grouped = grouped(input, keys, &summary, !by.is_empty() || aggregates.is_empty());
        Ok(grouped.project(columns, is_open))
    }

    /// The columns that one item of the aggregates makes.
    fn aggregated(
        &mut self,
        named: &Named,
        outer: &Row,
        summary: &Rc<Summary>,
        scope: &Arc<Scope>,
    ) -> Bind<Vec<(Option<String>, Expression)>> {
        if let ExpressionKind::Call { name, arguments } = &named.value.kind
            && let Some(function) = aggregates::aggregate(&name.text)
            && let Some(wide) = self.wide_aggregate(function, arguments, name, scope, summary)?
        {
            let named = wide.columns.into_iter().enumerate().map(|(place, (own, r#type))| {
                let given = named.names.get(place).map(|name| name.text.clone());
                (Some(given.unwrap_or(own)), column(wide.first + place, r#type))
            });
            return Ok(named.collect());
        }
        self.named_columns(named, outer, scope)
    }

    /// An aggregate that gives several columns; nothing if it gives one.
    fn wide_aggregate(
        &mut self,
        function: &'static AggregateFunction,
        arguments: &[Argument],
        name: &Name,
        scope: &Arc<Scope>,
        summary: &Rc<Summary>,
    ) -> Bind<Option<Wide>> {
        let is_wide = match function.naming {
            Naming::Taken | Naming::Any => arguments.len() > 1 || arguments.iter().any(is_star),
            Naming::Extreme(_) | Naming::OldExtreme(_) | Naming::Percentiles(_) => true,
            Naming::Word(_) | Naming::Words(_) | Naming::Argument => false,
        };
        if !is_wide {
            return Ok(None);
        }
        let (mut bound, mut own) = (Vec::new(), Vec::new());
        for argument in arguments {
            if is_star(argument) {
                self.carry_all(&mut bound, &mut own, summary);
            } else {
                bound.push(self.scalar(&argument.value, scope, &summary.input)?);
                let named = argument.name.as_ref().map(|name| name.text.clone());
                own.push(named.or_else(|| names::of(&argument.value)));
            }
        }
        let bound = self.accepted(
            &name.text,
            function.parameters,
            function.optional,
            function.rest,
            bound,
            name.span,
        )?;
        let constants: Vec<Value> = bound
            .iter()
            .map(|argument| as_constant(argument).cloned().unwrap_or(Value::Null))
            .collect();
        let types: Vec<Type> = bound.iter().map(|argument| argument.r#type).collect();
        let own: Vec<Option<&str>> = own.iter().map(Option::as_deref).collect();
        let Some(columns) = aggregates::names::columns(function, &own, &types, &constants) else {
            return error(name.span, format!("`{}` does not go with those arguments", name.text));
        };
        let columns: Vec<(String, Type)> =
            columns.into_iter().map(|column| (column.name, column.r#type)).collect();
        let first =
            note(summary, Aggregate { function, arguments: bound, width: columns.len() }, &columns);
        Ok(Some(Wide { first, columns }))
    }

    /// All columns but those that are grouped by or carried already.
    fn carry_all(
        &mut self,
        bound: &mut Vec<Expression>,
        names: &mut Vec<Option<String>>,
        summary: &Summary,
    ) {
        for (place, known) in summary.input.columns.iter().enumerate() {
            let is_there = names.iter().flatten().any(|name| *name == known.name)
                || summary.keys.contains(&known.name);
            if !is_there {
                bound.push(column(place, known.r#type));
                names.push(Some(known.name.clone()));
            }
        }
    }

    /// Binds the call of an aggregate inside an expression.
    pub(super) fn aggregate(
        &mut self,
        function: &'static AggregateFunction,
        arguments: &[Argument],
        name: &Name,
        scope: &Arc<Scope>,
        summary: &Summary,
    ) -> Bind<Expression> {
        let mut bound = Vec::new();
        for argument in arguments {
            if matches!(argument.value.kind, ExpressionKind::Star) {
                continue;
            }
            bound.push(self.scalar(&argument.value, scope, &summary.input)?);
        }
        self.aggregate_of(function, bound, name, summary)
    }

    fn aggregate_of(
        &mut self,
        function: &'static AggregateFunction,
        bound: Vec<Expression>,
        name: &Name,
        summary: &Summary,
    ) -> Bind<Expression> {
        let bound = self.accepted(
            &name.text,
            function.parameters,
            function.optional,
            function.rest,
            bound,
            name.span,
        )?;
        let (bound, r#type) = self.typed(&name.text, function.result, bound, name.span)?;
        let known = (String::new(), r#type);
        let place = note(
            summary,
            Aggregate { function, arguments: bound, width: 1 },
            std::slice::from_ref(&known),
        );
        Ok(Expression { span: name.span, ..column(place, r#type) })
    }

    /// Aggregates for another operator's terms: `make-series`, `top-nested`. Each gives one column.
    pub(super) fn one_aggregate(
        &mut self,
        value: &syntax::Expression,
        row: &Row,
        scope: &Arc<Scope>,
    ) -> Bind<(Aggregate, Type)> {
        let ExpressionKind::Call { name, arguments } = &value.kind else {
            return error_with(value.span, "an aggregate is needed here", "for example `count()`");
        };
        let Some(function) = aggregates::aggregate(&name.text) else {
            return error_with(
                name.span,
                format!("`{}` is no aggregate", name.text),
                "for example `count()`",
            );
        };
        let summary =
            Summary { input: row.clone(), before: 0, asked: RefCell::default(), keys: Vec::new() };
        let bound = self.aggregate(function, arguments, name, scope, &summary)?;
        match summary.asked.into_inner().aggregates.pop() {
            Some(aggregate) => Ok((aggregate, bound.r#type)),
            None => error(value.span, "an aggregate is needed here"),
        }
    }

    /// `top-hitters n of x by y`.
    pub(super) fn top_hitters(
        &mut self,
        input: Relation,
        count: &syntax::Expression,
        of: &syntax::Expression,
        by: Option<&syntax::Expression>,
        span: Span,
        scope: &Arc<Scope>,
    ) -> Bind<Relation> {
        let count = self.count(count, scope)?;
        let of_name = names::of(of).unwrap_or_else(|| "Column1".to_owned());
        let called = by.and_then(names::of).unwrap_or_else(|| of_name.clone());
        let title = if by.is_some() {
            format!("approximate_sum_{called}")
        } else {
            format!("approximate_count_{called}")
        };
        let name = |text: &str| Name { text: text.to_owned(), span };
        let arguments = by.map(|by| Argument { name: None, value: by.clone() });
        let value = syntax::Expression {
            kind: ExpressionKind::Call {
                name: name(if by.is_some() { "sum" } else { "count" }),
                arguments: arguments.into_iter().collect(),
            },
            span,
        };
        let aggregates = [Named { names: vec![name(&title)], value }];
        let keys = [Named { names: vec![name(&of_name)], value: of.clone() }];
        let summarized = self.summarize(input, &aggregates, &keys, scope)?;
        let Some(expression) = summarized.column(1) else { return error(span, "nothing to count") };
        let sorted =
            summarized.sort(vec![SortKey { expression, is_descending: true, nulls_first: false }]);
        Ok(sorted.then(|input| Node::Take { input, count }))
    }

    /// `top-nested`: at each level the greatest groups within those of the level above.
    pub(super) fn top_nested(
        &mut self,
        input: Relation,
        levels: &[TopNestedLevel],
        span: Span,
        scope: &Arc<Scope>,
    ) -> Bind<Relation> {
        // The columns come as pairs of group and aggregate. Each level keeps the rows of the input that are
        // in its groups, so that the next one looks at those alone.
        let mut kept = input;
        let mut result: Option<Relation> = None;
        let mut above: Vec<String> = Vec::new();
        for level in levels {
            if level.others.is_some() {
                return error_with(
                    span,
                    "`with others` of `top-nested` is not supported",
                    "leave it out, and summarize the rest by itself",
                );
            }
            let group = level.of.names.first().map(|name| name.text.clone());
            let Some(group) = group.or_else(|| names::of(&level.of.value)) else {
                return error_with(level.of.value.span, "this needs a name", "write `name = …`");
            };
            let title = level
                .by
                .names
                .first()
                .map(|name| name.text.clone())
                .unwrap_or_else(|| format!("aggregated_{group}"));
            let name = |text: &str| Name { text: text.to_owned(), span };
            let here = Named { names: vec![name(&group)], value: level.of.value.clone() };
            kept = self.extend(kept, std::slice::from_ref(&here), scope)?;
            let mut keys: Vec<Named> =
                above.iter().map(|above| named_column(above, span)).collect();
            keys.push(named_column(&group, span));
            let aggregates = [Named { names: vec![name(&title)], value: level.by.value.clone() }];
            let mut groups = self.summarize(kept.clone(), &aggregates, &keys, scope)?;
            if let Some(count) = &level.count {
                let count = self.count(count, scope)?;
                groups = self.best_of_each(
                    groups,
                    above.len(),
                    count,
                    level.is_descending.unwrap_or(true),
                    span,
                )?;
            }
            above.push(group);
            kept = self.semi_join(kept, &groups, &above, span)?;
            result = Some(match result {
                None => groups,
                Some(before) => self.join_levels(before, groups, above.len() - 1, span)?,
            });
        }
        match result {
            Some(result) => Ok(result),
            None => error(span, "`top-nested` needs a level"),
        }
    }

    /// The first rows by the last column, within each combination of the first columns.
    fn best_of_each(
        &mut self,
        groups: Relation,
        keys: usize,
        count: u64,
        is_descending: bool,
        span: Span,
    ) -> Bind<Relation> {
        let last = groups.plan.schema.len() - 1;
        let schema = groups.plan.schema.clone();
        let mut order: Vec<SortKey> = (0..keys)
            .filter_map(|place| {
                Some(SortKey {
                    expression: groups.column(place)?,
                    is_descending: false,
                    nulls_first: true,
                })
            })
            .collect();
        order.extend(groups.column(last).map(|expression| SortKey {
            expression,
            is_descending,
            nulls_first: !is_descending,
        }));
        let mut sorted = groups.sort(order);
        let row = self.ordered_row(&sorted);
        // The number begins anew where a group above differs from that of the row before.
        let mut differs = Vec::new();
        for place in 0..keys {
            let Some(here) = sorted.column(place) else { continue };
            let Some(windows) = &row.windows else { continue };
            let r#type = here.r#type;
            let before = windows.borrow_mut().previous(here.clone(), r#type);
            differs.push(self.apply("!=", vec![here, before], span)?);
        }
        sorted = self.with_windows(sorted, &row);
        let restart = self.any(differs, span)?;
        let numbered = {
            let row = self.ordered_row(&sorted);
            let Some(windows) = &row.windows else { return error(span, "no order") };
            windows.borrow_mut().number(restart);
            self.with_windows(sorted, &row)
        };
        let place = numbered.plan.schema.len() - 1;
        let most = super::scalar::literal(
            Value::Long(i64::try_from(count).unwrap_or(i64::MAX)),
            Type::Long,
            span,
        );
        let predicate = self.apply("<=", vec![column(place, Type::Long), most], span)?;
        let best = numbered.then(|input| Node::Filter { input, predicate });
        let places: Vec<_> =
            schema.iter().enumerate().map(|(place, known)| (place, known.name.clone())).collect();
        Ok(best.select(&places, false))
    }

    fn semi_join(
        &mut self,
        left: Relation,
        right: &Relation,
        names: &[String],
        span: Span,
    ) -> Bind<Relation> {
        let mut on = Vec::new();
        for name in names {
            match (left.place(name), right.place(name)) {
                (Some(one), Some(other)) => on.extend(left.column(one).zip(right.column(other))),
                _ => return error(span, format!("there is no column `{name}`")),
            }
        }
        let right = Box::new(right.plan.clone());
        Ok(left.then(|left| Node::Join { left, right, kind: JoinKind::LeftSemi, on }))
    }

    /// Pairs of group and aggregate of the levels above, then those of the level below.
    fn join_levels(
        &mut self,
        above: Relation,
        below: Relation,
        keys: usize,
        span: Span,
    ) -> Bind<Relation> {
        let mut on = Vec::new();
        for place in 0..keys {
            let name =
                below.plan.schema.get(place).map(|column| column.name.clone()).unwrap_or_default();
            let Some(there) = above.place(&name) else { return error(span, "levels do not fit") };
            on.extend(above.column(there).zip(below.column(place)));
        }
        let width = above.plan.schema.len();
        let mut schema = above.plan.schema.clone();
        schema.extend(
            below
                .plan
                .schema
                .iter()
                .map(|known| Column::new(format!("\u{1}{}", known.name), known.r#type)),
        );
        let node = Node::Join {
            left: Box::new(above.plan),
            right: Box::new(below.plan),
            kind: JoinKind::Inner,
            on,
        };
        let joined = Relation::closed(node, schema);
        let kept = (0..width).chain(width + keys..joined.plan.schema.len());
        let places: Vec<_> = kept
            .filter_map(|place| {
                let name =
                    joined.plan.schema.get(place)?.name.trim_start_matches('\u{1}').to_owned();
                Some((place, name))
            })
            .collect();
        Ok(joined.select(&places, false))
    }
}

/// Whether an aggregate takes all columns along.
fn carries_all(aggregate: &syntax::Expression) -> bool {
    match &aggregate.kind {
        ExpressionKind::Call { name, arguments } => {
            name.text != "count" && arguments.iter().any(is_star)
        }
        _ => false,
    }
}

fn is_star(argument: &Argument) -> bool {
    matches!(argument.value.kind, ExpressionKind::Star)
}

/// A column under its own name.
fn named_column(name: &str, span: Span) -> Named {
    let value = syntax::Expression { kind: ExpressionKind::Name(name.to_owned()), span };
    Named { names: vec![Name { text: name.to_owned(), span }], value }
}

/// Notes an aggregate, and gives the place of its first column.
fn note(summary: &Summary, aggregate: Aggregate, columns: &[(String, Type)]) -> usize {
    let mut asked = summary.asked.borrow_mut();
    let place = summary.before + asked.columns.len();
    asked.aggregates.push(aggregate);
    asked.columns.extend(columns.iter().map(|(_, r#type)| *r#type));
    place
}

/// The groups, with the columns of the keys and of everything that was asked for.
fn grouped(
    input: Relation,
    keys: Vec<Expression>,
    summary: &Summary,
    is_grouped: bool,
) -> Relation {
    let asked = summary.asked.take();
    let mut schema: Schema = Vec::new();
    let types = keys.iter().map(|key| key.r#type).chain(asked.columns);
    for (place, r#type) in types.enumerate() {
        schema.push(Column::new(format!("\u{1}{place}"), r#type));
    }
    let node = Node::Summarize {
        input: Box::new(input.plan),
        keys,
        aggregates: asked.aggregates,
        is_grouped,
    };
    Relation::closed(node, schema)
}
