//! `make-series`: arrays of aggregates along an axis with a regular step.
//!
//! <https://learn.microsoft.com/kusto/query/make-series-operator>

use std::collections::BTreeMap;

use indexmap::IndexMap;

use super::groups::Group;
use super::order::group_key;
use super::{EvaluateError, each, scalar};
use crate::kql::plan::{Aggregate, Expression};
use crate::kql::{DateTime, Dynamic, TimeSpan, Value};

/// The most elements that an array of a series may have, as documented.
pub const MOST_ELEMENTS: usize = 1 << 20;

/// The most elements that the arrays of all series may have, so that they fit into memory.
const MOST_ELEMENTS_OF_ALL: usize = 1 << 24;

/// What series run along.
#[derive(Clone, Debug)]
pub struct SeriesAxis<'a> {
    expression: &'a Expression,
    from: Option<Point>,
    to: Option<Point>,
    step: Option<Point>,
}

/// A place on the axis: a whole number of ticks or units, or a real.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Point {
    Whole(i64),
    Real(f64),
}

impl<'a> SeriesAxis<'a> {
    /// The axis of an expression.
    pub fn new(
        expression: &'a Expression,
        from: Option<&Value>,
        to: Option<&Value>,
        step: &Value,
    ) -> Self {
        Self { expression, from: from.and_then(point), to: to.and_then(point), step: point(step) }
    }

    /// Which bin a value is in, counted from `origin`; nothing if it has none.
    fn bin(&self, origin: Point, value: &Value) -> Option<i64> {
        let point = point(value)?;
        match (self.step?, origin, point) {
            (Point::Whole(step), Point::Whole(origin), Point::Whole(point)) if step > 0 => {
                Some(point.checked_sub(origin)?.div_euclid(step))
            }
            (step, origin, point) if real(step) > 0.0 => {
                let bin = ((real(point) - real(origin)) / real(step)).floor();
                (bin.abs() < 9e15).then_some(bin as i64)
            }
            _ => None,
        }
    }

    /// Where bins are counted from: the axis' begin, or zero.
    fn origin(&self) -> Point {
        self.from.unwrap_or(Point::Whole(0))
    }

    /// How many bins there are before the axis' end, counted from the origin.
    fn end(&self) -> Option<i64> {
        let (to, step) = (self.to?, self.step?);
        match (to, step, self.origin()) {
            (Point::Whole(to), Point::Whole(step), Point::Whole(origin)) if step > 0 => {
                let length = i128::from(to) - i128::from(origin);
                let bins = length.div_euclid(i128::from(step))
                    + i128::from(length.rem_euclid(i128::from(step)) != 0);
                i64::try_from(bins).ok()
            }
            (to, step, origin) if real(step) > 0.0 => {
                Some(((real(to) - real(origin)) / real(step)).ceil() as i64)
            }
            _ => None,
        }
    }

    /// The value at the begin of a bin, like the one given.
    fn value(&self, bin: i64, like: &Value) -> Value {
        let at = match (self.origin(), self.step) {
            (Point::Whole(origin), Some(Point::Whole(step))) => {
                Point::Whole(origin.saturating_add(bin.saturating_mul(step)))
            }
            (origin, step) => Point::Real(real(origin) + bin as f64 * step.map_or(f64::NAN, real)),
        };
        match (like, at) {
            (Value::DateTime(_), Point::Whole(ticks)) => Value::DateTime(DateTime(ticks)),
            (Value::TimeSpan(_), Point::Whole(ticks)) => Value::TimeSpan(TimeSpan(ticks)),
            (_, Point::Whole(number)) => Value::Long(number),
            (_, Point::Real(number)) => Value::Real(number),
        }
    }
}

/// The keys, an array for each aggregate, and the axis.
pub(super) fn make(
    rows: &[Vec<Value>],
    keys: &[Expression],
    aggregates: &[(Aggregate, Value)],
    axis: &SeriesAxis<'_>,
) -> Result<Vec<Vec<Value>>, EvaluateError> {
    let alone: Vec<Aggregate> = aggregates.iter().map(|(aggregate, _)| aggregate.clone()).collect();
    let mut series: IndexMap<Vec<u8>, (Vec<Value>, BTreeMap<i64, Group>)> = IndexMap::new();
    if keys.is_empty() && rows.is_empty() {
        series.insert(Vec::new(), (Vec::new(), BTreeMap::new()));
    }
    let mut like = axis_like(axis);
    let (mut least, mut greatest) = (None::<i64>, None::<i64>);
    for row in rows {
        let at = scalar(axis.expression, row);
        let Some(bin) = axis.bin(axis.origin(), &at) else { continue };
        let is_out = axis.from.is_some() && bin < 0 || axis.end().is_some_and(|end| bin >= end);
        if is_out {
            continue;
        }
        least = Some(least.map_or(bin, |least| least.min(bin)));
        greatest = Some(greatest.map_or(bin, |greatest| greatest.max(bin)));
        like = at;
        let key = each(keys, row);
        let (_, groups) = series.entry(group_key(&key)).or_insert_with(|| (key, BTreeMap::new()));
        let group = groups.entry(bin).or_insert_with(|| Group::new(Vec::new(), &alone));
        group.update(&alone, row);
    }
    let from = if axis.from.is_some() { 0 } else { least.unwrap_or(0) };
    let to = axis.end().unwrap_or_else(|| greatest.map_or(from, |greatest| greatest + 1));
    let length = usize::try_from(to.saturating_sub(from)).unwrap_or(0);
    if length > MOST_ELEMENTS || length.saturating_mul(series.len()) > MOST_ELEMENTS_OF_ALL {
        return Err(EvaluateError::Series);
    }
    let along = (from..to).map(|bin| axis.value(bin, &like).into_dynamic());
    let along = Value::Dynamic(Dynamic::Array(along.collect()));
    let made = series.into_values().map(|(key, groups)| {
        let mut row = key;
        let mut arrays: Vec<Vec<Dynamic>> = aggregates
            .iter()
            .map(|(_, default)| vec![default.clone().into_dynamic(); length])
            .collect();
        for (bin, group) in groups {
            let place = usize::try_from(bin.saturating_sub(from)).unwrap_or(usize::MAX);
            for (array, value) in arrays.iter_mut().zip(group.finish(&alone)) {
                if let Some(element) = array.get_mut(place) {
                    *element = value.into_dynamic();
                }
            }
        }
        row.extend(arrays.into_iter().map(|array| Value::Dynamic(Dynamic::Array(array))));
        row.push(along.clone());
        row
    });
    Ok(made.collect())
}

/// A value of the axis' type.
fn axis_like(axis: &SeriesAxis<'_>) -> Value {
    match axis.expression.r#type {
        crate::kql::Type::DateTime => Value::DateTime(DateTime(0)),
        crate::kql::Type::TimeSpan => Value::TimeSpan(TimeSpan(0)),
        _ => Value::Long(0),
    }
}

fn point(value: &Value) -> Option<Point> {
    Some(match value {
        Value::Int(number) => Point::Whole(i64::from(*number)),
        Value::Long(number) => Point::Whole(*number),
        Value::DateTime(moment) => Point::Whole(moment.0),
        Value::TimeSpan(length) => Point::Whole(length.0),
        Value::Real(number) if number.is_finite() => Point::Real(*number),
        _ => return None,
    })
}

fn real(point: Point) -> f64 {
    match point {
        Point::Whole(number) => number as f64,
        Point::Real(number) => number,
    }
}
