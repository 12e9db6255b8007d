//! Whether hunts that should say the same do.

use anyhow::Context;
use serde_json::Value;

use super::contest::Entrant;
use crate::bench::severities;

/// A line for each hunt: its findings, and how they compare with the first hunt's.
pub(super) fn lines(entrants: &[Entrant]) -> anyhow::Result<Vec<String>> {
    let mut lines = Vec::new();
    let mut first: Option<Value> = None;
    for entrant in entrants.iter().filter(|entrant| entrant.hunts()) {
        let Some(run) = entrant.runs.last() else { continue };
        let report: Value = serde_json::from_slice(&run.stdout).context("cannot read a report")?;
        let same_each_time = entrant.runs.iter().all(|other| other.stdout == run.stdout);
        let compared = first.as_ref().map_or("", |first| compare(first, &report));
        lines.push(format!(
            "| `{}` | {} | {compared} | {} |",
            entrant.name,
            severities(&report),
            if same_each_time { "yes" } else { "no" }
        ));
        first.get_or_insert(report);
    }
    Ok(lines)
}

/// A store may keep records elsewhere than the logs do, so these are compared apart.
fn compare(first: &Value, other: &Value) -> &'static str {
    let (mut first, mut other) = (first["findings"].clone(), other["findings"].clone());
    if first == other {
        return "same";
    }
    strip(&mut first);
    strip(&mut other);
    if first == other { "same, from other records" } else { "not the same" }
}

/// Takes out where records are.
fn strip(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.remove("records");
            members.values_mut().for_each(strip);
        }
        Value::Array(elements) => elements.iter_mut().for_each(strip),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::compare;

    #[test]
    fn findings_are_compared_with_and_without_their_records() {
        let report = |score: u64, offset: u64| {
            let signals = json!([{"detection": "rhythm.beacon", "records": [{"offset": offset}]}]);
            json!({"generated": offset, "findings": [{"score": score, "signals": signals}]})
        };
        assert_eq!(compare(&report(50, 1), &report(50, 1)), "same");
        assert_eq!(compare(&report(50, 1), &report(50, 2)), "same, from other records");
        assert_eq!(compare(&report(50, 1), &report(51, 1)), "not the same");
    }
}
