//! Figures over ranked alerts.
//!
//! Alerts of one rank come together: no order among them is invented. Where there are budgets, the
//! threshold lies above the first rank that would exceed them.

use coldtrail_range::Random;

/// An alert or a positive that got none, as the figures need it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Judged {
    /// How urgent; higher is more. `None` for a positive without an alert.
    pub(super) rank: Option<f64>,
    /// The family of the positive that it is about; `None` for a false alert.
    pub(super) family: Option<&'static str>,
    /// The host of an enterprise: what is drawn again by the bootstrap.
    pub(super) unit: usize,
}

/// Average precision: the area under the curve of precision and recall, without interpolation.
pub(super) fn average_precision(judged: &[Judged]) -> f64 {
    weighted_precision(&ranked(judged), judged, &[])
}

/// The middle 95 % of average precision, when hosts are drawn again with replacement.
pub(super) fn bootstrap(judged: &[Judged], units: usize, draws: usize) -> (f64, f64) {
    let order = ranked(judged);
    let mut random = Random::new(0).fork("bootstrap");
    let mut values: Vec<f64> = (0..draws)
        .map(|_| {
            let mut weights = vec![0.0; units];
            for _ in 0..units {
                let unit = random.between(&(0..=units.max(1) as u64 - 1)) as usize;
                if let Some(weight) = weights.get_mut(unit) {
                    *weight += 1.0;
                }
            }
            weighted_precision(&order, judged, &weights)
        })
        .collect();
    values.sort_by(f64::total_cmp);
    let at = |share: f64| {
        let last = values.len().saturating_sub(1);
        values.get((share * last as f64).round() as usize).copied().unwrap_or_default()
    };
    (at(0.025), at(0.975))
}

/// The alerts, most urgent first, those of one rank together.
fn ranked(judged: &[Judged]) -> Vec<Vec<&Judged>> {
    let mut alerts: Vec<(f64, &Judged)> =
        judged.iter().filter_map(|it| it.rank.map(|rank| (rank, it))).collect();
    alerts.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    let groups = alerts.chunk_by(|(one, _), (other, _)| one == other);
    groups.map(|group| group.iter().map(|(_, it)| *it).collect()).collect()
}

/// No weights are weights of one.
fn weighted_precision(order: &[Vec<&Judged>], judged: &[Judged], weights: &[f64]) -> f64 {
    let weight = |it: &Judged| weights.get(it.unit).copied().unwrap_or(1.0);
    let positives: f64 = judged.iter().filter(|it| it.family.is_some()).map(weight).sum();
    let (mut right, mut all, mut area) = (0.0, 0.0, 0.0);
    for group in order {
        let found: f64 = group.iter().filter(|it| it.family.is_some()).map(|it| weight(it)).sum();
        right += found;
        all += group.iter().map(|it| weight(it)).sum::<f64>();
        if found > 0.0 && positives > 0.0 {
            area += found / positives * right / all;
        }
    }
    area
}

/// The rank from which on so many false alerts are not exceeded.
pub(super) fn threshold(judged: &[Judged], false_alerts: usize) -> f64 {
    let mut lowest = f64::INFINITY;
    let mut count = 0;
    for group in ranked(judged) {
        count += group.iter().filter(|it| it.family.is_none()).count();
        if count > false_alerts {
            break;
        }
        lowest = group.first().and_then(|it| it.rank).unwrap_or(lowest);
    }
    lowest
}

/// The share of a family's positives that reach a rank.
pub(super) fn recall(judged: &[Judged], family: &str, threshold: f64) -> f64 {
    let of_family = judged.iter().filter(|it| it.family == Some(family));
    let (mut found, mut all) = (0.0, 0.0);
    for one in of_family {
        all += 1.0;
        found += f64::from(u8::from(one.rank.is_some_and(|rank| rank >= threshold)));
    }
    if all > 0.0 { found / all } else { 0.0 }
}

/// The mean of the recalls of all families.
pub(super) fn macro_recall(judged: &[Judged], families: &[&'static str], threshold: f64) -> f64 {
    let sum: f64 = families.iter().map(|family| recall(judged, family, threshold)).sum();
    if families.is_empty() { 0.0 } else { sum / families.len() as f64 }
}

/// The share that is right among the first so many; of the rank at the edge, as many as fit are taken
/// in proportion.
pub(super) fn precision_at(judged: &[Judged], count: usize) -> f64 {
    let mut left = count as f64;
    let mut right = 0.0;
    for group in ranked(judged) {
        let size = group.len() as f64;
        let found = group.iter().filter(|it| it.family.is_some()).count() as f64;
        right += found * (left / size).min(1.0);
        left -= size;
        if left <= 0.0 {
            break;
        }
    }
    right / count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alert(rank: f64, family: Option<&'static str>) -> Judged {
        Judged { rank: Some(rank), family, unit: rank as usize }
    }

    fn example() -> Vec<Judged> {
        vec![
            alert(9.0, Some("a")),
            alert(8.0, None),
            alert(7.0, Some("b")),
            alert(7.0, None),
            Judged { rank: None, family: Some("b"), unit: 0 },
        ]
    }

    #[test]
    fn average_precision_counts_what_got_no_alert() {
        // 1/3 at precision 1, 1/3 at 2/4, 1/3 never.
        assert!((average_precision(&example()) - 0.5).abs() < 1e-9);
        assert_eq!(average_precision(&[alert(1.0, Some("a"))]), 1.0);
        assert_eq!(average_precision(&[]), 0.0);
    }

    #[test]
    fn budgets_are_not_exceeded() {
        assert_eq!(threshold(&example(), 0), 9.0);
        assert_eq!(threshold(&example(), 1), 8.0);
        assert_eq!(threshold(&example(), 2), 7.0);
        assert_eq!(threshold(&[alert(3.0, None)], 0), f64::INFINITY);
        assert_eq!(macro_recall(&example(), &["a", "b"], 8.0), 0.5);
        assert_eq!(macro_recall(&example(), &["a", "b"], 7.0), 0.75);
    }

    #[test]
    fn ties_are_shared_at_the_edge() {
        assert_eq!(precision_at(&example(), 1), 1.0);
        assert_eq!(precision_at(&example(), 2), 0.5);
        assert_eq!(precision_at(&example(), 3), 0.5);
        // What was not alerted is not right.
        assert_eq!(precision_at(&example(), 10), 0.2);
    }

    #[test]
    fn intervals_hold_the_value() {
        let judged: Vec<Judged> =
            (0..40).map(|it| alert(f64::from(it), (it % 3 != 0).then_some("a"))).collect();
        let (low, high) = bootstrap(&judged, 40, 200);
        let value = average_precision(&judged);
        assert!(low < value && value < high && low > 0.3, "{low} {value} {high}");
    }
}
