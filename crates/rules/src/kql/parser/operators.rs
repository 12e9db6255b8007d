//! Which operator is parsed by what, and those that take, order and name rows.

use super::cursor::{Parsed, Parser};
use crate::kql::syntax::{Expression, ExpressionKind, Name, Named, OperatorKind, Ordering};
use crate::kql::token::TokenKind;

/// Parses what stands behind an operator's name.
pub(super) type OperatorParser<P> = fn(&mut P) -> Parsed<OperatorKind>;

impl Parser<'_> {
    /// What parses that which stands behind an operator's name; nothing if there is no such operator. It is
    /// not called here, where all of them together would take much of the stack.
    pub(super) fn operator_parser(name: &str) -> Option<OperatorParser<Self>> {
        Some(match name {
            "where" | "filter" => Self::r#where,
            "extend" => |parser| parser.list(Self::named).map(OperatorKind::Extend),
            "project" => |parser| parser.list_or_none(Self::named).map(OperatorKind::Project),
            "project-away" => {
                |parser| parser.list_or_none(Self::wildcard).map(OperatorKind::ProjectAway)
            }
            "project-keep" => {
                |parser| parser.list_or_none(Self::wildcard).map(OperatorKind::ProjectKeep)
            }
            "project-rename" => {
                |parser| parser.list_or_none(Self::named).map(OperatorKind::ProjectRename)
            }
            "project-reorder" => {
                |parser| parser.list_or_none(Self::reordered).map(OperatorKind::ProjectReorder)
            }
            "project-by-names" => {
                |parser| parser.list(Self::expression).map(OperatorKind::ProjectByNames)
            }
            "distinct" => Self::distinct,
            "count" => Self::count,
            "take" | "limit" => |parser| parser.expression().map(OperatorKind::Take),
            "sample" => |parser| parser.expression().map(OperatorKind::Sample),
            "sample-distinct" => Self::sample_distinct,
            "top" => Self::top,
            "sort" | "order" => Self::sort,
            "top-hitters" => Self::top_hitters,
            "top-nested" => Self::top_nested,
            "summarize" => Self::summarize,
            "make-series" => Self::make_series,
            "join" => Self::join,
            "lookup" => Self::lookup,
            "union" => Self::union,
            "search" => Self::search,
            "find" => Self::find,
            "mv-expand" | "mvexpand" => Self::mv_expand,
            "mv-apply" | "mvapply" => Self::mv_apply,
            "parse" => |parser| parser.parse_operator(false),
            "parse-where" => |parser| parser.parse_operator(true),
            "parse-kv" => Self::parse_kv,
            "evaluate" => Self::evaluate,
            "invoke" => Self::invoke,
            "partition" => Self::partition,
            "fork" => Self::fork,
            "as" => Self::r#as,
            "serialize" => |parser| parser.list_or_none(Self::named).map(OperatorKind::Serialize),
            "print" => |parser| parser.list(Self::named).map(OperatorKind::Print),
            "range" => Self::range,
            "render" => Self::render,
            "consume" => {
                |parser| parser.properties(&["decodeblocks"]).map(|_| OperatorKind::Consume)
            }
            "getschema" => |parser| parser.properties(&["kind"]).map(|_| OperatorKind::GetSchema),
            _ => return None,
        })
    }

    /// A list that may be empty.
    fn list_or_none<T>(&mut self, item: fn(&mut Self) -> Parsed<T>) -> Parsed<Vec<T>> {
        if self.ends_operator() { Ok(Vec::new()) } else { self.list(item) }
    }

    /// Whether the operator has nothing more to say.
    pub(super) fn ends_operator(&self) -> bool {
        let kind = self.kind();
        kind.closes() || matches!(kind, TokenKind::Pipe | TokenKind::Semicolon | TokenKind::End)
    }

    /// `render chart with (…)`; in older texts the properties stand there without brackets.
    fn render(&mut self) -> Parsed<OperatorKind> {
        self.name()?;
        self.with_properties()?;
        while self.kind() == TokenKind::Word && self.kind_ahead(1) == TokenKind::Assign {
            self.property()?;
            while self.take(TokenKind::Comma) && self.kind_ahead(1) != TokenKind::Assign {
                self.operand()?;
            }
        }
        Ok(OperatorKind::Render)
    }

    fn r#where(&mut self) -> Parsed<OperatorKind> {
        self.properties(&[])?;
        self.expression().map(OperatorKind::Where)
    }

    /// `count`; `count as n` is the same as `summarize n = count()`.
    fn count(&mut self) -> Parsed<OperatorKind> {
        let name = Name { text: "count".to_owned(), span: self.since(self.start()) };
        if !self.take_word("as") {
            return Ok(OperatorKind::Count);
        }
        let names = vec![self.name()?];
        let span = name.span;
        let kind = ExpressionKind::Call { name, arguments: Vec::new() };
        let aggregates = vec![Named { names, value: Expression { kind, span } }];
        Ok(OperatorKind::Summarize { aggregates, by: Vec::new() })
    }

    fn sample_distinct(&mut self) -> Parsed<OperatorKind> {
        let count = self.expression()?;
        self.expect_word("of")?;
        Ok(OperatorKind::SampleDistinct { count, of: self.expression()? })
    }

    fn top(&mut self) -> Parsed<OperatorKind> {
        self.properties(&[])?;
        let count = self.expression()?;
        self.expect_word("by")?;
        Ok(OperatorKind::Top { count, by: self.list(Self::ordering)? })
    }

    fn sort(&mut self) -> Parsed<OperatorKind> {
        self.properties(&[])?;
        self.expect_word("by")?;
        self.list(Self::ordering).map(OperatorKind::Sort)
    }

    fn ordering(&mut self) -> Parsed<Ordering> {
        let by = self.named()?;
        let is_descending = self.direction();
        let nulls_first = if self.take_word("nulls") {
            let is_first = self.take_word("first");
            if !is_first {
                self.expect_word("last")?;
            }
            Some(is_first)
        } else {
            None
        };
        Ok(Ordering { by, is_descending, nulls_first })
    }

    /// `asc` or `desc`, if one was said; whether it is `desc`.
    pub(super) fn direction(&mut self) -> Option<bool> {
        if self.take_word("desc") {
            return Some(true);
        }
        self.take_word("asc").then_some(false)
    }

    fn r#as(&mut self) -> Parsed<OperatorKind> {
        self.properties(&[])?;
        self.name().map(OperatorKind::As)
    }

    fn range(&mut self) -> Parsed<OperatorKind> {
        let name = self.name()?;
        self.expect_word("from")?;
        let from = self.expression()?;
        self.expect_word("to")?;
        let to = self.expression()?;
        self.expect_word("step")?;
        Ok(OperatorKind::Range { name, from, to, step: self.expression()? })
    }
}
