//! `project`, `extend` and their kin: which columns there are, in which order, called what.

use std::sync::Arc;

use super::names::{self, Namer};
use super::operator::first_columns;
use super::relation::Relation;
use super::scalar::{Row, likely, literal};
use super::scope::Scope;
use super::{Bind, Binder, error, error_with};
use crate::kql::plan::{Expression, Node};
use crate::kql::syntax::{self, ColumnOrder, ExpressionKind, Name, Named};
use crate::kql::{Problem, Span, Type, Value};

impl Binder<'_> {
    /// `extend`: columns are replaced where they stand, or added at the end. Each sees the input's alone.
    pub(super) fn extend(
        &mut self,
        input: Relation,
        columns: &[Named],
        scope: &Arc<Scope>,
    ) -> Bind<Relation> {
        let row = self.ordered_row(&input);
        let mut namer =
            Namer::default().skipping(input.plan.schema.iter().map(|column| column.name.as_str()));
        let mut added: Vec<(String, Expression)> = Vec::new();
        for named in columns {
            for (name, expression) in self.named_columns(named, &row, scope)? {
                let name = name.unwrap_or_else(|| namer.place());
                if let Some(before) = added.iter_mut().find(|(known, _)| *known == name) {
                    if !named.names.is_empty() {
                        return error(
                            named.value.span,
                            format!("`extend` names two columns `{name}`"),
                        );
                    }
                    before.1 = expression;
                } else {
                    added.push((name, expression));
                }
            }
        }
        let width = input.plan.schema.len();
        let is_open = input.is_open;
        let wide = self.with_windows(input, &row);
        let mut all = first_columns(width, &wide);
        for (name, expression) in added {
            match all.iter_mut().find(|(known, _)| *known == name) {
                Some(column) => column.1 = expression,
                None => all.push((name, expression)),
            }
        }
        Ok(wide.project(all, is_open))
    }

    /// `project`.
    pub(super) fn project(
        &mut self,
        input: Relation,
        columns: &[Named],
        scope: &Arc<Scope>,
    ) -> Bind<Relation> {
        let row = self.ordered_row(&input);
        let mut namer = Namer::new(spelled(columns));
        let mut all: Vec<(String, Expression)> = Vec::new();
        for named in columns {
            if let ExpressionKind::Wildcard(_) | ExpressionKind::Star = named.value.kind {
                for place in matching(&named.value, &input)? {
                    let Some(expression) = input.column(place) else { continue };
                    let name = input
                        .plan
                        .schema
                        .get(place)
                        .map(|column| column.name.clone())
                        .unwrap_or_default();
                    all.push((namer.take(&name), expression));
                }
                continue;
            }
            for (name, expression) in self.named_columns(named, &row, scope)? {
                let name = match name {
                    Some(name) => name,
                    None => namer.place(),
                };
                all.push((namer.take(&name), expression));
            }
        }
        let wide = self.with_windows(input, &row);
        Ok(wide.project(all, false))
    }

    /// The columns that one item of a list makes, each with its name if it has one of its own.
    pub(super) fn named_columns(
        &mut self,
        named: &Named,
        row: &Row,
        scope: &Arc<Scope>,
    ) -> Bind<Vec<(Option<String>, Expression)>> {
        let expression = self.scalar(&named.value, scope, row)?;
        let spread = names::spread(&named.value);
        match (named.names.as_slice(), spread) {
            ([], None) => Ok(vec![(names::of(&named.value), expression)]),
            ([only], None) => Ok(vec![(Some(only.text.clone()), expression)]),
            (given, Some(columns)) => {
                let many = columns.into_iter().enumerate().map(|(place, (column, r#type))| {
                    let name = given.get(place).map_or(column, |name| name.text.clone());
                    Ok((Some(name), self.element(expression.clone(), place, r#type)?))
                });
                let mut many: Vec<_> = many.collect::<Bind<_>>()?;
                if !given.is_empty() {
                    many.truncate(given.len());
                }
                Ok(many)
            }
            (given, None) => {
                let many = given.iter().enumerate().map(|(place, name)| {
                    Ok((
                        Some(name.text.clone()),
                        self.element(expression.clone(), place, Type::Dynamic)?,
                    ))
                });
                many.collect()
            }
        }
    }

    /// An element of a dynamic array as a value of a type.
    pub(super) fn element(
        &mut self,
        of: Expression,
        place: usize,
        r#type: Type,
    ) -> Bind<Expression> {
        let span = of.span;
        let place =
            literal(Value::Long(i64::try_from(place).unwrap_or(i64::MAX)), Type::Long, span);
        let element = self.apply("[]", vec![of, place], span)?;
        self.convert(element, r#type)
    }

    /// `project-away`.
    pub(super) fn project_away(
        &mut self,
        input: Relation,
        names: &[syntax::Expression],
    ) -> Bind<Relation> {
        let mut away = Vec::new();
        for name in names {
            away.extend(self.places(name, &input)?);
        }
        let kept = input.plan.schema.iter().enumerate().filter(|(place, _)| !away.contains(place));
        let kept: Vec<_> = kept.map(|(place, column)| (place, column.name.clone())).collect();
        Ok(input.select(&kept, false))
    }

    /// `project-keep`: in the input's order.
    pub(super) fn project_keep(
        &mut self,
        input: Relation,
        names: &[syntax::Expression],
    ) -> Bind<Relation> {
        let mut kept = Vec::new();
        for name in names {
            kept.extend(self.places(name, &input)?);
        }
        kept.sort_unstable();
        kept.dedup();
        let kept: Vec<_> = kept
            .into_iter()
            .filter_map(|place| Some((place, input.plan.schema.get(place)?.name.clone())))
            .collect();
        Ok(input.select(&kept, false))
    }

    /// `project-rename`.
    pub(super) fn project_rename(&mut self, input: Relation, columns: &[Named]) -> Bind<Relation> {
        let mut all: Vec<_> =
            input.plan.schema.iter().map(|column| column.name.clone()).enumerate().collect();
        for named in columns {
            if let (ExpressionKind::Name(_), []) = (&named.value.kind, named.names.as_slice()) {
                let problem = Problem::warning(named.value.span, "this renames nothing");
                self.warn(problem.help("write `new = old`"));
                self.places(&named.value, &input)?;
                continue;
            }
            let (ExpressionKind::Name(old), [new]) = (&named.value.kind, named.names.as_slice())
            else {
                return error_with(
                    named.value.span,
                    "`project-rename` takes `new = old`",
                    "use `extend` to compute",
                );
            };
            let places = self.places(&named.value, &input)?;
            let Some(place) = places.first() else {
                // A column that the table lacks was warned of; it stays out.
                let _ = old;
                continue;
            };
            if all.iter().any(|(known, name)| *name == new.text && known != place) {
                return error(new.span, format!("there is a column `{}` already", new.text));
            }
            if let Some((_, name)) = all.get_mut(*place) {
                *name = new.text.clone();
            }
        }
        let is_open = input.is_open;
        Ok(input.select(&all, is_open))
    }

    /// `project-reorder`: what is named comes first, the rest behind it.
    pub(super) fn project_reorder(
        &mut self,
        input: Relation,
        names: &[(syntax::Expression, Option<ColumnOrder>)],
    ) -> Bind<Relation> {
        let mut places: Vec<usize> = Vec::new();
        for (name, order) in names {
            let mut some: Vec<usize> = self.places(name, &input)?;
            some.retain(|place| !places.contains(place));
            let named = |place: &usize| {
                input.plan.schema.get(*place).map(|column| column.name.as_str()).unwrap_or_default()
            };
            match order {
                Some(ColumnOrder::Ascending) => {
                    some.sort_by(|one, other| named(one).cmp(named(other)))
                }
                Some(ColumnOrder::Descending) => {
                    some.sort_by(|one, other| named(other).cmp(named(one)))
                }
                Some(ColumnOrder::GrannyAscending) => {
                    some.sort_by_key(|place| by_number(named(place)))
                }
                Some(ColumnOrder::GrannyDescending) => {
                    some.sort_by_key(|place| std::cmp::Reverse(by_number(named(place))));
                }
                None => {}
            }
            places.extend(some);
        }
        for place in 0..input.plan.schema.len() {
            if !places.contains(&place) {
                places.push(place);
            }
        }
        let all: Vec<_> = places
            .into_iter()
            .filter_map(|place| Some((place, input.plan.schema.get(place)?.name.clone())))
            .collect();
        let is_open = input.is_open;
        Ok(input.select(&all, is_open))
    }

    /// `project-by-names`: names that are texts or lists of texts; those that are no columns are left out.
    pub(super) fn project_by_names(
        &mut self,
        input: Relation,
        names: &[syntax::Expression],
        scope: &Arc<Scope>,
    ) -> Bind<Relation> {
        let mut places = Vec::new();
        for name in names {
            let wanted: Vec<String> = match self.constant(name, scope)?.0 {
                Value::Dynamic(crate::kql::Dynamic::Array(items)) => {
                    items.into_iter().map(|item| Value::of_dynamic(item).text()).collect()
                }
                value => vec![value.text()],
            };
            for wanted in wanted {
                let fitting = input
                    .plan
                    .schema
                    .iter()
                    .enumerate()
                    .filter(|(_, column)| fits(&wanted, &column.name));
                for (place, column) in fitting {
                    if !places.iter().any(|(known, _)| *known == place) {
                        places.push((place, column.name.clone()));
                    }
                }
            }
        }
        Ok(input.select(&places, false))
    }

    /// `distinct`: the rows that differ in those columns.
    pub(super) fn distinct(
        &mut self,
        input: Relation,
        columns: &[Named],
        scope: &Arc<Scope>,
    ) -> Bind<Relation> {
        let is_all = matches!(columns, [only] if matches!(only.value.kind, ExpressionKind::Star));
        let projected = if is_all { input } else { self.project(input, columns, scope)? };
        let keys = projected.columns().into_iter().map(|(_, expression)| expression).collect();
        let schema = projected.plan.schema.clone();
        let node = Node::Summarize {
            input: Box::new(projected.plan),
            keys,
            aggregates: Vec::new(),
            is_grouped: true,
        };
        Ok(Relation { is_open: is_all && projected.is_open, ..Relation::closed(node, schema) })
    }

    /// The places of the columns that a name or a wildcard names. A column that a table lacks has none.
    pub(super) fn places(
        &mut self,
        name: &syntax::Expression,
        input: &Relation,
    ) -> Bind<Vec<usize>> {
        let places = matching(name, input)?;
        if let (true, ExpressionKind::Name(text)) = (places.is_empty(), &name.kind) {
            if input.is_open {
                let row = self.row(input);
                self.missing_column(text, name.span, &row);
                return Ok(places);
            }
            return self.no_column(text, name.span, input);
        }
        Ok(places)
    }

    /// That a relation has no such column.
    pub(super) fn no_column<T>(&self, name: &str, span: Span, input: &Relation) -> Bind<T> {
        let reason = format!("there is no column `{name}` here");
        match likely(name, input.plan.schema.iter().map(|column| column.name.as_str())) {
            Some(like) => error_with(span, reason, format!("did you mean `{like}`?")),
            None => {
                let names: Vec<&str> =
                    input.plan.schema.iter().take(12).map(|column| column.name.as_str()).collect();
                error_with(span, reason, format!("the columns are {}", names.join(", ")))
            }
        }
    }
}

/// The places of the columns that a name, a wildcard or a star names.
fn matching(name: &syntax::Expression, input: &Relation) -> Bind<Vec<usize>> {
    let all = input.plan.schema.iter().enumerate();
    match &name.kind {
        ExpressionKind::Star => Ok(all.map(|(place, _)| place).collect()),
        ExpressionKind::Name(text) => {
            Ok(all.filter(|(_, column)| column.name == *text).map(|(place, _)| place).collect())
        }
        ExpressionKind::Wildcard(pattern) => Ok(all
            .filter(|(_, column)| fits(pattern, &column.name))
            .map(|(place, _)| place)
            .collect()),
        _ => error(name.span, "a column's name is needed here"),
    }
}

/// Whether a name is one that a pattern with stars stands for. Stars stand for anything.
pub(super) fn fits(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        match rest.find(part) {
            Some(at) => rest = rest.get(at + part.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// A name in an order in which its numbers count as numbers.
fn by_number(name: &str) -> Vec<(String, u64)> {
    let mut parts = Vec::new();
    let mut rest = name;
    while !rest.is_empty() {
        let text = rest.find(|letter: char| letter.is_ascii_digit()).unwrap_or(rest.len());
        let (word, behind) = rest.split_at(text);
        let digits = behind.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(behind.len());
        let (number, behind) = behind.split_at(digits);
        parts.push((word.to_owned(), number.parse().unwrap_or(u64::MAX)));
        rest = behind;
    }
    parts
}

/// The names that a list spells out.
pub(super) fn spelled(columns: &[Named]) -> Vec<String> {
    let named = columns.iter().flat_map(|named| {
        let bare = match &named.value.kind {
            ExpressionKind::Name(name) if named.names.is_empty() => Some(name.clone()),
            _ => None,
        };
        named.names.iter().map(|Name { text, .. }| text.clone()).chain(bare)
    });
    named.collect()
}

#[cfg(test)]
mod tests {
    use super::{by_number, fits};

    #[test]
    fn a_star_stands_for_anything() {
        assert!(fits("Initiating*", "InitiatingProcessId"));
        assert!(fits("*Process*Name", "InitiatingProcessFileName"));
        assert!(fits("*", ""));
        assert!(!fits("a*a", "a"));
        assert!(!fits("Device*", "RemoteIP"));
    }

    #[test]
    fn numbers_in_names_count() {
        assert!(by_number("a9") < by_number("a10"));
    }
}
