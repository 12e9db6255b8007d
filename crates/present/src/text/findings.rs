//! All findings, one line each.

use coldtrail_model::{Finding, Rhythm};

use super::endpoint;
use super::headline::name;
use super::measures::{number, period, share, span};
use super::page::Page;
use super::span::{Span, Style};
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
    for (index, finding) in findings.iter().enumerate() {
        table.row(row(index, finding));
    }
    page.blank();
    page.table(&table);
}

fn row(index: usize, finding: &Finding) -> [Span; 11] {
    let rhythm = rhythm(finding);
    let style = Style::Severity(finding.severity);
    [
        Span::secondary((index + 1).to_string()),
        Span::new(style, name(finding.severity)),
        Span::new(style, finding.score.to_string()),
        Span::plain(&finding.actor.host),
        Span::plain(finding.actor.process.as_deref().unwrap_or_default()),
        Span::plain(endpoint::name(&finding.endpoint)),
        Span::plain(&finding.endpoint.product),
        Span::plain(rhythm.map(|rhythm| period(rhythm.period_seconds)).unwrap_or_default()),
        Span::plain(rhythm.map(|rhythm| share(rhythm.regularity)).unwrap_or_default()),
        Span::plain(number(finding.events)),
        Span::plain(span(finding.first_seen, finding.last_seen)),
    ]
}

/// The strongest rhythm that a signal of the finding measured; the first of equals.
pub(crate) fn rhythm(finding: &Finding) -> Option<&Rhythm> {
    let rhythms = finding.signals.iter().filter_map(|signal| signal.rhythm.as_ref());
    rhythms.reduce(|best, next| if next.strength > best.strength { next } else { best })
}
