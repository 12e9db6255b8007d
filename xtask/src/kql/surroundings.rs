//! What queries are bound in, where no `coldtrail` is run: the tables of the dialects, lists that are made
//! up, and no files.

use std::cell::RefCell;

use coldtrail_model::{FieldType, Table};
use coldtrail_range::Random;
use coldtrail_rules::kql::plan::{Node, Plan};
use coldtrail_rules::kql::{
    Column, DateTime, Environment, Schema, Type, Value, dialects, evaluate,
};

use super::evaluator;
use super::generate::Values;

/// How many rows a table has that is asked at once.
const MADE: usize = 5;

/// How many rows may be made of them.
const BUDGET: usize = 100_000;

/// What `externaldata` asked for.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct External {
    pub(super) schema: Schema,
    pub(super) addresses: Vec<String>,
    pub(super) properties: Vec<(String, Value)>,
}

/// The surroundings, and what was asked of them.
#[derive(Debug, Default)]
pub(super) struct Surroundings {
    /// What `externaldata` asked for, in order.
    pub(super) external: RefCell<Vec<External>>,
    /// The names of watchlists that were asked for, in order.
    pub(super) watchlists: RefCell<Vec<String>>,
}

impl Environment for Surroundings {
    fn now(&self) -> DateTime {
        evaluator::now()
    }

    fn table(&self, name: &str) -> Option<Schema> {
        let table = name.split_once(" besides ").map_or(name, |(table, _)| table);
        Table::from_name(table).map(schema)
    }

    fn tables(&self) -> Vec<String> {
        let views = dialects::all().iter().filter(|dialect| !dialect.is_function());
        let mut names: Vec<String> = views.map(|dialect| dialect.name.to_owned()).collect();
        names.extend(self.everything());
        names.sort();
        names
    }

    fn everything(&self) -> Vec<String> {
        Table::ALL.into_iter().map(|table| table.name().to_owned()).collect()
    }

    fn function(&self, name: &str) -> Option<String> {
        dialects::dialect(name).map(|dialect| dialect.text.to_owned())
    }

    fn functions(&self) -> Vec<String> {
        dialects::all().iter().map(|dialect| dialect.name.to_owned()).collect()
    }

    fn external_data(
        &self,
        schema: &Schema,
        addresses: &[String],
        properties: &[(String, Value)],
    ) -> Result<Plan, String> {
        let name = addresses.first().cloned().unwrap_or_default();
        self.external.borrow_mut().push(External {
            schema: schema.clone(),
            addresses: addresses.to_vec(),
            properties: properties.to_vec(),
        });
        Ok(Plan { node: Node::Table { name }, schema: schema.clone() })
    }

    fn watchlist(&self, name: &str) -> Result<Plan, String> {
        self.watchlists.borrow_mut().push(name.to_owned());
        let schema = ["SearchKey", "_DTItemId"].map(|name| Column::new(name, Type::String));
        let row = |key: &str| vec![Value::String(key.to_owned()); schema.len()];
        let rows = vec![row("ann"), row("192.0.2.7")];
        Ok(Plan::rows(schema.to_vec(), rows))
    }

    fn rows(&self, plan: &Plan, most: usize) -> Result<Vec<Vec<Value>>, String> {
        let made = |name: &str, schema: &Schema| {
            let mut values = Values::new(Random::new(1).fork(name));
            Ok((0..MADE).map(|_| values.row(schema)).collect())
        };
        let rows = evaluate::rows(plan, None, &made, BUDGET).map_err(|error| error.to_string())?;
        if rows.len() > most {
            return Err(format!("there are more than {most} rows"));
        }
        Ok(rows)
    }
}

/// The columns of one of our own tables.
fn schema(table: Table) -> Schema {
    let column = |field: &coldtrail_model::Field| {
        let r#type = match field.field_type() {
            FieldType::Time => Type::DateTime,
            FieldType::Text | FieldType::Keyword | FieldType::Bytes => Type::String,
            FieldType::Number => Type::Long,
            FieldType::Truth => Type::Bool,
            FieldType::Texts | FieldType::Numbers => Type::Dynamic,
        };
        Column::new(field.name(), r#type)
    };
    table.fields().iter().map(column).collect()
}
