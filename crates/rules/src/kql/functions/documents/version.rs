//! Numbers of versions.
//!
//! <https://learn.microsoft.com/kusto/query/parse-version-function>

use rust_decimal::Decimal;

use super::super::arguments::Arguments;
use super::super::{Accepts, Function, Type, Value};

/// The functions.
pub(in super::super) const FUNCTIONS: &[Function] = &[Function::define(
    "parse_version",
    &[Accepts::Only(Type::String)],
    Type::Decimal,
    |arguments| version(arguments.text(0)).map_or(Value::Null, Value::Decimal),
)];

/// Up to four parts of up to eight digits each, one behind the other. Null if a decimal has no room for
/// it, which is so from version 79228 of the first part on.
fn version(text: &str) -> Option<Decimal> {
    let parts: Vec<&str> = text.trim().split('.').collect();
    if parts.len() > 4 {
        return None;
    }
    let mut number = Decimal::ZERO;
    for place in 0..4 {
        let part = parts.get(place).copied().unwrap_or("0");
        let is_number =
            (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        let part: u32 = part.parse().ok().filter(|_| is_number)?;
        number =
            number.checked_mul(Decimal::from(100_000_000))?.checked_add(Decimal::from(part))?;
    }
    Some(number)
}

#[cfg(test)]
mod tests {
    use super::version;

    #[test]
    fn versions_as_documented() {
        for (text, expected) in [
            ("0.0.0.5", Some("5")),
            ("0.0.7.0", Some("700000000")),
            ("0.0.3", Some("300000000")),
            ("0.2", Some("20000000000000000")),
            ("1.2.3.4", Some("1000000020000000300000004")),
            ("1", Some("1000000000000000000000000")),
            ("1.2.3.4.5", None),
            ("1.123456789", None),
            ("1.x", None),
            ("1..2", None),
            ("", None),
            ("99999999.0", None),
        ] {
            assert_eq!(
                version(text).map(|number| number.to_string()).as_deref(),
                expected,
                "{text}"
            );
        }
    }
}
