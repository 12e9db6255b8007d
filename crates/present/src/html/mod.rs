//! What rules matched as one page for a browser.
//!
//! The page holds all that it shows: no script, no picture or style from elsewhere, and a policy that
//! forbids them, should markup of an attacker's ever get in. Links lead to https addresses only, and do
//! not say where they were followed from.

mod markup;
mod plot;
mod tables;
mod timeline;

use std::borrow::Borrow;
use std::io::{self, Write};

use coldtrail_model::{Report, RuleMatch, RuleSummary};

use crate::Error;
use crate::sums;
use crate::text::measures::{count, exact_share, number, second};
use markup::Markup;

const HEAD: &str = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
    <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
    style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n\
    <meta name=\"referrer\" content=\"no-referrer\">\n\
    <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
    <title>Coldtrail: matches of Sigma rules</title>\n<style>\n";

/// Writes a page: the summary, and the first lines of a timeline, which is not read further than that.
///
/// # Errors
///
/// When the writer fails.
pub fn html<I>(
    summary: &RuleSummary,
    report: &Report,
    matches: I,
    writer: &mut dyn Write,
) -> Result<(), Error>
where
    I: IntoIterator<Item: Borrow<RuleMatch>>,
{
    page(summary, report, matches, writer).map_err(Error::WriteHtml)
}

fn page<I>(
    summary: &RuleSummary,
    report: &Report,
    matches: I,
    writer: &mut dyn Write,
) -> io::Result<()>
where
    I: IntoIterator<Item: Borrow<RuleMatch>>,
{
    let mut markup = Markup::default();
    markup.raw(HEAD).raw(include_str!("style.css")).raw("</style>\n</head>\n<body>\n");
    header(report, &mut markup);
    navigation(summary, report, &mut markup);
    tiles(summary, &mut markup);
    plot::plot(summary, &mut markup);
    tables::findings(&report.findings, &mut markup);
    tables::rules(summary, &mut markup);
    tables::hosts(summary, &mut markup);
    tables::days(summary, &mut markup);
    tables::techniques(summary, &mut markup);
    tables::noise(summary, &mut markup);
    markup.flush(writer)?;
    timeline::timeline(summary, matches, writer)?;
    footer(summary, report, &mut markup);
    markup.raw("</body>\n</html>\n").flush(writer)
}

fn header(report: &Report, markup: &mut Markup) {
    let records = report.seen.iter().fold(0_u64, |sum, seen| sum.saturating_add(seen.records));
    let mut facts = vec![format!("Generated {} UTC", second(report.generated))];
    if !report.seen.is_empty() {
        facts.push(count(report.seen.len(), "file"));
        facts.push(count(records, "record"));
    }
    facts.extend(report.window.since.map(|since| format!("events since {} UTC", second(since))));
    facts.extend(report.window.until.map(|until| format!("events before {} UTC", second(until))));
    markup.raw("<header><h1>What Sigma rules matched</h1><p>").text(facts.join(" · "));
    markup.raw("</p></header>\n");
}

/// Links to the sections that there are.
fn navigation(summary: &RuleSummary, report: &Report, markup: &mut Markup) {
    if summary.rules.is_empty() {
        return;
    }
    markup.raw("<nav>");
    let sections = [
        (!summary.spans.is_empty(), "<a href=\"#time\">When</a>"),
        (!report.findings.is_empty(), "<a href=\"#findings\">Findings</a>"),
        (true, "<a href=\"#rules\">Rules</a>"),
        (!summary.hosts.is_empty(), "<a href=\"#hosts\">Hosts</a>"),
        (!summary.days.is_empty(), "<a href=\"#days\">Days</a>"),
        (!sums::techniques(summary).is_empty(), "<a href=\"#techniques\">ATT&amp;CK</a>"),
        (!sums::noisy(summary).is_empty(), "<a href=\"#noise\">Noise</a>"),
        (true, "<a href=\"#timeline\">Timeline</a>"),
        (true, "<a href=\"#credits\">Credits</a>"),
    ];
    for (_, link) in sections.into_iter().filter(|(is_there, _)| *is_there) {
        markup.raw(link);
    }
    markup.raw("</nav>\n");
}

fn tiles(summary: &RuleSummary, markup: &mut Markup) {
    markup.raw("<ul class=\"tiles\">");
    tile(
        number(sums::matches(summary)),
        format!("matches of {}", count(summary.rules.len(), "rule")),
        markup,
    );
    for sum in sums::by_level(summary) {
        let rules = format!("{}: {}", sum.level.name(), count(sum.rules, "rule"));
        markup.raw("<li class=\"").raw(sum.level.name()).raw("\"><b>").text(number(sum.matches));
        markup.element("</b><span>", rules, "</span></li>");
    }
    let shown = format!("of {} matched", count(summary.events, "event"));
    tile(number(summary.matched_events), shown, markup);
    if let Some(reduction) = sums::reduction(summary) {
        tile(exact_share(reduction), "data reduction".to_owned(), markup);
    }
    let mut fed = format!("of {} fed by these logs", count(summary.loaded, "rule"));
    if summary.broken > 0 {
        fed.push_str(&format!(", {} not loaded", number(summary.broken)));
    }
    tile(number(summary.fed), fed, markup);
    markup.raw("</ul>\n");
}

fn tile(figure: String, meaning: String, markup: &mut Markup) {
    markup.element("<li><b>", figure, "</b>").element("<span>", meaning, "</span></li>");
}

fn footer(summary: &RuleSummary, report: &Report, markup: &mut Markup) {
    markup.raw("<footer id=\"credits\">");
    for credit in sums::credits(summary) {
        let authors = credit.authors.into_iter().collect::<Vec<_>>().join(", ");
        markup.element("<p>Rules (", credit.license, ") by ").element("", authors, ".</p>");
    }
    if !report.faults.is_empty() || !report.not_run.is_empty() {
        let faults = count(report.faults.len(), "fault");
        let not_run = count(report.not_run.len(), "detection");
        let lacks = format!(
            "{faults} of the input, and {not_run} not run, or not on everything: see the report \
             as text or JSON."
        );
        markup.element("<p>", lacks, "</p>");
    }
    markup.element("<p>Coldtrail ", env!("CARGO_PKG_VERSION"), "</p></footer>\n");
}
