//! Calls that need more than the values of their arguments: the clock, the columns at hand, a type.

use std::sync::Arc;

use super::relation::column;
use super::scalar::{Row, as_constant, as_text, literal};
use super::scope::{Entity, Scope};
use super::{Bind, Binder, error, error_with};
use crate::kql::functions::geography;
use crate::kql::plan::Expression;
use crate::kql::syntax::{self, Argument, ExpressionKind, Name};
use crate::kql::{Problem, Span, Type, Value};

impl Binder<'_> {
    /// Binds a special form; nothing if the name is not one.
    pub(super) fn special(
        &mut self,
        name: &Name,
        arguments: &[Argument],
        span: Span,
        scope: &Arc<Scope>,
        row: &Row,
    ) -> Bind<Option<Expression>> {
        let bound = match name.text.as_str() {
            "now" | "ago" => self.clock(name, arguments, span, scope, row)?,
            "toscalar" => self.toscalar(name, arguments, span, scope, row)?,
            "column_ifexists" | "columnifexists" => {
                self.column_if_exists(name, arguments, scope, row)?
            }
            "ingestion_time" => self.ingestion_time(span, row),
            "case" => self.case(arguments, span, scope, row)?,
            "pack_all" => self.pack_all(arguments, span, scope, row)?,
            "bag_pack_columns" => self.bag_pack_columns(arguments, span, scope, row)?,
            "pack_dictionary" => self.renamed("bag_pack", arguments, span, scope, row)?,
            "extract" | "extractjson" | "extract_json" if arguments.len() > 2 => {
                return self.typed_extract(name, arguments, span, scope, row);
            }
            "materialize" => match arguments {
                [only] => self.scalar(&only.value, scope, row)?,
                _ => return error(span, "`materialize` takes one argument"),
            },
            "assert" => self.assert(arguments, span, scope, row)?,
            "gettype" => match arguments {
                [only] => {
                    let bound = self.scalar(&only.value, scope, row)?;
                    if bound.r#type == Type::Dynamic {
                        self.apply("gettype", vec![bound], span)?
                    } else {
                        // A null of a type is of that type; the value alone could not tell.
                        let name = bound.r#type.name().to_owned();
                        literal(Value::String(name), Type::String, span)
                    }
                }
                _ => return Ok(None),
            },
            "bin_auto" => self.bin_auto(arguments, span, scope, row)?,
            "estimate_data_size" => {
                let all = |argument: &Argument| matches!(argument.value.kind, ExpressionKind::Star);
                if !arguments.iter().any(all) {
                    return Ok(None);
                }
                let columns = row.columns.iter().enumerate();
                let columns = columns.map(|(place, known)| column(place, known.r#type)).collect();
                self.apply("estimate_data_size", columns, span)?
            }
            "column_names_of" => self.column_names(arguments, span, scope)?,
            geography::NAME if !geography::has_database() => {
                let reason =
                    format!("no database: `{}` is null for every address", geography::NAME);
                self.warn(
                    Problem::warning(name.span, reason).help("give one with --geo FILE.mmdb"),
                );
                return Ok(None);
            }
            _ => return Ok(None),
        };
        Ok(Some(bound))
    }

    /// `now(offset)` and `ago(length)`: the same moment in the whole of a query.
    fn clock(
        &mut self,
        name: &Name,
        arguments: &[Argument],
        span: Span,
        scope: &Arc<Scope>,
        row: &Row,
    ) -> Bind<Expression> {
        let now = literal(Value::DateTime(self.environment.now()), Type::DateTime, span);
        match (name.text.as_str(), arguments) {
            ("now", []) => Ok(now),
            (_, [offset]) => {
                let offset = self.scalar_as(&offset.value, Type::TimeSpan, scope, row)?;
                self.apply(if name.text == "now" { "+" } else { "-" }, vec![now, offset], span)
            }
            _ => error_with(
                span,
                format!("`{}` takes a length of time", name.text),
                "for example `ago(7d)`",
            ),
        }
    }

    /// `toscalar(T)`: the first value of the first row, computed once.
    fn toscalar(
        &mut self,
        name: &Name,
        arguments: &[Argument],
        span: Span,
        scope: &Arc<Scope>,
        row: &Row,
    ) -> Bind<Expression> {
        let [argument] = arguments else {
            return error(name.span, "`toscalar` takes one argument");
        };
        match self.entity_over(&argument.value, scope, row)? {
            Entity::Scalar { expression, .. } => Ok(expression),
            Entity::Table(relation) => {
                let Some((title, first)) = relation.columns().into_iter().next() else {
                    return error(span, "the table has no columns");
                };
                let r#type = first.r#type;
                let rows = self.run(
                    &relation.project(vec![(title, first)], false).then(take_one),
                    1,
                    span,
                )?;
                let value = rows.into_iter().next().and_then(|row| row.into_iter().next());
                Ok(literal(value.unwrap_or_else(|| Value::nothing(r#type)), r#type, span))
            }
            entity => error(span, format!("`toscalar` does not take {}", entity.what())),
        }
    }

    /// `column_ifexists(name, default)`.
    fn column_if_exists(
        &mut self,
        name: &Name,
        arguments: &[Argument],
        scope: &Arc<Scope>,
        row: &Row,
    ) -> Bind<Expression> {
        let [wanted, default] = arguments else {
            return error_with(
                name.span,
                format!("`{}` takes a name and a default", name.text),
                "for example `column_ifexists(\"Url\", \"\")`",
            );
        };
        let text = match &wanted.value.kind {
            // The name may stand there as it is.
            ExpressionKind::Name(name) if row.columns.iter().any(|column| column.name == *name) => {
                name.clone()
            }
            _ => {
                let bound = self.scalar(&wanted.value, scope, &Row::none())?;
                match as_text(&bound) {
                    Some(text) => text.to_owned(),
                    None => {
                        return error(
                            wanted.value.span,
                            "the column's name must be a constant text",
                        );
                    }
                }
            }
        };
        match row.columns.iter().position(|column| column.name == text) {
            Some(place) => {
                let r#type = row.columns.get(place).map_or(Type::Dynamic, |column| column.r#type);
                Ok(column(place, r#type))
            }
            None => self.scalar(&default.value, scope, row),
        }
    }

    /// `ingestion_time()`: files do not say when their records were ingested; when they happened is the
    /// nearest there is.
    fn ingestion_time(&mut self, span: Span, row: &Row) -> Expression {
        let reason =
            "files do not say when a record was ingested; when it happened is taken instead";
        self.warn(Problem::warning(span, reason));
        let times = ["TimeGenerated", "Timestamp", "timestamp"];
        let place =
            times.iter().find_map(|name| row.columns.iter().position(|known| known.name == *name));
        match place {
            Some(place) => Expression { span, ..column(place, Type::DateTime) },
            None => literal(Value::Null, Type::DateTime, span),
        }
    }

    /// `case(condition, value, …, otherwise)`.
    fn case(
        &mut self,
        arguments: &[Argument],
        span: Span,
        scope: &Arc<Scope>,
        row: &Row,
    ) -> Bind<Expression> {
        if arguments.len() < 3 || arguments.len().is_multiple_of(2) {
            let reason = format!(
                "`case` takes pairs of a condition and a value, and one value more; here are {} arguments",
                arguments.len()
            );
            return error_with(span, reason, "end with what holds otherwise");
        }
        let last = arguments.len() - 1;
        let (mut conditions, mut values) = (Vec::new(), Vec::new());
        for (place, argument) in arguments.iter().enumerate() {
            if place < last && place % 2 == 0 {
                conditions.push(self.scalar_as(&argument.value, Type::Bool, scope, row)?);
            } else {
                values.push(self.scalar(&argument.value, scope, row)?);
            }
        }
        let (values, _) = self.common("case", 0, values, span)?;
        // The whole is a choice between two, in each of which the second is the rest.
        let mut pairs = conditions.into_iter().zip(values.iter().cloned()).rev();
        let otherwise = values.last().cloned();
        let Some(otherwise) = otherwise else { return error(span, "`case` has no values") };
        pairs.try_fold(otherwise, |rest, (condition, value)| {
            self.apply("iff", vec![condition, value, rest], span)
        })
    }

    /// `pack_all(ignore nulls)`: all columns as a bag.
    fn pack_all(
        &mut self,
        arguments: &[Argument],
        span: Span,
        scope: &Arc<Scope>,
        row: &Row,
    ) -> Bind<Expression> {
        let leaves_out = match arguments.first() {
            Some(argument) => matches!(self.constant(&argument.value, scope)?.0, Value::Bool(true)),
            None => false,
        };
        let mut entries = Vec::new();
        for (place, known) in row.columns.iter().enumerate() {
            entries.push(literal(Value::String(known.name.clone()), Type::String, span));
            entries.push(column(place, known.r#type));
        }
        let function = if leaves_out { "bag_pack_nonempty" } else { "bag_pack" };
        let bag = self.apply(function, entries, span)?;
        Ok(bag)
    }

    /// `bag_pack_columns(a, b)`: those columns as a bag.
    fn bag_pack_columns(
        &mut self,
        arguments: &[Argument],
        span: Span,
        scope: &Arc<Scope>,
        row: &Row,
    ) -> Bind<Expression> {
        let mut entries = Vec::new();
        for argument in arguments {
            let ExpressionKind::Name(name) = &argument.value.kind else {
                return error(argument.value.span, "`bag_pack_columns` takes names of columns");
            };
            entries.push(literal(Value::String(name.clone()), Type::String, span));
            entries.push(self.scalar(&argument.value, scope, row)?);
        }
        self.apply("bag_pack", entries, span)
    }

    fn renamed(
        &mut self,
        to: &str,
        arguments: &[Argument],
        span: Span,
        scope: &Arc<Scope>,
        row: &Row,
    ) -> Bind<Expression> {
        let mut bound = Vec::new();
        for argument in arguments {
            bound.push(self.scalar(&argument.value, scope, row)?);
        }
        self.apply(to, bound, span)
    }

    /// `extract(pattern, group, text, typeof(type))`: the type is that of the result.
    fn typed_extract(
        &mut self,
        name: &Name,
        arguments: &[Argument],
        span: Span,
        scope: &Arc<Scope>,
        row: &Row,
    ) -> Bind<Option<Expression>> {
        let Some((last, others)) = arguments.split_last() else { return Ok(None) };
        let ExpressionKind::TypeOf(r#type) = last.value.kind else { return Ok(None) };
        let bound = self.renamed(&name.text, others, span, scope, row)?;
        self.convert(bound, r#type).map(Some)
    }

    /// `bin_auto(value)`: bins as the query's options say.
    fn bin_auto(
        &mut self,
        arguments: &[Argument],
        span: Span,
        scope: &Arc<Scope>,
        row: &Row,
    ) -> Bind<Expression> {
        let [value] = arguments else { return error(span, "`bin_auto` takes one argument") };
        let option = |name: &str| match scope.find(&option(name)) {
            Some(Entity::Scalar { expression, .. }) => Some(expression.clone()),
            _ => None,
        };
        let Some(size) = option(BIN_SIZE) else {
            return error_with(
                span,
                "`bin_auto` takes the size of its bins from an option that is not set",
                "write `set query_bin_auto_size = 1h;` before, or use `bin(…, 1h)`",
            );
        };
        let value = self.scalar(&value.value, scope, row)?;
        match option(BIN_POINT) {
            Some(point) => self.apply("bin_at", vec![value, size, point], span),
            None => self.apply("bin", vec![value, size], span),
        }
    }

    /// `assert(condition, message)`: the condition must hold before anything runs.
    fn assert(
        &mut self,
        arguments: &[Argument],
        span: Span,
        scope: &Arc<Scope>,
        row: &Row,
    ) -> Bind<Expression> {
        let [condition, message] = arguments else {
            return error(span, "`assert` takes a condition and a message");
        };
        let condition = self.scalar_as(&condition.value, Type::Bool, scope, row)?;
        let (message, _) = self.constant(&message.value, scope)?;
        match as_constant(&condition) {
            Some(Value::Bool(true)) => Ok(condition),
            Some(_) => error(span, format!("the query asserts: {}", message.text())),
            None => error(span, "the condition of `assert` must be constant"),
        }
    }

    /// `column_names_of(T)`.
    fn column_names(
        &mut self,
        arguments: &[Argument],
        span: Span,
        scope: &Arc<Scope>,
    ) -> Bind<Expression> {
        let [table] = arguments else { return error(span, "`column_names_of` takes a table") };
        let Entity::Table(relation) = self.entity(&table.value, scope)? else {
            return error(span, "`column_names_of` takes a table");
        };
        let names = relation
            .plan
            .schema
            .iter()
            .map(|column| crate::kql::Dynamic::String(column.name.clone()));
        let names = crate::kql::Dynamic::Array(names.collect());
        Ok(literal(Value::Dynamic(names), Type::Dynamic, span))
    }

    /// The text of a constant expression, or of a bare name.
    pub(super) fn word(
        &mut self,
        expression: &syntax::Expression,
        scope: &Arc<Scope>,
    ) -> Bind<String> {
        if let ExpressionKind::Name(name) = &expression.kind
            && scope.find(name).is_none()
        {
            return Ok(name.clone());
        }
        Ok(self.constant(expression, scope)?.0.text())
    }
}

/// The size of the bins that `bin_auto` makes.
const BIN_SIZE: &str = "query_bin_auto_size";

/// A point at which one of these bins begins.
const BIN_POINT: &str = "query_bin_auto_at";

/// Whether an option changes what a query means.
pub(super) fn is_option(name: &str) -> bool {
    matches!(name, BIN_SIZE | BIN_POINT)
}

/// What an option is called among the names of a query, which nothing else can be called.
pub(super) fn option(name: &str) -> String {
    format!("\u{1}{name}")
}

fn take_one(input: Box<crate::kql::plan::Plan>) -> crate::kql::plan::Node {
    crate::kql::plan::Node::Take { input, count: 1 }
}
