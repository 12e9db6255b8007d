//! Contacts: events in which something reached for a serverless endpoint.

use coldtrail_engine::functions::{record_reference, serverless_endpoint};
use coldtrail_engine::plan::{
    Expr, LogicalPlan, LogicalPlanBuilder, ScalarValue, cast, coalesce, column, get_field, lit,
    null_number, null_text, null_texts, null_truth, when,
};
use coldtrail_engine::{Engine, EngineError, Rows};
use coldtrail_model::{Field, Table, Window};

use crate::fronts::Fronts;

/// The tables that name what was contacted.
pub const CONTACT_TABLES: [Table; 4] = [Table::Dns, Table::Tls, Table::Web, Table::Flow];

/// The parts of an endpoint that are columns of contacts, as `endpoint_…`.
pub(crate) const ENDPOINT_PARTS: [&str; 10] = [
    "host", "provider", "platform", "kind", "tenant", "group", "function", "reach", "via", "alias",
];

/// The columns that contacts and the links between them are made of. A table has some of them.
const COLUMNS: [Field; 33] = [
    Field::Timestamp,
    Field::EventDataset,
    Field::HostName,
    Field::UserName,
    Field::RecordSource,
    Field::RecordOffset,
    Field::RecordLength,
    Field::SourceIp,
    Field::DestinationIp,
    Field::DestinationDomain,
    Field::NetworkSessionId,
    Field::NetworkDirection,
    Field::SourceBytes,
    Field::DestinationBytes,
    Field::EventDuration,
    Field::ProcessName,
    Field::ProcessParentName,
    Field::ProcessExecutable,
    Field::ProcessCommandLine,
    Field::DnsQuestionName,
    Field::DnsResponseCode,
    Field::DnsAnswersData,
    Field::DnsAnswersTtl,
    Field::UrlDomain,
    Field::UrlPath,
    Field::HttpRequestBodyBytes,
    Field::HttpResponseBodyBytes,
    Field::HttpRequestBytes,
    Field::HttpResponseBytes,
    Field::TlsClientServerName,
    Field::TlsClientJa3,
    Field::TlsClientJa4,
    Field::UserAgentOriginal,
];

/// A plan of all contacts in a window of time.
///
/// Its columns: `timestamp`, `host`, `address`, `user_name`, `process_name`,
/// `process_parent_name`, `process_executable`, `process_command_line`, `channel`,
/// `event_dataset`, `endpoint_telemetry`, `sent`, `received`, `duration` (of connections), `path` (of
/// requests), `name_exists` (as a DNS answer says), `user_agent`, `fingerprint` (the client's JA4, or its
/// JA3), `front` (the name that the session was opened with, where it is another tenant's), `record`, and
/// `endpoint_…` for the parts of the endpoint.
///
/// # Errors
///
/// When the plan cannot be built.
pub async fn contacts<E: Engine>(engine: &E, window: Window) -> Result<LogicalPlan, EngineError> {
    let fronts = Fronts::of(engine, window).await?;
    let mut tables = Vec::new();
    for table in CONTACT_TABLES {
        let rows = named(engine.table(table, Rows::Contacts).await?, table, window)?;
        let source = Source::of(table);
        tables.push(match table {
            Table::Web => {
                let fronted = Source { front: column("front"), ..source };
                identified(fronts.before(rows)?, table, fronted)?
            }
            _ => identified(rows, table, source)?,
        });
    }
    let mut tables = tables.into_iter();
    let first =
        tables.next().map_or_else(|| LogicalPlanBuilder::empty(false), LogicalPlanBuilder::from);
    Ok(tables.try_fold(first, LogicalPlanBuilder::union)?.build()?)
}

/// The rows of a scan that are contacts, with the columns that contacts are made of.
///
/// # Errors
///
/// When the scan is not one of that table.
pub fn contact_rows(
    scan: LogicalPlan,
    table: Table,
    window: Window,
) -> Result<LogicalPlan, EngineError> {
    let rows = LogicalPlanBuilder::from(named(scan, table, window)?);
    let Source { name, path, answers, .. } = Source::of(table);
    let is_contact = serverless_endpoint(name, path, answers).is_not_null();
    Ok(rows.filter(is_contact)?.project(kept_columns(table))?.build()?)
}

/// The columns of a table that contacts and links are made of.
pub(crate) fn kept_columns(table: Table) -> Vec<Expr> {
    let kept = table.fields().iter().filter(|field| COLUMNS.contains(field));
    kept.map(|kept| field(*kept)).collect()
}

/// Rows in the window that name what was contacted, and were not contacted themselves.
pub(crate) fn named(
    scan: LogicalPlan,
    table: Table,
    window: Window,
) -> Result<LogicalPlan, EngineError> {
    let mut rows = LogicalPlanBuilder::from(scan).filter(Source::of(table).name.is_not_null())?;
    for condition in inside(window).into_iter().chain(outbound(table)) {
        rows = rows.filter(condition)?;
    }
    Ok(rows.build()?)
}

/// Makes contacts of rows of a table, by what they call the name that was contacted.
pub(crate) fn identified(
    rows: LogicalPlan,
    table: Table,
    source: Source,
) -> Result<LogicalPlan, EngineError> {
    let dataset = || cast(field(Field::EventDataset), arrow_schema::DataType::Utf8);
    let endpoint = serverless_endpoint(source.name, source.path.clone(), source.answers);
    let identified = LogicalPlanBuilder::from(rows)
        .project([
            field(Field::Timestamp),
            coalesce(vec![field(Field::HostName), field(Field::SourceIp), lit("(unknown)")])
                .alias("host"),
            field(Field::SourceIp).alias("address"),
            field(Field::UserName),
            field(Field::ProcessName),
            field(Field::ProcessParentName),
            field(Field::ProcessExecutable),
            field(Field::ProcessCommandLine),
            lit(table.name()).alias("channel"),
            dataset().alias("event_dataset"),
            knows_processes(dataset()).alias("endpoint_telemetry"),
            source.sent.alias("sent"),
            source.received.alias("received"),
            source.duration.alias("duration"),
            source.path.alias("path"),
            name_exists(table)?.alias("name_exists"),
            source.user_agent.alias("user_agent"),
            source.fingerprint.alias("fingerprint"),
            source.front.alias("front"),
            record_reference(
                field(Field::Timestamp),
                field(Field::RecordSource),
                field(Field::RecordOffset),
                field(Field::RecordLength),
            )
            .alias("record"),
            endpoint.alias("endpoint"),
        ])?
        .filter(column("endpoint").is_not_null())?;
    Ok(identified.project(flattened())?.build()?)
}

/// Whether the name that was asked for exists; null where nobody answered that.
fn name_exists(table: Table) -> Result<Expr, EngineError> {
    if table != Table::Dns {
        return Ok(null_truth());
    }
    let code = || field(Field::DnsResponseCode);
    Ok(when(code().eq(lit("NXDOMAIN")), lit(false))
        .when(code().eq(lit("NOERROR")), lit(true))
        .end()?)
}

/// Whether a record comes from a sensor on the host: one that names processes, even where it named
/// none this time.
fn knows_processes(dataset: Expr) -> Expr {
    let families = ["windows.%", "linux.%", "defender.%"];
    let named = field(Field::ProcessName).is_not_null();
    families.into_iter().fold(named, |known, family| known.or(dataset.clone().like(lit(family))))
}

/// What a table calls the name that was contacted, and what it knows beside it.
pub(crate) struct Source {
    pub(crate) name: Expr,
    pub(crate) path: Expr,
    pub(crate) answers: Expr,
    pub(crate) sent: Expr,
    pub(crate) received: Expr,
    pub(crate) duration: Expr,
    pub(crate) user_agent: Expr,
    pub(crate) fingerprint: Expr,
    pub(crate) front: Expr,
}

impl Source {
    pub(crate) fn of(table: Table) -> Self {
        let name = |name| Source {
            name: field(name),
            path: null_text(),
            answers: null_texts(),
            sent: null_number(),
            received: null_number(),
            duration: null_number(),
            user_agent: null_text(),
            fingerprint: null_text(),
            front: null_text(),
        };
        match table {
            Table::Dns => {
                Source { answers: field(Field::DnsAnswersData), ..name(Field::DnsQuestionName) }
            }
            Table::Tls => Source {
                // JA4 survives the random order of extensions in which newer browsers speak.
                fingerprint: either(Field::TlsClientJa4, Field::TlsClientJa3),
                ..name(Field::TlsClientServerName)
            },
            Table::Web => Source {
                path: field(Field::UrlPath),
                // Proxies count whole messages, sensors their bodies.
                sent: either(Field::HttpRequestBodyBytes, Field::HttpRequestBytes),
                received: either(Field::HttpResponseBodyBytes, Field::HttpResponseBytes),
                user_agent: field(Field::UserAgentOriginal),
                ..name(Field::UrlDomain)
            },
            Table::Cloud => name(Field::UrlDomain),
            Table::Flow | Table::Process | Table::File | Table::Script => Source {
                sent: field(Field::SourceBytes),
                received: field(Field::DestinationBytes),
                duration: field(Field::EventDuration),
                user_agent: field(Field::UserAgentOriginal),
                ..name(Field::DestinationDomain)
            },
        }
    }
}

pub(crate) fn field(field: Field) -> Expr {
    column(field.name())
}

/// The first field, or the second where that is not known.
fn either(first: Field, second: Field) -> Expr {
    coalesce(vec![field(first), field(second)])
}

/// The contacts of a plan that happened in a window of time.
///
/// # Errors
///
/// When the plan is not one of contacts.
pub fn within(contacts: LogicalPlan, window: Window) -> Result<LogicalPlan, EngineError> {
    let contacts = LogicalPlanBuilder::from(contacts);
    let contacts = inside(window).into_iter().try_fold(contacts, LogicalPlanBuilder::filter)?;
    Ok(contacts.build()?)
}

pub(crate) fn inside(window: Window) -> Vec<Expr> {
    let moment = |microseconds| {
        lit(ScalarValue::TimestampMicrosecond(Some(microseconds), Some("UTC".into())))
    };
    let since = window.since.map(|since| field(Field::Timestamp).gt_eq(moment(since.0)));
    let until = window.until.map(|until| field(Field::Timestamp).lt(moment(until.0)));
    since.into_iter().chain(until).collect()
}

/// Whoever connects to us does not contact an endpoint.
pub(crate) fn outbound(table: Table) -> Option<Expr> {
    let direction = || field(Field::NetworkDirection);
    (table == Table::Flow).then(|| direction().is_null().or(direction().not_eq(lit("inbound"))))
}

/// The columns of contacts, with the parts of `endpoint` as columns of their own.
pub(crate) fn flattened() -> Vec<Expr> {
    const KEPT: [&str; 20] = [
        "timestamp",
        "host",
        "address",
        "user_name",
        "process_name",
        "process_parent_name",
        "process_executable",
        "process_command_line",
        "channel",
        "event_dataset",
        "endpoint_telemetry",
        "sent",
        "received",
        "duration",
        "path",
        "name_exists",
        "user_agent",
        "fingerprint",
        "front",
        "record",
    ];
    let parts = ENDPOINT_PARTS
        .iter()
        .map(|part| get_field(column("endpoint"), *part).alias(format!("endpoint_{part}")));
    KEPT.iter().map(|name| column(name)).chain(parts).collect()
}
