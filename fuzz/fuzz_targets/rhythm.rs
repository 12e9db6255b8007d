//! Any list of timestamps has a finite rhythm with every share between 0 and 1, or none.

#![no_main]

use coldtrail_analytics::{RhythmSettings, rhythm};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let (timestamps, _) = bytes.as_chunks::<8>();
    let timestamps: Vec<i64> = timestamps.iter().copied().map(i64::from_le_bytes).collect();
    let Some(rhythm) = rhythm(&timestamps, &RhythmSettings::default()) else { return };

    let shares = [
        rhythm.dispersion,
        rhythm.concentration,
        rhythm.phase.unwrap_or_default(),
        rhythm.miss_rate,
        rhythm.gap_share,
        rhythm.duty,
        rhythm.regularity,
        rhythm.strength,
    ];
    let of_terms =
        rhythm.terms.iter().flat_map(|term| [term.value, term.chance, term.contribution]);
    for share in shares.into_iter().chain(of_terms) {
        assert!((0.0..=1.0).contains(&share), "{rhythm:?}");
    }
    assert!(rhythm.period_seconds > 0.0 && rhythm.period_seconds <= rhythm.span_seconds);
    assert!(rhythm.span_seconds.is_finite());
});
