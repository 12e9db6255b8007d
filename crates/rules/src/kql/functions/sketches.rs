//! What `hll()` and `tdigest()` leave to be asked later: how many different values there were, and percentiles.
//!
//! Kusto keeps estimates of both; here they are whole, so that all answers are exact. The text of such a value
//! is said to be of no use but for these functions, and ours is not Kusto's: of `hll()` an array of what tells
//! the values apart; of `tdigest()` three arrays, of the type, the values in order, and how often each came.
//!
//! <https://learn.microsoft.com/kusto/query/hll-aggregation-function>,
//! <https://learn.microsoft.com/kusto/query/tdigest-aggregation-function>

use std::collections::{BTreeMap, HashSet};

use rust_decimal::prelude::ToPrimitive;

use super::super::{DateTime, Dynamic, TimeSpan, Type, Value};
use super::{Accepts, Function};

const DYNAMIC: Accepts = Accepts::Only(Type::Dynamic);

/// The functions.
pub(super) const FUNCTIONS: &[Function] = &[
    Function::define("dcount_hll", &[DYNAMIC], Type::Long, dcount_hll),
    Function::define("hll_merge", &[DYNAMIC], Type::Dynamic, hll_merge).with_rest(DYNAMIC),
    MERGE,
    MERGE.also("merge_tdigest"),
    Function::define(
        "percentile_tdigest",
        &[DYNAMIC, Accepts::Only(Type::Real), Accepts::Literal],
        Type::Dynamic,
        percentile_tdigest,
    )
    .with_optional(1),
    Function::define(
        "percentiles_array_tdigest",
        &[DYNAMIC, Accepts::Any],
        Type::Dynamic,
        percentiles_array_tdigest,
    )
    .with_rest(Accepts::Any),
    Function::define("rank_tdigest", &[DYNAMIC, Accepts::Measure], Type::Real, rank_tdigest),
    Function::define(
        "percentrank_tdigest",
        &[DYNAMIC, Accepts::Measure],
        Type::Real,
        percentrank_tdigest,
    ),
];

const MERGE: Function =
    Function::define("tdigest_merge", &[DYNAMIC], Type::Dynamic, merge_tdigest).with_rest(DYNAMIC);

fn dcount_hll(arguments: &[Value]) -> Value {
    match arguments {
        [Value::Dynamic(Dynamic::Array(values))] => {
            Value::Long(i64::try_from(values.len()).unwrap_or(i64::MAX))
        }
        _ => Value::Null,
    }
}

fn hll_merge(arguments: &[Value]) -> Value {
    let mut known = HashSet::new();
    let mut merged = Vec::new();
    for argument in arguments {
        let Value::Dynamic(Dynamic::Array(values)) = argument else { continue };
        for value in values {
            if known.insert(value.text()) {
                merged.push(value.clone());
            }
        }
    }
    if merged.is_empty() { Value::Null } else { Value::Dynamic(Dynamic::Array(merged)) }
}

fn merge_tdigest(arguments: &[Value]) -> Value {
    let mut digests = arguments.iter().filter_map(Digest::of_value);
    let Some(mut merged) = digests.next() else { return Value::Null };
    digests.for_each(|digest| merged.add_all(&digest));
    Value::Dynamic(merged.dynamic())
}

fn percentile_tdigest(arguments: &[Value]) -> Value {
    let [digest, Value::Real(percentile), ..] = arguments else { return Value::Null };
    let value = Digest::of_value(digest).map(|digest| digest.percentile(*percentile));
    value.map_or(Value::Null, |value| Value::of_dynamic(value.into_dynamic()))
}

fn percentiles_array_tdigest(arguments: &[Value]) -> Value {
    let Some((digest, percentiles)) = arguments.split_first() else { return Value::Null };
    let Some(digest) = Digest::of_value(digest) else { return Value::Null };
    let percentiles = percentiles.iter().flat_map(|percentile| match percentile {
        Value::Dynamic(Dynamic::Array(percentiles)) => {
            percentiles.iter().cloned().map(Dynamic::held).collect()
        }
        percentile => vec![percentile.clone()],
    });
    let value = |percentile: Value| match percentile.convert(Type::Real) {
        Value::Real(percentile) => digest.percentile(percentile).into_dynamic(),
        _ => Dynamic::Null,
    };
    Value::Dynamic(Dynamic::Array(percentiles.map(value).collect()))
}

fn rank_tdigest(arguments: &[Value]) -> Value {
    let [digest, value] = arguments else { return Value::Null };
    let rank = Digest::of_value(digest).and_then(|digest| digest.rank(value));
    rank.map_or(Value::Null, |rank| Value::Real(rank as f64))
}

fn percentrank_tdigest(arguments: &[Value]) -> Value {
    let [digest, value] = arguments else { return Value::Null };
    let Some(digest) = Digest::of_value(digest) else { return Value::Null };
    let rank = digest.rank(value);
    rank.map_or(Value::Null, |rank| Value::Real(100.0 * rank as f64 / digest.total as f64))
}

/// How often each of the values of a group came.
#[derive(Debug)]
pub(in super::super) struct Digest {
    r#type: Type,
    /// How often each value came, by a number that is in the order of the values: see [`Digest::place`].
    weights: BTreeMap<i64, i64>,
    /// How many values came in all.
    total: i64,
}

impl Digest {
    /// A digest of nothing. The type is one of those that [`Digest::type_of`] gives.
    pub(in super::super) fn new(r#type: Type) -> Self {
        Self { r#type, weights: BTreeMap::new(), total: 0 }
    }

    /// What the percentiles of such values are; nothing if they have none.
    pub(in super::super) fn type_of(values: Type) -> Option<Type> {
        match values {
            Type::Int | Type::Long => Some(Type::Long),
            Type::Real | Type::Decimal | Type::Dynamic => Some(Type::Real),
            Type::DateTime | Type::TimeSpan => Some(values),
            _ => None,
        }
    }

    /// The digest that a dynamic value is.
    pub(in super::super) fn of_value(value: &Value) -> Option<Self> {
        match value {
            Value::Dynamic(Dynamic::Array(elements)) => Self::of_elements(elements),
            _ => None,
        }
    }

    /// The digest that a dynamic array is.
    pub(in super::super) fn of_elements(elements: &[Dynamic]) -> Option<Self> {
        let [Dynamic::Array(types), Dynamic::Array(values), Dynamic::Array(weights)] = elements
        else {
            return None;
        };
        let [Dynamic::String(name)] = types.as_slice() else { return None };
        let r#type = Type::from_name(name)?;
        let mut digest = Self::new(Self::type_of(r#type).filter(|known| *known == r#type)?);
        for (value, weight) in values.iter().zip(weights) {
            let Dynamic::Long(weight) = weight else { continue };
            let value = match (r#type, value) {
                (Type::DateTime, Dynamic::Long(ticks)) => Value::DateTime(DateTime(*ticks)),
                (Type::TimeSpan, Dynamic::Long(ticks)) => Value::TimeSpan(TimeSpan(*ticks)),
                (_, value) => value.clone().held(),
            };
            digest.add(&value, *weight);
        }
        Some(digest)
    }

    /// The digest as a dynamic value.
    pub(in super::super) fn dynamic(&self) -> Dynamic {
        let value = |place: &i64| match self.r#type {
            Type::Real => Dynamic::Real(real_of(*place)),
            _ => Dynamic::Long(*place),
        };
        Dynamic::Array(vec![
            Dynamic::Array(vec![Dynamic::String(self.r#type.name().to_owned())]),
            Dynamic::Array(self.weights.keys().map(value).collect()),
            Dynamic::Array(self.weights.values().map(|weight| Dynamic::Long(*weight)).collect()),
        ])
    }

    /// Takes a value that came so often. A null, and what came never, is not taken.
    pub(in super::super) fn add(&mut self, value: &Value, weight: i64) {
        if let Some(place) = self.place(value).filter(|_| weight > 0) {
            self.add_place(place, weight);
        }
    }

    /// Takes all that another holds, if it is of the same type.
    pub(in super::super) fn add_all(&mut self, other: &Digest) {
        if self.r#type == other.r#type {
            other.weights.iter().for_each(|(place, weight)| self.add_place(*place, *weight));
        }
    }

    /// The least value such that so many percent of all are not greater.
    pub(in super::super) fn percentile(&self, percentile: f64) -> Value {
        /// What the product of two reals may be too great by.
        const ROUNDING: f64 = 1e-9;
        let rank = (percentile * self.total as f64 / 100.0 - ROUNDING).ceil();
        let mut seen = 0i64;
        let nearest = self.weights.iter().find(|(_, weight)| {
            seen = seen.saturating_add(**weight);
            seen as f64 >= rank
        });
        let place = nearest.or(self.weights.last_key_value()).map(|(place, _)| *place);
        place.map_or(Value::Null, |place| self.value(place))
    }

    /// How many values are not greater than that one.
    fn rank(&self, value: &Value) -> Option<i64> {
        let place = self.place(value)?;
        let weights = self.weights.range(..=place).map(|(_, weight)| *weight);
        Some(weights.fold(0, i64::saturating_add))
    }

    /// Whether nothing was taken.
    pub(in super::super) fn is_empty(&self) -> bool {
        self.weights.is_empty()
    }

    /// Bytes held, roughly.
    pub(in super::super) fn size(&self) -> usize {
        size_of::<Self>() + self.weights.len() * 3 * size_of::<i64>()
    }

    fn add_place(&mut self, place: i64, weight: i64) {
        let held = self.weights.entry(place).or_default();
        *held = held.saturating_add(weight);
        self.total = self.total.saturating_add(weight);
    }

    /// A number that is in the order of the values: a whole number or its ticks as they are, of a real its bits
    /// with those of the negative ones turned around.
    fn place(&self, value: &Value) -> Option<i64> {
        match (self.r#type, value) {
            (Type::DateTime, Value::DateTime(DateTime(ticks))) => Some(*ticks),
            (Type::TimeSpan, Value::TimeSpan(TimeSpan(ticks))) => Some(*ticks),
            (Type::Long, Value::Int(number)) => Some(i64::from(*number)),
            (Type::Long, Value::Long(number)) => Some(*number),
            // Where whole numbers are asked for a real, all up to the next lower one are not greater.
            (Type::Long, Value::Real(number)) => Some(number.floor() as i64),
            (Type::Real, Value::Int(number)) => Some(place_of(f64::from(*number))),
            (Type::Real, Value::Long(number)) => Some(place_of(*number as f64)),
            (Type::Real, Value::Real(number)) => Some(place_of(*number)),
            (Type::Real, Value::Decimal(number)) => number.to_f64().map(place_of),
            _ => None,
        }
    }

    fn value(&self, place: i64) -> Value {
        match self.r#type {
            Type::DateTime => Value::DateTime(DateTime(place)),
            Type::TimeSpan => Value::TimeSpan(TimeSpan(place)),
            Type::Long => Value::Long(place),
            _ => Value::Real(real_of(place)),
        }
    }
}

fn place_of(number: f64) -> i64 {
    // Adding zero makes one of both zeros.
    turn((number + 0.0).to_bits() as i64)
}

fn real_of(place: i64) -> f64 {
    f64::from_bits(turn(place) as u64)
}

/// Turns the bits of a negative number around, but for its sign; twice is as before.
fn turn(bits: i64) -> i64 {
    bits ^ (((bits >> 63) as u64) >> 1) as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(values: impl IntoIterator<Item = Value>) -> Value {
        let values: Vec<_> = values.into_iter().collect();
        let r#type = values.first().and_then(|value| Digest::type_of(value.type_of()?)).unwrap();
        let mut digest = Digest::new(r#type);
        values.iter().for_each(|value| digest.add(value, 1));
        Value::Dynamic(digest.dynamic())
    }

    fn call(name: &str, arguments: &[Value]) -> Value {
        let function = FUNCTIONS.iter().find(|function| function.name == name).unwrap();
        (function.call)(arguments)
    }

    fn dynamic(json: &str) -> Value {
        Value::Dynamic(Dynamic::of_json(json).unwrap())
    }

    #[test]
    fn a_rank_counts_what_is_not_greater() {
        let thousand = digest((1..=1000).map(Value::Long));
        assert_eq!(call("rank_tdigest", &[thousand.clone(), Value::Long(685)]), Value::Real(685.0));
        assert_eq!(call("rank_tdigest", &[thousand.clone(), Value::Real(0.5)]), Value::Real(0.0));
        let percent = call("percentrank_tdigest", &[thousand, Value::Long(250)]);
        assert_eq!(percent, Value::Real(25.0));
    }

    #[test]
    fn digests_are_merged_and_survive_as_json() {
        let left = digest((1..=10).map(Value::Long));
        let right = digest((11..=20).map(Value::Long));
        let merged = call("merge_tdigest", &[left, right]);
        let merged = dynamic(&merged.text());
        assert_eq!(
            call("percentile_tdigest", &[merged.clone(), Value::Real(100.0)]),
            dynamic("20")
        );
        let array = call("percentiles_array_tdigest", &[merged.clone(), dynamic("[5,50]")]);
        assert_eq!(array, dynamic("[1,10]"));
        let array = call("percentiles_array_tdigest", &[merged, Value::Long(5), Value::Long(50)]);
        assert_eq!(array, dynamic("[1,10]"));
    }

    #[test]
    fn reals_keep_their_order() {
        let reals = digest([0.5, -2.25, f64::INFINITY, -0.0, 1e-300].map(Value::Real));
        let percentiles = dynamic("[20,40,60,80]");
        let array = call("percentiles_array_tdigest", &[reals, percentiles]);
        assert_eq!(array, dynamic("[-2.25,0.0,1e-300,0.5]"));
    }

    #[test]
    fn different_values_of_several_groups_are_counted() {
        let merged = call("hll_merge", &[dynamic(r#"["1","2"]"#), dynamic(r#"["2","3"]"#)]);
        assert_eq!(call("dcount_hll", &[merged]), Value::Long(3));
        assert_eq!(call("dcount_hll", &[Value::Null]), Value::Null);
    }

    #[test]
    fn what_is_no_sketch_answers_null() {
        for odd in [Value::Null, dynamic("[]"), dynamic(r#"[["guid"],[1],[1]]"#), dynamic("{}")] {
            assert_eq!(call("percentile_tdigest", &[odd.clone(), Value::Real(5.0)]), Value::Null);
            assert_eq!(call("rank_tdigest", &[odd, Value::Long(5)]), Value::Null);
        }
    }
}
