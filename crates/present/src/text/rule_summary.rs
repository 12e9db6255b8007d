//! What rules said about logs, for a person at a terminal.
//!
//! It reads as the report does, from the outside in: how much there is, when it was, which rules, which
//! hosts, which days, what to leave out next time, and whose rules they are.

use std::io::Write;

use coldtrail_model::{RuleCount, RuleSummary};

use super::frequency::frequency;
use super::measures::{count, exact_share, minute, number};
use super::page::Page;
use super::span::{Line, Span, Style};
use super::table::{Align, Column, Table};
use crate::Error;
use crate::level::Level;
use crate::sums;

/// A longer table is not read.
pub(crate) const MOST_ROWS: usize = 20;

/// As many of the busiest days are shown.
const MOST_DAYS: usize = 5;

/// As many techniques, and as many noisy rules, are named.
const MOST_NAMES: usize = 40;

/// Licences demand that authors are named, so these are many; the bound is for hostile files.
const MOST_AUTHORS: usize = 1_000;

/// Settings of [`rule_summary`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleSummaryOptions {
    /// The columns of the terminal; no line is longer. Fewer than 40 count as 40.
    pub width: usize,
    /// Whether to write ANSI colours.
    pub colour: bool,
    /// How many rules and how many hosts are listed.
    pub top: usize,
}

impl Default for RuleSummaryOptions {
    /// A plain page of 100 columns with 20 rules and 20 hosts.
    fn default() -> RuleSummaryOptions {
        RuleSummaryOptions { width: 100, colour: false, top: MOST_ROWS }
    }
}

/// Writes what rules matched for a person.
///
/// # Errors
///
/// When the writer fails.
pub fn rule_summary(
    summary: &RuleSummary,
    options: &RuleSummaryOptions,
    writer: &mut dyn Write,
) -> Result<(), Error> {
    let mut page = Page::new(options.width);
    content(summary, options.top, &mut page);
    page.print(options.colour, writer).map_err(Error::WriteText)
}

/// The same as a section of a report.
pub(super) fn section(summary: &RuleSummary, top: usize, page: &mut Page) {
    page.rule(Line::new().title("Sigma rules"), "");
    content(summary, top, page);
}

fn content(summary: &RuleSummary, top: usize, page: &mut Page) {
    headline(summary, page);
    if summary.rules.is_empty() {
        return;
    }
    levels(summary, page);
    frequency(summary, page);
    rules(summary, top, page);
    hosts(summary, top, page);
    days(summary, page);
    techniques(summary, page);
    noise(summary, page);
    credits(summary, page);
}

/// How a level looks.
pub(super) fn style(level: Level) -> Style {
    level.severity().map_or(Style::Secondary, Style::Severity)
}

/// `1,204 matches of 37 rules · 3,398 rules loaded, 2,011 fed by these logs, 383 not loaded · …`.
fn headline(summary: &RuleSummary, page: &mut Page) {
    let matched = match summary.rules.len() {
        0 => Line::new().title("No rule matched"),
        rules => {
            let matches = sums::matches(summary);
            let ending = if matches == 1 { "match" } else { "matches" };
            let rules = format!(" of {}", count(rules, "rule"));
            Line::new().title(format!("{} {ending}", number(matches))).plain(rules)
        }
    };
    let mut loaded = format!(
        "{} loaded, {} fed by these logs",
        count(summary.loaded, "rule"),
        number(summary.fed)
    );
    if summary.broken > 0 {
        loaded.push_str(&format!(", {} not loaded", number(summary.broken)));
    }
    let mut events = format!(
        "{} shown to rules, {} matched",
        count(summary.events, "event"),
        number(summary.matched_events)
    );
    if let Some(reduction) = sums::reduction(summary) {
        events.push_str(&format!(" (data reduction {})", exact_share(reduction)));
    }
    page.phrases(vec![matched, Line::new().plain(loaded), Line::new().plain(events)]);
    if summary.rules.is_empty() {
        page.blank();
        page.paragraph(Line::new().plain(if summary.fed == 0 { NOT_FED } else { NO_MATCH }));
    }
}

const NO_MATCH: &str = "No match does not mean no attack: it means that no rule at hand describes \
     anything in these logs.";

const NOT_FED: &str = "No rule at hand reads logs of this kind, so nothing can be said: neither that \
     there was an attack nor that there was none.";

fn levels(summary: &RuleSummary, page: &mut Page) {
    let mut table = Table::new([
        Column::whole("LEVEL", Align::Left, 0),
        Column::whole("MATCHES", Align::Right, 1),
        Column::whole("RULES", Align::Right, 2),
    ]);
    for sum in sums::by_level(summary) {
        table.row([
            Span::new(style(sum.level), sum.level.name()),
            Span::plain(number(sum.matches)),
            Span::plain(number(sum.rules)),
        ]);
    }
    page.blank();
    page.table(&table);
}

fn rules(summary: &RuleSummary, top: usize, page: &mut Page) {
    let mut table = Table::new([
        Column::text("LEVEL", 1, 8),
        Column::text("RULE", 2, 34),
        Column::whole("MATCHES", Align::Right, 0),
        Column::whole("HOSTS", Align::Right, 3),
        Column::whole("FIRST (UTC)", Align::Left, 4),
        Column::whole("LAST (UTC)", Align::Left, 5),
        // Authors are named below, too, where there is always room.
        Column::text("AUTHOR", 6, 12),
    ]);
    for rule in summary.rules.iter().take(top) {
        table.row([
            Span::new(style(Level::of(&rule.level)), level_word(rule)),
            Span::plain(title(rule)),
            Span::plain(number(rule.matches)),
            Span::plain(number(rule.hosts)),
            Span::secondary(minute(rule.first)),
            Span::secondary(minute(rule.last)),
            Span::secondary(&rule.rule.author),
        ]);
    }
    page.blank();
    page.table(&table);
    more(summary.rules.len(), top, "rule", page);
}

/// The level as the rule gives it.
fn level_word(rule: &RuleCount) -> &str {
    if rule.level.is_empty() { "no level" } else { &rule.level }
}

/// What a person knows a rule by.
fn title(rule: &RuleCount) -> &str {
    if rule.rule.name.is_empty() { &rule.id } else { &rule.rule.name }
}

fn hosts(summary: &RuleSummary, top: usize, page: &mut Page) {
    let rows = summary.hosts.iter().take(top);
    let rows = rows.map(|host| (host.host.as_str(), Some(host.rules), &host.matches));
    counts("HOST", rows, page);
    more(summary.hosts.len(), top, "host", page);
}

fn days(summary: &RuleSummary, page: &mut Page) {
    let days = sums::busiest_days(summary);
    let dates: Vec<String> = days.iter().map(|day| day.day.date()).collect();
    let rows = dates.iter().zip(&days).take(MOST_DAYS);
    counts("BUSIEST DAYS", rows.map(|(date, day)| (date.as_str(), None, &day.matches)), page);
    more(days.len(), MOST_DAYS, "day", page);
}

/// A table of matches by level. No matches are an empty cell, so that the others stand out.
fn counts<'r>(
    heading: &'static str,
    rows: impl Iterator<Item = (&'r str, Option<u64>, &'r [u64; 5])>,
    page: &mut Page,
) {
    let mut table = Table::new([
        Column::host(heading, 0, 12),
        Column::whole("MATCHES", Align::Right, 1),
        Column::whole("RULES", Align::Right, 7),
        Column::whole("CRITICAL", Align::Right, 2),
        Column::whole("HIGH", Align::Right, 3),
        Column::whole("MEDIUM", Align::Right, 4),
        Column::whole("LOW", Align::Right, 5),
        Column::whole("INFORMATIONAL", Align::Right, 6),
    ]);
    let mut has_rows = false;
    for (name, rules, matches) in rows {
        let name = if name.is_empty() { "no name" } else { name };
        let counts = Level::ALL.map(|level| match level.count(matches) {
            0 => Span::plain(""),
            count => Span::new(style(level), number(count)),
        });
        let sums = [
            Span::plain(name),
            Span::plain(number(sums::total(matches))),
            Span::plain(rules.map(number).unwrap_or_default()),
        ];
        table.row(sums.into_iter().chain(counts));
        has_rows = true;
    }
    if has_rows {
        page.blank();
        page.table(&table);
    }
}

fn more(all: usize, shown: usize, thing: &str, page: &mut Page) {
    let Some(rest) = all.checked_sub(shown).filter(|rest| *rest > 0) else { return };
    let ending = if rest == 1 { "" } else { "s" };
    page.paragraph(Line::new().secondary(format!("… and {} more {thing}{ending}", number(rest))));
}

fn techniques(summary: &RuleSummary, page: &mut Page) {
    let techniques = sums::techniques(summary);
    if techniques.is_empty() {
        return;
    }
    let named = techniques.iter().take(MOST_NAMES).map(|(technique, matches)| {
        Line::new().plain(*technique).blanks(1).secondary(number(matches))
    });
    let mut phrases: Vec<Line> = named.collect();
    if let Some(rest) = techniques.len().checked_sub(MOST_NAMES).filter(|rest| *rest > 0) {
        phrases.push(Line::new().secondary(format!("and {} more", number(rest))));
    }
    page.rule(Line::new().title("ATT&CK techniques"), "matches");
    page.phrases(phrases);
}

/// Identifiers stand alone at the margin, ready to be copied into a file.
fn noise(summary: &RuleSummary, page: &mut Page) {
    let noisy = sums::noisy(summary);
    if noisy.is_empty() {
        return;
    }
    page.rule(Line::new().title("Noise"), "");
    let (rules, these) = match noisy.len() {
        1 => ("1 rule matches so much that it tells".to_owned(), "it"),
        all => (format!("{} rules match so much that they tell", number(all)), "them"),
    };
    page.paragraph(Line::new().plain(format!(
        "{rules} little. To leave {these} out, put these lines into a file, and name it: \
         --exclude-rules FILE"
    )));
    page.blank();
    for rule in noisy.iter().take(MOST_NAMES) {
        page.line(Line::new().plain(&rule.id));
    }
    more(noisy.len(), MOST_NAMES, "rule", page);
    page.blank();
    for rule in noisy.iter().take(MOST_NAMES) {
        let matches = format!("  {} matches  ", number(rule.matches));
        page.hang(Line::new().secondary(matches), 4, Line::new().plain(title(rule)));
    }
}

fn credits(summary: &RuleSummary, page: &mut Page) {
    page.rule(Line::new().title("Rules by"), "");
    for credit in sums::credits(summary) {
        let authors = &credit.authors;
        let mut names: Vec<&str> = authors.iter().take(MOST_AUTHORS).map(String::as_str).collect();
        let rest = format!("and {} more", number(authors.len().saturating_sub(MOST_AUTHORS)));
        if authors.len() > MOST_AUTHORS {
            names.push(&rest);
        }
        let license = Line::new().secondary(credit.license).secondary(": ");
        page.hang(Line::new(), 2, license.plain(names.join(", ")));
    }
}
