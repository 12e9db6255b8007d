//! Sources, and the operators behind their pipes.

use super::cursor::{Failed, Parsed, Parser};
use super::expressions::WORD_OPERATORS;
use super::names::closest;
use crate::kql::Problem;
use crate::kql::syntax::{Expression, ExpressionKind, Operator, OperatorKind};
use crate::kql::token::TokenKind;

/// Every operator that may stand behind a pipe.
const OPERATORS: [&str; 49] = [
    "as",
    "consume",
    "count",
    "distinct",
    "evaluate",
    "extend",
    "filter",
    "find",
    "fork",
    "getschema",
    "invoke",
    "join",
    "limit",
    "lookup",
    "make-series",
    "mv-apply",
    "mv-expand",
    "mvapply",
    "mvexpand",
    "order",
    "parse",
    "parse-kv",
    "parse-where",
    "partition",
    "print",
    "project",
    "project-away",
    "project-by-names",
    "project-keep",
    "project-rename",
    "project-reorder",
    "range",
    "render",
    "sample",
    "sample-distinct",
    "search",
    "serialize",
    "sort",
    "summarize",
    "take",
    "top",
    "top-hitters",
    "top-nested",
    "union",
    "where",
    "scan",
    "reduce",
    "facet",
    "make-graph",
];

/// Operators that are known and not supported.
const REFUSED: [&str; 15] = [
    "__partitionby",
    "assert-schema",
    "execute-and-cache",
    "facet",
    "graph-mark-components",
    "graph-match",
    "graph-merge",
    "graph-shortest-paths",
    "graph-to-table",
    "graph-where-edges",
    "graph-where-nodes",
    "macro-expand",
    "make-graph",
    "reduce",
    "scan",
];

impl Parser<'_> {
    /// A tabular expression, or a scalar one that stands where both may.
    pub(super) fn pipeline(&mut self) -> Parsed<Expression> {
        let start = self.start();
        let (source, mut operators) = match self.first_operator() {
            Some(name) => (None, vec![self.operator(name)?]),
            None => (Some(self.expression()?), Vec::new()),
        };
        operators.append(&mut self.operators());
        Ok(match source {
            Some(source) if operators.is_empty() => source,
            source => self.pipeline_of(source, operators, start),
        })
    }

    /// The body of `mv-apply`, `fork` or `partition`, where an operator comes first.
    pub(super) fn body(&mut self) -> Parsed<Expression> {
        let start = self.start();
        let name = self.operator_name();
        let mut operators = vec![self.operator(&name)?];
        operators.append(&mut self.operators());
        Ok(self.pipeline_of(None, operators, start))
    }

    fn pipeline_of(
        &self,
        source: Option<Expression>,
        operators: Vec<Operator>,
        start: usize,
    ) -> Expression {
        let kind = ExpressionKind::Pipeline { source: source.map(Box::new), operators };
        Expression { kind, span: self.since(start) }
    }

    /// Operators, each behind its pipe. One that does not parse is left out.
    fn operators(&mut self) -> Vec<Operator> {
        let mut operators = Vec::new();
        while self.take(TokenKind::Pipe) {
            let place = self.place();
            let name = self.operator_name();
            match self.operator(&name).and_then(|operator| {
                self.expect_operator_end()?;
                Ok(operator)
            }) {
                Ok(operator) => operators.push(operator),
                Err(Failed) => self.recover(place),
            }
        }
        operators
    }

    /// Goes on behind a statement that failed, so that mistakes in its operators are told too.
    pub(super) fn recover_operators(&mut self, place: usize) {
        self.recover(place);
        self.operators();
        self.skip_part();
    }

    /// An operator must end at a pipe, at a semicolon or at a bracket. What else may follow is told by who
    /// called; only words and signs that cannot are wrong here.
    fn expect_operator_end(&mut self) -> Parsed<()> {
        match self.kind() {
            TokenKind::Pipe | TokenKind::Semicolon | TokenKind::Comma | TokenKind::End => Ok(()),
            kind if kind.closes() => Ok(()),
            TokenKind::Assign => self.misplaced_assignment(),
            _ => {
                let reason = format!("{} is not expected here", self.quoted());
                let help = self.help_for_word();
                self.fail(Problem::error(self.span(), reason).help(help))
            }
        }
    }

    /// `=` behind something that is no name.
    pub(super) fn misplaced_assignment<T>(&mut self) -> Parsed<T> {
        let reason = "`=` stands where an operator is expected";
        let help = match self.last_text() {
            Some(text) => format!("write a name that needs quotes as `[{text}]`"),
            None => "write `==` to compare".to_owned(),
        };
        self.fail(Problem::error(self.span(), reason).help(help))
    }

    /// What to write instead of the word here, where no word is expected.
    pub(super) fn help_for_word(&self) -> String {
        let word = self.word().to_lowercase();
        if word.is_empty() {
            return String::new();
        }
        if OPERATORS.contains(&word.as_str()) {
            return format!("put `|` before `{word}`");
        }
        if word == "not" && self.word_ahead(1) == "in" {
            return "write `!in`".to_owned();
        }
        match closest(&word, WORD_OPERATORS) {
            Some(close) => format!("did you mean `{close}`?"),
            None => String::new(),
        }
    }

    /// The name of the operator that begins here without a source, if one does.
    fn first_operator(&self) -> Option<&'static str> {
        let next = self.kind_ahead(1);
        let begins_operand = matches!(
            next,
            TokenKind::Word
                | TokenKind::Text
                | TokenKind::Typed
                | TokenKind::Integer
                | TokenKind::Real
                | TokenKind::TimeSpan
                | TokenKind::OpenParenthesis
                | TokenKind::OpenBracket
                | TokenKind::Star
                | TokenKind::Minus
        );
        let is_operator = !WORD_OPERATORS.contains(&self.word_ahead(1));
        match self.word() {
            "print" if begins_operand && is_operator => Some("print"),
            "union" if begins_operand && is_operator => Some("union"),
            "search" if begins_operand && is_operator => Some("search"),
            "search" if self.word_ahead(1) == "in" => Some("search"),
            "find" if begins_operand && is_operator => Some("find"),
            "find" if self.word_ahead(1) == "in" => Some("find"),
            "range" if next == TokenKind::Word && self.word_ahead(2) == "from" => Some("range"),
            "range" if next == TokenKind::OpenBracket => Some("range"),
            "evaluate" if next == TokenKind::Word && is_operator => Some("evaluate"),
            "macro" if next == TokenKind::Minus && self.word_ahead(2) == "expand" => {
                Some("macro-expand")
            }
            _ => None,
        }
    }

    /// The operator's name that begins here, whose parts may be joined by `-`. Nothing is taken.
    fn operator_name(&self) -> String {
        let mut name = self.word().to_owned();
        let mut ahead = 1;
        while !name.is_empty()
            && self.kind_ahead(ahead) == TokenKind::Minus
            && self.adjoins(ahead)
            && self.kind_ahead(ahead + 1) == TokenKind::Word
            && self.adjoins(ahead + 1)
        {
            name.push('-');
            name.push_str(self.word_ahead(ahead + 1));
            ahead += 2;
        }
        name
    }

    /// The operator of that name, which begins here.
    fn operator(&mut self, name: &str) -> Parsed<Operator> {
        let start = self.start();
        if name.is_empty() {
            return self.unexpected("an operator");
        }
        for _ in 0..name.matches('-').count() * 2 + 1 {
            self.advance();
        }
        if let Some(what) = REFUSED.into_iter().find(|refused| *refused == name) {
            self.skip_part();
            let kind = OperatorKind::Refused { what };
            return Ok(Operator { kind, span: self.since(start) });
        }
        let Some(parse) = Self::operator_parser(name) else {
            return self.unknown_operator(name, start);
        };
        let kind = parse(self)?;
        Ok(Operator { kind, span: self.since(start) })
    }

    fn unknown_operator<T>(&mut self, name: &str, start: usize) -> Parsed<T> {
        let problem = Problem::error(self.since(start), format!("there is no operator `{name}`"));
        let known = OPERATORS.into_iter().chain(REFUSED);
        self.fail(match closest(&name.to_lowercase(), known) {
            Some(close) => problem.help(format!("did you mean `{close}`?")),
            None => problem,
        })
    }
}
