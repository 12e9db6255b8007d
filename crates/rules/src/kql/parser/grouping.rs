//! Operators that make one row of several.

use super::cursor::{Parsed, Parser};
use crate::kql::syntax::{Expression, ExpressionKind, Named, OperatorKind, TopNestedLevel};
use crate::kql::token::TokenKind;

impl Parser<'_> {
    pub(super) fn summarize(&mut self) -> Parsed<OperatorKind> {
        self.properties(&[])?;
        let is_bare = self.ends_operator() || self.begins_by();
        let aggregates = if is_bare { Vec::new() } else { self.list(Self::named)? };
        Ok(OperatorKind::Summarize { aggregates, by: self.by()? })
    }

    /// Whether the word `by` stands here, and not a column of that name that is given a value.
    fn begins_by(&self) -> bool {
        self.word() == "by" && self.kind_ahead(1) != TokenKind::Assign
    }

    fn by(&mut self) -> Parsed<Vec<Named>> {
        if self.take_word("by") { self.list(Self::named) } else { Ok(Vec::new()) }
    }

    pub(super) fn make_series(&mut self) -> Parsed<OperatorKind> {
        let properties = self.properties(&["kind"])?;
        let aggregates = self.list(Self::series_aggregate)?;
        self.expect_word("on")?;
        let names = self.assigned_name()?.into_iter().collect();
        let on = Named { names, value: self.sum()? };
        let (from, to, step) = if self.word() == "in" { self.in_range()? } else { self.steps()? };
        let by = self.by()?;
        Ok(OperatorKind::MakeSeries { properties, aggregates, on, from, to, step, by })
    }

    fn series_aggregate(&mut self) -> Parsed<(Named, Option<Expression>)> {
        let aggregate = self.named()?;
        let has_default = self.word() == "default" && self.kind_ahead(1) == TokenKind::Assign;
        if !has_default {
            return Ok((aggregate, None));
        }
        self.advance();
        self.advance();
        Ok((aggregate, Some(self.expression()?)))
    }

    /// `from a to b step c`.
    fn steps(&mut self) -> Parsed<Steps> {
        let from = if self.take_word("from") { Some(self.expression()?) } else { None };
        let to = if self.take_word("to") { Some(self.expression()?) } else { None };
        self.expect_word("step")?;
        Ok((from, to, self.expression()?))
    }

    /// `in range(a, b, c)`, which is older.
    fn in_range(&mut self) -> Parsed<Steps> {
        self.advance();
        let range = self.operand()?;
        let span = range.span;
        if let ExpressionKind::Call { name, arguments } = range.kind
            && name.text == "range"
        {
            let mut values = arguments.into_iter().map(|argument| argument.value);
            if let (Some(from), Some(to), Some(step), None) =
                (values.next(), values.next(), values.next(), values.next())
            {
                return Ok((Some(from), Some(to), step));
            }
        }
        let reason = format!("`{}` is no range", self.text_of(span));
        self.fail(crate::kql::Problem::error(span, reason).help("write `from … to … step …`"))
    }

    pub(super) fn top_hitters(&mut self) -> Parsed<OperatorKind> {
        let count = self.expression()?;
        self.expect_word("of")?;
        let of = self.expression()?;
        let by = if self.take_word("by") { Some(self.expression()?) } else { None };
        Ok(OperatorKind::TopHitters { count, of, by })
    }

    pub(super) fn top_nested(&mut self) -> Parsed<OperatorKind> {
        let mut levels = vec![self.top_nested_level()?];
        while self.take(TokenKind::Comma) {
            if self.word() == "top" && self.word_ahead(2) == "nested" {
                self.advance();
                self.advance();
                self.advance();
            }
            levels.push(self.top_nested_level()?);
        }
        Ok(OperatorKind::TopNested(levels))
    }

    fn top_nested_level(&mut self) -> Parsed<TopNestedLevel> {
        let count = if self.word() == "of" { None } else { Some(self.expression()?) };
        self.expect_word("of")?;
        let of = self.named()?;
        let others = if self.take_word("with") {
            self.expect_word("others")?;
            self.expect(TokenKind::Assign, "=")?;
            Some(self.expression()?)
        } else {
            None
        };
        self.expect_word("by")?;
        let by = self.named()?;
        Ok(TopNestedLevel { count, of, others, by, is_descending: self.direction() })
    }
}

/// The first, the last, and the step of a series.
type Steps = (Option<Expression>, Option<Expression>, Expression);
