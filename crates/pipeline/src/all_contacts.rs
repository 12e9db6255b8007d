//! All contacts of a session's tables: those with a name of their own, and connections that are named
//! by what their source was told.

use std::path::Path;

use coldtrail_detect::{contacts, conversations, linked_flows, named_flows, the_best_named};
use coldtrail_engine::plan::{LogicalPlan, union};
use coldtrail_engine::{Engine, EngineError, Session};
use coldtrail_model::{Links, Window};

const NAMED_FLOWS: &str = "named_flows";

/// A plan of all contacts. Connections are named here and now, into files in the folder, step by
/// step: each step sorts or joins, and needs the memory for itself.
///
/// # Errors
///
/// When a plan cannot run.
pub(crate) async fn all_contacts(
    session: &Session,
    window: Window,
    links: &Links,
    folder: &Path,
) -> Result<LogicalPlan, EngineError> {
    let with_names = contacts(session, window).await?;
    if links.is_empty() {
        return Ok(with_names);
    }
    let mut files = Vec::new();
    let mut schema = None;
    for (place, flows) in named_flows(session, window, links).await?.into_iter().enumerate() {
        schema.get_or_insert(flows.schema().inner().clone());
        let path = folder.join(format!("{NAMED_FLOWS}-{place}.parquet"));
        session.write_all(vec![(flows, path.clone())]).await?;
        if path.is_file() {
            files.push(path.display().to_string());
        }
    }
    let Some(schema) = schema.filter(|_| !files.is_empty()) else { return Ok(with_names) };
    session.register_schema(NAMED_FLOWS, schema, &files)?;
    let flows = the_best_named(session.scan(NAMED_FLOWS).await?)?;
    let path = folder.join("contacts_of_flows.parquet");
    let schema = flows.schema().inner().clone();
    session.write_all(vec![(flows, path.clone())]).await?;
    if !path.is_file() {
        return Ok(with_names);
    }
    session.register_schema("contacts_of_flows", schema, &[path.display().to_string()])?;
    union(with_names, session.scan("contacts_of_flows").await?)
}

/// The plan of conversations made of all contacts, for an engine that takes plans as a whole.
///
/// # Errors
///
/// When the plan cannot be built.
pub async fn all_conversations<E: Engine>(
    engine: &E,
    window: Window,
    links: &Links,
) -> Result<LogicalPlan, EngineError> {
    let contacts = contacts(engine, window).await?;
    if links.is_empty() {
        return conversations(contacts);
    }
    let flows = linked_flows(engine, window, links).await?;
    conversations(union(contacts, flows)?)
}
