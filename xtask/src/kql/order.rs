//! Whether the rows of a query's answer have an order.

use coldtrail_rules::kql::parser;
use coldtrail_rules::kql::syntax::{ExpressionKind, OperatorKind, Statement};

/// Whether the last statement sorts, and nothing behind it loses the order. Of a text that is no query,
/// nothing is promised.
pub(super) fn is_sorted(query: &str) -> bool {
    let Ok(query) = parser::parse(query) else { return false };
    let last = query.statements.iter().rev().find_map(|statement| match statement {
        Statement::Expression(expression) => Some(expression),
        _ => None,
    });
    let Some(ExpressionKind::Pipeline { operators, .. }) = last.map(|last| &last.kind) else {
        return false;
    };
    let mut behind = operators.iter().rev().map(|operator| &operator.kind);
    let decides = behind.find(|operator| !keeps_order(operator));
    matches!(decides, Some(OperatorKind::Sort(_) | OperatorKind::Top { .. }))
}

fn keeps_order(operator: &OperatorKind) -> bool {
    matches!(
        operator,
        OperatorKind::Where(_)
            | OperatorKind::Extend(_)
            | OperatorKind::Project(_)
            | OperatorKind::ProjectAway(_)
            | OperatorKind::ProjectKeep(_)
            | OperatorKind::ProjectRename(_)
            | OperatorKind::ProjectReorder(_)
            | OperatorKind::ProjectByNames(_)
            | OperatorKind::Take(_)
            | OperatorKind::Parse { .. }
            | OperatorKind::ParseKv { .. }
            | OperatorKind::As(_)
            | OperatorKind::Serialize(_)
            | OperatorKind::MvExpand { .. }
            | OperatorKind::Render
    )
}
