//! Operators that choose columns.

use super::cursor::{Parsed, Parser};
use crate::kql::syntax::{ColumnOrder, Expression, OperatorKind};
use crate::kql::token::TokenKind;

impl Parser<'_> {
    pub(super) fn distinct(&mut self) -> Parsed<OperatorKind> {
        self.properties(&[])?;
        self.list(Self::named).map(OperatorKind::Distinct)
    }

    /// `name*` with an order if one is said.
    pub(super) fn reordered(&mut self) -> Parsed<(Expression, Option<ColumnOrder>)> {
        let column = self.wildcard()?;
        let is_granny = self.word() == "granny" && self.kind_ahead(1) == TokenKind::Minus;
        if is_granny {
            self.advance();
            self.advance();
        }
        let order = match (self.direction(), is_granny) {
            (Some(false), false) => Some(ColumnOrder::Ascending),
            (Some(true), false) => Some(ColumnOrder::Descending),
            (Some(false), true) => Some(ColumnOrder::GrannyAscending),
            (Some(true), true) => Some(ColumnOrder::GrannyDescending),
            (None, false) => None,
            (None, true) => return self.unexpected("`asc` or `desc`"),
        };
        Ok((column, order))
    }
}
