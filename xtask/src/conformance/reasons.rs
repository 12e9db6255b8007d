//! Why some differences are meant: `xtask/conformance/reasons.toml`.

use std::fs;
use std::path::Path;

use anyhow::{Context, ensure};
use coldtrail_model::{Field, Table};
use glob::Pattern;
use serde::Deserialize;

use super::results::Difference;

/// All reasons, in the order of the file; the first that fits a difference explains it.
#[derive(Debug, Default)]
pub(super) struct Reasons(Vec<Reason>);

/// Explains differences of one column. Patterns are globs: `*` is anything, `?` one letter.
#[derive(Debug)]
pub(super) struct Reason {
    written: Written,
    format: Pattern,
    field: Field,
    file: Option<Pattern>,
    ours: Option<Pattern>,
    theirs: Option<Pattern>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    reason: Vec<Written>,
}

/// A reason as it is written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    /// The formats, such as `proxy/squid` or `windows_*`.
    format: String,
    /// The column, such as `source_bytes`.
    field: String,
    /// Only rows of that table.
    table: Option<String>,
    /// Only files whose name in the kit is like that.
    file: Option<String>,
    /// Only where our value is like that; `null` where we have none.
    ours: Option<String>,
    /// Only where their value is like that.
    theirs: Option<String>,
    /// Only where nothing else is different.
    #[serde(default)]
    but_for: Vec<ButFor>,
    /// Why the difference is meant, as a sentence.
    because: String,
}

/// What two values may differ in and still say the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ButFor {
    /// Upper and lower case.
    Case,
    /// Quotation marks, which some pipelines take off command lines.
    Quotes,
    /// White space, wherever it is.
    Space,
    /// `DOMAIN\` before a name.
    Domain,
}

impl ButFor {
    fn without(self, text: String) -> String {
        match self {
            ButFor::Case => text.to_lowercase(),
            ButFor::Quotes => text.replace(['"', '\''], ""),
            ButFor::Space => text.split_whitespace().collect(),
            ButFor::Domain => text.rsplit('\\').next().unwrap_or_default().to_owned(),
        }
    }
}

impl Reasons {
    /// Reads the file.
    pub(super) fn read(path: &Path) -> anyhow::Result<Self> {
        let text =
            fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        Self::parse(&text).with_context(|| format!("{} is wrong", path.display()))
    }

    pub(super) fn parse(text: &str) -> anyhow::Result<Self> {
        let file: File = toml::from_str(text)?;
        Ok(Self(file.reason.into_iter().map(Reason::of).collect::<anyhow::Result<_>>()?))
    }

    /// The place of the reason that explains a difference.
    pub(super) fn explain(&self, difference: &Difference) -> Option<usize> {
        self.0.iter().position(|reason| reason.fits(difference))
    }

    /// The reasons, each with its place.
    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, &Reason)> {
        self.0.iter().enumerate()
    }
}

impl Reason {
    fn of(written: Written) -> anyhow::Result<Self> {
        let field = Table::ALL.into_iter().flat_map(Table::fields);
        let field = field.copied().find(|field| field.name() == written.field);
        let pattern = |text: &Option<String>| text.as_deref().map(Pattern::new).transpose();
        ensure!(!written.because.trim().is_empty(), "a reason for {} is empty", written.field);
        if let Some(table) = &written.table {
            ensure!(Table::from_name(table).is_some(), "there is no table `{table}`");
        }
        Ok(Self {
            format: Pattern::new(&written.format)?,
            field: field.with_context(|| format!("there is no column `{}`", written.field))?,
            file: pattern(&written.file)?,
            ours: pattern(&written.ours)?,
            theirs: pattern(&written.theirs)?,
            written,
        })
    }

    fn fits(&self, difference: &Difference) -> bool {
        let is_like = |pattern: &Option<Pattern>, text: &str| {
            pattern.as_ref().is_none_or(|pattern| pattern.matches(text))
        };
        self.field == difference.field
            && self.format.matches(&difference.format)
            && self.written.table.as_ref().is_none_or(|table| table == difference.table.name())
            && is_like(&self.file, &difference.file)
            && is_like(&self.ours, &difference.ours)
            && is_like(&self.theirs, &difference.theirs)
            && self.says_the_same(difference)
    }

    fn says_the_same(&self, difference: &Difference) -> bool {
        let but_for = &self.written.but_for;
        let core = |text: &str| but_for.iter().fold(text.to_owned(), |text, it| it.without(text));
        but_for.is_empty() || core(&difference.ours) == core(&difference.theirs)
    }

    /// What it explains, and why, on one line.
    pub(super) fn line(&self) -> String {
        let Written { format, field, because, .. } = &self.written;
        format!("{format} {field}: {because}")
    }
}

#[cfg(test)]
mod tests {
    use coldtrail_model::{Field, Table};

    use super::Reasons;
    use crate::conformance::results::Difference;

    const REASONS: &str = r#"
        [[reason]]
        format = "zeek/*"
        field = "source_bytes"
        ours = "1?"
        because = "ours has headers"

        [[reason]]
        format = "*"
        field = "host_name"
        file = "*/elastic-*"
        table = "flow"
        ours = "null"
        because = "theirs is the collector"
    "#;

    fn difference() -> Difference {
        Difference {
            format: "zeek/zeek".into(),
            field: Field::SourceBytes,
            table: Table::Flow,
            file: "zeek/elastic-integrations/conn.log".into(),
            offset: 0,
            ours: "12".into(),
            theirs: "4".into(),
        }
    }

    #[test]
    fn everything_that_a_reason_names_has_to_fit() {
        let reasons = Reasons::parse(REASONS).unwrap();
        assert_eq!(reasons.explain(&difference()), Some(0));
        assert_eq!(reasons.explain(&Difference { ours: "123".into(), ..difference() }), None);
        assert_eq!(reasons.explain(&Difference { format: "a/zeek".into(), ..difference() }), None);
        let host = Difference { field: Field::HostName, ours: "null".into(), ..difference() };
        assert_eq!(reasons.explain(&host), Some(1));
        assert_eq!(reasons.explain(&Difference { table: Table::Dns, ..host.clone() }), None);
        assert_eq!(reasons.explain(&Difference { file: "zeek/other".into(), ..host }), None);
    }

    #[test]
    fn a_reason_may_be_bound_to_what_is_different() {
        let reasons = Reasons::parse(
            "[[reason]]\nformat='*'\nfield='user_name'\nbut_for=['domain','case']\nbecause='so'",
        );
        let reasons = reasons.unwrap();
        let explain = |ours: &str, theirs: &str| {
            let (ours, theirs) = (ours.into(), theirs.into());
            let field = Field::UserName;
            reasons.explain(&Difference { field, ours, theirs, ..difference() })
        };
        assert_eq!(explain("CORP\\Ann", "ann"), Some(0));
        assert_eq!(explain("CORP\\Ann", "bob"), None);
    }

    #[test]
    fn a_reason_that_means_nothing_is_refused() {
        for (wrong, right) in
            [("source_octets", "source_bytes"), ("flows", "flow\"\n"), ("", "ours has headers")]
        {
            let text = REASONS.replacen(right.trim_end_matches(['\n', '"']), wrong, 1);
            assert!(Reasons::parse(&text).is_err(), "{text}");
        }
        assert!(Reasons::parse(&REASONS.replace("ours =", "mine =")).is_err());
    }
}
