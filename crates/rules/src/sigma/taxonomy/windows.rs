//! What events of Windows are, and those of Sysmon on Linux: by channel and number.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde::Deserialize;

use super::vocabulary::{Draft, Vocabularies, Vocabulary};
use super::{LogSource, Telemetry, Unreadable};

/// What events of Windows are.
#[derive(Debug, Default)]
pub(super) struct Windows {
    framings: Vec<&'static str>,
    /// Every service, in the order of the file.
    services: Vec<Known>,
    /// Channels and providers in lower case, and the place of their service.
    channels: HashMap<String, usize>,
    providers: HashMap<String, usize>,
    /// What an event is of which neither channel nor provider is known.
    unknown: Telemetry,
}

/// A service, with its events that are known.
#[derive(Debug)]
struct Known {
    events: BTreeMap<u32, Arc<Telemetry>>,
    others: Arc<Telemetry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, bound(deserialize = "'de: 'static"))]
struct File {
    framings: Vec<&'static str>,
    every: Vocabulary,
    vocabularies: Vocabularies,
    services: Vec<Service>,
    events: Vec<Events>,
}

/// A service: a name of rules for channels of Windows.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Service {
    pub(super) name: String,
    #[serde(default)]
    other_names: Vec<String>,
    #[serde(default = "windows")]
    product: String,
    pub(super) channels: Vec<String>,
    /// Who writes to these channels and to no others.
    #[serde(default)]
    pub(super) providers: Vec<String>,
    #[serde(default)]
    aliases: BTreeMap<String, Vec<String>>,
}

/// Events of a service that tell the same.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Events {
    service: String,
    #[serde(default = "windows_alone")]
    products: Vec<String>,
    numbers: Vec<u32>,
    categories: Vec<String>,
    /// The service of the category `network` that they are of, too.
    #[serde(default)]
    network: String,
    #[serde(default)]
    vocabularies: Vec<String>,
    #[serde(default)]
    fields: Vec<String>,
    #[serde(default)]
    aliases: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    derivations: Vec<super::Derivation>,
}

fn windows() -> String {
    "windows".to_owned()
}

fn windows_alone() -> Vec<String> {
    vec![windows()]
}

impl Windows {
    pub(super) fn read(text: &'static str) -> Result<Self, Unreadable> {
        let file: File = toml::from_str(text)?;
        let mut known = Self { framings: file.framings.clone(), ..Self::default() };
        for (place, service) in file.services.iter().enumerate() {
            for channel in &service.channels {
                known.channels.insert(channel.to_lowercase(), place);
            }
            for provider in &service.providers {
                known.providers.insert(provider.to_lowercase(), place);
            }
            known.services.push(file.known(service)?);
        }
        let sources = vec![LogSource { product: windows(), ..LogSource::default() }];
        let mut draft = Draft::default();
        draft.add(&file.every);
        known.unknown = draft.telemetry(windows(), sources, false);
        Ok(known)
    }

    pub(super) fn telemetry(&self, channel: &str, provider: &str, event_id: u32) -> Arc<Telemetry> {
        let place = if channel.is_empty() {
            self.providers.get(&provider.to_lowercase())
        } else {
            self.channels.get(&channel.to_lowercase())
        };
        match place.and_then(|place| self.services.get(*place)) {
            Some(service) => Arc::clone(service.events.get(&event_id).unwrap_or(&service.others)),
            None => {
                let log = if channel.is_empty() { provider } else { channel };
                let name = format!("windows {log}").trim_end().to_owned();
                Arc::new(Telemetry { name, ..self.unknown.clone() })
            }
        }
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Arc<Telemetry>> {
        self.services.iter().flat_map(|known| known.events.values().chain([&known.others]))
    }

    pub(super) fn framings(&self) -> impl Iterator<Item = &'static str> {
        self.framings.iter().copied()
    }
}

impl File {
    fn known(&self, service: &Service) -> Result<Known, Unreadable> {
        let own = Vocabulary { aliases: service.aliases.clone(), ..Vocabulary::default() };
        let mut known = BTreeMap::new();
        let of_service = |events: &&Events| {
            events.service == service.name && events.products.contains(&service.product)
        };
        for events in self.events.iter().filter(of_service) {
            for number in &events.numbers {
                let mut draft = Draft::default();
                draft.add(&Vocabulary {
                    fields: events.fields.clone(),
                    aliases: events.aliases.clone(),
                    derivations: events.derivations.clone(),
                    ..Vocabulary::default()
                });
                draft.add_named(&events.vocabularies, &self.vocabularies)?;
                draft.add(&own);
                draft.add(&self.every);
                let name = format!("{} {number}", service.telemetry_name());
                let sources = service.log_sources(&events.categories, &events.network);
                let telemetry = draft.telemetry(name, sources, !events.fields.is_empty());
                known.insert(*number, Arc::new(telemetry));
            }
        }
        let mut draft = Draft::default();
        draft.add(&own);
        draft.add(&self.every);
        let sources = service.log_sources(&[], "");
        let others = draft.telemetry(service.telemetry_name(), sources, false);
        Ok(Known { events: known, others: Arc::new(others) })
    }
}

impl Service {
    fn telemetry_name(&self) -> String {
        format!("{} {}", self.product, self.name)
    }

    fn log_sources(&self, categories: &[String], network: &str) -> Vec<LogSource> {
        let none = [String::new()];
        let categories = if categories.is_empty() { &none } else { categories };
        let names = || std::iter::once(&self.name).chain(&self.other_names);
        let own = categories.iter().flat_map(|category| {
            names().map(|name| LogSource {
                category: category.clone(),
                product: self.product.clone(),
                service: name.clone(),
            })
        });
        let network = (!network.is_empty()).then(|| LogSource {
            category: "network".to_owned(),
            product: self.product.clone(),
            service: network.to_owned(),
        });
        own.chain(network).collect()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::collections::BTreeSet;

    use super::{File, Service};
    use crate::sigma::Taxonomy;
    use crate::sigma::taxonomy::{LogSource, Meaning, WINDOWS};

    pub(in crate::sigma::taxonomy) fn services() -> Vec<Service> {
        toml::from_str::<File>(WINDOWS).unwrap().services
    }

    fn shown(channel: &str, provider: &str, number: u32) -> Vec<String> {
        let telemetry = Taxonomy::builtin().windows(channel, provider, number);
        telemetry.log_sources.iter().map(LogSource::to_string).collect()
    }

    #[test]
    fn no_channel_or_provider_is_of_two_services() {
        let services = services();
        let channels = services.iter().flat_map(|service| &service.channels);
        let providers = services.iter().flat_map(|service| &service.providers);
        for names in [channels.collect::<Vec<_>>(), providers.collect()] {
            let mut seen = BTreeSet::new();
            for name in names {
                assert!(seen.insert(name.to_lowercase()), "{name}");
            }
        }
    }

    #[test]
    fn services_and_events_are_sorted_and_there_once() {
        let file: File = toml::from_str(WINDOWS).unwrap();
        let services: Vec<(&str, &str)> = file
            .services
            .iter()
            .filter(|service| service.product == "windows")
            .map(|service| (service.name.as_str(), service.product.as_str()))
            .collect();
        assert!(services.is_sorted_by(|one, next| one < next));
        let events = file.events.iter();
        let events: Vec<(&str, u32)> = events
            .flat_map(|events| {
                events.numbers.iter().map(|number| (events.service.as_str(), *number))
            })
            .collect();
        assert!(events.is_sorted_by(|one, next| one < next), "{events:?}");
        for (service, _) in events {
            assert!(file.services.iter().any(|known| known.name == service), "{service}");
        }
    }

    #[test]
    fn a_channel_is_known_in_any_case_and_else_the_provider() {
        let sysmon = ["windows/dns/sysmon", "windows/dns_query/sysmon", "windows/network/dns"];
        assert_eq!(shown("MICROSOFT-WINDOWS-SYSMON/operational", "", 22), sysmon);
        assert_eq!(shown("", "microsoft-windows-sysmon", 22), sysmon);
        assert_eq!(shown("Application", "Microsoft-Windows-Sysmon", 22), ["windows/application"]);
    }

    #[test]
    fn an_event_without_category_is_of_its_service() {
        assert_eq!(shown("Security", "", 4624), ["windows/security"]);
        assert_eq!(shown("Contoso/Operational", "", 1), ["windows"]);
        let telemetry = Taxonomy::builtin().windows("Contoso/Operational", "", 1);
        assert_eq!(telemetry.name, "windows Contoso/Operational");
        assert_eq!(Taxonomy::builtin().windows("", "", 1).name, "windows");
    }

    #[test]
    fn events_of_the_registry_are_of_several_categories() {
        let sysmon = |number| shown("Microsoft-Windows-Sysmon/Operational", "", number);
        assert_eq!(
            sysmon(12),
            [
                "windows/registry_add/sysmon",
                "windows/registry_delete/sysmon",
                "windows/registry_event/sysmon"
            ]
        );
        assert_eq!(sysmon(13), ["windows/registry_event/sysmon", "windows/registry_set/sysmon"]);
        assert_eq!(sysmon(14), ["windows/registry_event/sysmon", "windows/registry_rename/sysmon"]);
    }

    #[test]
    fn sysmon_on_linux_has_the_categories_of_linux() {
        let linux = |number| shown("Linux-Sysmon/Operational", "Linux-Sysmon", number);
        assert_eq!(linux(1), ["linux/process_creation/sysmon"]);
        assert_eq!(shown("", "Linux-Sysmon", 11), ["linux/file_event/sysmon"]);
        // There is no registry.
        assert_eq!(linux(13), ["linux/sysmon"]);
    }

    #[test]
    fn a_created_process_has_the_names_of_sysmon() {
        let telemetry = Taxonomy::builtin().windows("Security", "", 4688);
        let get = |name: &str| match name {
            "NewProcessName" => Some("C:\\a.exe".into()),
            "SubjectUserSid" => Some("S-1-5-18".into()),
            "MandatoryLabel" => Some("S-1-16-16384".into()),
            _ => None,
        };
        assert!(telemetry.names("Image").any(|name| name == "NewProcessName"));
        let derived = telemetry.derived(&get);
        assert!(derived.contains(&("User", "NT AUTHORITY\\SYSTEM".to_owned())), "{derived:?}");
        assert!(derived.contains(&("IntegrityLevel", "System".to_owned())), "{derived:?}");
        assert_eq!(telemetry.meaning(Meaning::Host), ["Computer"]);
        let fields = telemetry.fields.as_deref().unwrap();
        assert!(fields.is_sorted());
        for field in ["Image", "NewProcessName", "ParentUser", "EventID"] {
            assert!(fields.iter().any(|known| known == field), "{field}");
        }
        assert!(!fields.iter().any(|field| field == "OriginalFileName"));
    }

    #[test]
    fn a_connection_that_was_blocked_says_so() {
        let telemetry = Taxonomy::builtin().windows("Security", "", 5157);
        let get = |name: &str| match name {
            "Application" => Some("\\device\\harddiskvolume1\\a.exe".into()),
            "Direction" => Some("%%14593".into()),
            "Protocol" => Some("6".into()),
            _ => None,
        };
        let derived = telemetry.derived(&get);
        for expected in [
            ("Image", "C:\\a.exe"),
            ("Initiated", "true"),
            ("Protocol", "tcp"),
            ("blocked", "true"),
        ] {
            assert!(derived.contains(&(expected.0, expected.1.to_owned())), "{derived:?}");
        }
    }
}
