//! How many polls are missing where polling was going on.
//!
//! ```text
//! miss rate = 1 - polls / expected polls
//! ```
//!
//! Between gaps, polling runs; a run in which *k* periods passed expects *k* + 1 polls. A miss is a
//! poll that failed, was answered from a cache, or went through something that does not log.

use crate::period::Folding;

/// The share of expected polls that are missing inside active runs, from 0 to 1.
pub(crate) fn miss_rate(folding: &Folding) -> f64 {
    let runs = folding.gaps as u64 + 1;
    let polls = folding.folded.len() as u64 + runs;
    let expected = folding.periods + runs;
    (expected - polls) as f64 / expected as f64
}

#[cfg(test)]
mod tests {
    use super::miss_rate;
    use crate::period::Folding;

    #[test]
    fn a_tripled_interval_is_two_misses_and_a_night_is_none() {
        let folding = Folding::new(&[60.0, 180.0, 60.0, 50_000.0, 60.0], 60.0, 4).unwrap();
        assert_eq!(miss_rate(&folding), 0.25);
    }
}
