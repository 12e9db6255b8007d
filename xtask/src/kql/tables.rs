//! The tables of exports that the dialects read records from, with the columns that they read.

use std::collections::BTreeMap;

use coldtrail_rules::kql::{Schema, bind, dialects};

use super::surroundings::Surroundings;

/// What an address of `externaldata` begins with that stands for records of logs.
const RECORDS: &str = "records:";

/// Each by its name.
pub(super) fn all() -> BTreeMap<String, Schema> {
    let surroundings = Surroundings::default();
    for dialect in dialects::all().iter().filter(|dialect| !dialect.is_function()) {
        // A text that cannot be bound has a test of its own; here it has no rows.
        let _bound = bind::bind(dialect.name, &surroundings);
    }
    let mut tables: BTreeMap<String, Schema> = BTreeMap::new();
    for external in surroundings.external.take() {
        for address in &external.addresses {
            let Some(name) = address.strip_prefix(RECORDS) else { continue };
            let schema = tables.entry(name.to_owned()).or_default();
            for column in &external.schema {
                if schema.iter().all(|known| known.name != column.name) {
                    schema.push(column.clone());
                }
            }
        }
    }
    tables
}

/// Whether a query may name it: a table of the dialects, or one of our own.
pub(super) fn is_known(name: &str) -> bool {
    dialects::dialect(name).is_some() || coldtrail_model::Table::from_name(name).is_some()
}

#[cfg(test)]
mod tests {
    #[test]
    fn each_table_has_the_columns_that_are_read_of_it() {
        let tables = super::all();
        let events = tables.get("DeviceNetworkEvents").unwrap();
        assert!(events.iter().any(|column| column.name == "RemoteUrl"));
        assert!(tables.len() > 100 && super::is_known("_Im_Dns") && !super::is_known("Nothing_CL"));
    }
}
