//! The objects that the logging service of Palo Alto Networks forwards.

use std::borrow::Cow;

use coldtrail_diagnostics::Anomaly;
use serde_json::{Map, Value};

use super::rows;
use crate::filling::Values;
use crate::format::JsonShape;
use crate::{Collector, Stopped, time};

/// Records of the logging service.
pub(crate) struct PaloAltoJson;

/// The names of the firewall that wrote a record: a log has one of them.
const FIREWALLS: [&str; 2] = ["DeviceSN", "LogSourceID"];

/// The names of the time, the most precise first.
const TIMES: [&str; 3] = ["TimeGeneratedHighResolution", "TimeGenerated", "TimeReceived"];

impl JsonShape for PaloAltoJson {
    fn name(&self) -> &'static str {
        "palo-alto-json"
    }

    fn claims(&self, object: &Map<String, Value>) -> bool {
        object.get("LogType").is_some_and(Value::is_string)
            && FIREWALLS.iter().any(|name| object.contains_key(*name))
    }

    fn rows(
        &self,
        object: &Map<String, Value>,
        collector: &mut Collector<'_>,
    ) -> Result<(), Stopped> {
        let record = Object(object);
        if !rows::has_place(&record) {
            return Ok(());
        }
        let texts = TIMES.iter().filter_map(|name| record.text(name));
        match texts.into_iter().find_map(|text| time::rfc3339(&text).filter(|moment| *moment > 0)) {
            Some(moment) => rows::row(&record, moment, "", collector),
            None => {
                collector.anomaly(Anomaly::MissingTimestamp, "a record without TimeGenerated");
                Ok(())
            }
        }
    }
}

/// The values of a record. Some come as empty texts.
struct Object<'r>(&'r Map<String, Value>);

impl Values for Object<'_> {
    fn text(&self, name: &'static str) -> Option<Cow<'_, str>> {
        match self.0.get(name)? {
            Value::String(text) if text.is_empty() => None,
            Value::String(text) => Some(Cow::Borrowed(text)),
            Value::Number(number) => Some(Cow::Owned(number.to_string())),
            _ => None,
        }
    }

    fn texts(&self, name: &'static str) -> Option<Vec<Cow<'_, str>>> {
        match self.0.get(name)? {
            Value::Array(elements) => {
                Some(elements.iter().filter_map(Value::as_str).map(Cow::Borrowed).collect())
            }
            _ => Some(vec![self.text(name)?]),
        }
    }
}

#[cfg(test)]
mod tests {
    use coldtrail_model::Table;

    use super::PaloAltoJson;
    use crate::kept_rows::KeptRows;

    #[test]
    fn a_url_is_a_row_of_web() {
        let rows = KeptRows::of_object(
            &PaloAltoJson,
            r#"{"LogType":"THREAT","Subtype":"url","DeviceSN":"0011","DeviceName":"FW-1",
                "TimeGenerated":"2024-05-04T10:00:00.000000Z","SourceAddress":"10.0.0.5",
                "DestinationAddress":"192.0.2.7","SourcePort":49200,"DestinationPort":443,
                "SourceUser":"jane@corp.example","Action":"alert","URL":"a.workers.dev/x",
                "HTTPMethod":"post","UserAgent":"curl/8","Rule":"out","Application":"ssl"}"#,
        );
        assert_eq!(
            rows.only(Table::Web),
            "timestamp=1714816800000000 event_dataset=palo_alto.url user_name=jane@corp.example \
             source_ip=10.0.0.5 source_port=49200 destination_ip=192.0.2.7 destination_port=443 \
             http_request_method=POST url_domain=a.workers.dev url_path=/x \
             user_agent_original=curl/8 network_application=ssl event_action=alert \
             event_type=allowed rule_name=out observer_name=fw-1"
        );
    }

    #[test]
    fn a_handshake_is_a_row_of_tls() {
        let rows = KeptRows::of_object(
            &PaloAltoJson,
            r#"{"LogType":"DECRYPTION","DeviceSN":"0011","TimeGenerated":"2024-05-04T10:00:00Z",
                "SourceAddress":"10.0.0.5","DestinationAddress":"192.0.2.7","Action":"allow",
                "TLSVersion":"TLS1.3","ServerNameIndication":"A.workers.dev",
                "CommonName":"workers.dev","IssuerCommonName":"CA"}"#,
        );
        assert_eq!(
            rows.only(Table::Tls),
            "timestamp=1714816800000000 event_dataset=palo_alto.decryption source_ip=10.0.0.5 \
             destination_ip=192.0.2.7 tls_client_server_name=a.workers.dev tls_version=1.3 \
             tls_server_subject=CN=workers.dev tls_server_issuer=CN=CA event_action=allow \
             event_type=allowed"
        );
    }

    #[test]
    fn an_answer_is_a_row_of_dns() {
        let rows = KeptRows::of_object(
            &PaloAltoJson,
            r#"{"LogType":"DNS","DeviceSN":"0011","TimeGenerated":"2024-05-04T10:00:00Z",
                "SourceAddress":"10.0.0.5","DNSResolverIP":"192.0.2.53","RecordType":"a",
                "DNSResponse":["192.0.2.7"],"Action":"Allow"}"#,
        );
        assert_eq!(
            rows.only(Table::Dns),
            "timestamp=1714816800000000 event_dataset=palo_alto.dns source_ip=10.0.0.5 \
             destination_ip=192.0.2.53 dns_question_type=A dns_answers_data=[192.0.2.7] \
             event_action=Allow event_type=allowed"
        );
    }
}
