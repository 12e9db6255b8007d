//! The tables of the page: findings, rules, hosts, days, techniques, noise.

use coldtrail_model::{Finding, RuleCount, RuleSummary};

use super::markup::Markup;
use crate::level::Level;
use crate::sarif::is_link;
use crate::sums::{self, total};
use crate::text::measures::{minute, number};

/// A longer table makes a page that no browser likes.
const MOST_ROWS: usize = 1_000;

/// A rule has a few references; this bounds what a file of rules can put on a page.
const MOST_LINKS: usize = 20;

/// Our own findings, in short.
pub(super) fn findings(findings: &[Finding], markup: &mut Markup) {
    if findings.is_empty() {
        return;
    }
    markup.raw("<section id=\"findings\"><h2>Findings of Coldtrail</h2><table><thead><tr>");
    markup.raw("<th>Severity</th><th class=\"count\">Score</th><th>Finding</th><th>Host</th>");
    markup.raw("<th>First (UTC)</th><th>Last (UTC)</th></tr></thead><tbody>\n");
    for finding in findings.iter().take(MOST_ROWS) {
        let severity = finding.severity.name();
        markup.raw("<tr><td><span class=\"badge ").raw(severity).raw("\">").raw(severity);
        markup.raw("</span></td><td class=\"count\">").number(finding.score);
        markup.element("</td><td class=\"rule\">", &finding.title, "</td>");
        markup.element("<td class=\"host\">", &finding.actor.host, "</td>");
        markup.element("<td class=\"time\">", minute(finding.first_seen), "</td>");
        markup.element("<td class=\"time\">", minute(finding.last_seen), "</td></tr>\n");
    }
    markup.raw("</tbody></table>");
    more(findings.len(), markup);
    markup.raw("</section>\n");
}

/// The rules that matched.
pub(super) fn rules(summary: &RuleSummary, markup: &mut Markup) {
    if summary.rules.is_empty() {
        return;
    }
    markup.raw("<section id=\"rules\"><h2>Rules</h2><table><thead><tr><th>Level</th><th>Rule</th>");
    markup
        .raw("<th class=\"count\">Matches</th><th class=\"count\">Hosts</th><th>First (UTC)</th>");
    markup.raw("<th>Last (UTC)</th><th>Author</th><th>Licence</th></tr></thead><tbody>\n");
    for rule in summary.rules.iter().take(MOST_ROWS) {
        markup.raw("<tr><td>");
        badge(rule, markup);
        markup.raw("</td><td class=\"rule\">").text(title(rule));
        about(rule, markup);
        markup.element("</td><td class=\"count\">", number(rule.matches), "</td>");
        markup.element("<td class=\"count\">", number(rule.hosts), "</td>");
        markup.element("<td class=\"time\">", minute(rule.first), "</td>");
        markup.element("<td class=\"time\">", minute(rule.last), "</td>");
        markup.element("<td class=\"author\">", &rule.rule.author, "</td>");
        markup.element("<td>", &rule.rule.license, "</td></tr>\n");
    }
    markup.raw("</tbody></table>");
    more(summary.rules.len(), markup);
    markup.raw("</section>\n");
}

/// What a person knows a rule by.
fn title(rule: &RuleCount) -> &str {
    if rule.rule.name.is_empty() { &rule.id } else { &rule.rule.name }
}

/// The level as a word in its colour.
pub(super) fn badge(rule: &RuleCount, markup: &mut Markup) {
    let level = Level::of(&rule.level).name();
    let word = if rule.level.is_empty() { "no level" } else { &rule.level };
    markup.raw("<span class=\"badge ").raw(level).raw("\">").text(word).raw("</span>");
}

/// Identifier, techniques and references, small below the title.
fn about(rule: &RuleCount, markup: &mut Markup) {
    markup.element("<div class=\"quiet\">", &rule.id, "");
    let techniques = rule.techniques.iter().filter(|technique| sums::is_technique(technique));
    for technique in techniques.take(MOST_LINKS) {
        markup.raw(" · ");
        technique_link(technique, markup);
    }
    let references = rule.references.iter().filter(|reference| is_link(reference));
    for reference in references.take(MOST_LINKS) {
        markup.raw(" · ");
        link(reference, host(reference), markup);
    }
    markup.raw("</div>");
}

/// The host of an address, which says enough where the link is.
fn host(address: &str) -> &str {
    let rest = address.strip_prefix("https://").unwrap_or(address);
    rest.split(['/', '?', '#']).next().unwrap_or(rest)
}

/// A link to an address for which [`is_link`] holds. An address with a secret leads nowhere any more,
/// which is better than handing it on.
fn link(address: &str, text: &str, markup: &mut Markup) {
    markup.raw("<a rel=\"noreferrer noopener\"").attribute("href", address).raw(">");
    markup.text(text).raw("</a>");
}

fn technique_link(technique: &str, markup: &mut Markup) {
    let path = technique.replace('.', "/");
    link(&format!("https://attack.mitre.org/techniques/{path}/"), technique, markup);
}

/// The hosts on which rules matched.
pub(super) fn hosts(summary: &RuleSummary, markup: &mut Markup) {
    if summary.hosts.is_empty() {
        return;
    }
    markup.raw("<section id=\"hosts\"><h2>Hosts</h2><table><thead><tr><th>Host</th>");
    markup.raw("<th class=\"count\">Rules</th>");
    count_headings(markup);
    for host in summary.hosts.iter().take(MOST_ROWS) {
        let name = if host.host.is_empty() { "no name" } else { &host.host };
        markup.element("<tr><td class=\"host\">", name, "</td>");
        markup.element("<td class=\"count\">", number(host.rules), "</td>");
        counts(&host.matches, markup);
    }
    markup.raw("</tbody></table>");
    more(summary.hosts.len(), markup);
    markup.raw("</section>\n");
}

/// The days, busiest first.
pub(super) fn days(summary: &RuleSummary, markup: &mut Markup) {
    let days = sums::busiest_days(summary);
    if days.is_empty() {
        return;
    }
    markup.raw("<section id=\"days\"><h2>Busiest days</h2><table><thead><tr><th>Day (UTC)</th>");
    count_headings(markup);
    for day in days.iter().take(MOST_ROWS) {
        markup.element("<tr><td class=\"time\">", day.day.date(), "</td>");
        counts(&day.matches, markup);
    }
    markup.raw("</tbody></table>");
    more(days.len(), markup);
    markup.raw("</section>\n");
}

fn count_headings(markup: &mut Markup) {
    markup.raw("<th class=\"count\">Matches</th>");
    for level in Level::ALL {
        markup.raw("<th class=\"count\">").raw(level.name()).raw("</th>");
    }
    markup.raw("</tr></thead><tbody>\n");
}

fn counts(matches: &[u64; 5], markup: &mut Markup) {
    markup.element("<td class=\"count\"><b>", number(total(matches)), "</b></td>");
    for level in Level::ALL {
        let shown = match level.count(matches) {
            0 => String::new(),
            count => number(count),
        };
        markup.element("<td class=\"count\">", shown, "</td>");
    }
    markup.raw("</tr>\n");
}

/// ATT&CK techniques, most matches first.
pub(super) fn techniques(summary: &RuleSummary, markup: &mut Markup) {
    let techniques = sums::techniques(summary);
    if techniques.is_empty() {
        return;
    }
    markup.raw("<section id=\"techniques\"><h2>ATT&amp;CK techniques</h2><ul class=\"list\">");
    for (technique, matches) in techniques.iter().take(MOST_ROWS) {
        markup.raw("<li>");
        technique_link(technique, markup);
        markup.element(" <span class=\"quiet\">", number(*matches), "</span></li>");
    }
    markup.raw("</ul>");
    more(techniques.len(), markup);
    markup.raw("</section>\n");
}

/// Rules that match so much that they tell little, and how to leave them out.
pub(super) fn noise(summary: &RuleSummary, markup: &mut Markup) {
    let noisy = sums::noisy(summary);
    if noisy.is_empty() {
        return;
    }
    markup.raw("<section id=\"noise\"><h2>Noise</h2><p>These rules match so much that they tell ");
    markup.raw("little. To leave them out, put these lines into a file, and name it: ");
    markup.raw("<code>--exclude-rules FILE</code></p><pre>");
    for rule in noisy.iter().take(MOST_ROWS) {
        markup.element("", &rule.id, "\n");
    }
    markup.raw("</pre><ul class=\"quiet\">");
    for rule in noisy.iter().take(MOST_ROWS) {
        markup.element("<li>", title(rule), ", ").element(
            "",
            number(rule.matches),
            " matches</li>",
        );
    }
    markup.raw("</ul>");
    more(noisy.len(), markup);
    markup.raw("</section>\n");
}

fn more(all: usize, markup: &mut Markup) {
    if let Some(rest) = all.checked_sub(MOST_ROWS).filter(|rest| *rest > 0) {
        markup.element("<p class=\"quiet\">… and ", number(rest), " more</p>");
    }
}
