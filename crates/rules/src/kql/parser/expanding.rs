//! Operators that make several rows of one, or hand rows to something else.

use super::cursor::{Parsed, Parser};
use crate::kql::syntax::{Expanded, Expression, Name, OperatorKind};
use crate::kql::token::TokenKind;

const EXPANSION: [&str; 3] = ["bagexpansion", "kind", "with_itemindex"];

impl Parser<'_> {
    pub(super) fn mv_expand(&mut self) -> Parsed<OperatorKind> {
        let properties = self.properties(&EXPANSION)?;
        let columns = self.list(Self::expanded)?;
        Ok(OperatorKind::MvExpand { properties, columns, limit: self.row_limit()? })
    }

    pub(super) fn mv_apply(&mut self) -> Parsed<OperatorKind> {
        let properties = self.properties(&EXPANSION)?;
        let columns = if self.word() == "on" { Vec::new() } else { self.list(Self::expanded)? };
        let limit = self.row_limit()?;
        self.expect_word("on")?;
        let body = Box::new(self.bracketed(TokenKind::OpenParenthesis, Self::body)?);
        Ok(OperatorKind::MvApply { properties, columns, limit, body })
    }

    fn expanded(&mut self) -> Parsed<Expanded> {
        let column = self.named()?;
        let to = if self.take_word("to") {
            self.expect_word("typeof")?;
            Some(self.bracketed(TokenKind::OpenParenthesis, Self::type_name)?)
        } else {
            None
        };
        Ok(Expanded { column, to })
    }

    fn row_limit(&mut self) -> Parsed<Option<Expression>> {
        if self.take_word("limit") { self.expression().map(Some) } else { Ok(None) }
    }

    pub(super) fn evaluate(&mut self) -> Parsed<OperatorKind> {
        let properties = self.properties(&[])?;
        let plugin = self.name()?;
        let arguments = self.arguments()?;
        let schema = if self.take(TokenKind::Colon) {
            Some(self.bracketed(TokenKind::OpenParenthesis, Self::output_schema)?)
        } else {
            None
        };
        Ok(OperatorKind::Evaluate { properties, plugin, arguments, schema })
    }

    fn output_schema(&mut self) -> Parsed<(bool, Vec<crate::kql::syntax::DeclaredColumn>)> {
        let keeps = self.take(TokenKind::Star);
        if keeps && !self.take(TokenKind::Comma) {
            return Ok((true, Vec::new()));
        }
        Ok((keeps, self.list(Self::declared_column)?))
    }

    pub(super) fn invoke(&mut self) -> Parsed<OperatorKind> {
        let name = self.name()?;
        Ok(OperatorKind::Invoke { name, arguments: self.arguments()? })
    }

    pub(super) fn partition(&mut self) -> Parsed<OperatorKind> {
        let properties = self.properties(&[])?;
        self.expect_word("by")?;
        let by = self.column()?;
        let body = if self.kind() == TokenKind::OpenBrace {
            self.bracketed(TokenKind::OpenBrace, Self::pipeline)?
        } else {
            self.bracketed(TokenKind::OpenParenthesis, Self::body)?
        };
        Ok(OperatorKind::Partition { properties, by, body: Box::new(body) })
    }

    pub(super) fn fork(&mut self) -> Parsed<OperatorKind> {
        let mut branches = vec![self.branch()?];
        while !self.ends_operator() {
            branches.push(self.branch()?);
        }
        Ok(OperatorKind::Fork(branches))
    }

    fn branch(&mut self) -> Parsed<(Option<Name>, Expression)> {
        let name = self.assigned_name()?;
        Ok((name, self.bracketed(TokenKind::OpenParenthesis, Self::body)?))
    }
}
