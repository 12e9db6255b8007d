//! `make-series`: arrays of aggregates along an axis with a regular step.
//!
//! <https://learn.microsoft.com/kusto/query/make-series-operator>

use std::collections::BTreeMap;

use indexmap::IndexMap;

use super::groups::Group;
use super::order::group_key;
use super::{EvaluateError, each, scalar};
use crate::kql::plan::{Aggregate, Expression};
use crate::kql::{DateTime, Dynamic, TimeSpan, Type, Value};

/// The most elements that an array of a series may have, as documented.
pub const MOST_ELEMENTS: usize = 1 << 20;

/// The most elements that the arrays of all series may have, so that they fit into memory.
const MOST_ELEMENTS_OF_ALL: usize = 1 << 24;

/// What series run along.
#[derive(Clone, Debug)]
pub struct SeriesAxis {
    expression: Expression,
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

impl SeriesAxis {
    /// The axis of an expression.
    pub fn new(
        expression: &Expression,
        from: Option<&Value>,
        to: Option<&Value>,
        step: &Value,
    ) -> Self {
        Self {
            expression: expression.clone(),
            from: from.and_then(point),
            to: to.and_then(point),
            step: point(step),
        }
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

    /// The value at the begin of a bin, of the axis' type.
    fn value(&self, bin: i64) -> Value {
        let at = match (self.origin(), self.step) {
            (Point::Whole(origin), Some(Point::Whole(step))) => {
                Point::Whole(origin.saturating_add(bin.saturating_mul(step)))
            }
            (origin, step) => Point::Real(real(origin) + bin as f64 * step.map_or(f64::NAN, real)),
        };
        match (self.expression.r#type, at) {
            (Type::DateTime, Point::Whole(ticks)) => Value::DateTime(DateTime(ticks)),
            (Type::TimeSpan, Point::Whole(ticks)) => Value::TimeSpan(TimeSpan(ticks)),
            (_, Point::Whole(number)) => Value::Long(number),
            (_, Point::Real(number)) => Value::Real(number),
        }
    }
}

/// The groups of a series, by the place of their bin.
type Bins = BTreeMap<i64, Group>;

/// Series on their way over rows.
#[derive(Debug)]
pub struct SeriesInMaking {
    keys: Vec<Expression>,
    aggregates: Vec<Aggregate>,
    defaults: Vec<Value>,
    axis: SeriesAxis,
    series: IndexMap<Vec<u8>, (Vec<Value>, Bins)>,
}

impl SeriesInMaking {
    /// Before the first row.
    pub fn new(keys: &[Expression], aggregates: &[(Aggregate, Value)], axis: SeriesAxis) -> Self {
        let (aggregates, defaults) = aggregates.iter().cloned().unzip();
        let (keys, series) = (keys.to_vec(), IndexMap::new());
        Self { keys, aggregates, defaults, axis, series }
    }

    /// Takes a row.
    pub fn take(&mut self, row: &[Value]) {
        let axis = &self.axis;
        let at = scalar(&axis.expression, row);
        let Some(bin) = axis.bin(axis.origin(), &at) else { return };
        if axis.from.is_some() && bin < 0 || axis.end().is_some_and(|end| bin >= end) {
            return;
        }
        let key = each(&self.keys, row);
        let (_, groups) =
            self.series.entry(group_key(&key)).or_insert_with(|| (key, BTreeMap::new()));
        let group = groups.entry(bin).or_insert_with(|| Group::new(Vec::new(), &self.aggregates));
        group.update(&self.aggregates, row);
    }

    /// How many groups are held: one for each series and bin that has rows.
    pub fn held(&self) -> usize {
        self.series.values().map(|(_, groups)| groups.len()).sum()
    }

    /// Rows of the keys, an array for each aggregate, and the axis.
    ///
    /// # Errors
    ///
    /// When the arrays are too long.
    pub fn end(mut self) -> Result<Vec<Vec<Value>>, EvaluateError> {
        if self.keys.is_empty() && self.series.is_empty() {
            self.series.insert(Vec::new(), (Vec::new(), BTreeMap::new()));
        }
        let mut rows = Vec::new();
        let mut elements: usize = 0;
        for (key, groups) in std::mem::take(&mut self.series).into_values() {
            let (from, to) = self.reach(&groups);
            let length = usize::try_from(to.saturating_sub(from)).unwrap_or(0);
            elements = elements.saturating_add(length);
            if length > MOST_ELEMENTS || elements > MOST_ELEMENTS_OF_ALL {
                return Err(EvaluateError::Series);
            }
            let along = (from..to).map(|bin| self.axis.value(bin).into_dynamic()).collect();
            let mut row = key;
            let arrays = self.arrays(groups, from, length).into_iter();
            row.extend(arrays.map(|array| Value::Dynamic(Dynamic::Array(array))));
            row.push(Value::Dynamic(Dynamic::Array(along)));
            rows.push(row);
        }
        Ok(rows)
    }

    /// The bins of a series. Where the query does not say, they are those from its own first to its own last
    /// that has rows: series may be of different lengths.
    fn reach(&self, groups: &Bins) -> (i64, i64) {
        let first = groups.first_key_value().map(|(bin, _)| *bin);
        let last = groups.last_key_value().map(|(bin, _)| bin.saturating_add(1));
        let from = if self.axis.from.is_some() { 0 } else { first.unwrap_or(0) };
        (from, self.axis.end().or(last).unwrap_or(from))
    }

    fn arrays(&self, groups: Bins, from: i64, length: usize) -> Vec<Vec<Dynamic>> {
        let defaults = self.defaults.iter().map(|default| default.clone().into_dynamic());
        let mut arrays: Vec<Vec<Dynamic>> = defaults.map(|default| vec![default; length]).collect();
        for (bin, group) in groups {
            let place = usize::try_from(bin.saturating_sub(from)).unwrap_or(usize::MAX);
            for (array, value) in arrays.iter_mut().zip(group.finish(&self.aggregates)) {
                if let Some(element) = array.get_mut(place) {
                    *element = value.into_dynamic();
                }
            }
        }
        arrays
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
