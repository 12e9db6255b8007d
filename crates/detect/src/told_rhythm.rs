//! A rhythm as signals tell it: with its terms and the lengths of its intervals.

use coldtrail_analytics::{RhythmSettings, Term, rhythm, upload_ratio};
use coldtrail_model::{Conversation, IntervalCount, Rhythm, RhythmTerm};

use crate::Settings;

/// Measures the moments of a conversation, in microseconds, as the function `rhythm` of plans does.
pub(crate) fn told_rhythm(
    moments: &[i64],
    conversation: &Conversation,
    settings: &Settings,
) -> Option<Rhythm> {
    let minimum_polls = u64::from(settings.rhythm_minimum_polls);
    let measured = rhythm(moments, &RhythmSettings { minimum_polls, ..RhythmSettings::default() })?;
    let term = |Term { name, value, chance, contribution }: &Term| RhythmTerm {
        name: (*name).to_owned(),
        value: *value,
        chance: *chance,
        contribution: *contribution,
    };
    let span = |span: &coldtrail_analytics::IntervalCount| IntervalCount {
        from_seconds: span.from_seconds,
        to_seconds: span.to_seconds,
        count: span.count,
    };
    Some(Rhythm {
        period_seconds: measured.period_seconds,
        regularity: measured.regularity,
        polls: measured.polls,
        miss_rate: measured.miss_rate,
        strength: measured.strength,
        requests: measured.requests,
        burst_gap_seconds: measured.burst_gap_seconds,
        gap_share: measured.gap_share,
        duty: measured.duty,
        active_days: measured.active_days,
        upload_ratio: conversation.bytes.and_then(|(sent, received)| upload_ratio(sent, received)),
        terms: measured.terms.iter().map(term).collect(),
        intervals: measured.intervals.iter().map(span).collect(),
    })
}
