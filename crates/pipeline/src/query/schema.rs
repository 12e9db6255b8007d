//! Which tables there are, what their columns are, and what fills them.

use coldtrail_model::Table;
use coldtrail_rules::kql::Schema;
use coldtrail_rules::kql::dialects::{self, dialect};
use coldtrail_sources::formats;

use super::QueryEngine;

/// A line for each table: our own first, then those of vendors, then functions.
pub fn tables() -> Vec<String> {
    let mut lines = vec!["Event tables, of whatever is read:".to_owned()];
    let widest = dialects::all().iter().map(|known| known.name.len()).max().unwrap_or(0);
    let entry = |name: &str, about: &str| format!("  {name:widest$}  {about}");
    for table in Table::ALL {
        lines.push(entry(
            table.name(),
            &format!("{} columns, {} formats", table.fields().len(), feeding(table).len()),
        ));
    }
    let families = [
        ("defender", "Tables of Microsoft Defender XDR:"),
        ("sentinel", "Tables of Microsoft Sentinel:"),
        ("asim", "Tables of Sentinel's information model:"),
    ];
    for (family, heading) in families {
        lines.push(heading.to_owned());
        let known =
            dialects::all().iter().filter(|known| known.family == family && !known.is_function());
        lines.extend(known.map(|known| entry(known.name, &first_line(&known.about()))));
    }
    lines.push("Functions:".to_owned());
    let functions = dialects::all().iter().filter(|known| known.is_function());
    lines.extend(functions.map(|known| entry(known.name, &first_line(&known.about()))));
    lines
}

impl QueryEngine {
    /// What a table is, a line for each of its columns, and what fills it; nothing if there is no such table.
    pub fn columns(&self, table: &str) -> Option<Vec<String>> {
        let mut lines = Vec::new();
        let schema: Schema = match Table::from_name(table) {
            Some(known) => {
                let widest =
                    known.fields().iter().map(|field| field.name().len()).max().unwrap_or(0);
                lines.push(format!("{table}: rows of whatever is read, columns named as in the Elastic Common Schema"));
                let schema = super::tables::schema(table)?;
                for (field, column) in known.fields().iter().zip(&schema) {
                    let name = field.name();
                    lines.push(format!(
                        "  {name:widest$}  {:8}  {}",
                        column.r#type.name(),
                        field.description()
                    ));
                }
                lines.push("Filled from:".to_owned());
                lines.extend(
                    feeding(known).into_iter().map(|(name, logs)| format!("  {name:22}  {logs}")),
                );
                return Some(lines);
            }
            None => self.kql(&format!("['{table}'] | take 0")).ok()?.plan?.schema,
        };
        if let Some(known) = dialect(table) {
            lines.push(format!("{table}:"));
            lines.extend(
                known.about().lines().map(|line| format!("  {line}").trim_end().to_owned()),
            );
            let exports = known.exports();
            if !exports.is_empty() {
                let kinds: Vec<&str> = exports.iter().map(|(kind, _)| *kind).collect();
                lines.push(format!("Filled from exported records of: {}", kinds.join(", ")));
            }
        }
        lines.push("Columns:".to_owned());
        let widest = schema.iter().map(|column| column.name.len()).max().unwrap_or(0);
        lines.extend(
            schema.iter().map(|column| format!("  {:widest$}  {}", column.name, column.r#type)),
        );
        Some(lines)
    }
}

/// The formats that fill an event table: name and what they are logs of.
fn feeding(table: Table) -> Vec<(&'static str, &'static str)> {
    formats()
        .iter()
        .filter(|known| known.tables.contains(&table))
        .map(|known| (known.name, known.logs))
        .collect()
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}
