//! Passive DNS in the Common Output Format: what a name was seen to resolve to, and from when to when
//! (<https://datatracker.ietf.org/doc/draft-dulaunoy-dnsop-passive-dns-cof/>).
//!
//! A record sums up answers that many may have got: nobody is known to have asked, and the row has the
//! time when the answer was seen last.

use coldtrail_diagnostics::Anomaly;
use coldtrail_model::{Field, Table};
use serde_json::{Map, Value};

use crate::filling::{Values, fill};
use crate::format::JsonShape;
use crate::nested::Nested;
use crate::{Collector, Stopped, time};

/// Passive DNS in the Common Output Format.
pub(crate) struct PassiveDnsJson;

/// When it was seen last, or else first; a zone's file tells the same.
const TIMES: [&str; 4] = ["time_last", "zone_time_last", "time_first", "zone_time_first"];

impl JsonShape for PassiveDnsJson {
    fn name(&self) -> &'static str {
        "passive-dns"
    }

    fn claims(&self, object: &Map<String, Value>) -> bool {
        ["rrname", "rrtype", "rdata"].iter().all(|name| object.contains_key(*name))
    }

    fn rows(
        &self,
        object: &Map<String, Value>,
        collector: &mut Collector<'_>,
    ) -> Result<(), Stopped> {
        let record = Nested(object);
        let Some(written) = TIMES.iter().find_map(|name| record.text(name)) else {
            collector.anomaly(Anomaly::MissingTimestamp, "the record has no time");
            return Ok(());
        };
        let Some(moment) = time::epoch(&written).or_else(|| time::rfc3339_assuming_utc(&written))
        else {
            collector.anomaly(Anomaly::InvalidTimestamp, &written);
            return Ok(());
        };
        fill(collector, Table::Dns, "passive_dns", moment, &record, |filling| {
            filling.domain(Field::DnsQuestionName, "rrname").text(Field::DnsQuestionType, "rrtype");
            if let Some(answers) = record.texts("rdata") {
                let answers =
                    answers.iter().map(|answer| answer.strip_suffix('.').unwrap_or(answer));
                filling.row().texts(Field::DnsAnswersData, answers);
            }
            filling.lower(Field::ObserverName, "sensor_id").lower(Field::ObserverName, "origin");
        })
    }
}

#[cfg(test)]
mod tests {
    use coldtrail_model::Table;

    use super::PassiveDnsJson;
    use crate::kept_rows::{KeptRows, kit};

    #[test]
    fn a_record_is_when_it_was_seen_last() {
        for rdata in [r#""b.example.""#, r#"["b.example"]"#] {
            let rows = KeptRows::of_object(
                &PassiveDnsJson,
                &format!(
                    r#"{{"rrname":"A.workers.dev.","rrtype":"CNAME","rdata":{rdata},"count":3,
                    "time_first":"1714800000","time_last":1714816800}}"#
                ),
            );
            assert_eq!(
                rows.only(Table::Dns),
                "timestamp=1714816800000000 event_dataset=passive_dns \
                 dns_question_name=a.workers.dev dns_question_type=CNAME \
                 dns_answers_data=[b.example]"
            );
        }
    }

    #[test]
    fn real_answers_are_read() {
        let Some(folder) = kit("dns/extracts") else { return };
        for (file, records) in [("cof_circl_pdns_qof.ndjson", 8), ("cof_cof2misp_circl.ndjson", 2)]
        {
            let rows = KeptRows::of_file(&folder.join(file));
            assert_eq!((rows.records(), rows.all(Table::Dns).len()), (records, records as usize));
            assert_eq!(rows.anomalies(), []);
        }
    }
}
