//! Filters: moving averages, differences, running sums.

use super::super::arguments::{Arguments, MOST_ELEMENTS};
use super::super::{Accepts, Function, Type, Value};
use super::{complete, numbers};

const DYNAMIC: Accepts = Accepts::Only(Type::Dynamic);
const BOOL: Accepts = Accepts::Only(Type::Bool);

/// The most products of an element and a coefficient that one call computes.
const MOST_PRODUCTS: usize = MOST_ELEMENTS * 64;

/// The functions.
pub(in super::super) const FUNCTIONS: &[Function] = &[
    Function::define("series_fir", &[DYNAMIC, DYNAMIC, BOOL, BOOL], Type::Dynamic, |arguments| {
        fir(arguments).map_or(Value::Null, Value::Dynamic)
    })
    .with_optional(2),
    Function::define("series_iir", &[DYNAMIC, DYNAMIC, DYNAMIC], Type::Dynamic, |arguments| {
        iir(arguments).map_or(Value::Null, Value::Dynamic)
    }),
];

/// Each element with those before it, or around it, weighed by the coefficients; before the first and behind
/// the last there is nothing.
fn fir(arguments: &[Value]) -> Option<crate::kql::Dynamic> {
    let (series, mut filter) = (complete(arguments, 0)?, complete(arguments, 1)?);
    let has_negative = filter.iter().any(|coefficient| *coefficient < 0.0);
    let normalizes = arguments.bool(2).unwrap_or(!has_negative);
    if (normalizes && has_negative) || is_too_much(&series, &[&filter]) {
        return None;
    }
    if normalizes {
        let sum: f64 = filter.iter().sum();
        filter.iter_mut().for_each(|coefficient| *coefficient /= sum);
    }
    let ahead =
        if arguments.bool(3).unwrap_or(false) { filter.len().saturating_sub(1) / 2 } else { 0 };
    Some(numbers((0..series.len()).map(|place| weighed(&series, &filter, place + ahead))))
}

/// The same with elements of the result taken in as well.
fn iir(arguments: &[Value]) -> Option<crate::kql::Dynamic> {
    let series = complete(arguments, 0)?;
    let (forward, back) = (complete(arguments, 1)?, complete(arguments, 2)?);
    let (scale, back) = back.split_first()?;
    if *scale == 0.0 || is_too_much(&series, &[&forward, back]) {
        return None;
    }
    let mut filtered: Vec<f64> = Vec::with_capacity(series.len());
    for place in 0..series.len() {
        let before = if place == 0 { 0.0 } else { weighed(&filtered, back, place - 1) };
        filtered.push((weighed(&series, &forward, place) - before) / scale);
    }
    Some(numbers(filtered))
}

/// The element at that place and those before it, weighed.
fn weighed(series: &[f64], filter: &[f64], place: usize) -> f64 {
    let elements = (0..=place).rev().map(|place| series.get(place).copied().unwrap_or(0.0));
    elements.zip(filter).map(|(element, coefficient)| element * coefficient).sum()
}

fn is_too_much(series: &[f64], filters: &[&[f64]]) -> bool {
    filters.iter().any(|filter| series.len().saturating_mul(filter.len()) > MOST_PRODUCTS)
}

#[cfg(test)]
mod tests {
    use super::super::tests::check_near;

    #[test]
    fn filters_as_documented() {
        check_near(&[
            (
                "series_fir",
                &["[0,0,10,20,40,20,10,0]", "[1,1]"],
                "[0.0,0.0,5.0,15.0,30.0,30.0,15.0,5.0]",
            ),
            ("series_fir", &["[0,3,6,3,0]", "[1,1,1]", "true", "true"], "[1.0,3.0,4.0,3.0,1.0]"),
            ("series_fir", &["[0,0,2,2,3,3]", "[1,-1]"], "[0.0,0.0,2.0,0.0,1.0,0.0]"),
            ("series_fir", &["[1,2]", "[1,-1]", "true"], "null"),
            ("series_iir", &["[1.0,2.0,3.0,4.0]", "[1]", "[1,-1]"], "[1.0,3.0,6.0,10.0]"),
            ("series_iir", &["[1]", "[1]", "[0]"], "null"),
        ]);
    }
}
