//! Aggregates of the engine that have the same answer as the language's own.

use coldtrail_engine::plan::{
    Expr, coalesce, column, count, count_distinct, lit, max, min, sum, when,
};
use coldtrail_rules::kql::plan::{Aggregate, Expression};
use coldtrail_rules::kql::{Schema, Type};

use super::super::expressions::expression;
use super::predicate;

/// An aggregate of the engine.
pub(in super::super) struct NativeAggregate {
    kind: Kind,
    argument: Option<Expr>,
    of: Type,
}

#[derive(Clone, Copy)]
enum Kind {
    Count,
    CountIf,
    Sum,
    Min,
    Max,
    CountDistinct,
}

/// The engine's twin of an aggregate.
pub(in super::super) fn aggregate(
    aggregate: &Aggregate,
    schema: &Schema,
) -> Option<NativeAggregate> {
    let first = aggregate.arguments.first();
    let of = first.map_or(Type::Long, |argument| argument.r#type);
    let is_whole = matches!(of, Type::Int | Type::Long | Type::DateTime | Type::TimeSpan);
    let kind = match (aggregate.function.name, aggregate.arguments.len()) {
        ("count", 0) => Kind::Count,
        ("countif", 1) if of == Type::Bool => Kind::CountIf,
        ("sum", 1) if matches!(of, Type::Int | Type::Long | Type::TimeSpan) => Kind::Sum,
        ("min", 1) if is_whole || of == Type::String => Kind::Min,
        ("max", 1) if is_whole || of == Type::String => Kind::Max,
        ("dcount" | "count_distinct", 1) if is_whole || of == Type::String => Kind::CountDistinct,
        _ => return None,
    };
    let argument = first.map(|argument: &Expression| match kind {
        Kind::CountIf => predicate(argument, schema),
        _ => expression(argument, schema),
    });
    Some(NativeAggregate { kind, argument, of })
}

impl NativeAggregate {
    /// The call; its argument is put to what is computed before, under the name.
    pub(in super::super) fn over(&self, name: &str, before: &mut Vec<Expr>) -> Expr {
        before.extend(self.argument.iter().map(|argument| argument.clone().alias(name)));
        let argument = column(name);
        match self.kind {
            Kind::Count => count(lit(1)),
            // A case without an `else` is null, and nulls do not count.
            Kind::CountIf => {
                let holding = when(argument.clone(), lit(1)).end();
                count(holding.unwrap_or(argument))
            }
            Kind::Sum => sum(argument),
            Kind::Min => min(argument),
            Kind::Max => max(argument),
            Kind::CountDistinct => count_distinct(argument),
        }
    }

    /// What comes out of the call's column.
    pub(in super::super) fn result(&self, made: Expr) -> Expr {
        match (self.kind, self.of) {
            (Kind::Sum, _) => coalesce(vec![made, lit(0_i64)]),
            (Kind::Min | Kind::Max, Type::String) => coalesce(vec![made, lit("")]),
            _ => made,
        }
    }
}
