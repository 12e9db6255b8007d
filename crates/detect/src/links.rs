//! Links: addresses that serverless endpoints were seen at, with the sources that were told them.
//!
//! A connection log says which address was contacted, and not by which name. Thousands of tenants
//! share an address, so a connection is named only by what its own source was told. Links are what
//! is looked up in a second look at the logs: rows that touch none of them can name no connection
//! to a serverless endpoint.

use std::net::IpAddr;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType;
use coldtrail_engine::functions::serverless_endpoint;
use coldtrail_engine::plan::{
    LogicalPlan, LogicalPlanBuilder, cast, column, greatest, lit, max, min, when,
};
use coldtrail_engine::{Engine, EngineError, Rows};
use coldtrail_model::{Links, Table, Window};

use crate::contacts::{Source, named};
use crate::linked_flows::{GRACE, NAMED_WITHIN, NAMING_TABLES, OWN, SECOND, SKEW, told_names};

/// What was told within such a stretch of time is summed up.
const STRETCH: i64 = 300 * SECOND;

/// The links that the contacts of a window make.
///
/// They reach as far around what was told as anything can matter: connections that it names, and the
/// names that decide about those.
///
/// # Errors
///
/// When the engine cannot run the plan.
pub async fn links<E: Engine>(engine: &E, window: Window) -> Result<Links, EngineError> {
    let mut links = Links::default();
    for table in NAMING_TABLES {
        let rows = named(engine.table(table, Rows::Contacts).await?, table, window)?;
        for batch in engine.collect(told(rows, table)?).await? {
            add(&mut links, &batch);
        }
    }
    Ok(links)
}

/// Each address that contacts of a table were told, by source and stretch of time: `address`,
/// `source`, `from` and `until`.
fn told(rows: LogicalPlan, table: Table) -> Result<LogicalPlan, EngineError> {
    let Source { name, path, answers, .. } = Source::of(table);
    let contacts = LogicalPlanBuilder::from(rows)
        .filter(serverless_endpoint(name, path, answers).is_not_null())?
        .build()?;
    // A host may be known by its name to one sensor and by an address to another.
    let source = when(column("told_host").is_null(), column("told_source")).end()?;
    let keys = [
        column("told_address").alias("address"),
        source.alias("source"),
        (column("told_at") / lit(STRETCH)).alias("stretch"),
    ];
    // What a process was told before may go before what others are told now.
    let asked = || column("told_process").is_not_null();
    let matters = when(asked(), lit(OWN)).otherwise(lit(GRACE))?;
    let own_until = when(asked(), column("told_at") + lit(OWN)).end()?;
    let held_until = greatest(vec![column("told_until"), own_until]);
    let held = [min(column("told_at") - matters).alias("from"), max(held_until).alias("until")];
    let told = LogicalPlanBuilder::from(told_names(contacts, table)?).aggregate(keys, held)?;
    let text = |name| cast(column(name), DataType::Utf8).alias(name);
    let columns = [text("address"), text("source"), column("from"), column("until")];
    Ok(told.project(columns)?.build()?)
}

fn add(links: &mut Links, batch: &RecordBatch) {
    let [addresses, sources, from, until] = batch.columns() else { return };
    let (addresses, sources) = (addresses.as_string::<i32>(), sources.as_string::<i32>());
    let (from, until) = (from.as_primitive::<Int64Type>(), until.as_primitive::<Int64Type>());
    for row in 0..batch.num_rows() {
        let address = addresses.value(row);
        // The answers of a query hold names, too, which are no addresses.
        if address.parse::<IpAddr>().is_err() {
            continue;
        }
        let source = sources.is_valid(row).then(|| sources.value(row));
        // What is no address cannot be told from what stands for any in the text of links.
        let source = source.filter(|source| source.parse::<IpAddr>().is_ok());
        let first = from.value(row).saturating_sub(NAMED_WITHIN);
        let last = until.value(row).saturating_add(NAMED_WITHIN + SKEW);
        links.add(source, address, first..=last);
    }
}
