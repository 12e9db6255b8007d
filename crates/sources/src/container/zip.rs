//! Reads zip archives.
//!
//! The list of members is at the end of a zip archive, so reading one needs to jump; an archive that
//! comes in a stream is first written to a nameless temporary file. One whose end is missing is read
//! from its beginning, member by member, as far as that goes.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use ::zip::ZipReadOptions;
use ::zip::read::{Config, read_zipfile_from_stream};
use ::zip::result::ZipError;
use ::zip::unstable::read::ZipIterable;
use coldtrail_diagnostics::Anomaly;

use super::Unpacking;
use super::counted::Counted;
use super::spooled::spooled;
use crate::format::Stopped;

/// Hands over the members of an archive.
pub(super) fn members(
    unpacking: &mut Unpacking<'_>,
    archive: &str,
    stream: &mut dyn Read,
    depth: u32,
    file: Option<&Path>,
) -> Result<(), Stopped> {
    let opened = match file {
        Some(path) => File::open(path),
        None => spooled(stream).map(|(file, _)| file),
    };
    let file = match opened {
        // What was spooled has been counted when it came in.
        Ok(opened) => Counted::new(opened, file.and(unpacking.progress)),
        Err(error) => {
            unpacking.fault(archive, Anomaly::Unreadable, None, &error.to_string());
            return Ok(());
        }
    };
    let mut file = BufReader::new(file);
    match ZipIterable::try_new(&mut file, Config::default()) {
        Ok(zip) => listed(unpacking, archive, zip, depth),
        Err(error) => {
            unpacking.fault(archive, Anomaly::TruncatedStream, None, &error.to_string());
            unlisted(unpacking, archive, &mut file, depth)
        }
    }
}

/// Hands over the members in the order of the list, which is read as it is needed.
fn listed(
    unpacking: &mut Unpacking<'_>,
    archive: &str,
    mut zip: ZipIterable<impl Read + Seek>,
    depth: u32,
) -> Result<(), Stopped> {
    let Ok(entries) = zip.files() else { return Ok(()) };
    while let Some(entry) = entries.next() {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                unpacking.fault(archive, Anomaly::CorruptStream, None, &error.to_string());
                return Ok(());
            }
        };
        let name = String::from_utf8_lossy(entry.name_raw()).into_owned();
        if name.ends_with('/') {
            continue;
        }
        let Some(name) = unpacking.name(archive, &name) else { return Ok(()) };
        match entry.with_reader(entries.reader_mut(), ZipReadOptions::new()) {
            Ok(mut content) => unpacking.member(&name, &mut content, depth)?,
            Err(error) => {
                let (anomaly, detail) = complaint(&error);
                unpacking.leave_out(&name, anomaly, &detail);
            }
        }
    }
    Ok(())
}

/// Hands over the members of an archive without a list, as they follow one another.
fn unlisted(
    unpacking: &mut Unpacking<'_>,
    archive: &str,
    file: &mut (impl Read + Seek),
    depth: u32,
) -> Result<(), Stopped> {
    if file.seek(SeekFrom::Start(0)).is_err() {
        return Ok(());
    }
    // Where no further member can be found, the fault that brought us here says enough.
    while let Ok(Some(mut content)) = read_zipfile_from_stream(file) {
        let name = String::from_utf8_lossy(content.name_raw()).into_owned();
        if name.ends_with('/') {
            continue;
        }
        let Some(name) = unpacking.name(archive, &name) else { return Ok(()) };
        unpacking.member(&name, &mut content, depth)?;
    }
    Ok(())
}

/// Why a member cannot be read.
fn complaint(error: &ZipError) -> (Anomaly, String) {
    match error {
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => {
            (Anomaly::UnsupportedMember, "it is encrypted".to_owned())
        }
        ZipError::UnsupportedArchive(_) => (Anomaly::UnsupportedMember, error.to_string()),
        _ => (Anomaly::CorruptStream, error.to_string()),
    }
}
