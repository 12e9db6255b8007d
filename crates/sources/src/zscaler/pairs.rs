//! Feeds as `key=value` pairs between tabs, which begin with the time, named or not. A value is in
//! quotes or not, or twice in quotes.

use std::borrow::Cow;

use super::{Feed, rows};
use crate::filling::Values;
use crate::format::LineShape;
use crate::log_lines::LogLine;
use crate::{Collector, Stopped};

/// Feeds as pairs.
pub(crate) struct ZscalerPairs;

/// No record has that many pairs; what lies beyond is left out.
const MOST_PAIRS: usize = 1024;

impl LineShape for ZscalerPairs {
    fn name(&self) -> &'static str {
        "zscaler-pairs"
    }

    fn claims(&self, line: &LogLine<'_>) -> bool {
        let text = line.message;
        let may_be = text.contains("\tevent_id=") || text.contains("\tcsip=");
        may_be && Feed::of(|name| has(text, name)).is_some() || is_alert(line)
    }

    fn rows(&self, line: &LogLine<'_>, collector: &mut Collector<'_>) -> Result<(), Stopped> {
        match Feed::of(|name| has(line.message, name)) {
            Some(feed) => rows::row(feed, &Pairs::of(line.message), line.host(), collector),
            None => Ok(()),
        }
    }

    #[cfg(test)]
    fn examples(&self) -> &'static [&'static str] {
        &[
            "2024-05-04 10:00:00\treason=Allowed\tevent_id=1\tprotocol=HTTPS\taction=Allowed\tresponsesize=65\trequestsize=598\tserverip=192.0.2.7\trequestmethod=GET\tuseragent=curl/8\tClientIP=10.0.0.5\tstatus=200\turl=a.example/x\thostname=a.example\turlsupercategory=Other",
            "datetime=\"Sat May  4 10:00:00 2024\"\tevent_id=\"1\"\taction=\"Blocked\"\tClientIP=\"10.0.0.5\"\tuseragent=\"\"curl/8\"\"\turl=\"a.example/x\"\turlsupercategory=\"Other\"",
        ]
    }
}

/// Whether the service tells of itself: that a feed is lost, that memory is short.
fn is_alert(line: &LogLine<'_>) -> bool {
    line.syslog.is_some() && line.text.contains("] ZscalerNSS: ")
}

/// Whether a line has a pair of that key.
fn has(text: &str, key: &str) -> bool {
    text.match_indices(key).any(|(place, _)| {
        let begins = place == 0 || text.as_bytes().get(place - 1) == Some(&b'\t');
        begins && text.as_bytes().get(place + key.len()) == Some(&b'=')
    })
}

/// The pairs of a line.
struct Pairs<'l>(Vec<(&'l str, &'l str)>);

impl<'l> Pairs<'l> {
    fn of(text: &'l str) -> Self {
        let pair = |part: &'l str| match part.split_once('=') {
            Some((key, value)) => (key.trim_ascii(), value.trim_ascii().trim_matches('"')),
            None => ("datetime", part.trim_ascii()),
        };
        Self(text.split('\t').take(MOST_PAIRS).map(pair).collect())
    }
}

impl Values for Pairs<'_> {
    fn text(&self, name: &'static str) -> Option<Cow<'_, str>> {
        self.0.iter().find(|(key, _)| *key == name).map(|(_, value)| Cow::Borrowed(*value))
    }
}

#[cfg(test)]
mod tests {
    use coldtrail_model::Table;

    use crate::kept_rows::KeptRows;
    use crate::log_lines::LogLines;

    #[test]
    fn quotes_may_be_doubled() {
        let rows = KeptRows::read(
            &LogLines,
            b"datetime=\"Sat May  4 10:00:00 2024\"\tevent_id=\"1\"\taction=\"Blocked\"\t\
              ClientIP=\"10.0.0.5\"\tuseragent=\"\"curl/8 (x)\"\"\turl=\"A.example/x?y=1\"\t\
              requestmethod=\"GET\"\tstatus=\"NA\"\turlsupercategory=\"Other\"\tuser=\"j@a.example\"\n",
        );
        assert_eq!(
            rows.only(Table::Web),
            "timestamp=1714816800000000 event_dataset=zscaler.web user_name=j@a.example \
             source_ip=10.0.0.5 http_request_method=GET url_domain=a.example url_path=/x \
             url_query=y=1 user_agent_original=curl/8 (x) event_action=Blocked event_type=denied"
        );
    }
}
