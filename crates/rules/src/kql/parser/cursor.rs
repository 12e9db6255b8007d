//! A place among the tokens, what was found wrong so far, and how deep we are.

use std::mem;

use crate::kql::lexer;
use crate::kql::syntax::Expression;
use crate::kql::token::{Token, TokenKind};
use crate::kql::{Problem, Span};

/// How many problems are told of one query.
const MOST_PROBLEMS: usize = 20;

/// How many brackets may stand within one another. Each takes some 20 kB of the stack where nothing is
/// optimised, and the stack of a thread has two megabytes.
pub(super) const MOST_BRACKETS: usize = 64;

/// How many levels syntax may have: brackets within brackets, and operands on one another as in `1 + 1 + 1`.
/// Whatever walks the tree may use the stack for it.
pub(super) const MOST_LEVELS: usize = 200;

/// How many letters of the query a reason quotes.
const MOST_QUOTED: usize = 40;

/// Something did not parse, and the parser has noted why.
#[derive(Debug)]
pub(super) struct Failed;

/// What was parsed.
pub(super) type Parsed<T> = Result<T, Failed>;

/// Reads tokens one after the other.
#[derive(Debug)]
pub(super) struct Parser<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    at: usize,
    problems: Vec<Problem>,
    /// How many brackets are open.
    depth: usize,
    /// How many levels are below what was parsed last in the open bracket.
    height: usize,
    /// Whether `:` stands for `has`, as it does in `search`.
    pub(super) in_search: bool,
}

impl<'a> Parser<'a> {
    /// At the first token of a text.
    pub(super) fn new(text: &'a str) -> Self {
        let (tokens, problems) = lexer::tokens(text);
        Self { text, tokens, at: 0, problems, depth: 0, height: 0, in_search: false }
    }

    /// What was parsed, unless something was wrong.
    pub(super) fn finish<T>(mut self, parsed: T) -> Result<T, Vec<Problem>> {
        if self.problems.is_empty() {
            return Ok(parsed);
        }
        self.problems.sort_by_key(|problem| problem.span);
        self.problems.truncate(MOST_PROBLEMS);
        Err(self.problems)
    }

    // What stands here.

    fn token(&self, ahead: usize) -> Token {
        let end = Span::new(self.text.len(), self.text.len());
        let end = Token { kind: TokenKind::End, span: end };
        self.tokens.get(self.at.saturating_add(ahead)).copied().unwrap_or(end)
    }

    /// The kind of the token here.
    pub(super) fn kind(&self) -> TokenKind {
        self.token(0).kind
    }

    /// The kind of the token so many ahead.
    pub(super) fn kind_ahead(&self, ahead: usize) -> TokenKind {
        self.token(ahead).kind
    }

    /// Where the token here stands.
    pub(super) fn span(&self) -> Span {
        self.token(0).span
    }

    /// The first byte of the token here.
    pub(super) fn start(&self) -> usize {
        self.span().start
    }

    /// From that byte to the end of the last token that was taken.
    pub(super) fn since(&self, start: usize) -> Span {
        Span::new(start, self.last().map_or(start, |last| last.span.end.max(start)))
    }

    /// The text there.
    pub(super) fn text_of(&self, span: Span) -> &'a str {
        span.of(self.text)
    }

    /// The token's text if it is a word or a word operator, else nothing.
    pub(super) fn word(&self) -> &'a str {
        self.word_ahead(0)
    }

    /// The same of the token so many ahead.
    pub(super) fn word_ahead(&self, ahead: usize) -> &'a str {
        let token = self.token(ahead);
        let is_word = matches!(token.kind, TokenKind::Word | TokenKind::WordOperator);
        if is_word { self.text_of(token.span) } else { "" }
    }

    /// Whether the token so many ahead begins where the one before it ends.
    pub(super) fn adjoins(&self, ahead: usize) -> bool {
        ahead > 0 && self.token(ahead - 1).span.end == self.token(ahead).span.start
    }

    fn last(&self) -> Option<Token> {
        self.at.checked_sub(1).and_then(|before| self.tokens.get(before)).copied()
    }

    /// Whether the token here begins where the one that was taken last ends.
    pub(super) fn adjoins_last(&self) -> bool {
        self.last().is_some_and(|last| last.span.end == self.span().start)
    }

    /// What was taken last, if it was a text.
    pub(super) fn last_text(&self) -> Option<&'a str> {
        let text = self.last().filter(|last| last.kind == TokenKind::Text)?;
        Some(self.text_of(text.span))
    }

    // Going on.

    /// Takes the token here.
    pub(super) fn advance(&mut self) -> Token {
        let token = self.token(0);
        if token.kind != TokenKind::End {
            self.at += 1;
        }
        token
    }

    /// Takes the token here if it is of that kind.
    pub(super) fn take(&mut self, kind: TokenKind) -> bool {
        let is_there = self.kind() == kind && kind != TokenKind::End;
        if is_there {
            self.at += 1;
        }
        is_there
    }

    /// Takes the word here if it is that one.
    pub(super) fn take_word(&mut self, word: &str) -> bool {
        let is_there = self.word() == word;
        if is_there {
            self.at += 1;
        }
        is_there
    }

    /// Takes a token of that kind, which is written so.
    pub(super) fn expect(&mut self, kind: TokenKind, written: &str) -> Parsed<Span> {
        let span = self.span();
        if self.take(kind) { Ok(span) } else { self.unexpected(&format!("`{written}`")) }
    }

    /// Takes that word.
    pub(super) fn expect_word(&mut self, word: &str) -> Parsed<()> {
        if self.take_word(word) { Ok(()) } else { self.unexpected(&format!("`{word}`")) }
    }

    /// Makes sure that nothing is left.
    pub(super) fn expect_end(&mut self) -> Parsed<()> {
        match self.kind() {
            TokenKind::End => Ok(()),
            _ => self.unexpected("the end of the query"),
        }
    }

    /// One or more of the same, with commas between them.
    pub(super) fn list<T>(&mut self, item: fn(&mut Self) -> Parsed<T>) -> Parsed<Vec<T>> {
        let mut items = vec![item(self)?];
        while self.take(TokenKind::Comma) {
            items.push(item(self)?);
        }
        Ok(items)
    }

    /// None or more of the same in brackets. Behind the last one a comma is allowed.
    pub(super) fn bracketed_list<T>(
        &mut self,
        open: TokenKind,
        item: fn(&mut Self) -> Parsed<T>,
    ) -> Parsed<Vec<T>> {
        self.bracketed(open, |parser| {
            let mut items = Vec::new();
            while !parser.kind().closes() {
                items.push(item(parser)?);
                if !parser.take(TokenKind::Comma) {
                    break;
                }
            }
            Ok(items)
        })
    }

    /// Something in brackets, which is one level deeper than what is around it.
    pub(super) fn bracketed<T>(
        &mut self,
        open: TokenKind,
        inside: impl FnOnce(&mut Self) -> Parsed<T>,
    ) -> Parsed<T> {
        let (opening, close, closing) = match open {
            TokenKind::OpenBracket => ("[", TokenKind::CloseBracket, "]"),
            TokenKind::OpenBrace => ("{", TokenKind::CloseBrace, "}"),
            _ => ("(", TokenKind::CloseParenthesis, ")"),
        };
        let opened = self.expect(open, opening)?;
        let beside = mem::take(&mut self.height);
        self.depth += 1;
        let parsed = if self.depth > MOST_BRACKETS { self.too_deep(opened) } else { inside(self) };
        self.depth -= 1;
        self.height = beside.max(self.height + 1);
        let parsed = parsed?;
        if self.kind() != close {
            let (line, column) = opened.line_and_column(self.text);
            let here = self.quoted();
            let reason = format!("{here} stands where `{closing}` is expected");
            let help = format!("the `{opening}` at line {line}, column {column} is still open");
            return self.fail(Problem::error(self.span(), reason).help(help));
        }
        self.advance();
        Ok(parsed)
    }

    // How deep we are.

    /// Parses a chain of operands, whose levels are its own and not those of what stands beside it.
    pub(super) fn chain(
        &mut self,
        parse: impl FnOnce(&mut Self) -> Parsed<Expression>,
    ) -> Parsed<Expression> {
        let beside = mem::take(&mut self.height);
        let parsed = parse(self);
        self.height = beside.max(self.height);
        parsed
    }

    /// Puts levels on top of what was parsed last.
    pub(super) fn rise(&mut self, levels: usize, span: Span) -> Parsed<()> {
        self.height += levels;
        if self.depth + self.height > MOST_LEVELS { self.too_deep(span) } else { Ok(()) }
    }

    fn too_deep<T>(&mut self, span: Span) -> Parsed<T> {
        let reason = match self.depth > MOST_BRACKETS {
            true => format!("more than {MOST_BRACKETS} brackets are open"),
            false => format!("this has more than {MOST_LEVELS} levels of operands"),
        };
        let failed = self.fail(Problem::error(span, reason).help("name parts of it with `let`"));
        // Each of the levels around it would only say the same.
        self.at = self.tokens.len();
        failed
    }

    // What is wrong.

    /// Notes a problem. What is wrong behind the end of a query that is too deep is not told.
    pub(super) fn fail<T>(&mut self, problem: Problem) -> Parsed<T> {
        let is_beyond = self.at >= self.tokens.len();
        if !is_beyond {
            self.problems.push(problem);
        }
        if self.problems.len() >= MOST_PROBLEMS {
            self.at = self.tokens.len();
        }
        Err(Failed)
    }

    /// Notes that something else is expected here.
    pub(super) fn unexpected<T>(&mut self, expected: &str) -> Parsed<T> {
        let reason = format!("{} stands where {expected} is expected", self.quoted());
        self.fail(Problem::error(self.span(), reason))
    }

    /// The token here in the words of a reason.
    pub(super) fn quoted(&self) -> String {
        let token = self.token(0);
        if token.kind == TokenKind::End {
            return "the end of the query".to_owned();
        }
        let text = self.text_of(token.span);
        let line = text.lines().next().unwrap_or_default();
        let quoted: String = line.chars().take(MOST_QUOTED).collect();
        let more = if quoted.len() < text.len() { "…" } else { "" };
        format!("`{quoted}{more}`")
    }

    /// The place among the tokens, to [`recover`](Self::recover) from.
    pub(super) fn place(&self) -> usize {
        self.at
    }

    /// Goes on to the pipe, semicolon or closing bracket that ends what began at that place.
    pub(super) fn recover(&mut self, place: usize) {
        let failed_at = self.at;
        if failed_at >= self.tokens.len() {
            return;
        }
        self.at = place.min(self.at);
        let mut open = 0_usize;
        loop {
            match self.kind() {
                TokenKind::End => return,
                kind if kind.opens() => open += 1,
                kind if kind.closes() && open > 0 => open -= 1,
                kind if open == 0 && self.at >= failed_at && ends_part(kind) => return,
                _ => {}
            }
            self.at += 1;
        }
    }

    /// Skips what a part holds that is not looked into.
    pub(super) fn skip_part(&mut self) {
        self.recover(self.at);
    }
}

fn ends_part(kind: TokenKind) -> bool {
    kind.closes() || matches!(kind, TokenKind::Pipe | TokenKind::Semicolon)
}
