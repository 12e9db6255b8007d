//! How often polling pauses.
//!
//! The share of intervals that are gaps: longer than
//! [`RhythmSettings::gap_factor`](crate::RhythmSettings::gap_factor) periods. A few come from
//! nights and switched-off machines; many mean that there is no steady polling, only bouts of it.

use crate::period::Folding;

/// The share of intervals that are gaps, from 0 to 1.
pub(crate) fn gap_share(folding: &Folding) -> f64 {
    folding.gaps as f64 / (folding.gaps + folding.folded.len()) as f64
}

#[cfg(test)]
mod tests {
    use super::gap_share;
    use crate::period::Folding;

    #[test]
    fn counts_intervals_not_time() {
        let folding = Folding::new(&[60.0, 60.0, 120.0, 50_000.0], 60.0, 4).unwrap();
        assert_eq!(gap_share(&folding), 0.25);
    }
}
