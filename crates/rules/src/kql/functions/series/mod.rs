//! Series: arrays of numbers at equal distances, most often in time.
//!
//! <https://learn.microsoft.com/kusto/query/scalar-functions#series-processing-functions>

pub(super) mod decompose;
pub(super) mod elementwise;
pub(super) mod fill;
pub(super) mod filters;
pub(super) mod fit;
pub(super) mod frequencies;
pub(super) mod measures;
pub(super) mod outliers;
pub(super) mod periods;

use super::arguments::{Arguments, number};
use super::{Type, Value};
use crate::kql::Dynamic;

/// The columns that a function gives which gives several, in the order in which they stand in the array that
/// it returns: how each name ends, behind the function's and the argument's (`series_stats_x_min`), and the
/// type. `array_sort_asc` and `array_sort_desc` of more than one array give one column for each.
pub fn spread(function: &str) -> Option<&'static [(&'static str, Type)]> {
    Some(match function {
        "series_stats" => &[
            ("min", Type::Real),
            ("min_idx", Type::Long),
            ("max", Type::Real),
            ("max_idx", Type::Long),
            ("avg", Type::Real),
            ("stdev", Type::Real),
            ("variance", Type::Real),
        ],
        "series_fit_line" => &[
            ("rsquare", Type::Real),
            ("slope", Type::Real),
            ("variance", Type::Real),
            ("rvariance", Type::Real),
            ("interception", Type::Real),
            ("line_fit", Type::Dynamic),
        ],
        "series_fit_2lines" => &[
            ("rsquare", Type::Real),
            ("split_idx", Type::Long),
            ("variance", Type::Real),
            ("rvariance", Type::Real),
            ("line_fit", Type::Dynamic),
            ("right_rsquare", Type::Real),
            ("right_slope", Type::Real),
            ("right_interception", Type::Real),
            ("right_variance", Type::Real),
            ("right_rvariance", Type::Real),
            ("left_rsquare", Type::Real),
            ("left_slope", Type::Real),
            ("left_interception", Type::Real),
            ("left_variance", Type::Real),
            ("left_rvariance", Type::Real),
        ],
        "series_fft" | "series_ifft" => &[("real", Type::Dynamic), ("imag", Type::Dynamic)],
        "series_periods_detect" => &[("periods", Type::Dynamic), ("periods_scores", Type::Dynamic)],
        "series_periods_validate" => &[("periods", Type::Dynamic), ("scores", Type::Dynamic)],
        "series_decompose" => &[
            ("baseline", Type::Dynamic),
            ("seasonal", Type::Dynamic),
            ("trend", Type::Dynamic),
            ("residual", Type::Dynamic),
        ],
        "series_decompose_anomalies" => {
            &[("ad_flag", Type::Dynamic), ("ad_score", Type::Dynamic), ("baseline", Type::Dynamic)]
        }
        _ => return None,
    })
}

/// The numbers of an array all of whose elements are numbers.
fn complete(arguments: &[Value], place: usize) -> Option<Vec<f64>> {
    arguments.array(place)?.iter().map(finite).collect()
}

/// The number that an element is, if it is a finite one.
fn finite(element: &Dynamic) -> Option<f64> {
    number(element).filter(|number| number.is_finite())
}

/// Numbers as an array; one that is not finite is a null.
fn numbers(numbers: impl IntoIterator<Item = f64>) -> Dynamic {
    Dynamic::Array(numbers.into_iter().map(real).collect())
}

fn real(number: f64) -> Dynamic {
    if number.is_finite() { Dynamic::Real(number) } else { Dynamic::Null }
}

fn mean(numbers: &[f64]) -> f64 {
    numbers.iter().sum::<f64>() / numbers.len() as f64
}

/// The middle one of sorted numbers, or the mean of both that are.
fn percentile(sorted: &[f64], percent: f64) -> f64 {
    let place = (sorted.len().saturating_sub(1)) as f64 * percent / 100.0;
    let at = |place: f64| sorted.get(place as usize).copied().unwrap_or(f64::NAN);
    at(place.floor()) + (at(place.ceil()) - at(place.floor())) * place.fract()
}

#[cfg(test)]
mod tests {
    use super::super::function;
    use super::*;

    /// Calls functions with arguments and compares with the result, numbers to three digits behind the point.
    pub(super) fn check_near(cases: &[(&str, &[&str], &str)]) {
        use super::super::dynamics::tests::{call, dynamic};
        for (name, arguments, expected) in cases {
            let values: Vec<Value> = arguments.iter().map(|argument| dynamic(argument)).collect();
            let given = rounded(&call(name, &values).into_dynamic()).json();
            let expected = rounded(&dynamic(expected).into_dynamic()).json();
            assert_eq!(given, expected, "{name} {arguments:?}");
        }
    }

    fn rounded(dynamic: &Dynamic) -> Dynamic {
        match dynamic {
            Dynamic::Array(elements) => Dynamic::Array(elements.iter().map(rounded).collect()),
            Dynamic::Bag(properties) => Dynamic::Bag(
                properties.iter().map(|(name, value)| (name.clone(), rounded(value))).collect(),
            ),
            Dynamic::Real(number) => Dynamic::Real((number * 1000.0).round() / 1000.0 + 0.0),
            other => other.clone(),
        }
    }

    #[test]
    fn what_is_spread_is_as_long_as_what_is_given() {
        let series = Value::Dynamic(numbers((0..40).map(|place| f64::from(place % 8))));
        for name in [
            "series_stats",
            "series_fft",
            "series_fit_line",
            "series_fit_2lines",
            "series_periods_detect",
            "series_periods_validate",
            "series_decompose",
            "series_decompose_anomalies",
        ] {
            let mut arguments = vec![series.clone()];
            if name.starts_with("series_periods") {
                arguments.extend([4, 20, 2].map(Value::Long));
            }
            let given = (function(name).expect(name).call)(&arguments);
            let columns = [given].array(0).map(<[Dynamic]>::len);
            assert_eq!(columns, spread(name).map(<[_]>::len), "{name}");
        }
    }
}
