//! Links: addresses that serverless endpoints were seen at, with the sources that were told them.
//!
//! A connection log says which address was contacted, and not by which name. Thousands of tenants
//! share an address, so a connection is named only by what its own source was told. Links are what
//! is looked up in a second look at the logs: rows that touch none of them can name no connection
//! to a serverless endpoint.

use arrow_array::cast::AsArray;
use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType;
use coldtrail_engine::functions::{sample, serverless_endpoint};
use coldtrail_engine::plan::{Expr, LogicalPlan, LogicalPlanBuilder, bool_or, cast, column};
use coldtrail_engine::{Engine, EngineError, Rows};
use coldtrail_model::{Field, Links, Table, Window};

use crate::contacts::{CONTACT_TABLES, Source, field, named};

/// With more sources than this, any may have been told an address.
const MOST_SOURCES: u32 = 64;

/// The links that the contacts of a window make.
///
/// # Errors
///
/// When the engine cannot run the plan.
pub async fn links<E: Engine>(engine: &E, window: Window) -> Result<Links, EngineError> {
    let mut links = Links::default();
    for table in CONTACT_TABLES {
        let rows = named(engine.table(table, Rows::Contacts).await?, table, window)?;
        for batch in engine.collect(told(rows, table)?).await? {
            add(&mut links, &batch);
        }
    }
    Ok(links)
}

/// Each address that contacts of a table were told, with a sample of who was told it.
fn told(rows: LogicalPlan, table: Table) -> Result<LogicalPlan, EngineError> {
    let Source { name, path, answers, .. } = Source::of(table);
    let contacts = LogicalPlanBuilder::from(rows)
        .filter(serverless_endpoint(name, path, answers).is_not_null())?;
    let source = field(Field::SourceIp).alias("source");
    let addresses = match table {
        Table::Dns => contacts
            .project([source, field(Field::DnsAnswersData).alias("told")])?
            .unnest_column("told")?,
        _ => contacts.project([source, field(Field::DestinationIp).alias("told")])?,
    };
    let measures: [Expr; 2] = [
        sample(column("source"), MOST_SOURCES).alias("sources"),
        bool_or(column("source").is_null()).alias("by_nobody"),
    ];
    let told = addresses.filter(column("told").is_not_null())?;
    let told = told.aggregate([column("told")], measures)?;
    Ok(told
        .project([
            cast(column("told"), DataType::Utf8).alias("told"),
            column("sources"),
            column("by_nobody"),
        ])?
        .build()?)
}

fn add(links: &mut Links, batch: &RecordBatch) {
    let [told, sources, by_nobody] = batch.columns() else { return };
    let told = told.as_string::<i32>();
    for row in 0..batch.num_rows() {
        let address = told.value(row);
        // The answers of a query hold names, too, which are no addresses.
        if address.parse::<std::net::IpAddr>().is_err() {
            continue;
        }
        let sources = sources.as_list::<i32>().value(row);
        if by_nobody.as_boolean().value(row) || sources.len() >= MOST_SOURCES as usize {
            links.add(None, address);
        } else {
            let sources = sources.as_string::<i32>().iter().flatten();
            sources.for_each(|source| links.add(Some(source), address));
        }
    }
}
