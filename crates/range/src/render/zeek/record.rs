//! A record that is being written, in either of the two ways in which Zeek writes its logs.

use std::net::Ipv4Addr;
use std::slice;
use std::time::Duration;

use coldtrail_model::Timestamp;
use serde_json::Value;

use super::columns::Column;

/// How Zeek was told to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Writing {
    /// Tab-separated values below a header: the default.
    TabSeparated,
    /// An object a line (`LogAscii::use_json=T`).
    Json,
}

/// What stands for a field without a value among tab-separated ones; JSON leaves the field out.
pub(super) const UNSET: &str = "-";

/// What stands for an empty set or vector among tab-separated values.
pub(super) const EMPTY: &str = "(empty)";

/// A line in the making. The values come in the order of the log's columns, and the columns that
/// got none are unset.
pub(super) struct Record {
    line: String,
    columns: slice::Iter<'static, Column>,
    writing: Writing,
}

/// The longest lines, those of `http.log` as JSON, have about as many bytes.
const LONG_LINE: usize = 480;

impl Record {
    pub(super) fn new(columns: &'static [Column], writing: Writing) -> Record {
        let mut line = String::with_capacity(LONG_LINE);
        if writing == Writing::Json {
            line.push('{');
        }
        Record { line, columns: columns.iter(), writing }
    }

    /// Seconds since 1970 with six decimals.
    pub(super) fn time(&mut self, time: Timestamp) -> &mut Record {
        self.value(|line, _| push_seconds(line, time.microseconds().unsigned_abs()))
    }

    /// Seconds with six decimals.
    pub(super) fn interval(&mut self, duration: Duration) -> &mut Record {
        self.value(|line, _| push_seconds(line, duration.as_micros() as u64))
    }

    pub(super) fn number(&mut self, number: u64) -> &mut Record {
        self.value(|line, _| push_number(line, number))
    }

    pub(super) fn truth(&mut self, truth: bool) -> &mut Record {
        self.value(|line, writing| {
            line.push_str(match (writing, truth) {
                (Writing::TabSeparated, true) => "T",
                (Writing::TabSeparated, false) => "F",
                (Writing::Json, true) => "true",
                (Writing::Json, false) => "false",
            });
        })
    }

    pub(super) fn address(&mut self, address: Ipv4Addr) -> &mut Record {
        self.value(|line, writing| quote(line, writing, |line| push_address(line, address)))
    }

    pub(super) fn text(&mut self, text: &str) -> &mut Record {
        self.value(|line, writing| push_text(line, writing, text))
    }

    /// A set or vector of texts.
    pub(super) fn texts(&mut self, texts: &[&str]) -> &mut Record {
        self.value(|line, writing| {
            list(line, writing, texts, |line, text| push_text(line, writing, text));
        })
    }

    /// A vector of addresses.
    pub(super) fn addresses(&mut self, addresses: &[Ipv4Addr]) -> &mut Record {
        self.value(|line, writing| {
            list(line, writing, addresses, |line, address| {
                quote(line, writing, |line| push_address(line, *address));
            });
        })
    }

    /// A vector of intervals.
    pub(super) fn intervals(&mut self, durations: &[Duration]) -> &mut Record {
        self.value(|line, writing| {
            list(line, writing, durations, |line, duration| {
                push_seconds(line, duration.as_micros() as u64);
            });
        })
    }

    /// No value.
    pub(super) fn unset(&mut self) -> &mut Record {
        match self.writing {
            Writing::TabSeparated => self.value(|line, _| line.push_str(UNSET)),
            Writing::Json => {
                self.columns.next();
                self
            }
        }
    }

    /// The whole line, with its end.
    pub(super) fn finish(mut self) -> String {
        while self.columns.len() > 0 {
            self.unset();
        }
        // Behind the last value stands a separator, as behind each.
        self.line.pop();
        self.line.push_str(match self.writing {
            Writing::TabSeparated => "\n",
            Writing::Json => "}\n",
        });
        self.line
    }

    /// Writes a value, and around it what the writing wants.
    fn value(&mut self, write: impl FnOnce(&mut String, Writing)) -> &mut Record {
        let Some((name, _)) = self.columns.next() else { return self };
        match self.writing {
            Writing::TabSeparated => {
                write(&mut self.line, self.writing);
                self.line.push('\t');
            }
            Writing::Json => {
                self.line.push('"');
                self.line.push_str(name);
                self.line.push_str("\":");
                write(&mut self.line, self.writing);
                self.line.push(',');
            }
        }
        self
    }
}

// Corpora of gigabytes are written through these, so they do without the formatting of the standard
// library, which takes several times as long.

fn push_number(line: &mut String, number: u64) {
    if number >= 10 {
        push_number(line, number / 10);
    }
    line.push(char::from(b'0' + (number % 10) as u8));
}

/// Seconds with six decimals.
fn push_seconds(line: &mut String, microseconds: u64) {
    push_number(line, microseconds / 1_000_000);
    line.push('.');
    let mut unit = 100_000;
    while unit > 0 {
        push_number(line, microseconds / unit % 10);
        unit /= 10;
    }
}

fn push_address(line: &mut String, address: Ipv4Addr) {
    let [first, rest @ ..] = address.octets();
    push_number(line, first.into());
    for octet in rest {
        line.push('.');
        push_number(line, octet.into());
    }
}

fn push_text(line: &mut String, writing: Writing, text: &str) {
    match writing {
        Writing::TabSeparated => line.push_str(text),
        Writing::Json => line.push_str(&Value::from(text).to_string()),
    }
}

/// What JSON has as a text and tab-separated values have as it is; nothing in it needs an escape.
fn quote(line: &mut String, writing: Writing, push: impl FnOnce(&mut String)) {
    match writing {
        Writing::TabSeparated => push(line),
        Writing::Json => {
            line.push('"');
            push(line);
            line.push('"');
        }
    }
}

fn list<T>(line: &mut String, writing: Writing, items: &[T], push: impl Fn(&mut String, &T)) {
    if writing == Writing::TabSeparated && items.is_empty() {
        line.push_str(EMPTY);
        return;
    }
    if writing == Writing::Json {
        line.push('[');
    }
    for (place, item) in items.iter().enumerate() {
        if place > 0 {
            line.push(',');
        }
        push(line, item);
    }
    if writing == Writing::Json {
        line.push(']');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: [Column; 7] = [
        ("ts", "time"),
        ("id.orig_h", "addr"),
        ("service", "string"),
        ("tags", "set[enum]"),
        ("answers", "vector[string]"),
        ("TTLs", "vector[interval]"),
        ("rejected", "bool"),
    ];

    fn line(writing: Writing) -> String {
        let mut record = Record::new(&COLUMNS, writing);
        record.time(Timestamp(1_500_000)).address(Ipv4Addr::new(10, 20, 0, 1)).unset().texts(&[]);
        record.texts(&["a", "b"]).intervals(&[Duration::from_micros(60_000_001)]);
        record.finish()
    }

    #[test]
    fn both_writings_say_the_same() {
        assert_eq!(
            line(Writing::TabSeparated),
            "1.500000\t10.20.0.1\t-\t(empty)\ta,b\t60.000001\t-\n"
        );
        assert_eq!(
            line(Writing::Json),
            "{\"ts\":1.500000,\"id.orig_h\":\"10.20.0.1\",\"tags\":[],\
             \"answers\":[\"a\",\"b\"],\"TTLs\":[60.000001]}\n"
        );
    }
}
