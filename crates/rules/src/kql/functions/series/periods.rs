//! Periods after which a series is like itself.
//!
//! <https://learn.microsoft.com/kusto/query/series-periods-detect-function>

use super::super::arguments::{Arguments, array};
use super::super::{Accepts, Function, Type, Value};
use super::{complete, mean, numbers, percentile};

const DYNAMIC: Accepts = Accepts::Only(Type::Dynamic);
const LONG: Accepts = Accepts::Only(Type::Long);
const REAL: Accepts = Accepts::Only(Type::Real);

/// The functions.
pub(in super::super) const FUNCTIONS: &[Function] = &[
    Function::define("series_periods_detect", &[DYNAMIC, REAL, REAL, LONG], Type::Dynamic, detect),
    Function::define("series_periods_validate", &[DYNAMIC, REAL], Type::Dynamic, validate)
        .with_rest(REAL),
    Function::define("series_seasonal", &[DYNAMIC, LONG], Type::Dynamic, |arguments| {
        let Some(series) = complete(arguments, 0) else { return Value::Null };
        let period = match arguments.long(1).unwrap_or(-1) {
            -1 => best(&series, SEASONAL_SCORE),
            period => usize::try_from(period).ok(),
        };
        Value::Dynamic(numbers(seasonal(&series, period, series.len())))
    })
    .with_optional(1),
];

/// The least period that can be told from noise.
const LEAST_PERIOD: usize = 4;

/// The score from which on `series_seasonal` believes in a period.
const SEASONAL_SCORE: f64 = 0.7;

/// The most periods that are returned.
const MOST_PERIODS: i64 = 1000;

/// Periods, the best first, and their scores; zeros if there are not as many as asked for.
fn detect(arguments: &[Value]) -> Value {
    let (Some(series), Some(least), Some(most), Some(count)) =
        (complete(arguments, 0), arguments.real(1), arguments.real(2), arguments.long(3))
    else {
        return Value::Null;
    };
    let mut found = Likeness::of(&series).periods();
    found.retain(|(period, _)| (least..=most).contains(&(*period as f64)));
    found.resize(count.clamp(0, MOST_PERIODS) as usize, (0, 0.0));
    array(vec![
        numbers(found.iter().map(|(period, _)| *period as f64)),
        numbers(found.iter().map(|(_, score)| *score)),
    ])
}

/// The periods that are asked for and the score of each, zero if it is none.
fn validate(arguments: &[Value]) -> Value {
    let Some(series) = complete(arguments, 0) else { return Value::Null };
    let likeness = Likeness::of(&series);
    let periods: Vec<f64> =
        (1..arguments.len()).map(|place| arguments.real(place).unwrap_or(0.0)).collect();
    let scores = periods.iter().map(|period| likeness.score(period.round().max(0.0) as usize));
    array(vec![numbers(periods.iter().copied()), numbers(scores)])
}

/// The best period, if its score is that high.
pub(super) fn best(series: &[f64], threshold: f64) -> Option<usize> {
    let found = Likeness::of(series).periods();
    found.first().filter(|(_, score)| *score >= threshold).map(|(period, _)| *period)
}

/// The median of all elements at the same place of a period, for that many elements; zeros without one.
pub(super) fn seasonal(series: &[f64], period: Option<usize>, length: usize) -> Vec<f64> {
    let Some(period) = period.filter(|period| (1..=series.len()).contains(period)) else {
        return vec![0.0; length];
    };
    let medians: Vec<f64> = (0..period)
        .map(|phase| {
            let mut alike: Vec<f64> = series.iter().skip(phase).step_by(period).copied().collect();
            alike.sort_by(f64::total_cmp);
            percentile(&alike, 50.0)
        })
        .collect();
    medians.iter().copied().cycle().take(length).collect()
}

/// How much a series is like itself so many places later: its autocorrelation.
struct Likeness {
    /// By distance, from 0 on, up to one and a half times the longest period.
    by_distance: Vec<f64>,
    /// Periods are shorter than half of the series.
    most: usize,
}

impl Likeness {
    fn of(series: &[f64]) -> Likeness {
        let mean = mean(series);
        let centred: Vec<f64> = series.iter().map(|number| number - mean).collect();
        let most = series.len().saturating_sub(1) / 2;
        let products = self_products(&centred, most + most / 4 + 2);
        let whole = products.first().copied().unwrap_or(0.0) / series.len() as f64;
        let likeness = products.iter().enumerate().map(|(distance, product)| {
            let pairs = series.len().saturating_sub(distance);
            // What remains of equal numbers is rounding.
            if pairs == 0 || whole < 1e-12 * mean * mean {
                0.0
            } else {
                product / pairs as f64 / whole
            }
        });
        Likeness { by_distance: likeness.collect(), most }
    }

    fn at(&self, distance: usize) -> f64 {
        self.by_distance.get(distance).copied().filter(|number| number.is_finite()).unwrap_or(0.0)
    }

    /// How much the series is like itself after that period and each of its multiples, whichever is least;
    /// zero if it is more so after one that is longer or shorter by up to a quarter.
    fn score(&self, period: usize) -> f64 {
        if !(LEAST_PERIOD..=self.most).contains(&period) {
            return 0.0;
        }
        let around = (period / 4).max(1);
        let is_peak = (period - around..=period + around)
            .all(|other| other == period || self.at(other) < self.at(period));
        if !is_peak {
            return 0.0;
        }
        let multiples = (period..=self.most).step_by(period);
        multiples.map(|multiple| self.at(multiple)).fold(1.0, f64::min).max(0.0)
    }

    /// All periods with their scores, the best first; multiples of better ones are left out.
    fn periods(&self) -> Vec<(usize, f64)> {
        let scored = (LEAST_PERIOD..=self.most).map(|period| (period, self.score(period)));
        let mut scored: Vec<(usize, f64)> = scored.filter(|(_, score)| *score > 0.0).collect();
        scored.sort_by(|left, right| right.1.total_cmp(&left.1).then(left.0.cmp(&right.0)));
        let mut found: Vec<(usize, f64)> = Vec::new();
        for (period, score) in scored {
            let is_multiple = found.iter().any(|(better, _)| {
                period > *better && (period % better).min(better - period % better) <= 1
            });
            if !is_multiple && found.len() < MOST_PERIODS as usize {
                found.push((period, score));
            }
        }
        found
    }
}

/// The sum of the products of all elements with those so many places later, by distance up to the most: by way of
/// the Fourier transform, as it would take the square of the length otherwise.
fn self_products(series: &[f64], most: usize) -> Vec<f64> {
    let size = (2 * series.len()).max(2).next_power_of_two();
    let mut wave: Vec<(f64, f64)> = series.iter().map(|number| (*number, 0.0)).collect();
    wave.resize(size, (0.0, 0.0));
    transform(&mut wave);
    for (real, imaginary) in &mut wave {
        (*real, *imaginary) = (*real * *real + *imaginary * *imaginary, 0.0);
    }
    // A power spectrum is even, so that the transform is its own inverse but for the scale.
    transform(&mut wave);
    wave.iter().take(most.min(series.len())).map(|(real, _)| real / size as f64).collect()
}

/// The fast Fourier transform in place, of as many numbers as a power of two.
fn transform(wave: &mut [(f64, f64)]) {
    let size = wave.len();
    let bits = size.trailing_zeros();
    for place in 0..size {
        let mirrored = place.reverse_bits() >> (usize::BITS - bits);
        if place < mirrored {
            wave.swap(place, mirrored);
        }
    }
    let mut width = 2;
    while width <= size {
        let half = width / 2;
        let turns: Vec<(f64, f64)> = (0..half)
            .map(|place| {
                let (sine, cosine) =
                    (-std::f64::consts::TAU * place as f64 / width as f64).sin_cos();
                (cosine, sine)
            })
            .collect();
        for block in wave.chunks_exact_mut(width) {
            let (low, high) = block.split_at_mut(half);
            for ((low, high), turn) in low.iter_mut().zip(high).zip(&turns) {
                let turned = (high.0 * turn.0 - high.1 * turn.1, high.0 * turn.1 + high.1 * turn.0);
                *high = (low.0 - turned.0, low.1 - turned.1);
                *low = (low.0 + turned.0, low.1 + turned.1);
            }
        }
        width *= 2;
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::check_near;
    use super::*;

    const WEEKS: &str = "[80,139,87,110,68,54,50,51,53,133,86,141,97,156,94,149,95,140,77,61,50,54,47,133,72,\
                         152,94,148,105,162,101,160,87,63,53,55,54,151,103,189,108,183,113,175,113,178,90,\
                         71,62,62,65,165,109,181,115,182,121,178,114,170]";

    #[test]
    fn a_week_is_found_and_nothing_else() {
        check_near(&[
            ("series_periods_detect", &[WEEKS, "0.0", "50.0", "2"], "[[14.0,0.0],[0.841,0.0]]"),
            (
                "series_periods_validate",
                &[WEEKS, "14.0", "10.0", "1.0"],
                "[[14.0,10.0,1.0],[0.841,0.0,0.0]]",
            ),
            (
                "series_periods_detect",
                &["[1,1,1,1,1,1,1,1,1,1]", "0.0", "50.0", "1"],
                "[[0.0],[0.0]]",
            ),
            ("series_periods_detect", &["[]", "0.0", "50.0", "1"], "[[0.0],[0.0]]"),
        ]);
    }

    #[test]
    fn the_season_is_the_median_of_each_phase() {
        check_near(&[
            (
                "series_seasonal",
                &["[2,5,3,4,3,2,1,2,3,4,3,2,1,2,3,4,3,2,1,2,3,4,3,2,1]"],
                "[1.0,2.0,3.0,4.0,3.0,2.0,1.0,2.0,3.0,4.0,3.0,2.0,1.0,2.0,3.0,4.0,3.0,2.0,1.0,2.0,3.0,4.0,3.0,2.0,1.0]",
            ),
            (
                "series_seasonal",
                &["[8,12,14,12,10,10,12,14,12,10,10,12,14,12,10,10,12,14,12,10]"],
                "[10.0,12.0,14.0,12.0,10.0,10.0,12.0,14.0,12.0,10.0,10.0,12.0,14.0,12.0,10.0,10.0,12.0,14.0,12.0,10.0]",
            ),
            (
                "series_seasonal",
                &["[1,3,5,2,4,6,1,3,5,2,4,6]"],
                "[0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0]",
            ),
            (
                "series_seasonal",
                &["[1,3,5,1,3,5,2,4,6]", "3"],
                "[1.0,3.0,5.0,1.0,3.0,5.0,1.0,3.0,5.0]",
            ),
            ("series_seasonal", &["[1,3,5,2,4,6]", "3"], "[1.5,3.5,5.5,1.5,3.5,5.5]"),
        ]);
    }

    #[test]
    fn the_transform_gives_what_summing_up_gives() {
        let series: Vec<f64> = (0..37).map(|place| f64::from((place * 7919) % 101)).collect();
        for (distance, product) in self_products(&series, 20).into_iter().enumerate() {
            let summed: f64 = series
                .iter()
                .zip(series.iter().skip(distance))
                .map(|(left, right)| left * right)
                .sum();
            assert!((product - summed).abs() < 1e-6 * summed, "{distance}");
        }
    }
}
