//! Names that sessions were opened with, where the requests inside them are for somebody else.
//!
//! A handshake names a server in the clear, and the request inside names the one that is meant. A sensor
//! that reads both gives them one session number. Sessions whose two names belong to two tenants are
//! few, so they are looked up once, and travel in the plan of contacts.

use arrow_array::cast::AsArray;
use coldtrail_engine::functions::serverless_endpoint;
use coldtrail_engine::plan::{
    Column, Expr, JoinType, LogicalPlan, LogicalPlanBuilder, coalesce, column, get_field, lit, max,
    min, null_number, null_text, null_texts, union, values, when,
};
use coldtrail_engine::{Engine, EngineError, Rows};
use coldtrail_model::{Field, Table, Window};

use crate::contacts::{Source, field, named};
use crate::linked_flows::{NAMED_WITHIN, microseconds};

/// More sessions than this are not told; a conversation shows a few of them as it is.
const MOST_SESSIONS: usize = 4_096;

/// Sessions that were opened with another tenant's name, and that name.
#[derive(Debug, Default)]
pub(crate) struct Fronts {
    sessions: Vec<(String, String)>,
}

impl Fronts {
    /// Looks at the sessions that hold requests to serverless endpoints.
    ///
    /// # Errors
    ///
    /// When the engine cannot run the plan.
    pub(crate) async fn of<E: Engine>(engine: &E, window: Window) -> Result<Self, EngineError> {
        let requests = requests(engine.table(Table::Web, Rows::Contacts).await?, window)?;
        // Proxies give no session numbers, and have no handshakes.
        let any = LogicalPlanBuilder::from(requests.clone()).limit(0, Some(1))?.build()?;
        if engine.collect(any).await?.iter().all(|batch| batch.num_rows() == 0) {
            return Ok(Self::default());
        }
        let mut views = requests;
        for rows in [Rows::Contacts, Rows::Linked] {
            let rows = engine.table(Table::Tls, rows).await?;
            views = union(views, handshakes(rows, window)?)?;
        }
        let mut sessions = Vec::new();
        for batch in engine.collect(fronted(views)?).await? {
            let [numbers, names] = batch.columns() else { return Err(EngineError::Reader) };
            let (numbers, names) = (numbers.as_string::<i32>(), names.as_string::<i32>());
            let pairs = numbers.iter().flatten().zip(names.iter().flatten());
            sessions.extend(pairs.map(|(number, name)| (number.to_owned(), name.to_owned())));
        }
        sessions.sort();
        Ok(Self { sessions })
    }

    /// Requests with the `front` that their session was opened with, if it is another tenant's.
    ///
    /// # Errors
    ///
    /// When the rows are not requests.
    pub(crate) fn before(&self, requests: LogicalPlan) -> Result<LogicalPlan, EngineError> {
        let requests = LogicalPlanBuilder::from(requests);
        let own = requests.schema().columns();
        let own = own.iter().map(|own| column(own.name()));
        if self.sessions.is_empty() {
            let none = own.chain([null_text().alias("front")]).collect::<Vec<_>>();
            return Ok(requests.project(none)?.build()?);
        }
        let rows = self
            .sessions
            .iter()
            .map(|(number, name)| vec![lit(number.as_str()), lit(name.as_str())]);
        let sessions = values(rows.collect(), &["front_session", "front_name"])?;
        let keys = (
            vec![Column::from_name(Field::NetworkSessionId.name())],
            vec![Column::from_name("front_session")],
        );
        let is_other = are_of_two_tenants(field(Field::UrlDomain), column("front_name"));
        let front = when(is_other, column("front_name")).end()?.alias("front");
        let with_front = own.chain([front]).collect::<Vec<_>>();
        let joined = requests.join(sessions, JoinType::Left, keys, None)?;
        Ok(joined.project(with_front)?.build()?)
    }
}

/// What requests say of their sessions: `session`, `host`, `front` (which they do not know), and when.
fn requests(rows: LogicalPlan, window: Window) -> Result<LogicalPlan, EngineError> {
    let columns = [
        field(Field::NetworkSessionId).alias("session"),
        Source::of(Table::Web).name.alias("host"),
        null_text().alias("front"),
        microseconds(Field::Timestamp).alias("requested_at"),
        null_number().alias("opened_at"),
    ];
    with_session(named(rows, Table::Web, window)?, columns)
}

/// What handshakes say of their sessions, in the same columns.
fn handshakes(rows: LogicalPlan, window: Window) -> Result<LogicalPlan, EngineError> {
    let columns = [
        field(Field::NetworkSessionId).alias("session"),
        null_text().alias("host"),
        Source::of(Table::Tls).name.alias("front"),
        null_number().alias("requested_at"),
        microseconds(Field::Timestamp).alias("opened_at"),
    ];
    with_session(named(rows, Table::Tls, window)?, columns)
}

fn with_session(rows: LogicalPlan, columns: [Expr; 5]) -> Result<LogicalPlan, EngineError> {
    let is_session = field(Field::NetworkSessionId).is_not_null();
    Ok(LogicalPlanBuilder::from(rows).filter(is_session)?.project(columns)?.build()?)
}

/// Sessions that were opened for another tenant than their requests are for, with that name.
fn fronted(views: LogicalPlan) -> Result<LogicalPlan, EngineError> {
    let measures = [
        min(column("host")).alias("first_host"),
        max(column("host")).alias("last_host"),
        min(column("front")).alias("front"),
        min(column("requested_at")).alias("requested_at"),
        min(column("opened_at")).alias("opened_at"),
    ];
    let at = || column("requested_at");
    let is_begin = column("opened_at").between(at() - lit(NAMED_WITHIN), at() + lit(NAMED_WITHIN));
    let is_other = |host: &str| are_of_two_tenants(column(host), column("front"));
    Ok(LogicalPlanBuilder::from(views)
        .aggregate([column("session")], measures)?
        .filter(is_begin)?
        .filter(is_other("first_host").or(is_other("last_host")))?
        .project([column("session"), column("front")])?
        .sort([column("session").sort(true, false)])?
        .limit(0, Some(MOST_SESSIONS))?
        .build()?)
}

/// Whether two names belong to different tenants, or to a tenant and to somebody else. Browsers send
/// requests for several names of one tenant through one session.
fn are_of_two_tenants(one: Expr, other: Expr) -> Expr {
    let tenant = |name: Expr| {
        let endpoint = || serverless_endpoint(name.clone(), null_text(), null_texts());
        coalesce(vec![get_field(endpoint(), "tenant"), get_field(endpoint(), "host"), name.clone()])
    };
    one.clone().not_eq(other.clone()).and(tenant(one).not_eq(tenant(other)))
}
