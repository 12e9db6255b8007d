//! A layer for ATT&CK Navigator: which techniques were seen how often, on the map that everybody knows.
//!
//! The format is version 4.5, <https://github.com/mitre-attack/attack-navigator/blob/master/layers/spec/v4.5/layerformat.md>.
//! The version of ATT&CK itself is left out: tags of rules do not say which one they are from, and
//! Navigator then takes its own.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

use coldtrail_model::{Finding, RuleSource, RuleSummary, Signal};
use serde::Serialize;

use crate::Error;
use crate::json::json_page;
use crate::sums::{self, is_technique};

/// A comment is a tooltip: as many rules are named in it.
const MOST_TITLES: usize = 10;

/// Titles are cut to so many characters.
const LONGEST_TITLE: usize = 100;

/// The colours of few and of many matches.
const COLOURS: [&str; 3] = ["#fff3c4", "#f9a03f", "#c1121f"];

/// Writes a layer of the techniques that rules matched and that findings tell of.
///
/// A technique's score is the number of matches of rules that are tagged with it, and one for each
/// finding that has a signal of it. A signal that stems from a rule of the summary counts as a match only.
///
/// # Errors
///
/// When the writer fails.
pub fn navigator(
    summary: &RuleSummary,
    findings: &[Finding],
    writer: &mut dyn Write,
) -> Result<(), Error> {
    json_page(&layer(summary, findings), writer).map_err(Error::WriteNavigator)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Layer {
    name: &'static str,
    versions: Versions,
    domain: &'static str,
    description: String,
    /// Techniques with the highest scores first.
    sorting: u8,
    layout: Layout,
    hide_disabled: bool,
    techniques: Vec<Technique>,
    gradient: Gradient,
}

#[derive(Serialize)]
struct Versions {
    /// The least version of Navigator that reads the format.
    navigator: &'static str,
    layer: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Layout {
    layout: &'static str,
    #[serde(rename = "showID")]
    show_id: bool,
    show_name: bool,
    show_aggregate_scores: bool,
    count_unscored: bool,
    aggregate_function: &'static str,
    expanded_subtechniques: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Technique {
    #[serde(rename = "techniqueID")]
    technique_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<u64>,
    #[serde(skip_serializing_if = "String::is_empty")]
    comment: String,
    show_subtechniques: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Gradient {
    colors: [&'static str; 3],
    min_value: u64,
    max_value: u64,
}

/// What is known of a technique: who names it, and how often.
#[derive(Default)]
struct Sum {
    score: u64,
    titles: BTreeMap<String, u64>,
    has_parts: bool,
}

impl Sum {
    fn add(&mut self, title: String, matches: u64) {
        self.score = self.score.saturating_add(matches);
        let sum = self.titles.entry(title).or_default();
        *sum = sum.saturating_add(matches);
    }

    /// `Title (12), Another (3), and 2 more`: most matches first.
    fn comment(&self) -> String {
        let mut titles: Vec<_> = self.titles.iter().collect();
        titles.sort_by_key(|(title, matches)| (std::cmp::Reverse(**matches), *title));
        let named = titles.iter().take(MOST_TITLES);
        let mut comment: Vec<String> =
            named.map(|(title, matches)| format!("{title} ({matches})")).collect();
        if let Some(rest) = titles.len().checked_sub(MOST_TITLES).filter(|rest| *rest > 0) {
            comment.push(format!("and {rest} more"));
        }
        comment.join(", ")
    }
}

fn layer(summary: &RuleSummary, findings: &[Finding]) -> Layer {
    let sums = techniques(summary, findings);
    let highest = sums.values().map(|sum| sum.score).max().unwrap_or_default();
    let techniques = sums.into_iter().map(|(technique_id, sum)| Technique {
        comment: sum.comment(),
        score: (sum.score > 0).then_some(sum.score),
        show_subtechniques: sum.has_parts,
        technique_id,
    });
    Layer {
        name: "Coldtrail",
        versions: Versions { navigator: "4.9.0", layer: "4.5" },
        domain: "enterprise-attack",
        description: format!(
            "Matches of Sigma rules: {}, of rules: {}. Findings: {}.",
            sums::matches(summary),
            summary.rules.len(),
            findings.len()
        ),
        sorting: 3,
        layout: Layout {
            layout: "side",
            show_id: true,
            show_name: true,
            show_aggregate_scores: false,
            count_unscored: false,
            aggregate_function: "sum",
            expanded_subtechniques: "annotated",
        },
        hide_disabled: false,
        techniques: techniques.collect(),
        // The format wants the upper end above the lower one.
        gradient: Gradient { colors: COLOURS, min_value: 0, max_value: highest.max(1) },
    }
}

fn techniques<'a>(summary: &'a RuleSummary, findings: &'a [Finding]) -> BTreeMap<String, Sum> {
    let mut sums: BTreeMap<String, Sum> = BTreeMap::new();
    for rule in &summary.rules {
        for technique in distinct(&rule.techniques) {
            sums.entry(technique).or_default().add(cut(&rule.rule.name), rule.matches);
        }
    }
    let place = |rule: &'a RuleSource| (rule.name.as_str(), rule.file.as_str());
    let counted: BTreeSet<_> = summary.rules.iter().map(|rule| place(&rule.rule)).collect();
    let is_counted = |signal: &'a Signal| {
        signal.rule.as_ref().is_some_and(|rule| counted.contains(&place(rule)))
    };
    for finding in findings {
        let signals = finding.signals.iter().filter(|signal| !is_counted(signal));
        let named = signals.flat_map(|signal| {
            distinct(&signal.attack).into_iter().map(move |technique| (technique, signal))
        });
        let once: BTreeMap<String, &Signal> = named.collect();
        for (technique, signal) in once {
            sums.entry(technique).or_default().add(cut(&signal.detection), 1);
        }
    }
    // Navigator folds sub-techniques away unless their technique is there and says otherwise.
    let parents: BTreeSet<String> =
        sums.keys().filter_map(|id| Some(id.split_once('.')?.0.to_owned())).collect();
    for parent in parents {
        sums.entry(parent).or_default().has_parts = true;
    }
    sums
}

fn distinct(techniques: &[String]) -> BTreeSet<String> {
    techniques.iter().filter(|technique| is_technique(technique)).cloned().collect()
}

fn cut(title: &str) -> String {
    title.chars().take(LONGEST_TITLE).collect()
}
