//! Constants.

use std::str::FromStr;

use rust_decimal::Decimal;

use super::cursor::{Parsed, Parser};
use crate::kql::lexer::texts::{self, BadEscape};
use crate::kql::syntax::Literal;
use crate::kql::token::TokenKind;
use crate::kql::{DateTime, Guid, Problem, Span, TimeSpan, Type, Value};

impl Parser<'_> {
    /// A constant that is no `dynamic(…)`. Texts next to one another are one.
    pub(super) fn literal(&mut self) -> Parsed<Literal> {
        let span = self.span();
        let text = self.text_of(span);
        let value = match self.kind() {
            TokenKind::Text => {
                let is_obfuscated = texts::is_obfuscated(text);
                let value = Value::String(self.texts()?);
                return Ok(Literal { value, r#type: Type::String, is_obfuscated });
            }
            TokenKind::Typed => return self.typed(),
            TokenKind::Integer => integer(text).map(Value::Long),
            TokenKind::Real => f64::from_str(text).ok().map(Value::Real),
            _ => TimeSpan::parse(text).map(Value::TimeSpan),
        };
        let r#type = match self.kind() {
            TokenKind::Integer => Type::Long,
            TokenKind::Real => Type::Real,
            _ => Type::TimeSpan,
        };
        let Some(value) = value else {
            let reason = format!("{} is too great for a {type}", self.quoted());
            return self.fail(Problem::error(span, reason));
        };
        self.advance();
        Ok(Literal { value, r#type, is_obfuscated: false })
    }

    /// Whether the word here is true or false.
    pub(super) fn truth(&self) -> Option<Literal> {
        let truth = match self.word() {
            "true" | "True" | "TRUE" => true,
            "false" | "False" | "FALSE" => false,
            _ => return None,
        };
        Some(Literal { value: Value::Bool(truth), r#type: Type::Bool, is_obfuscated: false })
    }

    fn texts(&mut self) -> Parsed<String> {
        let mut text = self.text()?;
        while self.kind() == TokenKind::Text {
            text.push_str(&self.text()?);
        }
        Ok(text)
    }

    /// What one text says.
    pub(super) fn text(&mut self) -> Parsed<String> {
        if self.kind() != TokenKind::Text {
            return self.unexpected("a text");
        }
        let span = self.span();
        match texts::content(self.text_of(span)) {
            Ok(text) => {
                self.advance();
                Ok(text.into_owned())
            }
            Err(bad) => {
                let failed = self.bad_escape(span, &bad);
                self.advance();
                failed
            }
        }
    }

    fn bad_escape<T>(&mut self, text: Span, bad: &BadEscape) -> Parsed<T> {
        let at = text.start + bad.at;
        let span = Span::new(at, at + bad.escape.len());
        let reason = format!("there is no escape `{}`", bad.escape);
        let help = format!("write `\\{}`, or `@` before the text", bad.escape);
        self.fail(Problem::error(span, reason).help(help))
    }

    /// `datetime(…)`, `long(…)` and the like.
    fn typed(&mut self) -> Parsed<Literal> {
        let span = self.span();
        let text = self.text_of(span);
        let (name, inside) = text.split_once('(').unwrap_or((text, ""));
        let inside = inside.strip_suffix(')').unwrap_or(inside).trim();
        let r#type = Type::from_name(name).unwrap_or(Type::String);
        let plain = match texts::scan(inside).filter(|found| found.length == inside.len()) {
            Some(_) => match texts::content(inside) {
                Ok(plain) => plain.into_owned(),
                Err(bad) => {
                    let begin = span.start + text.find(inside).unwrap_or_default();
                    return self.bad_escape(Span::new(begin, span.end), &bad);
                }
            },
            None => inside.to_owned(),
        };
        let value = if plain.is_empty() || plain == "null" {
            Some(Value::Null)
        } else {
            value_of(r#type, plain.trim())
        };
        let Some(value) = value else {
            let reason = format!("`{plain}` is no {type}");
            let problem = Problem::error(span, reason);
            let help = format!("for what is computed write `to{}(…)`", r#type);
            return self.fail(problem.help(help));
        };
        self.advance();
        Ok(Literal { value, r#type, is_obfuscated: false })
    }
}

/// The value of that type that a text says.
fn value_of(r#type: Type, text: &str) -> Option<Value> {
    Some(match r#type {
        Type::Bool => match text.to_lowercase().as_str() {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            number => Value::Bool(integer(number)? != 0),
        },
        Type::Int => Value::Int(i32::try_from(integer(text)?).ok()?),
        Type::Long => Value::Long(integer(text)?),
        Type::Real => Value::Real(real(text)?),
        Type::Decimal => Value::Decimal(
            Decimal::from_str(text).or_else(|_| Decimal::from_scientific(text)).ok()?,
        ),
        Type::DateTime => Value::DateTime(date_time(text)?),
        Type::TimeSpan => Value::TimeSpan(TimeSpan::parse(text)?),
        Type::Guid => Value::Guid(Guid::parse(text)?),
        Type::String | Type::Dynamic => return None,
    })
}

/// A whole number, decimal or hexadecimal.
fn integer(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let Some(digits) = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) else {
        return i64::from_str(text).ok();
    };
    // Sixteen digits are the bits of a number that may be negative.
    let bits = u64::from_str_radix(digits, 16).ok()?.cast_signed();
    if text.starts_with('-') { bits.checked_neg() } else { Some(bits) }
}

fn real(text: &str) -> Option<f64> {
    match text.to_lowercase().as_str() {
        "nan" => Some(f64::NAN),
        "inf" | "+inf" => Some(f64::INFINITY),
        "-inf" => Some(f64::NEG_INFINITY),
        number if number.contains(['i', 'n']) => None,
        number => f64::from_str(number).ok(),
    }
}

/// A moment; `2025, 6, 14` is a day.
fn date_time(text: &str) -> Option<DateTime> {
    let parts: Vec<u16> = text.split(',').map_while(|part| part.trim().parse().ok()).collect();
    match (parts.as_slice(), text.matches(',').count()) {
        ([year, month, day], 2) => DateTime::parse(&format!("{year:04}-{month:02}-{day:02}")),
        _ => DateTime::parse(text),
    }
}
