//! `evaluate`: plugins, of which those that hunting needs are here.

use std::sync::Arc;

use super::join::{crossed, joined};
use super::names;
use super::relation::{Relation, column};
use super::scalar::{Row, as_constant, literal};
use super::scope::Scope;
use super::source::declared;
use super::{Bind, Binder, error, error_with};
use crate::kql::plan::{Aggregate, Expression, JoinKind, Node};
use crate::kql::syntax::{self, Argument, DeclaredColumn, ExpressionKind, Name};
use crate::kql::{Column, Dynamic, Schema, Span, Type, Value, aggregates};

/// `pivot` and `bag_unpack` make at most so many columns.
const MOST_COLUMNS: usize = 1_000;

impl Binder<'_> {
    /// `evaluate plugin(…)`.
    pub(super) fn evaluate(
        &mut self,
        input: Relation,
        plugin: &Name,
        arguments: &[Argument],
        schema: Option<&(bool, Vec<DeclaredColumn>)>,
        scope: &Arc<Scope>,
    ) -> Bind<Relation> {
        match plugin.text.as_str() {
            "bag_unpack" => self.bag_unpack(input, plugin, arguments, schema, scope),
            "pivot" => self.pivot(input, plugin, arguments, schema, scope),
            "activity_counts_metrics" => self.activity_counts(input, plugin, arguments, scope),
            "narrow" => self.narrow(input, plugin.span),
            "ipv4_lookup" => {
                self.address_lookup(input, plugin, arguments, "ipv4_is_in_range", scope)
            }
            "ipv6_lookup" => {
                self.address_lookup(input, plugin, arguments, "ipv6_is_in_range", scope)
            }
            other => error_with(
                plugin.span,
                format!("the plugin `{other}` is not supported"),
                "supported are bag_unpack, pivot, narrow, activity_counts_metrics, ipv4_lookup and ipv6_lookup",
            ),
        }
    }

    /// `bag_unpack(column, prefix, conflict, ignored)`: a column for each property.
    fn bag_unpack(
        &mut self,
        input: Relation,
        plugin: &Name,
        arguments: &[Argument],
        schema: Option<&(bool, Vec<DeclaredColumn>)>,
        scope: &Arc<Scope>,
    ) -> Bind<Relation> {
        let Some(first) = arguments.first() else {
            return error(plugin.span, "`bag_unpack` takes a column");
        };
        let row = self.row(&input);
        let bag = self.scalar(&first.value, scope, &row)?;
        let crate::kql::plan::ExpressionKind::Column(place) = bag.kind else {
            return error_with(
                first.value.span,
                "`bag_unpack` takes a column",
                "compute it with `extend` before",
            );
        };
        let bag = self.convert_to_bag(bag)?;
        let said = |named: &str, at: usize| -> Option<&syntax::Expression> {
            let by_name = arguments
                .iter()
                .find(|argument| argument.name.as_ref().is_some_and(|name| name.text == named));
            by_name
                .or_else(|| arguments.get(at).filter(|argument| argument.name.is_none()))
                .map(|argument| &argument.value)
        };
        let prefix = match said("OutputColumnPrefix", 1) {
            Some(prefix) => self.word(prefix, scope)?,
            None => String::new(),
        };
        let conflict = match said("columnsConflict", 2) {
            Some(conflict) => self.word(conflict, scope)?,
            None => "error".to_owned(),
        };
        let ignored: Vec<String> = match said("ignoredProperties", 3) {
            Some(ignored) => match self.constant(ignored, scope)?.0 {
                Value::Dynamic(Dynamic::Array(items)) => {
                    items.into_iter().map(|item| Value::of_dynamic(item).text()).collect()
                }
                _ => Vec::new(),
            },
            None => Vec::new(),
        };
        let others: Vec<(usize, Column)> = input
            .plan
            .schema
            .iter()
            .cloned()
            .enumerate()
            .filter(|(known, _)| *known != place)
            .collect();
        let unpacked: Vec<(String, Column)> = match schema {
            Some((_, columns)) => {
                let declared = declared(columns)?;
                let new = declared
                    .into_iter()
                    .filter(|known| !others.iter().any(|(_, other)| other.name == known.name));
                new.map(|known| {
                    (known.name.strip_prefix(&prefix).unwrap_or(&known.name).to_owned(), known)
                })
                .collect()
            }
            None => {
                let properties = self.properties(&input, &bag, plugin.span)?;
                let kept = properties.into_iter().filter(|(name, _)| !ignored.contains(name));
                kept.map(|(name, r#type)| {
                    (name.clone(), Column::new(format!("{prefix}{name}"), r#type))
                })
                .collect()
            }
        };
        let mut columns: Vec<(String, Expression)> = others
            .iter()
            .map(|(place, known)| (known.name.clone(), column(*place, known.r#type)))
            .collect();
        for (property, known) in unpacked {
            let name = literal(Value::String(property), Type::String, plugin.span);
            let value = self.apply(".", vec![bag.clone(), name], plugin.span)?;
            let value = self.convert(value, known.r#type)?;
            match columns.iter().position(|(name, _)| *name == known.name) {
                None => columns.push((known.name, value)),
                Some(at) => match conflict.as_str() {
                    "replace_source" => columns[at].1 = value,
                    "keep_source" => {}
                    _ => {
                        let reason = format!(
                            "the bag has a property `{}`, and there is a column of that name",
                            known.name
                        );
                        let help = "write `bag_unpack(column, columnsConflict='replace_source')`, or give a prefix";
                        return error_with(plugin.span, reason, help);
                    }
                },
            }
        }
        // Which columns there are depends on the rows: one that is not there is none that these rows have.
        let is_open = schema.is_none();
        Ok(input.project(columns, is_open))
    }

    fn convert_to_bag(&mut self, bag: Expression) -> Bind<Expression> {
        let span = bag.span;
        if bag.r#type == Type::String { self.apply("parse_json", vec![bag], span) } else { Ok(bag) }
    }

    /// The properties that the bags of a column have, with the type that all their values are of, by name.
    fn properties(
        &mut self,
        input: &Relation,
        bag: &Expression,
        span: Span,
    ) -> Bind<Vec<(String, Type)>> {
        let Some(function) = aggregates::aggregate("buildschema") else {
            return error(
                span,
                "`bag_unpack` needs its columns to be declared: `: (name: type, …)`",
            );
        };
        let aggregate = Aggregate { function, arguments: vec![bag.clone()], width: 1 };
        let node = Node::Summarize {
            input: Box::new(input.plan.clone()),
            keys: Vec::new(),
            aggregates: vec![aggregate],
            is_grouped: false,
        };
        let summary = Relation::closed(node, vec![Column::new("schema", Type::Dynamic)]);
        let rows = self.run(&summary, 1, span)?;
        let Some(Value::Dynamic(Dynamic::Bag(found))) = rows.into_iter().flatten().next() else {
            return Ok(Vec::new());
        };
        if found.len() > MOST_COLUMNS {
            let help = "declare those that matter: `evaluate bag_unpack(column) : (name: type, …)`";
            return error_with(span, format!("the bags have {} properties", found.len()), help);
        }
        let mut properties: Vec<(String, Type)> = found
            .into_iter()
            .map(|(name, kind)| {
                let r#type = match kind {
                    Dynamic::String(kind) => Type::from_name(&kind).unwrap_or(Type::Dynamic),
                    _ => Type::Dynamic,
                };
                (name, r#type)
            })
            .collect();
        properties.sort();
        Ok(properties)
    }

    /// `pivot(column, aggregate, keys…)`: a column for each value.
    fn pivot(
        &mut self,
        input: Relation,
        plugin: &Name,
        arguments: &[Argument],
        schema: Option<&(bool, Vec<DeclaredColumn>)>,
        scope: &Arc<Scope>,
    ) -> Bind<Relation> {
        let span = plugin.span;
        let Some(first) = arguments.first() else { return error(span, "`pivot` takes a column") };
        let row = self.row(&input);
        let of = self.scalar(&first.value, scope, &row)?;
        let counted = syntax::Expression {
            kind: ExpressionKind::Call {
                name: Name { text: "count".to_owned(), span },
                arguments: Vec::new(),
            },
            span,
        };
        let aggregate_text = arguments.get(1).map_or(&counted, |argument| &argument.value);
        let (aggregate, r#type) = self.one_aggregate(aggregate_text, &row, scope)?;
        let mut used = Vec::new();
        columns_of(&of, &mut used);
        aggregate.arguments.iter().for_each(|argument| columns_of(argument, &mut used));
        let mut keys: Vec<(String, Expression)> = Vec::new();
        if arguments.len() > 2 {
            for argument in arguments.iter().skip(2) {
                let name = names::of(&argument.value)
                    .unwrap_or_else(|| format!("Column{}", keys.len() + 1));
                keys.push((name, self.scalar(&argument.value, scope, &row)?));
            }
        } else {
            let rest =
                input.plan.schema.iter().enumerate().filter(|(place, _)| !used.contains(place));
            keys.extend(
                rest.map(|(place, known)| (known.name.clone(), column(place, known.r#type))),
            );
        }
        let value_name = self.convert(of, Type::String)?;
        let is_counted = matches!(
            aggregate.function.name,
            "count" | "countif" | "sum" | "sumif" | "dcount" | "dcountif"
        );
        let values: Vec<String> = match schema {
            Some((_, columns)) => {
                let columns = columns.iter().map(|column| column.name.text.clone());
                columns.filter(|name| !keys.iter().any(|(key, _)| key == name)).collect()
            }
            None => {
                let node = Node::Summarize {
                    input: Box::new(input.plan.clone()),
                    keys: vec![value_name.clone()],
                    aggregates: Vec::new(),
                    is_grouped: true,
                };
                let distinct = Relation::closed(node, vec![Column::new("value", Type::String)]);
                let rows = self.run(&distinct, MOST_COLUMNS, span)?;
                let mut values: Vec<String> =
                    rows.into_iter().flatten().map(|value| value.text()).collect();
                values.sort();
                values
            }
        };
        // Which columns there are depends on the rows: one that is not there is none that these rows have.
        let is_open = schema.is_none();
        // First by the keys and the value, then by the keys, with each value's own column.
        let mut inner: Schema = keys
            .iter()
            .enumerate()
            .map(|(place, (_, key))| Column::new(format!("\u{1}{place}"), key.r#type))
            .collect();
        inner.push(Column::new("\u{1}value", Type::String));
        inner.push(Column::new("\u{1}aggregate", r#type));
        let mut by: Vec<Expression> = keys.iter().map(|(_, key)| key.clone()).collect();
        by.push(value_name);
        let node = Node::Summarize {
            input: Box::new(input.plan),
            keys: by,
            aggregates: vec![aggregate],
            is_grouped: true,
        };
        let by_value = Relation::closed(node, inner);
        let Some(any) = aggregates::aggregate("take_anyif") else {
            return error(span, "`pivot` is not supported");
        };
        let width = keys.len();
        let mut schema: Schema = by_value.plan.schema.iter().take(width).cloned().collect();
        let mut chosen = Vec::new();
        for value in &values {
            let wanted = literal(Value::String(value.clone()), Type::String, span);
            let is_it = self.apply("==", vec![column(width, Type::String), wanted], span)?;
            chosen.push(Aggregate {
                function: any,
                arguments: vec![column(width + 1, r#type), is_it],
                width: 1,
            });
            schema.push(Column::new(value.clone(), r#type));
        }
        let outer = (0..width).filter_map(|place| by_value.column(place)).collect();
        let node = Node::Summarize {
            input: Box::new(by_value.plan),
            keys: outer,
            aggregates: chosen,
            is_grouped: true,
        };
        let pivoted = Relation::closed(node, schema);
        let mut columns = Vec::new();
        for (place, (name, _)) in keys.iter().enumerate() {
            columns.extend(pivoted.column(place).map(|expression| (name.clone(), expression)));
        }
        for (place, value) in values.into_iter().enumerate() {
            let Some(mut expression) = pivoted.column(width + place) else { continue };
            if is_counted {
                let none = literal(Value::Long(0).convert(r#type), r#type, span);
                expression = self.apply("coalesce", vec![expression, none], span)?;
            }
            columns.push((value, expression));
        }
        Ok(pivoted.project(columns, is_open))
    }

    /// `narrow()`: a row for each cell.
    fn narrow(&mut self, input: Relation, span: Span) -> Bind<Relation> {
        let row = self.ordered_row(&input);
        let Some(windows) = &row.windows else { return error(span, "no order") };
        let never = literal(Value::Bool(false), Type::Bool, span);
        windows.borrow_mut().number(never);
        let width = input.plan.schema.len();
        let numbered = self.with_windows(input, &row);
        let one = literal(Value::Long(1), Type::Long, span);
        let number = self.apply("-", vec![column(width, Type::Long), one], span)?;
        let mut pairs = Vec::new();
        for (place, known) in numbered.plan.schema.iter().take(width).enumerate() {
            let name = literal(Value::String(known.name.clone()), Type::String, span);
            let text = self.convert(column(place, known.r#type), Type::String)?;
            pairs.push(self.apply("pack_array", vec![name, text], span)?);
        }
        let cells = self.apply("pack_array", pairs, span)?;
        let packed =
            numbered.project(vec![("Row".to_owned(), number), ("cells".to_owned(), cells)], false);
        let mut schema = packed.plan.schema.clone();
        schema.push(Column::new("cell", Type::Dynamic));
        let cells = crate::kql::plan::ExpandedColumn {
            expression: column(1, Type::Dynamic),
            r#type: Type::Dynamic,
            is_pairs: false,
        };
        let node = Node::Expand {
            input: Box::new(packed.plan),
            columns: vec![cells],
            with_index: false,
            limit: None,
            keeps_empty: false,
        };
        let expanded = Relation::closed(node, schema);
        let name = self.element(column(2, Type::Dynamic), 0, Type::String)?;
        let value = self.element(column(2, Type::Dynamic), 1, Type::String)?;
        let columns = vec![
            ("Row".to_owned(), column(0, Type::Long)),
            ("Column".to_owned(), name),
            ("Value".to_owned(), value),
        ];
        Ok(expanded.project(columns, false))
    }

    /// `ipv4_lookup(table, address, prefix, more keys…, return_unmatched)`: rows of the table in whose prefix an
    /// address lies. Each address is looked up once, however many rows have it.
    fn address_lookup(
        &mut self,
        input: Relation,
        plugin: &Name,
        arguments: &[Argument],
        matches: &str,
        scope: &Arc<Scope>,
    ) -> Bind<Relation> {
        let span = plugin.span;
        let [table, address, prefix, more @ ..] = arguments else {
            return error(
                span,
                format!("`{}` takes a table, an address and a prefix", plugin.text),
            );
        };
        let table = self.table(&table.value, scope)?;
        let row = self.row(&input);
        let address = self.scalar(&address.value, scope, &row)?;
        let crate::kql::plan::ExpressionKind::Column(address) = address.kind else {
            return error(span, "the address must be a column");
        };
        let Some(prefix_place) = names::of(&prefix.value).and_then(|name| table.place(&name))
        else {
            return error(
                prefix.value.span,
                "the prefix must be a column of the table that is looked up in",
            );
        };
        let mut keeps_unmatched = false;
        for argument in more {
            let row = Row::none();
            match self.scalar(&argument.value, scope, &row).ok().as_ref().and_then(as_constant) {
                Some(Value::Bool(unmatched)) => keeps_unmatched = *unmatched,
                _ => {
                    return error_with(
                        argument.value.span,
                        "further keys are not supported",
                        "filter with `where` behind it",
                    );
                }
            }
        }
        let Some(key) = input.column(address) else {
            return error(span, "the address must be a column");
        };
        let r#type = key.r#type;
        let node = Node::Summarize {
            input: Box::new(input.plan.clone()),
            keys: vec![key],
            aggregates: Vec::new(),
            is_grouped: true,
        };
        let distinct = Relation::closed(node, vec![Column::new("\u{1}address", r#type)]);
        let pairs = crossed(distinct, table);
        let (one, other) = (column(0, r#type), pairs.column(1 + prefix_place));
        let Some(other) = other else { return error(span, "the prefix must be a column") };
        let (one, other) = (self.convert(one, Type::String)?, self.convert(other, Type::String)?);
        let predicate = self.apply(matches, vec![one, other], span)?;
        let predicate = self.convert(predicate, Type::Bool)?;
        let found = pairs.then(|input| Node::Filter { input, predicate });
        let width = input.plan.schema.len();
        let kind = if keeps_unmatched { JoinKind::LeftOuter } else { JoinKind::Inner };
        let joined = joined(input, found, kind, (address, 0));
        let places = (0..joined.plan.schema.len()).filter(|place| *place != width);
        let places: Vec<_> = places
            .filter_map(|place| Some((place, joined.plan.schema.get(place)?.name.clone())))
            .collect();
        Ok(joined.select(&places, false))
    }
}

/// The columns that an expression reads.
fn columns_of(expression: &Expression, places: &mut Vec<usize>) {
    match &expression.kind {
        crate::kql::plan::ExpressionKind::Column(place) => places.push(*place),
        crate::kql::plan::ExpressionKind::Literal(_) => {}
        crate::kql::plan::ExpressionKind::Call { arguments, .. } => {
            arguments.iter().for_each(|argument| columns_of(argument, places));
        }
    }
}
