/// What can be wrong with a log. The code is stable: reports carry it and people filter by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Anomaly {
    /// The file or folder could not be opened or read.
    Unreadable,
    /// A path that was named matches nothing.
    NotFound,
    /// A folder contains itself by a link.
    DirectoryLoop,
    /// Nothing recognised the content as a log.
    UnknownFormat,
    /// The compressed stream ends too early.
    TruncatedStream,
    /// The compressed stream or archive is damaged.
    CorruptStream,
    /// Archives inside archives, deeper than is followed.
    NestedTooDeep,
    /// An archive member is encrypted, or packed by a method that is not read.
    UnsupportedMember,
    /// A record is longer than is kept in memory.
    RecordTooLong,
    /// The last record stops in the middle.
    TruncatedRecord,
    /// Bytes that are no UTF-8 where text was due; they are shown as U+FFFD.
    InvalidText,
    /// A record that is no valid JSON.
    InvalidJson,
    /// An element that is no well-formed XML.
    InvalidXml,
    /// A row that does not have the columns of its header.
    WrongColumnCount,
    /// A header that cannot be understood.
    InvalidHeader,
    /// A time that cannot be understood, or that names no moment.
    InvalidTimestamp,
    /// A record without a time.
    MissingTimestamp,
    /// A time of a clock whose zone is not named; it was taken for UTC.
    AssumedZone,
    /// A time without a year; it was taken for the last one before the file was written.
    AssumedYear,
    /// A time without a year, and nothing that tells which one it was.
    MissingYear,
    /// A date whose day and month cannot be told apart; the usual order of its way of writing was
    /// taken.
    AssumedDateOrder,
    /// A line that is in no known format, among lines that are.
    UnknownLine,
    /// A value that is not what its column says.
    InvalidValue,
    /// A record with more fields than are kept.
    TooManyFields,
    /// A damaged chunk of a binary log.
    CorruptChunk,
    /// A damaged record of a binary log.
    CorruptRecord,
}

impl Anomaly {
    /// Every anomaly, in the order of this list.
    pub const ALL: [Anomaly; 26] = [
        Anomaly::Unreadable,
        Anomaly::NotFound,
        Anomaly::DirectoryLoop,
        Anomaly::UnknownFormat,
        Anomaly::TruncatedStream,
        Anomaly::CorruptStream,
        Anomaly::NestedTooDeep,
        Anomaly::UnsupportedMember,
        Anomaly::RecordTooLong,
        Anomaly::TruncatedRecord,
        Anomaly::InvalidText,
        Anomaly::InvalidJson,
        Anomaly::InvalidXml,
        Anomaly::WrongColumnCount,
        Anomaly::InvalidHeader,
        Anomaly::InvalidTimestamp,
        Anomaly::MissingTimestamp,
        Anomaly::AssumedZone,
        Anomaly::AssumedYear,
        Anomaly::MissingYear,
        Anomaly::AssumedDateOrder,
        Anomaly::UnknownLine,
        Anomaly::InvalidValue,
        Anomaly::TooManyFields,
        Anomaly::CorruptChunk,
        Anomaly::CorruptRecord,
    ];

    /// The stable code.
    pub fn code(self) -> &'static str {
        self.words().0
    }

    /// The anomaly of a code.
    pub fn of_code(code: &str) -> Option<Anomaly> {
        Anomaly::ALL.into_iter().find(|anomaly| anomaly.code() == code)
    }

    /// What to do about it.
    pub fn help(self) -> &'static str {
        self.words().1
    }

    fn words(self) -> (&'static str, &'static str) {
        match self {
            Anomaly::Unreadable => {
                ("unreadable", "check its permissions, or run as a user that may read it")
            }
            Anomaly::NotFound => {
                ("not-found", "check the spelling; quote a glob so that Coldtrail expands it")
            }
            Anomaly::DirectoryLoop => {
                ("directory-loop", "the link was not followed again; nothing is missing")
            }
            Anomaly::UnknownFormat => (
                "unknown-format",
                "`coldtrail sources list` names the formats that are read; `sources map` describes another",
            ),
            Anomaly::TruncatedStream => {
                ("truncated-stream", "copy the file again; what came before the cut was read")
            }
            Anomaly::CorruptStream => {
                ("corrupt-stream", "copy the file again; what came before the damage was read")
            }
            Anomaly::NestedTooDeep => {
                ("nested-too-deep", "unpack the outer archives and name the inner ones")
            }
            Anomaly::UnsupportedMember => {
                ("unsupported-member", "unpack it with another program and name the file")
            }
            Anomaly::RecordTooLong => (
                "record-too-long",
                "it was skipped up to the next record; look at it by its offset",
            ),
            Anomaly::TruncatedRecord => {
                ("truncated-record", "usual for a log that is still being written")
            }
            Anomaly::InvalidText => (
                "invalid-text",
                "the bad bytes are shown as U+FFFD; the rest of the record was read",
            ),
            Anomaly::InvalidJson => {
                ("invalid-json", "it was skipped up to the next record; look at it by its offset")
            }
            Anomaly::InvalidXml => {
                ("invalid-xml", "it was skipped up to the next element; look at it by its offset")
            }
            Anomaly::WrongColumnCount => {
                ("wrong-column-count", "it was skipped; look at it by its offset")
            }
            Anomaly::InvalidHeader => {
                ("invalid-header", "records until the next good header were skipped")
            }
            Anomaly::InvalidTimestamp => {
                ("invalid-timestamp", "the record was skipped, since it cannot be placed in time")
            }
            Anomaly::MissingTimestamp => {
                ("missing-timestamp", "the record was skipped, since it cannot be placed in time")
            }
            Anomaly::AssumedZone => (
                "assumed-zone",
                "events are off by the host's distance from UTC; collect them with a zone",
            ),
            Anomaly::AssumedYear => (
                "assumed-year",
                "years are right if the file was last written soon after its last line; a copy \
                 has to keep its time (`cp -p`)",
            ),
            Anomaly::MissingYear => {
                ("missing-year", "the record was skipped; read it from a file, whose time tells")
            }
            Anomaly::AssumedDateOrder => (
                "assumed-date-order",
                "days up to the twelfth may be off by months; add a log of a later day",
            ),
            Anomaly::UnknownLine => ("unknown-line", "it was skipped; look at it by its offset"),
            Anomaly::InvalidValue => {
                ("invalid-value", "the column was left empty; the rest of the record was read")
            }
            Anomaly::TooManyFields => (
                "too-many-fields",
                "the fields beyond the first 4096 were left out; look at the record by its offset",
            ),
            Anomaly::CorruptChunk => {
                ("corrupt-chunk", "other chunks were read; try a copy taken with the log closed")
            }
            Anomaly::CorruptRecord => {
                ("corrupt-record", "it was skipped; other records of its chunk were read")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::Anomaly;

    #[test]
    fn codes_are_distinct() {
        let codes: BTreeSet<_> = Anomaly::ALL.iter().map(|anomaly| anomaly.code()).collect();
        assert_eq!(codes.len(), Anomaly::ALL.len());
    }
}
