//! Signals as detections make them, for tests that care for points alone.

use coldtrail_model::{Axis, Conversation, Rhythm, Signal};

/// A signal at full strength; one about timing has a rhythm of a minute.
pub(crate) fn signal(
    conversation: &Conversation,
    detection: &str,
    axis: Axis,
    points: u8,
) -> Signal {
    let rhythm = (axis == Axis::Rhythm).then_some(Rhythm {
        period_seconds: 60.0,
        regularity: 0.95,
        polls: 60,
        miss_rate: 0.0,
        strength: 0.9,
        ..Rhythm::default()
    });
    Signal {
        detection: detection.to_owned(),
        attack: vec!["T1583.007".to_owned()],
        strength: 1.0,
        summary: detection.to_owned(),
        records: Vec::new(),
        axis,
        weight: points,
        conversation: conversation.clone(),
        rhythm,
        rule: None,
    }
}
