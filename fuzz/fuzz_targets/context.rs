//! Whatever stands in the files of a context, they are read calmly, and a good entry beside survives.

#![no_main]

use coldtrail_model::{Actor, Endpoint, Kind, Reach, Timestamp, Via};
use coldtrail_triage::{Contact, Context, Platforms};
use libfuzzer_sys::fuzz_target;

/// A world without platforms.
struct NoPlatforms;

impl Platforms for NoPlatforms {
    fn endpoint(&self, _host: &str, _path: Option<&str>) -> Option<Endpoint> {
        None
    }

    fn is_above_tenants(&self, _name: &str) -> bool {
        false
    }
}

fuzz_target!(|text: &str| {
    let now = Timestamp(0);
    let mut context = Context::default();
    for name in ["assets.csv", "changes.csv", "intel/any", "settings.toml"] {
        context.add(name, text, now, &NoPlatforms);
    }
    context.indicator_of(text, now);
    context.asset(text);

    let line: String = text.chars().filter(|one| !matches!(one, '\n' | '\r')).collect();
    let rows = format!("endpoint,owner\n{line}\na.example.com,it\n");
    context.add("sanctioned.csv", &rows, now, &NoPlatforms);
    let endpoint = Endpoint {
        host: "a.example.com".to_owned(),
        provider: String::new(),
        product: String::new(),
        kind: Kind::Function,
        tenant: None,
        group: None,
        function: None,
        reach: Reach::Tenant,
        via: Via::Host,
        related_hosts: Vec::new(),
    };
    let actor = Actor::default();
    let contact = Contact { endpoint: &endpoint, path: Some(text), actor: &actor, at: now };
    assert!(context.sanctioned(&contact).is_some());
});
