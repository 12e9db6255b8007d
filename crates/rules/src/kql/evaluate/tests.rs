//! Each node over a few rows.

use super::{EvaluateError, rows};
use crate::kql::aggregates::names::Naming;
use crate::kql::aggregates::{Accumulator, AggregateFunction};
use crate::kql::functions::{Accepts, Function, ResultType};
use crate::kql::plan::{
    Aggregate, ExpandedColumn, Expression, ExpressionKind, JoinKind, Node, Plan, SortKey, Window,
    WindowKind,
};
use crate::kql::{Column, DateTime, Dynamic, Span, TimeSpan, Type, Value};

static GREATER: Function = Function {
    name: "test_greater",
    parameters: &[Accepts::Any, Accepts::Any],
    optional: 0,
    rest: None,
    result: ResultType::Only(Type::Bool),
    call: |arguments| match arguments {
        [Value::Long(one), Value::Long(other)] => Value::Bool(one > other),
        _ => Value::Null,
    },
};

static LIST: AggregateFunction = AggregateFunction {
    name: "test_list",
    parameters: &[Accepts::Any],
    optional: 0,
    rest: None,
    result: ResultType::Only(Type::Dynamic),
    naming: Naming::Word("list"),
    begin: |_, _| Box::new(List::default()),
};

#[derive(Debug, Default)]
struct List(Vec<Value>);

impl Accumulator for List {
    fn update(&mut self, arguments: &[Value]) {
        self.0.extend(arguments.iter().cloned());
    }

    fn state(&self) -> Vec<Value> {
        self.0.clone()
    }

    fn merge(&mut self, state: &[Value]) {
        self.0.extend(state.iter().cloned());
    }

    fn finish(&mut self) -> Vec<Value> {
        let elements = std::mem::take(&mut self.0).into_iter().map(|value| match value {
            Value::Long(number) => Dynamic::Long(number),
            _ => Dynamic::Null,
        });
        vec![Value::Dynamic(Dynamic::Array(elements.collect()))]
    }

    fn size(&self) -> usize {
        self.0.len()
    }
}

fn long(number: i64) -> Value {
    Value::Long(number)
}

fn list(numbers: &[i64]) -> Value {
    Value::Dynamic(Dynamic::Array(numbers.iter().map(|number| Dynamic::Long(*number)).collect()))
}

fn expression(kind: ExpressionKind, of: Type) -> Expression {
    Expression { kind, r#type: of, span: Span::default() }
}

fn column(place: usize) -> Expression {
    expression(ExpressionKind::Column(place), Type::Long)
}

fn literal(value: Value) -> Expression {
    let of = value.type_of().unwrap_or(Type::Long);
    expression(ExpressionKind::Literal(value), of)
}

fn greater(one: Expression, other: Expression) -> Expression {
    let arguments = vec![one, other];
    expression(ExpressionKind::Call { function: &GREATER, arguments }, Type::Bool)
}

fn list_of(place: usize) -> Aggregate {
    Aggregate { function: &LIST, arguments: vec![column(place)], width: 1 }
}

/// A plan whose columns are longs but for the names that say otherwise.
fn plan(node: Node, names: &[&str]) -> Plan {
    let column = |name: &&str| {
        let of = if name.starts_with("dynamic") { Type::Dynamic } else { Type::Long };
        Column::new(*name, of)
    };
    Plan { node, schema: names.iter().map(column).collect() }
}

fn pairs(rows: &[(i64, i64)]) -> Box<Plan> {
    let rows = rows.iter().map(|(key, value)| vec![maybe(*key), long(*value)]).collect();
    Box::new(plan(Node::Rows { rows }, &["key", "value"]))
}

/// A null for 0.
fn maybe(number: i64) -> Value {
    if number == 0 { Value::Null } else { long(number) }
}

fn run(plan: &Plan) -> Vec<Vec<Value>> {
    run_within(plan, 1000).expect("within the budget")
}

fn run_within(plan: &Plan, budget: usize) -> Result<Vec<Vec<Value>>, EvaluateError> {
    rows(plan, None, &|name, _| Err(format!("there is no {name}")), budget)
}

#[test]
fn a_row_of_which_the_predicate_is_null_goes() {
    let filter = Node::Filter {
        input: pairs(&[(0, 1), (1, 2), (5, 3)]),
        predicate: greater(column(0), literal(long(1))),
    };
    assert_eq!(run(&plan(filter, &["key", "value"])), [[long(5), long(3)]]);
}

#[test]
fn sorting_is_stable_and_puts_nulls_where_they_are_wanted() {
    let key = SortKey { expression: column(0), is_descending: true, nulls_first: false };
    let sort = Node::Sort { input: pairs(&[(1, 1), (0, 2), (7, 3), (1, 4)]), keys: vec![key] };
    let values: Vec<Value> =
        run(&plan(sort, &["key", "value"])).into_iter().map(|row| row[1].clone()).collect();
    assert_eq!(values, [3, 1, 4, 2].map(long));
}

#[test]
fn null_is_a_group_and_no_rows_are_one_group_without_keys() {
    let summarize = |input, keys: Vec<Expression>, is_grouped| {
        let aggregates = vec![list_of(1)];
        let names: &[&str] = if keys.is_empty() { &["dynamic"] } else { &["key", "dynamic"] };
        run(&plan(Node::Summarize { input, keys, aggregates, is_grouped }, names))
    };
    let rows = pairs(&[(0, 1), (2, 2), (0, 3)]);
    assert_eq!(
        summarize(rows, vec![column(0)], false),
        [[Value::Null, list(&[1, 3])], [long(2), list(&[2])]]
    );
    assert_eq!(summarize(pairs(&[]), vec![], false), [[list(&[])]]);
    assert!(summarize(pairs(&[]), vec![], true).is_empty());
    assert!(summarize(pairs(&[]), vec![column(0)], false).is_empty());
}

#[test]
fn joins_pair_nulls_and_keep_what_their_kind_keeps() {
    let join = |kind, names: &[&str]| {
        let node = Node::Join {
            left: pairs(&[(1, 1), (1, 2), (0, 3), (4, 4)]),
            right: pairs(&[(1, 10), (0, 30), (5, 50)]),
            kind,
            on: vec![(column(0), column(0))],
        };
        let values = if names.len() == 4 { vec![1, 3] } else { vec![1] };
        run(&plan(node, names))
            .into_iter()
            .map(|row| {
                values
                    .iter()
                    .map(|place| match row[*place] {
                        Value::Long(number) => number,
                        _ => 0,
                    })
                    .collect::<Vec<_>>()
            })
            .collect::<Vec<_>>()
    };
    let both = ["key", "value", "key1", "value1"];
    assert_eq!(join(JoinKind::InnerUnique, &both), [[1, 10], [3, 30]]);
    assert_eq!(join(JoinKind::Inner, &both), [[1, 10], [2, 10], [3, 30]]);
    assert_eq!(join(JoinKind::LeftOuter, &both), [[1, 10], [2, 10], [3, 30], [4, 0]]);
    assert_eq!(join(JoinKind::RightOuter, &both), [[1, 10], [2, 10], [3, 30], [0, 50]]);
    assert_eq!(join(JoinKind::FullOuter, &both), [[1, 10], [2, 10], [3, 30], [4, 0], [0, 50]]);
    let one = ["key", "value"];
    assert_eq!(join(JoinKind::LeftSemi, &one), [[1], [2], [3]]);
    assert_eq!(join(JoinKind::RightSemi, &one), [[10], [30]]);
    assert_eq!(join(JoinKind::LeftAnti, &one), [[4]]);
    assert_eq!(join(JoinKind::RightAnti, &one), [[50]]);
}

#[test]
fn a_cross_join_of_everything_is_stopped() {
    let many: Vec<(i64, i64)> = (1..100).map(|number| (number, number)).collect();
    let node =
        Node::Join { left: pairs(&many), right: pairs(&many), kind: JoinKind::Inner, on: vec![] };
    let cross = plan(node, &["key", "value", "key1", "value1"]);
    assert_eq!(run_within(&cross, 5000), Err(EvaluateError::Budget(5000)));
}

fn expanded(place: usize, of: Type) -> ExpandedColumn {
    let expression = expression(ExpressionKind::Column(place), Type::Dynamic);
    ExpandedColumn { expression, r#type: of, is_pairs: false }
}

#[test]
fn the_longest_column_wins_and_only_null_is_kept() {
    let rows = vec![
        vec![list(&[1, 2]), list(&[7])],
        vec![Value::Null, Value::Null],
        vec![list(&[]), list(&[])],
        vec![Value::Dynamic(Dynamic::String("5".to_owned())), Value::Null],
    ];
    let expand = |keeps_empty| {
        let input = Box::new(plan(Node::Rows { rows: rows.clone() }, &["dynamic0", "dynamic1"]));
        let columns = vec![expanded(0, Type::Long), expanded(1, Type::String)];
        let node = Node::Expand { input, columns, with_index: true, limit: None, keeps_empty };
        let made = run(&plan(node, &["dynamic0", "dynamic1", "index", "a", "b"]));
        made.into_iter().map(|row| row[2..].to_vec()).collect::<Vec<_>>()
    };
    let empty = || Value::String(String::new());
    let seven = Value::Dynamic(Dynamic::Long(7)).convert(Type::String);
    let with_null = [
        [long(0), long(1), seven.clone()],
        [long(1), long(2), empty()],
        [long(0), Value::Null, empty()],
        // Text is not read as a number.
        [long(0), Value::Null, empty()],
    ];
    assert_eq!(expand(true), with_null);
    assert_eq!(expand(false).len(), 3);
}

#[test]
fn a_body_runs_over_the_subtable_of_each_row() {
    let rows = vec![vec![list(&[5, 1, 3])], vec![list(&[])], vec![list(&[4, 9])]];
    let input = Box::new(plan(Node::Rows { rows }, &["dynamic"]));
    let subtable = Box::new(plan(Node::Subtable, &["dynamic", "element"]));
    let key = SortKey { expression: column(1), is_descending: true, nulls_first: false };
    let sort =
        Box::new(plan(Node::Sort { input: subtable, keys: vec![key] }, &["dynamic", "element"]));
    let top = Box::new(plan(Node::Take { input: sort, count: 2 }, &["dynamic", "element"]));
    let summarize = Node::Summarize {
        input: top,
        keys: vec![],
        aggregates: vec![list_of(1)],
        is_grouped: false,
    };
    let apply = Node::Apply {
        input,
        body: Box::new(plan(summarize, &["dynamic_top"])),
        columns: vec![expanded(0, Type::Long)],
        with_index: false,
        limit: None,
    };
    let made = run(&plan(apply, &["dynamic", "dynamic_top"]));
    let tops: Vec<Value> = made.into_iter().map(|row| row[1].clone()).collect();
    assert_eq!(tops, [list(&[5, 3]), list(&[]), list(&[9, 4])]);
}

#[test]
fn a_partition_runs_its_body_for_each_key() {
    let input = pairs(&[(1, 10), (2, 20), (1, 11), (2, 21)]);
    let subtable = Box::new(plan(Node::Subtable, &["key", "value"]));
    let body = Box::new(plan(Node::Take { input: subtable, count: 1 }, &["key", "value"]));
    let node = Node::Partition { input, key: 0, body };
    assert_eq!(run(&plan(node, &["key", "value"])), [[long(1), long(10)], [long(2), long(20)]]);
}

#[test]
fn windows_look_at_other_rows() {
    let input = pairs(&[(1, 10), (1, 10), (1, 30), (2, 30)]);
    let window = |kind, arguments| Window { kind, arguments, r#type: Type::Long };
    let restart = || greater(column(0), literal(long(1)));
    let windows = vec![
        window(WindowKind::RowNumber, vec![literal(long(5)), restart()]),
        window(WindowKind::Prev, vec![column(1), literal(long(2)), literal(long(-1))]),
        window(WindowKind::Next, vec![column(0)]),
        window(WindowKind::RowCumSum, vec![column(1), restart()]),
        window(WindowKind::RowRankDense, vec![column(1), restart()]),
        window(WindowKind::RowRankMin, vec![column(1)]),
    ];
    let names = ["key", "value", "number", "prev", "next", "sum", "dense", "least"];
    let made = run(&plan(Node::Window { input, windows }, &names));
    let column = |place: usize| made.iter().map(|row| row[place].clone()).collect::<Vec<_>>();
    assert_eq!(column(2), [5, 6, 7, 5].map(long));
    assert_eq!(column(3), [-1, -1, 10, 10].map(long));
    assert_eq!(column(4), [long(1), long(1), long(2), Value::Null]);
    assert_eq!(column(5), [10, 20, 50, 30].map(long));
    assert_eq!(column(6), [1, 1, 2, 1].map(long));
    assert_eq!(column(7), [1, 1, 3, 3].map(long));
}

#[test]
fn sessions_end_by_their_length_and_by_a_pause() {
    let minutes = [0, 4, 8, 12, 30];
    let moment = |minute: i64| Value::DateTime(DateTime(minute * 60 * TimeSpan::SECOND));
    let rows = minutes.iter().map(|minute| vec![moment(*minute)]).collect();
    let input = Box::new(plan(Node::Rows { rows }, &["time"]));
    let length = |minutes: i64| literal(Value::TimeSpan(TimeSpan(minutes * 60 * TimeSpan::SECOND)));
    let window = Window {
        kind: WindowKind::RowWindowSession,
        arguments: vec![column(0), length(10), length(5)],
        r#type: Type::DateTime,
    };
    let made = run(&plan(Node::Window { input, windows: vec![window] }, &["time", "begin"]));
    let begins: Vec<Value> = made.into_iter().map(|row| row[1].clone()).collect();
    assert_eq!(begins, [0, 0, 0, 12, 30].map(moment));
}

#[test]
fn series_have_an_element_for_each_step() {
    let series = |input, from: Option<i64>, to: Option<i64>, keys: Vec<Expression>| {
        let node = Node::MakeSeries {
            input,
            keys,
            aggregates: vec![(list_of(1), long(-1))],
            axis: column(1),
            from: from.map(long),
            to: to.map(long),
            step: long(10),
        };
        run(&plan(node, &["dynamic", "dynamic_axis"]))
    };
    let lists = |lists: &[&[i64]]| {
        let elements = lists.iter().map(|numbers| match *numbers {
            [-1] => Dynamic::Long(-1),
            numbers => Dynamic::Array(numbers.iter().map(|n| Dynamic::Long(*n)).collect()),
        });
        Value::Dynamic(Dynamic::Array(elements.collect()))
    };
    let arrays = |rows: Vec<Vec<Value>>| {
        rows.into_iter().next().map(|row| match <[Value; 2]>::try_from(row) {
            Ok([Value::Dynamic(Dynamic::Array(elements)), axis]) => (elements.len(), axis),
            other => panic!("{other:?}"),
        })
    };
    let rows = || pairs(&[(1, 3), (1, 25), (1, 99)]);
    assert_eq!(
        arrays(series(rows(), Some(0), Some(40), vec![])),
        Some((4, list(&[0, 10, 20, 30])))
    );
    assert_eq!(arrays(series(rows(), Some(5), Some(26), vec![])), Some((3, list(&[5, 15, 25]))));
    assert_eq!(
        arrays(series(pairs(&[(1, 13), (1, 31)]), None, None, vec![])),
        Some((3, list(&[10, 20, 30])))
    );
    assert_eq!(
        series(pairs(&[]), Some(0), Some(20), vec![]),
        [[lists(&[&[-1], &[-1]]), list(&[0, 10])]]
    );
    assert!(series(pairs(&[]), Some(0), Some(20), vec![column(0)]).is_empty());
}
