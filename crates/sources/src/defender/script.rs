//! `DeviceEvents` that hold script: `ScriptContent` and `PowerShellCommand`.

use coldtrail_model::Field;

use super::additional::Additional;
use super::{actor, file};
use crate::filling::{Filling, Values};

/// Where the script is, by action.
const PLACES: [&str; 2] = ["ScriptContent", "Command"];

/// Whether there is a script in the additional fields.
pub(super) fn says(additional: &Additional) -> bool {
    PLACES.iter().any(|place| additional.text(place).is_some())
}

pub(super) fn columns(record: &mut Filling<'_, '_, '_>, additional: &Additional) {
    actor::device(record);
    actor::initiating_process(record);
    file::path(record);
    let mut inside = record.from(additional);
    for place in PLACES {
        inside.text(Field::ScriptBlockText, place);
    }
}
