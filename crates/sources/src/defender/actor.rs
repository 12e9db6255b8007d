//! Who acted: the device, the account and the process that a record calls the initiating one.

use std::borrow::Cow;

use coldtrail_model::Field;

use crate::filling::Filling;

/// The columns of the device.
pub(super) fn device(record: &mut Filling<'_, '_, '_>) {
    record.lower(Field::HostName, "DeviceName").lower(Field::HostName, "Computer");
}

/// The columns of the initiating process and of the account that it runs as.
///
/// Records of other tables also have an `AccountName`: the account that something happened to.
pub(super) fn initiating_process(record: &mut Filling<'_, '_, '_>) {
    account(record, "InitiatingProcessAccountDomain", "InitiatingProcessAccountName");
    record.text(Field::UserName, "InitiatingProcessAccountUpn");
    if let Some(path) = path(record, "InitiatingProcessFolderPath", "InitiatingProcessFileName") {
        record.row().image(Field::ProcessExecutable, Field::ProcessName, &path);
    }
    record
        .lower(Field::ProcessName, "InitiatingProcessFileName")
        .text(Field::ProcessCommandLine, "InitiatingProcessCommandLine")
        .text(Field::ProcessHashSha256, "InitiatingProcessSHA256");
    process_number(record, "InitiatingProcessId");
    if let Some(parent) = record.value("InitiatingProcessParentFileName") {
        let row = record.row();
        if parent.contains(['\\', '/']) {
            row.image(Field::ProcessParentExecutable, Field::ProcessParentName, &parent);
        } else {
            row.lower(Field::ProcessParentName, &parent);
        }
    }
}

/// Sets the process's number. Records that know no process say 0, which is no process of a user.
pub(super) fn process_number(record: &mut Filling<'_, '_, '_>, name: &'static str) {
    if record.value(name).is_some_and(|number| number != "0") {
        record.number(Field::ProcessPid, name);
    }
}

/// Sets the account as `DOMAIN\name`, or as `name` where the domain is absent.
pub(super) fn account(record: &mut Filling<'_, '_, '_>, domain: &'static str, name: &'static str) {
    let Some(name) = record.value(name) else { return };
    match record.value(domain) {
        Some(domain) => record.row().text(Field::UserName, &format!("{domain}\\{name}")),
        None => record.row().text(Field::UserName, &name),
    };
}

/// The whole path of a file. Despite its name, the folder's column has it already in most records;
/// in others it has the folder only.
pub(super) fn path<'f>(
    record: &Filling<'f, '_, '_>,
    folder: &'static str,
    file: &'static str,
) -> Option<Cow<'f, str>> {
    let folder = record.value(folder)?;
    let Some(file) = record.value(file) else { return Some(folder) };
    let last = folder.rsplit(['\\', '/']).next().unwrap_or_default();
    if last.to_lowercase() == file.to_lowercase() {
        return Some(folder);
    }
    let separator = if folder.contains('/') { '/' } else { '\\' };
    let folder = folder.trim_end_matches(separator);
    Some(Cow::Owned(format!("{folder}{separator}{file}")))
}
