//! Which operator is parsed by what, and those that take, order and name rows.

use super::cursor::{Parsed, Parser};
use crate::kql::syntax::{Expression, ExpressionKind, Name, Named, OperatorKind, Ordering};
use crate::kql::token::TokenKind;

impl Parser<'_> {
    /// What stands behind an operator's name; nothing if there is no such operator.
    pub(super) fn operator_kind(&mut self, name: &str) -> Option<Parsed<OperatorKind>> {
        Some(match name {
            "where" | "filter" => self.r#where(),
            "extend" => self.list(Self::named).map(OperatorKind::Extend),
            "project" => self.list_or_none(Self::named).map(OperatorKind::Project),
            "project-away" => self.list_or_none(Self::wildcard).map(OperatorKind::ProjectAway),
            "project-keep" => self.list_or_none(Self::wildcard).map(OperatorKind::ProjectKeep),
            "project-rename" => self.list_or_none(Self::named).map(OperatorKind::ProjectRename),
            "project-reorder" => {
                self.list_or_none(Self::reordered).map(OperatorKind::ProjectReorder)
            }
            "project-by-names" => self.list(Self::expression).map(OperatorKind::ProjectByNames),
            "distinct" => self.distinct(),
            "count" => self.count(),
            "take" | "limit" => self.expression().map(OperatorKind::Take),
            "sample" => self.expression().map(OperatorKind::Sample),
            "sample-distinct" => self.sample_distinct(),
            "top" => self.top(),
            "sort" | "order" => self.sort(),
            "top-hitters" => self.top_hitters(),
            "top-nested" => self.top_nested(),
            "summarize" => self.summarize(),
            "make-series" => self.make_series(),
            "join" => self.join(),
            "lookup" => self.lookup(),
            "union" => self.union(),
            "search" => self.search(),
            "find" => self.find(),
            "mv-expand" | "mvexpand" => self.mv_expand(),
            "mv-apply" | "mvapply" => self.mv_apply(),
            "parse" => self.parse_operator(false),
            "parse-where" => self.parse_operator(true),
            "parse-kv" => self.parse_kv(),
            "evaluate" => self.evaluate(),
            "invoke" => self.invoke(),
            "partition" => self.partition(),
            "fork" => self.fork(),
            "as" => self.r#as(),
            "serialize" => self.list_or_none(Self::named).map(OperatorKind::Serialize),
            "print" => self.list(Self::named).map(OperatorKind::Print),
            "range" => self.range(),
            "render" => self.skipped(OperatorKind::Render),
            "consume" => self.skipped(OperatorKind::Consume),
            "getschema" => self.skipped(OperatorKind::GetSchema),
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

    fn skipped(&mut self, kind: OperatorKind) -> Parsed<OperatorKind> {
        self.skip_part();
        Ok(kind)
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
