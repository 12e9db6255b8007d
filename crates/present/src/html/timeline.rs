//! The first lines of the timeline, each with what its rule's author would look at.

use std::borrow::Borrow;
use std::io::{self, Write};

use coldtrail_model::{RuleCount, RuleMatch, RuleSummary};

use super::markup::Markup;
use super::tables::badge;
use crate::level::Level;
use crate::redact::redact_field;
use crate::sums;
use crate::text::measures::{number, second};
use crate::timeline::{Rules, title};

/// A browser still scrolls through so many lines with ease.
const MOST_LINES: usize = 3_000;

/// A line shows as many details.
const MOST_DETAILS: usize = 24;

/// Values are cut to so many characters; the record has them whole.
const LONGEST_VALUE: usize = 1_000;

/// Writes the lines one by one, so that the page is never held whole.
pub(super) fn timeline<I>(
    summary: &RuleSummary,
    matches: I,
    writer: &mut dyn Write,
) -> io::Result<()>
where
    I: IntoIterator<Item: Borrow<RuleMatch>>,
{
    if summary.rules.is_empty() {
        return Ok(());
    }
    let rules = Rules::of(summary);
    let mut markup = Markup::default();
    markup.raw("<section id=\"timeline\"><h2>Timeline</h2>");
    switches(summary, &mut markup);
    markup.raw("<table><thead><tr><th>Time (UTC)</th><th>Level</th><th>Rule</th><th>Host</th>");
    markup.raw("<th>Event</th><th>Details</th></tr></thead><tbody>\n");
    let mut shown = 0_u64;
    for one in matches.into_iter().take(MOST_LINES) {
        let one = one.borrow();
        line(one, rules.get(&one.rule), &mut markup);
        markup.flush(writer)?;
        shown += 1;
    }
    markup.raw("</tbody></table>");
    let all = sums::matches(summary);
    if let Some(rest) = all.checked_sub(shown).filter(|rest| *rest > 0) {
        markup.element("<p class=\"quiet\">The first ", number(shown), " lines. ");
        let rest = format!("{} of {} are left out", number(rest), number(all));
        markup.element("", rest, " here; a timeline as CSV or JSON Lines has them all.</p>");
    }
    markup.raw("</section>\n").flush(writer)
}

/// Levels that can be hidden. Styles alone do it, so that the page needs no script.
fn switches(summary: &RuleSummary, markup: &mut Markup) {
    let levels = sums::by_level(summary);
    if levels.len() < 2 {
        return;
    }
    markup.raw("<fieldset>");
    for sum in levels {
        let name = sum.level.name();
        markup.raw("<label><input type=\"checkbox\" checked id=\"show-").raw(name).raw("\"> ");
        markup.raw(name).raw("</label>");
    }
    markup.raw("</fieldset>");
}

fn line(one: &RuleMatch, rule: Option<&RuleCount>, markup: &mut Markup) {
    let level = Level::of(rule.map_or("", |rule| &rule.level)).name();
    markup.raw("<tr class=\"").raw(level).raw("\"><td class=\"time\">");
    markup.element("", second(one.timestamp), "</td><td>");
    if let Some(rule) = rule {
        badge(rule, markup);
    }
    markup.element("</td><td class=\"rule\">", title(one, rule), "");
    if let Some(author) = rule.map(|rule| &rule.rule.author).filter(|author| !author.is_empty()) {
        markup.element("<div class=\"quiet\">by ", author, "</div>");
    }
    if one.events > 1 {
        markup.element("<div class=\"quiet\">holds for ", number(one.events), " events</div>");
    }
    markup.element("</td><td class=\"host\">", &one.host, "</td>");
    markup.element("<td>", &one.channel, " ").element("<b>", &one.event_id, "</b></td><td>");
    details(one, markup);
    place(one, markup);
    markup.raw("</td></tr>\n");
}

fn details(one: &RuleMatch, markup: &mut Markup) {
    if one.details.is_empty() {
        return;
    }
    markup.raw("<dl class=\"details\">");
    for (name, value) in one.details.iter().take(MOST_DETAILS) {
        let value = redact_field(name, value);
        let mut shown: String = value.chars().take(LONGEST_VALUE).collect();
        if shown.len() < value.len() {
            shown.push('…');
        }
        markup.element("<dt>", name, "</dt><dd>").blanked(&shown).raw("</dd>");
    }
    markup.raw("</dl>");
    if let Some(rest) = one.details.len().checked_sub(MOST_DETAILS).filter(|rest| *rest > 0) {
        markup.element("<p class=\"quiet\">… and ", number(rest), " more</p>");
    }
}

/// Where the original bytes are.
fn place(one: &RuleMatch, markup: &mut Markup) {
    let record = &one.record;
    if record.source.is_empty() {
        return;
    }
    markup.element("<div class=\"quiet place\">", &record.source, ", ");
    markup.element("", number(record.length), " bytes at ");
    markup.element("", number(record.offset), "</div>");
}
