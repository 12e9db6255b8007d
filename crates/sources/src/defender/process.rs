//! `DeviceProcessEvents`: a row of `process` for each start. The initiating process is the parent.

use coldtrail_model::Field;

use super::actor;
use super::additional::Additional;
use crate::filling::Filling;

/// `CloudProcessEvents`: a process in a container, which is named by what runs it.
pub(super) fn cloud_columns(record: &mut Filling<'_, '_, '_>, _: &Additional) {
    record
        .lower(Field::HostName, "KubernetesPodName")
        .lower(Field::HostName, "ContainerName")
        .text(Field::UserName, "AccountName")
        .text(Field::ProcessCommandLine, "ProcessCommandLine")
        .lower(Field::ProcessParentName, "ParentProcessName");
    if let Some(path) = actor::path(record, "FolderPath", "ProcessName") {
        record.row().image(Field::ProcessExecutable, Field::ProcessName, &path);
    }
    record.lower(Field::ProcessName, "ProcessName");
    actor::process_number(record, "ProcessId");
}

pub(super) fn columns(record: &mut Filling<'_, '_, '_>, _: &Additional) {
    actor::device(record);
    actor::account(record, "AccountDomain", "AccountName");
    actor::account(record, "InitiatingProcessAccountDomain", "InitiatingProcessAccountName");
    if let Some(path) = actor::path(record, "FolderPath", "FileName") {
        record.row().image(Field::ProcessExecutable, Field::ProcessName, &path);
    }
    record
        .lower(Field::ProcessName, "FileName")
        .text(Field::ProcessCommandLine, "ProcessCommandLine")
        .text(Field::ProcessHashSha256, "SHA256");
    actor::process_number(record, "ProcessId");
    let (folder, file) = ("InitiatingProcessFolderPath", "InitiatingProcessFileName");
    if let Some(path) = actor::path(record, folder, file) {
        record.row().image(Field::ProcessParentExecutable, Field::ProcessParentName, &path);
    }
    record
        .lower(Field::ProcessParentName, file)
        .text(Field::ProcessParentCommandLine, "InitiatingProcessCommandLine");
}
