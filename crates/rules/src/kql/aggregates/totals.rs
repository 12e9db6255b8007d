//! Sums and averages.
//!
//! Of nothing, a sum is 0 and an average of numbers is not a number, as the documentation prints them.
//!
//! <https://learn.microsoft.com/kusto/query/summarize-operator#default-values-of-aggregations>

use rust_decimal::Decimal;

use super::super::functions::{Accepts, ResultType};
use super::super::{DateTime, TimeSpan, Type, Value};
use super::condition::Conditional;
use super::exact::ExactSum;
use super::names::Naming;
use super::{Accumulator, AggregateFunction, long};

const BOOL: Accepts = Accepts::Only(Type::Bool);

/// The aggregates.
pub(super) const AGGREGATES: &[AggregateFunction] = &[
    AggregateFunction::define("sum", &[Accepts::Measure], Naming::Word("sum"), SUM, |types, _| {
        Total::begin(types, Finish::Sum)
    }),
    AggregateFunction::define(
        "sumif",
        &[Accepts::Measure, BOOL],
        Naming::Word("sumif"),
        SUM,
        |types, _| Conditional::begin(1, Total::begin(types, Finish::Sum)),
    ),
    AggregateFunction::define(
        "avg",
        &[Accepts::Measure],
        Naming::Word("avg"),
        AVERAGE,
        |types, _| Total::begin(types, Finish::Average),
    ),
    AggregateFunction::define(
        "avgif",
        &[Accepts::Measure, BOOL],
        Naming::Word("avgif"),
        AVERAGE,
        |types, _| Conditional::begin(1, Total::begin(types, Finish::Average)),
    ),
];

const SUM: ResultType = ResultType::Computed(|types| match types.first()? {
    Type::Int | Type::Long => Some(Type::Long),
    Type::Real | Type::Dynamic => Some(Type::Real),
    other @ (Type::Decimal | Type::TimeSpan | Type::DateTime) => Some(*other),
    _ => None,
});

const AVERAGE: ResultType = ResultType::Computed(|types| match types.first()? {
    Type::Int | Type::Long | Type::Real | Type::Dynamic => Some(Type::Real),
    other @ (Type::Decimal | Type::TimeSpan | Type::DateTime) => Some(*other),
    _ => None,
});

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Finish {
    Sum,
    Average,
}

/// A sum with the number of what was summed.
#[derive(Debug)]
struct Total {
    finish: Finish,
    r#type: Type,
    count: i64,
    /// Whole numbers and ticks.
    whole: i128,
    real: ExactSum,
    /// Nothing once the sum is beyond what a decimal can hold.
    decimal: Option<Decimal>,
}

impl Total {
    fn begin(types: &[Type], finish: Finish) -> Box<dyn Accumulator> {
        Box::new(Self {
            finish,
            r#type: types.first().copied().unwrap_or(Type::Real),
            count: 0,
            whole: 0,
            real: ExactSum::default(),
            decimal: Some(Decimal::ZERO),
        })
    }

    fn sum(&self) -> Value {
        // A sum of long numbers goes round as any arithmetic on them.
        let whole = self.whole as i64;
        match self.r#type {
            Type::Int | Type::Long => Value::Long(whole),
            Type::TimeSpan => Value::TimeSpan(TimeSpan(whole)),
            Type::DateTime => Value::DateTime(DateTime(whole)),
            Type::Decimal => self.decimal.map_or(Value::Null, Value::Decimal),
            _ => Value::Real(self.real.value()),
        }
    }

    fn average(&self) -> Value {
        let count = self.count as f64;
        let ticks = || i64::try_from(self.whole.checked_div(i128::from(self.count))?).ok();
        match self.r#type {
            Type::Int | Type::Long => Value::Real(self.whole as f64 / count),
            Type::TimeSpan => ticks().map_or(Value::Null, |ticks| Value::TimeSpan(TimeSpan(ticks))),
            Type::DateTime => ticks().map_or(Value::Null, |ticks| Value::DateTime(DateTime(ticks))),
            Type::Decimal => self
                .decimal
                .and_then(|sum| sum.checked_div(Decimal::from(self.count)))
                .map_or(Value::Null, Value::Decimal),
            _ => Value::Real(self.real.value() / count),
        }
    }
}

impl Accumulator for Total {
    fn update(&mut self, arguments: &[Value]) {
        match arguments.first() {
            Some(Value::Int(number)) => self.whole += i128::from(*number),
            Some(Value::Long(number)) => self.whole += i128::from(*number),
            Some(Value::TimeSpan(TimeSpan(ticks))) => self.whole += i128::from(*ticks),
            Some(Value::DateTime(DateTime(ticks))) => self.whole += i128::from(*ticks),
            Some(Value::Real(number)) => self.real.add(*number),
            Some(Value::Decimal(number)) => {
                self.decimal = self.decimal.and_then(|sum| sum.checked_add(*number));
            }
            _ => return,
        }
        self.count += 1;
    }

    fn state(&self) -> Vec<Value> {
        let mut state = vec![
            Value::Long(self.count),
            Value::Long((self.whole >> 64) as i64),
            Value::Long(self.whole as i64),
            self.decimal.map_or(Value::Null, Value::Decimal),
        ];
        state.extend(self.real.state());
        state
    }

    fn merge(&mut self, state: &[Value]) {
        let part = |place| long(state, place).unwrap_or_default();
        self.count = self.count.saturating_add(part(0));
        let whole = (i128::from(part(1)) << 64) | i128::from(part(2) as u64);
        self.whole = self.whole.wrapping_add(whole);
        self.decimal = match (self.decimal, state.get(3)) {
            (Some(sum), Some(Value::Decimal(other))) => sum.checked_add(*other),
            _ => None,
        };
        self.real.merge(state.get(4..).unwrap_or_default());
    }

    fn finish(&mut self) -> Vec<Value> {
        vec![match self.finish {
            Finish::Sum => self.sum(),
            Finish::Average => self.average(),
        }]
    }

    fn size(&self) -> usize {
        size_of::<Self>() + self.real.size()
    }
}

#[cfg(test)]
mod tests {
    use super::super::trials::one;
    use super::*;

    #[test]
    fn a_sum_of_int_is_long() {
        let rows: [&[Value]; 3] = [&[Value::Int(i32::MAX)], &[Value::Int(1)], &[Value::Null]];
        assert_eq!(one("sum", &[Type::Int], &rows), Value::Long(1 << 31));
    }

    #[test]
    fn an_average_leaves_nulls_out() {
        let rows: [&[Value]; 3] = [&[Value::Long(1)], &[Value::Null], &[Value::Long(2)]];
        assert_eq!(one("avg", &[Type::Long], &rows), Value::Real(1.5));
        let rows: [&[Value]; 2] =
            [&[Value::TimeSpan(TimeSpan(3))], &[Value::TimeSpan(TimeSpan(4))]];
        assert_eq!(one("avg", &[Type::TimeSpan], &rows), Value::TimeSpan(TimeSpan(3)));
    }

    #[test]
    fn nothing_sums_to_zero_of_its_type_and_averages_to_no_number() {
        assert_eq!(one("sum", &[Type::Real], &[]), Value::Real(0.0));
        assert_eq!(one("sum", &[Type::TimeSpan], &[&[Value::Null]]), Value::TimeSpan(TimeSpan(0)));
        assert_eq!(one("avg", &[Type::TimeSpan], &[]), Value::Null);
        let Value::Real(average) = one("avg", &[Type::Long], &[]) else { panic!("no real") };
        assert!(average.is_nan());
    }

    #[test]
    fn a_sum_of_decimals_that_is_too_great_is_null() {
        let rows: [&[Value]; 2] =
            [&[Value::Decimal(Decimal::MAX)], &[Value::Decimal(Decimal::MAX)]];
        assert_eq!(one("sum", &[Type::Decimal], &rows), Value::Null);
    }
}
