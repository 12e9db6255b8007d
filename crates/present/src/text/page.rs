//! The page: rules, paragraphs that hang from a lead, and tables, all within one width.

use std::io::{self, Write};

use super::shorten;
use super::span::{Line, Span};
use super::table::Table;

/// Narrower terminals get this many columns.
const LEAST_WIDTH: usize = 40;

/// Prose wider than this is hard to read; tables may be wider.
const WIDEST_PROSE: usize = 120;

/// Where the text beside a label starts.
const LABEL_WIDTH: usize = 13;

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

    /// A table over the full width.
    pub(crate) fn table(&mut self, table: &Table) {
        self.lines.extend(table.lines(self.width));
    }

    /// Writes the page.
    pub(crate) fn print(&self, colour: bool, writer: &mut dyn Write) -> io::Result<()> {
        for line in &self.lines {
            writeln!(writer, "{}", line.paint(colour))?;
        }
        Ok(())
    }

    fn prose_width(&self) -> usize {
        self.width.min(WIDEST_PROSE)
    }
}
