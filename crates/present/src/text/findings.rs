//! All findings, one line each.

use std::collections::BTreeMap;

use coldtrail_model::{Finding, Rhythm, Severity};

use super::endpoint;
use super::measures::{number, period, share, span};
use super::page::Page;
use super::span::{Line, Span, Style};
use super::table::{Align, Column, Table};

/// The table of findings; the number at the front names a finding further down the page.
pub(crate) fn table(findings: &[Finding], page: &mut Page) {
    if findings.is_empty() {
        return;
    }
    let mut table = Table::new([
        Column::whole("#", Align::Right, 0),
        Column::whole("SEVERITY", Align::Left, 1),
        Column::whole("SCORE", Align::Right, 2),
        Column::text("HOST", 4, 9),
        Column::text("PROCESS", 5, 14),
        Column::host("ENDPOINT", 3, 24),
        Column::text("PLATFORM", 10, 12),
        Column::whole("EVERY", Align::Right, 6),
        Column::whole("REGULAR", Align::Right, 9),
        Column::whole("EVENTS", Align::Right, 7),
        Column::whole("FIRST – LAST (UTC)", Align::Left, 8),
    ]);
    let groups = groups(findings);
    for group in groups.iter().take(MOST_ROWS) {
        table.row(row(group));
    }
    page.blank();
    page.table(&table);
    if let Some(left_out) = groups.get(MOST_ROWS..).filter(|rest| !rest.is_empty()) {
        let count: usize = left_out.iter().map(|group| group.others.len() + 1).sum();
        let more =
            format!("… and {} more, less urgent; --format json lists all", number(count as u64));
        page.paragraph(Line::new().secondary(more));
    }
}

/// A longer table is not read; what is cut off is the least urgent.
const MOST_ROWS: usize = 40;

/// As few findings as this are told one by one.
const FEW_HOSTS: usize = 3;

/// Findings that one line tells: one finding, or the low ones about one process and one tenant on
/// many hosts, which is one story.
struct Group<'f> {
    index: usize,
    first: &'f Finding,
    others: Vec<&'f Finding>,
}

fn groups(findings: &[Finding]) -> Vec<Group<'_>> {
    let low = || findings.iter().filter(|finding| finding.severity == Severity::Low);
    let mut hosts: BTreeMap<Story<'_>, usize> = BTreeMap::new();
    for finding in low() {
        *hosts.entry(story(finding)).or_default() += 1;
    }
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut places: BTreeMap<Story<'_>, usize> = BTreeMap::new();
    for (index, finding) in findings.iter().enumerate() {
        let story = story(finding);
        let is_many = finding.severity == Severity::Low
            && hosts.get(&story).is_some_and(|hosts| *hosts > FEW_HOSTS);
        let place = *places.entry(story).or_insert(groups.len());
        match groups.get_mut(place) {
            Some(group) if is_many && group.first.severity == Severity::Low => {
                group.others.push(finding);
            }
            _ => {
                if is_many {
                    places.insert(story, groups.len());
                }
                groups.push(Group { index, first: finding, others: Vec::new() });
            }
        }
    }
    groups
}

type Story<'f> = (Option<&'f str>, &'f str, &'f str, &'f str);

fn story(finding: &Finding) -> Story<'_> {
    let Finding { actor, endpoint, .. } = finding;
    let tenant = endpoint.tenant.as_deref().unwrap_or(&endpoint.host);
    (actor.process.as_deref(), &endpoint.provider, &endpoint.product, tenant)
}

fn row(Group { index, first: finding, others }: &Group<'_>) -> [Span; 11] {
    let rhythm = rhythm(finding);
    let style = Style::Severity(finding.severity);
    let all = || others.iter().copied().chain([*finding]);
    let host = match others.len() {
        0 => short(&finding.actor.host).to_owned(),
        others => format!("{} hosts", number(others as u64 + 1)),
    };
    let first_seen = all().map(|one| one.first_seen).fold(finding.first_seen, Ord::min);
    let last_seen = all().map(|one| one.last_seen).fold(finding.last_seen, Ord::max);
    [
        Span::secondary((index + 1).to_string()),
        Span::new(style, finding.severity.name()),
        Span::new(style, finding.score.to_string()),
        Span::plain(host),
        Span::plain(finding.actor.process.as_deref().unwrap_or_default()),
        Span::plain(endpoint::name(&finding.endpoint)),
        Span::plain(&finding.endpoint.product),
        Span::plain(rhythm.map(|rhythm| period(rhythm.period_seconds)).unwrap_or_default()),
        Span::plain(rhythm.map(|rhythm| share(rhythm.regularity)).unwrap_or_default()),
        Span::plain(number(all().map(|one| one.events).sum::<u64>())),
        Span::plain(span(first_seen, last_seen)),
    ]
}

/// The name of a principal, of which an ARN is the path; the explanation has it whole.
fn short(host: &str) -> &str {
    if host.starts_with("arn:") { host.rsplit('/').next().unwrap_or(host) } else { host }
}

/// The strongest rhythm that a signal of the finding measured; the first of equals.
pub(crate) fn rhythm(finding: &Finding) -> Option<&Rhythm> {
    let rhythms = finding.signals.iter().filter_map(|signal| signal.rhythm.as_ref());
    rhythms.reduce(|best, next| if next.strength > best.strength { next } else { best })
}
