//! What records of JSON and the like are, as they are: by the name of their format and a few of their fields.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde::Deserialize;

use super::vocabulary::{Draft, Vocabularies, Vocabulary};
use super::{Derivation, LogSource, Meaning, Telemetry, Unreadable};

/// What records of formats are.
#[derive(Debug, Default)]
pub(super) struct Formats {
    /// The kinds of records of a format, in the order in which they are asked.
    kinds: HashMap<&'static str, Vec<Kind>>,
    /// The formats in order of name.
    names: Vec<&'static str>,
}

/// A kind of records.
#[derive(Debug)]
struct Kind {
    /// A record is of the kind if one of these holds, or there are none.
    signs: Vec<Sign>,
    telemetry: Arc<Telemetry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, bound(deserialize = "'de: 'static"))]
struct File {
    vocabularies: Vocabularies,
    kinds: Vec<Entry>,
}

/// A kind of records of formats, or one for each of several names, for which `{}` stands.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields, bound(deserialize = "'de: 'static"))]
struct Entry {
    name: String,
    formats: Vec<&'static str>,
    #[serde(default)]
    each: Vec<String>,
    #[serde(default)]
    signs: Vec<Sign>,
    log_sources: Vec<LogSource>,
    #[serde(default)]
    inside: Vec<String>,
    /// Whether records have no fields but those that are told.
    #[serde(default)]
    closed: bool,
    #[serde(default)]
    vocabularies: Vec<String>,
    #[serde(default)]
    aliases: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    derivations: Vec<Derivation>,
    #[serde(default)]
    meanings: BTreeMap<Meaning, Vec<String>>,
}

/// By what a kind is told from others. All that is said has to hold.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Sign {
    /// The first of these fields that the record has …
    field: Vec<String>,
    /// … is one of these, in any case.
    is: Vec<String>,
    /// The record has all of these fields.
    has: Vec<String>,
}

impl Formats {
    pub(super) fn read(text: &'static str) -> Result<Self, Unreadable> {
        let file: File = toml::from_str(text)?;
        let mut known = Self::default();
        for entry in file.kinds.iter().flat_map(Entry::each) {
            let telemetry = Arc::new(entry.telemetry(&file.vocabularies)?);
            for format in entry.formats {
                let kind = Kind { signs: entry.signs.clone(), telemetry: Arc::clone(&telemetry) };
                if !known.names.contains(&format) {
                    known.names.push(format);
                }
                known.kinds.entry(format).or_default().push(kind);
            }
        }
        known.names.sort_unstable();
        Ok(known)
    }

    pub(super) fn telemetry<'f>(
        &self,
        format: &str,
        field: &dyn Fn(&str) -> Option<&'f str>,
    ) -> Option<Arc<Telemetry>> {
        let mut kinds = self.kinds.get(format)?.iter();
        let holds =
            |kind: &&Kind| kind.signs.is_empty() || kind.signs.iter().any(|sign| sign.holds(field));
        kinds.find(holds).map(|kind| Arc::clone(&kind.telemetry))
    }

    /// Every telemetry, in the order of formats and then of the file.
    pub(super) fn all(&self) -> impl Iterator<Item = &Arc<Telemetry>> {
        let kinds = self.names.iter().filter_map(|name| self.kinds.get(name));
        kinds.flatten().map(|kind| &kind.telemetry)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> {
        self.names.iter().copied()
    }
}

impl Sign {
    fn holds<'f>(&self, field: &dyn Fn(&str) -> Option<&'f str>) -> bool {
        let is = || {
            let value = self.field.iter().find_map(|name| field(name));
            value.is_some_and(|value| self.is.iter().any(|known| known.eq_ignore_ascii_case(value)))
        };
        (self.field.is_empty() || is()) && self.has.iter().all(|name| field(name).is_some())
    }
}

impl Entry {
    /// The entries that one of several names stands for; itself where there are none.
    fn each(&self) -> Vec<Entry> {
        if self.each.is_empty() {
            return vec![self.clone()];
        }
        let named = |name: &String| {
            let mut entry = self.clone();
            let fill = |text: &mut String| *text = text.replace("{}", name);
            fill(&mut entry.name);
            entry.inside.iter_mut().for_each(fill);
            for sign in &mut entry.signs {
                sign.is.iter_mut().chain(&mut sign.has).for_each(fill);
            }
            for source in &mut entry.log_sources {
                fill(&mut source.service);
            }
            entry
        };
        self.each.iter().map(named).collect()
    }

    fn telemetry(&self, vocabularies: &Vocabularies) -> Result<Telemetry, Unreadable> {
        let mut draft = Draft::default();
        draft.add(&Vocabulary {
            fields: Vec::new(),
            aliases: self.aliases.clone(),
            derivations: self.derivations.clone(),
            meanings: self.meanings.clone(),
        });
        draft.add_named(&self.vocabularies, vocabularies)?;
        let telemetry = draft.telemetry(self.name.clone(), self.log_sources.clone(), self.closed);
        Ok(Telemetry { inside: self.inside.clone(), ..telemetry })
    }
}
