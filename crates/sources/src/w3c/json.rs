//! Records of the extended format as JSON objects whose keys are the columns' names, as Symantec's
//! cloud hands them out.

use serde_json::{Map, Value};

use super::product::Product;
use super::rows::{self, Stream};
use crate::format::JsonShape;
use crate::set_values::SetValues;
use crate::zeek::json::JsonRecord;
use crate::{Collector, Stopped};

/// Columns of the extended format as JSON.
pub(crate) struct W3cJson;

impl JsonShape for W3cJson {
    fn name(&self) -> &'static str {
        "w3c-json"
    }

    fn claims(&self, object: &Map<String, Value>) -> bool {
        let has = |name| object.contains_key(name);
        has("c-ip") && has("date") && has("time") && (has("cs-host") || has("cs-method"))
    }

    fn rows(
        &self,
        object: &Map<String, Value>,
        collector: &mut Collector<'_>,
    ) -> Result<(), Stopped> {
        let names: Vec<&String> = object.keys().collect();
        let stream = Stream { product: Product::of("", &names), day: "", observer: "" };
        rows::row(&SetValues { record: &JsonRecord(object), words: &[] }, stream, collector)
    }
}

#[cfg(test)]
mod tests {
    use coldtrail_model::Table;

    use super::W3cJson;
    use crate::kept_rows::KeptRows;

    #[test]
    fn an_object_is_a_record() {
        let rows = KeptRows::of_object(
            &W3cJson,
            r#"{"date":"2024-05-04","time":"10:00:00","time-taken":"28","c-ip":"10.0.0.5",
                "cs-userdn":"CORP\\jane","sc-filter-result":"DENIED","cs-method":"unknown",
                "cs-uri-scheme":"ssl","cs-host":"A.workers.dev","cs-uri-port":"443","cs-uri-path":"/",
                "r-ip":"192.0.2.7","cs-bytes":"10","sc-bytes":20}"#,
        );
        assert_eq!(
            rows.only(Table::Flow),
            "timestamp=1714816800000000 event_dataset=proxysg.access user_name=CORP\\jane \
             source_ip=10.0.0.5 destination_ip=192.0.2.7 destination_port=443 \
             destination_domain=a.workers.dev network_transport=tcp network_direction=outbound \
             event_duration=28000000 source_bytes=10 destination_bytes=20 event_type=denied"
        );
        assert_eq!(rows.anomalies(), []);
    }
}
