//! The typed plan that a query means: names are resolved, types known, `let` and functions gone.
//!
//! It is small on purpose: whatever can be said with these nodes has none of its own. `extend`, `project`,
//! `project-away` and `parse` are [`Node::Project`]; `distinct` is [`Node::Summarize`] without aggregates;
//! `toscalar` is the literal that it came to.

use super::aggregates::AggregateFunction;
use super::functions::Function;
use super::{Column, Schema, Span, Type, Value};

/// A tabular expression with its columns.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What it does.
    pub node: Node,
    /// The columns that come out, in order; no two have one name.
    pub schema: Schema,
}

/// A tabular operator over its inputs.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "a plan has few nodes, each in a box of its own")]
pub enum Node {
    /// A table of the environment; the plan's schema holds the columns that are wanted of it.
    Table {
        /// The name by which the environment knows it.
        name: String,
    },
    /// The rows of the subquery's partition: the leaf of the body of [`Node::Apply`] and [`Node::Partition`].
    Subtable,
    /// Rows that the query spells out, each as long as the schema.
    Rows {
        /// The rows, in order.
        rows: Vec<Vec<Value>>,
    },
    /// Rows that hold the predicate.
    Filter {
        /// Whose rows.
        input: Box<Plan>,
        /// A bool; a row of which it is null goes.
        predicate: Expression,
    },
    /// One expression over the input's columns for each column of the schema.
    Project {
        /// Over what.
        input: Box<Plan>,
        /// As many as the schema has columns.
        expressions: Vec<Expression>,
    },
    /// Columns computed row after row, in the input's order, behind the input's columns.
    Window {
        /// Over what; its order is that of its last sort, or that of its rows.
        input: Box<Plan>,
        /// One for each column that is added.
        windows: Vec<Window>,
    },
    /// Rows in order.
    Sort {
        /// Of what.
        input: Box<Plan>,
        /// By what, the first before the others.
        keys: Vec<SortKey>,
    },
    /// The first rows in the input's order, or any if it has none.
    Take {
        /// Of what.
        input: Box<Plan>,
        /// How many.
        count: u64,
    },
    /// Rows drawn at random; the same every time.
    Sample {
        /// Of what.
        input: Box<Plan>,
        /// How many.
        count: u64,
    },
    /// Groups: the keys, then what each aggregate gives.
    Summarize {
        /// Over what.
        input: Box<Plan>,
        /// The keys; null is a key like any other. Without any there is one group, even over no rows.
        keys: Vec<Expression>,
        /// The aggregates, each with one or more columns of the schema behind the keys.
        aggregates: Vec<Aggregate>,
        /// Whether no rows make no group even without keys.
        is_grouped: bool,
    },
    /// Rows of both sides that have equal keys; a null equals a null.
    Join {
        /// The side before the operator.
        left: Box<Plan>,
        /// The side in its brackets.
        right: Box<Plan>,
        /// Which rows come out. The columns are those of the left side, then those of the right, or of one
        /// side alone if the kind is a semi or anti join.
        kind: JoinKind,
        /// Pairs of keys over the left and the right side's columns; none is a cross join.
        on: Vec<(Expression, Expression)>,
    },
    /// The rows of all, each of the same schema.
    Union {
        /// Whose rows.
        inputs: Vec<Plan>,
    },
    /// A row for each element of dynamic columns: the input's columns behind which stand the index, if one
    /// is wanted, and the elements.
    Expand {
        /// Of what.
        input: Box<Plan>,
        /// The columns to take apart, side by side: the longest wins, the others are null behind their end.
        columns: Vec<ExpandedColumn>,
        /// Whether a column of type long with the element's place, from 0, is added before them.
        with_index: bool,
        /// The most rows that come of one row.
        limit: Option<u64>,
        /// Whether a row comes out even if there is no element, as of `mv-expand`; not so of `mv-apply`.
        keeps_empty: bool,
    },
    /// Each row of the input with each of the rows that the body makes of the subtable made of this row
    /// alone by [`Node::Expand`]: the schema is the input's columns, then the body's.
    Apply {
        /// Of what.
        input: Box<Plan>,
        /// The body. Its [`Node::Subtable`] has the input's columns, then the index, if one is wanted, and
        /// the elements.
        body: Box<Plan>,
        /// The columns to take apart.
        columns: Vec<ExpandedColumn>,
        /// As of [`Node::Expand`].
        with_index: bool,
        /// As of [`Node::Expand`].
        limit: Option<u64>,
    },
    /// What the body makes of the rows of each key by themselves, one behind the other.
    Partition {
        /// Of what; the body's [`Node::Subtable`] has its columns.
        input: Box<Plan>,
        /// The key, a column of the input.
        key: usize,
        /// The body; its schema is the plan's.
        body: Box<Plan>,
    },
    /// Arrays of aggregates along an axis with a regular step: the keys, then an array for each aggregate,
    /// then the axis. Without keys and rows there is one row of defaults.
    MakeSeries {
        /// Over what.
        input: Box<Plan>,
        /// The keys.
        keys: Vec<Expression>,
        /// The aggregates, each with one column, and what stands where there are no rows.
        aggregates: Vec<(Aggregate, Value)>,
        /// What is put into bins.
        axis: Expression,
        /// Where the axis begins; nothing if with the least value of each series.
        from: Option<Value>,
        /// Before what it ends; nothing if behind the greatest value of each series.
        to: Option<Value>,
        /// The width of a bin.
        step: Value,
    },
}

/// A scalar expression over the columns of an operator's input.
#[derive(Clone, Debug)]
pub struct Expression {
    /// What it does.
    pub kind: ExpressionKind,
    /// The type of what comes out.
    pub r#type: Type,
    /// Where it stands in the query.
    pub span: Span,
}

/// What a scalar expression does.
#[derive(Clone, Debug)]
pub enum ExpressionKind {
    /// A column of the input, by its place.
    Column(usize),
    /// A constant. A null is of the expression's type.
    Literal(Value),
    /// A function or operator; operators are functions named by their sign, such as `==` and `has_any`.
    /// Arguments have types that the function accepts.
    Call {
        /// Which.
        function: &'static Function,
        /// What it computes with.
        arguments: Vec<Expression>,
    },
}

/// One of a summary's aggregates.
#[derive(Clone, Debug)]
pub struct Aggregate {
    /// Which.
    pub function: &'static AggregateFunction,
    /// What it computes with, row by row.
    pub arguments: Vec<Expression>,
    /// How many columns of the schema it gives; 1 but for the likes of `arg_max` and `percentiles`.
    pub width: usize,
}

/// What rows are sorted by.
#[derive(Clone, Debug)]
pub struct SortKey {
    /// By what.
    pub expression: Expression,
    /// Whether the greatest comes first.
    pub is_descending: bool,
    /// Whether nulls come first.
    pub nulls_first: bool,
}

/// Which rows a join gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JoinKind {
    /// Every pair, of the first left row of each key alone.
    InnerUnique,
    /// Every pair.
    Inner,
    /// Every pair, and left rows without any.
    LeftOuter,
    /// Every pair, and right rows without any.
    RightOuter,
    /// Every pair, and rows of both sides without any.
    FullOuter,
    /// Left rows that have a pair.
    LeftSemi,
    /// Right rows that have a pair.
    RightSemi,
    /// Left rows that have none.
    LeftAnti,
    /// Right rows that have none.
    RightAnti,
}

/// A column that is taken apart.
#[derive(Clone, Debug)]
pub struct ExpandedColumn {
    /// The dynamic value.
    pub expression: Expression,
    /// The type of the elements.
    pub r#type: Type,
    /// Whether a bag comes apart into pairs of name and value, `["name", value]`, instead of bags of one
    /// property.
    pub is_pairs: bool,
}

/// A column that is computed row after row.
#[derive(Clone, Debug)]
pub struct Window {
    /// Which function.
    pub kind: WindowKind,
    /// What it computes with, over the input's columns.
    pub arguments: Vec<Expression>,
    /// The type of what comes out.
    pub r#type: Type,
}

/// A function that looks at other rows than the one it stands in.
///
/// <https://learn.microsoft.com/kusto/query/window-functions>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WindowKind {
    /// `row_number(first, restart)`.
    RowNumber,
    /// `prev(value, offset, default)`.
    Prev,
    /// `next(value, offset, default)`.
    Next,
    /// `row_cumsum(value, restart)`.
    RowCumSum,
    /// `row_rank_dense(value, restart)`.
    RowRankDense,
    /// `row_rank_min(value, restart)`.
    RowRankMin,
    /// `row_window_session(value, longest, longest between, restart)`.
    RowWindowSession,
}

impl Plan {
    /// A plan over rows that are spelled out.
    pub fn rows(schema: Schema, rows: Vec<Vec<Value>>) -> Plan {
        Plan { node: Node::Rows { rows }, schema }
    }

    /// The place and the column of that name.
    pub fn column(&self, name: &str) -> Option<(usize, &Column)> {
        self.schema.iter().enumerate().find(|(_, column)| column.name == name)
    }
}
