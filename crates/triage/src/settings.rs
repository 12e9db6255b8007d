//! `settings.toml`: thresholds of the detections by name.
//!
//! Which thresholds there are is known to whoever detects; here a line is a name and a number, with the
//! place where they stand, so that a name that nobody knows can be told where it was written.

use std::collections::BTreeSet;
use std::ops::Range;

use coldtrail_diagnostics::ProblemKind;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::problems::{Place, Problems, quoted};

/// A threshold that somebody set.
#[derive(Clone, Debug, PartialEq)]
pub struct GivenSetting {
    /// Its name, as it was written.
    pub name: String,
    /// Its value.
    pub value: f64,
    /// The line, counted from 1.
    pub line: u64,
    /// The column of the name in characters, counted from 1.
    pub column: u64,
    /// The column of the value.
    pub value_column: u64,
}

/// Reads what the file sets, in order of place. A line that is no TOML costs itself alone.
pub(crate) fn read(text: &str, problems: &mut Problems) -> Vec<GivenSetting> {
    let (table, errors) = DeTable::parse_recoverable(text);
    // The parser goes on behind an error with a value of its own making.
    let mut wrong_lines = BTreeSet::new();
    for error in errors {
        let (line, column) = error.span().map_or((1, 1), |span| place(text, &span));
        if !wrong_lines.insert(line) {
            continue;
        }
        let reason = format!("it is no TOML: {}", first_line(error.message()));
        let help = "write a name, `=` and a number on each line";
        problems.error(Place::at(line, column), ProblemKind::InvalidValue, reason, help);
    }
    let mut given: Vec<GivenSetting> = table
        .get_ref()
        .iter()
        .filter(|(name, _)| !wrong_lines.contains(&place(text, &name.span()).0))
        .filter_map(|(name, value)| setting(text, name, value, problems))
        .collect();
    given.sort_by_key(|setting| (setting.line, setting.column));
    given
}

fn setting(
    text: &str,
    name: &Spanned<impl AsRef<str>>,
    value: &Spanned<DeValue<'_>>,
    problems: &mut Problems,
) -> Option<GivenSetting> {
    let (line, column) = place(text, &name.span());
    let (value_line, value_column) = place(text, &value.span());
    let name = name.get_ref().as_ref();
    let Some(number) = number(value.get_ref()) else {
        let reason = format!("{} is set to something that is no number", quoted(name));
        let help = "all settings are numbers, without quotation marks and sections";
        let place = Place::at(value_line, value_column);
        problems.error(place, ProblemKind::InvalidValue, reason, help);
        return None;
    };
    Some(GivenSetting { name: name.to_owned(), value: number, line, column, value_column })
}

/// A number as TOML writes it: `5`, `1_000_000`, `0.35`, `2e6`.
fn number(value: &DeValue<'_>) -> Option<f64> {
    match value {
        DeValue::Integer(integer) => {
            i64::from_str_radix(integer.as_str(), integer.radix()).ok().map(|whole| whole as f64)
        }
        DeValue::Float(float) => {
            float.as_str().parse().ok().filter(|number: &f64| number.is_finite())
        }
        _ => None,
    }
}

/// Line and column of where a span begins.
fn place(text: &str, span: &Range<usize>) -> (u64, u64) {
    let before = text.get(..span.start).unwrap_or(text);
    let last_line = before.rsplit('\n').next().unwrap_or(before);
    (before.matches('\n').count() as u64 + 1, last_line.chars().count() as u64 + 1)
}

fn first_line(message: &str) -> &str {
    message.lines().next().unwrap_or(message)
}

#[cfg(test)]
mod tests {
    use super::{GivenSetting, read};
    use crate::problems::Problems;

    fn given(text: &str) -> (Vec<GivenSetting>, Vec<String>) {
        let mut problems = Problems::of("settings.toml");
        let given = read(text, &mut problems);
        let told = problems.into_list().into_iter().map(|one| {
            format!("{}:{} {}", one.line.unwrap_or(0), one.column.unwrap_or(0), one.reason)
        });
        (given, told.collect())
    }

    #[test]
    fn a_line_is_a_name_and_a_number() {
        let (given, problems) =
            given("# ours\nrare_share = 0.05\n  upload_minimum_bytes = 1_000\n");
        assert_eq!(problems, [""; 0]);
        let told: Vec<_> = given
            .iter()
            .map(|one| (one.name.as_str(), one.value, one.line, one.column, one.value_column))
            .collect();
        assert_eq!(
            told,
            [("rare_share", 0.05, 2, 1, 14), ("upload_minimum_bytes", 1000.0, 3, 3, 26)]
        );
    }

    #[test]
    fn a_bad_line_costs_itself_alone() {
        let (given, problems) =
            given("rare_share = \"much\"\nupload_ratio = = 1\nnew_after_hours = 48\n[a]\nb = 1\n");
        assert_eq!(given.len(), 1, "{given:?}");
        assert_eq!(given[0].name, "new_after_hours");
        assert_eq!(problems.len(), 3, "{problems:?}");
        assert!(problems.iter().any(|told| told.starts_with("1:14 `rare_share` is set to")));
        assert!(problems.iter().any(|told| told.starts_with("2:")), "{problems:?}");
        assert!(problems.iter().any(|told| told.starts_with("4:")), "{problems:?}");
    }

    #[test]
    fn what_is_no_finite_number_is_none() {
        for value in ["inf", "nan", "true", "2026-01-01", "[1]", "99999999999999999999"] {
            let (given, problems) = given(&format!("rare_share = {value}"));
            assert_eq!((given.len(), problems.len()), (0, 1), "{value}: {problems:?}");
        }
    }
}
