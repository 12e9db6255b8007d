//! A series as season, trend, and what remains: for anomalies and forecasts.
//!
//! <https://learn.microsoft.com/kusto/query/series-decompose-function>

use super::super::arguments::{Arguments, array};
use super::super::{Accepts, Function, Type, Value};
use super::fit::Line;
use super::outliers::scores;
use super::{complete, fill, finite, mean, numbers, periods};
use crate::kql::Dynamic;

const DYNAMIC: Accepts = Accepts::Only(Type::Dynamic);
const LONG: Accepts = Accepts::Only(Type::Long);
const REAL: Accepts = Accepts::Only(Type::Real);
const STRING: Accepts = Accepts::Only(Type::String);

/// The functions.
pub(in super::super) const FUNCTIONS: &[Function] = &[
    Function::define(
        "series_decompose",
        &[DYNAMIC, LONG, STRING, LONG, REAL],
        Type::Dynamic,
        |arguments| {
            Parts::of(arguments, [1, 2, 3, 4]).map_or(Value::Null, |parts| {
                array(
                    [
                        parts.baseline(),
                        parts.seasonal.clone(),
                        parts.trend.clone(),
                        parts.residual(),
                    ]
                    .map(numbers)
                    .into(),
                )
            })
        },
    )
    .with_optional(4),
    Function::define(
        "series_decompose_anomalies",
        &[DYNAMIC, REAL, LONG, STRING, LONG, STRING, REAL],
        Type::Dynamic,
        anomalies,
    )
    .with_optional(6),
    Function::define(
        "series_decompose_forecast",
        &[DYNAMIC, LONG, LONG, STRING, REAL],
        Type::Dynamic,
        |arguments| {
            let parts = Parts::of(arguments, [2, 3, 1, 4]);
            parts.map_or(Value::Null, |parts| Value::Dynamic(numbers(parts.baseline())))
        },
    )
    .with_optional(3),
];

/// The score from which on a period is believed in unless another is given.
const SEASONALITY_THRESHOLD: f64 = 0.6;

/// A series, its season and its trend, all of one length.
struct Parts {
    series: Vec<f64>,
    seasonal: Vec<f64>,
    trend: Vec<f64>,
}

impl Parts {
    /// Of the first argument; the others are, at those places, the period, the trend, how many points at the
    /// end are not learnt from, and the threshold. Elements that are missing are filled in.
    fn of(
        arguments: &[Value],
        [period, trend, test_points, threshold]: [usize; 4],
    ) -> Option<Parts> {
        let filled = fill::linear(arguments.array(0)?, &Dynamic::Null, true, &Dynamic::Real(0.0));
        let series = complete(&[array(filled)], 0)?;
        let test_points = usize::try_from(arguments.long(test_points).unwrap_or(0)).ok()?;
        let learnt = series.get(..series.len().saturating_sub(test_points))?;
        let threshold = arguments.real(threshold).unwrap_or(SEASONALITY_THRESHOLD);
        let period = match arguments.long(period).unwrap_or(-1) {
            -1 => periods::best(learnt, threshold),
            0 => None,
            period => Some(usize::try_from(period).ok()?),
        };
        let seasonal = periods::seasonal(learnt, period, series.len());
        let without_season: Vec<f64> =
            learnt.iter().zip(&seasonal).map(|(number, seasonal)| number - seasonal).collect();
        let trend = match arguments.text(trend) {
            "avg" | "" => vec![mean(&without_season); series.len()],
            "linefit" => {
                let line = Line::of(&without_season);
                (0..series.len()).map(|place| line.at(place)).collect()
            }
            "none" => vec![0.0; series.len()],
            _ => return None,
        };
        Some(Parts { seasonal, trend, series })
    }

    fn baseline(&self) -> Vec<f64> {
        self.seasonal.iter().zip(&self.trend).map(|(seasonal, trend)| seasonal + trend).collect()
    }

    fn residual(&self) -> Vec<f64> {
        self.series
            .iter()
            .zip(self.baseline())
            .map(|(number, baseline)| number - baseline)
            .collect()
    }
}

/// Flags (1 above, -1 below what is expected), scores and what is expected.
fn anomalies(arguments: &[Value]) -> Value {
    let threshold = arguments.real(1).unwrap_or(1.5);
    let (least, most) = match arguments.text(5) {
        "ctukey" | "" => (10.0, 90.0),
        "tukey" => (25.0, 75.0),
        _ => return Value::Null,
    };
    let Some(parts) = Parts::of(arguments, [2, 3, 4, 6]) else { return Value::Null };
    let residual: Vec<Option<f64>> = parts.residual().into_iter().map(Some).collect();
    let scores = scores(&residual, least, most);
    let flag = |score: &Dynamic| {
        let score = finite(score).unwrap_or(0.0);
        Dynamic::Long(i64::from(score > threshold) - i64::from(score < -threshold))
    };
    let flags = match &scores {
        Dynamic::Array(scores) => scores.iter().map(flag).collect(),
        _ => Vec::new(),
    };
    array(vec![Dynamic::Array(flags), scores, numbers(parts.baseline())])
}

#[cfg(test)]
mod tests {
    use super::super::super::dynamics::tests::{call, check};
    use super::*;

    /// Five weeks of days with a quiet end, one of which is not.
    fn weeks(peak: Option<usize>) -> Value {
        let day = |place: usize| {
            let usual = if place % 7 < 5 { 20.0 } else { 4.0 };
            if Some(place) == peak { usual + 50.0 } else { usual + (place % 3) as f64 / 10.0 }
        };
        Value::Dynamic(numbers((0..35).map(day)))
    }

    #[test]
    fn a_series_is_the_sum_of_its_parts() {
        let parts = call(
            "series_decompose",
            &[weeks(None), Value::Long(7), Value::String("linefit".into())],
        );
        let at = |part: i64, place: i64| {
            let array = call("[]", &[parts.clone(), Value::Long(part)]);
            [call("[]", &[array, Value::Long(place)])].real(0).unwrap_or(f64::NAN)
        };
        for place in 0..35 {
            assert!((at(0, place) - at(1, place) - at(2, place)).abs() < 1e-9);
            assert!(at(3, place).abs() < 1.0, "the season is found: {}", at(3, place));
        }
    }

    #[test]
    fn what_stands_out_of_its_season_is_an_anomaly() {
        let found = call("series_decompose_anomalies", &[weeks(Some(19))]);
        let [Value::Dynamic(Dynamic::Array(parts))] = [found] else { unreachable!() };
        let Some(Dynamic::Array(flags)) = parts.first() else { unreachable!() };
        let flagged: Vec<usize> =
            (0..35).filter(|place| flags.get(*place) != Some(&Dynamic::Long(0))).collect();
        assert_eq!(flagged, [19], "and the quiet days are none");
    }

    #[test]
    fn a_forecast_does_not_learn_from_its_end() {
        check(&[
            (
                "series_decompose_forecast",
                &["[1,2,3,4,0,0]", "2", "0", "\"linefit\""],
                "[1.0,2.0,3.0,4.0,5.0,6.0]",
            ),
            (
                "series_decompose_forecast",
                &["[1,3,1,3,0,0]", "2", "2", "\"none\""],
                "[1.0,3.0,1.0,3.0,1.0,3.0]",
            ),
            ("series_decompose", &["[1,2]", "0", "\"other\""], "null"),
        ]);
    }
}
