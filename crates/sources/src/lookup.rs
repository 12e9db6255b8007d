//! What name servers write into their text logs about one question, whatever server it was.
//!
//! The servers write the same few things in orders of their own. A product takes its line apart into a
//! [`Lookup`], and the row of `dns` is filled here.

use std::borrow::Cow;

use coldtrail_model::{Field, Table};

use crate::filling::{Values, fill};
use crate::log_lines::LogLine;
use crate::{Collector, Stopped};

/// More records than any answer has. What lies beyond is left out.
pub(crate) const MOST_RECORDS: usize = 65_536;

/// A question with what came of it, as it is written; what is not told is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Lookup<'l> {
    /// What the server says it did: `query`, `reply`, `cached` …
    pub(crate) action: &'l str,
    /// `allowed` or `denied`, where a policy decided.
    pub(crate) decision: &'static str,
    /// The policy or list that decided.
    pub(crate) rule: &'l str,
    /// The address that asked.
    pub(crate) client: &'l str,
    /// Its port.
    pub(crate) client_port: &'l str,
    /// The address that was asked.
    pub(crate) server: &'l str,
    /// The name that was asked for.
    pub(crate) name: &'l str,
    /// The type that was asked for.
    pub(crate) kind: &'l str,
    /// The response code.
    pub(crate) code: &'l str,
    /// The answers in order: their data, and their time to live in seconds.
    pub(crate) answers: Vec<(&'l str, Option<i64>)>,
}

impl Lookup<'_> {
    /// Makes a row of `dns`, if a name was asked for.
    pub(crate) fn row(
        &self,
        dataset: &str,
        moment: i64,
        line: &LogLine<'_>,
        collector: &mut Collector<'_>,
    ) -> Result<(), Stopped> {
        fill(collector, Table::Dns, dataset, moment, self, |record| {
            record
                .address(Field::SourceIp, "client")
                .number(Field::SourcePort, "client_port")
                .address(Field::DestinationIp, "server")
                .domain(Field::DnsQuestionName, "name")
                .text(Field::DnsQuestionType, "kind")
                .text(Field::DnsResponseCode, "code")
                .text(Field::EventAction, "action")
                .text(Field::EventType, "decision")
                .text(Field::RuleName, "rule");
            let row = record.row();
            row.lower(Field::ObserverName, observer(line));
            if !self.answers.is_empty() {
                row.texts(Field::DnsAnswersData, self.answers.iter().map(|(data, _)| plain(data)));
            }
            if self.answers.iter().any(|(_, time_to_live)| time_to_live.is_some()) {
                row.numbers(Field::DnsAnswersTtl, self.answers.iter().map(|(_, it)| *it));
            }
        })
    }
}

impl Values for Lookup<'_> {
    fn text(&self, name: &'static str) -> Option<Cow<'_, str>> {
        let value = match name {
            "action" => self.action,
            "decision" => self.decision,
            "rule" => self.rule,
            "client" => self.client,
            "client_port" => self.client_port,
            "server" => self.server,
            "name" => self.name,
            "kind" => self.kind,
            "code" => self.code,
            _ => "",
        };
        (!value.is_empty()).then_some(Cow::Borrowed(value))
    }
}

/// Whether a word is a class of DNS, which nearly always is `IN`.
pub(crate) fn is_class(word: &str) -> bool {
    matches!(word, "IN" | "CH" | "HS" | "ANY" | "NONE")
}

/// Whether a word may be a type of DNS: `A`, `AAAA`, `TYPE65`, `NSEC3`.
pub(crate) fn is_type(word: &str) -> bool {
    word.len() <= 16
        && word.starts_with(|first: char| first.is_ascii_uppercase())
        && word
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'-')
}

/// Whether a word is a response code by its name.
pub(crate) fn is_code(word: &str) -> bool {
    const CODES: [&str; 13] = [
        "NOERROR",
        "FORMERR",
        "SERVFAIL",
        "NXDOMAIN",
        "NOTIMP",
        "REFUSED",
        "YXDOMAIN",
        "YXRRSET",
        "NXRRSET",
        "NOTAUTH",
        "NOTZONE",
        "BADVERS",
        "BADCOOKIE",
    ];
    CODES.contains(&word)
}

/// The host of the line's header: of times in ISO 8601 that are a server's own, what stands behind is
/// no host but the next word of the line.
fn observer<'l>(line: &LogLine<'l>) -> &'l str {
    let host = line.host();
    let is_word = host.ends_with(':')
        || host.contains(['[', '@'])
        || matches!(host, "client" | "stdout" | "stderr");
    if is_word { "" } else { host }
}

/// A name without the dot of the root; other data as it is.
fn plain(data: &str) -> &str {
    let name = data.strip_suffix('.').filter(|name| !name.is_empty() && !name.contains(' '));
    name.unwrap_or(data)
}
