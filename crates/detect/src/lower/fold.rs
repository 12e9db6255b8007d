//! What is known before anything is read: calls of constants, and plans over rows that a query spells out.
//!
//! They are computed here, once, in the order in which the rows are written.

use coldtrail_rules::kql::Value;
use coldtrail_rules::kql::evaluate;
use coldtrail_rules::kql::plan::{Expression, ExpressionKind, Node, Plan};

/// The most rows that are spelled out in a plan that is computed before it runs.
const MOST_ROWS: usize = 20_000;

/// The most rows that all steps of such a plan may make.
const BUDGET: usize = 200_000;

/// The plan with what is constant computed.
pub(super) fn fold(mut plan: Plan) -> Plan {
    for expression in super::expressions_mut(&mut plan.node) {
        fold_expression(expression);
    }
    if spelled_out(&plan).is_some_and(|rows| rows <= MOST_ROWS)
        && !matches!(plan.node, Node::Rows { .. })
    {
        let tables = |_: &str, _: &_| Err("only rows that are spelled out are here".to_owned());
        if let Ok(rows) = evaluate::rows(&plan, None, &tables, BUDGET) {
            return Plan::rows(plan.schema, rows);
        }
    }
    for input in super::inputs_mut(&mut plan.node) {
        let taken = std::mem::replace(input, Plan::rows(Vec::new(), Vec::new()));
        *input = fold(taken);
    }
    plan
}

/// How many rows a plan spells out; nothing if it reads others.
fn spelled_out(plan: &Plan) -> Option<usize> {
    match &plan.node {
        Node::Table { .. } | Node::Subtable => None,
        Node::Rows { rows } => Some(rows.len()),
        // A body has a subtable, but what it is made of is above.
        Node::Apply { input, body, .. } | Node::Partition { input, body, .. } => {
            Some(spelled_out(input)? + of_body(body)?)
        }
        node => super::inputs(node).into_iter().map(spelled_out).sum(),
    }
}

fn of_body(plan: &Plan) -> Option<usize> {
    match &plan.node {
        Node::Table { .. } => None,
        Node::Subtable => Some(0),
        Node::Rows { rows } => Some(rows.len()),
        node => super::inputs(node).into_iter().map(of_body).sum(),
    }
}

fn fold_expression(expression: &mut Expression) {
    let ExpressionKind::Call { arguments, .. } = &mut expression.kind else { return };
    arguments.iter_mut().for_each(fold_expression);
    let is_constant = |argument: &Expression| matches!(argument.kind, ExpressionKind::Literal(_));
    if arguments.iter().all(is_constant) {
        let value: Value = evaluate::scalar(expression, &[]);
        expression.kind = ExpressionKind::Literal(value);
    }
}
