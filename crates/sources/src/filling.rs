//! Fills a row from the values of a record, by the names that its format gives them.
//!
//! A product's table then reads as the list of its columns. A value that is not what its column says
//! leaves the column empty and is counted, and the rest of the record keeps its worth.

use std::borrow::Cow;
use std::net::IpAddr;

use coldtrail_diagnostics::Anomaly;
use coldtrail_model::{Field, Table};

use crate::decision::decision;
use crate::url::Url;
use crate::{Collector, Row, Stopped};

/// A record's values by name.
pub(crate) trait Values {
    /// The value as text; `None` when the record lacks it or marks it as unset.
    fn text(&self, name: &'static str) -> Option<Cow<'_, str>>;

    /// The elements of a list, in its order; `None` when the record lacks it or marks it as unset.
    fn texts(&self, name: &'static str) -> Option<Vec<Cow<'_, str>>> {
        Some(vec![self.text(name)?])
    }

    /// What the record itself calls the value.
    fn origin(&self, name: &'static str) -> Cow<'_, str> {
        Cow::Borrowed(name)
    }
}

/// Makes a row of a record: `columns` sets them, and what was wrong is counted behind it.
pub(crate) fn fill(
    collector: &mut Collector<'_>,
    table: Table,
    dataset: &str,
    timestamp: i64,
    values: &dyn Values,
    columns: impl FnOnce(&mut Filling<'_, '_, '_>),
) -> Result<(), Stopped> {
    let mut invalid = Vec::new();
    let mut row = collector.row(table, dataset, timestamp);
    columns(&mut Filling { row: &mut row, values, invalid: &mut invalid });
    row.finish()?;
    drop(row);
    for detail in invalid {
        collector.anomaly(Anomaly::InvalidValue, &detail);
    }
    Ok(())
}

/// A row, and the record that it is filled from. A column that was set keeps its first value.
pub(crate) struct Filling<'f, 'c, 'a> {
    row: &'f mut Row<'c, 'a>,
    values: &'f dyn Values,
    invalid: &'f mut Vec<String>,
}

impl<'f, 'c, 'a> Filling<'f, 'c, 'a> {
    /// Goes on filling the same row from other values, such as a record inside the record.
    pub(crate) fn from<'n>(&'n mut self, values: &'n dyn Values) -> Filling<'n, 'c, 'a> {
        Filling { row: self.row, values, invalid: self.invalid }
    }

    /// The record's value, for a column that needs more than a value of its own.
    pub(crate) fn value(&self, name: &'static str) -> Option<Cow<'f, str>> {
        let value = self.values.text(name);
        if value.is_some() && self.row.is_explained() {
            let origin = self.values.origin(name);
            self.row.asked_for(&origin, value.as_deref().unwrap_or_default());
        }
        value
    }

    /// The elements of the record's list, for a column that needs more than a value of its own.
    pub(crate) fn list(&self, name: &'static str) -> Option<Vec<Cow<'f, str>>> {
        self.values.texts(name)
    }

    /// The row itself, for a column that needs more than a value of its own.
    pub(crate) fn row(&mut self) -> &mut Row<'c, 'a> {
        self.row
    }

    /// Sets a text column.
    pub(crate) fn text(&mut self, field: Field, name: &'static str) -> &mut Self {
        if let Some(value) = self.asked(field, name) {
            self.row.text(field, &value);
        }
        self
    }

    /// Sets a text column in lower case.
    pub(crate) fn lower(&mut self, field: Field, name: &'static str) -> &mut Self {
        if let Some(value) = self.asked(field, name) {
            self.row.lower(field, &value);
        }
        self
    }

    /// Sets a domain name column.
    pub(crate) fn domain(&mut self, field: Field, name: &'static str) -> &mut Self {
        if let Some(value) = self.asked(field, name) {
            self.row.domain(field, &value);
        }
        self
    }

    /// Sets a text column to an address in its shortest spelling, so that one address is one text in
    /// every table: an IPv4 address may be written as an IPv6 one.
    pub(crate) fn address(&mut self, field: Field, name: &'static str) -> &mut Self {
        if let Some(text) = self.asked(field, name) {
            match address(&text) {
                Some(address) => self.row.text(field, &address),
                None => return self.refuse(name, &text),
            };
        }
        self
    }

    /// Sets a number column.
    pub(crate) fn number(&mut self, field: Field, name: &'static str) -> &mut Self {
        self.read(field, name, whole_number, |row, field, number| {
            row.number(field, number);
        })
    }

    /// Sets a number column to nanoseconds, from seconds with a fraction.
    pub(crate) fn nanoseconds(&mut self, field: Field, name: &'static str) -> &mut Self {
        self.read(field, name, nanoseconds, |row, field, number| {
            row.number(field, number);
        })
    }

    /// Sets a number column to nanoseconds, from milliseconds.
    pub(crate) fn milliseconds(&mut self, field: Field, name: &'static str) -> &mut Self {
        self.read(field, name, milliseconds, |row, field, number| {
            row.number(field, number);
        })
    }

    /// Sets the transport, from its name or its number at IANA.
    pub(crate) fn transport(&mut self, name: &'static str) -> &mut Self {
        if let Some(value) = self.asked(Field::NetworkTransport, name) {
            self.row.lower(Field::NetworkTransport, transport(&value));
        }
        self
    }

    /// Sets what was done, in the product's word, and what that decided.
    pub(crate) fn action(&mut self, name: &'static str) -> &mut Self {
        if let Some(word) = self.values.text(name) {
            self.note(Field::EventAction, name);
            self.row.text(Field::EventAction, &word);
            self.row.text(Field::EventType, decision(&word).unwrap_or_default());
        }
        self
    }

    /// Sets the columns of a URL, whole or not.
    pub(crate) fn url(&mut self, name: &'static str) -> &mut Self {
        if let Some(written) = self.values.text(name) {
            self.note(Field::UrlDomain, name);
            Url::parse(&written).fill(self.row, &written);
        }
        self
    }

    /// Sets the name or the address that was contacted, whichever it is.
    pub(crate) fn destination(&mut self, name: &'static str) -> &mut Self {
        if let Some(host) = self.values.text(name) {
            self.note(Field::DestinationDomain, name);
            match address(&host) {
                Some(address) => self.row.text(Field::DestinationIp, &address),
                None => self.row.domain(Field::DestinationDomain, &host),
            };
        }
        self
    }

    /// Sets a truth column.
    pub(crate) fn truth(&mut self, field: Field, name: &'static str) -> &mut Self {
        self.read(field, name, truth, |row, field, value| {
            row.truth(field, value);
        })
    }

    /// Sets a list of texts.
    pub(crate) fn texts(&mut self, field: Field, name: &'static str) -> &mut Self {
        if self.row.wants(field)
            && let Some(values) = self.values.texts(name)
        {
            self.note(field, name);
            self.row.texts(field, values.iter().map(AsRef::as_ref));
        }
        self
    }

    /// Sets a list of numbers, rounded to whole ones.
    pub(crate) fn numbers(&mut self, field: Field, name: &'static str) -> &mut Self {
        if self.row.wants(field)
            && let Some(values) = self.values.texts(name)
        {
            self.note(field, name);
            self.row.numbers(field, values.iter().map(|value| rounded(value)));
        }
        self
    }

    /// The value for a column that somebody wants.
    fn asked(&mut self, field: Field, name: &'static str) -> Option<Cow<'f, str>> {
        let value = if self.row.wants(field) { self.values.text(name) } else { None };
        if value.is_some() {
            self.note(field, name);
        }
        value
    }

    fn note(&mut self, field: Field, name: &'static str) {
        if self.row.is_explained() {
            self.row.note_origin(field, &self.values.origin(name));
        }
    }

    fn read<V>(
        &mut self,
        field: Field,
        name: &'static str,
        read: impl FnOnce(&str) -> Option<V>,
        set: impl FnOnce(&mut Row<'c, 'a>, Field, V),
    ) -> &mut Self {
        if let Some(text) = self.asked(field, name) {
            match read(&text) {
                Some(value) => set(self.row, field, value),
                None => return self.refuse(name, &text),
            }
        }
        self
    }

    fn refuse(&mut self, name: &str, text: &str) -> &mut Self {
        self.invalid.push(format!("{name}: {text}"));
        self
    }
}

/// An address in its shortest spelling, if the text is one.
pub(crate) fn address(text: &str) -> Option<Cow<'_, str>> {
    if is_ipv4(text.as_bytes()) {
        return Some(Cow::Borrowed(text));
    }
    // Behind `%`, Windows writes on which of its own interfaces the address is reached.
    let unzoned = text.split('%').next().unwrap_or(text);
    let address: IpAddr = unzoned.trim_ascii().parse().ok()?;
    Some(Cow::Owned(address.to_canonical().to_string()))
}

/// Whether it is an IPv4 address in its shortest spelling: four numbers up to 255 without zeros before
/// them.
fn is_ipv4(text: &[u8]) -> bool {
    let (mut numbers, mut number, mut digits) = (1, 0, 0);
    for byte in text {
        match byte {
            b'0'..=b'9' if digits < 3 && (digits == 0 || number > 0) => {
                number = number * 10 + u32::from(byte - b'0');
                digits += 1;
            }
            b'.' if digits > 0 && number <= 255 => {
                numbers += 1;
                (number, digits) = (0, 0);
            }
            _ => return false,
        }
    }
    numbers == 4 && digits > 0 && number <= 255
}

/// `80`, or `80.0` as writers without whole numbers have it.
fn whole_number(text: &str) -> Option<i64> {
    let text = text.trim_ascii();
    text.parse().ok().or_else(|| {
        let number = text.parse::<f64>().ok()?;
        (number.fract() == 0.0).then_some(number).and_then(within_range)
    })
}

fn rounded(text: &str) -> Option<i64> {
    text.trim_ascii().parse::<f64>().ok().and_then(|number| within_range(number.round()))
}

/// A float holds nanoseconds exactly up to 104 days, and to a nanosecond or two beyond.
fn nanoseconds(text: &str) -> Option<i64> {
    let seconds = text.trim_ascii().parse::<f64>().ok()?;
    within_range((seconds * 1e9).round())
}

/// The whole number that a float is, where a float tells whole numbers apart; neither infinity nor
/// NaN is one.
fn within_range(number: f64) -> Option<i64> {
    (number.abs() <= 9e18).then_some(number as i64)
}

fn milliseconds(text: &str) -> Option<i64> {
    let milliseconds = text.trim_ascii().parse::<f64>().ok()?;
    within_range((milliseconds * 1e6).round())
}

/// The name of a transport. Numbers: <https://www.iana.org/assignments/protocol-numbers>.
fn transport(written: &str) -> &str {
    match written {
        "1" => "icmp",
        "2" => "igmp",
        "6" => "tcp",
        "17" => "udp",
        "47" => "gre",
        "50" => "esp",
        "58" => "ipv6-icmp",
        "132" => "sctp",
        written => written,
    }
}

fn truth(text: &str) -> Option<bool> {
    match text {
        "T" | "true" | "True" => Some(true),
        "F" | "false" | "False" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use proptest::prelude::*;

    use super::{address, is_ipv4, nanoseconds, rounded, whole_number};

    proptest! {
        #[test]
        fn an_ipv4_address_is_what_it_is_for_everybody(
            text in "[0-9]{0,4}(\\.[0-9]{0,3}){2,4}|[0-2]?[0-9]{1,2}(\\.[0-2]?[0-9]{1,2}){3}",
        ) {
            prop_assert_eq!(is_ipv4(text.as_bytes()), text.parse::<Ipv4Addr>().is_ok());
        }
    }

    #[test]
    fn numbers_are_whole_or_nothing() {
        assert_eq!(whole_number("443"), Some(443));
        assert_eq!(whole_number("443.0"), Some(443));
        assert_eq!(whole_number("9223372036854775807"), Some(i64::MAX));
        for text in ["", "443.5", "https", "1e300", "inf", "NaN"] {
            assert_eq!(whole_number(text), None, "{text}");
        }
        assert_eq!(rounded("59.999999"), Some(60));
    }

    #[test]
    fn an_address_has_one_spelling() {
        assert_eq!(address("::ffff:192.0.2.7").as_deref(), Some("192.0.2.7"));
        assert_eq!(address("2001:0db8::0001").as_deref(), Some("2001:db8::1"));
        assert_eq!(address("::1%0").as_deref(), Some("::1"));
        assert_eq!(address("a.example"), None);
    }

    #[test]
    fn durations_keep_their_microseconds() {
        assert_eq!(nanoseconds("0.076967"), Some(76_967_000));
        assert_eq!(nanoseconds("9.5e-7"), Some(950));
        assert_eq!(nanoseconds("8640000.000001"), Some(8_640_000_000_001_000));
        assert_eq!(nanoseconds("-"), None);
    }
}
