//! What rows of our tables are: by table and dataset, and where neither tells the platform, by that.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;

use super::vocabulary::{Draft, Vocabularies};
use super::{LogSource, Platform, Telemetry, Unreadable};

/// What rows of our tables are.
#[derive(Debug, Default)]
pub(super) struct Tables {
    /// The kinds of rows, in the order in which they are asked.
    kinds: Vec<Kind>,
}

/// A kind of rows.
#[derive(Debug)]
struct Kind {
    table: String,
    /// Datasets; `*` at the end stands for whatever follows. Any, where there are none.
    datasets: Vec<String>,
    telemetry: Arc<Telemetry>,
    /// The same for rows whose platform is known, where the dataset does not tell it.
    of_platform: BTreeMap<Platform, Arc<Telemetry>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    vocabularies: Vocabularies,
    kinds: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    table: String,
    #[serde(default)]
    datasets: Vec<String>,
    /// The categories of operating systems that rows are of.
    #[serde(default)]
    categories: Vec<String>,
    /// The operating systems that they may be of.
    #[serde(default)]
    platforms: Vec<String>,
    /// What else they are.
    #[serde(default)]
    log_sources: Vec<LogSource>,
    vocabularies: Vec<String>,
}

impl Tables {
    pub(super) fn read(text: &str) -> Result<Self, Unreadable> {
        let file: File = toml::from_str(text)?;
        let kinds = file.kinds.into_iter().map(|entry| entry.kind(&file.vocabularies));
        Ok(Self { kinds: kinds.collect::<Result<_, _>>()? })
    }

    pub(super) fn telemetry(
        &self,
        table: &str,
        dataset: &str,
        platform: Option<Platform>,
    ) -> Option<Arc<Telemetry>> {
        let kind = self.kinds.iter().find(|kind| kind.table == table && kind.has(dataset))?;
        let of_platform = platform.and_then(|platform| kind.of_platform.get(&platform));
        Some(Arc::clone(of_platform.unwrap_or(&kind.telemetry)))
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Arc<Telemetry>> {
        self.kinds.iter().map(|kind| &kind.telemetry)
    }
}

impl Kind {
    fn has(&self, dataset: &str) -> bool {
        let is = |known: &String| match known.strip_suffix('*') {
            Some(beginning) => dataset.starts_with(beginning),
            None => dataset == known,
        };
        self.datasets.is_empty() || self.datasets.iter().any(is)
    }
}

impl Entry {
    fn kind(self, vocabularies: &Vocabularies) -> Result<Kind, Unreadable> {
        let all = self.telemetry(vocabularies, None)?;
        let mut of_platform = BTreeMap::new();
        if self.platforms.len() > 1 {
            for platform in Platform::ALL {
                of_platform
                    .insert(platform, Arc::new(self.telemetry(vocabularies, Some(platform))?));
            }
        }
        Ok(Kind {
            table: self.table,
            datasets: self.datasets,
            telemetry: Arc::new(all),
            of_platform,
        })
    }

    fn telemetry(
        &self,
        vocabularies: &Vocabularies,
        platform: Option<Platform>,
    ) -> Result<Telemetry, Unreadable> {
        let mut draft = Draft::default();
        draft.add_named(&self.vocabularies, vocabularies)?;
        let products = self.platforms.iter();
        let products =
            products.filter(|product| platform.is_none_or(|platform| platform.may_be(product)));
        let of_systems = products.flat_map(|product| {
            self.categories.iter().map(|category| LogSource {
                category: category.clone(),
                product: product.clone(),
                service: String::new(),
            })
        });
        let log_sources = of_systems.chain(self.log_sources.iter().cloned()).collect();
        Ok(draft.telemetry(self.name.clone(), log_sources, true))
    }
}
