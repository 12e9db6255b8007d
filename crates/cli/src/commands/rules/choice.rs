//! Which rules, out of files and folders of them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use coldtrail_pipeline::{RuleFiles, are_rules};
use coldtrail_present::redacted;
use coldtrail_rules::sigma::{Level, Limits, Rule, RuleSet, Status, builtin_pack};

use crate::terminal;

/// What stands for the rules that come with Coldtrail.
pub(crate) const BUILTIN: &str = "builtin";

/// So many problems of rules are told one by one.
const TOLD_PROBLEMS: usize = 20;

/// Which Sigma rules to take.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Which Sigma rules")]
pub(crate) struct Choice {
    /// Only rules of this level and above.
    #[arg(long, value_enum, value_name = "LEVEL")]
    min_level: Option<LevelName>,

    /// Only rules of this level.
    #[arg(long, value_enum, value_name = "LEVEL", conflicts_with = "min_level")]
    exact_level: Option<LevelName>,

    /// Only rules with one of these tags, such as attack.t1071 (with what is below it) or cve.2021.
    #[arg(long, value_name = "TAGS", value_delimiter = ',')]
    tag: Vec<String>,

    /// No rules with one of these tags.
    #[arg(long, value_name = "TAGS", value_delimiter = ',')]
    exclude_tag: Vec<String>,

    /// Only rules of one of these statuses: stable, test, experimental, deprecated, unsupported.
    #[arg(long, value_name = "STATUSES", value_delimiter = ',', value_parser = status)]
    status: Vec<Status>,

    /// No rules of one of these statuses.
    #[arg(long, value_name = "STATUSES", value_delimiter = ',', value_parser = status)]
    exclude_status: Vec<Status>,

    /// Only rules whose log source has one of these words: a category, product or service.
    #[arg(long, value_name = "WORDS", value_delimiter = ',')]
    category: Vec<String>,

    /// No rules whose log source has one of these words.
    #[arg(long, value_name = "WORDS", value_delimiter = ',')]
    exclude_category: Vec<String>,

    /// Only rules with one of these identifiers.
    #[arg(long = "id", value_name = "IDS", value_delimiter = ',')]
    ids: Vec<String>,

    /// Leave out the rules whose identifiers are in a file, one a line; `#` begins a comment.
    #[arg(long = "exclude-rules", value_name = "FILE")]
    excluded: Vec<PathBuf>,

    /// The same for rules that match too much to be of use here; --with-noisy takes them all the same.
    #[arg(long = "noisy-rules", value_name = "FILE")]
    noisy: Vec<PathBuf>,

    /// Take the rules of --noisy-rules, too.
    #[arg(long, requires = "noisy")]
    with_noisy: bool,

    /// What stands for placeholders such as %admins% in rules: a file of TOML with `admins = ["a", "b"]`.
    #[arg(long, value_name = "FILE")]
    placeholders: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum LevelName {
    Informational,
    Low,
    Medium,
    High,
    Critical,
}

impl LevelName {
    fn level(self) -> Level {
        match self {
            LevelName::Informational => Level::Informational,
            LevelName::Low => Level::Low,
            LevelName::Medium => Level::Medium,
            LevelName::High => Level::High,
            LevelName::Critical => Level::Critical,
        }
    }
}

fn status(word: &str) -> Result<Status, String> {
    Status::named(word).ok_or_else(|| {
        "a status is stable, test, experimental, deprecated or unsupported".to_owned()
    })
}

impl Choice {
    /// Loads the Sigma rules that are wanted out of files, and tells how many could not be.
    pub(crate) fn load(&self, files: &RuleFiles) -> anyhow::Result<RuleSet> {
        let unwanted = self.unwanted()?;
        let placeholders = match &self.placeholders {
            Some(file) => placeholders(file)?,
            None => Vec::new(),
        };
        let wanted = |rule: &Rule| self.wants(rule) && !unwanted.contains(rule.key());
        let rules = RuleSet::load(&files.sigma, &placeholders, &wanted, &Limits::default());
        for problem in rules.problems().iter().take(TOLD_PROBLEMS) {
            terminal::say(&coldtrail_present::problem("", problem));
        }
        if let Some(more @ 1..) = rules.problems().len().checked_sub(TOLD_PROBLEMS) {
            terminal::say(&format!("and {more} more problems: coldtrail rules lint has them all"));
        }
        Ok(rules)
    }

    fn wants(&self, rule: &Rule) -> bool {
        let has_tag = |wanted: &String| rule.tags.iter().any(|tag| is_below(tag, wanted));
        let has_word = |wanted: &String| {
            let source = &rule.log_source;
            [&source.category, &source.product, &source.service]
                .iter()
                .any(|word| word.eq_ignore_ascii_case(wanted))
        };
        let has_status = |wanted: &Status| rule.status == Some(*wanted);
        self.min_level.is_none_or(|least| rule.level >= Some(least.level()))
            && self.exact_level.is_none_or(|level| rule.level == Some(level.level()))
            && (self.tag.is_empty() || self.tag.iter().any(has_tag))
            && !self.exclude_tag.iter().any(has_tag)
            && (self.category.is_empty() || self.category.iter().any(has_word))
            && !self.exclude_category.iter().any(has_word)
            && (self.status.is_empty() || self.status.iter().any(has_status))
            && !self.exclude_status.iter().any(has_status)
            && (self.ids.is_empty() || self.ids.contains(&rule.id))
    }

    /// The identifiers of rules that are not wanted.
    fn unwanted(&self) -> anyhow::Result<BTreeSet<String>> {
        let noisy = if self.with_noisy { &[][..] } else { &self.noisy[..] };
        let mut unwanted = BTreeSet::new();
        for file in self.excluded.iter().chain(noisy) {
            unwanted.extend(identifiers(file)?);
        }
        Ok(unwanted)
    }
}

/// Whether a tag is another, or below it: `attack.t1071.001` is below `attack.t1071`.
fn is_below(tag: &str, other: &str) -> bool {
    let (tag, other) = (tag.to_lowercase(), other.to_lowercase());
    tag.strip_prefix(&other).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// The identifiers of a list: the first word of each line, or all of it before a comment.
fn identifiers(file: &Path) -> anyhow::Result<Vec<String>> {
    let text =
        fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
    Ok(lines.filter(|line| !line.is_empty()).map(str::to_owned).collect())
}

/// What stands for placeholders.
fn placeholders(file: &Path) -> anyhow::Result<Vec<(String, Vec<String>)>> {
    let text =
        fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let values: BTreeMap<String, Vec<String>> = toml::from_str(&text)
        .with_context(|| format!("{} is no list of texts for each name", file.display()))?;
    Ok(values.into_iter().collect())
}

/// The files of rules at the beginning of arguments, and the arguments behind them.
///
/// The first argument always is rules; those behind it are as long as they are files of rules, or folders of
/// nothing else.
pub(crate) fn rules_and_paths(arguments: &[String]) -> anyhow::Result<(RuleFiles, Vec<String>)> {
    let is_more = |argument: &&String| {
        *argument == BUILTIN
            || Path::new(argument.as_str()).exists() && are_rules(argument.as_ref())
    };
    let more = arguments.iter().skip(1).take_while(is_more).count();
    let (rules, paths) = arguments.split_at((1 + more).min(arguments.len()));
    Ok((rule_files(rules)?, paths.to_vec()))
}

/// The rules of files and folders; `builtin` stands for those that come with Coldtrail.
pub(crate) fn rule_files(arguments: &[String]) -> anyhow::Result<RuleFiles> {
    let (builtin, named): (Vec<&String>, Vec<&String>) =
        arguments.iter().partition(|it| *it == BUILTIN && !Path::new(BUILTIN).exists());
    for path in &named {
        if !Path::new(path.as_str()).exists() {
            bail!("there is no {}; `{BUILTIN}` stands for our own rules", redacted(path));
        }
    }
    let paths: Vec<PathBuf> = named.iter().map(PathBuf::from).collect();
    let mut files = RuleFiles::of(&paths);
    if !builtin.is_empty() {
        files.sigma.splice(0..0, builtin_pack());
    }
    if files.is_empty() {
        bail!(
            "{} holds no rules: files that end with .yml, .yaml or .kql",
            redacted(&arguments.join(" "))
        );
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::is_below;

    #[test]
    fn techniques_stand_for_what_is_below_them() {
        assert!(is_below("attack.t1071.001", "attack.T1071"));
        assert!(is_below("attack.t1071", "attack.t1071"));
        assert!(!is_below("attack.t10710", "attack.t1071"));
        assert!(!is_below("attack.t1071", "attack.t1071.001"));
    }
}
