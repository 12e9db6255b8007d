//! Placeholders are values that people name, not fields of the event.
//!
//! The library looks for a field of the name of `%name%` in the event and takes nothing for it where there is none.
//! In Sigma it stands for values that whoever runs the rule gives.

use std::collections::HashMap;

use coldtrail_diagnostics::ProblemKind;

use super::super::detection::beginning;
use super::super::document::Fault;

/// A value may stand for so many.
const MOST: usize = 100_000;

/// The texts that a text with placeholders stands for. Those of several placeholders go with each other.
pub(in super::super) fn expanded(
    text: &str,
    placeholders: &HashMap<String, Vec<String>>,
) -> Result<Vec<String>, Fault> {
    let mut all = vec![String::new()];
    let mut rest = text;
    while let Some((before, name, after)) = next(rest) {
        let Some(values) = placeholders.get(name).filter(|values| !values.is_empty()) else {
            let reason = format!("the placeholder `%{}%` has no value", beginning(name));
            let help = "give it values with --placeholders; without any it matches nothing";
            return Err(Fault::new(ProblemKind::UnknownReference, reason, help));
        };
        if all.len().saturating_mul(values.len()) > MOST {
            let reason = format!("`{}` stands for more than {MOST} values", beginning(text));
            let help = "use fewer placeholders in one value";
            return Err(Fault::new(ProblemKind::TooLarge, reason, help));
        }
        let next = all
            .iter()
            .flat_map(|begun| values.iter().map(move |value| format!("{begun}{before}{value}")));
        all = next.collect();
        rest = after;
    }
    all.iter_mut().for_each(|begun| begun.push_str(rest));
    Ok(all)
}

/// The next placeholder of a text, with what stands before and after it.
fn next(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    loop {
        let start = from + text.get(from..)?.find('%')?;
        let inside = text.get(start + 1..)?;
        let end = inside.find('%')?;
        let name = inside.get(..end)?;
        let is_name = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.');
        if !name.is_empty() && name.chars().all(is_name) {
            return Some((text.get(..start)?, name, inside.get(end + 1..)?));
        }
        from = start + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Result<Vec<String>, Fault> {
        let values = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect();
        let placeholders = HashMap::from([
            ("admins".to_owned(), values(&["root", "adm_*"])),
            ("servers".to_owned(), values(&["a", "b"])),
            ("none".to_owned(), Vec::new()),
        ]);
        expanded(text, &placeholders)
    }

    #[test]
    fn a_placeholder_stands_for_its_values() {
        assert_eq!(told("%admins%").unwrap(), ["root", "adm_*"]);
        assert_eq!(told("x\\%servers%!").unwrap(), ["x\\a!", "x\\b!"]);
        assert_eq!(told("%servers%%servers%").unwrap(), ["aa", "ab", "ba", "bb"]);
        assert_eq!(told("100% and 5 %").unwrap(), ["100% and 5 %"]);
        assert_eq!(told("5% %servers%").unwrap(), ["5% a", "5% b"]);
    }

    #[test]
    fn a_placeholder_without_values_is_told() {
        assert_eq!(told("%missing%").unwrap_err().kind, ProblemKind::UnknownReference);
        assert_eq!(told("%none%").unwrap_err().kind, ProblemKind::UnknownReference);
        assert_eq!(told(&"%servers%".repeat(40)).unwrap_err().kind, ProblemKind::TooLarge);
    }
}
