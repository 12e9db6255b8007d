//! `DeviceFileEvents`: a row of `file` for each file that was created, changed or renamed.

use coldtrail_model::Field;

use super::actor;
use super::additional::Additional;
use crate::filling::Filling;

pub(super) fn columns(record: &mut Filling<'_, '_, '_>, _: &Additional) {
    actor::device(record);
    actor::initiating_process(record);
    path(record);
    record.text(Field::FilePath, "FileName").text(Field::FileHashSha256, "SHA256");
}

/// Sets the whole path of the file that the record is about.
pub(super) fn path(record: &mut Filling<'_, '_, '_>) {
    if let Some(path) = actor::path(record, "FolderPath", "FileName") {
        record.row().text(Field::FilePath, &path);
    }
}
