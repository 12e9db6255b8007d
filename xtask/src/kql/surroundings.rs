//! What queries are bound in, where no `coldtrail` is run: the tables of the dialects, lists that are made
//! up, and no files.

use std::cell::RefCell;

use coldtrail_rules::kql::evaluate;
use coldtrail_rules::kql::plan::{Node, Plan};
use coldtrail_rules::kql::{Column, DateTime, Environment, Schema, Type, Value};

use super::evaluator;

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
}

impl Environment for Surroundings {
    fn now(&self) -> DateTime {
        evaluator::now()
    }

    fn table(&self, _name: &str) -> Option<Schema> {
        None
    }

    fn tables(&self) -> Vec<String> {
        Vec::new()
    }

    fn function(&self, _name: &str) -> Option<String> {
        None
    }

    fn functions(&self) -> Vec<String> {
        Vec::new()
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

    fn watchlist(&self, _name: &str) -> Result<Plan, String> {
        let schema = ["SearchKey", "_DTItemId"].map(|name| Column::new(name, Type::String));
        let row = |key: &str| vec![Value::String(key.to_owned()); schema.len()];
        let rows = vec![row("ann"), row("192.0.2.7")];
        Ok(Plan::rows(schema.to_vec(), rows))
    }

    fn rows(&self, plan: &Plan, most: usize) -> Result<Vec<Vec<Value>>, String> {
        let nothing = |_: &str, _: &Schema| Ok(Vec::new());
        let rows =
            evaluate::rows(plan, None, &nothing, 1_000_000).map_err(|error| error.to_string())?;
        if rows.len() > most {
            return Err(format!("there are more than {most} rows"));
        }
        Ok(rows)
    }
}
