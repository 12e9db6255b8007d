//! How far values lie from their mean, and two from their means together.
//!
//! A variance is the covariance of a value with itself, so there is one accumulator. It keeps sums and products
//! exactly, so that numbers far from zero cost no digits.
//!
//! <https://learn.microsoft.com/kusto/query/variance-aggregation-function>,
//! <https://learn.microsoft.com/kusto/query/covariance-aggregation-function>

use rust_decimal::prelude::ToPrimitive;

use super::super::functions::{Accepts, ResultType};
use super::super::{DateTime, TimeSpan, Type, Value};
use super::condition::Conditional;
use super::exact::ExactSum;
use super::names::Naming;
use super::{Accumulator, AggregateFunction, long};

const REAL: ResultType = ResultType::Only(Type::Real);
const BOOL: Accepts = Accepts::Only(Type::Bool);

type Begin = fn(&[Type], &[Value]) -> Box<dyn Accumulator>;

/// The aggregates.
pub(super) const AGGREGATES: &[AggregateFunction] = &[
    of_one("variance", |_, _| Deviation::begin(0, Population::Sample, Finish::Variance)),
    of_one("variancep", |_, _| Deviation::begin(0, Population::Whole, Finish::Variance)),
    of_one("stdev", |_, _| Deviation::begin(0, Population::Sample, Finish::Deviation)),
    of_one("stdevp", |_, _| Deviation::begin(0, Population::Whole, Finish::Deviation)),
    of_one_if("varianceif", |_, _| {
        Conditional::begin(1, Deviation::begin(0, Population::Sample, Finish::Variance))
    }),
    of_one_if("variancepif", |_, _| {
        Conditional::begin(1, Deviation::begin(0, Population::Whole, Finish::Variance))
    }),
    of_one_if("stdevif", |_, _| {
        Conditional::begin(1, Deviation::begin(0, Population::Sample, Finish::Deviation))
    }),
    of_one_if("stdevpif", |_, _| {
        Conditional::begin(1, Deviation::begin(0, Population::Whole, Finish::Deviation))
    }),
    of_two("covariance", |_, _| Deviation::begin(1, Population::Sample, Finish::Variance)),
    of_two("covariancep", |_, _| Deviation::begin(1, Population::Whole, Finish::Variance)),
    of_two_if("covarianceif", |_, _| {
        Conditional::begin(2, Deviation::begin(1, Population::Sample, Finish::Variance))
    }),
    of_two_if("covariancepif", |_, _| {
        Conditional::begin(2, Deviation::begin(1, Population::Whole, Finish::Variance))
    }),
];

const fn of_one(name: &'static str, begin: Begin) -> AggregateFunction {
    AggregateFunction::define(name, &[Accepts::Measure], Naming::Word(name), REAL, begin)
}

const fn of_one_if(name: &'static str, begin: Begin) -> AggregateFunction {
    AggregateFunction::define(name, &[Accepts::Measure, BOOL], Naming::Word(name), REAL, begin)
}

const fn of_two(name: &'static str, begin: Begin) -> AggregateFunction {
    const PARAMETERS: &[Accepts] = &[Accepts::Measure, Accepts::Measure];
    AggregateFunction::define(name, PARAMETERS, Naming::Words(name), REAL, begin)
}

const fn of_two_if(name: &'static str, begin: Begin) -> AggregateFunction {
    const PARAMETERS: &[Accepts] = &[Accepts::Measure, Accepts::Measure, BOOL];
    AggregateFunction::define(name, PARAMETERS, Naming::Words(name), REAL, begin)
}

/// What the rows are of all that there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Population {
    /// Some: the mean is estimated from them, too, which costs one of them.
    Sample,
    /// All.
    Whole,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Finish {
    Variance,
    /// The square root of the variance.
    Deviation,
}

#[derive(Debug)]
struct Deviation {
    /// Which argument the first one is taken together with; itself for a variance.
    other: usize,
    population: Population,
    finish: Finish,
    count: i64,
    left: ExactSum,
    right: ExactSum,
    products: ExactSum,
}

impl Deviation {
    fn begin(other: usize, population: Population, finish: Finish) -> Box<dyn Accumulator> {
        Box::new(Self {
            other,
            population,
            finish,
            count: 0,
            left: ExactSum::default(),
            right: ExactSum::default(),
            products: ExactSum::default(),
        })
    }

    /// Σxy/n − (Σx/n)(Σy/n), rounded once, times n/(n − 1) for a sample.
    fn covariance(&self) -> f64 {
        let divisor = match self.population {
            Population::Sample => self.count - 1,
            Population::Whole => self.count,
        };
        if divisor < 1 {
            return 0.0;
        }
        let count = self.count as f64;
        let mut difference = self.products.product(&ExactSum::of(count));
        difference.add_all(&self.left.product(&self.right), -1.0);
        difference.value() / (count * divisor as f64)
    }
}

impl Accumulator for Deviation {
    fn update(&mut self, arguments: &[Value]) {
        let number = |place: usize| arguments.get(place).and_then(real);
        let (Some(left), Some(right)) = (number(0), number(self.other)) else { return };
        self.count += 1;
        self.left.add(left);
        self.right.add(right);
        self.products.add_product(left, right);
    }

    fn state(&self) -> Vec<Value> {
        let sums = [&self.left, &self.right, &self.products];
        let count = std::iter::once(Value::Long(self.count));
        count.chain(sums.into_iter().flat_map(ExactSum::state)).collect()
    }

    fn merge(&mut self, state: &[Value]) {
        self.count = self.count.saturating_add(long(state, 0).unwrap_or_default());
        let sums = [&mut self.left, &mut self.right, &mut self.products];
        let parts = state.get(1..).unwrap_or_default().chunks(ExactSum::STATES);
        sums.into_iter().zip(parts).for_each(|(sum, part)| sum.merge(part));
    }

    fn finish(&mut self) -> Vec<Value> {
        let variance = self.covariance();
        vec![Value::Real(match self.finish {
            Finish::Variance => variance,
            Finish::Deviation => variance.sqrt(),
        })]
    }

    fn size(&self) -> usize {
        size_of::<Self>() + self.left.size() + self.right.size() + self.products.size()
    }
}

/// A measure as a number; lengths and moments in ticks.
fn real(value: &Value) -> Option<f64> {
    match value {
        Value::Int(number) => Some(f64::from(*number)),
        Value::Long(number) => Some(*number as f64),
        Value::Real(number) => Some(*number),
        Value::Decimal(number) => number.to_f64(),
        Value::TimeSpan(TimeSpan(ticks)) => Some(*ticks as f64),
        Value::DateTime(DateTime(ticks)) => Some(*ticks as f64),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::trials::{longs, one, rows};
    use super::*;

    fn deviation(name: &str, numbers: &[i64]) -> Value {
        one(name, &[Type::Long], &rows(&longs(numbers)))
    }

    #[test]
    fn a_sample_has_one_value_less_than_a_population() {
        assert_eq!(deviation("variance", &[1, 2, 3, 4, 5]), Value::Real(2.5));
        assert_eq!(deviation("variancep", &[1, 2, 3, 4, 5]), Value::Real(2.0));
        assert_eq!(deviation("stdev", &[1, 2, 3, 4, 5]), Value::Real(2.5f64.sqrt()));
        assert_eq!(deviation("stdevp", &[1, 2, 3, 4, 5]), Value::Real(2f64.sqrt()));
    }

    #[test]
    fn nothing_and_one_value_deviate_by_zero() {
        assert_eq!(deviation("stdev", &[]), Value::Real(0.0));
        assert_eq!(deviation("variance", &[7]), Value::Real(0.0));
    }

    #[test]
    fn numbers_far_from_zero_cost_no_digits() {
        let far = 1 << 52;
        assert_eq!(deviation("variance", &[far + 1, far + 2, far + 3]), Value::Real(1.0));
    }

    #[test]
    fn two_values_vary_together() {
        let pairs = [(1.0, 14.0), (2.0, 10.0), (3.0, 17.0), (4.0, 20.0), (5.0, 50.0)];
        let rows: Vec<_> = pairs.map(|(x, y)| vec![Value::Real(x), Value::Real(y)]).to_vec();
        let rows: Vec<&[Value]> = rows.iter().map(Vec::as_slice).collect();
        let types = [Type::Real, Type::Real];
        assert_eq!(one("covariance", &types, &rows), Value::Real(20.5));
        assert_eq!(one("covariancep", &types, &rows), Value::Real(16.4));
    }

    #[test]
    fn a_pair_with_a_null_is_left_out() {
        let rows: [&[Value]; 3] = [
            &[Value::Real(1.0), Value::Real(1.0)],
            &[Value::Real(9.0), Value::Null],
            &[Value::Real(3.0), Value::Real(3.0)],
        ];
        assert_eq!(one("covariance", &[Type::Real, Type::Real], &rows), Value::Real(2.0));
    }
}
