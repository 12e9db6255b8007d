//! Statements, and the functions and parameters that they declare.

use super::cursor::{Failed, Parsed, Parser};
use crate::kql::Problem;
use crate::kql::syntax::{Function, LetValue, Name, Parameter, ParameterType, Query, Statement};
use crate::kql::token::TokenKind;

impl Parser<'_> {
    /// Statements up to the end of the query.
    pub(super) fn query(&mut self) -> Query {
        let mut statements = Vec::new();
        while self.kind() != TokenKind::End {
            statements.append(&mut self.statements());
            if self.kind().closes() {
                let reason = format!("{} closes nothing", self.quoted());
                let _ = self.fail::<()>(Problem::error(self.span(), reason));
                self.advance();
            }
        }
        Query { statements }
    }

    /// Statements up to a closing bracket or the end.
    fn statements(&mut self) -> Vec<Statement> {
        let mut statements = Vec::new();
        loop {
            while self.take(TokenKind::Semicolon) {}
            if self.kind() == TokenKind::End || self.kind().closes() {
                return statements;
            }
            let place = self.place();
            match self.statement().and_then(|statement| {
                self.expect_statement_end()?;
                Ok(statement)
            }) {
                Ok(statement) => statements.push(statement),
                Err(Failed) => self.recover_operators(place),
            }
        }
    }

    fn expect_statement_end(&mut self) -> Parsed<()> {
        let kind = self.kind();
        if matches!(kind, TokenKind::Semicolon | TokenKind::End) || kind.closes() {
            return Ok(());
        }
        if kind == TokenKind::Assign {
            return self.misplaced_assignment();
        }
        let reason = format!("{} stands where `|` or `;` is expected", self.quoted());
        let help = self.help_for_word();
        self.fail(Problem::error(self.span(), reason).help(help))
    }

    fn statement(&mut self) -> Parsed<Statement> {
        let is_named = self.kind_ahead(1) == TokenKind::Word;
        match self.word() {
            "let" if is_named || self.kind_ahead(1) == TokenKind::OpenBracket => self.r#let(),
            "set" if is_named => {
                self.advance();
                if self.kind_ahead(1) == TokenKind::Assign {
                    return Ok(Statement::Set(Some(self.property()?)));
                }
                self.skip_part();
                Ok(Statement::Set(None))
            }
            "declare" if self.word_ahead(1) == "query_parameters" => {
                self.advance();
                self.advance();
                Ok(Statement::Parameters(
                    self.bracketed_list(TokenKind::OpenParenthesis, Self::parameter)?,
                ))
            }
            "declare" if is_named => Ok(self.refused_statement("declare pattern")),
            "alias" if is_named => Ok(self.refused_statement("alias")),
            "restrict" if is_named => Ok(self.refused_statement("restrict access")),
            _ => Ok(Statement::Expression(self.pipeline()?)),
        }
    }

    fn refused_statement(&mut self, what: &'static str) -> Statement {
        let start = self.start();
        self.skip_part();
        Statement::Refused { what, span: self.since(start) }
    }

    fn r#let(&mut self) -> Parsed<Statement> {
        self.advance();
        let name = self.name()?;
        self.expect(TokenKind::Assign, "=")?;
        let is_view = self.word() == "view" && self.kind_ahead(1) == TokenKind::OpenParenthesis;
        if is_view {
            self.advance();
        }
        let value = if is_view || self.begins_function() {
            LetValue::Function(self.function(is_view)?)
        } else {
            LetValue::Expression(self.pipeline()?)
        };
        Ok(Statement::Let { name, value })
    }

    /// Whether `(…) {` stands here.
    pub(super) fn begins_function(&self) -> bool {
        if self.kind() != TokenKind::OpenParenthesis {
            return false;
        }
        let mut open = 0_usize;
        let mut ahead = 0;
        loop {
            let kind = self.kind_ahead(ahead);
            if kind.opens() {
                open += 1;
            } else if kind.closes() {
                open -= 1;
            }
            ahead += 1;
            if open == 0 {
                return self.kind_ahead(ahead) == TokenKind::OpenBrace;
            }
            if matches!(kind, TokenKind::End | TokenKind::Pipe | TokenKind::Semicolon) {
                return false;
            }
        }
    }

    /// `(parameters) { body }`.
    pub(super) fn function(&mut self, is_view: bool) -> Parsed<Function> {
        let start = self.start();
        let parameters = self.bracketed_list(TokenKind::OpenParenthesis, Self::parameter)?;
        let body = self.bracketed(TokenKind::OpenBrace, |parser| Ok(parser.statements()))?;
        let body = Query { statements: body };
        Ok(Function { parameters, is_view, body, span: self.since(start) })
    }

    /// `name: type = default`, `T: (*)`, `T: (a: long)`.
    fn parameter(&mut self) -> Parsed<Parameter> {
        let name = self.name()?;
        self.expect_type_of(&name)?;
        let r#type = match self.kind() {
            TokenKind::OpenParenthesis => self.table_type()?,
            _ => ParameterType::Scalar(self.type_name()?),
        };
        let default = if self.take(TokenKind::Assign) { Some(self.operand()?) } else { None };
        Ok(Parameter { name, r#type, default })
    }

    fn expect_type_of(&mut self, name: &Name) -> Parsed<()> {
        if self.take(TokenKind::Colon) {
            return Ok(());
        }
        let reason = format!("the parameter `{}` has no type", name.text);
        let help = format!("write `{}: string`, or `{}: (*)` for a table", name.text, name.text);
        self.fail(Problem::error(name.span, reason).help(help))
    }

    fn table_type(&mut self) -> Parsed<ParameterType> {
        if self.kind_ahead(1) == TokenKind::Star {
            self.bracketed(TokenKind::OpenParenthesis, |parser| {
                parser.expect(TokenKind::Star, "*")
            })?;
            return Ok(ParameterType::Table(Vec::new()));
        }
        let columns = self.bracketed_list(TokenKind::OpenParenthesis, Self::declared_column)?;
        Ok(ParameterType::Table(columns))
    }
}
