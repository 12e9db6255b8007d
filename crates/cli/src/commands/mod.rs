//! The commands, one file each.

mod catalogue;
mod context;
mod detections;
mod hunt;
mod ingest;
mod query;
mod rules;
mod simulate;
mod sources;
mod store;
mod tune;

use clap::Subcommand;

use crate::Outcome;

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Read logs and report findings: the main job.
    Hunt(hunt::Hunt),
    /// Read what is new in logs into a store, which keeps history.
    Ingest(ingest::Ingest),
    /// Run a query in KQL or SQL over logs, or over a store.
    Query(query::Query),
    /// Run, lint, list and explain rules that people wrote in Sigma and KQL.
    #[command(subcommand)]
    Rules(rules::RulesCommand),
    /// Look after a store.
    #[command(subcommand)]
    Store(store::Store),
    /// Check a folder of sanctioned services, assets, changes, indicators and settings.
    #[command(subcommand)]
    Context(context::Context),
    /// Propose entries of sanctioned.csv, and say what each would take away from the findings.
    Tune(tune::Tune),
    /// Say which logs are read, and what became of a log's fields.
    #[command(subcommand)]
    Sources(sources::Sources),
    /// Identify hosts and URLs, and list the platforms that are known.
    #[command(subcommand)]
    Catalogue(catalogue::Catalogue),
    /// List and explain what is looked for.
    #[command(subcommand)]
    Detections(detections::Detections),
    /// Write the logs of a simulated enterprise, with an attack in them. Nothing is ever contacted.
    Simulate(simulate::Simulate),
}

/// Runs a command.
pub(crate) fn run(command: Command) -> anyhow::Result<Outcome> {
    match command {
        Command::Hunt(hunt) => hunt.run(),
        Command::Ingest(ingest) => ingest.run(),
        Command::Query(query) => query.run(),
        Command::Rules(rules) => rules.run(),
        Command::Store(store) => store.run(),
        Command::Context(context) => context.run(),
        Command::Tune(tune) => tune.run(),
        Command::Sources(sources) => sources.run(),
        Command::Catalogue(catalogue) => catalogue.run(),
        Command::Detections(detections) => detections.run(),
        Command::Simulate(simulate) => simulate.run(),
    }
}
