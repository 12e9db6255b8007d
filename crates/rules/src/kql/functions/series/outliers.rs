//! How far elements lie outside of where most of them are.
//!
//! <https://learn.microsoft.com/kusto/query/series-outliers-function>

use super::super::arguments::Arguments;
use super::super::{Accepts, Function, Type, Value};
use super::{finite, numbers, percentile};
use crate::kql::Dynamic;

const REAL: Accepts = Accepts::Only(Type::Real);

/// The functions.
pub(in super::super) const FUNCTIONS: &[Function] = &[Function::define(
    "series_outliers",
    &[Accepts::Only(Type::Dynamic), Accepts::Only(Type::String), REAL, REAL, REAL],
    Type::Dynamic,
    call,
)
.with_optional(4)];

fn call(arguments: &[Value]) -> Value {
    let Some(elements) = arguments.array(0) else { return Value::Null };
    let ignored = arguments.real(2);
    let series: Vec<Option<f64>> = elements
        .iter()
        .map(|element| finite(element).filter(|number| Some(*number) != ignored))
        .collect();
    let range = match arguments.text(1) {
        "tukey" => Some((25.0, 75.0)),
        "ctukey" | "" => {
            Some((arguments.real(3).unwrap_or(10.0), arguments.real(4).unwrap_or(90.0)))
        }
        _ => None,
    };
    let range = range.filter(|(least, most)| 2.0 <= *least && least < most && *most <= 98.0);
    range.map_or(Value::Null, |(least, most)| Value::Dynamic(scores(&series, least, most)))
}

/// Tukey's fences: how far each number lies outside of two percentiles, measured by their distance. Where
/// that is zero, because nearly all numbers are equal, it is measured by the mean distance from the lower one.
pub(super) fn scores(series: &[Option<f64>], least: f64, most: f64) -> Dynamic {
    let mut sorted: Vec<f64> = series.iter().flatten().copied().collect();
    sorted.sort_by(f64::total_cmp);
    let (low, high) = (percentile(&sorted, least), percentile(&sorted, most));
    let spread = if high > low {
        high - low
    } else {
        sorted.iter().map(|number| (number - low).abs()).sum::<f64>() / sorted.len() as f64
    };
    let score = |number: f64| {
        let outside = if number > high { number - high } else { (number - low).min(0.0) };
        if outside == 0.0 { 0.0 } else { outside / spread }
    };
    numbers(series.iter().map(|number| number.map_or(0.0, score)))
}

#[cfg(test)]
mod tests {
    use super::super::tests::check_near;

    #[test]
    fn what_lies_outside_has_a_score() {
        let series = "[30,28,5,27,31,38,29,80,25,37,30]";
        check_near(&[
            ("series_outliers", &[series], "[0.0,0.0,-1.538,0.0,0.0,0.0,0.0,3.231,0.0,0.0,0.0]"),
            (
                "series_outliers",
                &[series, "\"tukey\""],
                "[0.0,0.0,-3.462,-0.077,0.0,0.615,0.0,7.077,-0.385,0.462,0.0]",
            ),
            (
                "series_outliers",
                &["[1,1,1,1,1,1,1,1,1,1,1,100]"],
                "[0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,12.0]",
            ),
            ("series_outliers", &["[1,1,null]"], "[0.0,0.0,0.0]"),
            ("series_outliers", &["[1]", "\"other\""], "null"),
        ]);
    }
}
