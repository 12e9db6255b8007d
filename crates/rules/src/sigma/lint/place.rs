//! Where in a text the parts of a YAML document stand.
//!
//! The library that reads YAML gives values without places. This reads the same text a second time, and only
//! as far as places need it: which bytes are a key, a value, a member of a list. Where it loses its way (in
//! forms that rules never have, such as keys that are lists), it stops, and whoever asks for a part that was
//! not found gets the place of what that is in.
//!
//! It goes over the text once, and no deeper than [`MAX_DEPTH`].

/// Bytes of a text: where they begin, and where the next ones do.
pub(super) type Span = std::ops::Range<usize>;

/// How deeply values may be nested.
const MAX_DEPTH: usize = 64;

/// A value and where it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Outline {
    /// The value without its anchor and tag; empty where nothing is written.
    pub(super) span: Span,
    /// What it is made of.
    pub(super) parts: Parts,
}

/// What a value is made of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Parts {
    /// Nothing: a text, a number, an alias.
    #[default]
    None,
    /// Keys and values, in order.
    Entries(Vec<(Span, Outline)>),
    /// Members of a list, in order.
    Members(Vec<Outline>),
}

/// Finds the parts of a document, which is a piece of a text.
pub(super) fn outline(text: &str, document: Span) -> Outline {
    let bytes = text.as_bytes().get(..document.end).unwrap_or_default();
    let line_start = memchr::memrchr(b'\n', bytes.get(..document.start).unwrap_or_default())
        .map_or(0, |at| at + 1);
    Scanner { bytes, at: document.start, line_start }.block(None, 0)
}

struct Scanner<'t> {
    bytes: &'t [u8],
    at: usize,
    line_start: usize,
}

impl Scanner<'_> {
    fn peek(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    fn column(&self) -> usize {
        self.at.saturating_sub(self.line_start)
    }

    /// Goes one byte on, and knows when a line begins.
    fn step(&mut self) {
        if self.peek(0) == Some(b'\n') {
            self.line_start = self.at + 1;
        }
        self.at += 1;
    }

    fn is_blank(byte: Option<u8>) -> bool {
        matches!(byte, None | Some(b' ' | b'\t' | b'\n' | b'\r'))
    }

    /// Goes over blanks of this line.
    fn skip_blanks(&mut self) {
        while matches!(self.peek(0), Some(b' ' | b'\t' | b'\r')) {
            self.at += 1;
        }
    }

    /// Goes over blanks, comments and empty lines.
    fn skip_lines(&mut self) {
        loop {
            self.skip_blanks();
            match self.peek(0) {
                Some(b'\n') => self.step(),
                Some(b'#') => self.skip_to_end_of_line(),
                _ => return,
            }
        }
    }

    fn skip_to_end_of_line(&mut self) {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        self.at += memchr::memchr(b'\n', rest).unwrap_or(rest.len());
    }

    /// Whether nothing but a comment follows on this line.
    fn is_end_of_line(&mut self) -> bool {
        self.skip_blanks();
        matches!(self.peek(0), None | Some(b'\n' | b'#'))
    }

    /// Goes over the anchor and the tag of a value.
    fn skip_properties(&mut self) {
        while matches!(self.peek(0), Some(b'&' | b'!')) {
            while !Self::is_blank(self.peek(0)) {
                self.at += 1;
            }
            self.skip_blanks();
        }
    }

    fn nothing(&self) -> Outline {
        Outline { span: self.at..self.at, parts: Parts::None }
    }

    /// A value that is indented further than its parent.
    fn block(&mut self, parent: Option<usize>, depth: usize) -> Outline {
        let before = self.at;
        self.skip_lines();
        if depth > MAX_DEPTH
            || self.at >= self.bytes.len()
            || parent.is_some_and(|c| self.column() <= c)
        {
            return Outline { span: before..before, parts: Parts::None };
        }
        let line = self.line_start;
        self.skip_properties();
        if self.is_end_of_line() {
            self.skip_lines();
            if parent.is_some_and(|c| self.column() <= c) {
                return self.nothing();
            }
        }
        if line != self.line_start {
            self.skip_properties();
        }
        self.value(parent, depth)
    }

    /// A value that begins here.
    fn value(&mut self, parent: Option<usize>, depth: usize) -> Outline {
        if depth > MAX_DEPTH {
            self.at = self.bytes.len();
            return self.nothing();
        }
        match self.peek(0) {
            None => self.nothing(),
            Some(b'-') if Self::is_blank(self.peek(1)) => self.list(depth),
            Some(b'|' | b'>') => self.literal(parent),
            _ => {
                let (start, line_start, column) = (self.at, self.line_start, self.column());
                let is_flow = matches!(self.peek(0), Some(b'[' | b'{'));
                if !is_flow && let Some(key) = self.key() {
                    return self.mapping(key, column, depth);
                }
                (self.at, self.line_start) = (start, line_start);
                if is_flow { self.flow(depth) } else { self.scalar(parent) }
            }
        }
    }

    /// The key that begins here, if one does; stands behind its colon then.
    fn key(&mut self) -> Option<Span> {
        self.skip_properties();
        let start = self.at;
        let end = match self.peek(0)? {
            quote @ (b'"' | b'\'') => {
                let line = self.line_start;
                self.quoted(quote);
                if line != self.line_start {
                    return None;
                }
                self.at
            }
            b'?' if Self::is_blank(self.peek(1)) => return None,
            _ => {
                let mut before = b' ';
                loop {
                    match self.peek(0)? {
                        b':' if Self::is_blank(self.peek(1)) => break,
                        b'\n' => return None,
                        b'#' if Self::is_blank(Some(before)) => return None,
                        byte => before = byte,
                    }
                    self.at += 1;
                }
                self.trimmed(start)
            }
        };
        self.skip_blanks();
        if self.peek(0) != Some(b':') || !Self::is_blank(self.peek(1)) {
            return None;
        }
        self.at += 1;
        Some(start..end)
    }

    /// The end of what was read since `start`, without blanks.
    fn trimmed(&self, start: usize) -> usize {
        let read = self.bytes.get(start..self.at).unwrap_or_default();
        start + read.trim_ascii_end().len()
    }

    fn mapping(&mut self, first: Span, column: usize, depth: usize) -> Outline {
        let start = first.start;
        let (mut entries, mut key) = (Vec::new(), first);
        loop {
            let value = self.value_of_key(column, depth);
            let end = value.span.end.max(key.end);
            entries.push((key, value));
            let parsed = (self.at, self.line_start);
            self.skip_lines();
            let next = if self.at < self.bytes.len() && self.column() == column {
                self.key()
            } else {
                None
            };
            match next {
                Some(next) => key = next,
                None => {
                    (self.at, self.line_start) = parsed;
                    return Outline { span: start..end, parts: Parts::Entries(entries) };
                }
            }
        }
    }

    fn value_of_key(&mut self, column: usize, depth: usize) -> Outline {
        self.skip_blanks();
        self.skip_properties();
        if !self.is_end_of_line() {
            return match self.peek(0) {
                Some(b'[' | b'{') => self.flow(depth + 1),
                Some(b'|' | b'>') => self.literal(Some(column)),
                _ => self.scalar(Some(column)),
            };
        }
        let empty = (self.at, self.line_start);
        self.skip_lines();
        let is_list = self.peek(0) == Some(b'-') && Self::is_blank(self.peek(1));
        // A list may stand below its key without being indented.
        let found = if is_list && self.column() == column && self.line_start != empty.1 {
            self.list(depth + 1)
        } else {
            self.block(Some(column), depth + 1)
        };
        if found.span.is_empty() {
            (self.at, self.line_start) = empty;
            return self.nothing();
        }
        found
    }

    fn list(&mut self, depth: usize) -> Outline {
        let (start, column) = (self.at, self.column());
        let (mut members, mut end) = (Vec::new(), self.at);
        loop {
            self.at += 1;
            end = end.max(self.at);
            let member = self.block(Some(column), depth + 1);
            if member.span.is_empty() {
                members.push(Outline { span: end - 1..end, parts: Parts::None });
            } else {
                end = member.span.end;
                members.push(member);
            }
            let parsed = (self.at, self.line_start);
            self.skip_lines();
            let is_next = self.column() == column
                && self.peek(0) == Some(b'-')
                && Self::is_blank(self.peek(1));
            if !is_next || self.at >= self.bytes.len() {
                (self.at, self.line_start) = parsed;
                return Outline { span: start..end, parts: Parts::Members(members) };
            }
        }
    }

    /// A text in quotation marks; stands behind it then.
    fn quoted(&mut self, quote: u8) {
        self.step();
        while let Some(byte) = self.peek(0) {
            if byte == b'\\' && quote == b'"' {
                self.step();
            } else if byte == quote {
                if quote == b'\'' && self.peek(1) == Some(b'\'') {
                    self.step();
                } else {
                    self.step();
                    return;
                }
            }
            self.step();
        }
        self.at = self.at.min(self.bytes.len());
    }

    /// A text that stands in lines of its own, behind `|` or `>`.
    fn literal(&mut self, parent: Option<usize>) -> Outline {
        let start = self.at;
        self.skip_to_end_of_line();
        let mut end = self.trimmed(start);
        while self.at < self.bytes.len() {
            let line = (self.at, self.line_start);
            self.step();
            while self.peek(0) == Some(b' ') {
                self.at += 1;
            }
            let column = self.column();
            let is_empty = matches!(self.peek(0), None | Some(b'\n' | b'\r'));
            if !is_empty && parent.is_some_and(|parent| column <= parent) {
                (self.at, self.line_start) = line;
                break;
            }
            let text = self.at;
            self.skip_to_end_of_line();
            if !is_empty {
                end = self.trimmed(text);
            }
        }
        Outline { span: start..end, parts: Parts::None }
    }

    /// A text, with or without quotation marks.
    fn scalar(&mut self, parent: Option<usize>) -> Outline {
        let start = self.at;
        if let Some(quote @ (b'"' | b'\'')) = self.peek(0) {
            self.quoted(quote);
            return Outline { span: start..self.at, parts: Parts::None };
        }
        let mut end = start;
        loop {
            let mut before = b'\n';
            let mut is_comment = false;
            while let Some(byte) = self.peek(0) {
                is_comment = byte == b'#' && matches!(before, b' ' | b'\t');
                if byte == b'\n' || is_comment {
                    break;
                }
                before = byte;
                self.at += 1;
            }
            end = end.max(self.trimmed(start));
            let line = (self.at, self.line_start);
            // What goes on in the next line is indented further than the parent.
            let mut goes_on = false;
            if !is_comment {
                while self.peek(0) == Some(b'\n') {
                    self.step();
                    self.skip_blanks();
                }
                goes_on = !matches!(self.peek(0), None | Some(b'#'))
                    && parent.is_none_or(|parent| self.column() > parent);
            }
            if !goes_on {
                (self.at, self.line_start) = line;
                return Outline { span: start..end, parts: Parts::None };
            }
        }
    }

    /// A value in the style of JSON.
    fn flow(&mut self, depth: usize) -> Outline {
        let start = self.at;
        let open = self.peek(0);
        if depth > MAX_DEPTH {
            self.at = self.bytes.len();
            return self.nothing();
        }
        self.step();
        let (mut entries, mut members) = (Vec::new(), Vec::new());
        loop {
            self.skip_lines();
            match self.peek(0) {
                None => break,
                Some(b']' | b'}') => {
                    self.step();
                    break;
                }
                Some(b',') => self.step(),
                Some(_) if open == Some(b'{') => {
                    let key = self.flow_value(depth).span;
                    self.skip_lines();
                    let value = if self.peek(0) == Some(b':') {
                        self.step();
                        self.skip_lines();
                        match self.peek(0) {
                            Some(b',' | b'}') | None => self.nothing(),
                            _ => self.flow_value(depth),
                        }
                    } else {
                        self.nothing()
                    };
                    entries.push((key, value));
                }
                Some(b':') => self.step(),
                Some(_) => {
                    let member = self.flow_value(depth);
                    members.push(member);
                    self.skip_lines();
                    if self.peek(0) == Some(b':') {
                        // A pair without braces is one member.
                        self.step();
                        self.skip_lines();
                        self.flow_value(depth);
                    }
                }
            }
        }
        let parts =
            if open == Some(b'{') { Parts::Entries(entries) } else { Parts::Members(members) };
        Outline { span: start..self.at, parts }
    }

    fn flow_value(&mut self, depth: usize) -> Outline {
        self.skip_properties();
        let start = self.at;
        match self.peek(0) {
            Some(b'[' | b'{') => return self.flow(depth + 1),
            Some(quote @ (b'"' | b'\'')) => {
                self.quoted(quote);
                return Outline { span: start..self.at, parts: Parts::None };
            }
            _ => {}
        }
        let mut before = b'\n';
        while let Some(byte) = self.peek(0) {
            let is_colon = byte == b':'
                && (Self::is_blank(self.peek(1))
                    || matches!(self.peek(1), Some(b',' | b'}' | b']')));
            let is_comment = byte == b'#' && Self::is_blank(Some(before));
            if matches!(byte, b',' | b'[' | b']' | b'{' | b'}') || is_colon || is_comment {
                break;
            }
            before = byte;
            self.step();
        }
        Outline { span: start..self.trimmed(start), parts: Parts::None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The keys, values and members of a text, each as `path=what stands there`.
    fn parts(text: &str) -> Vec<String> {
        fn walk(text: &str, path: &str, outline: &Outline, found: &mut Vec<String>) {
            match &outline.parts {
                Parts::None => found.push(format!("{path}={}", &text[outline.span.clone()])),
                Parts::Entries(entries) => {
                    for (key, value) in entries {
                        walk(text, &format!("{path}/{}", &text[key.clone()]), value, found);
                    }
                }
                Parts::Members(members) => {
                    for (index, member) in members.iter().enumerate() {
                        walk(text, &format!("{path}/{index}"), member, found);
                    }
                }
            }
        }
        let mut found = Vec::new();
        walk(text, "", &outline(text, 0..text.len()), &mut found);
        found
    }

    #[test]
    fn mappings_lists_and_texts_in_blocks() {
        let text = "title: A # comment\nlist:\n- one\n-   two: 2\n    three: 'it''s'\n-\nmap:\n  \"k: e\\\"y\": |\n    lines\n\n    more\n  plain: goes\n    on here\nempty:\nlast: x#y\n";
        assert_eq!(
            parts(text),
            [
                "/title=A",
                "/list/0=one",
                "/list/1/two=2",
                "/list/1/three='it''s'",
                "/list/2=-",
                "/map/\"k: e\\\"y\"=|\n    lines\n\n    more",
                "/map/plain=goes\n    on here",
                "/empty=",
                "/last=x#y",
            ]
        );
    }

    #[test]
    fn values_in_the_style_of_json() {
        let text =
            "a: [x, 'y, z', {k: v, \"q\": [1]}]\nb: {c: d,\n  e: f g, h}\nurl: http://x:80/y\n";
        assert_eq!(
            parts(text),
            [
                "/a/0=x",
                "/a/1='y, z'",
                "/a/2/k=v",
                "/a/2/\"q\"/0=1",
                "/b/c=d",
                "/b/e=f g",
                "/b/h=",
                "/url=http://x:80/y"
            ]
        );
    }

    #[test]
    fn anchors_tags_aliases_and_nested_lists() {
        let text = "base: &b !t\n  x: 1\nsame: *b\n&k key: &v value\nlists:\n  - - 1\n    - 2\n  - &m\n    y: 2\n";
        assert_eq!(
            parts(text),
            ["/base/x=1", "/same=*b", "/key=value", "/lists/0/0=1", "/lists/0/1=2", "/lists/1/y=2"]
        );
    }

    #[test]
    fn hostile_texts_end() {
        for text in [
            "[".repeat(100_000),
            "- ".repeat(100_000),
            "{a: ".repeat(100_000),
            "a:\n ".repeat(50_000),
        ] {
            outline(&text, 0..text.len());
        }
        for text in [
            "? [a]: b\n",
            "'",
            "\"\\",
            "- ",
            ":",
            "a: '",
            "[a",
            "{",
            "&",
            "!x",
            "|",
            "a: |",
            "\t- x",
            "}",
            "a: ]\nb: c",
        ] {
            let found = outline(text, 0..text.len());
            assert!(found.span.end <= text.len(), "{text:?}");
        }
    }
}
