//! When rules matched: a row of blocks for each level that occurs.

use coldtrail_model::{RuleSummary, SpanCount};
use unicode_width::UnicodeWidthStr;

use super::measures::{minute, number, period, span};
use super::page::Page;
use super::rule_summary::style;
use super::span::{Line, Span};
use crate::level::Level;

/// Between a name and its row, and between the row and what is most of it.
const GAP: usize = 2;

/// Each row has its own scale, so that three critical matches are seen beside a thousand low ones; the
/// number behind it is that of its highest block.
pub(crate) fn frequency(summary: &RuleSummary, page: &mut Page) {
    let (Some(first), Some(last)) = (summary.spans.first(), summary.spans.last()) else { return };
    let counts = |level: Level| summary.spans.iter().map(move |span| level.count(&span.matches));
    let levels: Vec<Level> =
        Level::ALL.into_iter().filter(|level| counts(*level).any(|count| count > 0)).collect();
    let name_width = levels.iter().map(|level| level.name().width()).max().unwrap_or_default();
    // What is joined into one block may sum up to more than any span has.
    let most = levels.iter().map(|level| counts(*level).fold(0, u64::saturating_add)).max();
    let peak_width = peak(most.unwrap_or_default()).width();
    let indent = 2 + name_width + GAP;
    let room = page.prose_width().saturating_sub(indent + GAP + peak_width).max(1);
    let joined = summary.spans.len().div_ceil(room).max(1);
    let blocks = summary.spans.len().div_ceil(joined);
    // Two columns a block are easier to see; more would make towers of few spans.
    let columns = (room / blocks.max(1)).clamp(1, 2);
    page.blank();
    for level in levels {
        let blocks: Vec<u64> = summary
            .spans
            .chunks(joined)
            .map(|spans| {
                let counts = spans.iter().map(|span| level.count(&span.matches));
                counts.fold(0, u64::saturating_add)
            })
            .collect();
        let highest = blocks.iter().copied().max().unwrap_or_default();
        let row: String = blocks
            .iter()
            .flat_map(|count| std::iter::repeat_n(block(*count, highest), columns))
            .collect();
        let line = Line::new()
            .blanks(2)
            .span(Span::new(style(level), level.name()))
            .blanks(name_width - level.name().width() + GAP)
            .span(Span::new(style(level), row))
            .blanks(GAP)
            .secondary(peak(highest));
        page.line(line);
    }
    axis(first, last, joined, blocks * columns, indent, page);
}

fn peak(count: u64) -> String {
    format!("≤ {}", number(count))
}

/// The time below the blocks: both ends where there is room for them, and how long a block is.
fn axis(
    first: &SpanCount,
    last: &SpanCount,
    joined: usize,
    width: usize,
    indent: usize,
    page: &mut Page,
) {
    let seconds = |from: i64, to: i64| to.saturating_sub(from) as f64 / 1e6;
    let block = seconds(first.from.microseconds(), first.to.microseconds()) * joined as f64;
    let block = format!("a block is {}", period(block));
    let (start, end) = (minute(first.from), minute(last.to));
    match width.checked_sub(start.width() + end.width() + GAP) {
        Some(spare) => {
            let line = Line::new().blanks(indent).secondary(start).blanks(spare + GAP);
            page.line(line.secondary(end));
            page.hang(Line::new(), indent, Line::new().secondary(format!("UTC, {block}")));
        }
        None => {
            let time = format!("{} UTC, {block}", span(first.from, last.to));
            page.hang(Line::new(), 2, Line::new().secondary(time));
        }
    }
}

/// A block in eighths of a line; what is not nothing is seen.
fn block(count: u64, highest: u64) -> char {
    const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    if count == 0 || highest == 0 {
        return ' ';
    }
    let eighths = (count as f64 / highest as f64 * 8.0).round().max(1.0) as usize;
    BLOCKS.get(eighths.saturating_sub(1)).copied().unwrap_or('█')
}

#[cfg(test)]
mod tests {
    use super::block;

    #[test]
    fn nothing_vanishes_and_the_highest_is_full() {
        let row: String = [0, 1, 500, 999, 1000].iter().map(|count| block(*count, 1000)).collect();
        assert_eq!(row, " ▁▄██");
        assert_eq!(block(u64::MAX, u64::MAX), '█');
        assert_eq!(block(0, 0), ' ');
    }
}
