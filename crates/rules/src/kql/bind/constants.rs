//! Constants that a function cannot do anything with: an expression that is none, a form that is none, a zone
//! that is not there. Row by row they would give nulls; the query says what it means wrongly, and hears so.

use super::scalar::as_text;
use super::{Bind, error_with};
use crate::kql::functions::{expressions, moments};
use crate::kql::plan::Expression;

/// Whether the constants among a call's arguments are such as the function can take.
///
/// # Errors
///
/// Which is not, and why.
pub(super) fn check(function: &str, arguments: &[Expression]) -> Bind<()> {
    let constant = |place: usize| {
        let argument = arguments.get(place)?;
        Some((as_text(argument)?, argument.span))
    };
    if let Some(place) = expression_at(function)
        && let Some((text, span)) = constant(place)
        && let Err(reason) = expressions::check(text)
    {
        // The reason draws the place under the expression, in lines of its own.
        let reason = reason.lines().last().unwrap_or_default().trim_start_matches("error: ");
        let reason = format!("`{text}` is no regular expression: {reason}");
        return error_with(span, reason, "expressions are those of RE2; quote signs with `\\`");
    }
    let form = match function {
        "format_datetime" => moments::is_datetime_form,
        "format_timespan" => moments::is_timespan_form,
        "datetime_local_to_utc" | "datetime_utc_to_local" => moments::is_zone,
        _ => return Ok(()),
    };
    match constant(1) {
        Some((text, span)) if !form(text) => match function {
            "datetime_local_to_utc" | "datetime_utc_to_local" => error_with(
                span,
                format!("there is no time zone `{text}`"),
                "`print datetime_list_timezones()` lists them",
            ),
            _ => error_with(
                span,
                format!("`{text}` is no form that `{function}` knows"),
                "for example \"yyyy-MM-dd HH:mm:ss\" or \"dd.hh:mm:ss\"; nothing is quoted in it",
            ),
        },
        _ => Ok(()),
    }
}

/// At which place a function takes a regular expression.
fn expression_at(function: &str) -> Option<usize> {
    Some(match function {
        "matches regex" => 1,
        "extract" | "extract_all" | "extractall" | "replace" | "trim" | "trim_start"
        | "trim_end" => 0,
        "replace_regex" | "indexof_regex" => 1,
        _ => return None,
    })
}
