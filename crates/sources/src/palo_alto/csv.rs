//! The lines that PAN-OS sends by syslog.

use coldtrail_diagnostics::Anomaly;

use super::rows;
use crate::format::LineShape;
use crate::framing::columns::Cells;
use crate::framing::delimited;
use crate::log_lines::LogLine;
use crate::{Collector, Stopped, time};

/// Comma-separated lines of PAN-OS.
pub(crate) struct PanOs;

/// Where the kind of record stands.
const KIND: usize = 3;

/// The kinds that a line is recognised by.
const KINDS: [&str; 19] = [
    "TRAFFIC",
    "THREAT",
    "DECRYPTION",
    "SYSTEM",
    "CONFIG",
    "USERID",
    "HIPMATCH",
    "HIP-MATCH",
    "GLOBALPROTECT",
    "AUTHENTICATION",
    "AUTH",
    "CORRELATION",
    "GTP",
    "SCTP",
    "IPTAG",
    "START",
    "END",
    "URL",
    "AUDIT",
];

/// What the columns are called that all kinds with two addresses begin with; those without a name are
/// not read.
const HEAD: [&str; 31] = [
    "",
    "",
    "DeviceSN",
    "LogType",
    "Subtype",
    "",
    "TimeGenerated",
    "SourceAddress",
    "DestinationAddress",
    "",
    "",
    "Rule",
    "SourceUser",
    "",
    "Application",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "SourcePort",
    "DestinationPort",
    "",
    "",
    "",
    "Protocol",
    "Action",
];

/// The columns of a kind behind those, by their places.
type Columns = &'static [(usize, &'static str)];

const TRAFFIC: Columns = &[
    (31, "Bytes"),
    (32, "BytesSent"),
    (33, "BytesReceived"),
    (34, "PacketsTotal"),
    (36, "SessionDuration"),
    (44, "PacketsSent"),
    (45, "PacketsReceived"),
    (52, "DeviceName"),
    (102, PRECISE_TIME),
];

const THREAT: Columns = &[
    (31, "URL"),
    (41, "ContentType"),
    (46, "UserAgent"),
    (49, "Referer"),
    (59, "DeviceName"),
    (63, "HTTPMethod"),
    (107, PRECISE_TIME),
];

const DECRYPTION: Columns = &[
    (39, "TLSVersion"),
    (41, "TLSEncryptionAlgorithm"),
    (60, "CommonName"),
    (61, "IssuerCommonName"),
    (63, "ServerNameIndication"),
    (72, PRECISE_TIME),
    (96, "DeviceName"),
];

/// The time with its zone, since version 10.
const PRECISE_TIME: &str = "TimeGeneratedHighResolution";

impl LineShape for PanOs {
    fn name(&self) -> &'static str {
        "pan-os"
    }

    fn claims(&self, line: &LogLine<'_>) -> bool {
        kind(line.message).is_some()
    }

    fn rows(&self, line: &LogLine<'_>, collector: &mut Collector<'_>) -> Result<(), Stopped> {
        let columns = match kind(line.message) {
            Some("TRAFFIC") => TRAFFIC,
            Some("THREAT" | "URL") => THREAT,
            Some("DECRYPTION") => DECRYPTION,
            _ => return Ok(()),
        };
        let cells = delimited::cells(record(line.message), ',');
        if cells.len() < HEAD.len() {
            collector.anomaly(Anomaly::TruncatedRecord, "the line ends before its action");
            return Ok(());
        }
        let mut names = HEAD.to_vec();
        names.resize(cells.len(), "");
        for (place, name) in columns {
            if let Some(column) = names.get_mut(*place) {
                *column = name;
            }
        }
        let record = Cells { names: &names, cells: &cells };
        let Some(moment) = moment(&record, line, collector) else { return Ok(()) };
        rows::row(&record, moment, line.host(), collector)
    }

    #[cfg(test)]
    fn examples(&self) -> &'static [&'static str] {
        &[
            "<14>May  4 10:00:01 FW-1 1,2024/05/04 10:00:01,0011,TRAFFIC,end,2561,2024/05/04 10:00:00,10.0.0.5,192.0.2.7,0.0.0.0,0.0.0.0,out,corp\\jane,,ssl,vsys1,trust,untrust,e1,e2,log,2024/05/04 10:00:00,7,1,49200,443,0,0,0x19,tcp,allow,300,100,200,9,2024/05/04 09:59:50,10,any,,1,0x0,10.0.0.0-10.255.255.255,US,,4,5,tcp-fin,0,0,0,0,,FW-1,from-policy",
            "1,2024/05/04 10:00:01,0011,THREAT,url,2561,2024/05/04 10:00:00,10.0.0.5,192.0.2.7,0.0.0.0,0.0.0.0,out,,,ssl,vsys1,trust,untrust,e1,e2,log,2024/05/04 10:00:00,7,1,49200,443,0,0,0x0,tcp,alert,\"a.workers.dev/x,y\",(9999),any,informational,client-to-server",
        ]
    }
}

/// The record, without the colon that some relays leave in front of it.
fn record(message: &str) -> &str {
    message.trim_start_matches([':', ' '])
}

/// The kind of a record, if it is one: a constant, a time, a serial number that may be missing, a kind.
fn kind(message: &str) -> Option<&'static str> {
    let mut cells = record(message).splitn(KIND + 2, ',');
    let (_constant, received, _serial) = (cells.next()?, cells.next()?, cells.next()?);
    let kind = cells.next()?;
    cells.next()?;
    let begins = received.starts_with(|first: char| first.is_ascii_digit());
    let kind = KINDS.into_iter().find(|known| *known == kind);
    kind.filter(|_| begins && received.contains(['/', '-']))
}

/// The time with its zone, or else the one without, or else that of the syslog header. A precise time
/// that is not set is the beginning of 1970.
fn moment(
    record: &dyn crate::filling::Values,
    line: &LogLine<'_>,
    collector: &mut Collector<'_>,
) -> Option<i64> {
    let precise = record.text(PRECISE_TIME).and_then(|text| time::rfc3339(&text));
    if let Some(moment) = precise.filter(|moment| *moment > 0) {
        return Some(moment);
    }
    let text = record.text("TimeGenerated").unwrap_or_default();
    match time::numeric_date(&text, None) {
        Some(written) => collector.moment(&text, Some(written)),
        None if line.syslog.is_some_and(|syslog| syslog.time.is_some()) => line.moment(collector),
        None => collector.moment(&text, None),
    }
}

#[cfg(test)]
mod tests {
    use coldtrail_diagnostics::Anomaly;
    use coldtrail_model::Table;

    use crate::kept_rows::KeptRows;
    use crate::log_lines::LogLines;

    const HEAD: &str = "2024/05/04 10:00:00,10.0.0.5,192.0.2.7,0.0.0.0,0.0.0.0,out,corp\\jane,,ssl,\
        vsys1,trust,untrust,e1,e2,log,2024/05/04 10:00:00,7,1,49200,443,0,0,0x0,tcp";

    fn read(line: &str) -> KeptRows {
        KeptRows::read(&LogLines, format!("{line}\n").as_bytes())
    }

    #[test]
    fn the_end_of_a_session_is_a_row_of_flow() {
        let rows = read(&format!(
            "<14>May  4 10:00:01 FW-1 1,2024/05/04 10:00:01,0011,TRAFFIC,end,2561,{HEAD},allow,\
             300,100,200,9,2024/05/04 09:59:50,10,any,,1,0x0,a,b,,4,5,tcp-fin,0,0,0,0,,FW-2,x"
        ));
        assert_eq!(
            rows.only(Table::Flow),
            "timestamp=1714816800000000 event_dataset=palo_alto.traffic user_name=corp\\jane \
             source_ip=10.0.0.5 source_port=49200 destination_ip=192.0.2.7 destination_port=443 \
             network_transport=tcp event_duration=10000000000 event_action=allow \
             source_bytes=100 destination_bytes=200 source_packets=4 destination_packets=5 \
             network_bytes=300 network_packets=9 network_application=ssl event_type=allowed \
             rule_name=out observer_name=fw-2"
        );
        assert_eq!(rows.anomalies(), [(Anomaly::AssumedZone, 1)]);
    }

    #[test]
    fn a_url_is_a_row_of_web() {
        let rows = read(&format!(
            "1,2024/05/04 10:00:01,0011,THREAT,url,2561,{HEAD},block-url,\
             \"A.workers.dev/x?y=1,2\",(9999),any,informational,client-to-server,1,0x0,a,b,,\
             text/html,0,,,1,\"curl/8, x\",,,\"http://b.example\",,,,0,0,0,0,0,,FW-2,,,,get"
        ));
        assert_eq!(
            rows.only(Table::Web),
            "timestamp=1714816800000000 event_dataset=palo_alto.url user_name=corp\\jane \
             source_ip=10.0.0.5 source_port=49200 destination_ip=192.0.2.7 destination_port=443 \
             http_request_method=GET url_domain=a.workers.dev url_path=/x url_query=y=1,2 \
             user_agent_original=curl/8, x http_request_referrer=http://b.example \
             http_response_mime_type=text/html network_application=ssl event_action=block-url \
             event_type=denied rule_name=out observer_name=fw-2"
        );
    }

    #[test]
    fn the_precise_time_has_a_zone() {
        let commas = ",".repeat(102 - 33);
        let line = |time: &str| {
            format!(
                "1,2024/05/04 10:00:01,0011,TRAFFIC,end,2561,{HEAD},allow,300,100{commas},{time}"
            )
        };
        let rows = read(&line("2024-05-04T12:00:00.250+02:00"));
        assert!(rows.only(Table::Flow).starts_with("timestamp=1714816800250000 "));
        assert_eq!(rows.anomalies(), []);
        let rows = read(&line("1970-01-01T01:00:00.000+01:00"));
        assert_eq!(rows.anomalies(), [(Anomaly::AssumedZone, 1)]);
    }

    #[test]
    fn what_is_no_connection_is_counted_only() {
        let rows = read("1,2024/05/04 10:00:01,0011,SYSTEM,auth,0,2024/05/04 10:00:01,,x");
        assert_eq!((rows.records(), rows.count(), rows.anomalies().len()), (1, 0, 0));
        let rows = read("1,2024/05/04 10:00:01,0011,TRAFFIC,end,2561,2024/05/04 10:00:00,10.0.0.5");
        assert_eq!(rows.anomalies(), [(Anomaly::TruncatedRecord, 1)]);
    }
}
