//! What entries of `sanctioned.csv` would do, tried on the findings of a hunt.

use std::cmp::Reverse;

use coldtrail_correlate::findings;
use coldtrail_correlate::tune::{Covered, Effect, Proposal, effects, proposals};
use coldtrail_model::{Finding, Report, Timestamp};
use coldtrail_triage::{Context, Problem, SANCTIONED_FILE};

use crate::BuiltinPlatforms;
use crate::hunt::{is_browser, known_service};

/// A list of sanctioned uses, and what it does.
#[derive(Clone, Debug, PartialEq)]
pub struct Tuning {
    /// The findings without the list.
    pub before: Vec<Finding>,
    /// The findings with it.
    pub after: Vec<Finding>,
    /// What each entry of the list does, in order of line.
    pub effects: Vec<Effect>,
    /// What is wrong with the list.
    pub problems: Vec<Problem>,
}

/// Tries a list on the findings of a report that was made with the same context. What the context
/// sanctions by itself stays so.
pub fn tried(report: &Report, context: &Context, list: &str, now: Timestamp) -> Tuning {
    let mut with_list = context.clone();
    let problems = with_list.add(SANCTIONED_FILE, list, now, &BuiltinPlatforms);
    let before = report.findings.clone();
    // The context's own entries stay: what they sanction is not asked about again.
    let (sanctioned, open): (Vec<Finding>, Vec<Finding>) =
        before.iter().cloned().partition(is_sanctioned);
    let signals: Vec<_> = open.iter().flat_map(|finding| finding.signals.clone()).collect();
    let mut after = findings(&signals, is_browser, known_service, &with_list);
    after.extend(sanctioned);
    let effects = effects(&before, &after, &with_list);
    Tuning { before, after, effects, problems }
}

fn is_sanctioned(finding: &Finding) -> bool {
    finding.contributions.iter().any(|one| one.name == "sanctioned")
}

/// Proposes entries for what repeats among the findings of a report, and tries them together. Those come
/// first that nothing speaks against, and of these those that spare the most work.
pub fn proposed(report: &Report, context: &Context, now: Timestamp) -> (Vec<Proposal>, Tuning) {
    let proposals = proposals(&report.findings, context, &BuiltinPlatforms, now);
    let tuning = tried(report, context, &table(&proposals), now);
    let mut ranked: Vec<(&Effect, Proposal)> = tuning.effects.iter().zip(proposals).collect();
    ranked.sort_by_key(|(effect, _)| {
        let count =
            |holds: fn(&Covered) -> bool| effect.covered.iter().filter(|one| holds(one)).count();
        let lowered = count(|one| one.after.is_none_or(|after| after < one.before));
        (!effect.warnings.is_empty(), Reverse((lowered, count(|one| one.is_closed))))
    });
    let proposals: Vec<Proposal> = ranked.into_iter().map(|(_, proposal)| proposal).collect();
    let tuning = tried(report, context, &table(&proposals), now);
    (proposals, tuning)
}

/// Proposals as the text of a `sanctioned.csv`: one a line, below the header.
fn table(proposals: &[Proposal]) -> String {
    let lines = proposals.iter().map(Proposal::line);
    [Proposal::HEADER.to_owned()].into_iter().chain(lines).collect::<Vec<_>>().join("\n") + "\n"
}
