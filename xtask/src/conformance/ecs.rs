//! Where a vendor's document holds what our columns hold.

use coldtrail_model::Field;
use serde_json::Value;

/// Whether a column can be compared: the record's place is ours alone, and we name datasets ourselves.
pub(super) fn is_compared(field: Field) -> bool {
    !matches!(
        field,
        Field::EventDataset
            | Field::RecordSource
            | Field::RecordOffset
            | Field::RecordLength
            | Field::RecordOriginal
    )
}

/// Other names for what a column holds, where ECS has several or, as for Zeek's uid, none.
fn other_names(column: &str) -> &'static [&'static str] {
    match column {
        "timestamp" => &["@timestamp"],
        "user_name" => &["source.user.name"],
        "source_ip" => &["client.ip"],
        "source_port" => &["client.port"],
        "source_bytes" => &["client.bytes"],
        "destination_ip" => &["server.ip"],
        "destination_port" => &["server.port"],
        "destination_bytes" => &["server.bytes"],
        "network_session_id" => &["zeek.session_id", "suricata.eve.flow_id"],
        "url_full" => &["url.original"],
        "x509_alternative_names" => &["tls.server.x509.alternative_names"],
        _ => &[],
    }
}

/// Whether a column can have such a value: of the types of an event, only those of a decision.
fn has_place(column: &str, value: &Value) -> bool {
    column != "event_type" || value == "allowed" || value == "denied"
}

/// The column's values in a document, in order; empty where the vendor has none.
pub(super) fn values(document: &Value, field: Field) -> Vec<&Value> {
    of_column(document, field.name())
}

fn of_column<'d>(document: &'d Value, column: &str) -> Vec<&'d Value> {
    let mut values = Vec::new();
    collect_column(document, column, &mut values);
    for name in other_names(column) {
        if values.is_empty() {
            values = at(document, name);
        }
    }
    values.retain(|value| has_place(column, value));
    values
}

/// Collects what has the column's name once dots are underscores, as columns are named.
fn collect_column<'d>(value: &'d Value, column: &str, values: &mut Vec<&'d Value>) {
    match value {
        Value::Array(elements) => {
            elements.iter().for_each(|element| collect_column(element, column, values));
        }
        Value::Object(object) => {
            for (key, inner) in object {
                match column.strip_prefix(key.replace('.', "_").as_str()) {
                    Some("") => collect(inner, "", values),
                    Some(rest) => {
                        if let Some(rest) = rest.strip_prefix('_') {
                            collect_column(inner, rest, values);
                        }
                    }
                    None => {}
                }
            }
        }
        _ => {}
    }
}

/// The values at a dotted name, whether objects are nested or their keys hold the dots. Of the
/// elements of a list, all are taken.
pub(super) fn at<'d>(document: &'d Value, name: &str) -> Vec<&'d Value> {
    let mut values = Vec::new();
    collect(document, name, &mut values);
    values
}

fn collect<'d>(value: &'d Value, name: &str, values: &mut Vec<&'d Value>) {
    match value {
        Value::Array(elements) => {
            elements.iter().for_each(|element| collect(element, name, values));
        }
        Value::Object(_) if name.is_empty() => {}
        Value::Object(object) => {
            if let Some(whole) = object.get(name) {
                collect(whole, "", values);
                return;
            }
            let splits = name.match_indices('.').map(|(place, _)| name.split_at(place));
            for (key, rest) in splits {
                if let Some(inner) = object.get(key) {
                    collect(inner, rest.trim_start_matches('.'), values);
                }
            }
        }
        // What stands for nothing in one format or another is nothing.
        Value::Null => {}
        Value::String(text) if text.is_empty() || text == "-" => {}
        scalar if name.is_empty() => values.push(scalar),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use coldtrail_model::Field;
    use serde_json::json;

    use super::{at, is_compared, of_column, values};

    #[test]
    fn names_are_found_nested_and_dotted() {
        let nested = json!({"dns": {"question": {"name": "a.example"}}});
        let dotted = json!({"dns.question.name": "a.example"});
        let mixed = json!({"dns": {"question.name": "a.example"}});
        for document in [nested, dotted, mixed] {
            assert_eq!(values(&document, Field::DnsQuestionName), [&json!("a.example")]);
        }
    }

    #[test]
    fn elements_of_a_list_are_taken_in_order() {
        let document = json!({"dns": {"answers": [{"data": "a"}, {"type": "A"}, {"data": "b"}]}});
        assert_eq!(at(&document, "dns.answers.data"), [&json!("a"), &json!("b")]);
    }

    #[test]
    fn what_stands_for_nothing_is_nothing() {
        let document = json!({"user": {"name": "-"}, "source": {"user": {"name": "ann"}}, "x": []});
        assert_eq!(values(&document, Field::UserName), [&json!("ann")]);
        assert!(at(&document, "x").is_empty());
    }

    #[test]
    fn columns_have_underscores_for_dots() {
        let document = json!({
            "powershell": {"file": {"script_block_text": "x"}}, "http.request.body": {"bytes": 5},
            "event": {"type": ["connection", "denied"]},
        });
        assert_eq!(values(&document, Field::ScriptBlockText), [&json!("x")]);
        assert_eq!(values(&document, Field::HttpRequestBodyBytes), [&json!(5)]);
        assert_eq!(of_column(&document, "event_type"), [&json!("denied")]);
        assert!(!is_compared(Field::RecordSource) && is_compared(Field::Timestamp));
    }
}
