//! A plan, and what binding must know of it besides.

use crate::kql::plan::{Expression, ExpressionKind, Node, Plan, SortKey};
use crate::kql::{Column, Schema, Span, Type};

/// A plan under construction.
#[derive(Clone, Debug)]
pub(super) struct Relation {
    pub(super) plan: Plan,
    /// Whether its columns are still those of a table, so that a column which is not there is one that the
    /// table lacks, and not a slip of the pen.
    pub(super) is_open: bool,
}

impl Relation {
    /// A plan whose columns the query itself chose.
    pub(super) fn closed(node: Node, schema: Schema) -> Relation {
        Relation { plan: Plan { node, schema }, is_open: false }
    }

    /// The same rows' columns in another node.
    pub(super) fn then(self, node: impl FnOnce(Box<Plan>) -> Node) -> Relation {
        let schema = self.plan.schema.clone();
        let node = node(Box::new(self.plan));
        Relation { plan: Plan { node, schema }, is_open: self.is_open }
    }

    /// Columns of expressions over this one's.
    pub(super) fn project(self, columns: Vec<(String, Expression)>, is_open: bool) -> Relation {
        let mut schema = Vec::with_capacity(columns.len());
        let mut expressions = Vec::with_capacity(columns.len());
        for (name, expression) in columns {
            schema.push(Column::new(name, expression.r#type));
            expressions.push(expression);
        }
        let node = Node::Project { input: Box::new(self.plan), expressions };
        Relation { plan: Plan { node, schema }, is_open }
    }

    /// Some of the columns, under names.
    pub(super) fn select(self, places: &[(usize, String)], is_open: bool) -> Relation {
        let columns =
            places.iter().filter_map(|(place, name)| Some((name.clone(), self.column(*place)?)));
        let columns = columns.collect();
        self.project(columns, is_open)
    }

    /// The first rows by some keys.
    pub(super) fn sort(self, keys: Vec<SortKey>) -> Relation {
        self.then(|input| Node::Sort { input, keys })
    }

    /// A column as an expression.
    pub(super) fn column(&self, place: usize) -> Option<Expression> {
        Some(column(place, self.plan.schema.get(place)?.r#type))
    }

    /// All columns as expressions under their names.
    pub(super) fn columns(&self) -> Vec<(String, Expression)> {
        let columns = self.plan.schema.iter().enumerate();
        columns.map(|(place, known)| (known.name.clone(), column(place, known.r#type))).collect()
    }

    /// The place of a column.
    pub(super) fn place(&self, name: &str) -> Option<usize> {
        self.plan.schema.iter().position(|column| column.name == name)
    }
}

/// A column of the input.
pub(super) fn column(place: usize, r#type: Type) -> Expression {
    Expression { kind: ExpressionKind::Column(place), r#type, span: Span::default() }
}
