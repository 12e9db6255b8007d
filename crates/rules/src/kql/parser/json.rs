//! The inside of `dynamic(…)`: JSON, whose constants are those of the language.

use super::cursor::{Parsed, Parser};
use crate::kql::Value;
use crate::kql::syntax::{ExpressionKind, JsonLiteral, Literal};
use crate::kql::token::TokenKind;
use crate::kql::{Problem, TimeSpan, Type};

impl Parser<'_> {
    /// `dynamic(…)`.
    pub(super) fn dynamic(&mut self) -> Parsed<ExpressionKind> {
        self.advance();
        let json = self.bracketed(TokenKind::OpenParenthesis, Self::json)?;
        Ok(ExpressionKind::Dynamic(Box::new(json)))
    }

    fn begins_dynamic(&self) -> bool {
        self.word() == "dynamic" && self.kind_ahead(1) == TokenKind::OpenParenthesis
    }

    fn json(&mut self) -> Parsed<JsonLiteral> {
        Ok(match self.kind() {
            TokenKind::OpenBracket => {
                JsonLiteral::Array(self.bracketed_list(TokenKind::OpenBracket, Self::json)?)
            }
            TokenKind::OpenBrace => {
                JsonLiteral::Bag(self.bracketed_list(TokenKind::OpenBrace, Self::json_member)?)
            }
            TokenKind::Minus | TokenKind::Plus => JsonLiteral::Value(self.json_number()?),
            TokenKind::Word if self.begins_dynamic() => {
                self.advance();
                self.bracketed(TokenKind::OpenParenthesis, Self::json)?
            }
            TokenKind::Word => JsonLiteral::Value(self.json_word()?),
            TokenKind::Integer
            | TokenKind::Real
            | TokenKind::TimeSpan
            | TokenKind::Text
            | TokenKind::Typed => JsonLiteral::Value(self.literal()?),
            _ => return self.unexpected("a constant"),
        })
    }

    /// `"name": value`.
    fn json_member(&mut self) -> Parsed<(String, JsonLiteral)> {
        let name = self.text()?;
        self.expect(TokenKind::Colon, ":")?;
        Ok((name, self.json()?))
    }

    fn json_number(&mut self) -> Parsed<Literal> {
        let is_minus = self.advance().kind == TokenKind::Minus;
        let literal = self.literal()?;
        let value = match literal.value {
            Value::Long(number) if is_minus => Value::Long(number.wrapping_neg()),
            Value::Real(number) if is_minus => Value::Real(-number),
            Value::TimeSpan(TimeSpan(ticks)) if is_minus => Value::TimeSpan(TimeSpan(-ticks)),
            value => value,
        };
        Ok(Literal { value, ..literal })
    }

    fn json_word(&mut self) -> Parsed<Literal> {
        if let Some(truth) = self.truth() {
            self.advance();
            return Ok(truth);
        }
        if self.take_word("null") {
            return Ok(Literal { value: Value::Null, r#type: Type::Dynamic, is_obfuscated: false });
        }
        let reason = format!("{} is no constant", self.quoted());
        let help =
            "write a text in quotes; for what is computed use `pack_array(…)` or `bag_pack(…)`";
        self.fail(Problem::error(self.span(), reason).help(help))
    }
}
