//! Cuts a query's text into tokens.
//!
//! Every byte is looked at once, and a token holds nothing but its kind and its place, so that a text of
//! ten megabytes is one token.

mod numbers;

pub mod texts;

use super::token::{Token, TokenKind};
use super::{Problem, Span};

/// How many tokens a query may have.
pub const MOST_TOKENS: usize = 1 << 20;

/// How many things wrong with its letters are told of one query.
const MOST_PROBLEMS: usize = 20;

/// Types whose name begins a constant if a bracket follows at once. What stands in the brackets is no KQL.
const TYPED: [&str; 13] = [
    "bool", "int", "int32", "long", "int64", "real", "double", "decimal", "datetime", "date",
    "timespan", "time", "guid",
];

/// The tokens of a query, with [`TokenKind::End`] as the last, and what was wrong with its letters.
pub fn tokens(text: &str) -> (Vec<Token>, Vec<Problem>) {
    let mut lexer = Lexer { text, at: 0, tokens: Vec::new(), problems: Vec::new() };
    while lexer.problems.len() < MOST_PROBLEMS && lexer.next() {}
    let end = Span::new(text.len(), text.len());
    lexer.tokens.push(Token { kind: TokenKind::End, span: end });
    (lexer.tokens, lexer.problems)
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    tokens: Vec<Token>,
    problems: Vec<Problem>,
}

impl Lexer<'_> {
    /// Reads one token; false at the end.
    fn next(&mut self) -> bool {
        self.skip_blanks();
        let start = self.at;
        if self.tokens.len() >= MOST_TOKENS {
            let reason = format!("the query has more than {MOST_TOKENS} words and signs");
            self.problems.push(Problem::error(Span::new(start, start), reason));
            return false;
        }
        let Some(first) = self.rest().chars().next() else { return false };
        let (kind, length) = self.token(first);
        self.at += length;
        self.tokens.push(Token { kind, span: Span::new(start, self.at) });
        true
    }

    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Goes past blanks, comments, and directives such as `#connect`, which have a line of their own and
    /// tell a query's editor where to send it.
    fn skip_blanks(&mut self) {
        loop {
            let rest = self.text.get(self.at..).unwrap_or_default();
            let trimmed = rest.trim_start_matches(is_blank);
            let blanks = &rest[..rest.len() - trimmed.len()];
            let is_skipped = trimmed.starts_with("//")
                || (trimmed.starts_with('#') && (self.at == 0 || blanks.contains('\n')));
            self.at += blanks.len();
            if !is_skipped {
                return;
            }
            // The line's end is left, so that the next line is known to begin.
            self.at += trimmed.find('\n').unwrap_or(trimmed.len());
        }
    }

    /// The kind of the token that begins here, and its length.
    fn token(&mut self, first: char) -> (TokenKind, usize) {
        let rest = self.text.get(self.at..).unwrap_or_default();
        if let Some(scanned) = texts::scan(rest) {
            return (TokenKind::Text, self.text_token(scanned));
        }
        if first.is_ascii_digit() {
            return numbers::scan(rest);
        }
        if is_word_start(first) {
            return self.word(rest);
        }
        if let Some(negated) = negated_word(rest) {
            return negated;
        }
        sign(rest).unwrap_or_else(|| {
            let length = rest
                .find(|letter| is_blank(letter) || letter.is_ascii())
                .unwrap_or(rest.len())
                .max(first.len_utf8());
            let span = Span::new(self.at, self.at + length);
            self.problems.push(stray(span, first));
            (TokenKind::Unknown, length)
        })
    }

    fn text_token(&mut self, scanned: texts::Scanned) -> usize {
        if !scanned.is_closed {
            let span = Span::new(self.at, self.at + scanned.length);
            let reason = "the text that begins here does not end";
            self.problems.push(Problem::error(span, reason).help(
                "close it with the same quote on the same line; texts of several lines stand in ```",
            ));
        }
        scanned.length
    }

    fn word(&mut self, rest: &str) -> (TokenKind, usize) {
        let length = word_length(rest);
        let word = rest.get(..length).unwrap_or_default();
        let behind = rest.get(length..).unwrap_or_default();
        if word == "in" && behind.starts_with('~') {
            return (TokenKind::WordOperator, length + 1);
        }
        if TYPED.contains(&word) && behind.starts_with('(') {
            let Some(inside) = typed_length(behind) else {
                let span = Span::new(self.at, self.at + length + 1);
                let reason = format!("the constant `{word}(` does not end");
                self.problems.push(Problem::error(span, reason).help("close it with `)`"));
                return (TokenKind::Typed, length + 1);
            };
            return (TokenKind::Typed, length + inside);
        }
        (TokenKind::Word, length)
    }
}

/// The length of `(…)`, which no text may stand around the end of, as in `datetime(")")`.
fn typed_length(behind: &str) -> Option<usize> {
    let inside = behind.get(1..)?;
    let blanks = inside.len() - inside.trim_start().len();
    let text = inside.get(blanks..).and_then(texts::scan).map_or(0, |scanned| scanned.length);
    let skipped = 1 + blanks + text;
    let line = behind.get(skipped..)?.find([')', '\n', ';', '|'])?;
    behind.get(skipped + line..)?.starts_with(')').then_some(skipped + line + 1)
}

/// `!has`, `!in~`.
fn negated_word(rest: &str) -> Option<(TokenKind, usize)> {
    let behind = rest.strip_prefix('!')?;
    if !behind.starts_with(is_word_start) {
        return None;
    }
    let length = word_length(behind);
    let is_tilde = behind.get(..length) == Some("in") && behind[length..].starts_with('~');
    Some((TokenKind::WordOperator, 1 + length + usize::from(is_tilde)))
}

fn sign(rest: &str) -> Option<(TokenKind, usize)> {
    let mut letters = rest.chars();
    let pair = (letters.next()?, letters.next().unwrap_or(' '));
    let long = match pair {
        ('=', '=') => TokenKind::Equal,
        ('=', '~') => TokenKind::EqualTilde,
        ('=', '>') => TokenKind::Arrow,
        ('!', '=') | ('<', '>') => TokenKind::NotEqual,
        ('!', '~') => TokenKind::NotTilde,
        ('<', '=') => TokenKind::LessOrEqual,
        ('>', '=') => TokenKind::GreaterOrEqual,
        ('.', '.') => TokenKind::DotDot,
        _ => return short_sign(pair.0).map(|kind| (kind, 1)),
    };
    Some((long, 2))
}

fn short_sign(letter: char) -> Option<TokenKind> {
    Some(match letter {
        '(' => TokenKind::OpenParenthesis,
        ')' => TokenKind::CloseParenthesis,
        '[' => TokenKind::OpenBracket,
        ']' => TokenKind::CloseBracket,
        '{' => TokenKind::OpenBrace,
        '}' => TokenKind::CloseBrace,
        ',' => TokenKind::Comma,
        ';' => TokenKind::Semicolon,
        ':' => TokenKind::Colon,
        '|' => TokenKind::Pipe,
        '.' => TokenKind::Dot,
        '+' => TokenKind::Plus,
        '-' => TokenKind::Minus,
        '*' => TokenKind::Star,
        '/' => TokenKind::Slash,
        '%' => TokenKind::Percent,
        '=' => TokenKind::Assign,
        '<' => TokenKind::Less,
        '>' => TokenKind::Greater,
        _ => return None,
    })
}

fn stray(span: Span, letter: char) -> Problem {
    let problem = Problem::error(span, format!("`{letter}` has no meaning in a query"));
    match letter {
        '“' | '”' | '„' | '‘' | '’' => {
            problem.help("write a straight quote, `\"` or `'`")
        }
        '–' | '—' | '−' => problem.help("write `-`"),
        '!' => problem.help("write `not(…)`"),
        '?' => problem.help("write `iff(condition, then, else)`"),
        '&' => problem.help("write `and`"),
        _ => problem,
    }
}

/// The length of the word that begins here, whose first letter may be `$`.
fn word_length(text: &str) -> usize {
    let dollar = usize::from(text.starts_with('$'));
    let letters = &text[dollar..];
    dollar + letters.find(|letter: char| !is_word(letter)).unwrap_or(letters.len())
}

fn is_word_start(letter: char) -> bool {
    letter == '$' || letter == '_' || letter.is_alphabetic()
}

fn is_word(letter: char) -> bool {
    letter == '_' || letter.is_alphanumeric()
}

/// Blanks, and the marks without width that web pages leave in what is copied from them.
fn is_blank(letter: char) -> bool {
    letter.is_whitespace() || matches!(letter, '\u{feff}' | '\u{200b}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<(TokenKind, &str)> {
        let (tokens, problems) = tokens(text);
        assert_eq!(problems, [], "{text}");
        tokens.iter().map(|token| (token.kind, token.span.of(text))).collect()
    }

    fn words(text: &str) -> Vec<&str> {
        let mut words: Vec<&str> = kinds(text).into_iter().map(|(_, word)| word).collect();
        assert_eq!(words.pop(), Some(""), "the end is the last token");
        words
    }

    #[test]
    fn a_comment_ends_with_its_line_and_none_begins_in_a_text() {
        assert_eq!(words("a // b\n'https://c' // d"), ["a", "'https://c'"]);
    }

    #[test]
    fn a_range_is_no_fraction() {
        assert_eq!(words("1..2"), ["1", "..", "2"]);
        assert_eq!(words("1.5h .. 2d"), ["1.5h", "..", "2d"]);
        assert_eq!(words("1.e5"), ["1.e5"]);
    }

    #[test]
    fn a_typed_constant_is_one_token_only_if_the_bracket_follows_at_once() {
        assert_eq!(kinds("datetime(2024-01-01T00:00)")[0].0, TokenKind::Typed);
        assert_eq!(words("date(')')x"), ["date(')')", "x"]);
        assert_eq!(words("datetime (x)"), ["datetime", "(", "x", ")"]);
        assert_eq!(words("todatetime(x)"), ["todatetime", "(", "x", ")"]);
    }

    #[test]
    fn word_operators_take_their_marks_along() {
        assert_eq!(words("a!in~(b)"), ["a", "!in~", "(", "b", ")"]);
        assert_eq!(
            words("a in~(b) !has_cs c!=d!~e=~f"),
            ["a", "in~", "(", "b", ")", "!has_cs", "c", "!=", "d", "!~", "e", "=~", "f"]
        );
    }

    #[test]
    fn words_may_begin_with_digits() {
        assert_eq!(
            kinds("5MinuteMean 5m 5min $left _x")[..5],
            [
                (TokenKind::Word, "5MinuteMean"),
                (TokenKind::TimeSpan, "5m"),
                (TokenKind::TimeSpan, "5min"),
                (TokenKind::Word, "$left"),
                (TokenKind::Word, "_x"),
            ]
        );
    }

    #[test]
    fn marks_without_width_are_blanks() {
        assert_eq!(words("\u{feff}T\u{a0}|\u{200b}count"), ["T", "|", "count"]);
    }

    #[test]
    fn what_has_no_meaning_is_told_with_its_place() {
        let text = "T | where a == “b”";
        let (_, problems) = tokens(text);
        assert_eq!(problems[0].span.of(text), "“");
        assert_eq!(problems[0].help, "write a straight quote, `\"` or `'`");
        let (_, problems) = tokens("print 'a\n'");
        assert_eq!((problems[0].span, problems.len()), (Span::new(6, 8), 2));
    }

    #[test]
    fn there_are_only_so_many_tokens() {
        let (_, problems) = tokens(&"+".repeat(MOST_TOKENS + 1));
        assert_eq!(problems[0].reason, "the query has more than 1048576 words and signs");
    }
}
