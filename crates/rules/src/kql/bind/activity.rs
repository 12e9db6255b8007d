//! `activity_counts_metrics`: how many came in each window of time, and how many of them for the first time.
//!
//! It says nothing that other operators could not: its meaning is written in the language itself.
//!
//! <https://learn.microsoft.com/kusto/query/activity-counts-metrics-plugin>

use super::relation::Relation;
use super::scalar::Row;
use super::scope::{Entity, Scope};
use super::{Bind, Binder, error, error_with};
use crate::kql::syntax::{Argument, ExpressionKind, Name};
use crate::kql::{Problem, Type, Value, parser};

use std::sync::Arc;

impl Binder<'_> {
    /// `activity_counts_metrics(who, when, start, end, step, dimensions…)`.
    pub(super) fn activity_counts(
        &mut self,
        input: Relation,
        plugin: &Name,
        arguments: &[Argument],
        scope: &Arc<Scope>,
    ) -> Bind<Relation> {
        let [who, when, start, end, step, dimensions @ ..] = arguments else {
            return error_with(
                plugin.span,
                "`activity_counts_metrics` takes two columns, a start, an end and a step",
                "for example `activity_counts_metrics(UserId, TimeGenerated, ago(7d), now(), 1d)`",
            );
        };
        let (who, when) = (quoted(who)?, quoted(when)?);
        let dimensions: Vec<String> = dimensions.iter().map(quoted).collect::<Bind<_>>()?;
        let mut names = Scope::with(&Scope::root(), "__rows", Entity::Table(input));
        let mut window = format!("bin_at({when}, __step, __start)");
        for (name, argument) in [("__start", start), ("__end", end), ("__step", step)] {
            let expression = self.scalar(&argument.value, scope, &Row::none())?;
            if name == "__step" && expression.r#type == Type::String {
                let (Value::String(period), _) = self.constant(&argument.value, scope)? else {
                    return error(argument.value.span, "the step must be a constant");
                };
                if !["week", "month", "year"].contains(&period.as_str()) {
                    return error(argument.value.span, "the step may be week, month or year");
                }
                window = format!("startof{period}({when})");
            }
            names = Scope::with(&names, name, Entity::Scalar { expression, row: None });
        }
        let text = meaning(&who, &when, &window, &dimensions);
        let query = parser::parse(&text).map_err(|problems| {
            let reason = problems.first().map(|problem| problem.reason.clone());
            Problem::error(plugin.span, reason.unwrap_or_default())
        })?;
        match self.statements(&query, &names) {
            Ok(Entity::Table(relation)) => Ok(relation),
            Ok(_) => error(plugin.span, "`activity_counts_metrics` gives no table"),
            Err(problem) => {
                error(plugin.span, format!("in `activity_counts_metrics`: {}", problem.reason))
            }
        }
    }
}

/// What the plugin means, over `__rows`.
fn meaning(who: &str, when: &str, window: &str, dimensions: &[String]) -> String {
    let behind: String = dimensions.iter().map(|name| format!(", {name}")).collect();
    let sorted: String = dimensions.iter().map(|name| format!("{name} asc, ")).collect();
    let changed: Vec<String> =
        dimensions.iter().map(|name| format!("{name} != prev({name})")).collect();
    let restart =
        if changed.is_empty() { String::new() } else { format!(", {}", changed.join(" or ")) };
    format!(
        "let __found = __rows
         | where {when} between (__start .. __end)
         | summarize __count = count() by {when} = {window}, {who}{behind};
         let __new = __found
         | summarize {when} = min({when}) by {who}{behind}
         | summarize new_dcount = count() by {when}{behind};
         __found
         | summarize ['count'] = sum(__count), ['dcount'] = count() by {when}{behind}
         | lookup __new on {when}{behind}
         | extend new_dcount = coalesce(new_dcount, 0)
         | sort by {sorted}{when} asc
         | extend aggregated_dcount = row_cumsum(new_dcount{restart})
         | project {when}{behind}, ['count'], ['dcount'], new_dcount, aggregated_dcount"
    )
}

/// The name of a column, in brackets.
fn quoted(argument: &Argument) -> Bind<String> {
    match &argument.value.kind {
        ExpressionKind::Name(name) => {
            Ok(format!("['{}']", name.replace('\\', r"\\").replace('\'', r"\'")))
        }
        _ => error_with(
            argument.value.span,
            "a column's name is needed here",
            "compute it with `extend` before",
        ),
    }
}
