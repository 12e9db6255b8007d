//! A random query, in parts that can be taken out to find what makes a difference.

use std::fmt;

use coldtrail_range::Random;

use super::expressions::{Column, Kind, Writer};

/// Tables that a query spells out, and what it does with the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Query {
    tables: Vec<Table>,
    operators: Vec<String>,
    /// Whether the last operator puts the rows in an order.
    pub(super) is_sorted: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Table {
    name: &'static str,
    columns: Vec<Column>,
    rows: Vec<String>,
}

/// How many rows a table has at most.
const ROWS: u64 = 12;

/// How many operators a query has at most, besides the last one.
const OPERATORS: u64 = 4;

impl Query {
    /// A query that a seed and a number stand for.
    pub(super) fn random(seed: u64, number: usize) -> Query {
        let mut writer = Writer::new(Random::new(seed).fork(&number.to_string()));
        let left = Table::random("T", &mut writer);
        let right = Table::random("U", &mut writer);
        let mut columns = left.columns.clone();
        let mut operators = Vec::new();
        for _ in 0..1 + writer.below(OPERATORS) {
            let (operator, after) = writer.operator(&columns);
            operators.push(operator);
            columns = after;
            if columns.is_empty() {
                break;
            }
        }
        let id = columns.iter().find(|column| column.name == "id" && column.is_unique);
        let is_sorted = id.is_some() && writer.below(2) == 0;
        if is_sorted {
            operators.push(writer.one(&["sort by id asc", "sort by id", "top 5 by id asc"]));
        }
        Query { tables: vec![left, right], operators, is_sorted }
    }

    /// The same with a part less: an operator, or some rows of a table.
    pub(super) fn smaller(&self) -> Vec<Query> {
        let mut smaller = Vec::new();
        for at in (0..self.operators.len()).rev() {
            let mut query = self.clone();
            query.operators.remove(at);
            query.is_sorted &= at + 1 < self.operators.len();
            smaller.push(query);
        }
        for (table, rows) in self.tables.iter().map(|table| table.rows.len()).enumerate() {
            for at in 0..rows {
                let mut query = self.clone();
                if let Some(table) = query.tables.get_mut(table) {
                    table.rows.remove(at);
                }
                smaller.push(query);
            }
        }
        smaller
    }
}

impl Table {
    fn random(name: &'static str, writer: &mut Writer) -> Table {
        let columns = Kind::ALL.iter().map(|(name, kind)| Column {
            name: (*name).to_owned(),
            kind: *kind,
            is_unique: *name == "id",
        });
        let columns: Vec<Column> = columns.collect();
        let rows = (0..writer.below(ROWS + 1)).map(|number| {
            let values = columns.iter().map(|column| match column.is_unique {
                true => number.to_string(),
                false => writer.value(column.kind),
            });
            values.collect::<Vec<_>>().join(", ")
        });
        Table { name, rows: rows.collect(), columns }
    }
}

impl fmt::Display for Query {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Table { name, columns, rows } in &self.tables {
            let columns: Vec<String> =
                columns.iter().map(|it| format!("{}:{}", it.name, it.kind.name())).collect();
            let rows: String = rows.iter().map(|row| format!("    {row},\n")).collect();
            writeln!(formatter, "let {name} = datatable({}) [\n{rows}];", columns.join(", "))?;
        }
        formatter.write_str("T")?;
        self.operators.iter().try_for_each(|operator| write!(formatter, "\n| {operator}"))
    }
}

#[cfg(test)]
mod tests {
    use coldtrail_rules::kql::parser;

    use super::Query;

    #[test]
    fn a_seed_and_a_number_stand_for_a_query() {
        assert_eq!(Query::random(1, 7), Query::random(1, 7));
        assert_ne!(Query::random(1, 7), Query::random(1, 8));
        assert_ne!(Query::random(1, 7), Query::random(2, 7));
    }

    #[test]
    fn random_queries_are_well_formed() {
        for number in 0..500 {
            let query = Query::random(3, number).to_string();
            if let Err(problems) = parser::parse(&query) {
                panic!("{query}\n{problems:?}");
            }
        }
    }

    #[test]
    fn smaller_queries_are_parts() {
        let query = Query::random(1, 4);
        let length = query.to_string().len();
        assert!(!query.smaller().is_empty());
        assert!(query.smaller().iter().all(|part| part.to_string().len() < length));
    }
}
