//! What an engine answered: typed rows.

use std::fmt;

use anyhow::Context;
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::Value;

use super::cell;
use super::printed::Printed;

/// A table of values. Moments, lengths of time and identifiers are texts, as JSON has them.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Answer {
    /// The names of the columns; unknown, and thus none, if there is no row.
    pub(super) columns: Vec<String>,
    /// The rows, each as long as there are columns.
    pub(super) rows: Vec<Vec<Value>>,
}

/// How an answer differs from what was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Difference {
    /// The columns are others, or in another order.
    Columns(String),
    /// There are more or fewer rows.
    Count(String),
    /// A row is missing, or at another place.
    Row(String),
}

impl Answer {
    /// Reads the output of `coldtrail query --format jsonl`.
    pub(super) fn of_json_lines(text: &str) -> anyhow::Result<Answer> {
        let mut answer = Answer::default();
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            let Record(record) = serde_json::from_str(line)
                .with_context(|| format!("the answer is no JSON: {line}"))?;
            if answer.columns.is_empty() {
                answer.columns = record.iter().map(|(name, _)| name.clone()).collect();
            }
            let cell = |name: &String| {
                let found = record.iter().find(|(other, _)| other == name);
                found.map_or(Value::Null, |(_, value)| value.clone())
            };
            answer.rows.push(answer.columns.iter().map(cell).collect());
        }
        Ok(answer)
    }

    /// As `coldtrail query --format jsonl` writes it.
    pub(super) fn json_lines(&self) -> String {
        let mut text = String::new();
        for row in &self.rows {
            let cells = self.columns.iter().zip(row);
            let members =
                cells.map(|(name, value)| format!("{}:{value}", Value::from(name.as_str())));
            text.push_str(&format!("{{{}}}\n", members.collect::<Vec<_>>().join(",")));
        }
        text
    }

    /// How it differs from what a page prints; nothing if it says the same.
    pub(super) fn differs(&self, printed: &Printed, is_ordered: bool) -> Option<Difference> {
        let knows_columns = !self.columns.is_empty();
        if knows_columns && self.columns != printed.columns {
            let names = |names: &[String]| names.join(", ");
            let (ours, theirs) = (names(&self.columns), names(&printed.columns));
            return Some(Difference::Columns(format!("{ours} instead of {theirs}")));
        }
        let gap = printed.rows.iter().position(|row| Printed::is_gap(row));
        let wanted = printed.rows.len() - usize::from(gap.is_some());
        let has_count = match gap {
            Some(_) => self.rows.len() >= wanted,
            None => self.rows.len() == wanted,
        };
        if !has_count {
            let reason = format!("{} instead of {wanted}", self.rows.len());
            return Some(Difference::Count(reason));
        }
        let rows = printed.rows.iter().filter(|row| !Printed::is_gap(row));
        let missing = if is_ordered {
            let skipped = self.rows.len() - wanted;
            let place =
                |at: usize| if gap.is_some_and(|gap| at >= gap) { at + skipped } else { at };
            let at = rows.clone().enumerate().find(|(at, row)| {
                !self.rows.get(place(*at)).is_some_and(|answered| says(row, answered))
            });
            at.map(|(at, row)| (row, self.rows.get(place(at))))
        } else {
            let mut left: Vec<&Vec<Value>> = self.rows.iter().collect();
            let row = rows.clone().find(|row| {
                let found = left.iter().position(|answered| says(row, answered));
                found.map(|at| left.remove(at)).is_none()
            });
            row.map(|row| (row, left.first().copied()))
        };
        missing.map(|(row, answered)| {
            let answered = answered.map_or("no row".to_owned(), |row| line(row));
            Difference::Row(format!("{answered} instead of {}", row.join(" | ")))
        })
    }

    /// How it differs from another engine's answer; nothing if it does not.
    pub(super) fn differs_from(&self, other: &Answer, is_ordered: bool) -> Option<Difference> {
        let both_know = !self.columns.is_empty() && !other.columns.is_empty();
        if both_know && self.columns != other.columns {
            let (ours, theirs) = (self.columns.join(", "), other.columns.join(", "));
            return Some(Difference::Columns(format!("{ours} instead of {theirs}")));
        }
        if self.rows.len() != other.rows.len() {
            let reason = format!("{} instead of {}", self.rows.len(), other.rows.len());
            return Some(Difference::Count(reason));
        }
        let are_equal = |one: &[Value], other: &[Value]| {
            one.len() == other.len()
                && one.iter().zip(other).all(|(one, other)| cell::are_equal(one, other))
        };
        let mut left: Vec<&Vec<Value>> = self.rows.iter().collect();
        for row in &other.rows {
            let found = match is_ordered {
                true => left.first().filter(|one| are_equal(one, row)).map(|_| 0),
                false => left.iter().position(|one| are_equal(one, row)),
            };
            match found {
                Some(at) => left.remove(at),
                None => {
                    let ours = left.first().map_or("no row".to_owned(), |row| line(row));
                    return Some(Difference::Row(format!("{ours} instead of {}", line(row))));
                }
            };
        }
        None
    }
}

impl Difference {
    /// Of what kind it is.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Difference::Columns(_) => "other columns",
            Difference::Count(_) => "another number of rows",
            Difference::Row(_) => "other rows",
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Difference::Columns(reason) | Difference::Count(reason) | Difference::Row(reason)) =
            self;
        write!(formatter, "{}: {reason}", self.kind())
    }
}

fn says(printed: &[String], answered: &[Value]) -> bool {
    let cells = printed.len().max(answered.len());
    (0..cells).all(|at| match (printed.get(at), answered.get(at)) {
        (Some(printed), Some(answered)) => cell::says(printed, answered),
        _ => false,
    })
}

fn line(row: &[Value]) -> String {
    row.iter().map(Value::to_string).collect::<Vec<_>>().join(" | ")
}

/// A JSON object with its members in the order in which they are written.
struct Record(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Record {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Record;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Record, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Record(members))
            }
        }
        deserializer.deserialize_map(Members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer() -> Answer {
        Answer::of_json_lines("{\"b\":1,\"a\":\"x\"}\n{\"b\":2,\"a\":null}\n").unwrap()
    }

    fn printed(text: &str) -> Printed {
        Printed::read(text).unwrap()
    }

    #[test]
    fn columns_keep_their_order() {
        assert_eq!(answer().columns, ["b", "a"]);
        assert_eq!(Answer::of_json_lines(&answer().json_lines()).unwrap(), answer());
        assert_eq!(answer().differs(&printed("|b|a|\n|-|-|\n|1|x|\n|2||"), true), None);
        let swapped = answer().differs(&printed("|a|b|\n|-|-|\n|x|1|\n||2|"), true);
        assert!(matches!(swapped, Some(Difference::Columns(_))));
    }

    #[test]
    fn rows_are_a_multiset_unless_the_query_sorts_them() {
        let other_order = printed("|b|a|\n|-|-|\n|2||\n|1|x|");
        assert_eq!(answer().differs(&other_order, false), None);
        assert!(matches!(answer().differs(&other_order, true), Some(Difference::Row(_))));
        let twice = printed("|b|a|\n|-|-|\n|1|x|\n|1|x|");
        assert!(matches!(answer().differs(&twice, false), Some(Difference::Row(_))));
        let fewer = printed("|b|a|\n|-|-|\n|1|x|");
        assert!(matches!(answer().differs(&fewer, false), Some(Difference::Count(_))));
    }

    #[test]
    fn rows_that_are_left_out_may_be_any() {
        let many = "{\"x\":1}\n{\"x\":2}\n{\"x\":3}\n{\"x\":4}\n";
        let many = Answer::of_json_lines(many).unwrap();
        assert_eq!(many.differs(&printed("|x|\n|-|\n|1|\n|...|\n|4|"), true), None);
        assert!(many.differs(&printed("|x|\n|-|\n|1|\n|...|\n|5|"), true).is_some());
    }

    #[test]
    fn answers_of_two_engines_are_compared() {
        let other = Answer::of_json_lines("{\"b\":2,\"a\":null}\n{\"b\":1,\"a\":\"x\"}\n").unwrap();
        assert_eq!(answer().differs_from(&other, false), None);
        assert!(answer().differs_from(&other, true).is_some());
    }
}
