//! The first findings explained: who, what, when, what the detections said, why the score is what
//! it is, what the data answers, what to do next, and on which records all of it rests.

use std::collections::BTreeSet;

use coldtrail_model::{
    Actor, Answer, Axis, Baseline, Confidence, Contribution, Decision, Finding, HostProfile, Kind,
    Question, RecordReference, Scores, Signal, Table,
};

use super::measures::{count, duration, exact_span, period, second, share};
use super::page::Page;
use super::span::Line;
use super::{TextOptions, endpoint, findings, rhythm};

/// More records of one finding than this are only counted.
const MOST_RECORDS: usize = 8;

/// More related hosts than this are only counted.
const MOST_RELATED_HOSTS: usize = 8;

/// The letters of a hash that are shown; the JSON has all of them.
const SHORT_HASH: usize = 12;

/// Contributions' names wider than this have a line of their own.
const WIDEST_NAME: usize = 24;

/// Where the text beside an answer starts, right of the label.
const ANSWER_WIDTH: usize = 9;

/// Explains the first findings, and says how to see the others.
pub(crate) fn explain(
    findings: &[Finding],
    baseline: &Baseline,
    options: &TextOptions,
    page: &mut Page,
) {
    let top = options.top;
    for (index, finding) in findings.iter().take(top).enumerate() {
        heading(index, findings.len(), finding, page);
        who(finding, page);
        if let Some(profile) = baseline.hosts.get(&finding.actor.host) {
            usual(profile, page);
        }
        contacted(finding, page);
        when(finding, page);
        if options.rhythms {
            rhythm::rhythm(finding, page);
        }
        signals(finding, page);
        score(finding, page);
        questions(&finding.questions, page);
        next(finding, page);
        records(finding, page);
    }
    let more = findings.len().saturating_sub(top);
    if more > 0 && top > 0 {
        page.blank();
        page.paragraph(Line::new().secondary(format!(
            "{} not explained here; --top {} explains all, and --format json has everything.",
            if more == 1 {
                "1 more finding is".to_owned()
            } else {
                format!("{more} more findings are")
            },
            findings.len()
        )));
    }
}

fn heading(index: usize, all: usize, finding: &Finding, page: &mut Page) {
    let severity = finding.severity.name().to_uppercase();
    let confidence = match finding.confidence {
        Confidence::Low => "confidence low",
        Confidence::Medium => "confidence medium",
        Confidence::High => "confidence high",
    };
    let left = Line::new()
        .secondary(format!("{} of {all} · ", index + 1))
        .severity(finding.severity, format!("{severity} {}", finding.score))
        .secondary(format!(" · {confidence}"));
    page.rule(left, &finding.id);
    page.paragraph(Line::new().title(&finding.title));
    page.blank();
}

fn who(finding: &Finding, page: &mut Page) {
    let actor = &finding.actor;
    if is_of_cloud(finding) {
        page.labelled("who", principal(actor));
        return;
    }
    let process = actor.process.as_deref().unwrap_or("an unknown process");
    let mut who = Line::new().plain(process);
    if let Some(parent) = &actor.parent_process {
        who = who.plain(", started by ").plain(parent).plain(",");
    }
    who = who.plain(" on ").plain(&actor.host);
    if let Some(address) = actor.ip.as_ref().filter(|address| **address != actor.host) {
        who = who.plain(format!(" ({address})"));
    }
    if let Some(user) = &actor.user {
        who = who.plain(", as ").plain(user);
    }
    page.labelled("who", who);
}

/// Whether it is about what somebody did to a function, and not about traffic.
fn is_of_cloud(finding: &Finding) -> bool {
    let is_cloud = |channel: &String| channel == Table::Cloud.name();
    finding.signals.iter().any(|signal| signal.conversation.channels.iter().any(is_cloud))
}

/// Who acted on a control plane.
fn principal(actor: &Actor) -> Line {
    let name = actor.user.as_deref().unwrap_or(&actor.host);
    let mut who = Line::new().plain(name);
    if name != actor.host {
        who = who.plain(format!(" ({})", actor.host));
    }
    match &actor.ip {
        Some(address) if *address != actor.host => who.plain(" from ").plain(address),
        _ => who,
    }
}

/// What the host does otherwise, so that a reader sees at once what is out of the ordinary.
fn usual(profile: &HostProfile, page: &mut Page) {
    let HostProfile { since, days, hours, events_a_day, sent_bytes_a_day } = profile;
    let hours = if hours.is_empty() { "no hour".to_owned() } else { hours_of_day(hours) };
    let usual = format!(
        "active in {hours} UTC; {} and {} sent a day, over {} since {}",
        count(events_a_day, "event"),
        count(sent_bytes_a_day, "byte"),
        count(days, "day"),
        second(*since),
    );
    page.labelled("usually", Line::new().secondary(usual));
}

/// Hours of the day as spans: `08–12, 14–18`, each to the beginning of the hour behind it.
fn hours_of_day(hours: &[u8]) -> String {
    let mut spans: Vec<(u8, u8)> = Vec::new();
    for hour in hours {
        match spans.last_mut() {
            Some((_, end)) if end == hour => *end += 1,
            _ => spans.push((*hour, hour + 1)),
        }
    }
    let spans = spans.iter().map(|(from, until)| format!("{from:02}–{until:02}"));
    spans.collect::<Vec<_>>().join(", ")
}

fn contacted(finding: &Finding, page: &mut Page) {
    let endpoint = &finding.endpoint;
    let label = if is_of_cloud(finding) { "function" } else { "contacted" };
    if endpoint.kind == Kind::Other {
        // Rules are about anything: there may be nobody at the other end, or nobody whom the catalogue knows.
        if !endpoint.host.is_empty() {
            page.labelled(label, Line::new().plain(endpoint::name(endpoint)));
        }
        return;
    }
    page.labelled(label, Line::new().plain(endpoint::name(endpoint)));
    let identity = endpoint::identity(endpoint);
    let separator = if identity.is_empty() { "" } else { ": " };
    let platform = format!("{}{separator}{identity}", endpoint::platform(endpoint));
    page.labelled("", Line::new().plain(platform));
    if !is_of_cloud(finding) {
        page.labelled("", Line::new().secondary(endpoint::evidence(endpoint)));
    }
    if !endpoint.related_hosts.is_empty() {
        let related = some_of(&endpoint.related_hosts, MOST_RELATED_HOSTS);
        page.labelled("", Line::new().secondary("also seen: ").plain(related));
    }
}

/// The first of a list, and how many there are besides.
fn some_of(list: &[String], most: usize) -> String {
    let shown = list.iter().take(most).map(String::as_str).collect::<Vec<_>>().join(", ");
    match list.len().saturating_sub(most) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

fn when(finding: &Finding, page: &mut Page) {
    let (first, last) = (finding.first_seen, finding.last_seen);
    let mut when = format!("{} UTC", exact_span(first, last));
    if first < last {
        when.push_str(&format!(" ({})", duration(first, last)));
    }
    page.labelled("when", Line::new().plain(format!("{when}, {}", count(finding.events, "event"))));
    if let Some(rhythm) = findings::rhythm(finding) {
        let polls = count(rhythm.polls, "poll");
        page.labelled(
            "rhythm",
            Line::new().plain(format!(
                "every {}, {} regular, {polls}, {} of those expected are missing",
                period(rhythm.period_seconds),
                share(rhythm.regularity),
                share(rhythm.miss_rate),
            )),
        );
    }
}

fn signals(finding: &Finding, page: &mut Page) {
    section(page, !finding.signals.is_empty());
    for (index, signal) in finding.signals.iter().enumerate() {
        page.labelled(label(index, "signals"), Line::new().plain(&signal.summary));
        let techniques: String =
            signal.attack.iter().map(|technique| format!(" · {technique}")).collect();
        let rest = format!("{} · strength {:.2}{techniques}", signal.detection, signal.strength);
        page.item(Line::new(), 2, Line::new().secondary(rest));
    }
}

fn score(finding: &Finding, page: &mut Page) {
    section(page, true);
    let Scores { rhythm, context } = finding.scores;
    let rhythm = rhythm.map_or("not measured".to_owned(), |rhythm| format!("{rhythm} of 100"));
    page.labelled(
        &format!("why {}", finding.score),
        Line::new().plain(format!("rhythm {rhythm}, context {context} of 100")),
    );
    let mut contributions: Vec<&Contribution> = finding.contributions.iter().collect();
    contributions.sort_by_key(|contribution| std::cmp::Reverse(contribution.points));
    let names =
        contributions.iter().map(|contribution| Line::new().plain(&contribution.name).width());
    let widest = names.filter(|width| *width <= WIDEST_NAME).max().unwrap_or(0);
    for contribution in &contributions {
        page.item(
            lead(contribution),
            POINTS_WIDTH + widest + 2,
            reason(contribution, &finding.signals),
        );
    }
    let sum: i64 = contributions.iter().map(|contribution| i64::from(contribution.points)).sum();
    if sum != i64::from(finding.score) {
        let bounded = format!("the sum, {}, is bounded to 0 – 100", signed(sum));
        page.item(Line::new(), 0, Line::new().secondary(bounded));
    }
}

/// The width of `+100  `.
const POINTS_WIDTH: usize = 6;

fn lead(contribution: &Contribution) -> Line {
    let points = format!("{:>4}  ", signed(i64::from(contribution.points)));
    Line::new().title(points).plain(&contribution.name)
}

/// Why the points were given; a signal that was told above is not told again.
fn reason(contribution: &Contribution, signals: &[Signal]) -> Line {
    let axis = match contribution.axis {
        Axis::Rhythm => "rhythm",
        Axis::Context => "context",
    };
    let reason = match signals.iter().find(|signal| signal.summary == contribution.because) {
        Some(signal) => Line::new().secondary(format!("the signal {}", signal.detection)),
        None => Line::new().plain(&contribution.because),
    };
    reason.secondary(format!(" ({axis})"))
}

/// A number with its sign, the minus as wide as the plus.
fn signed(points: i64) -> String {
    let sign = if points < 0 { "−" } else { "+" };
    format!("{sign}{}", points.unsigned_abs())
}

fn questions(questions: &[Question], page: &mut Page) {
    section(page, !questions.is_empty());
    for (index, question) in questions.iter().enumerate() {
        let answer = match question.answer {
            Answer::Yes => "yes",
            Answer::No => "no",
            Answer::NotAnswerable => "unknown",
        };
        let asked = Line::new().plain(&question.question);
        page.labelled_item(label(index, "questions"), answer, ANSWER_WIDTH, asked);
        page.item(Line::new(), ANSWER_WIDTH, Line::new().secondary(&question.because));
    }
}

fn next(finding: &Finding, page: &mut Page) {
    section(page, true);
    let decision = match finding.escalation.decision {
        Decision::Escalate => "Escalate to tier 2",
        Decision::Monitor => "Monitor",
        Decision::Close => "Close",
    };
    let because = format!(": {}", finding.escalation.because);
    page.labelled("do next", Line::new().title(decision).plain(because));
    for (index, action) in finding.actions.iter().enumerate() {
        let collateral = match action.collateral {
            Some(0) => "; touches no other host".to_owned(),
            Some(hosts) => format!("; touches {}", count(hosts, "other host")),
            None => String::new(),
        };
        let body = Line::new().plain(&action.action).secondary(collateral);
        page.item(Line::new().secondary(format!("{}.", index + 1)), 3, body);
    }
}

fn records(finding: &Finding, page: &mut Page) {
    let of_signals = finding.signals.iter().flat_map(|signal| &signal.records);
    let of_questions = finding.questions.iter().flat_map(|question| &question.records);
    let records: BTreeSet<&RecordReference> = of_signals.chain(of_questions).collect();
    section(page, !records.is_empty());
    for (index, record) in records.iter().take(MOST_RECORDS).enumerate() {
        page.labelled(label(index, "records"), place(record));
    }
    let more = records.len().saturating_sub(MOST_RECORDS);
    if more > 0 {
        page.labelled(
            "",
            Line::new().secondary(format!("… and {more} more; --format json lists all")),
        );
    }
}

fn place(record: &RecordReference) -> Line {
    let hash = match &record.sha256 {
        Some(hash) => format!("sha256 {}…", hash.chars().take(SHORT_HASH).collect::<String>()),
        None => "not hashed".to_owned(),
    };
    Line::new()
        .plain(format!("{}:{}", record.source, record.offset))
        .secondary(format!(" · {} · {hash}", count(record.length, "byte")))
}

/// A blank line before a section that has anything to say.
fn section(page: &mut Page, has_content: bool) {
    if has_content {
        page.blank();
    }
}

/// The label of a section stands beside its first entry alone.
fn label(index: usize, label: &'static str) -> &'static str {
    if index == 0 { label } else { "" }
}
