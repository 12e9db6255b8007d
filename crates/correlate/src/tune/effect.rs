//! What each entry of a list of sanctioned uses takes away, and what speaks against it.

use std::collections::{BTreeMap, BTreeSet};

use coldtrail_model::{Answer, Decision, Finding, RecordReference, Severity, Timestamp};
use coldtrail_triage::{Contact, Context, Sanction};
use serde::Serialize;

use super::proposal::extent;
use super::{conversation, has_contribution, has_signal};
use crate::circumstances::covers;
use crate::finding::is_rotation;

/// So many records of what an entry covers are shown.
const SAMPLES: usize = 3;

/// More names than this are only counted.
const MOST_NAMES: usize = 4;

/// What one entry does.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Effect {
    /// The line of the entry in its file, counted from 1.
    pub line: u64,
    /// Its endpoint.
    pub endpoint: String,
    /// Its host; any where there is none.
    pub host: Option<String>,
    /// Its program; any where there is none.
    pub process: Option<String>,
    /// The findings that it covers, most urgent first. None: the entry matches nothing.
    pub covered: Vec<Covered>,
    /// On how many hosts.
    pub hosts: usize,
    /// The first event of these findings.
    pub first_seen: Option<Timestamp>,
    /// The last.
    pub last_seen: Option<Timestamp>,
    /// Some of their original records.
    pub records: Vec<RecordReference>,
    /// What speaks against the entry.
    pub warnings: Vec<String>,
}

/// What becomes of a finding that an entry covers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Covered {
    /// The finding.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its severity without the entry.
    pub before: Severity,
    /// Its severity with the list; none where it is a finding no more.
    pub after: Option<Severity>,
    /// Its score without the entry.
    pub score_before: u8,
    /// Its score with the list.
    pub score_after: Option<u8>,
    /// Whether the list closes what was to be looked at or escalated.
    pub is_closed: bool,
}

/// What each entry of a context's list does, in order of line. `before` are the findings without the
/// list, `after` those with it.
pub fn effects(before: &[Finding], after: &[Finding], context: &Context) -> Vec<Effect> {
    let after: BTreeMap<&str, &Finding> =
        after.iter().map(|finding| (finding.id.as_str(), finding)).collect();
    context.sanctions().map(|sanction| effect(sanction, before, &after, context)).collect()
}

fn effect(
    sanction: &Sanction,
    before: &[Finding],
    after: &BTreeMap<&str, &Finding>,
    context: &Context,
) -> Effect {
    let covered: Vec<&Finding> =
        before.iter().filter(|finding| is_covered(sanction, finding, context)).collect();
    let hosts: BTreeSet<&str> = covered.iter().map(|finding| finding.actor.host.as_str()).collect();
    let span = (!covered.is_empty()).then(|| extent(&covered));
    let becomes = |finding: &&Finding| {
        let then = after.get(finding.id.as_str());
        Covered {
            id: finding.id.clone(),
            title: finding.title.clone(),
            before: finding.severity,
            after: then.map(|then| then.severity),
            score_before: finding.score,
            score_after: then.map(|then| then.score),
            is_closed: !is_closed(finding) && then.is_none_or(|then| is_closed(then)),
        }
    };
    // One record of each of the first findings says more than all records of one.
    let sample = |finding: &&Finding| finding.signals.first()?.records.first().cloned();
    Effect {
        line: sanction.line,
        endpoint: sanction.endpoint().to_owned(),
        host: sanction.host.clone(),
        process: sanction.process.clone(),
        hosts: hosts.len(),
        first_seen: span.map(|(first, _)| first),
        last_seen: span.map(|(_, last)| last),
        records: covered.iter().filter_map(sample).take(SAMPLES).collect(),
        warnings: warnings(sanction, &covered),
        covered: covered.iter().map(becomes).collect(),
    }
}

fn is_closed(finding: &Finding) -> bool {
    finding.escalation.decision == Decision::Close
}

fn is_covered(sanction: &Sanction, finding: &Finding, context: &Context) -> bool {
    let Some(conversation) = conversation(finding) else { return false };
    let rotates = finding.signals.iter().any(is_rotation);
    context.covers(sanction, &Contact::of(conversation)).is_some() && covers(sanction, rotates)
}

/// What looks bad among what an entry covers, the worst first.
fn warnings(sanction: &Sanction, covered: &[&Finding]) -> Vec<String> {
    let mut warnings = Vec::new();
    let of =
        |holds: &dyn Fn(&Finding) -> bool| covered.iter().filter(|finding| holds(finding)).count();
    let high = of(&|finding| finding.severity >= Severity::High);
    if high > 0 {
        let are = if high == 1 { "is" } else { "are" };
        let many = number(high, "finding");
        warnings.push(format!("it covers {many} that {are} high or critical"));
    }
    let accused = of(&|finding| has_contribution(finding, "indicator"));
    if accused > 0 {
        warnings.push(format!(
            "an indicator accuses what {} is about; it outweighs the entry",
            number(accused, "finding")
        ));
    }
    warnings.extend(accounts(sanction, covered));
    warnings.extend(programs(sanction, covered));
    let rare = of(&|finding| has_signal(finding, "names.rare_tenant"));
    if rare > 0 {
        warnings.push(format!(
            "in {} hardly any other host knows the tenant, as with an implant's; know its owner first",
            number(rare, "finding")
        ));
    }
    let scripts = of(&|finding| has_signal(finding, "endpoint.script_host"));
    if scripts > 0 && sanction.host.is_none() {
        warnings.push("its program runs whatever it is given; name the host as well".to_owned());
    }
    let writable = of(&|finding| has_signal(finding, "endpoint.user_writable"));
    if writable > 0 {
        let many = number(writable, "finding");
        warnings.push(format!("in {many} the program lies where anybody may write"));
    }
    let uploads = of(&|finding| {
        let is_it = |question: &coldtrail_model::Question| {
            question.id == "data-flows" && question.answer == Answer::Yes
        };
        finding.questions.iter().any(is_it)
    });
    if uploads > 0 {
        let many = number(uploads, "finding");
        warnings.push(format!("in {many} far more data leaves than comes back"));
    }
    warnings
}

/// A pattern over several tenants, and whether they are even one account's.
fn accounts(sanction: &Sanction, covered: &[&Finding]) -> Option<String> {
    if !sanction.endpoint().starts_with("*.") {
        return None;
    }
    let owner = |finding: &&Finding| {
        let endpoint = &finding.endpoint;
        endpoint.group.clone().or(endpoint.tenant.clone()).unwrap_or(endpoint.host.clone())
    };
    let owners: BTreeSet<String> = covered.iter().map(owner).collect();
    (owners.len() > 1).then(|| {
        format!("the `*` spans {} accounts or tenants: {}", owners.len(), some(owners.iter()))
    })
}

fn programs(sanction: &Sanction, covered: &[&Finding]) -> Option<String> {
    if sanction.process.is_some() || covered.is_empty() {
        return None;
    }
    let programs: BTreeSet<&str> =
        covered.iter().filter_map(|finding| finding.actor.process.as_deref()).collect();
    match programs.len() {
        0 => Some("no log shows which program it is; any program would be covered".to_owned()),
        1 => None,
        many => Some(format!(
            "it covers {many} programs, and any other: {}; name one a line",
            some(programs.iter())
        )),
    }
}

/// The first names of a list, and how many there are besides.
fn some(names: impl ExactSizeIterator<Item = impl AsRef<str>>) -> String {
    let more = names.len().saturating_sub(MOST_NAMES);
    let mut shown = String::new();
    for name in names.take(MOST_NAMES) {
        if !shown.is_empty() {
            shown.push_str(", ");
        }
        shown.push_str(name.as_ref());
    }
    if more > 0 {
        shown.push_str(&format!(" and {more} more"));
    }
    shown
}

fn number(count: usize, thing: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {thing}{ending}")
}
