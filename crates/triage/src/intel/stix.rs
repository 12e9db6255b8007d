//! Bundles of STIX 2.1: indicators whose pattern is a choice of values. What a bundle merely observed
//! is no indicator. Format: <https://docs.oasis-open.org/cti/stix/v2.1/stix-v2.1.html>.

use coldtrail_diagnostics::ProblemKind;
use serde_json::Value;

use super::{Given, GivenKind, Spot, text};
use crate::moment::Moment;
use crate::problems::{Problems, quoted};

/// The longest pattern that is read, in bytes.
const LONGEST_PATTERN: usize = 64 * 1024;

/// Whether a document is a bundle.
pub(super) fn is_bundle(document: &Value) -> bool {
    text(document, "type") == Some("bundle")
}

/// The indicators of a bundle.
pub(super) fn indicators(bundle: &Value, file: &str, problems: &mut Problems) -> Vec<Given> {
    let objects = bundle.get("objects").and_then(Value::as_array).into_iter().flatten();
    let is_indicator = |object: &&Value| {
        text(object, "type") == Some("indicator")
            && object.get("revoked").and_then(Value::as_bool) != Some(true)
    };
    objects.filter(is_indicator).flat_map(|object| of_object(object, file, problems)).collect()
}

fn of_object(object: &Value, file: &str, problems: &mut Problems) -> Vec<Given> {
    let id = text(object, "id").unwrap_or("");
    let pattern = text(object, "pattern").unwrap_or("");
    let is_stix = text(object, "pattern_type").is_none_or(|kind| kind == "stix");
    let Some(comparisons) = is_stix.then(|| comparisons(pattern)).flatten() else {
        let place = problems.place_of(id, file);
        let reason = format!("the pattern {} is not understood", quoted(pattern));
        let help = "read are `[type:value = '…']`, and several of these joined by OR";
        problems.error(place, ProblemKind::Unsupported, reason, help);
        return Vec::new();
    };
    let description = text(object, "name").or(text(object, "description")).map(str::to_owned);
    let valid_until = text(object, "valid_until").and_then(Moment::read).map(Moment::ends);
    let given = comparisons.into_iter().filter_map(|(property, value)| {
        let kind = match property.as_str() {
            "domain-name:value" => GivenKind::Domain,
            "url:value" => GivenKind::Url,
            "ipv4-addr:value" | "ipv6-addr:value" => GivenKind::Address,
            // Hashes, keys and the like are looked for elsewhere.
            _ => return None,
        };
        let (description, spot) = (description.clone(), Spot::Text(id.to_owned()));
        Some(Given { kind: Some(kind), value, description, valid_until, spot })
    });
    given.collect()
}

/// What a pattern offers to choose from: properties and their values. `None` where it is anything
/// but a choice: half of a conjunction would accuse what the whole does not.
fn comparisons(pattern: &str) -> Option<Vec<(String, String)>> {
    let mut rest = (pattern.len() <= LONGEST_PATTERN).then(|| pattern.trim_start())?;
    let mut found = Vec::new();
    let mut is_open = false;
    loop {
        while let Some(inside) = rest.strip_prefix(['[', '(']) {
            is_open = true;
            rest = inside.trim_start();
        }
        let (property, behind) = rest.split_once('=').filter(|_| is_open)?;
        let (value, behind) = literal(behind.trim_start())?;
        found.push((property.trim().to_owned(), value));
        rest = behind.trim_start();
        while let Some(outside) = rest.strip_prefix([']', ')']) {
            rest = outside.trim_start();
        }
        if rest.is_empty() {
            return Some(found);
        }
        rest =
            rest.strip_prefix("OR").filter(|rest| rest.starts_with([' ', '[', '(']))?.trim_start();
    }
}

/// A text in single quotes, in which a backslash takes the next character as it is.
fn literal(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut characters = text.strip_prefix('\'')?.chars();
    loop {
        match characters.next()? {
            '\'' => return Some((value, characters.as_str())),
            '\\' => value.push(characters.next()?),
            other => value.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::comparisons;

    #[test]
    fn choices_are_read_and_nothing_else() {
        let pair = |property: &str, value: &str| (property.to_owned(), value.to_owned());
        assert_eq!(
            comparisons("[domain-name:value = 'a.example' OR url:value='http://b.example/\\'x']"),
            Some(vec![
                pair("domain-name:value", "a.example"),
                pair("url:value", "http://b.example/'x")
            ])
        );
        assert_eq!(
            comparisons("[domain-name:value = 'a.example'] OR [ipv4-addr:value = '192.0.2.1']")
                .map(|found| found.len()),
            Some(2)
        );
        for other in [
            "",
            "[domain-name:value = 'a.example' AND url:value = 'http://a.example/']",
            "[domain-name:value = 'a.example'] FOLLOWEDBY [url:value = 'http://a.example/']",
            "[domain-name:value != 'a.example']x",
            "[domain-name:value LIKE '%.example']",
            "[domain-name:value = 'a.example",
            "[domain-name:value = 'a.example'] WITHIN 5 SECONDS",
        ] {
            assert_eq!(comparisons(other), None, "{other}");
        }
    }
}
