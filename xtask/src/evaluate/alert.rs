//! What a system says of an enterprise, and whether it is right.

use std::collections::BTreeMap;

use coldtrail_range::enterprise::{Instance, Named, Nature};

use super::metrics::Judged;

/// Somebody is told that a host talks to something it should not.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Alert {
    /// The host's name or address.
    pub(super) host: String,
    /// The name that was contacted.
    pub(super) name: String,
    /// The tenant, where the alert knows one.
    pub(super) tenant: Option<String>,
    /// How urgent; higher is more.
    pub(super) rank: f64,
}

/// The alerts of one enterprise beside its truth.
pub(super) struct Truth<'t> {
    instances: &'t [Instance],
    /// Instances by each name of their host, and by name contacted.
    by_contact: BTreeMap<(&'t str, &'t str), Vec<usize>>,
    addresses: BTreeMap<String, &'t str>,
}

/// What an alert turned out to be about: the instance, where there is one. People who browse are none.
pub(super) type About = Option<usize>;

impl<'t> Truth<'t> {
    pub(super) fn new(instances: &'t [Instance]) -> Truth<'t> {
        let mut by_contact: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        let mut addresses = BTreeMap::new();
        for (number, instance) in instances.iter().enumerate() {
            if let Some(address) = instance.address {
                addresses.insert(address.to_string(), instance.host.as_str());
            }
            for endpoint in &instance.endpoints {
                let contact = (instance.host.as_str(), endpoint.host.as_str());
                by_contact.entry(contact).or_default().push(number);
            }
        }
        Truth { instances, by_contact, addresses }
    }

    /// The instance that an alert is about: an attack before anything benign, where both talk to the
    /// same name.
    pub(super) fn about(&self, alert: &Alert) -> About {
        let host = match self.addresses.get(&alert.host) {
            Some(host) => host,
            None => alert.host.as_str(),
        };
        let numbers = self.by_contact.get(&(host, alert.name.as_str()))?;
        let fits = |endpoint: &Named| {
            endpoint.host == alert.name
                && match (&alert.tenant, &endpoint.tenant) {
                    // Where the tenant is in the path, alerts about others do not count.
                    (Some(told), Some(so)) => told == so || endpoint.path.is_none(),
                    _ => true,
                }
        };
        let mut fitting = numbers.iter().copied().filter(|number| {
            self.instances.get(*number).is_some_and(|it| it.endpoints.iter().any(fits))
        });
        // Instances are sorted by nature, attacks first.
        fitting.next()
    }

    /// Judges alerts: of those about one attack the most urgent counts, and every other that is
    /// about no attack is false. Attacks without an alert are added. `unit` numbers hosts over all
    /// enterprises.
    pub(super) fn judge(&self, alerts: &[Alert], unit: impl Fn(&str) -> usize) -> Vec<Judged> {
        let mut best: BTreeMap<usize, f64> = BTreeMap::new();
        let mut judged = Vec::new();
        for alert in alerts {
            let about = self.about(alert).and_then(|it| Some((it, self.instances.get(it)?)));
            match about {
                Some((number, instance)) if instance.nature == Nature::Attack => {
                    let rank = best.entry(number).or_insert(alert.rank);
                    *rank = rank.max(alert.rank);
                }
                _ => judged.push(Judged {
                    rank: Some(alert.rank),
                    family: None,
                    unit: unit(self.name(&alert.host)),
                }),
            }
        }
        for (number, instance) in self.instances.iter().enumerate() {
            if instance.nature == Nature::Attack {
                let rank = best.get(&number).copied();
                let unit = unit(&instance.host);
                judged.push(Judged { rank, family: Some(instance.family), unit });
            }
        }
        judged
    }

    fn name<'a>(&'a self, host: &'a str) -> &'a str {
        self.addresses.get(host).copied().unwrap_or(host)
    }
}

#[cfg(test)]
mod tests {
    use coldtrail_range::enterprise::Enterprise;

    use super::*;

    #[test]
    fn alerts_are_matched_by_host_and_name_and_counted_once() {
        let staged = Enterprise { seed: 1_000, hosts: 30, days: 2 }.stage();
        let truth = Truth::new(&staged.instances);
        let attack = staged.instances.first().expect("attacks come first");
        let name = attack.endpoints[0].host.clone();
        let alert = |host: String, rank| Alert { host, name: name.clone(), tenant: None, rank };
        let address = attack.address.map(|it| it.to_string()).expect("it has one");
        let alerts = [
            alert(attack.host.clone(), 5.0),
            alert(address, 7.0),
            alert("elsewhere.corp.example".to_owned(), 9.0),
        ];
        let judged = truth.judge(&alerts, |_| 0);
        let attacks = staged.instances.iter().filter(|it| it.nature == Nature::Attack).count();
        assert_eq!(judged.len(), attacks + 1);
        assert_eq!(judged.iter().filter(|it| it.rank == Some(7.0)).count(), 1);
        assert!(judged.iter().any(|it| it.rank == Some(9.0) && it.family.is_none()));
    }
}
