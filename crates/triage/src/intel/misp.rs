//! Events of MISP, as it exports them: an attribute is an indicator where it is marked for detection
//! (`to_ids`). Format: <https://www.misp-standard.org/rfc/misp-standard-core.html>.

use serde_json::Value;

use super::{Given, GivenKind, Spot, text};

/// The events of a document: one, a list, or the answer to a search.
pub(super) fn events(document: &Value) -> Option<Vec<&Value>> {
    let list = match document.get("response").unwrap_or(document) {
        Value::Array(list) => list.iter().collect(),
        one => vec![one],
    };
    let events: Vec<&Value> = list.into_iter().filter_map(|one| one.get("Event")).collect();
    (!events.is_empty()).then_some(events)
}

/// The indicators of events.
pub(super) fn indicators(events: &[&Value]) -> Vec<Given> {
    let mut given = Vec::new();
    for event in events {
        let info = text(event, "info");
        let objects = list(event, "Object").flat_map(|object| list(object, "Attribute"));
        let attributes = list(event, "Attribute").chain(objects);
        given.extend(attributes.filter_map(|attribute| indicator(attribute, info)));
    }
    given
}

fn list<'v>(object: &'v Value, key: &str) -> impl Iterator<Item = &'v Value> {
    object.get(key).and_then(Value::as_array).into_iter().flatten()
}

fn indicator(attribute: &Value, info: Option<&str>) -> Option<Given> {
    // Exports write the flag as a truth value, as a number or as a text.
    let is_for_detection = match attribute.get("to_ids")? {
        Value::Bool(is) => *is,
        Value::Number(number) => number.as_u64() == Some(1),
        Value::String(text) => text == "1" || text == "true",
        _ => false,
    };
    let whole = text(attribute, "value").filter(|_| is_for_detection)?;
    let first = || whole.split('|').next().unwrap_or(whole);
    let (kind, value) = match text(attribute, "type")? {
        "domain" => (GivenKind::Domain, whole),
        "domain|ip" => (GivenKind::Domain, first()),
        "hostname" => (GivenKind::Host, whole),
        "hostname|port" => (GivenKind::Host, first()),
        "url" | "uri" => (GivenKind::Url, whole),
        "ip-dst" | "ip-src" => (GivenKind::Address, whole),
        "ip-dst|port" | "ip-src|port" => (GivenKind::Address, first()),
        _ => return None,
    };
    let description = text(attribute, "comment").or(info).map(str::to_owned);
    let mark = text(attribute, "uuid").map_or_else(|| format!("\"{whole}\""), str::to_owned);
    let spot = Spot::Text(mark);
    Some(Given { kind: Some(kind), value: value.to_owned(), description, valid_until: None, spot })
}
