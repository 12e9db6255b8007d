//! What a store holds beside the rows that detections want: who was active, and what was read.

use std::collections::BTreeMap;

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::{Int64Type, TimestampMicrosecondType};
use arrow_schema::DataType;
use coldtrail_engine::plan::{
    Expr, LogicalPlan, LogicalPlanBuilder, ScalarValue, cast, column, count, lit, max, min,
    null_text,
};
use coldtrail_engine::{Census, Engine, EngineError, Rows};
use coldtrail_model::{Field, Table, Window};
use coldtrail_pipeline::Read;
use coldtrail_sources::SourceTally;

/// Reads the census and the tallies of a store's sources out of its tables. The engine must hold
/// whole tables, as a store's are.
///
/// # Errors
///
/// When a plan cannot be run.
pub async fn inventory<E: Engine>(engine: &E, window: Window) -> Result<Read, EngineError> {
    Ok(Read { tallies: tallies(engine).await?, census: census(engine, window).await? })
}

/// Who was active in a window of time.
///
/// Rows are folded by host before they come here. What is left looks to the census like events of a
/// network sensor: it only asks which columns are filled.
async fn census<E: Engine>(engine: &E, window: Window) -> Result<Census, EngineError> {
    let mut rows_inside = LogicalPlanBuilder::from(of_all_tables(engine, census_columns).await?);
    let timestamp = || column(Field::Timestamp.name());
    if let Some(since) = window.since {
        rows_inside = rows_inside.filter(timestamp().gt_eq(moment(since.0)))?;
    }
    if let Some(until) = window.until {
        rows_inside = rows_inside.filter(timestamp().lt(moment(until.0)))?;
    }
    let hosts = [Field::HostName, Field::SourceIp, Field::NetworkDirection];
    let filled = [Field::ProcessName, Field::DnsQuestionName];
    let folded = rows_inside.aggregate(
        hosts.map(|field| column(field.name())),
        filled.map(|field| max(column(field.name())).alias(field.name())),
    )?;
    let mut census = Census::default();
    for batch in engine.collect(folded.build()?).await? {
        census.note(Table::Dns, &batch);
    }
    Ok(census)
}

/// What each source gave, in order of its name.
async fn tallies<E: Engine>(engine: &E) -> Result<Vec<SourceTally>, EngineError> {
    let plan = of_all_tables(engine, tally_columns).await?;
    let timestamp = || column(Field::Timestamp.name());
    let counted = LogicalPlanBuilder::from(plan)
        .aggregate(
            [column("source"), column("event_table")],
            [
                count(timestamp()).alias("rows"),
                min(timestamp()).alias("first"),
                max(timestamp()).alias("last"),
            ],
        )?
        .build()?;
    let mut tallies = BTreeMap::new();
    for batch in engine.collect(counted).await? {
        add_tallies(&batch, &mut tallies).ok_or(EngineError::Reader)?;
    }
    Ok(tallies.into_values().collect())
}

fn add_tallies(batch: &RecordBatch, tallies: &mut BTreeMap<String, SourceTally>) -> Option<()> {
    let sources = batch.column_by_name("source")?.as_string_opt::<i32>()?;
    let tables = batch.column_by_name("event_table")?.as_string_opt::<i32>()?;
    let counts = batch.column_by_name("rows")?.as_primitive_opt::<Int64Type>()?;
    let time = |name| batch.column_by_name(name)?.as_primitive_opt::<TimestampMicrosecondType>();
    let (first, last) = (time("first")?, time("last")?);
    for row in 0..batch.num_rows() {
        let source = sources.value(row).to_owned();
        let entry = tallies.entry(source.clone()).or_insert_with(|| SourceTally {
            source,
            format: None,
            tally: Default::default(),
            bytes: 0,
        });
        let count = counts.value(row).unsigned_abs();
        entry.tally.records += count;
        entry.tally.rows.insert(Table::from_name(tables.value(row))?, count);
        let span = (first.value(row), last.value(row));
        let known = entry.tally.span.unwrap_or(span);
        entry.tally.span = Some((known.0.min(span.0), known.1.max(span.1)));
    }
    Some(())
}

/// A union of some columns of every table.
async fn of_all_tables<E: Engine>(
    engine: &E,
    columns: fn(Table) -> Vec<Expr>,
) -> Result<LogicalPlan, EngineError> {
    let [first, rest @ ..] = Table::ALL;
    let of = async |table| -> Result<LogicalPlan, EngineError> {
        let scan = LogicalPlanBuilder::from(engine.table(table, Rows::Contacts).await?);
        Ok(scan.project(columns(table))?.build()?)
    };
    let mut union = LogicalPlanBuilder::from(of(first).await?);
    for table in rest {
        union = union.union(of(table).await?)?;
    }
    Ok(union.build()?)
}

fn census_columns(table: Table) -> Vec<Expr> {
    let own = |field: Field| {
        let has = table.fields().contains(&field);
        if has { column(field.name()) } else { null_text().alias(field.name()) }
    };
    let name = match table {
        Table::Flow => column(Field::DestinationDomain.name()),
        Table::Dns => column(Field::DnsQuestionName.name()),
        Table::Web => column(Field::UrlDomain.name()),
        Table::Tls => column(Field::TlsClientServerName.name()),
        Table::Process | Table::File | Table::Script => null_text(),
    };
    vec![
        column(Field::Timestamp.name()),
        own(Field::HostName),
        own(Field::SourceIp),
        own(Field::NetworkDirection),
        own(Field::ProcessName),
        name.alias(Field::DnsQuestionName.name()),
    ]
}

fn tally_columns(table: Table) -> Vec<Expr> {
    vec![
        column(Field::Timestamp.name()),
        cast(column(Field::RecordSource.name()), DataType::Utf8).alias("source"),
        lit(table.name()).alias("event_table"),
    ]
}

fn moment(microseconds: i64) -> Expr {
    lit(ScalarValue::TimestampMicrosecond(Some(microseconds), Some("UTC".into())))
}
