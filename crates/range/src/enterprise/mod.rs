//! A whole enterprise for some days, into which instances of every family of behaviour are placed:
//! what detections are measured on.
//!
//! A [`Scenario`](crate::Scenario) tells one story; an enterprise has many, each with its truth.
//! People browse, some of it on serverless platforms; agents, monitors, robots, scanners and builds
//! talk to functions of their own, which `context/sanctioned.csv` knows or not; implants of every kind
//! do the same. Each host has one network sensor (Zeek, Suricata, Squid, or the resolver alone) and
//! at most one endpoint sensor (Sysmon, Defender).
//!
//! Detections are never tuned on the seeds that they are tested with: see [`Seeds`]. The generator is
//! frozen before tuning: [`VERSION`] and [`fingerprint`] tell whether it is the same.

mod beat;
mod cloud;
mod context;
mod families;
mod habits;
mod placement;
mod programs;
mod tenants;
mod truth;
mod workforce;

use std::io::Read;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use coldtrail_model::Timestamp;
use flate2::read::GzDecoder;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::render::json;
use crate::scenario::MONDAY_MORNING;
use crate::timing::{after, before};
use crate::{Host, Random, RenderError, RenderedFile, Timeline, render, timeline};

pub use families::Nature;
use placement::Stage;
use tenants::Tenants;
pub use truth::{Instance, Named};

/// Another version makes other logs of the same seed.
pub const VERSION: u32 = 1;

/// Which enterprise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Enterprise {
    /// Same seed, same enterprise.
    pub seed: u64,
    /// How many computers it has; at least 20.
    pub hosts: usize,
    /// How many days the logs tell of, from a Monday's midnight on.
    pub days: u64,
}

/// What seeds are for. The ranges do not overlap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seeds {
    /// To fit weights and thresholds.
    Train,
    /// To look at, and to choose between ideas.
    Development,
    /// To measure once, at the end; their logs and truth are never looked at.
    Test,
}

impl Seeds {
    /// The seeds of this kind.
    pub fn range(self) -> Range<u64> {
        match self {
            Seeds::Train => 1_000..2_000,
            Seeds::Development => 2_000..3_000,
            Seeds::Test => 9_000..10_000,
        }
    }
}

/// An enterprise that was played: what happened, and what is so.
#[derive(Clone, Debug, PartialEq)]
pub struct Staged {
    /// What happened.
    pub timeline: Timeline,
    /// Which instance ran where, attacks first.
    pub instances: Vec<Instance>,
    hosts: Vec<Arc<Host>>,
    /// The context files.
    context: Vec<RenderedFile>,
    /// The cloud's trail: its path and what it holds.
    trail: (String, Value),
}

impl Enterprise {
    /// Plays it.
    pub fn stage(&self) -> Staged {
        // Midnight before the morning on which all scenarios happen.
        let start = before(MONDAY_MORNING, Duration::from_secs(9 * 3_600));
        let end = after(start, Duration::from_secs(86_400 * self.days.clamp(1, 60)));
        let random = Random::new(self.seed).fork("enterprise");
        let workforce = workforce::workforce(self.hosts, &random.fork("workforce"));
        let mut tenants = Tenants::new(random.fork("tenants"));
        let stage = Stage { workforce: &workforce, start, end, random: random.fork("stage") };
        let mut placed = stage.place(&mut tenants);
        placed.intentions.extend(habits::habits(&stage, &mut tenants));
        // What comes late by chance may come too late for the logs.
        placed.intentions.retain(|intention| intention.time < end);
        let (path, trail, cloud) = cloud::trail(&stage);
        let mut instances = placed.instances;
        instances.extend(cloud);
        instances.sort_by(|one, other| {
            (one.nature, one.family, one.number, &one.host).cmp(&(
                other.nature,
                other.family,
                other.number,
                &other.host,
            ))
        });
        let context = context::files(&instances, &workforce);
        let timeline = timeline::play("enterprise", (start, end), placed.intentions, &random);
        let hosts = workforce.into_iter().map(|(_, host)| host).collect();
        Staged { timeline, instances, hosts, context, trail: (path, trail) }
    }

    /// How many days of a host the logs tell of, in all.
    pub fn host_days(&self) -> f64 {
        (self.hosts as u64 * self.days) as f64
    }
}

impl Staged {
    /// The logs below `logs/`, `context/` beside them, and `truth.json`, which no hunt may see.
    ///
    /// # Errors
    ///
    /// Fails when a record cannot be serialised; see [`RenderError`].
    pub fn files(&self) -> Result<Vec<RenderedFile>, RenderError> {
        let mut files = render(&self.timeline)?;
        let (path, trail) = &self.trail;
        let contents = json::text(trail)?.into_bytes();
        files.push(RenderedFile { path: path.clone(), contents });
        for file in &mut files {
            file.path = format!("logs/{}", file.path);
        }
        files.extend(self.context.iter().cloned());
        let truth = serde_json::to_vec_pretty(&self.instances).map_err(RenderError::Json)?;
        files.push(RenderedFile { path: "truth.json".to_owned(), contents: truth });
        files.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(files)
    }

    /// The computers, in the order of their addresses.
    pub fn hosts(&self) -> impl Iterator<Item = &Arc<Host>> {
        self.hosts.iter()
    }

    /// When the logs end.
    pub fn end(&self) -> Timestamp {
        self.timeline.end
    }
}

/// A hash over all that the generator makes of a small enterprise with a fixed seed, uncompressed:
/// it changes with anything that changes the logs.
///
/// # Errors
///
/// Fails when a record cannot be serialised; see [`RenderError`].
pub fn fingerprint() -> Result<String, RenderError> {
    let staged = Enterprise { seed: 1, hosts: 40, days: 2 }.stage();
    let mut hash = Sha256::new();
    for file in staged.files()? {
        hash.update(file.path.as_bytes());
        if file.path.ends_with(".gz") {
            let mut text = Vec::new();
            let mut decoder = GzDecoder::new(file.contents.as_slice());
            decoder.read_to_end(&mut text).map_err(RenderError::Gzip)?;
            hash.update(text);
        } else {
            hash.update(&file.contents);
        }
    }
    Ok(hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::names::tests::is_ours;

    /// What [`fingerprint`] was when the generator was frozen.
    const FROZEN: &str = "b44074f724b766a4";

    const SMALL: Enterprise = Enterprise { seed: 3, hosts: 40, days: 7 };

    #[test]
    fn every_family_is_there_and_says_what_it_talked_to() {
        let staged = SMALL.stage();
        let families: BTreeSet<_> = staged.instances.iter().map(|it| it.family).collect();
        let missing: Vec<_> =
            families::FAMILIES.iter().filter(|it| !families.contains(it.name)).collect();
        assert!(missing.is_empty(), "{missing:?}");
        for instance in &staged.instances {
            assert!(!instance.endpoints.is_empty() && instance.exchanges > 0, "{instance:?}");
            let named = |name| instance.endpoints.iter().any(|endpoint| endpoint.host == name);
            if instance.address.is_none() {
                continue;
            }
            let exchanged = staged.timeline.exchanges.iter().any(|exchange| {
                Some(exchange.process.host.address) == instance.address && named(exchange.name)
            });
            assert!(exchanged, "{instance:?}");
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_enterprise_and_another_another() {
        assert_eq!(SMALL.stage(), SMALL.stage());
        assert_ne!(SMALL.stage(), Enterprise { seed: 4, ..SMALL }.stage());
    }

    #[test]
    fn it_names_nothing_of_anybody_but_shared_hosts_of_platforms() {
        const SHARED: [&str; 7] = [
            "script.google.com",
            "api.cloudflare.com",
            "lambda.eu-central-1.amazonaws.com",
            "management.azure.com",
            "cloudfunctions.googleapis.com",
            "api.vercel.com",
            "api.netlify.com",
        ];
        for exchange in SMALL.stage().timeline.exchanges {
            let name = exchange.name;
            assert!(is_ours(name) || SHARED.contains(&name), "{name}");
        }
    }

    #[test]
    fn an_attack_is_never_sanctioned() {
        let staged = SMALL.stage();
        let attacked: BTreeSet<_> = staged
            .instances
            .iter()
            .filter(|it| it.nature == Nature::Attack)
            .flat_map(|it| it.endpoints.iter().map(|endpoint| &endpoint.host))
            .collect();
        let sanctioned = staged.instances.iter().filter(|it| it.nature == Nature::Sanctioned);
        let sanctioned: BTreeSet<_> =
            sanctioned.flat_map(|it| it.endpoints.iter().map(|endpoint| &endpoint.host)).collect();
        assert!(!attacked.is_empty() && !sanctioned.is_empty());
        assert!(attacked.is_disjoint(&sanctioned));
    }

    #[test]
    fn seeds_are_apart() {
        let ranges = [Seeds::Train, Seeds::Development, Seeds::Test].map(Seeds::range);
        for (place, one) in ranges.iter().enumerate() {
            for other in ranges.iter().skip(place + 1) {
                assert!(one.end <= other.start || other.end <= one.start);
            }
        }
    }

    /// The generator is frozen: who changes it on purpose raises its version and writes both here.
    #[test]
    fn the_generator_is_the_one_that_was_frozen() {
        let fingerprint = fingerprint().expect("memory can be written to");
        assert_eq!((VERSION, fingerprint.as_str()), (1, FROZEN));
    }
}
