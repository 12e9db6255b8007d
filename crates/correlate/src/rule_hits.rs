//! What somebody's rules say.
//!
//! A hit that names a serverless endpoint is a signal like those of our own detections, and raises a finding to
//! the severity that the rule's author gives it. One that names none has nothing that our score could judge: it
//! is told as it is, a finding for each rule, host and process.

use coldtrail_model::{
    Action, Axis, Confidence, Contribution, Decision, Escalation, Finding, RuleSource, Scores,
    Severity, Signal,
};

/// The greatest severity that a rule's author gives; low where none does.
pub(crate) fn severity(signals: &[&Signal]) -> Severity {
    let told = signals.iter().filter_map(|signal| signal.rule.as_ref()?.severity);
    told.max().unwrap_or(Severity::Low)
}

/// A finding of hits that name no serverless endpoint.
pub(crate) fn finding(id: String, signals: &[&Signal]) -> Option<Finding> {
    let first = signals.first()?;
    let rule = signals.iter().find_map(|signal| signal.rule.as_ref())?;
    let conversation = &first.conversation;
    let severity = severity(signals);
    let points = points(severity);
    let who = match &conversation.actor.process {
        Some(process) => format!("{process} on {}", conversation.actor.host),
        None => conversation.actor.host.clone(),
    };
    Some(Finding {
        id,
        title: format!("{} ({who})", rule.name),
        score: points,
        severity,
        // Nobody but the rule's author has judged it.
        confidence: Confidence::Low,
        endpoint: conversation.endpoint.clone(),
        actor: conversation.actor.clone(),
        first_seen: signals.iter().map(|signal| signal.conversation.first_seen).min()?,
        last_seen: signals.iter().map(|signal| signal.conversation.last_seen).max()?,
        events: signals.iter().map(|signal| signal.conversation.events).max()?,
        scores: Scores { rhythm: None, context: points },
        contributions: vec![Contribution {
            name: first.detection.clone(),
            axis: Axis::Context,
            points: i16::from(points),
            because: because(rule),
        }],
        signals: signals.iter().map(|signal| (*signal).clone()).collect(),
        questions: Vec::new(),
        escalation: escalation(severity),
        actions: vec![Action { action: look(first, rule), collateral: None }],
    })
}

/// How to see what the rule saw: a query is run again, a match is explained.
fn look(signal: &Signal, rule: &RuleSource) -> String {
    let Some(record) = signal.records.first() else {
        return format!("look at the rows: coldtrail query --file '{}'", rule.file);
    };
    let id = signal.detection.strip_prefix("rule:").unwrap_or(&signal.detection);
    // The rules that come with Coldtrail lie in no folder of the user's.
    let (file, id) = match rule.file.split_once('/') {
        Some(("builtin", _)) => ("builtin", format!(" --id '{id}'")),
        _ => (rule.file.as_str(), String::new()),
    };
    let place = format!("{}@{}", record.source, record.offset);
    format!("see why: coldtrail rules explain '{file}' '{place}'{id}")
}

fn because(rule: &RuleSource) -> String {
    let author = match rule.author.as_str() {
        "" => "its author".to_owned(),
        author => author.to_owned(),
    };
    let because = match rule.severity {
        Some(severity) => format!("{author} calls it {}", severity.name()),
        None => format!("{author} does not say how grave it is"),
    };
    match rule.license.as_str() {
        "" => because,
        license => format!("{because}; the rule is under {license}"),
    }
}

/// Points that stand in the score for a severity that somebody else gave.
fn points(severity: Severity) -> u8 {
    match severity {
        Severity::Low => 20,
        Severity::Medium => 45,
        Severity::High => 70,
        Severity::Critical => 90,
    }
}

fn escalation(severity: Severity) -> Escalation {
    let decision = if severity >= Severity::High { Decision::Escalate } else { Decision::Monitor };
    Escalation { decision, because: "it is the severity that the rule's author gives".to_owned() }
}
