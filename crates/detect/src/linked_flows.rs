//! Connections that a log names only by their address, with the name that was meant.
//!
//! Where the sensor gave the views of a connection one session number (Zeek's uid), the name of the
//! handshake or the request is the connection's. Otherwise it is the name that the same source was
//! told last for that address: by DNS within the answer's time to live, or by a handshake shortly
//! before; a while longer, since programs keep what they were told. Names that are not serverless take
//! part, because an address at a shared edge belongs to whoever was asked for last.
//!
//! Where a sensor on the host names the process of both, what that process was told goes before what
//! others on its host were: a browser that asks for a page at the same edge a moment later takes nothing
//! away from an implant.
//!
//! A session that was called by a custom domain is a platform's where the source was told so: the chain
//! of aliases in the answer of DNS is not in the handshake.

use std::sync::Arc;

use coldtrail_engine::functions::{serverless_endpoint, touches};
use coldtrail_engine::plan::{
    AggregateUDF, Column, Expr, ExprFunctionExt, JoinType, LogicalPlan, LogicalPlanBuilder, Sort,
    WindowFrame, WindowFunction, WindowFunctionDefinition, array_to_string, cast, column,
    count_udaf, lit, lower, max_udaf, not, null_number, null_of, null_text, null_texts, row_number,
    string_to_array, when, with_windows,
};
use coldtrail_engine::{Engine, EngineError, Rows};
use coldtrail_model::{Field, Links, Table, Window};

use crate::contacts::{Source, field, identified, inside, kept_columns, named, outbound};
use crate::joins::keys;

pub(crate) const SECOND: i64 = 1_000_000;

/// How long beyond its time to live an answer may be used. Browsers and resolvers of operating
/// systems round short lives up, to a minute and more; five minutes cover what is common.
pub(crate) const GRACE: i64 = 300 * SECOND;

/// How long what a process was told itself goes before what others were, whatever the answer says.
/// Sensors on hosts write no time to live down; an hour covers nearly all that are in use.
pub(crate) const OWN: i64 = 3_600 * SECOND;

/// Addresses of links are looked for in so many ranges; more make a plan slower than they spare.
const MOST_RANGES: usize = 16;

/// Stands between answers where they have to be one text. No name has it, and an answer that has is
/// no name.
const SEPARATOR: &str = "\u{1f}";

/// How long no answer is believed to hold, whatever it says: a week, as in RFC 8767.
const LONGEST_LIFE: i64 = 7 * 86_400;

/// How far the handshake or the first request of a session may be from the beginning of its
/// connection. What comes later names another request in it, and a limit is what lets everything
/// else that happened at an address be passed over.
pub(crate) const NAMED_WITHIN: i64 = 60 * SECOND;

/// Sensors write down when a connection began, which is before its handshake was seen, and clocks of
/// two sensors differ a little.
pub(crate) const SKEW: i64 = 5 * SECOND;

/// The tables that say which name an address stood for.
pub(crate) const NAMING_TABLES: [Table; 3] = [Table::Dns, Table::Tls, Table::Web];

/// Contacts made of connections without names, over the rows that touch the links.
///
/// Naming sorts in many places. The steps let an engine with little memory put the rows of each plan
/// aside before the next one begins.
///
/// # Errors
///
/// When a plan cannot be built, or a step cannot run.
pub async fn linked_flows<E: Engine>(
    engine: &E,
    window: Window,
    links: &Links,
    steps: &impl Steps,
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
    // A query has a session of its own, which is none of the connection that follows.
    let [of_queries, of_sessions @ ..] = names.as_slice() else {
        return Err(EngineError::Reader);
    };
    let aliases = steps.done(aliases(of_queries.clone())?).await?;
    let sessions = steps.done(sessions(union(of_sessions.to_vec())?)?).await?;
    let names = steps.done(union(names)?).await?;
    let flows = steps.done(with_names_of_sessions(flows, sessions)?).await?;
    let is_named = column("told_name").is_not_null();
    let by_session = LogicalPlanBuilder::from(flows.clone()).filter(is_named.clone())?.build()?;
    let others = LogicalPlanBuilder::from(flows).filter(not(is_named))?;
    let others = steps.done(others.project(kept_columns(Table::Flow))?.build()?).await?;
    let by_alias = steps.done(called_by_aliases(by_session.clone(), &aliases)?).await?;
    let (mut candidates, mut behind_aliases) = (Vec::new(), Vec::new());
    for (source, told) in [(Field::SourceIp, "told_source"), (Field::HostName, "told_host")] {
        let wanted = steps.done(wanted_names(&others, names.clone(), source, told)?).await?;
        for same in [Same::Host, Same::Process] {
            let named = by_address(others.clone(), wanted.clone(), source, told, same)?;
            candidates.push(steps.done(named).await?);
        }
        let named = by_address(by_alias.clone(), aliases.clone(), source, told, Same::Name)?;
        behind_aliases.push(steps.done(named).await?);
    }
    let by_address = contacts_of(the_best_of_each(union(candidates)?)?)?;
    let by_alias = contacts_of(the_best_of_each(union(behind_aliases)?)?)?;
    let named =
        [contacts_of(by_session)?, steps.done(by_address).await?, steps.done(by_alias).await?];
    union(named.to_vec())
}

/// The contacts among connections that have a name now.
fn contacts_of(named: LogicalPlan) -> Result<LogicalPlan, EngineError> {
    let source = Source {
        name: column("told_name"),
        answers: column("told_answers"),
        ..Source::of(Table::Flow)
    };
    identified(named, Table::Flow, source)
}

/// What a connection and an answer must have in common beside the address, for the one to name the
/// other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Same {
    /// The host: anything on it may have asked.
    Host,
    /// The host, and the program that asked and connected.
    Process,
    /// The host, and the name that was asked for and that the session was called.
    Name,
}

impl Same {
    /// The columns of connections and of names that must agree, if there are such.
    fn columns(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Host => None,
            Self::Process => Some((Field::ProcessName.name(), "told_process")),
            Self::Name => Some(("called", "called")),
        }
    }

    /// The columns that agree. What is the same everywhere must not be one of them: that a constant
    /// needs no sorting is forgotten on the way to a cluster, and the plan is refused there.
    fn keys(self) -> impl Iterator<Item = &'static str> {
        ["source", "address"].into_iter().chain(self.columns().map(|_| "same"))
    }
}

/// What becomes of the plan of a step before the next one is built on it.
#[allow(async_fn_in_trait, reason = "used with generics inside this workspace only")]
pub trait Steps {
    /// A plan with the same rows.
    ///
    /// # Errors
    ///
    /// When the plan had to run and could not.
    async fn done(&self, plan: LogicalPlan) -> Result<LogicalPlan, EngineError>;
}

/// All steps in one plan, for an engine that takes it as a whole.
pub struct InOnePlan;

impl Steps for InOnePlan {
    async fn done(&self, plan: LogicalPlan) -> Result<LogicalPlan, EngineError> {
        Ok(plan)
    }
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
    let is_touched = touches(field(Field::SourceIp), reached, field(Field::Timestamp), links);
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
    let mut rows = LogicalPlanBuilder::from(rows);
    if table != Table::Dns
        && let Some(is_near) = near(links)
    {
        rows = rows.filter(is_near)?;
    }
    let rows = rows.filter(is_touched)?;
    Ok(rows.project(kept_columns(table))?.build()?)
}

/// Whether a row's destination lies among the addresses of links, as a comparison that files can
/// answer for whole pages by the least and the greatest address on each.
fn near(links: &Links) -> Option<Expr> {
    let is_within = |(first, last): (&str, &str)| {
        field(Field::DestinationIp).between(lit(first.to_owned()), lit(last.to_owned()))
    };
    links.ranges(MOST_RANGES).into_iter().map(is_within).reduce(Expr::or)
}

/// What a table says about names: `told_source` and `told_host` were told `told_name` for
/// `told_address` at `told_at`, and it held to `told_until`; both in microseconds. `told_process` asked,
/// where that is known.
pub(crate) fn told_names(rows: LogicalPlan, table: Table) -> Result<LogicalPlan, EngineError> {
    let Source { name, .. } = Source::of(table);
    let at = || microseconds(Field::Timestamp);
    let rows = LogicalPlanBuilder::from(rows);
    let common = vec![
        field(Field::SourceIp).alias("told_source"),
        field(Field::HostName).alias("told_host"),
        field(Field::ProcessName).alias("told_process"),
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
                column("told_process"),
                column("told_name"),
                column("told_answers"),
                column("told_address"),
                // A query without a connection of its own has the session number of the query.
                null_text().alias("told_session"),
                column("told_at"),
                (column("told_at") + life()? * lit(SECOND) + lit(GRACE)).alias("told_until"),
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

/// For how many seconds an answer holds.
fn life() -> Result<Expr, EngineError> {
    let life = || column("time_to_live");
    let is_odd = life().lt(lit(0_i64)).or(life().gt(lit(LONGEST_LIFE)));
    Ok(when(life().is_null(), lit(0_i64)).when(is_odd, lit(LONGEST_LIFE)).otherwise(life())?)
}

fn union(plans: Vec<LogicalPlan>) -> Result<LogicalPlan, EngineError> {
    let mut plans = plans.into_iter();
    let first =
        plans.next().map_or_else(|| LogicalPlanBuilder::empty(false), LogicalPlanBuilder::from);
    Ok(plans.try_fold(first, LogicalPlanBuilder::union)?.build()?)
}

/// What sessions were called, and when: `told_session`, `told_name` and `told_at`.
fn sessions(names: LogicalPlan) -> Result<LogicalPlan, EngineError> {
    let is_session = || column("told_session").is_not_null();
    // DataFusion's outer join by sorting keeps to the letter that a column has no nulls, where rows
    // without a match give it some; so it is made one that may.
    let told_at = when(is_session(), column("told_at")).end()?.alias("told_at");
    let columns = [column("told_session"), column("told_name"), told_at];
    let names = LogicalPlanBuilder::from(names).filter(is_session())?;
    Ok(names.project(columns)?.build()?)
}

/// Connections with the name that another view of the same session gave first, if one did.
fn with_names_of_sessions(
    flows: LogicalPlan,
    sessions: LogicalPlan,
) -> Result<LogicalPlan, EngineError> {
    let keys = (keys(&[Field::NetworkSessionId.name()]), keys(&["told_session"]));
    let at = || microseconds(Field::Timestamp);
    let is_begin = column("told_at").between(at() - lit(NAMED_WITHIN), at() + lit(NAMED_WITHIN));
    let joined = LogicalPlanBuilder::from(flows)
        .join(sessions, JoinType::Left, keys, Some(is_begin))?
        .build()?;
    let first = one_of_each(joined, vec![column("told_at").sort(true, true)])?;
    let told = [column("told_name"), null_texts().alias("told_answers")];
    Ok(LogicalPlanBuilder::from(first)
        .project(kept_columns(Table::Flow).into_iter().chain(told))?
        .build()?)
}

/// Answers for names that lead to a platform by a chain of aliases, and are in no platform's domain;
/// `called` is such a name in lower case.
fn aliases(of_queries: LogicalPlan) -> Result<LogicalPlan, EngineError> {
    let endpoint = |answers| serverless_endpoint(column("told_name"), null_text(), answers);
    let leads_there = endpoint(column("told_answers")).is_not_null();
    let is_alias = leads_there.and(endpoint(null_texts()).is_null());
    let aliases = LogicalPlanBuilder::from(of_queries).filter(is_alias)?;
    let columns: Vec<Expr> = aliases.schema().columns().into_iter().map(Expr::from).collect();
    Ok(aliases.project(columns.into_iter().chain([called()]))?.build()?)
}

/// The connections whose session was called by such a name.
fn called_by_aliases(
    by_session: LogicalPlan,
    aliases: &LogicalPlan,
) -> Result<LogicalPlan, EngineError> {
    let names = LogicalPlanBuilder::from(aliases.clone())
        .aggregate([column("called").alias("alias")], Vec::<Expr>::new())?
        .build()?;
    let keys = (keys(&["called"]), keys(&["alias"]));
    let called = kept_columns(Table::Flow).into_iter().chain([called()]);
    let called = LogicalPlanBuilder::from(by_session).project(called)?;
    Ok(called.join(names, JoinType::LeftSemi, keys, None)?.build()?)
}

/// A name as it can be compared: whoever asks may mix cases at will.
fn called() -> Expr {
    lower(column("told_name")).alias("called")
}

/// The names that sources of connections were told for addresses that they connected to: names are
/// many, and most belong to connections that have theirs by now.
fn wanted_names(
    flows: &LogicalPlan,
    names: LogicalPlan,
    source: Field,
    told: &str,
) -> Result<LogicalPlan, EngineError> {
    let wanted = LogicalPlanBuilder::from(flows.clone())
        .filter(field(source).is_not_null())?
        .aggregate(
            [field(source).alias("wanted_source"), field(Field::DestinationIp).alias("wanted")],
            Vec::<Expr>::new(),
        )?
        .build()?;
    let keys = (keys(&[told, "told_address"]), keys(&["wanted_source", "wanted"]));
    Ok(LogicalPlanBuilder::from(names).join(wanted, JoinType::LeftSemi, keys, None)?.build()?)
}

/// Connections with the name that their own source, or the process on it, was told last for the
/// address, if it still holds.
///
/// Connections and names of one source and address are put in order of time, and each connection
/// takes the last name before it: a join would pair every connection with every name.
fn by_address(
    flows: LogicalPlan,
    names: LogicalPlan,
    source: Field,
    told: &str,
    same: Same,
) -> Result<LogicalPlan, EngineError> {
    let at = || microseconds(Field::Timestamp) + lit(SKEW);
    let mut flows = LogicalPlanBuilder::from(flows).filter(field(source).is_not_null())?;
    let mut names = LogicalPlanBuilder::from(names);
    let [mut of_flow, mut of_name] = [lit(""), lit("")];
    if let Some((flow, name)) = same.columns() {
        (of_flow, of_name) = (column(flow), column(name));
        flows = flows.filter(of_flow.clone().is_not_null())?;
        names = names.filter(of_name.clone().is_not_null())?;
    }
    let is_own = same == Same::Process;
    let held = if is_own { column("told_at") + lit(OWN) } else { column("told_until") };
    let flows = flows.project(kept_columns(Table::Flow).into_iter().chain([
        field(source).alias("source"),
        field(Field::DestinationIp).alias("address"),
        of_flow.alias("same"),
        at().alias("at"),
        lit(true).alias("is_flow"),
        null_text().alias("told_name"),
        null_text().alias("told_answers"),
        null_number().alias("told_until"),
        null_number().alias("told_at"),
    ]))?;
    let names = names.project(nulls_of_flows()?.into_iter().chain([
        column(told).alias("source"),
        column("told_address").alias("address"),
        of_name.alias("same"),
        column("told_at").alias("at"),
        lit(false).alias("is_flow"),
        column("told_name"),
        array_to_string(column("told_answers"), lit(SEPARATOR)).alias("told_answers"),
        held.alias("told_until"),
        column("told_at"),
    ]))?;
    let events = flows.union(names.build()?)?.build()?;
    // Each name opens a stretch of time, which lasts until the next one. A window function that looks
    // back for the last name would have to pass over nulls, which gets lost on the way to a cluster.
    let told_so_far = over(count_udaf(), "told_name")
        .partition_by(same.keys().map(column).collect())
        .order_by(vec![
            column("at").sort(true, false),
            column("is_flow").sort(true, false),
            column("told_name").sort(true, false),
        ])
        .window_frame(WindowFrame::new(Some(true)))
        .build()?;
    let stretches = with_windows(events, vec![(told_so_far, "stretch")])?;
    let latest = vec![
        (of_stretch("told_name", same)?, "latest_told_name"),
        (of_stretch("told_answers", same)?, "latest_told_answers"),
        (of_stretch("told_until", same)?, "latest_told_until"),
        (of_stretch("told_at", same)?, "latest_told_at"),
    ];
    let named = LogicalPlanBuilder::from(with_windows(stretches, latest)?);
    let holds = column("latest_told_until").gt_eq(column("at") - lit(SKEW));
    let chosen = named.filter(column("is_flow").and(holds))?;
    let told = [
        column("latest_told_name").alias("told_name"),
        string_to_array(column("latest_told_answers"), lit(SEPARATOR), null_text())
            .alias("told_answers"),
        column("latest_told_at").alias("told_at"),
        lit(is_own).alias("is_own"),
    ];
    Ok(chosen.project(kept_columns(Table::Flow).into_iter().chain(told))?.build()?)
}

/// What the one name of a stretch of time says in a column.
fn of_stretch(told: &str, same: Same) -> Result<Expr, EngineError> {
    let stretch = same.keys().chain(["stretch"]).map(column).collect();
    Ok(over(max_udaf(), told).partition_by(stretch).build()?)
}

fn over(function: Arc<AggregateUDF>, argument: &str) -> Expr {
    let function = WindowFunctionDefinition::AggregateUDF(function);
    Expr::from(WindowFunction::new(function, vec![column(argument)]))
}

/// The columns of connections, all null.
fn nulls_of_flows() -> Result<Vec<Expr>, EngineError> {
    let schema = Table::Flow.schema();
    let kept = kept_columns(Table::Flow);
    let names: Vec<String> = kept.iter().map(|kept| kept.schema_name().to_string()).collect();
    let columns = schema.fields().iter().filter(|column| names.contains(column.name()));
    columns.map(|column| Ok(null_of(column.data_type())?.alias(column.name()))).collect()
}

/// Of each connection the name that its own process was told, or else any on its host; of those the one
/// that was told last, whether its source is known by an address or by its host's name.
fn the_best_of_each(candidates: LogicalPlan) -> Result<LogicalPlan, EngineError> {
    let order = ["is_own", "told_at"].map(|name| column(name).sort(false, false));
    one_of_each(candidates, order.to_vec())
}

/// Of each connection the name that comes first in an order.
fn one_of_each(candidates: LogicalPlan, mut order: Vec<Sort>) -> Result<LogicalPlan, EngineError> {
    order.push(column("told_name").sort(true, false));
    let place = row_number()
        .partition_by(vec![field(Field::RecordSource), field(Field::RecordOffset)])
        .order_by(order)
        .build()?;
    let placed = LogicalPlanBuilder::from(with_windows(candidates, vec![(place, "place")])?);
    Ok(placed.filter(column("place").eq(lit(1_u64)))?.build()?)
}

pub(crate) fn microseconds(time: Field) -> Expr {
    cast(field(time), arrow_schema::DataType::Int64)
}
