//! Leaves out of a plan every column that nothing has a use for, so that a wide table is asked only for
//! what a query reads.

use std::cell::RefCell;
use std::collections::BTreeSet;

use coldtrail_rules::kql::plan::{
    ExpandedColumn, Expression, ExpressionKind, JoinKind, Node, Plan, SortKey, Window,
};
use coldtrail_rules::kql::{Schema, Type};

/// The same rows of the same columns, from tables of fewer.
pub fn prune(plan: &Plan) -> Plan {
    Pruning::default().exactly(plan, &all(plan))
}

/// The columns that an expression reads.
pub(super) fn columns(expression: &Expression, into: &mut BTreeSet<usize>) {
    match &expression.kind {
        ExpressionKind::Column(place) => {
            into.insert(*place);
        }
        ExpressionKind::Literal(_) => {}
        ExpressionKind::Call { arguments, .. } => {
            arguments.iter().for_each(|argument| columns(argument, into));
        }
    }
}

fn all(plan: &Plan) -> BTreeSet<usize> {
    (0..plan.schema.len()).collect()
}

/// A plan that has at least the wanted columns, in their order.
struct Pruned {
    plan: Plan,
    /// Of each of the old columns the place among the new ones.
    places: Vec<Option<usize>>,
}

/// What is known on the way down.
#[derive(Default)]
struct Pruning {
    /// What the subtable becomes within a body: its new columns, and the new place of each old one.
    subtable: Option<(Schema, Vec<Option<usize>>)>,
    /// Which of its old columns are wanted.
    wanted_of_subtable: RefCell<BTreeSet<usize>>,
}

impl Pruning {
    /// The plan with the wanted columns alone.
    fn exactly(&self, plan: &Plan, wanted: &BTreeSet<usize>) -> Plan {
        let Pruned { plan: pruned, places } = self.plan(plan, wanted);
        if pruned.schema.len() == wanted.len() {
            return pruned;
        }
        let schema: Schema =
            wanted.iter().filter_map(|place| plan.schema.get(*place).cloned()).collect();
        let expressions = wanted.iter().zip(&schema).map(|(place, column)| Expression {
            kind: ExpressionKind::Column(*place),
            r#type: column.r#type,
            span: Default::default(),
        });
        let expressions = expressions.map(|expression| moved(&expression, &places)).collect();
        Plan { node: Node::Project { input: Box::new(pruned), expressions }, schema }
    }

    /// The plan with at least the wanted columns.
    fn plan(&self, plan: &Plan, wanted: &BTreeSet<usize>) -> Pruned {
        match &plan.node {
            Node::Table { name } => {
                let (schema, places, _) = narrowed(&plan.schema, wanted);
                Pruned { plan: Plan { node: Node::Table { name: name.clone() }, schema }, places }
            }
            Node::Subtable => {
                self.wanted_of_subtable.borrow_mut().extend(wanted);
                let (schema, places) = match &self.subtable {
                    Some((schema, places)) => (schema.clone(), places.clone()),
                    None => (plan.schema.clone(), same(plan.schema.len())),
                };
                Pruned { plan: Plan { node: Node::Subtable, schema }, places }
            }
            Node::Rows { rows } => {
                let (schema, places, kept) = narrowed(&plan.schema, wanted);
                let rows = rows
                    .iter()
                    .map(|row| kept.iter().filter_map(|place| row.get(*place).cloned()).collect())
                    .collect();
                Pruned { plan: Plan { node: Node::Rows { rows }, schema }, places }
            }
            Node::Filter { input, predicate } => {
                let mut wanted = wanted.clone();
                columns(predicate, &mut wanted);
                self.over(input, &wanted, |input, places| Node::Filter {
                    input,
                    predicate: moved(predicate, places),
                })
            }
            Node::Sort { input, keys } => {
                let mut wanted = wanted.clone();
                keys.iter().for_each(|key| columns(&key.expression, &mut wanted));
                self.over(input, &wanted, |input, places| Node::Sort {
                    input,
                    keys: keys
                        .iter()
                        .map(|key| SortKey {
                            expression: moved(&key.expression, places),
                            ..key.clone()
                        })
                        .collect(),
                })
            }
            Node::Take { input, count } => {
                self.over(input, wanted, |input, _| Node::Take { input, count: *count })
            }
            // Which rows are drawn depends on all of their columns.
            Node::Sample { input, count } => {
                self.over(input, &all(input), |input, _| Node::Sample { input, count: *count })
            }
            Node::Project { input, expressions } => self.project(plan, input, expressions, wanted),
            Node::Window { input, windows } => self.window(plan, input, windows, wanted),
            Node::Summarize { .. } => self.summarize(plan, wanted),
            Node::Join { .. } => self.join(plan, wanted),
            Node::Union { inputs } => {
                let (schema, places, kept) = narrowed(&plan.schema, wanted);
                let kept = kept.into_iter().collect();
                let inputs = inputs.iter().map(|input| self.exactly(input, &kept)).collect();
                Pruned { plan: Plan { node: Node::Union { inputs }, schema }, places }
            }
            Node::Expand { .. } => self.expand(plan, wanted),
            Node::Apply { .. } => self.apply(plan, wanted),
            Node::Partition { input, key, body } => self.partition(plan, input, *key, body),
            Node::MakeSeries { .. } => self.make_series(plan),
        }
    }

    /// A node whose columns are those of its input.
    fn over(
        &self,
        input: &Plan,
        wanted: &BTreeSet<usize>,
        node: impl FnOnce(Box<Plan>, &[Option<usize>]) -> Node,
    ) -> Pruned {
        let Pruned { plan: input, places } = self.plan(input, wanted);
        let schema = input.schema.clone();
        Pruned { plan: Plan { node: node(Box::new(input), &places), schema }, places }
    }

    fn project(
        &self,
        plan: &Plan,
        input: &Plan,
        expressions: &[Expression],
        wanted: &BTreeSet<usize>,
    ) -> Pruned {
        let (schema, places, kept) = narrowed(&plan.schema, wanted);
        let kept: Vec<&Expression> =
            kept.into_iter().filter_map(|place| expressions.get(place)).collect();
        let mut needed = BTreeSet::new();
        kept.iter().for_each(|expression| columns(expression, &mut needed));
        let Pruned { plan: input, places: input_places } = self.plan(input, &needed);
        let expressions =
            kept.into_iter().map(|expression| moved(expression, &input_places)).collect();
        let node = Node::Project { input: Box::new(input), expressions };
        Pruned { plan: Plan { node, schema }, places }
    }

    fn window(
        &self,
        plan: &Plan,
        input: &Plan,
        windows: &[Window],
        wanted: &BTreeSet<usize>,
    ) -> Pruned {
        let before = input.schema.len();
        let kept: Vec<usize> =
            (0..windows.len()).filter(|window| wanted.contains(&(before + window))).collect();
        let mut needed: BTreeSet<usize> = wanted.range(..before).copied().collect();
        let arguments = kept
            .iter()
            .filter_map(|window| windows.get(*window))
            .flat_map(|window| &window.arguments);
        arguments.for_each(|argument| columns(argument, &mut needed));
        let Pruned { plan: input, mut places } = self.plan(input, &needed);
        let input_places = places.clone();
        let mut schema = input.schema.clone();
        places.resize(before + windows.len(), None);
        let mut made = Vec::new();
        for window in kept {
            let Some((column, kept)) = plan.schema.get(before + window).zip(windows.get(window))
            else {
                continue;
            };
            if let Some(place) = places.get_mut(before + window) {
                *place = Some(schema.len());
            }
            schema.push(column.clone());
            made.push(Window {
                arguments: moved_all(&kept.arguments, &input_places),
                ..kept.clone()
            });
        }
        if made.is_empty() {
            return Pruned { plan: input, places };
        }
        let node = Node::Window { input: Box::new(input), windows: made };
        Pruned { plan: Plan { node, schema }, places }
    }

    fn summarize(&self, plan: &Plan, wanted: &BTreeSet<usize>) -> Pruned {
        let Node::Summarize { input, keys, aggregates, is_grouped } = &plan.node else {
            return Pruned { plan: plan.clone(), places: same(plan.schema.len()) };
        };
        let mut places = same(keys.len());
        let mut schema: Schema = plan.schema.get(..keys.len()).unwrap_or_default().to_vec();
        let mut kept = Vec::new();
        let mut next = keys.len();
        for (number, aggregate) in aggregates.iter().enumerate() {
            let own = next..next + aggregate.width;
            next = own.end;
            let is_last_resort =
                keys.is_empty() && number + 1 == aggregates.len() && kept.is_empty();
            let is_kept = wanted.range(own.clone()).next().is_some() || is_last_resort;
            for place in own {
                places.push(is_kept.then_some(schema.len()));
                schema.extend(plan.schema.get(place).filter(|_| is_kept).cloned());
            }
            if is_kept {
                kept.push(aggregate);
            }
        }
        let mut needed = BTreeSet::new();
        let arguments = kept.iter().flat_map(|aggregate| &aggregate.arguments);
        keys.iter().chain(arguments).for_each(|expression| columns(expression, &mut needed));
        let Pruned { plan: input, places: input_places } = self.plan(input, &needed);
        let aggregates = kept
            .into_iter()
            .map(|aggregate| {
                let mut aggregate = aggregate.clone();
                aggregate.arguments = moved_all(&aggregate.arguments, &input_places);
                aggregate
            })
            .collect();
        let node = Node::Summarize {
            input: Box::new(input),
            keys: moved_all(keys, &input_places),
            aggregates,
            is_grouped: *is_grouped,
        };
        Pruned { plan: Plan { node, schema }, places }
    }

    fn join(&self, plan: &Plan, wanted: &BTreeSet<usize>) -> Pruned {
        let Node::Join { left, right, kind, on } = &plan.node else {
            return Pruned { plan: plan.clone(), places: same(plan.schema.len()) };
        };
        let (has_left, has_right) = match kind {
            JoinKind::LeftSemi | JoinKind::LeftAnti => (true, false),
            JoinKind::RightSemi | JoinKind::RightAnti => (false, true),
            _ => (true, true),
        };
        let before = if has_left { left.schema.len() } else { 0 };
        let mut of_left = BTreeSet::new();
        let mut of_right = BTreeSet::new();
        if has_left {
            of_left.extend(wanted.range(..before));
        }
        if has_right {
            of_right.extend(wanted.range(before..).map(|place| place - before));
        }
        for (left, right) in on {
            columns(left, &mut of_left);
            columns(right, &mut of_right);
        }
        let left = self.plan(left, &of_left);
        let right = self.plan(right, &of_right);
        let mut places = Vec::new();
        let mut width = 0;
        if has_left {
            places.extend(&left.places);
            width = left.plan.schema.len();
        }
        if has_right {
            places.extend(right.places.iter().map(|place| place.map(|place| place + width)));
            width += right.plan.schema.len();
        }
        let schema = renamed(&plan.schema, &places, width);
        let on = on
            .iter()
            .map(|(one, other)| (moved(one, &left.places), moved(other, &right.places)))
            .collect();
        let node =
            Node::Join { left: Box::new(left.plan), right: Box::new(right.plan), kind: *kind, on };
        Pruned { plan: Plan { node, schema }, places }
    }

    fn expand(&self, plan: &Plan, wanted: &BTreeSet<usize>) -> Pruned {
        let Node::Expand { input, columns: expanded, with_index, limit, keeps_empty } = &plan.node
        else {
            return Pruned { plan: plan.clone(), places: same(plan.schema.len()) };
        };
        let before = input.schema.len();
        let mut needed: BTreeSet<usize> = wanted.range(..before).copied().collect();
        expanded.iter().for_each(|column| columns(&column.expression, &mut needed));
        let Pruned { plan: input, mut places } = self.plan(input, &needed);
        let columns = moved_columns(expanded, &places);
        let schema = behind(&mut places, &input.schema, &plan.schema, before);
        let node = Node::Expand {
            input: Box::new(input),
            columns,
            with_index: *with_index,
            limit: *limit,
            keeps_empty: *keeps_empty,
        };
        Pruned { plan: Plan { node, schema }, places }
    }

    fn apply(&self, plan: &Plan, wanted: &BTreeSet<usize>) -> Pruned {
        let Node::Apply { input, body, columns: expanded, with_index, limit } = &plan.node else {
            return Pruned { plan: plan.clone(), places: same(plan.schema.len()) };
        };
        let before = input.schema.len();
        let mut needed: BTreeSet<usize> = wanted.range(..before).copied().collect();
        expanded.iter().for_each(|column| columns(&column.expression, &mut needed));
        needed.extend(wanted_of_subtable(body).range(..before));
        let Pruned { plan: input, mut places } = self.plan(input, &needed);
        let columns = moved_columns(expanded, &places);
        let mut of_subtable = places.clone();
        let old = subtable_schema(body).unwrap_or_default();
        let subtable = behind(&mut of_subtable, &input.schema, &old, before);
        let within = Pruning { subtable: Some((subtable, of_subtable)), ..Pruning::default() };
        let body = within.exactly(body, &all(body));
        let schema = behind(&mut places, &input.schema, &plan.schema, before);
        let node = Node::Apply {
            input: Box::new(input),
            body: Box::new(body),
            columns,
            with_index: *with_index,
            limit: *limit,
        };
        Pruned { plan: Plan { node, schema }, places }
    }

    fn partition(&self, plan: &Plan, input: &Plan, key: usize, body: &Plan) -> Pruned {
        let mut needed = wanted_of_subtable(body);
        needed.insert(key);
        let Pruned { plan: input, places } = self.plan(input, &needed);
        let key = places.get(key).copied().flatten().unwrap_or(key);
        let subtable = Some((input.schema.clone(), places));
        let within = Pruning { subtable, ..Pruning::default() };
        let body = within.exactly(body, &all(body));
        let node = Node::Partition { input: Box::new(input), key, body: Box::new(body) };
        let schema = plan.schema.clone();
        Pruned { places: same(schema.len()), plan: Plan { node, schema } }
    }

    fn make_series(&self, plan: &Plan) -> Pruned {
        let mut plan = plan.clone();
        if let Node::MakeSeries { input, keys, aggregates, axis, .. } = &mut plan.node {
            let mut needed = BTreeSet::new();
            let arguments = aggregates.iter().flat_map(|(aggregate, _)| &aggregate.arguments);
            let read = keys.iter().chain(arguments).chain([&*axis]);
            read.for_each(|expression| columns(expression, &mut needed));
            let Pruned { plan: pruned, places } = self.plan(input, &needed);
            *keys = moved_all(keys, &places);
            *axis = moved(axis, &places);
            for (aggregate, _) in aggregates {
                aggregate.arguments = moved_all(&aggregate.arguments, &places);
            }
            **input = pruned;
        }
        Pruned { places: same(plan.schema.len()), plan }
    }
}

/// Which columns of the subtable a body has a use for.
fn wanted_of_subtable(body: &Plan) -> BTreeSet<usize> {
    let within = Pruning::default();
    within.exactly(body, &all(body));
    within.wanted_of_subtable.into_inner()
}

/// The columns of the subtable of a body; nothing if it does not look at it.
fn subtable_schema(body: &Plan) -> Option<Schema> {
    match &body.node {
        Node::Subtable => Some(body.schema.clone()),
        node => super::inputs(node).into_iter().find_map(subtable_schema),
    }
}

/// The wanted columns, their new places, and their old ones. A table keeps one column at least, since a row
/// without any is none; it keeps one that is cheap to read.
fn narrowed(schema: &Schema, wanted: &BTreeSet<usize>) -> (Schema, Vec<Option<usize>>, Vec<usize>) {
    let mut kept: Vec<usize> =
        wanted.iter().copied().filter(|place| *place < schema.len()).collect();
    if kept.is_empty() && !schema.is_empty() {
        let is_cheap = |of: Type| !matches!(of, Type::String | Type::Dynamic);
        kept.push(schema.iter().position(|column| is_cheap(column.r#type)).unwrap_or(0));
    }
    let mut places = vec![None; schema.len()];
    for (new, old) in kept.iter().enumerate() {
        if let Some(place) = places.get_mut(*old) {
            *place = Some(new);
        }
    }
    let narrowed = kept.iter().filter_map(|place| schema.get(*place).cloned()).collect();
    (narrowed, places, kept)
}

/// The input's new columns, and behind them those that the node itself adds, all of which stay.
fn behind(places: &mut Vec<Option<usize>>, input: &Schema, old: &Schema, before: usize) -> Schema {
    let mut schema = input.clone();
    for column in old.get(before..).unwrap_or_default() {
        places.push(Some(schema.len()));
        schema.push(column.clone());
    }
    schema
}

/// The columns of a join under the names that they have behind it.
fn renamed(old: &Schema, places: &[Option<usize>], width: usize) -> Schema {
    let mut named: Vec<_> = (0..width).map(|_| None).collect();
    for (column, place) in old.iter().zip(places) {
        if let Some(named) = place.and_then(|place| named.get_mut(place)) {
            *named = Some(column.clone());
        }
    }
    named.into_iter().flatten().collect()
}

fn same(columns: usize) -> Vec<Option<usize>> {
    (0..columns).map(Some).collect()
}

fn moved_all(expressions: &[Expression], places: &[Option<usize>]) -> Vec<Expression> {
    expressions.iter().map(|expression| moved(expression, places)).collect()
}

fn moved_columns(columns: &[ExpandedColumn], places: &[Option<usize>]) -> Vec<ExpandedColumn> {
    let moved_one = |column: &ExpandedColumn| ExpandedColumn {
        expression: moved(&column.expression, places),
        ..column.clone()
    };
    columns.iter().map(moved_one).collect()
}

/// The expression over columns that have new places.
pub(super) fn moved(expression: &Expression, places: &[Option<usize>]) -> Expression {
    let kind = match &expression.kind {
        ExpressionKind::Column(place) => {
            ExpressionKind::Column(places.get(*place).copied().flatten().unwrap_or(usize::MAX))
        }
        ExpressionKind::Literal(value) => ExpressionKind::Literal(value.clone()),
        ExpressionKind::Call { function, arguments } => {
            ExpressionKind::Call { function, arguments: moved_all(arguments, places) }
        }
    };
    Expression { kind, ..*expression }
}
