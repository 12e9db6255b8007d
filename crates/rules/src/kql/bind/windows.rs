//! Functions that look at other rows: `row_number`, `prev` and their kin.
//!
//! They may stand anywhere in an expression of `extend`, `project`, `where` and `serialize`. Each becomes a
//! column behind the input's, which the expression then reads.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use super::relation::{Relation, column};
use super::scalar::{Row, as_constant, literal};
use super::scope::Scope;
use super::{Bind, Binder, error, error_with};
use crate::kql::plan::{Expression, ExpressionKind, Node, Plan, Window, WindowKind};
use crate::kql::syntax::{Argument, Name};
use crate::kql::{Column, Span, Type, Value};

/// What an operator's expressions asked of other rows.
#[derive(Debug, Default)]
pub(super) struct Windows {
    /// How many columns stand before theirs.
    before: usize,
    list: Vec<Window>,
}

/// The function of that name.
pub(super) fn window(name: &str) -> Option<WindowKind> {
    Some(match name {
        "row_number" => WindowKind::RowNumber,
        "prev" => WindowKind::Prev,
        "next" => WindowKind::Next,
        "row_cumsum" => WindowKind::RowCumSum,
        "row_rank_dense" | "row_rank" => WindowKind::RowRankDense,
        "row_rank_min" => WindowKind::RowRankMin,
        "row_window_session" => WindowKind::RowWindowSession,
        _ => return None,
    })
}

impl Binder<'_> {
    /// The columns of a relation, for expressions in which functions over other rows may stand.
    pub(super) fn ordered_row(&mut self, relation: &Relation) -> Row {
        let before = relation.plan.schema.len();
        let windows = Windows { before, list: Vec::new() };
        Row { windows: Some(Rc::new(RefCell::new(windows))), ..self.row(relation) }
    }

    /// The relation with the columns that its row's expressions asked for behind its own.
    pub(super) fn with_windows(&mut self, relation: Relation, row: &Row) -> Relation {
        let windows =
            row.windows.as_ref().map(|windows| std::mem::take(&mut windows.borrow_mut().list));
        let windows = windows.unwrap_or_default();
        if windows.is_empty() {
            return relation;
        }
        // One that reads what another makes, as in `row_cumsum(x, y != prev(y))`, comes behind it.
        let (mut wide, mut stage) = (relation, Vec::new());
        for window in windows {
            let width = wide.plan.schema.len();
            if window.arguments.iter().any(|argument| reads_behind(argument, width)) {
                wide = widened(wide, std::mem::take(&mut stage));
            }
            stage.push(window);
        }
        widened(wide, stage)
    }

    /// Binds the call of a function over other rows.
    pub(super) fn window(
        &mut self,
        kind: WindowKind,
        name: &Name,
        arguments: &[Argument],
        scope: &Arc<Scope>,
        row: &Row,
    ) -> Bind<Expression> {
        let Some(windows) = &row.windows else {
            let reason = format!("`{}` cannot stand here", name.text);
            return error_with(
                name.span,
                reason,
                "it may stand in `extend`, `project`, `where` and `serialize`",
            );
        };
        let mut bound = Vec::new();
        for argument in arguments {
            bound.push(self.scalar(&argument.value, scope, row)?);
        }
        let (least, most) = match kind {
            WindowKind::RowNumber => (0, 2),
            WindowKind::Prev | WindowKind::Next => (1, 3),
            WindowKind::RowCumSum | WindowKind::RowRankDense | WindowKind::RowRankMin => (1, 2),
            WindowKind::RowWindowSession => (3, 4),
        };
        if bound.len() < least || bound.len() > most {
            return error(
                name.span,
                format!(
                    "`{}` takes {least} to {most} arguments, and here are {}",
                    name.text,
                    bound.len()
                ),
            );
        }
        let r#type = match kind {
            WindowKind::RowNumber | WindowKind::RowRankDense | WindowKind::RowRankMin => Type::Long,
            WindowKind::RowCumSum if bound[0].r#type == Type::Int => Type::Long,
            _ => bound[0].r#type,
        };
        if matches!(kind, WindowKind::Prev | WindowKind::Next) {
            if bound.len() == 1 {
                bound.push(literal(Value::Long(1), Type::Long, Span::default()));
            }
            if bound.get(1).and_then(as_constant).is_none() {
                return error(
                    name.span,
                    format!("the offset of `{}` must be a constant", name.text),
                );
            }
            if bound.len() == 3 {
                let default = bound.remove(2);
                bound.push(self.convert(default, r#type)?);
            } else {
                bound.push(literal(Value::nothing(r#type), r#type, Span::default()));
            }
        }
        let mut windows = windows.borrow_mut();
        let place = windows.before + windows.list.len();
        windows.list.push(Window { kind, arguments: bound, r#type });
        Ok(column(place, r#type))
    }
}

/// The relation with the columns of those windows behind its own.
fn widened(relation: Relation, windows: Vec<Window>) -> Relation {
    let mut schema = relation.plan.schema.clone();
    for window in &windows {
        schema.push(Column::new(format!("\u{1}window{}", schema.len()), window.r#type));
    }
    let node = Node::Window { input: Box::new(relation.plan), windows };
    Relation { plan: Plan { node, schema }, is_open: relation.is_open }
}

/// Whether an expression reads a column from that place on.
fn reads_behind(expression: &Expression, width: usize) -> bool {
    match &expression.kind {
        ExpressionKind::Column(place) => *place >= width,
        ExpressionKind::Literal(_) => false,
        ExpressionKind::Call { arguments, .. } => {
            arguments.iter().any(|argument| reads_behind(argument, width))
        }
    }
}

impl Windows {
    /// The value of the row before.
    pub(super) fn previous(&mut self, of: Expression, r#type: Type) -> Expression {
        let offset = literal(Value::Long(1), Type::Long, Span::default());
        let default = literal(Value::nothing(r#type), r#type, Span::default());
        self.add(Window { kind: WindowKind::Prev, arguments: vec![of, offset, default], r#type })
    }

    /// The number of the row, from 1, which begins anew where that holds.
    pub(super) fn number(&mut self, restart: Expression) -> Expression {
        let first = literal(Value::Long(1), Type::Long, Span::default());
        self.add(Window {
            kind: WindowKind::RowNumber,
            arguments: vec![first, restart],
            r#type: Type::Long,
        })
    }

    fn add(&mut self, window: Window) -> Expression {
        let place = self.before + self.list.len();
        let r#type = window.r#type;
        self.list.push(window);
        column(place, r#type)
    }
}
