//! Tables that stand in the query, or that it says where to find.

use super::cursor::{Parsed, Parser};
use crate::kql::syntax::ExpressionKind;
use crate::kql::token::TokenKind;

impl Parser<'_> {
    /// `datatable(name: type, …) [values]`.
    pub(super) fn data_table(&mut self) -> Parsed<ExpressionKind> {
        self.advance();
        let columns = self.bracketed_list(TokenKind::OpenParenthesis, Self::declared_column)?;
        let values = self.bracketed_list(TokenKind::OpenBracket, Self::expression)?;
        Ok(ExpressionKind::DataTable { columns, values })
    }

    /// `externaldata(name: type, …) [addresses] with (…)`. In older texts the addresses stand in no
    /// brackets or in round ones, and before them is what stands behind `with`.
    pub(super) fn external_data(&mut self) -> Parsed<ExpressionKind> {
        self.advance();
        let columns = self.bracketed_list(TokenKind::OpenParenthesis, Self::declared_column)?;
        let mut properties = self.with_properties()?;
        let addresses = match self.kind() {
            open @ (TokenKind::OpenBracket | TokenKind::OpenParenthesis) => {
                self.bracketed_list(open, Self::expression)?
            }
            TokenKind::Text => vec![self.operand()?],
            _ => return self.unexpected("`[` and the addresses of the data"),
        };
        properties.append(&mut self.with_properties()?);
        Ok(ExpressionKind::ExternalData { columns, addresses, properties })
    }
}
