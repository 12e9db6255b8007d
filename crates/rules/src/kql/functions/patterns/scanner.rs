//! Reads keys and values one after the other.

/// What may stand around a key or value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Quoting<'a> {
    /// Pairs of quotes.
    pub(super) quotes: &'a [(char, char)],
    /// What takes its meaning from a quote behind it.
    pub(super) escapes: &'a [char],
}

/// What stands between keys and values.
#[derive(Clone, Copy, Debug)]
pub(super) struct Delimiters<'a> {
    /// Between pairs.
    pub(super) pair: &'a str,
    /// Between a key and its value.
    pub(super) value: &'a str,
    /// Whether a value without quotes goes on to the next key.
    pub(super) is_greedy: bool,
}

/// Reads keys and values one after the other. Each step takes text away, so that it comes to an end.
#[derive(Debug)]
pub(super) struct Scanner<'a> {
    rest: &'a str,
    quoting: Quoting<'a>,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str, quoting: Quoting<'a>) -> Self {
        Self { rest: text, quoting }
    }

    /// Keys with their values.
    pub(super) fn pairs(
        mut self,
        delimiters: Delimiters<'a>,
    ) -> impl Iterator<Item = (String, String)> {
        std::iter::from_fn(move || {
            while !self.rest.is_empty() {
                if let Some(pair) = self.pair(delimiters) {
                    return Some(pair);
                }
            }
            None
        })
    }

    /// Runs of letters and digits, and what stands in quotes.
    pub(super) fn words(mut self) -> impl Iterator<Item = String> {
        std::iter::from_fn(move || {
            loop {
                if let Some(quoted) = self.quoted() {
                    return Some(quoted);
                }
                let letter = self.rest.chars().next()?;
                if letter.is_alphanumeric() {
                    let end = self.rest.find(|letter: char| !letter.is_alphanumeric());
                    return Some(self.take(end.unwrap_or(self.rest.len())).to_owned());
                }
                self.take(letter.len_utf8());
            }
        })
    }

    /// The next pair, or nothing if what stands before the next delimiter is none.
    fn pair(&mut self, delimiters: Delimiters<'_>) -> Option<(String, String)> {
        self.skip_blanks(delimiters);
        let quoted = self.quoted();
        let end = self.first_of(delimiters);
        let plain = self.take(end).trim();
        let key = quoted.unwrap_or_else(|| plain.to_owned());
        let Some(rest) = self.rest.strip_prefix(delimiters.value) else {
            self.skip_pair_delimiter(delimiters);
            return None;
        };
        self.rest = rest;
        self.skip_blanks(delimiters);
        let value = self.quoted();
        let plain = self.plain_value(delimiters);
        self.skip_pair_delimiter(delimiters);
        Some((key, value.unwrap_or_else(|| plain.trim().to_owned())))
    }

    /// The text to the next delimiter between pairs, or the last one before the next key.
    fn plain_value(&mut self, delimiters: Delimiters<'_>) -> &'a str {
        let ends = if delimiters.is_greedy {
            let next = self.rest.find(delimiters.value);
            next.and_then(|next| self.rest.get(..next)?.rfind(delimiters.pair))
        } else {
            self.rest.find(delimiters.pair)
        };
        self.take(ends.unwrap_or(self.rest.len()))
    }

    /// Where the next delimiter of either kind begins.
    fn first_of(&self, delimiters: Delimiters<'_>) -> usize {
        let starts = |at: &usize| {
            self.rest.get(*at..).is_some_and(|rest| {
                rest.starts_with(delimiters.pair) || rest.starts_with(delimiters.value)
            })
        };
        (0..self.rest.len()).find(starts).unwrap_or(self.rest.len())
    }

    /// What stands in quotes, if a quote opens here; one that nothing closes holds all the rest.
    fn quoted(&mut self) -> Option<String> {
        let opening = self.rest.chars().next()?;
        let (_, closing) = self.quoting.quotes.iter().find(|(open, _)| *open == opening)?;
        self.take(opening.len_utf8());
        let mut text = String::new();
        while let Some(letter) = self.rest.chars().next() {
            self.take(letter.len_utf8());
            if letter == *closing {
                break;
            }
            let escaped =
                self.rest.chars().next().filter(|_| self.quoting.escapes.contains(&letter));
            if let Some(escaped) = escaped {
                self.take(escaped.len_utf8());
            }
            text.push(escaped.unwrap_or(letter));
        }
        Some(text)
    }

    fn skip_blanks(&mut self, delimiters: Delimiters<'_>) {
        while self.rest.starts_with(char::is_whitespace)
            && !self.rest.starts_with(delimiters.pair)
            && !self.rest.starts_with(delimiters.value)
        {
            self.take(self.rest.chars().next().map_or(1, char::len_utf8));
        }
    }

    fn skip_pair_delimiter(&mut self, delimiters: Delimiters<'_>) {
        self.rest = self.rest.strip_prefix(delimiters.pair).unwrap_or(self.rest);
    }

    /// Takes so many bytes away.
    fn take(&mut self, bytes: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at_checked(bytes).unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }
}
