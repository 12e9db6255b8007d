//! Operators that bring tables together.

use super::cursor::{Parsed, Parser};
use crate::kql::syntax::{Argument, Expression, ExpressionKind, Name, Named, OperatorKind};
use crate::kql::token::TokenKind;

impl Parser<'_> {
    pub(super) fn join(&mut self) -> Parsed<OperatorKind> {
        let properties = self.properties(&["kind"])?;
        let right = Box::new(self.operand()?);
        let on = if self.take_word("on") || self.take_word("where") {
            self.list(Self::expression)?
        } else {
            Vec::new()
        };
        Ok(OperatorKind::Join { properties, right, on })
    }

    pub(super) fn lookup(&mut self) -> Parsed<OperatorKind> {
        let properties = self.properties(&["kind"])?;
        let right = Box::new(self.operand()?);
        self.expect_word("on")?;
        Ok(OperatorKind::Lookup { properties, right, on: self.list(Self::expression)? })
    }

    pub(super) fn union(&mut self) -> Parsed<OperatorKind> {
        let properties =
            self.properties(&["kind", "withsource", "with_source", "isfuzzy", "best_effort"])?;
        Ok(OperatorKind::Union { properties, tables: self.list(Self::table)? })
    }

    /// A table's name, a wildcard, a call, or a pipeline in brackets.
    fn table(&mut self) -> Parsed<Expression> {
        if self.begins_wildcard() { self.wildcard() } else { self.operand() }
    }

    /// `in (tables)`, if it stands here.
    fn in_tables(&mut self) -> Parsed<Vec<Expression>> {
        if self.word() == "in" && self.kind_ahead(1) == TokenKind::OpenParenthesis {
            self.advance();
            return self.bracketed_list(TokenKind::OpenParenthesis, Self::table);
        }
        Ok(Vec::new())
    }

    pub(super) fn search(&mut self) -> Parsed<OperatorKind> {
        let properties = self.properties(&["kind"])?;
        let tables = self.in_tables()?;
        let around = std::mem::replace(&mut self.in_search, true);
        let predicate = self.expression();
        self.in_search = around;
        Ok(OperatorKind::Search { properties, tables, predicate: predicate? })
    }

    pub(super) fn find(&mut self) -> Parsed<OperatorKind> {
        let properties = self.properties(&["withsource", "datascope"])?;
        let tables = self.in_tables()?;
        self.take_word("where");
        let around = std::mem::replace(&mut self.in_search, true);
        let predicate = self.expression();
        self.in_search = around;
        let predicate = predicate?;
        let project = if self.word() == "project" {
            self.advance();
            if self.take(TokenKind::Minus) {
                self.expect_word("smart")?;
                Vec::new()
            } else {
                self.list(Self::found_column)?
            }
        } else {
            Vec::new()
        };
        Ok(OperatorKind::Find { properties, tables, predicate, project })
    }

    /// A column of `find … project`; `name: type` is the same as `name = totype(name)`.
    fn found_column(&mut self) -> Parsed<Named> {
        let around = std::mem::replace(&mut self.in_search, false);
        let named = self.named();
        self.in_search = around;
        let named = named?;
        if !self.take(TokenKind::Colon) {
            return Ok(named);
        }
        let span = self.span();
        let call = Name { text: format!("to{}", self.type_name()?), span };
        let names = match &named.value.kind {
            ExpressionKind::Name(text) => {
                vec![Name { text: text.clone(), span: named.value.span }]
            }
            _ => named.names,
        };
        let whole = named.value.span.to(span);
        let arguments = vec![Argument { name: None, value: named.value }];
        let kind = ExpressionKind::Call { name: call, arguments };
        Ok(Named { names, value: Expression { kind, span: whole } })
    }
}
