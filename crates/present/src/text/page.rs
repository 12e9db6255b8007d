//! The page: rules, paragraphs that hang from a lead, and tables, all within one width.

use std::io::{self, Write};

use unicode_width::UnicodeWidthStr;

use super::measures::number;
use super::shorten;
use super::span::{Line, Span};
use super::table::Table;

/// Narrower terminals get this many columns.
const LEAST_WIDTH: usize = 40;

/// Prose wider than this is hard to read; tables may be wider.
const WIDEST_PROSE: usize = 120;

/// Where the text beside a label starts.
const LABEL_WIDTH: usize = 13;

/// A longer bar says no more.
const LONGEST_BAR: usize = 48;

/// One bar of a plot.
#[derive(Debug)]
pub(crate) struct Bar {
    /// What it counts, in front of the bar.
    pub(crate) name: String,
    /// How many.
    pub(crate) count: u64,
    /// What there is to say behind the number; may be empty.
    pub(crate) note: String,
}

/// Lines of a report, still without colours.
#[derive(Debug)]
pub(crate) struct Page {
    width: usize,
    lines: Vec<Line>,
}

impl Page {
    pub(crate) fn new(width: usize) -> Page {
        Page { width: width.max(LEAST_WIDTH), lines: Vec::new() }
    }

    pub(crate) fn blank(&mut self) {
        self.lines.push(Line::new());
    }

    /// A blank line, and a line that fills the prose width: `left ───── right`.
    pub(crate) fn rule(&mut self, left: Line, right: &str) {
        let width = self.prose_width();
        let right = Line::new().span(Span::secondary(right).shortened(shorten::end, width / 4));
        let gaps = 1 + usize::from(right.width() > 0);
        self.blank();
        match width.checked_sub(left.width() + right.width() + gaps) {
            Some(length) => {
                let rule = Line::new().secondary("─".repeat(length));
                self.lines.push(left.blanks(1).join(rule).blanks(1).join(right));
            }
            None => self.paragraph(left),
        }
    }

    /// Prose that starts at the margin.
    pub(crate) fn paragraph(&mut self, body: Line) {
        self.hang(Line::new(), 0, body);
    }

    /// Prose beside a label of the left column; the label may be empty.
    pub(crate) fn labelled(&mut self, label: &str, body: Line) {
        self.hang(Line::new().blanks(2).secondary(label), LABEL_WIDTH, body);
    }

    /// Prose beside a lead of its own, all of it right of the labels.
    pub(crate) fn item(&mut self, lead: Line, indent: usize, body: Line) {
        self.hang(Line::new().blanks(LABEL_WIDTH).join(lead), LABEL_WIDTH + indent, body);
    }

    /// As [`Page::item`], with a label at the left.
    pub(crate) fn labelled_item(&mut self, label: &str, lead: &str, indent: usize, body: Line) {
        let label = Line::new().blanks(2).secondary(label);
        let gap = LABEL_WIDTH.saturating_sub(label.width());
        self.hang(label.blanks(gap).plain(lead), LABEL_WIDTH + indent, body);
    }

    /// Phrases with dots between them, `one · two · three`; lines break between phrases.
    pub(crate) fn phrases(&mut self, phrases: Vec<Line>) {
        let mut line = Line::new();
        for phrase in phrases {
            if line.is_blank() {
                line = phrase;
            } else if line.width() + 3 + phrase.width() <= self.prose_width() {
                line = line.plain(" · ").join(phrase);
            } else {
                self.paragraph(std::mem::replace(&mut line, phrase));
            }
        }
        self.paragraph(line);
    }

    /// Prose that hangs from a lead: its first line follows the lead, the others start below it, at
    /// `indent`. A lead that reaches the indent has a line of its own.
    pub(crate) fn hang(&mut self, lead: Line, indent: usize, body: Line) {
        let width = self.prose_width();
        let indent = indent.min(width / 2);
        let mut line = lead;
        if line.width() >= indent {
            let lead = std::mem::take(&mut line);
            if !lead.is_blank() {
                self.lines.extend(lead.pieces(width));
            }
        }
        let missing = indent - line.width();
        line = line.blanks(missing);
        for word in body.words() {
            for (index, piece) in word.pieces(width - indent).into_iter().enumerate() {
                let is_first = line.width() == indent;
                let has_room = line.width() + 1 + piece.width() <= width && index == 0;
                if !is_first && !has_room {
                    self.lines.push(std::mem::replace(&mut line, Line::new().blanks(indent)));
                } else if !is_first {
                    line = line.blanks(1);
                }
                line = line.join(piece);
            }
        }
        self.lines.push(line);
    }

    /// Bars beside a label of the left column, the longest as long as there is room.
    pub(crate) fn bars(&mut self, label: &str, bars: &[Bar]) {
        let longest = bars.iter().map(|bar| bar.count).max().unwrap_or_default();
        let name_width = bars.iter().map(|bar| bar.name.width()).max().unwrap_or_default();
        for (index, bar) in bars.iter().enumerate() {
            let label = if index == 0 { label } else { "" };
            let mut line = Line::new().blanks(2).secondary(label);
            let gap = (LABEL_WIDTH + name_width).saturating_sub(line.width() + bar.name.width());
            line = line.blanks(gap).plain(&bar.name).blanks(2);
            let mut tail = Line::new().blanks(1).plain(number(bar.count));
            if !bar.note.is_empty() {
                tail = tail.secondary(format!(", {}", bar.note));
            }
            // The number of the longest bar must have room as well.
            let widest_tail = tail.width().max(1 + number(longest).width());
            let room = self.prose_width().saturating_sub(line.width() + widest_tail);
            let block = block(bar.count, longest, room.min(LONGEST_BAR));
            self.lines.push(line.plain(block).join(tail));
        }
    }

    /// A table over the full width.
    pub(crate) fn table(&mut self, table: &Table) {
        self.lines.extend(table.lines(self.width));
    }

    /// A line of its own, cut into pieces where it has no room.
    pub(crate) fn line(&mut self, line: Line) {
        self.lines.extend(line.pieces(self.width));
    }

    /// The columns that prose may fill.
    pub(crate) fn prose_width(&self) -> usize {
        self.width.min(WIDEST_PROSE)
    }

    /// Writes the page.
    pub(crate) fn print(&self, colour: bool, writer: &mut dyn Write) -> io::Result<()> {
        for line in &self.lines {
            writeln!(writer, "{}", line.paint(colour))?;
        }
        Ok(())
    }
}

/// A bar in eighths of a column; what is not nothing is seen.
fn block(count: u64, longest: u64, room: usize) -> String {
    const PARTS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    if count == 0 || longest == 0 {
        return String::new();
    }
    let eighths = (count as f64 / longest as f64 * (room * 8) as f64).round().max(1.0) as usize;
    let part = PARTS.get(eighths % 8).copied().unwrap_or_default();
    format!("{}{part}", "█".repeat(eighths / 8))
}

#[cfg(test)]
mod tests {
    use super::block;

    #[test]
    fn bars_fill_their_room_and_nothing_vanishes() {
        assert_eq!(block(100, 100, 4), "████");
        assert_eq!(block(50, 100, 3), "█▌");
        assert_eq!(block(1, 1_000_000, 10), "▏");
        assert_eq!(block(0, 7, 10), "");
    }
}
