//! What the tests of aggregates share: groups of rows, and what holds of every aggregate: that rows put together
//! in any grouping come to the same.

use proptest::prelude::*;

use super::super::functions::Accepts;
use super::super::{DateTime, Dynamic, TimeSpan, Type, Value};
use super::{Accumulator, AggregateFunction, aggregate};

/// What an aggregate of one column makes of rows.
pub(super) fn one(name: &str, types: &[Type], rows: &[&[Value]]) -> Value {
    one_of(name, types, &[], rows)
}

/// The same with constants among the arguments.
pub(super) fn one_of(name: &str, types: &[Type], constants: &[Value], rows: &[&[Value]]) -> Value {
    let mut values = all_of(name, types, constants, rows);
    assert_eq!(values.len(), 1, "{name} has one column");
    values.pop().unwrap()
}

/// What an aggregate makes of rows, all its columns.
pub(super) fn all(name: &str, types: &[Type], rows: &[&[Value]]) -> Vec<Value> {
    all_of(name, types, &[], rows)
}

/// The same with constants among the arguments.
pub(super) fn all_of(
    name: &str,
    types: &[Type],
    constants: &[Value],
    rows: &[&[Value]],
) -> Vec<Value> {
    let function = aggregate(name).unwrap();
    let mut accumulator = (function.begin)(types, constants);
    rows.iter().for_each(|row| accumulator.update(row));
    accumulator.finish()
}

/// A row for each value.
pub(super) fn rows(values: &[Value]) -> Vec<&[Value]> {
    values.iter().map(std::slice::from_ref).collect()
}

/// Whole numbers.
pub(super) fn longs(numbers: &[i64]) -> Vec<Value> {
    numbers.iter().copied().map(Value::Long).collect()
}

/// A text.
pub(super) fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}

/// A dynamic value of JSON.
pub(super) fn dynamic(json: &str) -> Value {
    Value::of_dynamic(Dynamic::of_json(json).unwrap())
}

/// The types of arguments that an aggregate is tried with; the first varies.
fn types(function: &AggregateFunction, first: Type) -> Vec<Type> {
    let accepted = function.parameters.iter().enumerate().map(|(place, accepts)| match accepts {
        Accepts::Only(only) => *only,
        Accepts::Literal => Type::Long,
        _ if place == 0 => first,
        _ => Type::Real,
    });
    let rest = function.rest.filter(|rest| *rest == Accepts::Any).map(|_| Type::String);
    accepted.chain(rest).collect()
}

fn value(of: Type) -> BoxedStrategy<Value> {
    let some = match of {
        Type::Bool => any::<bool>().prop_map(Value::Bool).boxed(),
        Type::Int => (-3..9).prop_map(Value::Int).boxed(),
        Type::Long => (-3i64..9).prop_map(Value::Long).boxed(),
        Type::String => "[ab]{0,2}".prop_map(Value::String).boxed(),
        Type::DateTime => (0i64..9).prop_map(|ticks| Value::DateTime(DateTime(ticks))).boxed(),
        Type::TimeSpan => (-9i64..9).prop_map(|ticks| Value::TimeSpan(TimeSpan(ticks))).boxed(),
        Type::Dynamic => prop::sample::select(vec![
            "1",
            "\"1\"",
            "2.5",
            "[1,2]",
            "[\"1\",null,[]]",
            "{}",
            "{\"a\":1}",
            "{\"b\":[{}],\"a\":2}",
        ])
        .prop_map(dynamic)
        .boxed(),
        _ => prop_oneof![-1e9..1e9, Just(0.1), Just(1e17)].prop_map(Value::Real).boxed(),
    };
    if of == Type::String {
        return some;
    }
    prop_oneof![4 => some, 1 => Just(Value::Null)].boxed()
}

/// What travels between machines: dynamic values are JSON there.
fn travelled(state: Vec<Value>) -> Vec<Value> {
    let travel = |value| match value {
        Value::Dynamic(dynamic) => Value::of_dynamic(Dynamic::of_json(&dynamic.json()).unwrap()),
        value => value,
    };
    state.into_iter().map(travel).collect()
}

fn accumulate(mut accumulator: Box<dyn Accumulator>, rows: &[Vec<Value>]) -> Box<dyn Accumulator> {
    rows.iter().for_each(|row| accumulator.update(row));
    accumulator
}

/// What comes out as the text of a cell.
fn texts(values: &[Value]) -> Vec<String> {
    values.iter().map(Value::text).collect()
}

fn trial() -> impl Strategy<Value = (&'static AggregateFunction, Vec<Type>, Vec<Vec<Value>>)> {
    let functions: Vec<_> = super::all().collect();
    let first = prop::sample::select(vec![
        Type::Int,
        Type::Long,
        Type::Real,
        Type::String,
        Type::DateTime,
        Type::TimeSpan,
        Type::Dynamic,
    ]);
    (prop::sample::select(functions), first).prop_flat_map(|(function, first)| {
        let types = types(function, first);
        let row: Vec<_> = types.iter().map(|r#type| value(*r#type)).collect();
        (Just(function), Just(types), prop::collection::vec(row, 0..24))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn rows_in_parts_come_to_the_same_as_at_once(
        (function, types, rows) in trial(),
        cuts in prop::collection::vec(0usize..24, 0..4),
        is_nested in any::<bool>(),
    ) {
        let constants: Vec<Value> = types
            .iter()
            .enumerate()
            .map(|(place, _)| match function.parameters.get(place) {
                Some(Accepts::Literal) => Value::Long(40),
                // Few enough to be exceeded.
                Some(Accepts::Only(Type::Long)) if place > 0 => Value::Long(5),
                _ => Value::Null,
            })
            .collect();
        let begin = || (function.begin)(&types, &constants);
        let once = accumulate(begin(), &rows).finish();

        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(rows.len())).collect();
        cuts.extend([0, rows.len()]);
        cuts.sort_unstable();
        let parts = cuts.windows(2).map(|cut| accumulate(begin(), &rows[cut[0]..cut[1]]).state());
        let mut parts: Vec<_> = parts.map(travelled).collect();
        if is_nested && parts.len() > 2 {
            // The later parts come together before they come to the first.
            let mut later = begin();
            parts.drain(1..).for_each(|state| later.merge(&state));
            parts.push(travelled(later.state()));
        }
        let mut merged = begin();
        parts.iter().for_each(|state| merged.merge(state));
        prop_assert_eq!(merged.state().len(), begin().state().len(), "{} changes width", function.name);
        prop_assert_eq!(texts(&merged.finish()), texts(&once), "{}", function.name);
    }
}
