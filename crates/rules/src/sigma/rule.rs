//! What the author of a rule says about it.

use std::path::PathBuf;

use super::LogSource;

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

    /// What a person knows it by: the identifier, or else the title.
    pub fn key(&self) -> &str {
        if self.id.is_empty() { &self.title } else { &self.id }
    }
}
