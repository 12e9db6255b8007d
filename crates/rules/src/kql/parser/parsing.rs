//! Operators that take texts apart into columns.

use super::cursor::{Parsed, Parser};
use crate::kql::syntax::{OperatorKind, ParsePart};
use crate::kql::token::TokenKind;

impl Parser<'_> {
    /// `parse` and `parse-where`.
    pub(super) fn parse_operator(&mut self, is_where: bool) -> Parsed<OperatorKind> {
        let properties = self.properties(&["kind", "flags"])?;
        let of = self.expression()?;
        self.expect_word("with")?;
        let mut pattern = vec![self.parse_part()?];
        while !self.ends_operator() {
            pattern.push(self.parse_part()?);
        }
        Ok(OperatorKind::Parse { is_where, properties, of, pattern })
    }

    fn parse_part(&mut self) -> Parsed<ParsePart> {
        match self.kind() {
            TokenKind::Star => {
                self.advance();
                Ok(ParsePart::Star)
            }
            TokenKind::Text => {
                let span = self.span();
                Ok(ParsePart::Text { text: self.text()?, span })
            }
            TokenKind::Word | TokenKind::OpenBracket => {
                let name = self.name()?;
                let has_type = self.take(TokenKind::Colon);
                let r#type = if has_type { Some(self.type_name()?) } else { None };
                Ok(ParsePart::Column { name, r#type })
            }
            _ => self.unexpected("a text, a column or `*`"),
        }
    }

    /// `parse-kv x as (columns) with (…)`.
    pub(super) fn parse_kv(&mut self) -> Parsed<OperatorKind> {
        let of = self.expression()?;
        self.expect_word("as")?;
        let columns = self.bracketed_list(TokenKind::OpenParenthesis, Self::declared_column)?;
        let properties = self.with_properties()?;
        Ok(OperatorKind::ParseKv { of, columns, properties })
    }
}
