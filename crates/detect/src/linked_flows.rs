//! Connections that a log names only by their address, with the name that was meant.
//!
//! Where the sensor gave the views of a connection one session number (Zeek's uid), the name of the
//! handshake or the request is the connection's. Otherwise it is the name that the same source was
//! told last for that address: by DNS within the answer's time to live, or by a handshake shortly
//! before; a while longer, since programs keep what they were told. Names that are not serverless take
//! part, because an address at a shared edge belongs to whoever was asked for last.

use coldtrail_engine::functions::touches;
use coldtrail_engine::plan::{
    Column, Expr, ExprFunctionExt, JoinType, LogicalPlan, LogicalPlanBuilder, cast, coalesce,
    column, lit, null_text, null_texts, row_number,
};
use coldtrail_engine::{Engine, EngineError, Rows};
use coldtrail_model::{Field, Links, Table, Window};

use crate::contacts::{Source, field, identified, inside, kept_columns, named, outbound};

const SECOND: i64 = 1_000_000;

/// How long beyond its time to live an answer may be used. Browsers and resolvers of operating
/// systems round short lives up, to a minute and more; five minutes cover what is common.
const GRACE: i64 = 300 * SECOND;

/// Sensors write down when a connection began, which is before its handshake was seen, and clocks of
/// two sensors differ a little.
const SKEW: i64 = 5 * SECOND;

/// The tables that say which name an address stood for.
const NAMING_TABLES: [Table; 3] = [Table::Dns, Table::Tls, Table::Web];

/// Contacts made of connections without names, over the rows that touch the links.
///
/// # Errors
///
/// When the plan cannot be built.
pub async fn linked_flows<E: Engine>(
    engine: &E,
    window: Window,
    links: &Links,
) -> Result<LogicalPlan, EngineError> {
    let flows = engine.table(Table::Flow, Rows::Linked).await?;
    let flows = touching(flows, Table::Flow, window, links)?;
    let mut names = Vec::new();
    for table in NAMING_TABLES {
        let rows = engine.table(table, Rows::Linked).await?;
        // What was told before the window begins may still be used in it; the logs were read for
        // the window alone, so that is left out on every engine alike.
        names.push(told_names(touching(rows, table, window, links)?, table)?);
    }
    let names = union(names)?;
    let candidates = union(vec![
        by_session(flows.clone(), names.clone())?,
        by_address(flows.clone(), names.clone(), Field::SourceIp, "told_source")?,
        by_address(flows, names, Field::HostName, "told_host")?,
    ])?;
    let source = Source {
        name: column("told_name"),
        answers: column("told_answers"),
        ..Source::of(Table::Flow)
    };
    identified(the_best_of_each(candidates)?, Table::Flow, source)
}

/// The rows of a scan that touch one of the links, with the columns that naming needs.
///
/// Of `flow` these are connections without a name of their own; of the other tables, rows that say
/// which name an address stood for.
///
/// # Errors
///
/// When the scan is not one of that table.
pub fn touching(
    scan: LogicalPlan,
    table: Table,
    window: Window,
    links: &Links,
) -> Result<LogicalPlan, EngineError> {
    let reached = match table {
        Table::Dns => field(Field::DnsAnswersData),
        _ => field(Field::DestinationIp),
    };
    let rows = match table {
        Table::Flow => {
            let mut rows =
                LogicalPlanBuilder::from(scan).filter(field(Field::DestinationDomain).is_null())?;
            for condition in inside(window).into_iter().chain(outbound(table)) {
                rows = rows.filter(condition)?;
            }
            rows.build()?
        }
        _ => named(scan, table, window)?,
    };
    let rows = LogicalPlanBuilder::from(rows).filter(touches(reached, links.addresses()))?;
    Ok(rows.project(kept_columns(table))?.build()?)
}

/// What a table says about names: `told_source` and `told_host` were told `told_name` for
/// `told_address` at `told_at`, and it held to `told_until`; both in microseconds.
fn told_names(rows: LogicalPlan, table: Table) -> Result<LogicalPlan, EngineError> {
    let Source { name, .. } = Source::of(table);
    let at = || microseconds(Field::Timestamp);
    let rows = LogicalPlanBuilder::from(rows);
    let common = vec![
        field(Field::SourceIp).alias("told_source"),
        field(Field::HostName).alias("told_host"),
        name.alias("told_name"),
    ];
    let told = match table {
        Table::Dns => rows
            .project(
                [
                    common,
                    vec![
                        at().alias("told_at"),
                        field(Field::DnsAnswersData).alias("told_answers"),
                        field(Field::DnsAnswersData).alias("told_address"),
                        field(Field::DnsAnswersTtl).alias("time_to_live"),
                    ],
                ]
                .concat(),
            )?
            .unnest_columns_with_options(
                vec![Column::from_name("told_address"), Column::from_name("time_to_live")],
                Default::default(),
            )?
            .project([
                column("told_source"),
                column("told_host"),
                column("told_name"),
                column("told_answers"),
                column("told_address"),
                // A query without a connection of its own has the session number of the query.
                null_text().alias("told_session"),
                column("told_at"),
                (column("told_at")
                    + coalesce(vec![column("time_to_live"), lit(0_i64)]) * lit(SECOND)
                    + lit(GRACE))
                .alias("told_until"),
            ])?,
        _ => rows.project(
            [
                common,
                vec![
                    null_texts().alias("told_answers"),
                    field(Field::DestinationIp).alias("told_address"),
                    field(Field::NetworkSessionId).alias("told_session"),
                    at().alias("told_at"),
                    (at() + lit(GRACE)).alias("told_until"),
                ],
            ]
            .concat(),
        )?,
    };
    Ok(told.filter(column("told_address").is_not_null())?.build()?)
}

fn union(plans: Vec<LogicalPlan>) -> Result<LogicalPlan, EngineError> {
    let mut plans = plans.into_iter();
    let first =
        plans.next().map_or_else(|| LogicalPlanBuilder::empty(false), LogicalPlanBuilder::from);
    Ok(plans.try_fold(first, LogicalPlanBuilder::union)?.build()?)
}

/// Connections with the name that another view of the same session has.
fn by_session(flows: LogicalPlan, names: LogicalPlan) -> Result<LogicalPlan, EngineError> {
    let joined = LogicalPlanBuilder::from(flows).join(
        names,
        JoinType::Inner,
        (keys(&[Field::NetworkSessionId.name()]), keys(&["told_session"])),
        None,
    )?;
    candidates(joined, 0)
}

/// Connections with the names that their own source was told for the address at that time.
fn by_address(
    flows: LogicalPlan,
    names: LogicalPlan,
    source: Field,
    told: &str,
) -> Result<LogicalPlan, EngineError> {
    let at = || microseconds(Field::Timestamp);
    let holds = column("told_at").lt_eq(at() + lit(SKEW)).and(column("told_until").gt_eq(at()));
    let joined = LogicalPlanBuilder::from(flows).join(
        names,
        JoinType::Inner,
        (keys(&[source.name(), Field::DestinationIp.name()]), keys(&[told, "told_address"])),
        Some(holds),
    )?;
    candidates(joined, 1)
}

fn candidates(joined: LogicalPlanBuilder, rank: i64) -> Result<LogicalPlan, EngineError> {
    let told = ["told_name", "told_answers", "told_at"].map(column);
    let columns = kept_columns(Table::Flow).into_iter().chain(told);
    Ok(joined.project(columns.chain([lit(rank).alias("rank")]))?.build()?)
}

/// Of each connection the candidate by session, or else the name that was told last.
fn the_best_of_each(candidates: LogicalPlan) -> Result<LogicalPlan, EngineError> {
    let place = row_number()
        .partition_by(vec![field(Field::RecordSource), field(Field::RecordOffset)])
        .order_by(vec![
            column("rank").sort(true, false),
            column("told_at").sort(false, false),
            column("told_name").sort(true, false),
        ])
        .build()?;
    // A window's column cannot be renamed where it is made.
    let name = place.schema_name().to_string();
    let placed = LogicalPlanBuilder::from(candidates).window([place])?;
    Ok(placed.filter(column(&name).eq(lit(1_u64)))?.build()?)
}

fn microseconds(time: Field) -> Expr {
    cast(field(time), arrow_schema::DataType::Int64)
}

fn keys(names: &[&str]) -> Vec<Column> {
    names.iter().map(|name| Column::from_name(*name)).collect()
}
