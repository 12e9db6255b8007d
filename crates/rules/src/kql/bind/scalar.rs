//! Scalar expressions over the columns at hand.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use super::relation::{Relation, column};
use super::scope::{Entity, Scope};
use super::summarize::Summary;
use super::windows::Windows;
use super::{Bind, Binder, error, error_with};
use crate::kql::plan::{Expression, ExpressionKind};
use crate::kql::syntax::{self, JsonLiteral};
use crate::kql::{Dynamic, Problem, Schema, Span, Type, Value};

/// The columns at hand.
#[derive(Clone)]
pub(super) struct Row {
    /// Tells these columns from all others.
    pub(super) number: usize,
    pub(super) columns: Schema,
    /// Whether a name that is no column is one that a table lacks.
    pub(super) is_open: bool,
    /// Where functions over other rows are noted, if they may stand here.
    pub(super) windows: Option<Rc<RefCell<Windows>>>,
    /// Where aggregates are noted, if they may stand here.
    pub(super) summary: Option<Rc<Summary>>,
}

impl Row {
    /// No columns.
    pub(super) fn none() -> Row {
        Row { number: 0, columns: Vec::new(), is_open: false, windows: None, summary: None }
    }

    /// The columns of a relation.
    pub(super) fn over(number: usize, relation: &Relation) -> Row {
        let columns = relation.plan.schema.clone();
        Row { number, columns, is_open: relation.is_open, windows: None, summary: None }
    }

    /// The same row for the body of a function, which sees no columns but those of its arguments.
    pub(super) fn without_names(&self) -> Row {
        Row { columns: Vec::new(), is_open: false, summary: None, ..self.clone() }
    }

    fn place(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }
}

/// Columns that all tables of a vendor have, and exports of them may lack.
///
/// <https://learn.microsoft.com/azure/azure-monitor/logs/log-standard-columns>
const STANDARD: &[(&str, Type)] = &[
    ("TimeGenerated", Type::DateTime),
    ("Timestamp", Type::DateTime),
    ("_BilledSize", Type::Real),
    ("_IsBillable", Type::String),
    ("_ItemId", Type::String),
    ("_ResourceId", Type::String),
    ("_SubscriptionId", Type::String),
    ("_TimeReceived", Type::DateTime),
];

/// At most so many values may stand in a list that a subquery gives, as in Kusto.
const MOST_LISTED: usize = 1_000_000;

impl Binder<'_> {
    /// Binds a scalar expression.
    pub(super) fn scalar(
        &mut self,
        expression: &syntax::Expression,
        scope: &Arc<Scope>,
        row: &Row,
    ) -> Bind<Expression> {
        self.works(expression.span)?;
        let span = expression.span;
        match &expression.kind {
            syntax::ExpressionKind::Name(name) => self.name(name, span, scope, row),
            syntax::ExpressionKind::Literal(known) => {
                Ok(literal(known.value.clone(), known.r#type, span))
            }
            syntax::ExpressionKind::Dynamic(json) => {
                Ok(literal(Value::of_dynamic(json_value(json)), Type::Dynamic, span))
            }
            syntax::ExpressionKind::TypeOf(named) => {
                Ok(literal(Value::String(named.name().to_owned()), Type::String, span))
            }
            syntax::ExpressionKind::Call { name, arguments } => {
                self.call(name, arguments, span, scope, row)
            }
            syntax::ExpressionKind::Member { of, name } => {
                let of = self.scalar(of, scope, row)?;
                let member = literal(Value::String(name.text.clone()), Type::String, name.span);
                let of = self.container(of, span)?;
                self.apply(".", vec![of, member], span)
            }
            syntax::ExpressionKind::MemberCall { .. } => {
                match super::source::begin_elsewhere(expression) {
                    Some(name) => self.elsewhere(name, span),
                    None => error(span, "a value has no functions of its own"),
                }
            }
            syntax::ExpressionKind::Index { of, index } => {
                let of = self.scalar(of, scope, row)?;
                let index = self.scalar(index, scope, row)?;
                let of = self.container(of, span)?;
                let function = if index.r#type == Type::String && as_text(&index).is_some() {
                    "."
                } else {
                    "[]"
                };
                self.apply(function, vec![of, index], span)
            }
            syntax::ExpressionKind::Sign { is_minus, of } => {
                let of = self.scalar(of, scope, row)?;
                if *is_minus { self.apply("negate", vec![of], span) } else { Ok(of) }
            }
            syntax::ExpressionKind::Binary { operator, left, right, .. } => {
                self.binary(operator, left, right, span, scope, row)
            }
            syntax::ExpressionKind::Membership { operator, left, list, .. } => {
                let left = self.scalar(left, scope, row)?;
                let mut arguments = vec![left];
                arguments.extend(self.list(list, scope, row)?);
                self.apply(operator, arguments, span)
            }
            syntax::ExpressionKind::Between { is_negated, of, low, high } => {
                let of = self.scalar(of, scope, row)?;
                let low = self.scalar(low, scope, row)?;
                let mut high = self.scalar(high, scope, row)?;
                if low.r#type == Type::DateTime && high.r#type == Type::TimeSpan {
                    high = self.apply("+", vec![low.clone(), high], span)?;
                }
                let operator = if *is_negated { "!between" } else { "between" };
                self.apply(operator, vec![of, low, high], span)
            }
            syntax::ExpressionKind::Star => error_with(
                span,
                "`*` cannot stand here",
                "it stands for all columns in `count(*)`, `arg_max(x, *)`, `project-away *` and `* has \"…\"`",
            ),
            syntax::ExpressionKind::Wildcard(name) => error_with(
                span,
                format!("`{name}` names several columns, and one value is needed here"),
                "write the name of one column",
            ),
            syntax::ExpressionKind::Pipeline { source: Some(source), operators }
                if operators.is_empty() =>
            {
                self.scalar(source, scope, row)
            }
            syntax::ExpressionKind::Pipeline { .. }
            | syntax::ExpressionKind::DataTable { .. }
            | syntax::ExpressionKind::ExternalData { .. } => error_with(
                span,
                "a table stands where one value is needed",
                "write `toscalar(…)` around it to take its first value",
            ),
        }
    }

    /// Binds a scalar expression that must be of a type, converting it if it is another.
    pub(super) fn scalar_as(
        &mut self,
        expression: &syntax::Expression,
        r#type: Type,
        scope: &Arc<Scope>,
        row: &Row,
    ) -> Bind<Expression> {
        let bound = self.scalar(expression, scope, row)?;
        self.convert(bound, r#type)
    }

    /// Binds an expression that must be a constant.
    pub(super) fn constant(
        &mut self,
        expression: &syntax::Expression,
        scope: &Arc<Scope>,
    ) -> Bind<(Value, Type)> {
        let bound = self.scalar(expression, scope, &Row::none())?;
        match bound.kind {
            ExpressionKind::Literal(value) => Ok((value, bound.r#type)),
            _ => error(expression.span, "this must be a constant"),
        }
    }

    /// Binds an expression that must be a whole number, such as how many rows to take.
    pub(super) fn count(
        &mut self,
        expression: &syntax::Expression,
        scope: &Arc<Scope>,
    ) -> Bind<u64> {
        let (value, _) = self.constant(expression, scope)?;
        match value.convert(Type::Long) {
            Value::Long(count) => Ok(u64::try_from(count).unwrap_or(0)),
            _ => error(expression.span, "this must be a whole number"),
        }
    }

    fn name(&mut self, name: &str, span: Span, scope: &Arc<Scope>, row: &Row) -> Bind<Expression> {
        if let Some(place) = row.place(name) {
            let r#type = row.columns.get(place).map_or(Type::Dynamic, |column| column.r#type);
            return Ok(Expression { span, ..column(place, r#type) });
        }
        match scope.find(name) {
            Some(Entity::Scalar { expression, row: owner }) => {
                if owner.is_some_and(|owner| owner != row.number) {
                    let reason = format!(
                        "`{name}` is of one row of the table outside, which a subquery cannot see"
                    );
                    return error_with(span, reason, "use `join` or `lookup` instead");
                }
                return Ok(Expression { span, ..expression.clone() });
            }
            Some(Entity::Function { function, .. })
                if function.parameters.iter().all(|parameter| parameter.default.is_some()) =>
            {
                let call = syntax::Name { text: name.to_owned(), span };
                return self.call(&call, &[], span, scope, row);
            }
            Some(entity) => {
                let reason = format!("`{name}` is {}, and one value is needed here", entity.what());
                return error_with(
                    span,
                    reason,
                    format!("write `toscalar({name} | …)` to take its first value"),
                );
            }
            None => {}
        }
        if row.is_open {
            Ok(self.missing_column(name, span, row))
        } else {
            self.unknown_column(name, span, scope, row)
        }
    }

    /// A column that a table lacks: nothing, with a warning that says what it may be called.
    pub(super) fn missing_column(&mut self, name: &str, span: Span, row: &Row) -> Expression {
        let usual = self.usual_type(name);
        if usual.is_none() {
            self.missing.push(span);
        }
        let r#type = usual.unwrap_or(Type::String);
        let nothing = if r#type == Type::String { "empty" } else { "null" };
        let reason = format!("the table has no column `{name}`; it is {nothing} in every row");
        let mut problem = Problem::warning(span, reason);
        if let Some(like) = likely(name, row.columns.iter().map(|column| column.name.as_str())) {
            problem = problem.help(format!("did you mean `{like}`?"));
        }
        self.warn(problem);
        literal(Value::nothing(r#type), r#type, span)
    }

    /// The type that a column of that name has in other tables.
    fn usual_type(&self, name: &str) -> Option<Type> {
        let standard = STANDARD.iter().find(|(known, _)| *known == name);
        if let Some((_, r#type)) = standard {
            return Some(*r#type);
        }
        let tables = self.environment.tables();
        tables.iter().find_map(|table| {
            let schema = self.environment.table(table)?;
            schema.iter().find(|column| column.name == name).map(|column| column.r#type)
        })
    }

    fn unknown_column<T>(
        &mut self,
        name: &str,
        span: Span,
        scope: &Arc<Scope>,
        row: &Row,
    ) -> Bind<T> {
        let columns = row.columns.iter().map(|column| column.name.as_str());
        let known: Vec<&str> = columns.chain(scope.entries().map(|(name, _)| name)).collect();
        let reason = if row.columns.is_empty() {
            format!("nothing is called `{name}` here")
        } else {
            format!("there is no column `{name}` here")
        };
        let help = match likely(name, known.iter().copied()) {
            Some(like) => format!("did you mean `{like}`?"),
            None if row.columns.is_empty() => "define it with `let`".to_owned(),
            None => {
                let mut names: Vec<&str> =
                    row.columns.iter().map(|column| column.name.as_str()).take(12).collect();
                if row.columns.len() > names.len() {
                    names.push("…");
                }
                format!("the columns are {}", names.join(", "))
            }
        };
        error_with(span, reason, help)
    }

    /// Binds what `.` and `[]` look into: a dynamic value, or text that may be JSON.
    fn container(&mut self, of: Expression, span: Span) -> Bind<Expression> {
        match of.r#type {
            Type::Dynamic => Ok(of),
            Type::String => {
                let problem =
                    Problem::warning(span, "this looks into a text, which is read as JSON");
                self.warn(problem.help("write `parse_json(…)` around the text"));
                self.apply("parse_json", vec![of], span)
            }
            other => error_with(
                span,
                format!("a value of type {other} has no members"),
                "only dynamic values have",
            ),
        }
    }

    fn binary(
        &mut self,
        operator: &'static str,
        left: &syntax::Expression,
        right: &syntax::Expression,
        span: Span,
        scope: &Arc<Scope>,
        row: &Row,
    ) -> Bind<Expression> {
        if matches!(left.kind, syntax::ExpressionKind::Star) {
            return self.any_column(operator, right, span, scope, row);
        }
        let left = self.scalar(left, scope, row)?;
        let right = self.scalar(right, scope, row)?;
        let (left, right) = self.alike(operator, left, right);
        self.apply(operator, vec![left, right], span)
    }

    /// Where a number is compared with a text that the query spells out, as the type that the other is of.
    fn alike(
        &mut self,
        operator: &str,
        left: Expression,
        right: Expression,
    ) -> (Expression, Expression) {
        if !matches!(operator, "==" | "!=" | "<" | "<=" | ">" | ">=") {
            return (left, right);
        }
        let spelled = |expression: &Expression, other: &Expression| {
            expression.r#type == Type::String
                && other.r#type != Type::String
                && other.r#type != Type::Dynamic
                && as_text(expression).is_some()
        };
        if spelled(&right, &left) {
            let right = self.respelled(right, left.r#type);
            return (left, right);
        }
        if spelled(&left, &right) {
            let left = self.respelled(left, right.r#type);
            return (left, right);
        }
        (left, right)
    }

    fn respelled(&mut self, expression: Expression, r#type: Type) -> Expression {
        let span = expression.span;
        let Some(value) =
            as_text(&expression).map(|text| Value::String(text.to_owned()).convert(r#type))
        else {
            return expression;
        };
        if value == Value::Null {
            return expression;
        }
        let reason =
            format!("a text is compared with a value of type {type}", r#type = r#type.name());
        self.warn(Problem::warning(span, reason).help(format!("write it as {}", r#type.name())));
        literal(value, r#type, span)
    }

    /// `* has "x"`: whether any column at hand holds it.
    fn any_column(
        &mut self,
        operator: &'static str,
        right: &syntax::Expression,
        span: Span,
        scope: &Arc<Scope>,
        row: &Row,
    ) -> Bind<Expression> {
        let right = self.scalar(right, scope, row)?;
        let mut all = Vec::new();
        for (place, known) in row.columns.iter().enumerate() {
            let is_compared = match operator {
                "==" | "!=" => known.r#type == right.r#type,
                _ => matches!(known.r#type, Type::String | Type::Dynamic),
            };
            if is_compared {
                all.push(self.apply(
                    operator,
                    vec![column(place, known.r#type), right.clone()],
                    span,
                )?);
            }
        }
        self.any(all, span)
    }

    /// Whether any of those holds.
    pub(super) fn any(&mut self, predicates: Vec<Expression>, span: Span) -> Bind<Expression> {
        let mut predicates = predicates.into_iter();
        let Some(first) = predicates.next() else {
            return Ok(literal(Value::Bool(false), Type::Bool, span));
        };
        predicates.try_fold(first, |any, next| self.apply("or", vec![any, next], span))
    }

    /// The right side of `in` and `has_any`: one list if it is constant, else each of its items.
    fn list(
        &mut self,
        items: &[syntax::Expression],
        scope: &Arc<Scope>,
        row: &Row,
    ) -> Bind<Vec<Expression>> {
        let mut bound = Vec::new();
        for item in items {
            bound.push(match self.listed_table(item, scope, row)? {
                Some(list) => list,
                None => self.scalar(item, scope, row)?,
            });
        }
        let are_constant = bound.iter().all(|item| matches!(item.kind, ExpressionKind::Literal(_)));
        if !are_constant || bound.len() < 2 {
            return Ok(bound);
        }
        let span = bound.iter().fold(bound[0].span, |span, item| span.to(item.span));
        let mut list = Vec::new();
        for item in bound {
            match item.kind {
                ExpressionKind::Literal(Value::Dynamic(Dynamic::Array(items))) => {
                    list.extend(items)
                }
                ExpressionKind::Literal(value) => list.push(value.into_dynamic()),
                _ => {}
            }
        }
        Ok(vec![literal(Value::Dynamic(Dynamic::Array(list)), Type::Dynamic, span)])
    }

    /// The values of a subquery's first column, if it is one.
    fn listed_table(
        &mut self,
        item: &syntax::Expression,
        scope: &Arc<Scope>,
        row: &Row,
    ) -> Bind<Option<Expression>> {
        let is_table = match &item.kind {
            syntax::ExpressionKind::Name(name) => {
                row.place(name).is_none()
                    && match scope.find(name) {
                        Some(Entity::Scalar { .. }) => false,
                        Some(Entity::Table(_)) => true,
                        Some(Entity::Function { .. }) => {
                            matches!(self.entity(item, scope)?, Entity::Table(_))
                        }
                        None => {
                            !row.is_open && self.environment.table(name).is_some()
                                || self.environment.function(name).is_some()
                        }
                    }
            }
            syntax::ExpressionKind::Call { name, .. } => self.is_tabular(&name.text, scope)?,
            syntax::ExpressionKind::Pipeline { .. }
            | syntax::ExpressionKind::DataTable { .. }
            | syntax::ExpressionKind::ExternalData { .. } => true,
            _ => false,
        };
        if !is_table {
            return Ok(None);
        }
        let Entity::Table(relation) = self.entity(item, scope)? else { return Ok(None) };
        let first = relation.columns().into_iter().take(1).collect();
        let rows = self.run(&relation.project(first, false), MOST_LISTED, item.span)?;
        let values = rows.into_iter().filter_map(|row| row.into_iter().next());
        let list = values.map(Value::into_dynamic).collect();
        Ok(Some(literal(Value::Dynamic(Dynamic::Array(list)), Type::Dynamic, item.span)))
    }

    /// Runs a plan now.
    pub(super) fn run(
        &mut self,
        relation: &Relation,
        most: usize,
        span: Span,
    ) -> Bind<Vec<Vec<Value>>> {
        self.environment
            .rows(&relation.plan, most)
            .map_err(|reason| Box::new(Problem::error(span, reason)))
    }
}

/// A constant.
pub(super) fn literal(value: Value, r#type: Type, span: Span) -> Expression {
    Expression { kind: ExpressionKind::Literal(value), r#type, span }
}

/// The constant text of an expression.
pub(super) fn as_text(expression: &Expression) -> Option<&str> {
    match &expression.kind {
        ExpressionKind::Literal(Value::String(text)) => Some(text),
        _ => None,
    }
}

/// The constant of an expression.
pub(super) fn as_constant(expression: &Expression) -> Option<&Value> {
    match &expression.kind {
        ExpressionKind::Literal(value) => Some(value),
        _ => None,
    }
}

/// The value of what stands in `dynamic(…)`.
pub(super) fn json_value(json: &JsonLiteral) -> Dynamic {
    match json {
        JsonLiteral::Value(known) => known.value.clone().into_dynamic(),
        JsonLiteral::Array(items) => Dynamic::Array(items.iter().map(json_value).collect()),
        JsonLiteral::Bag(entries) => Dynamic::Bag(
            entries.iter().map(|(name, value)| (name.clone(), json_value(value))).collect(),
        ),
    }
}

/// What somebody who wrote a name may have meant: a name that ends with it before those that are written
/// alike.
pub(super) fn likely<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> Option<String> {
    let name = name.to_lowercase();
    let mut best: Option<(f64, &str)> = None;
    for candidate in known {
        let lower = candidate.to_lowercase();
        let likeness = if lower == name {
            3.0
        } else if name.len() > 3 && lower.ends_with(&name) {
            2.0 - lower.len() as f64 / 1000.0
                + f64::from(u8::from(lower.starts_with("initiatingprocess"))) / 10.0
        } else {
            strsim::jaro_winkler(&name, &lower)
        };
        if likeness > 0.85 && best.is_none_or(|(most, _)| likeness > most) {
            best = Some((likeness, candidate));
        }
    }
    best.map(|(_, candidate)| candidate.to_owned())
}
