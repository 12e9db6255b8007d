//! Aggregates that leave the answer to be asked later, and those that merge what they left.
//!
//! <https://learn.microsoft.com/kusto/query/hll-aggregation-function>,
//! <https://learn.microsoft.com/kusto/query/tdigest-aggregation-function>

use super::super::functions::sketches::Digest;
use super::super::functions::{Accepts, ResultType};
use super::super::{Dynamic, Type, Value};
use super::condition::Conditional;
use super::counts::Distinct;
use super::names::Naming;
use super::{Accumulator, AggregateFunction, elements, long};

const LONG: Accepts = Accepts::Only(Type::Long);
const DYNAMIC: ResultType = ResultType::Only(Type::Dynamic);
const MERGE: &[Accepts] = &[Accepts::Only(Type::Dynamic)];

/// The aggregates.
pub(super) const AGGREGATES: &[AggregateFunction] = &[
    AggregateFunction::define(
        "hll",
        &[Accepts::Any, LONG],
        Naming::Word("hll"),
        DYNAMIC,
        |_, _| Box::new(Values { takes: Takes::Values, distinct: Distinct::default() }),
    )
    .with_optional(1),
    AggregateFunction::define(
        "hll_if",
        &[Accepts::Any, Accepts::Only(Type::Bool), LONG],
        Naming::Word("hll_if"),
        DYNAMIC,
        |_, _| {
            let values = Values { takes: Takes::Values, distinct: Distinct::default() };
            Conditional::begin(1, Box::new(values))
        },
    )
    .with_optional(1),
    AggregateFunction::define("hll_merge", MERGE, Naming::Word("hll_merge"), DYNAMIC, |_, _| {
        Box::new(Values { takes: Takes::Sketches, distinct: Distinct::default() })
    }),
    AggregateFunction::define(
        "tdigest",
        &[Accepts::Measure, LONG],
        Naming::Word("tdigest"),
        DYNAMIC,
        |types, _| {
            let r#type = types.first().and_then(|first| Digest::type_of(*first));
            let digest = Digest::new(r#type.unwrap_or(Type::Real));
            Box::new(Ranks { takes: Takes::Values, digest: Some(digest) })
        },
    )
    .with_optional(1),
    tdigest_merge("tdigest_merge"),
    tdigest_merge("merge_tdigest"),
];

const fn tdigest_merge(name: &'static str) -> AggregateFunction {
    AggregateFunction::define(name, MERGE, Naming::Word("merge_tdigests"), DYNAMIC, |_, _| {
        Box::new(Ranks { takes: Takes::Sketches, digest: None })
    })
}

/// What rows hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Takes {
    /// What is to be counted.
    Values,
    /// What another aggregate left.
    Sketches,
}

/// Which values there were.
#[derive(Debug)]
struct Values {
    takes: Takes,
    distinct: Distinct,
}

impl Accumulator for Values {
    fn update(&mut self, arguments: &[Value]) {
        match self.takes {
            Takes::Values => self.distinct.update(arguments),
            Takes::Sketches => self.distinct.insert_all(elements(arguments, 0)),
        }
    }

    fn state(&self) -> Vec<Value> {
        vec![Value::Dynamic(self.distinct.array())]
    }

    fn merge(&mut self, state: &[Value]) {
        self.distinct.insert_all(elements(state, 0));
    }

    fn finish(&mut self) -> Vec<Value> {
        if self.distinct.is_empty() { vec![Value::Null] } else { self.state() }
    }

    fn size(&self) -> usize {
        self.distinct.size()
    }
}

/// How often each value came.
#[derive(Debug)]
struct Ranks {
    takes: Takes,
    /// Nothing as long as the type of the values is not known.
    digest: Option<Digest>,
}

impl Ranks {
    fn add_all(&mut self, sketch: &[Dynamic]) {
        let Some(other) = Digest::of_elements(sketch) else { return };
        match &mut self.digest {
            Some(digest) => digest.add_all(&other),
            None => self.digest = Some(other),
        }
    }
}

impl Accumulator for Ranks {
    fn update(&mut self, arguments: &[Value]) {
        match (self.takes, &mut self.digest, arguments) {
            (Takes::Sketches, ..) => self.add_all(elements(arguments, 0)),
            (Takes::Values, Some(digest), [value]) => digest.add(value, 1),
            (Takes::Values, Some(digest), [value, ..]) => {
                digest.add(value, long(arguments, 1).unwrap_or_default());
            }
            _ => {}
        }
    }

    fn state(&self) -> Vec<Value> {
        vec![self.digest.as_ref().map_or(Value::Null, |digest| Value::Dynamic(digest.dynamic()))]
    }

    fn merge(&mut self, state: &[Value]) {
        self.add_all(elements(state, 0));
    }

    fn finish(&mut self) -> Vec<Value> {
        let is_empty = self.digest.as_ref().is_none_or(Digest::is_empty);
        if is_empty { vec![Value::Null] } else { self.state() }
    }

    fn size(&self) -> usize {
        size_of::<Self>() + self.digest.as_ref().map_or(0, Digest::size)
    }
}

#[cfg(test)]
mod tests {
    use super::super::trials::{longs, one, rows, text};
    use super::*;
    use crate::kql::functions::function;

    fn call(name: &str, arguments: &[Value]) -> Value {
        (function(name).unwrap().call)(arguments)
    }

    #[test]
    fn values_are_counted_over_groups() {
        let left = one("hll", &[Type::String], &[&[text("a")], &[text("b")]]);
        let right = one("hll", &[Type::String], &[&[text("b")], &[text("c")]]);
        let merged = one("hll_merge", &[Type::Dynamic], &rows(&[left, Value::Null, right]));
        assert_eq!(call("dcount_hll", &[merged]), Value::Long(3));
        assert_eq!(one("hll", &[Type::String], &[]), Value::Null);
    }

    #[test]
    fn percentiles_are_asked_later() {
        let weighted: [&[Value]; 2] =
            [&[Value::Real(1.0), Value::Long(1)], &[Value::Real(2.0), Value::Long(2)]];
        let digest = one("tdigest", &[Type::Real, Type::Long], &weighted);
        let half = call("percentile_tdigest", &[digest, Value::Real(50.0)]);
        assert_eq!(half, Value::Dynamic(Dynamic::Real(2.0)));

        let left = one("tdigest", &[Type::Long], &rows(&longs(&[1, 2])));
        let right = one("tdigest", &[Type::Long], &rows(&longs(&[3, 4])));
        let merged = one("tdigest_merge", &[Type::Dynamic], &rows(&[left, right]));
        let most = call("percentile_tdigest", &[merged, Value::Real(100.0)]);
        assert_eq!(most, Value::Dynamic(Dynamic::Long(4)));
    }
}
