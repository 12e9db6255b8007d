//! When a value of ours and a value of a vendor's are the same.
//!
//! Spelling that ECS or the model fixes does not count: names of hosts, domains and images are in
//! lower case with us, addresses have one canonical form, process GUIDs have no braces. Everything
//! else has to be equal to the letter.

use std::net::IpAddr;

use coldtrail_model::Field;
use serde_json::Value as Json;

use super::ecs;
use super::rows::Value;

/// What came of comparing one column of one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Neither has a value.
    Absent,
    /// Only we have one.
    Extra,
    /// Both have the same.
    Equal,
    /// They have another, or only they have one.
    Different {
        /// Our value as text; `null` where there is none.
        ours: String,
        /// Theirs, elements of a list after commas.
        theirs: String,
    },
}

/// Compares a column with the vendor's document.
pub(super) fn compare(field: Field, ours: Option<&Value>, document: &Json) -> Outcome {
    let theirs = ecs::values(document, field);
    match ours {
        None if theirs.is_empty() => Outcome::Absent,
        Some(_) if theirs.is_empty() => Outcome::Extra,
        Some(ours) if are_equal(field, ours, &theirs, document) => Outcome::Equal,
        _ => Outcome::Different {
            ours: ours.map_or_else(|| "null".to_owned(), Value::to_string),
            theirs: theirs.iter().map(|value| text(value)).collect::<Vec<_>>().join(", "),
        },
    }
}

fn are_equal(field: Field, ours: &Value, theirs: &[&Json], document: &Json) -> bool {
    let is_only = |same: &dyn Fn(&Json) -> bool| matches!(theirs, [only] if same(only));
    match ours {
        Value::Time(moment) => is_only(&|theirs| is_moment(*moment, &text(theirs))),
        Value::Number(number) => is_only(&|theirs| is_number(*number, &text(theirs))),
        Value::Truth(truth) => is_only(&|theirs| text(theirs) == truth.to_string()),
        Value::Text(ours) if field == Field::UserName => {
            is_only(&|theirs| is_user(ours, &text(theirs), document))
        }
        Value::Text(ours) => is_only(&|theirs| is_text(field, ours, &text(theirs))),
        Value::Texts(ours) => {
            ours.len() == theirs.len()
                && ours.iter().zip(theirs).all(|(ours, theirs)| is_text(field, ours, &text(theirs)))
        }
        Value::Numbers(ours) => {
            ours.len() == theirs.len()
                && ours.iter().zip(theirs).all(|(ours, theirs)| is_number(*ours, &text(theirs)))
        }
    }
}

/// Whether a time in RFC 3339 is that moment, as far as its fraction goes: many pipelines keep
/// milliseconds only.
fn is_moment(microseconds: i64, theirs: &str) -> bool {
    let parsed = theirs.parse().or_else(|_| format!("{theirs}Z").parse());
    let Ok(parsed): Result<jiff::Timestamp, _> = parsed else { return false };
    let digits = match theirs.split_once('.') {
        Some((_, rest)) => rest.bytes().take_while(u8::is_ascii_digit).count().min(6),
        None => 6,
    };
    let unit = (digits..6).fold(1, |unit, _| unit * 10);
    parsed.as_microsecond().div_euclid(unit) == microseconds.div_euclid(unit)
}

fn is_number(ours: i64, theirs: &str) -> bool {
    theirs.parse() == Ok(ours) || theirs.parse().is_ok_and(|theirs: f64| theirs == ours as f64)
}

fn is_text(field: Field, ours: &str, theirs: &str) -> bool {
    if ours == theirs {
        return true;
    }
    match field {
        Field::SourceIp | Field::DestinationIp => is_address(ours, theirs),
        Field::DnsAnswersData => is_address(ours, theirs) || domain(ours) == domain(theirs),
        Field::HostName
        | Field::DestinationDomain
        | Field::DnsQuestionName
        | Field::UrlDomain
        | Field::TlsClientServerName
        | Field::X509AlternativeNames => domain(ours) == domain(theirs),
        Field::ProcessName
        | Field::ProcessParentName
        | Field::ProcessHashSha256
        | Field::FileHashSha256
        | Field::NetworkTransport
        | Field::NetworkProtocol
        | Field::NetworkDirection => ours.to_lowercase() == theirs.to_lowercase(),
        Field::ProcessEntityId | Field::ScriptBlockId => identifier(ours) == identifier(theirs),
        _ => false,
    }
}

/// `DOMAIN\name` of ours is a name and a domain of theirs, or the name alone where they have no
/// domain.
fn is_user(ours: &str, theirs: &str, document: &Json) -> bool {
    let (domain, name) = match ours.rsplit_once('\\') {
        Some((domain, name)) => (Some(domain), name),
        None => (None, ours),
    };
    let domains = [ecs::at(document, "user.domain"), ecs::at(document, "source.user.domain")];
    let is_theirs = |domain| domains.iter().flatten().any(|theirs| text(theirs) == domain);
    let has_none = domains.iter().all(Vec::is_empty);
    ours == theirs || name == theirs && domain.is_none_or(|domain| has_none || is_theirs(domain))
}

fn is_address(ours: &str, theirs: &str) -> bool {
    let address = |text: &str| text.parse::<IpAddr>().ok().map(|address| address.to_canonical());
    address(ours).is_some_and(|ours| address(theirs) == Some(ours))
}

fn domain(text: &str) -> String {
    text.strip_suffix('.').unwrap_or(text).to_lowercase()
}

fn identifier(text: &str) -> String {
    text.trim_matches(['{', '}']).to_uppercase()
}

/// A vendor's value as text.
pub(super) fn text(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use coldtrail_model::Field;
    use serde_json::{Value as Json, json};

    use super::{Outcome, compare};
    use crate::conformance::rows::Value;

    fn is_equal(field: Field, ours: Value, document: &Json) -> bool {
        match compare(field, Some(&ours), document) {
            Outcome::Equal => true,
            Outcome::Different { .. } => false,
            other => panic!("{other:?}"),
        }
    }

    fn words(words: &str) -> Value {
        Value::Text(words.to_owned())
    }

    #[test]
    fn a_value_may_be_on_either_side_alone() {
        let document = json!({"host": {"name": "ws01"}});
        assert_eq!(compare(Field::UserName, None, &document), Outcome::Absent);
        assert_eq!(compare(Field::UserName, Some(&words("ann")), &document), Outcome::Extra);
        let missing = Outcome::Different { ours: "null".into(), theirs: "ws01".into() };
        assert_eq!(compare(Field::HostName, None, &document), missing);
    }

    #[test]
    fn times_are_compared_to_the_instant_as_far_as_they_are_written() {
        let is = |theirs: &str| {
            let document = json!({"@timestamp": theirs});
            is_equal(Field::Timestamp, Value::Time(1_600_666_032_123_456), &document)
        };
        assert!(is("2020-09-21T05:27:12.123Z"));
        assert!(is("2020-09-21T07:27:12.123456789+02:00"));
        assert!(is("2020-09-21T05:27:12.123456"));
        assert!(!is("2020-09-21T05:27:12.124Z"));
        assert!(!is("2020-09-21T05:27:12Z"));
        assert!(!is("yesterday"));
    }

    #[test]
    fn numbers_are_compared_as_numbers() {
        for theirs in [json!(443), json!("443"), json!(443.0), json!([443])] {
            let document = json!({"source": {"port": theirs}});
            assert!(is_equal(Field::SourcePort, Value::Number(443), &document), "{theirs}");
        }
        let document = json!({"source": {"port": [443, 80]}});
        assert!(!is_equal(Field::SourcePort, Value::Number(443), &document));
        let document = json!({"tls": {"established": true}});
        assert!(is_equal(Field::TlsEstablished, Value::Truth(true), &document));
    }

    #[test]
    fn lists_are_equal_in_order() {
        let document = json!({"dns": {"answers": [{"data": "A.Example."}, {"data": "::1"}]}});
        let ours = |texts: &[&str]| Value::Texts(texts.iter().map(|it| (*it).into()).collect());
        assert!(is_equal(Field::DnsAnswersData, ours(&["a.example", "0:0::1"]), &document));
        assert!(!is_equal(Field::DnsAnswersData, ours(&["::1", "a.example"]), &document));
        assert!(!is_equal(Field::DnsAnswersData, ours(&["a.example"]), &document));
    }

    #[test]
    fn case_counts_only_where_the_model_keeps_it() {
        let document = json!({
            "host": {"name": "WS01"}, "process": {"name": "A.EXE", "command_line": "A.EXE"},
            "url": {"path": "/X"}, "source": {"ip": "::ffff:192.0.2.7"},
        });
        assert!(is_equal(Field::HostName, words("ws01"), &document));
        assert!(is_equal(Field::ProcessName, words("a.exe"), &document));
        assert!(is_equal(Field::SourceIp, words("192.0.2.7"), &document));
        assert!(!is_equal(Field::ProcessCommandLine, words("a.exe"), &document));
        assert!(!is_equal(Field::UrlPath, words("/x"), &document));
    }

    #[test]
    fn an_identifier_may_have_braces() {
        let document = json!({"process": {"entity_id": "{a1-b2}"}});
        assert!(is_equal(Field::ProcessEntityId, words("A1-B2"), &document));
    }

    #[test]
    fn users_have_their_domain_beside_them() {
        let of_domain = json!({"user": {"name": "ann", "domain": "CORP"}});
        assert!(is_equal(Field::UserName, words("CORP\\ann"), &of_domain));
        assert!(is_equal(Field::UserName, words("ann"), &of_domain));
        assert!(!is_equal(Field::UserName, words("OTHER\\ann"), &of_domain));
        let without = json!({"user": {"name": "ann"}});
        assert!(is_equal(Field::UserName, words("CORP\\ann"), &without));
        assert!(!is_equal(Field::UserName, words("CORP\\bob"), &without));
    }
}
