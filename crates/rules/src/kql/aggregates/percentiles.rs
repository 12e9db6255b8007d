//! Percentiles by nearest rank, exact where Kusto estimates.
//!
//! <https://learn.microsoft.com/kusto/query/percentiles-aggregation-function>

use rust_decimal::prelude::ToPrimitive;

use super::super::functions::sketches::Digest;
use super::super::functions::{Accepts, ResultType};
use super::super::{Dynamic, Type, Value};
use super::names::Naming;
use super::{Accumulator, AggregateFunction, elements, long};

const WEIGHT: Accepts = Accepts::Only(Type::Long);

/// The aggregates.
pub(super) const AGGREGATES: &[AggregateFunction] = &[
    columns("percentile", PLAIN, |types, constants| {
        Percentiles::begin(types, constants, None, Finish::Columns)
    }),
    columns("percentiles", PLAIN, |types, constants| {
        Percentiles::begin(types, constants, None, Finish::Columns)
    })
    .with_rest(Accepts::Literal),
    columns("percentilew", WEIGHTED, |types, constants| {
        Percentiles::begin(types, constants, Some(1), Finish::Columns)
    }),
    columns("percentilesw", WEIGHTED, |types, constants| {
        Percentiles::begin(types, constants, Some(1), Finish::Columns)
    })
    .with_rest(Accepts::Literal),
    array("percentiles_array", PLAIN, |types, constants| {
        Percentiles::begin(types, constants, None, Finish::Array)
    }),
    array("percentilesw_array", WEIGHTED, |types, constants| {
        Percentiles::begin(types, constants, Some(1), Finish::Array)
    }),
];

const PLAIN: &[Accepts] = &[Accepts::Measure, Accepts::Literal];
const WEIGHTED: &[Accepts] = &[Accepts::Measure, WEIGHT, Accepts::Literal];

type Begin = fn(&[Type], &[Value]) -> Box<dyn Accumulator>;

const fn columns(
    name: &'static str,
    parameters: &'static [Accepts],
    begin: Begin,
) -> AggregateFunction {
    const RESULT: ResultType = ResultType::Computed(|types| Digest::type_of(*types.first()?));
    let naming = Naming::Percentiles(parameters.len() - 1);
    AggregateFunction::define(name, parameters, naming, RESULT, begin)
}

const fn array(
    name: &'static str,
    parameters: &'static [Accepts],
    begin: Begin,
) -> AggregateFunction {
    const RESULT: ResultType = ResultType::Only(Type::Dynamic);
    AggregateFunction::define(name, parameters, Naming::Word("percentiles"), RESULT, begin)
        .with_rest(Accepts::Literal)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Finish {
    /// One column for each percentile.
    Columns,
    /// One array of all.
    Array,
}

/// How often each value came, and what is to be known of it.
#[derive(Debug)]
struct Percentiles {
    digest: Digest,
    /// Which argument says how often a row counts.
    weight: Option<usize>,
    /// Nothing where the query says no number.
    percentiles: Vec<Option<f64>>,
    finish: Finish,
}

impl Percentiles {
    fn begin(
        types: &[Type],
        constants: &[Value],
        weight: Option<usize>,
        finish: Finish,
    ) -> Box<dyn Accumulator> {
        let r#type = types.first().and_then(|first| Digest::type_of(*first));
        let percentiles = constants.get(weight.map_or(1, |place| place + 1)..).unwrap_or_default();
        Box::new(Self {
            digest: Digest::new(r#type.unwrap_or(Type::Real)),
            weight,
            percentiles: percentiles.iter().flat_map(numbers).collect(),
            finish,
        })
    }
}

/// The number that a constant is, or those of an array.
fn numbers(constant: &Value) -> Vec<Option<f64>> {
    match constant {
        Value::Dynamic(Dynamic::Array(elements)) => {
            elements.iter().cloned().map(|element| number(&element.held())).collect()
        }
        constant => vec![number(constant)],
    }
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Int(number) => Some(f64::from(*number)),
        Value::Long(number) => Some(*number as f64),
        Value::Real(number) => Some(*number),
        Value::Decimal(number) => number.to_f64(),
        _ => None,
    }
}

impl Accumulator for Percentiles {
    fn update(&mut self, arguments: &[Value]) {
        let weight = match self.weight {
            Some(place) => long(arguments, place).unwrap_or_default(),
            None => 1,
        };
        if let Some(value) = arguments.first() {
            self.digest.add(value, weight);
        }
    }

    fn state(&self) -> Vec<Value> {
        vec![Value::Dynamic(self.digest.dynamic())]
    }

    fn merge(&mut self, state: &[Value]) {
        if let Some(other) = Digest::of_elements(elements(state, 0)) {
            self.digest.add_all(&other);
        }
    }

    fn finish(&mut self) -> Vec<Value> {
        let value = |percentile: &Option<f64>| {
            percentile.map_or(Value::Null, |percentile| self.digest.percentile(percentile))
        };
        let values = self.percentiles.iter().map(value);
        match self.finish {
            Finish::Columns => values.collect(),
            Finish::Array if self.digest.is_empty() => vec![Value::Null],
            Finish::Array => {
                vec![Value::Dynamic(Dynamic::Array(values.map(Value::into_dynamic).collect()))]
            }
        }
    }

    fn size(&self) -> usize {
        size_of::<Self>() + self.digest.size()
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::DateTime;
    use super::super::trials::{all_of, dynamic, longs, one_of, rows};
    use super::*;

    fn percentile(values: &[i64], percentile: Value) -> Value {
        let constants = [Value::Null, percentile];
        one_of("percentile", &[Type::Int, Type::Real], &constants, &rows(&longs(values)))
    }

    #[test]
    fn the_nearest_rank_counts_and_nothing_is_between() {
        assert_eq!(percentile(&[1, 2], Value::Long(50)), Value::Long(1));
        assert_eq!(percentile(&[3, 1, 2], Value::Long(50)), Value::Long(2));
        assert_eq!(percentile(&[3, 1, 2], Value::Long(0)), Value::Long(1));
        assert_eq!(percentile(&[3, 1, 2], Value::Long(100)), Value::Long(3));
        assert_eq!(percentile(&[], Value::Long(50)), Value::Null);
        let hundred: Vec<i64> = (1..=100).collect();
        assert_eq!(percentile(&hundred, Value::Long(55)), Value::Long(55));
        assert_eq!(percentile(&hundred, Value::Real(99.9)), Value::Long(100));
    }

    #[test]
    fn a_row_may_count_often() {
        let pairs = [(8, 10), (6, 20), (3, 30), (1, 40)];
        let rows: Vec<_> =
            pairs.map(|(weight, value)| [Value::Long(value), Value::Long(weight)]).to_vec();
        let rows: Vec<&[Value]> = rows.iter().map(|row| row.as_slice()).collect();
        let types = [Type::Long, Type::Long];
        let constants =
            [Value::Null, Value::Null, Value::Long(50), Value::Long(75), Value::Real(99.9)];
        let expected = [20, 20, 40].map(Value::Long);
        assert_eq!(all_of("percentilesw", &types, &constants, &rows), expected);
        let array = dynamic("[20,20,40]");
        assert_eq!(one_of("percentilesw_array", &types, &constants, &rows), array);
        let constants = [Value::Null, Value::Null, dynamic("[50,75,99.9]")];
        assert_eq!(one_of("percentilesw_array", &types, &constants, &rows), array);
    }

    #[test]
    fn moments_and_fractions_have_percentiles_too() {
        let constants = [Value::Null, Value::Long(50)];
        let moments = [7, 9, 8].map(|ticks| Value::DateTime(DateTime(ticks)));
        let middle = one_of("percentile", &[Type::DateTime], &constants, &rows(&moments));
        assert_eq!(middle, Value::DateTime(DateTime(8)));
        let fractions = [-1.5, 0.25, -0.5].map(Value::Real);
        let middle = one_of("percentile", &[Type::Real], &constants, &rows(&fractions));
        assert_eq!(middle, Value::Real(-0.5));
    }
}
