//! Names, wildcards, types, and properties such as `kind = inner`.

use super::cursor::{Parsed, Parser};
use crate::kql::syntax::{
    DeclaredColumn, Expression, ExpressionKind, Literal, Name, Named, Property,
};
use crate::kql::token::TokenKind;
use crate::kql::{Problem, Type, Value};

impl Parser<'_> {
    /// A name, bare or as `['a name']`.
    pub(super) fn name(&mut self) -> Parsed<Name> {
        let start = self.start();
        match self.kind() {
            TokenKind::Word => {
                let text = self.word().to_owned();
                self.advance();
                Ok(Name { text, span: self.since(start) })
            }
            TokenKind::OpenBracket => self.quoted_name(),
            TokenKind::Text => {
                let help = format!("write a name that needs quotes as `[{}]`", {
                    self.text_of(self.span())
                });
                let reason = format!("{} is a text and no name", self.quoted());
                self.fail(Problem::error(self.span(), reason).help(help))
            }
            _ => self.unexpected("a name"),
        }
    }

    /// `['a name']`.
    fn quoted_name(&mut self) -> Parsed<Name> {
        let start = self.start();
        let text = self.bracketed(TokenKind::OpenBracket, Self::text)?;
        Ok(Name { text, span: self.since(start) })
    }

    /// Whether a quoted name stands here, not an array.
    pub(super) fn begins_quoted_name(&self) -> bool {
        self.kind() == TokenKind::OpenBracket
            && self.kind_ahead(1) == TokenKind::Text
            && self.kind_ahead(2) == TokenKind::CloseBracket
    }

    /// How many tokens the name here has; none if there is no name.
    fn name_length(&self) -> usize {
        match self.kind() {
            TokenKind::Word => 1,
            _ if self.begins_quoted_name() => 3,
            _ => 0,
        }
    }

    /// `name =`, if that is what stands here.
    pub(super) fn assigned_name(&mut self) -> Parsed<Option<Name>> {
        let length = self.name_length();
        if length == 0 || self.kind_ahead(length) != TokenKind::Assign {
            return Ok(None);
        }
        let name = self.name()?;
        self.advance();
        Ok(Some(name))
    }

    /// An expression that may be given names: `x`, `a = x`, `(a, b) = x`.
    pub(super) fn named(&mut self) -> Parsed<Named> {
        let names = if self.begins_several_names() {
            let names = self.bracketed_list(TokenKind::OpenParenthesis, Self::name)?;
            self.expect(TokenKind::Assign, "=")?;
            names
        } else {
            self.assigned_name()?.into_iter().collect()
        };
        Ok(Named { names, value: self.expression()? })
    }

    /// Whether `(a, b) =` stands here.
    fn begins_several_names(&self) -> bool {
        if self.kind() != TokenKind::OpenParenthesis {
            return false;
        }
        let mut ahead = 1;
        loop {
            match self.kind_ahead(ahead) {
                TokenKind::Word
                | TokenKind::Comma
                | TokenKind::OpenBracket
                | TokenKind::CloseBracket
                | TokenKind::Text => ahead += 1,
                TokenKind::CloseParenthesis => {
                    return self.kind_ahead(ahead + 1) == TokenKind::Assign;
                }
                _ => return false,
            }
        }
    }

    /// A name that may have stars in it.
    pub(super) fn wildcard(&mut self) -> Parsed<Expression> {
        if !self.begins_wildcard() {
            let name = self.name()?;
            return Ok(Expression { kind: ExpressionKind::Name(name.text), span: name.span });
        }
        let start = self.start();
        self.advance();
        while self.adjoins_wildcard() {
            self.advance();
        }
        let span = self.since(start);
        let kind = match self.text_of(span) {
            "*" => ExpressionKind::Star,
            name => ExpressionKind::Wildcard(name.to_owned()),
        };
        Ok(Expression { kind, span })
    }

    /// Whether a name with a star in it stands here.
    pub(super) fn begins_wildcard(&self) -> bool {
        let is_word = self.kind() == TokenKind::Word;
        let is_followed = self.kind_ahead(1) == TokenKind::Star && self.adjoins(1);
        self.kind() == TokenKind::Star || (is_word && is_followed)
    }

    fn adjoins_wildcard(&self) -> bool {
        let is_part = matches!(self.kind(), TokenKind::Word | TokenKind::Star | TokenKind::Integer);
        is_part && self.adjoins_last()
    }

    /// A type's name.
    pub(super) fn type_name(&mut self) -> Parsed<Type> {
        let Some(r#type) = Type::from_name(self.word()) else {
            let known = Type::ALL.map(Type::name);
            let reason = format!("{} is no type", self.quoted());
            let help = match closest(&self.word().to_lowercase(), known) {
                Some(close) => format!("did you mean `{close}`?"),
                None => format!("types are {}", known.join(", ")),
            };
            return self.fail(Problem::error(self.span(), reason).help(help));
        };
        self.advance();
        Ok(r#type)
    }

    /// `name: type`.
    pub(super) fn declared_column(&mut self) -> Parsed<DeclaredColumn> {
        let name = self.name()?;
        self.expect(TokenKind::Colon, ":")?;
        Ok(DeclaredColumn { name, r#type: self.type_name()? })
    }

    /// `kind = x hint.y = z …`: those of that name, and hints.
    pub(super) fn properties(&mut self, known: &[&str]) -> Parsed<Vec<Property>> {
        let mut properties = Vec::new();
        while self.begins_property(known) {
            properties.push(self.property()?);
            // Older texts have commas between them.
            if self.kind() == TokenKind::Comma && self.property_ahead(1, known) {
                self.advance();
            }
        }
        Ok(properties)
    }

    fn begins_property(&self, known: &[&str]) -> bool {
        self.property_ahead(0, known)
    }

    fn property_ahead(&self, ahead: usize, known: &[&str]) -> bool {
        let word = self.word_ahead(ahead);
        let next = self.kind_ahead(ahead + 1);
        let is_hint = word == "hint" && next == TokenKind::Dot;
        is_hint || (known.contains(&word) && next == TokenKind::Assign)
    }

    /// `with (name = value, …)`, if it stands here.
    pub(super) fn with_properties(&mut self) -> Parsed<Vec<Property>> {
        if !self.take_word("with") {
            return Ok(Vec::new());
        }
        self.bracketed_list(TokenKind::OpenParenthesis, |parser| {
            // `ycolumns = a, b` has several values.
            let first = parser.property()?;
            while parser.kind() == TokenKind::Comma && parser.lists_another_value() {
                parser.advance();
                parser.operand()?;
            }
            Ok(first)
        })
    }

    /// Whether a comma and a value follow that are no property of their own.
    fn lists_another_value(&self) -> bool {
        self.kind_ahead(1) == TokenKind::Word
            && matches!(self.kind_ahead(2), TokenKind::Comma | TokenKind::CloseParenthesis)
    }

    pub(super) fn property(&mut self) -> Parsed<Property> {
        let start = self.start();
        let mut name = self.name()?;
        while self.take(TokenKind::Dot) {
            let part = self.name()?;
            name = Name { text: format!("{}.{}", name.text, part.text), span: self.since(start) };
        }
        self.expect(TokenKind::Assign, "=")?;
        Ok(Property { name, value: self.property_value()? })
    }

    /// A constant; a bare word is a text, but `true` and `false` are not.
    fn property_value(&mut self) -> Parsed<Expression> {
        let span = self.span();
        if self.kind() != TokenKind::Word {
            return self.operand();
        }
        let literal = self.truth().unwrap_or_else(|| {
            let value = Value::String(self.word().to_owned());
            Literal { value, r#type: Type::String, is_obfuscated: false }
        });
        self.advance();
        Ok(Expression { kind: ExpressionKind::Literal(literal), span })
    }
}

/// The name that a misspelt one is closest to, if one is close.
pub(super) fn closest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(word, name), name))
        .filter(|(distance, name)| *distance <= (name.len() / 3).clamp(1, 3))
        .min()
        .map(|(_, name)| name)
}
