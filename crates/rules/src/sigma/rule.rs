//! What the author of a rule says about it.

use std::path::{Path, PathBuf};

use coldtrail_diagnostics::ProblemKind;
use yaml_serde::{Mapping, Value};

use super::LogSource;
use super::detection::{self, beginning, scalar, texts};
use super::document::Fault;

/// A document of a file of rules: a rule, a correlation or a filter, with what its author says about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The file that it is in.
    pub file: PathBuf,
    /// The line of the file on which the document begins, counted from 1.
    pub line: u64,
    /// What sort of document it is.
    pub kind: RuleKind,
    /// The identifier, which should be a UUID; empty where there is none.
    pub id: String,
    /// The name by which correlations may refer to it; empty where there is none.
    pub name: String,
    /// What it is called.
    pub title: String,
    /// What it looks for, in its author's words.
    pub description: String,
    /// Who wrote it; empty where the file does not say.
    pub author: String,
    /// Under which terms it may be used: what the rule says, or else the file `LICENSE` nearest to it (its first
    /// line that is not empty); empty where nothing says it.
    pub license: String,
    /// How grave a match is; nothing where the author does not say.
    pub level: Option<Level>,
    /// How ripe the rule is; nothing where the author does not say.
    pub status: Option<Status>,
    /// When it was written, as the file says it.
    pub date: String,
    /// The tags, such as `attack.t1583.007`.
    pub tags: Vec<String>,
    /// Pages about it.
    pub references: Vec<String>,
    /// What else may raise it, in its author's words.
    pub falsepositives: Vec<String>,
    /// The fields that its author would look at.
    pub fields: Vec<String>,
    /// The log source; that of nothing for a correlation.
    pub log_source: LogSource,
    /// Every field that its detections name, in order of name, each once.
    pub searched: Vec<String>,
}

/// What sort of document it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RuleKind {
    /// It matches events.
    Detection,
    /// It counts or orders matches of others.
    Correlation,
    /// It takes something away from others.
    Filter,
}

/// How grave a match is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// It only adds to what is known.
    Informational,
    /// Low.
    Low,
    /// Medium.
    Medium,
    /// High.
    High,
    /// Critical.
    Critical,
}

/// How ripe a rule is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Tried in production over a long time.
    Stable,
    /// Mostly ready, some tuning may be needed.
    Test,
    /// It may raise much that is nothing.
    Experimental,
    /// Replaced by another.
    Deprecated,
    /// It cannot be used as it is.
    Unsupported,
}

impl Level {
    /// The word that rules have for it, which is shown too.
    pub fn name(self) -> &'static str {
        match self {
            Level::Informational => "informational",
            Level::Low => "low",
            Level::Medium => "medium",
            Level::High => "high",
            Level::Critical => "critical",
        }
    }

    /// The level of that word.
    pub fn named(word: &str) -> Option<Self> {
        let all = [Level::Informational, Level::Low, Level::Medium, Level::High, Level::Critical];
        all.into_iter().find(|level| level.name().eq_ignore_ascii_case(word))
    }
}

impl Status {
    /// The word that rules have for it.
    pub fn name(self) -> &'static str {
        match self {
            Status::Stable => "stable",
            Status::Test => "test",
            Status::Experimental => "experimental",
            Status::Deprecated => "deprecated",
            Status::Unsupported => "unsupported",
        }
    }

    /// The status of that word.
    pub fn named(word: &str) -> Option<Self> {
        let all = [
            Status::Stable,
            Status::Test,
            Status::Experimental,
            Status::Deprecated,
            Status::Unsupported,
        ];
        all.into_iter().find(|status| status.name().eq_ignore_ascii_case(word))
    }
}

impl Rule {
    /// The ATT&CK techniques among the tags, such as `T1583.007`, in the order of the tags.
    pub fn techniques(&self) -> Vec<String> {
        let tags = self.tags.iter().filter_map(|tag| tag.strip_prefix("attack."));
        let is_technique = |tag: &&str| {
            let digits = tag.strip_prefix(['t', 'T']).unwrap_or_default();
            digits.starts_with(|first: char| first.is_ascii_digit())
        };
        tags.filter(is_technique).map(str::to_uppercase).collect()
    }

    /// The ATT&CK tactics among the tags, such as `command-and-control`, in the order of the tags.
    pub fn tactics(&self) -> Vec<String> {
        let tags = self.tags.iter().filter_map(|tag| tag.strip_prefix("attack."));
        let is_tactic = |tag: &&str| {
            let rest = tag.get(1..).unwrap_or_default();
            !rest.starts_with(|first: char| first.is_ascii_digit())
        };
        tags.filter(is_tactic).map(|tag| tag.replace('_', "-")).collect()
    }

    /// Reads what the author of a document says about it, and what of that is wrong without being needed.
    pub(super) fn read(
        document: &Mapping,
        file: &Path,
        line: u64,
        license: &str,
    ) -> Result<(Self, Vec<Fault>), Fault> {
        let text = |key: &str| match document.get(key) {
            Some(Value::Sequence(members)) => {
                members.iter().filter_map(scalar).collect::<Vec<_>>().join(", ")
            }
            Some(value) => scalar(value).unwrap_or_default().trim().to_owned(),
            None => String::new(),
        };
        let list = |key: &str| document.get(key).map(texts).unwrap_or_default();
        let (kind, section) = match (document.get("correlation"), document.get("filter")) {
            (Some(_), _) => (RuleKind::Correlation, None),
            (None, Some(section)) => (RuleKind::Filter, Some(section)),
            (None, None) => (RuleKind::Detection, document.get("detection")),
        };
        let section = section.and_then(Value::as_mapping);
        if kind == RuleKind::Detection && section.is_none() {
            let help = "add `detection:` with a selection and a `condition`";
            let reason = "there is no `detection`";
            return Err(Fault::new(ProblemKind::MissingValue, reason, help).below("detection"));
        }
        let (id, name, mut title) = (text("id"), text("name"), text("title"));
        if title.is_empty() {
            title.clone_from(if name.is_empty() { &id } else { &name });
        }
        if title.is_empty() {
            let help = "add `title:`, which says in a few words what the rule looks for";
            return Err(Fault::new(ProblemKind::MissingValue, "there is no `title`", help));
        }
        let mut faults = Vec::new();
        let level = word("level", &text("level"), Level::named, &mut faults);
        let status = word("status", &text("status"), Status::named, &mut faults);
        let own_license = text("license");
        let rule = Self {
            file: file.to_owned(),
            line,
            kind,
            id,
            name,
            title,
            description: text("description"),
            author: text("author"),
            license: if own_license.is_empty() { license.to_owned() } else { own_license },
            level,
            status,
            date: text("date"),
            tags: list("tags"),
            references: list("references"),
            falsepositives: list("falsepositives"),
            fields: list("fields"),
            log_source: log_source(document.get("logsource"))?,
            searched: section.map(detection::fields).unwrap_or_default(),
        };
        Ok((rule, faults))
    }

    /// What a person knows it by: the identifier, or else the title.
    pub fn key(&self) -> &str {
        if self.id.is_empty() { &self.title } else { &self.id }
    }
}

/// A word of which there are few, or nothing and a fault where it is none of them.
fn word<W>(
    key: &str,
    text: &str,
    named: fn(&str) -> Option<W>,
    faults: &mut Vec<Fault>,
) -> Option<W> {
    let found = named(text);
    if found.is_none() && !text.is_empty() {
        let reason = format!("`{}` is no {key}", beginning(text));
        let help = format!("see the Sigma specification for the words that `{key}` may be");
        faults.push(Fault::new(ProblemKind::InvalidValue, reason, help).below(key));
    }
    found
}

/// The log source of a document; that of nothing, which is that of any record, where it says none.
fn log_source(value: Option<&Value>) -> Result<LogSource, Fault> {
    let section = match value {
        None | Some(Value::Null) => return Ok(LogSource::default()),
        Some(Value::Mapping(section)) => section,
        Some(_) => {
            let help = "write `category`, `product` and `service` below `logsource`";
            let fault = Fault::new(ProblemKind::InvalidValue, "`logsource` is no mapping", help);
            return Err(fault.below("logsource"));
        }
    };
    let word = |key: &str| section.get(key).and_then(scalar).unwrap_or_default().trim().to_owned();
    Ok(LogSource { category: word("category"), product: word("product"), service: word("service") })
}

#[cfg(test)]
mod tests {
    use super::super::tests::load;
    use super::*;

    #[test]
    fn all_that_an_author_says_is_kept() {
        let set = load(&[
            "# A comment.\ntitle: A rule\nid: 1a\nname: one\ndescription: |\n  It looks.\n\
                          author: [A, B]\nlicense: MIT\nlevel: HIGH\nstatus: test\ndate: 2024/01/02\n\
                          tags: [attack.t1583.007, attack.command-and-control]\nreferences: https://x\n\
                          falsepositives: [none]\nfields: [A]\nlogsource: {product: windows, service: sysmon}\n\
                          detection:\n  s:\n    - B|contains: x\n      A: 1\n    - C|fieldref: D\n  k: [word]\n  \
                          condition: s or k\n---\ntitle: two\ndetection: {s: {A: 1}, condition: s}\n",
        ]);
        assert_eq!(set.problems(), []);
        let rule = &set.rules()[0];
        assert_eq!((rule.id.as_str(), rule.name.as_str(), rule.line), ("1a", "one", 2));
        assert_eq!((rule.level, rule.status), (Some(Level::High), Some(Status::Test)));
        assert_eq!((rule.author.as_str(), rule.license.as_str()), ("A, B", "MIT"));
        assert_eq!(rule.description, "It looks.");
        assert_eq!(
            (rule.techniques(), rule.date.as_str()),
            (vec!["T1583.007".into()], "2024/01/02")
        );
        assert_eq!(rule.searched, ["A", "B", "C", "D"]);
        assert_eq!(rule.references, ["https://x"]);
        assert_eq!(rule.log_source.to_string(), "windows/sysmon");
        assert_eq!((set.rules()[1].line, set.rules()[1].license.as_str()), (25, "of the folder"));
    }

    #[test]
    fn wrong_words_are_told_and_harm_nothing() {
        let set =
            load(&["title: a\nlevel: grave\nstatus: new\ndetection: {s: {A: 1}, condition: s}\n"]);
        assert_eq!(set.rules().len(), 1);
        let told: Vec<_> = set.problems().iter().map(|one| (one.line, one.is_used)).collect();
        assert_eq!(told, [(Some(2), true), (Some(3), true)]);
    }

    #[test]
    fn what_is_needed_is_asked_for() {
        for (text, reason) in [
            ("title: a\n", "no `detection`"),
            ("title: a\ndetection: x\n", "no `detection`"),
            ("detection: {s: {A: 1}, condition: s}\n", "no `title`"),
            ("title: a\ndetection: {s: {A: 1}}\n", "no `condition`"),
            ("title: a\nlogsource: x\ndetection: {s: {A: 1}, condition: s}\n", "`logsource`"),
            ("title: a\ndetection: {s: {}, condition: s}\n", "is empty"),
            ("title: a\ndetection: {s: {A: []}, condition: s}\n", "is empty"),
            ("title: a\ndetection: {s: {A|near: b}, condition: s}\n", "A|near"),
            ("title: a\ndetection: {s: {A|re|cidr: b}, condition: s}\n", "do not go together"),
            ("title: a\ndetection: {s: {A: {b: c}}, condition: s}\n", "neither a value"),
        ] {
            let set = load(&[text]);
            assert_eq!(set.rules().len(), 0, "{text}");
            assert!(set.problems()[0].reason.contains(reason), "{text} {:?}", set.problems());
        }
    }
}
