//! The hunt in a store, on any engine.

use coldtrail_detect::{Steps, Views, cloud, links, mentions, with_names_of_hosts, with_others};
use coldtrail_engine::plan::LogicalPlan;
use coldtrail_engine::{Engine, EngineError, Session};
use coldtrail_model::Report;
use coldtrail_pipeline::{InMemory, Read, Terms, all_conversations, report};

use crate::ClusterError;

/// Links travel in plans as a text, once for every place where rows are looked up, and messages
/// between nodes have an upper limit.
const MOST_LINKS_IN_A_PLAN: usize = 20_000;

/// Folds the events that an engine's tables hold to conversations, there, and judges those here.
///
/// The events are many, and the engine may be a cluster. Conversations are few: they are held in
/// memory, as they are when raw logs are hunted in, so that each detection does not read the events
/// again; so are mentions and actions in clouds. `threads` is for the judging.
///
/// # Errors
///
/// When a plan cannot be run.
pub async fn hunt(
    engine: &impl Engine,
    read: Read,
    terms: Terms,
    threads: usize,
) -> Result<Report, ClusterError> {
    let here = Session::new(threads)?;
    let links = links(engine, read.history).await?.widened(MOST_LINKS_IN_A_PLAN);
    let folding = all_conversations(engine, terms.window, &links).await?;
    let folded = brought(&here, "conversation", engine, folding).await?;
    let history = if read.history == terms.window {
        folded.clone()
    } else {
        let folding = all_conversations(engine, read.history, &links).await?;
        brought(&here, "history", engine, folding).await?
    };
    let steps = InMemory::new(&here);
    let named = with_names_of_hosts(folded, &read.census, &terms.settings, &steps).await?;
    let named = steps.done(named).await?;
    let among_others = with_others(named, history, &read.census, &terms.settings)?;
    let actions = cloud(engine, read.history, terms.window).await?;
    let views = Views {
        conversations: steps.done(among_others).await?,
        mentions: brought(&here, "mention", engine, mentions(engine, terms.window).await?).await?,
        cloud: brought(&here, "action", engine, actions).await?,
    };
    Ok(report(&here, engine, &views, read, terms).await?)
}

/// Runs a plan there, and gives a plan over its rows here.
async fn brought(
    here: &Session,
    name: &str,
    there: &impl Engine,
    plan: LogicalPlan,
) -> Result<LogicalPlan, EngineError> {
    let planned = plan.schema().inner().clone();
    let batches = there.collect(plan).await?;
    let schema = batches.first().map_or(planned, |batch| batch.schema());
    here.memory_table(name, schema, batches)
}
