//! Cisco Secure Web Appliance, formerly WSA: an access log that begins as Squid's own does, followed by
//! the tag of the rule that decided and, between `<` and `>`, what the scanners said.
//!
//! The name of the peer is that of the server. Logs in the extended format of the W3C are read as such.
//! <https://www.cisco.com/c/en/us/td/docs/security/wsa/wsa-14-0/user-guide/wsa-userguide-14-0.html>

#[cfg(test)]
mod kit_tests;

use std::borrow::Cow;

use crate::filling::Values;
use crate::format::LineShape;
use crate::framing::columns::Cells;
use crate::log_lines::LogLine;
use crate::squid::{self, native};
use crate::{Collector, Stopped};

/// The appliance's access log.
pub(crate) struct CiscoWsa;

const DATASET: &str = "cisco_wsa.access";

impl LineShape for CiscoWsa {
    fn name(&self) -> &'static str {
        "cisco-wsa"
    }

    fn claims(&self, line: &LogLine<'_>) -> bool {
        Request::of(line.message).is_some()
    }

    fn rows(&self, line: &LogLine<'_>, collector: &mut Collector<'_>) -> Result<(), Stopped> {
        let Some(request) = Request::of(line.message) else { return Ok(()) };
        squid::native_row(&request, DATASET, line.host(), collector)
    }

    #[cfg(test)]
    fn examples(&self) -> &'static [&'static str] {
        &[
            "Info: 1714816800.123 24 10.0.0.5 TCP_MISS/200 394 GET http://a.example/x - DIRECT/a.example text/html DEFAULT_CASE_12-Policy-Identity-NONE-NONE-NONE-Routing-NONE <\"IW_infr\",6.8,1,\"-\",-,-> - -",
            "1714816800.123 24 10.0.0.5 TCP_DENIED/403 0 CONNECT tunnel://a.workers.dev:443/ \"CORP\\jane@REALM\" NONE/- - BLOCK_WEBCAT_12-Policy-Identity-NONE-NONE-NONE-NONE <nc,-,\"-\"> -",
        ]
    }
}

/// The cells of a request, and the tag of the rule.
struct Request<'l> {
    cells: Vec<&'l str>,
    tag: &'l str,
}

impl<'l> Request<'l> {
    fn of(line: &'l str) -> Option<Self> {
        let line = line.trim_start();
        let line = line.strip_prefix("Info: ").unwrap_or(line);
        let (head, _verdicts) = native::split_verdicts(line)?;
        let tag = head.rsplit(' ').next().unwrap_or_default();
        Some(Self { cells: native::beginning(head)?, tag })
    }
}

impl Values for Request<'_> {
    fn text(&self, name: &'static str) -> Option<Cow<'_, str>> {
        // `DEFAULT_CASE_12-Policy-Identity-…`: what was decided by which rule, then of which policies.
        match name {
            "rule" => return self.tag.split('-').next().map(Cow::Borrowed),
            // Where Squid may have these, the appliance has the tag.
            "referrer" | "agent" => return None,
            _ => {}
        }
        let value = Cells { names: &native::NAMES, cells: &self.cells }.text(name)?.into_owned();
        Some(Cow::Owned(match name {
            "user" => value.trim_matches('"').to_owned(),
            _ => value,
        }))
    }
}

#[cfg(test)]
mod tests {
    use coldtrail_model::Table;

    use crate::kept_rows::KeptRows;
    use crate::log_lines::LogLines;

    fn read(line: &str) -> KeptRows {
        KeptRows::read(&LogLines, format!("{line}\n").as_bytes())
    }

    #[test]
    fn a_request_is_a_row_of_web() {
        let rows = read(
            "Info: 1714816800.123 24 10.0.0.5 TCP_MISS/200 394 GET http://A.example/x?y=1 \
             \"CORP\\jane@REALM\" DIRECT/a.example text/html DEFAULT_CASE_12-Policy-Identity-NONE-\
             NONE-NONE-Routing-NONE <\"IW_infr\",6.8,1,\"-\",-,-> - -",
        );
        assert_eq!(
            rows.only(Table::Web),
            "timestamp=1714816800123000 event_dataset=cisco_wsa.access user_name=CORP\\jane@REALM \
             source_ip=10.0.0.5 http_request_method=GET http_response_status_code=200 \
             url_full=http://A.example/x?y=1 url_domain=a.example url_path=/x url_query=y=1 \
             http_response_bytes=394 http_response_mime_type=text/html event_duration=24000000 \
             event_action=TCP_MISS event_type=allowed rule_name=DEFAULT_CASE_12"
        );
        assert_eq!(rows.anomalies(), []);
    }

    #[test]
    fn a_tunnel_that_was_denied_is_a_row_of_flow() {
        let rows = read(
            "1714816800.123 24 10.0.0.5 TCP_DENIED/403 0 CONNECT tunnel://A.workers.dev:443/ - \
             NONE/- - BLOCK_WEBCAT_12-Policy-Identity-NONE-NONE-NONE-NONE <nc,-,\"-\"> -",
        );
        assert_eq!(
            rows.only(Table::Flow),
            "timestamp=1714816800123000 event_dataset=cisco_wsa.access source_ip=10.0.0.5 \
             destination_port=443 destination_domain=a.workers.dev network_transport=tcp \
             network_direction=outbound event_duration=24000000 event_action=TCP_DENIED \
             destination_bytes=0 event_type=denied rule_name=BLOCK_WEBCAT_12"
        );
    }
}
