//! Spans and lines: the only way text gets onto a page.

use coldtrail_model::Severity;
use unicode_width::UnicodeWidthStr;

use super::shorten;
use crate::escape::escape;
use crate::redact::redact;

/// What a span is, which decides how it looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    Plain,
    /// A heading, or the one thing to see on its line.
    Title,
    /// What can be skipped at the first reading.
    Secondary,
    Severity(Severity),
}

impl Style {
    /// The parameters of the ANSI sequence "select graphic rendition" (ECMA-48).
    fn rendition(self) -> Option<&'static str> {
        match self {
            Style::Plain => None,
            Style::Title => Some("1"),
            Style::Secondary => Some("2"),
            Style::Severity(Severity::Low) => Some("36"),
            Style::Severity(Severity::Medium) => Some("33"),
            Style::Severity(Severity::High) => Some("31"),
            Style::Severity(Severity::Critical) => Some("1;31"),
        }
    }
}

/// A piece of text in one style, without secrets or hidden characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    style: Style,
    text: String,
}

impl Span {
    pub(crate) fn new(style: Style, text: impl AsRef<str>) -> Span {
        // Secrets first: once escaped, a control character no longer ends a secret.
        Span { style, text: escape(&redact(text.as_ref())).into_owned() }
    }

    pub(crate) fn plain(text: impl AsRef<str>) -> Span {
        Span::new(Style::Plain, text)
    }

    pub(crate) fn secondary(text: impl AsRef<str>) -> Span {
        Span::new(Style::Secondary, text)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Terminal columns.
    pub(crate) fn width(&self) -> usize {
        self.text.width()
    }

    /// The span cut to a width, with an ellipsis where something is missing.
    pub(crate) fn shortened(&self, shorten: fn(&str, usize) -> String, width: usize) -> Span {
        self.part(&shorten(&self.text, width))
    }

    /// A part of this span's text, which is clean already.
    fn part(&self, text: &str) -> Span {
        Span { style: self.style, text: text.to_owned() }
    }
}

/// Spans in a row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Line(Vec<Span>);

impl Line {
    pub(crate) fn new() -> Line {
        Line::default()
    }

    pub(crate) fn plain(self, text: impl AsRef<str>) -> Line {
        self.span(Span::plain(text))
    }

    pub(crate) fn title(self, text: impl AsRef<str>) -> Line {
        self.span(Span::new(Style::Title, text))
    }

    pub(crate) fn secondary(self, text: impl AsRef<str>) -> Line {
        self.span(Span::secondary(text))
    }

    pub(crate) fn severity(self, severity: Severity, text: impl AsRef<str>) -> Line {
        self.span(Span::new(Style::Severity(severity), text))
    }

    pub(crate) fn span(mut self, span: Span) -> Line {
        self.0.push(span);
        self
    }

    /// Whether there is nothing to see.
    pub(crate) fn is_blank(&self) -> bool {
        self.0.iter().all(|span| span.text.trim_matches(' ').is_empty())
    }

    /// A number of blanks.
    pub(crate) fn blanks(self, count: usize) -> Line {
        self.span(Span { style: Style::Plain, text: " ".repeat(count) })
    }

    /// The spans of another line after these.
    pub(crate) fn join(mut self, line: Line) -> Line {
        self.0.extend(line.0);
        self
    }

    /// Terminal columns.
    pub(crate) fn width(&self) -> usize {
        self.0.iter().map(Span::width).sum()
    }

    /// The words between blanks; a word may change its style on the way.
    pub(crate) fn words(&self) -> Vec<Line> {
        let mut words = Vec::new();
        let mut word = Line::new();
        for span in &self.0 {
            for (index, piece) in span.text.split(' ').enumerate() {
                if index > 0 {
                    words.push(std::mem::take(&mut word));
                }
                word.0.push(span.part(piece));
            }
        }
        words.push(word);
        words.retain(|word| word.width() > 0);
        words
    }

    /// The line in pieces that are no wider than `width`, which is 2 at least, cut after punctuation
    /// where some is near.
    pub(crate) fn pieces(&self, width: usize) -> Vec<Line> {
        let mut pieces = Vec::new();
        let mut piece = Line::new();
        for span in &self.0 {
            let mut rest = span.text.as_str();
            while !rest.is_empty() {
                let (head, tail) = shorten::split_word(rest, width.saturating_sub(piece.width()));
                if !head.is_empty() {
                    piece.0.push(span.part(head));
                }
                if !tail.is_empty() {
                    pieces.push(std::mem::take(&mut piece));
                }
                rest = tail;
            }
        }
        pieces.push(piece);
        pieces
    }

    /// The text with or without colours, without blanks at its end.
    pub(crate) fn paint(&self, colour: bool) -> String {
        let mut painted = String::new();
        for span in self.0.iter().filter(|span| !span.is_empty()) {
            match span.style.rendition().filter(|_| colour) {
                Some(rendition) => {
                    painted.push_str(&format!("\u{1b}[{rendition}m{}\u{1b}[0m", span.text));
                }
                None => painted.push_str(&span.text),
            }
        }
        painted.truncate(painted.trim_end_matches(' ').len());
        painted
    }
}
