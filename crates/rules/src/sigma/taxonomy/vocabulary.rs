//! What fields of records mean in rules, as the data files say it: the parts that telemetries are made of.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::{Derivation, LogSource, Meaning, Telemetry, Unreadable};

/// What fields of records mean in rules.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Vocabulary {
    /// Fields that records have, by their own names.
    pub(super) fields: Vec<String>,
    /// What rules call a field, and what records call it.
    pub(super) aliases: BTreeMap<String, Vec<String>>,
    /// Fields that rules name and records only contain.
    pub(super) derivations: Vec<Derivation>,
    /// Fields that tell of host, user and so on.
    pub(super) meanings: BTreeMap<Meaning, Vec<String>>,
}

/// The vocabularies of a file, by name.
pub(super) type Vocabularies = BTreeMap<String, Vocabulary>;

/// A telemetry in the making.
#[derive(Default)]
pub(super) struct Draft {
    words: Vocabulary,
}

impl Draft {
    /// Adds a vocabulary; what was added before goes first.
    pub(super) fn add(&mut self, vocabulary: &Vocabulary) {
        self.words.fields.extend(vocabulary.fields.iter().cloned());
        for (field, names) in &vocabulary.aliases {
            append(self.words.aliases.entry(field.clone()).or_default(), names);
        }
        self.words.derivations.extend(vocabulary.derivations.iter().cloned());
        for (meaning, names) in &vocabulary.meanings {
            append(self.words.meanings.entry(*meaning).or_default(), names);
        }
    }

    /// Adds vocabularies by their names.
    pub(super) fn add_named(
        &mut self,
        names: &[String],
        known: &Vocabularies,
    ) -> Result<(), Unreadable> {
        for name in names {
            let vocabulary = known.get(name);
            self.add(vocabulary.ok_or_else(|| Unreadable::UnknownVocabulary(name.clone()))?);
        }
        Ok(())
    }

    /// The telemetry. Its fields are those that were told if these are `all`, by every name that they have.
    pub(super) fn telemetry(
        mut self,
        name: String,
        log_sources: Vec<LogSource>,
        all: bool,
    ) -> Telemetry {
        let words = &mut self.words;
        words.derivations.sort_unstable();
        words.derivations.dedup();
        let mut fields: BTreeSet<String> = std::mem::take(&mut words.fields).into_iter().collect();
        for (field, names) in &words.aliases {
            fields.insert(field.clone());
            fields.extend(names.iter().cloned());
        }
        fields.extend(words.derivations.iter().map(|derivation| derivation.field.clone()));
        Telemetry {
            name,
            log_sources: in_order(log_sources),
            aliases: self.words.aliases.into_iter().collect(),
            fields: all.then(|| fields.into_iter().collect()),
            derivations: self.words.derivations,
            inside: Vec::new(),
            meanings: self.words.meanings,
        }
    }
}

/// Each log source once, in order.
fn in_order(log_sources: Vec<LogSource>) -> Vec<LogSource> {
    let distinct: BTreeSet<LogSource> = log_sources.into_iter().collect();
    distinct.into_iter().collect()
}

fn append(names: &mut Vec<String>, more: &[String]) {
    for name in more {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
}
