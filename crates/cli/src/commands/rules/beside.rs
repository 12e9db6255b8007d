//! What queries and rules are run over, and what they read beside it.

use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;

use anyhow::bail;
use clap::Args;
use coldtrail_model::Timestamp;
use coldtrail_pipeline::discover;
use coldtrail_pipeline::query::{
    ExternalFiles, Queried, QueryEngine, StoredFunctions, Surroundings,
};
use coldtrail_present::redacted;
use coldtrail_rules::kql::DateTime;
use coldtrail_rules::kql::functions::geography;

use crate::{mapping, terminal};

/// What queries and rules read beside the logs.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Beside {
    /// Stored functions: a folder of .kql and .yaml files, or one of them.
    #[arg(long, value_name = "PATH")]
    functions: Option<PathBuf>,

    /// Watchlists: a folder in which each is a CSV file of its name.
    #[arg(long, value_name = "DIR")]
    watchlists: Option<PathBuf>,

    /// What externaldata names: a file of `address,file` lines, or a folder in which files are called as
    /// addresses end.
    #[arg(long, value_name = "PATH")]
    external: Option<PathBuf>,

    /// Where addresses are: a database of cities in MaxMind's format, for geo_info_from_ip_address.
    #[arg(long, value_name = "FILE")]
    geo: Option<PathBuf>,

    /// Whose networks addresses are in: a database of autonomous systems in MaxMind's format.
    #[arg(long, value_name = "FILE")]
    asn: Option<PathBuf>,

    /// Stop a query after so many seconds; 0 for never.
    #[arg(long, value_name = "SECONDS", default_value_t = 600)]
    timeout: u64,
}

/// What there is to query: paths, a store, or nothing.
pub(crate) fn queried(
    paths: &[String],
    store: Option<&Path>,
    maps: &[PathBuf],
) -> anyhow::Result<Queried> {
    match store {
        Some(_) if !paths.is_empty() => {
            bail!("--store stands in place of paths; leave out {}", paths.join(" "))
        }
        Some(store) => Ok(Queried::Store(store.to_owned())),
        None if paths.is_empty() => Ok(Queried::Nothing),
        None => {
            let (inputs, faults) = discover(paths);
            if inputs.is_empty() {
                let missing =
                    faults.iter().map(|fault| fault.source.clone()).next().unwrap_or_default();
                bail!("nothing to read at {}", redacted(&missing));
            }
            Ok(Queried::Logs(inputs, mapping::read(maps)?))
        }
    }
}

impl Beside {
    /// An engine over what there is to query.
    pub(crate) fn engine(
        &self,
        queried: Queried,
        threads: Option<NonZero<usize>>,
        now: Timestamp,
    ) -> anyhow::Result<QueryEngine> {
        self.engine_telling(queried, threads, now, Arc::new(|_bytes| {}))
    }

    /// The same, which tells how many bytes it read.
    pub(crate) fn engine_telling(
        &self,
        queried: Queried,
        threads: Option<NonZero<usize>>,
        now: Timestamp,
        progress: coldtrail_pipeline::Progress,
    ) -> anyhow::Result<QueryEngine> {
        let threads = threads.or_else(|| available_parallelism().ok()).map_or(1, NonZero::get);
        let engine = QueryEngine::new(queried, self.surroundings(now)?, threads, progress)?;
        Ok(engine.within((self.timeout > 0).then(|| Duration::from_secs(self.timeout))))
    }

    fn surroundings(&self, now: Timestamp) -> anyhow::Result<Surroundings> {
        let functions = match &self.functions {
            Some(folder) if !folder.exists() => bail!("there is no {}", folder.display()),
            Some(folder) => StoredFunctions::of(folder),
            None => StoredFunctions::default(),
        };
        for (file, reason) in &functions.problems {
            let line = format!("warning: {} stores no function: {reason}", file.display());
            terminal::say(&redacted(&line));
        }
        if let Some(file) = &self.geo {
            geography::use_database(file).map_err(anyhow::Error::msg)?;
        }
        if let Some(file) = &self.asn {
            geography::use_networks(file).map_err(anyhow::Error::msg)?;
        }
        let external = match &self.external {
            Some(path) => ExternalFiles::of(path).map_err(anyhow::Error::msg)?,
            None => ExternalFiles::default(),
        };
        Ok(Surroundings {
            now: DateTime(now.0.saturating_mul(10).saturating_add(DateTime::EPOCH)),
            functions,
            watchlists: self.watchlists.clone(),
            external,
        })
    }
}
