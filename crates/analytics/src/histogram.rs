//! How long the intervals between polls are, counted in spans that a period gives their width.
//!
//! ```text
//! below 1.55 periods          spans of a tenth, one of them centred on the period
//! 1.55 to gap factor + 0.5    spans of one period, centred on its multiples: polls were missed
//! above                       one span: gaps
//! ```
//!
//! Near the period the shape tells jitter from chance; beyond it, only how many polls were missed
//! matters; and a night is a night. Spans follow each other from the first that has an interval to
//! the last, the empty ones between them included.

/// The end of the fine spans, in twentieths of a period.
const FINE_UNTIL: u32 = 31;

/// How many intervals were about so long.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct IntervalCount {
    /// The beginning of the span, in seconds.
    pub from_seconds: f64,
    /// The end of the span, in seconds.
    pub to_seconds: f64,
    /// How many intervals are in it.
    pub count: u64,
}

/// Counts intervals, in seconds; more than `gap_factor` periods are a gap.
pub(crate) fn histogram(
    intervals: &[f64],
    period_seconds: f64,
    gap_factor: u32,
) -> Vec<IntervalCount> {
    let longest = intervals.iter().copied().fold(0.0, f64::max);
    let mut edges: Vec<f64> = ends(gap_factor).map(|end| end * period_seconds).collect();
    if edges.last().is_none_or(|last| *last <= longest) {
        edges.push(longest);
    }
    let mut counts = vec![0_u64; edges.len()];
    for interval in intervals {
        let place = edges.partition_point(|end| end <= interval).min(edges.len() - 1);
        if let Some(count) = counts.get_mut(place) {
            *count += 1;
        }
    }
    let starts = [0.0].into_iter().chain(edges.iter().copied());
    let spans = starts.zip(&edges).zip(&counts).map(|((from_seconds, to_seconds), count)| {
        IntervalCount { from_seconds, to_seconds: *to_seconds, count: *count }
    });
    let mut spans: Vec<IntervalCount> = spans.skip_while(|span| span.count == 0).collect();
    while spans.last().is_some_and(|span| span.count == 0) {
        spans.pop();
    }
    spans
}

/// Where spans end, in periods. A gap factor beyond ten has no more spans than one of ten.
fn ends(gap_factor: u32) -> impl Iterator<Item = f64> {
    let fine = (1..=FINE_UNTIL).step_by(2).map(|end| f64::from(end) / 20.0);
    let missed = (2..=gap_factor.min(10)).map(|periods| f64::from(periods) + 0.5);
    fine.chain(missed)
}

#[cfg(test)]
mod tests {
    use super::{IntervalCount, histogram};

    fn counts(intervals: &[f64]) -> Vec<(f64, f64, u64)> {
        histogram(intervals, 60.0, 4)
            .iter()
            .map(|IntervalCount { from_seconds, to_seconds, count }| {
                (from_seconds.round(), to_seconds.round(), *count)
            })
            .collect()
    }

    #[test]
    fn a_metronome_is_one_span_around_its_period() {
        assert_eq!(counts(&[60.0; 5]), [(57.0, 63.0, 5)]);
    }

    #[test]
    fn jitter_misses_and_nights_are_told_apart() {
        let counts = counts(&[52.0, 60.0, 60.0, 67.0, 120.0, 182.0, 50_000.0]);
        assert_eq!(counts[..3], [(51.0, 57.0, 1), (57.0, 63.0, 2), (63.0, 69.0, 1)]);
        let beyond: Vec<_> = counts.into_iter().filter(|(from, ..)| *from > 90.0).collect();
        assert_eq!(
            beyond,
            [(93.0, 150.0, 1), (150.0, 210.0, 1), (210.0, 270.0, 0), (270.0, 50_000.0, 1)]
        );
    }

    #[test]
    fn every_interval_is_counted_once() {
        let hostile = [0.0, f64::MIN_POSITIVE, 1e-6, 57.0, 63.0, 93.0, 270.0, 1e13];
        for gap_factor in [0, 1, 4, u32::MAX] {
            for period in [1e-6, 60.0, 1e13] {
                let spans = histogram(&hostile, period, gap_factor);
                assert_eq!(spans.iter().map(|span| span.count).sum::<u64>(), 8, "{spans:?}");
            }
        }
        assert_eq!(histogram(&[], 60.0, 4), []);
    }
}
