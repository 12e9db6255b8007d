//! Where something stands in a query.

/// Bytes of a query's text, from the first to the one behind the last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// The byte behind the last.
    pub end: usize,
}

impl Span {
    /// From the first byte to the one behind the last.
    pub fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// From where this begins to where the other ends.
    pub fn to(self, other: Span) -> Span {
        Span { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// The text itself; nothing if the span is not of this text.
    pub fn of(self, text: &str) -> &str {
        text.get(self.start..self.end).unwrap_or_default()
    }

    /// The line and the column in characters, both counted from 1, where the span begins.
    pub fn line_and_column(self, text: &str) -> (usize, usize) {
        let before = text.get(..self.start.min(text.len())).unwrap_or(text);
        let line = before.matches('\n').count() + 1;
        let begin = before.rfind('\n').map_or(0, |at| at + 1);
        let column = before.get(begin..).unwrap_or_default().chars().count() + 1;
        (line, column)
    }
}

#[cfg(test)]
mod tests {
    use super::Span;

    #[test]
    fn columns_count_characters() {
        let text = "T\n| where é == b";
        let at = text.find('b').expect("b");
        assert_eq!(Span::new(at, at + 1).line_and_column(text), (2, 14));
        assert_eq!(Span::new(at, at + 1).of(text), "b");
    }
}
