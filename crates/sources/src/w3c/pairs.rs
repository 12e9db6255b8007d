//! Records of ProxySG as pairs of a column's name and its value, which is how Splunk's add-on asks
//! for them: `c-ip=… cs-bytes=… cs-host=…` behind a syslog header.

use super::product::Product;
use super::rows::{self, Stream};
use crate::filling::Values;
use crate::format::LineShape;
use crate::framing::key_values::KeyValues;
use crate::log_lines::LogLine;
use crate::{Collector, Stopped, time};

/// Columns of ProxySG in pairs.
pub(crate) struct W3cPairs;

impl LineShape for W3cPairs {
    fn name(&self) -> &'static str {
        "w3c-pairs"
    }

    fn claims(&self, line: &LogLine<'_>) -> bool {
        let text = line.message;
        let has = |name| text.contains(name);
        has("c-ip=") && has(" cs-host=") && has(" cs-method=") && has(" sc-status=")
    }

    fn rows(&self, line: &LogLine<'_>, collector: &mut Collector<'_>) -> Result<(), Stopped> {
        let pairs = KeyValues::of(line.message, ' ');
        let (moment, observer) = match glued(line.message) {
            Some((time, host)) if line.syslog.is_none_or(|syslog| syslog.time.is_none()) => {
                let written = time::iso(time).map(|written| written.assuming_utc());
                (collector.moment(time, written), host)
            }
            _ if pairs.text("date").is_some() => (None, line.host()),
            _ => match line.moment(collector) {
                Some(moment) => (Some(moment), line.host()),
                None => return Ok(()),
            },
        };
        let stream = Stream { product: Product::ProxySg, day: "", observer };
        let Some(moment) = moment else { return rows::row(&pairs, stream, collector) };
        rows::row(&Timed { pairs: &pairs, moment: moment.to_string() }, stream, collector)
    }

    #[cfg(test)]
    fn examples(&self) -> &'static [&'static str] {
        &[
            "<134>1 2024-05-04T10:00:00Z proxy bluecoat - splunk_format - c-ip=10.0.0.5 cs-bytes=10 cs-host=a.example cs-method=GET cs-uri-path=/x cs-uri-scheme=http sc-bytes=20 sc-filter-result=OBSERVED sc-status=200 time-taken=5",
            "2024-05-04T10:00:00PROXY bluecoat - splunk_format - c-ip=10.0.0.5 cs-bytes=10 cs-host=a.example cs-method=CONNECT cs-uri-scheme=tcp sc-bytes=20 sc-filter-result=DENIED sc-status=403 time-taken=5",
        ]
    }
}

/// The time and the host that a relay left in front without a space between them.
fn glued(text: &str) -> Option<(&str, &str)> {
    let (time, rest) = text.split_at_checked(19)?;
    let is_time = time.as_bytes().get(10) == Some(&b'T') && time::iso(time).is_some();
    let host = rest.split(' ').next().unwrap_or_default();
    let is_host = host.starts_with(|first: char| first.is_ascii_alphabetic());
    (is_time && is_host).then_some((time, host))
}

/// Pairs that have their time in the header.
struct Timed<'p> {
    pairs: &'p KeyValues<'p>,
    /// Microseconds since 1970.
    moment: String,
}

impl Values for Timed<'_> {
    fn text(&self, name: &'static str) -> Option<std::borrow::Cow<'_, str>> {
        if name == "timestamp" {
            return Some(self.moment.as_str().into());
        }
        self.pairs.text(name)
    }
}

#[cfg(test)]
mod tests {
    use coldtrail_model::Table;

    use crate::kept_rows::KeptRows;
    use crate::log_lines::LogLines;

    #[test]
    fn a_request_has_its_time_in_the_header() {
        let rows = KeptRows::read(
            &LogLines,
            b"<134>1 2024-05-04T10:00:00Z Proxy bluecoat - splunk_format - c-ip=10.0.0.5 cs-bytes=10 \
              cs-host=A.example cs-method=GET cs-uri-path=/x cs-uri-query=?y=1 cs-uri-port=80 \
              cs-uri-scheme=http cs-User-Agent=\"curl/8 (x)\" cs-username=jane s-action=TCP_HIT \
              sc-bytes=20 sc-filter-result=OBSERVED sc-status=200 time-taken=5\n",
        );
        assert_eq!(
            rows.only(Table::Web),
            "timestamp=1714816800000000 event_dataset=proxysg.access user_name=jane \
             source_ip=10.0.0.5 destination_port=80 http_request_method=GET \
             http_response_status_code=200 url_domain=a.example url_path=/x url_query=y=1 \
             user_agent_original=curl/8 (x) http_request_bytes=10 http_response_bytes=20 \
             event_duration=5000000 event_action=TCP_HIT event_type=allowed observer_name=proxy"
        );
        assert_eq!(rows.anomalies(), []);
    }
}
