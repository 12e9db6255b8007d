//! What a query says, before anybody knows what its names mean.
//!
//! Tabular and scalar expressions are of one kind, since only binding can tell a table's name from a
//! column's.

use super::{Span, Type, Value};

/// Statements in order; the last expression is the answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    /// The statements.
    pub statements: Vec<Statement>,
}

/// A statement, which ends at a semicolon.
#[derive(Clone, Debug, PartialEq)]
pub enum Statement {
    /// `let name = value`.
    Let {
        /// What is named.
        name: Name,
        /// What it stands for.
        value: LetValue,
    },
    /// A tabular expression; in the body of a function also a scalar one.
    Expression(Expression),
    /// `set option = value`; nothing of an option without a value. Few of them change an answer.
    Set(Option<Property>),
    /// `declare query_parameters(name:type = default, …)`.
    Parameters(Vec<Parameter>),
    /// A statement that is not supported: `alias`, `declare pattern`, `restrict access`.
    Refused {
        /// What it is called.
        what: &'static str,
        /// Where it stands.
        span: Span,
    },
}

/// What a `let` stands for.
#[derive(Clone, Debug, PartialEq)]
pub enum LetValue {
    /// A scalar or a table.
    Expression(Expression),
    /// A function or a view.
    Function(Function),
}

/// `(parameters) { body }`.
#[derive(Clone, Debug, PartialEq)]
pub struct Function {
    /// The parameters.
    pub parameters: Vec<Parameter>,
    /// Whether it was called a `view`.
    pub is_view: bool,
    /// What it does.
    pub body: Query,
    /// Where it stands.
    pub span: Span,
}

/// A parameter of a function or a query.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// What it is called.
    pub name: Name,
    /// What it accepts.
    pub r#type: ParameterType,
    /// What it is if nobody says; a constant.
    pub default: Option<Expression>,
}

/// What a parameter accepts.
#[derive(Clone, Debug, PartialEq)]
pub enum ParameterType {
    /// A scalar.
    Scalar(Type),
    /// A table that has those columns; any table if there are none, as of `(*)`.
    Table(Vec<DeclaredColumn>),
}

/// `name: type`.
#[derive(Clone, Debug, PartialEq)]
pub struct DeclaredColumn {
    /// The column's name.
    pub name: Name,
    /// Its type.
    pub r#type: Type,
}

/// A name as it was written, without brackets and quotes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Name {
    /// The name.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

/// A tabular or scalar expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    /// What it says.
    pub kind: ExpressionKind,
    /// Where it stands.
    pub span: Span,
}

/// What an expression says.
#[derive(Clone, Debug, PartialEq)]
pub enum ExpressionKind {
    /// A column, a table, or what a `let` named: `X`, `['a name']`.
    Name(String),
    /// A name with `*` in it, where such are allowed: `Initiating*`, `Device*`.
    Wildcard(String),
    /// `*` where an expression is expected, as in `count(*)`, `arg_max(x, *)` and `* has "x"`.
    Star,
    /// A constant. Adjacent texts are one.
    Literal(Literal),
    /// `dynamic(…)`: JSON with constants of KQL.
    Dynamic(Box<JsonLiteral>),
    /// `typeof(type)`.
    TypeOf(Type),
    /// `name(arguments)`, `toscalar(T | …)` and `materialize(T | …)` among them.
    Call {
        /// What is called.
        name: Name,
        /// With what.
        arguments: Vec<Argument>,
    },
    /// `of.name(arguments)`, as in `cluster("a").database("b")`.
    MemberCall {
        /// Of what.
        of: Box<Expression>,
        /// What is called.
        name: Name,
        /// With what.
        arguments: Vec<Argument>,
    },
    /// `of.name`.
    Member {
        /// Of what.
        of: Box<Expression>,
        /// Which member.
        name: Name,
    },
    /// `of[index]`.
    Index {
        /// Of what.
        of: Box<Expression>,
        /// Which element.
        index: Box<Expression>,
    },
    /// `-x` and `+x`.
    Sign {
        /// Whether it is `-`.
        is_minus: bool,
        /// Of what.
        of: Box<Expression>,
    },
    /// Two operands around an operator.
    Binary {
        /// The operator's sign in lower case, such as `==`, `and`, `!has_cs`, `matches regex`.
        operator: &'static str,
        /// Where the sign stands.
        at: Span,
        /// What stands before it.
        left: Box<Expression>,
        /// What stands behind it.
        right: Box<Expression>,
    },
    /// `x in (…)`, `x has_any (…)`, and the like.
    Membership {
        /// The operator's sign in lower case: `in`, `!in`, `in~`, `!in~`, `has_any`, `has_all`.
        operator: &'static str,
        /// Where the sign stands.
        at: Span,
        /// What is looked for.
        left: Box<Expression>,
        /// Where it is looked for: constants, lists or a table.
        list: Vec<Expression>,
    },
    /// `x between (low .. high)`.
    Between {
        /// Whether it is `!between`.
        is_negated: bool,
        /// What is compared.
        of: Box<Expression>,
        /// The least that holds.
        low: Box<Expression>,
        /// The greatest that holds, or a length of time behind the least.
        high: Box<Expression>,
    },
    /// `source | operator | …`. Without a source the first operator is one of those that begin a query:
    /// `print`, `range`, `union`, `search`, `find`; or it stands in the body of `mv-apply` or `partition`.
    Pipeline {
        /// Where the rows come from.
        source: Option<Box<Expression>>,
        /// What is done with them, in order.
        operators: Vec<Operator>,
    },
    /// `datatable(name:type, …) [values]`.
    DataTable {
        /// The columns.
        columns: Vec<DeclaredColumn>,
        /// The values, row by row.
        values: Vec<Expression>,
    },
    /// `externaldata(name:type, …) [addresses] with (…)`.
    ExternalData {
        /// The columns.
        columns: Vec<DeclaredColumn>,
        /// The addresses.
        addresses: Vec<Expression>,
        /// What is said behind `with`.
        properties: Vec<Property>,
    },
}

/// A constant.
#[derive(Clone, Debug, PartialEq)]
pub struct Literal {
    /// The value; a null is of the type.
    pub value: Value,
    /// Its type.
    pub r#type: Type,
    /// Whether it was said to be secret by `h"…"`.
    pub is_obfuscated: bool,
}

/// The inside of `dynamic(…)`.
#[derive(Clone, Debug, PartialEq)]
pub enum JsonLiteral {
    /// A constant.
    Value(Literal),
    /// `[a, b]`.
    Array(Vec<JsonLiteral>),
    /// `{"a": b}`.
    Bag(Vec<(String, JsonLiteral)>),
}

/// An argument of a call.
#[derive(Clone, Debug, PartialEq)]
pub struct Argument {
    /// The parameter's name, as in `f(starttime = ago(1d))`.
    pub name: Option<Name>,
    /// The value.
    pub value: Expression,
}

/// `name = value` among the options of an operator or behind `with`.
#[derive(Clone, Debug, PartialEq)]
pub struct Property {
    /// The name, such as `kind`, `isfuzzy`, `hint.strategy`.
    pub name: Name,
    /// The value; a bare word is a text.
    pub value: Expression,
}

/// An expression that may be given names: `x`, `a = x`, `(a, b) = x`.
#[derive(Clone, Debug, PartialEq)]
pub struct Named {
    /// The names; empty if none was given.
    pub names: Vec<Name>,
    /// The expression.
    pub value: Expression,
}

/// An operator behind a pipe, or at the begin of a query.
#[derive(Clone, Debug, PartialEq)]
pub struct Operator {
    /// What it does.
    pub kind: OperatorKind,
    /// Where it stands, without the pipe.
    pub span: Span,
}

/// What an operator does.
#[derive(Clone, Debug, PartialEq)]
pub enum OperatorKind {
    /// `where`, `filter`.
    Where(Expression),
    /// `extend`.
    Extend(Vec<Named>),
    /// `project`.
    Project(Vec<Named>),
    /// `project-away`: names and wildcards.
    ProjectAway(Vec<Expression>),
    /// `project-keep`.
    ProjectKeep(Vec<Expression>),
    /// `project-rename`.
    ProjectRename(Vec<Named>),
    /// `project-reorder`: names and wildcards, each with an order if one was said.
    ProjectReorder(Vec<(Expression, Option<ColumnOrder>)>),
    /// `project-by-names`.
    ProjectByNames(Vec<Expression>),
    /// `distinct`; a lone star stands for all columns.
    Distinct(Vec<Named>),
    /// `count`.
    Count,
    /// `take`, `limit`.
    Take(Expression),
    /// `sample`.
    Sample(Expression),
    /// `sample-distinct n of x`.
    SampleDistinct {
        /// How many.
        count: Expression,
        /// Of what.
        of: Expression,
    },
    /// `top n by …`.
    Top {
        /// How many.
        count: Expression,
        /// By what.
        by: Vec<Ordering>,
    },
    /// `top-hitters n of x by y`.
    TopHitters {
        /// How many.
        count: Expression,
        /// Of what.
        of: Expression,
        /// What is added up; rows if nothing.
        by: Option<Expression>,
    },
    /// `top-nested n of x with others = y by z, …`.
    TopNested(Vec<TopNestedLevel>),
    /// `sort by`, `order by`.
    Sort(Vec<Ordering>),
    /// `summarize aggregates by keys`.
    Summarize {
        /// The aggregates.
        aggregates: Vec<Named>,
        /// The keys.
        by: Vec<Named>,
    },
    /// `join`.
    Join {
        /// `kind = …` and hints.
        properties: Vec<Property>,
        /// The right side.
        right: Box<Expression>,
        /// The conditions behind `on` or `where`; those of a cross join are none.
        on: Vec<Expression>,
    },
    /// `lookup`.
    Lookup {
        /// `kind = …`.
        properties: Vec<Property>,
        /// The right side.
        right: Box<Expression>,
        /// The conditions behind `on`.
        on: Vec<Expression>,
    },
    /// `union`.
    Union {
        /// `kind`, `withsource`, `isfuzzy`, hints.
        properties: Vec<Property>,
        /// Tables, wildcards, and pipelines in brackets.
        tables: Vec<Expression>,
    },
    /// `mv-expand`.
    MvExpand {
        /// `bagexpansion`, `kind`, `with_itemindex`.
        properties: Vec<Property>,
        /// What is taken apart.
        columns: Vec<Expanded>,
        /// `limit n`.
        limit: Option<Expression>,
    },
    /// `mv-apply … on (body)`.
    MvApply {
        /// `bagexpansion`, `kind`, `with_itemindex`.
        properties: Vec<Property>,
        /// What is taken apart.
        columns: Vec<Expanded>,
        /// `limit n`.
        limit: Option<Expression>,
        /// What is done with each row's elements.
        body: Box<Expression>,
    },
    /// `parse`, `parse-where`.
    Parse {
        /// Whether rows that do not match go.
        is_where: bool,
        /// `kind`, `flags`.
        properties: Vec<Property>,
        /// What is parsed.
        of: Expression,
        /// The pattern.
        pattern: Vec<ParsePart>,
    },
    /// `parse-kv x as (columns) with (…)`.
    ParseKv {
        /// What is parsed.
        of: Expression,
        /// The columns.
        columns: Vec<DeclaredColumn>,
        /// `pair_delimiter`, `kv_delimiter`, `quote`, `greedy`, `regex`.
        properties: Vec<Property>,
    },
    /// `evaluate plugin(…) : (schema)`.
    Evaluate {
        /// Hints.
        properties: Vec<Property>,
        /// The plugin and its arguments.
        plugin: Name,
        /// The arguments.
        arguments: Vec<Argument>,
        /// The columns that it is said to give; `true` if it began with `*`.
        schema: Option<(bool, Vec<DeclaredColumn>)>,
    },
    /// `make-series`.
    MakeSeries {
        /// `kind = nonempty`, hints.
        properties: Vec<Property>,
        /// The aggregates, each with its default.
        aggregates: Vec<(Named, Option<Expression>)>,
        /// `on x`.
        on: Named,
        /// `from x`.
        from: Option<Expression>,
        /// `to x`.
        to: Option<Expression>,
        /// `step x`.
        step: Expression,
        /// `by …`.
        by: Vec<Named>,
    },
    /// `invoke f(…)`.
    Invoke {
        /// The function.
        name: Name,
        /// Its arguments behind the table.
        arguments: Vec<Argument>,
    },
    /// `as name`.
    As(Name),
    /// `serialize x = …`.
    Serialize(Vec<Named>),
    /// `render …`, which changes no answer.
    Render,
    /// `consume`.
    Consume,
    /// `getschema`.
    GetSchema,
    /// `partition by key (body)` or `{body}`.
    Partition {
        /// Hints.
        properties: Vec<Property>,
        /// The key.
        by: Expression,
        /// What is done with each part.
        body: Box<Expression>,
    },
    /// `fork name = (body) …`.
    Fork(Vec<(Option<Name>, Expression)>),
    /// `search in (tables) predicate`; behind a pipe there are no tables.
    Search {
        /// `kind = case_sensitive`.
        properties: Vec<Property>,
        /// Where; everywhere if nothing is said.
        tables: Vec<Expression>,
        /// What. A bare text is looked for in all columns.
        predicate: Expression,
    },
    /// `find in (tables) where predicate project …`.
    Find {
        /// `withsource = …`.
        properties: Vec<Property>,
        /// Where.
        tables: Vec<Expression>,
        /// What.
        predicate: Expression,
        /// The columns; what `project-smart` gives if there are none.
        project: Vec<Named>,
    },
    /// `print`.
    Print(Vec<Named>),
    /// `range x from a to b step c`.
    Range {
        /// The column.
        name: Name,
        /// The first.
        from: Expression,
        /// The last.
        to: Expression,
        /// The step.
        step: Expression,
    },
    /// An operator that is not supported: graphs, `scan`, `reduce`, and the like. Its inside was skipped.
    Refused {
        /// What it is called.
        what: &'static str,
    },
}

/// `x desc nulls first`.
#[derive(Clone, Debug, PartialEq)]
pub struct Ordering {
    /// By what.
    pub by: Named,
    /// `asc` is false, `desc` is true.
    pub is_descending: Option<bool>,
    /// `nulls first` is true, `nulls last` is false.
    pub nulls_first: Option<bool>,
}

/// An order of columns in `project-reorder`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnOrder {
    /// `asc`.
    Ascending,
    /// `desc`.
    Descending,
    /// `granny-asc`: numbers in names count as numbers.
    GrannyAscending,
    /// `granny-desc`.
    GrannyDescending,
}

/// What `mv-expand` and `mv-apply` take apart: `name = x to typeof(type)`.
#[derive(Clone, Debug, PartialEq)]
pub struct Expanded {
    /// The column.
    pub column: Named,
    /// The type of the elements, if one was said.
    pub to: Option<Type>,
}

/// A part of a pattern of `parse`.
#[derive(Clone, Debug, PartialEq)]
pub enum ParsePart {
    /// Anything: `*`.
    Star,
    /// A text, or a regular expression if the kind is `regex`.
    Text {
        /// The text.
        text: String,
        /// Where it stands.
        span: Span,
    },
    /// A column, of type string if none was said.
    Column {
        /// Its name.
        name: Name,
        /// Its type.
        r#type: Option<Type>,
    },
}

/// A level of `top-nested`.
#[derive(Clone, Debug, PartialEq)]
pub struct TopNestedLevel {
    /// How many; all if nothing.
    pub count: Option<Expression>,
    /// Of what.
    pub of: Named,
    /// What the rest is called.
    pub others: Option<Expression>,
    /// By what aggregate.
    pub by: Named,
    /// Its order.
    pub is_descending: Option<bool>,
}
