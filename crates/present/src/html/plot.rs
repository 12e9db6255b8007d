//! When rules matched, drawn: a strip of bars for each level that occurs.
//!
//! As on the text page each strip has its own scale, so that three critical matches are seen beside a
//! thousand low ones.

use coldtrail_model::{RuleSummary, SpanCount};

use super::markup::Markup;
use crate::level::Level;
use crate::text::measures::{minute, number, period};

/// The drawing's own units; the page stretches it to its width.
const WIDTH: f64 = 1000.0;
const HEIGHT: f64 = 40.0;

/// Of the width that a bar could have, so much is between it and the next.
const GAP: f64 = 0.14;

/// A bar is at least so high, or one match in a span among thousands in others would not be seen.
const LEAST_HEIGHT: f64 = 2.0;

/// The strips with their common axis.
pub(super) fn plot(summary: &RuleSummary, markup: &mut Markup) {
    let (Some(first), Some(last)) = (summary.spans.first(), summary.spans.last()) else { return };
    markup.raw("<section id=\"time\"><h2>When</h2><figure>\n");
    for level in Level::ALL {
        strip(level, &summary.spans, markup);
    }
    let seconds = first.to.microseconds().saturating_sub(first.from.microseconds()) as f64 / 1e6;
    let scale = format!("UTC · a bar is {}", period(seconds));
    markup.element("<figcaption><span>", minute(first.from), "</span><span>").text(scale);
    markup.element("</span><span>", minute(last.to), "</span></figcaption></figure></section>\n");
}

/// The bars of one level; pointing at one tells its number.
fn strip(level: Level, spans: &[SpanCount], markup: &mut Markup) {
    let counts = || spans.iter().map(|span| level.count(&span.matches));
    let Some(highest) = counts().max().filter(|highest| *highest > 0) else { return };
    let step = WIDTH / spans.len() as f64;
    markup.raw("<div class=\"strip\"><span>").raw(level.name());
    markup.raw("</span><svg viewBox=\"0 0 1000 40\" preserveAspectRatio=\"none\" role=\"img\"");
    markup.attribute("aria-label", format!("Matches over time: {}", level.name())).raw(">");
    for (index, (span, count)) in spans.iter().zip(counts()).enumerate() {
        if count == 0 {
            continue;
        }
        let height = (count as f64 / highest as f64 * HEIGHT).max(LEAST_HEIGHT);
        markup.raw("<rect class=\"").raw(level.name()).raw("\" x=\"");
        markup.number(rounded(index as f64 * step)).raw("\" y=\"").number(rounded(HEIGHT - height));
        markup.raw("\" width=\"").number(rounded(step * (1.0 - GAP)));
        markup.raw("\" height=\"").number(rounded(height)).raw("\"><title>");
        markup.text(format!("{} UTC: {} {}", minute(span.from), number(count), level.name()));
        markup.raw("</title></rect>");
    }
    markup.element("</svg><span class=\"count\">≤ ", number(highest), "</span></div>\n");
}

/// To a tenth of a unit, which no eye can tell from less.
fn rounded(length: f64) -> f64 {
    (length * 10.0).round() / 10.0
}
