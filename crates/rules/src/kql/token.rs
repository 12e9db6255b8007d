//! The words and signs of a query.

use super::Span;

/// A word or a sign, and where it stands. What it says is read from the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Where it stands.
    pub span: Span,
}

/// What a token is.
///
/// Keywords are words like any other: `count`, `kind` and `by` are columns elsewhere, so only the parser
/// can tell them by their place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// `Timestamp`, `where`, `$left`, `5MinuteMean`.
    Word,
    /// A word that can only be an operator: `!has`, `in~`, `!in~`.
    WordOperator,
    /// `12`, `0x1F`.
    Integer,
    /// `1.5`, `1e5`.
    Real,
    /// `1d`, `1.5h`.
    TimeSpan,
    /// `"text"`, `@'text'`, `h"text"`, and texts of several lines.
    Text,
    /// A constant with its type: `datetime(2024-01-01)`, `long(null)`. Its inside is no KQL.
    Typed,
    /// `(`.
    OpenParenthesis,
    /// `)`.
    CloseParenthesis,
    /// `[`.
    OpenBracket,
    /// `]`.
    CloseBracket,
    /// `{`.
    OpenBrace,
    /// `}`.
    CloseBrace,
    /// `,`.
    Comma,
    /// `;`.
    Semicolon,
    /// `:`.
    Colon,
    /// `|`.
    Pipe,
    /// `.`.
    Dot,
    /// `..`.
    DotDot,
    /// `+`.
    Plus,
    /// `-`.
    Minus,
    /// `*`.
    Star,
    /// `/`.
    Slash,
    /// `%`.
    Percent,
    /// `=`.
    Assign,
    /// `==`.
    Equal,
    /// `!=`, `<>`.
    NotEqual,
    /// `=~`.
    EqualTilde,
    /// `!~`.
    NotTilde,
    /// `<`.
    Less,
    /// `<=`.
    LessOrEqual,
    /// `>`.
    Greater,
    /// `>=`.
    GreaterOrEqual,
    /// `=>`, which only operators have that are refused.
    Arrow,
    /// What is no part of the language; the lexer has told it.
    Unknown,
    /// The end of the query.
    End,
}

impl TokenKind {
    /// Whether it is `(`, `[` or `{`.
    pub fn opens(self) -> bool {
        matches!(self, TokenKind::OpenParenthesis | TokenKind::OpenBracket | TokenKind::OpenBrace)
    }

    /// Whether it is `)`, `]` or `}`.
    pub fn closes(self) -> bool {
        matches!(
            self,
            TokenKind::CloseParenthesis | TokenKind::CloseBracket | TokenKind::CloseBrace
        )
    }
}
