//! Conversations: contacts folded by host, process and tenant.

use coldtrail_engine::EngineError;
use coldtrail_engine::functions::{moments, rhythm, sample};
use coldtrail_engine::plan::{
    Expr, LogicalPlan, LogicalPlanBuilder, bool_or, coalesce, column, lit, max, min, not, sum, when,
};

use crate::Settings;

/// What makes two contacts one conversation. Destination addresses are not among it: thousands of
/// tenants share those.
pub(crate) const KEYS: [&str; 8] = [
    "host",
    "process_name",
    "endpoint_provider",
    "endpoint_platform",
    "endpoint_kind",
    "tenant",
    "endpoint_group",
    "endpoint_reach",
];

/// How many texts of each kind a conversation keeps for show, and how many records as evidence.
pub(crate) const SHOWN: u32 = 8;

/// A connection is long from an hour on, in nanoseconds. RITA v5 scores connections from there.
pub(crate) const LONG: i64 = 3_600_000_000_000;

/// An exchange, which is a connection or a request with its answer, is large with more bytes than this
/// in one direction. A poll over TLS has its handshake in it, which is up to 8 kB of certificates.
pub(crate) const LARGE: i64 = 16_384;

/// Texts that a conversation keeps a sample of: the contact's column and the conversation's.
const SAMPLES: [(&str, &str); 16] = [
    ("address", "addresses"),
    ("user_name", "users"),
    ("process_parent_name", "parents"),
    ("process_executable", "executables"),
    ("process_command_line", "command_lines"),
    ("channel", "channels"),
    ("event_dataset", "datasets"),
    ("record", "records"),
    ("endpoint_host", "endpoint_hosts"),
    ("endpoint_alias", "aliases"),
    ("endpoint_function", "functions"),
    ("endpoint_via", "vias"),
    ("path", "paths"),
    ("user_agent", "user_agents"),
    ("fingerprint", "fingerprints"),
    ("front", "fronts"),
];

/// Measures of connections: how many, how many large ones, the first of these, and the most bytes that
/// one sent and received.
pub(crate) const OF_FLOWS: [&str; 5] =
    ["flows", "large_flows", "first_large_flow", "most_sent", "most_received"];

/// The same of requests.
pub(crate) const OF_REQUESTS: [&str; 5] = [
    "requests",
    "large_requests",
    "first_large_request",
    "most_request_bytes",
    "most_response_bytes",
];

/// Folds contacts into conversations.
///
/// The result has the keys `host`, `process_name`, `endpoint_provider`, `endpoint_platform`,
/// `endpoint_kind`, `tenant` (the endpoint's tenant, or its host where no tenant is known),
/// `endpoint_group`, `endpoint_reach`; `events`, `first_seen`, `last_seen`, `moments`,
/// `longest_duration` (of connections, in nanoseconds), `long_duration` and `long_bytes` (of all
/// connections of an hour or longer), `sent` and `received` (bytes of connections), `request_bytes`
/// and `response_bytes` (bytes inside
/// them), `endpoint_telemetry`; of DNS `query_moments`, `nonexistent` (answers that the name does not
/// exist), `first_nonexistent` and `last_existing`; of all else `first_connection` and
/// `last_connection`; of connections and of requests how many there are (`flows`, `requests`), how many
/// of them are large and when the first of these was, and the most bytes in one; and lists of texts: a sample of what was seen of each
/// kind.
///
/// # Errors
///
/// When the plan lacks a column of contacts.
pub fn conversations(contacts: LogicalPlan) -> Result<LogicalPlan, EngineError> {
    conversations_with(contacts, Vec::new())
}

/// Folds contacts into conversations, and measures more of them.
pub(crate) fn conversations_with(
    contacts: LogicalPlan,
    more: Vec<Expr>,
) -> Result<LogicalPlan, EngineError> {
    let tenant = coalesce(vec![column("endpoint_tenant"), column("endpoint_host")]);
    let mut measures = vec![
        sum(lit(1_i64)).alias("events"),
        min(column("timestamp")).alias("first_seen"),
        max(column("timestamp")).alias("last_seen"),
        moments(column("timestamp")).alias("moments"),
        sum(of_flows("sent")?).alias("sent"),
        sum(of_flows("received")?).alias("received"),
        max(column("duration")).alias("longest_duration"),
        sum(of_long(column("duration"))?).alias("long_duration"),
        sum(of_long(bytes())?).alias("long_bytes"),
        sum(of_requests("sent")?).alias("request_bytes"),
        sum(of_requests("received")?).alias("response_bytes"),
        bool_or(column("endpoint_telemetry")).alias("endpoint_telemetry"),
    ];
    measures.extend(of_names()?);
    measures.extend(of_exchanges()?);
    measures.extend(SAMPLES.iter().map(|(one, many)| sample(column(one), SHOWN).alias(*many)));
    measures.extend(more);
    let keys: Vec<Expr> = KEYS
        .iter()
        .map(|key| if *key == "tenant" { tenant.clone().alias("tenant") } else { column(key) })
        .collect();
    Ok(LogicalPlanBuilder::from(contacts).aggregate(keys, measures)?.build()?)
}

/// What resolution tells, and when it was followed by a connection.
fn of_names() -> Result<Vec<Expr>, EngineError> {
    let at = || column("timestamp");
    let is_query = || column("channel").eq(lit("dns"));
    let is_gone = || not(column("name_exists"));
    let connected = || when(not(is_query()), at()).end();
    Ok(vec![
        moments(when(is_query(), at()).end()?).alias("query_moments"),
        how_many(is_gone())?.alias("nonexistent"),
        min(when(is_gone(), at()).end()?).alias("first_nonexistent"),
        max(when(column("name_exists"), at()).end()?).alias("last_existing"),
        min(connected()?).alias("first_connection"),
        max(connected()?).alias("last_connection"),
    ])
}

/// How many exchanges there are and how large they get, of connections and of the requests inside them
/// apart.
fn of_exchanges() -> Result<Vec<Expr>, EngineError> {
    let is_large = || column("sent").gt(lit(LARGE)).or(column("received").gt(lit(LARGE)));
    let mut measures = Vec::new();
    for (channel, [all, large, first, sent, received]) in [("flow", OF_FLOWS), ("web", OF_REQUESTS)]
    {
        let is_it = || column("channel").eq(lit(channel));
        measures.extend([
            how_many(is_it())?.alias(all),
            how_many(is_it().and(is_large()))?.alias(large),
            min(when(is_it().and(is_large()), column("timestamp")).end()?).alias(first),
            max(when(is_it(), column("sent")).end()?).alias(sent),
            max(when(is_it(), column("received")).end()?).alias(received),
        ]);
    }
    Ok(measures)
}

/// How many contacts are so. Conversations that are folded again have sums here, which may be null to an
/// engine where counts may not, and the union of both arrives at a cluster as another plan.
fn how_many(are: Expr) -> Result<Expr, EngineError> {
    Ok(sum(when(are, lit(1_i64)).otherwise(lit(0_i64))?))
}

/// Bytes of connections. The requests inside them are counted apart: a sensor may see both, and the
/// sum would count them twice.
fn of_flows(bytes: &str) -> Result<Expr, EngineError> {
    Ok(when(column("channel").eq(lit("flow")), column(bytes)).end()?)
}

/// What connections have in them that last an hour or longer.
fn of_long(measure: Expr) -> Result<Expr, EngineError> {
    Ok(when(column("duration").gt_eq(lit(LONG)), measure).end()?)
}

/// All bytes of a connection.
fn bytes() -> Expr {
    let counted = |name| coalesce(vec![column(name), lit(0_i64)]);
    counted("sent") + counted("received")
}

/// Bytes of requests and answers, where somebody read them.
fn of_requests(bytes: &str) -> Result<Expr, EngineError> {
    Ok(when(column("channel").not_eq(lit("flow")), column(bytes)).end()?)
}

/// Folds conversations that turned out to be the same, once hosts and processes were named.
pub(crate) fn merged(conversations: LogicalPlan) -> Result<LogicalPlan, EngineError> {
    folded(conversations, Vec::new())
}

/// Folds conversations with the same keys, and measures more of them.
pub(crate) fn folded(
    conversations: LogicalPlan,
    more: Vec<Expr>,
) -> Result<LogicalPlan, EngineError> {
    let mut measures = vec![
        sum(column("events")).alias("events"),
        min(column("first_seen")).alias("first_seen"),
        max(column("last_seen")).alias("last_seen"),
        moments(column("moments")).alias("moments"),
        max(column("longest_duration")).alias("longest_duration"),
        sum(column("long_duration")).alias("long_duration"),
        sum(column("long_bytes")).alias("long_bytes"),
        sum(column("sent")).alias("sent"),
        sum(column("received")).alias("received"),
        sum(column("request_bytes")).alias("request_bytes"),
        sum(column("response_bytes")).alias("response_bytes"),
        bool_or(column("endpoint_telemetry")).alias("endpoint_telemetry"),
        moments(column("query_moments")).alias("query_moments"),
        sum(column("nonexistent")).alias("nonexistent"),
        min(column("first_nonexistent")).alias("first_nonexistent"),
        max(column("last_existing")).alias("last_existing"),
        min(column("first_connection")).alias("first_connection"),
        max(column("last_connection")).alias("last_connection"),
    ];
    for [all, large, first, sent, received] in [OF_FLOWS, OF_REQUESTS] {
        measures.extend([
            sum(column(all)).alias(all),
            sum(column(large)).alias(large),
            min(column(first)).alias(first),
            max(column(sent)).alias(sent),
            max(column(received)).alias(received),
        ]);
    }
    measures.extend(SAMPLES.iter().map(|(_, many)| sample(column(many), SHOWN).alias(*many)));
    measures.extend(more);
    let keys: Vec<Expr> = KEYS.iter().map(|key| column(key)).collect();
    Ok(LogicalPlanBuilder::from(conversations).aggregate(keys, measures)?.build()?)
}

/// The columns that are named, with the `rhythm` of the conversations' moments.
pub(crate) fn with_rhythm<'c>(
    conversations: LogicalPlanBuilder,
    settings: &Settings,
    kept: impl IntoIterator<Item = &'c str>,
) -> Result<LogicalPlanBuilder, EngineError> {
    let measured = rhythm(column("moments"), settings.rhythm_minimum_polls).alias("rhythm");
    Ok(conversations.project(kept.into_iter().map(column).chain([measured]))?)
}

/// The columns of conversations, in order.
pub(crate) fn columns() -> Vec<&'static str> {
    const MEASURES: [&str; 18] = [
        "events",
        "first_seen",
        "last_seen",
        "moments",
        "longest_duration",
        "long_duration",
        "long_bytes",
        "sent",
        "received",
        "request_bytes",
        "response_bytes",
        "endpoint_telemetry",
        "query_moments",
        "nonexistent",
        "first_nonexistent",
        "last_existing",
        "first_connection",
        "last_connection",
    ];
    let samples = SAMPLES.iter().map(|(_, many)| *many);
    KEYS.into_iter().chain(MEASURES).chain(OF_FLOWS).chain(OF_REQUESTS).chain(samples).collect()
}
