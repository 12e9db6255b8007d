//! How good `hunt` is: on simulated enterprises whose truth is known, beside others' logic on the same
//! logs in the same run.
//!
//! Everything is deterministic: the same options and binary print the same tables. The seeds for
//! tests are for one look at the end; who tunes looks at others.

mod alert;
mod comparators;
mod hunt;
mod metrics;
mod options;
mod rita;
mod tables;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use coldtrail_range::RenderedFile;
use coldtrail_range::Sensor;
use coldtrail_range::enterprise::{Enterprise, Instance, Nature, VERSION, fingerprint};

use crate::bench;
use alert::{About, Truth};
use hunt::Finding;
use metrics::Judged;
use options::Options;
pub(crate) use options::USAGE;
use tables::{Ground, Part};

/// A system, and what became of its alerts in all enterprises.
struct System {
    name: String,
    judged: Vec<Judged>,
}

/// Our findings in one enterprise, each with what it is about.
struct Ours {
    seed: u64,
    instances: Vec<Instance>,
    findings: Vec<Finding>,
    about: Vec<About>,
}

impl Ours {
    fn findings(&self) -> impl Iterator<Item = (&Finding, Option<&Instance>)> {
        let about = |about: &About| about.and_then(|number| self.instances.get(number));
        self.findings.iter().zip(self.about.iter().map(about))
    }
}

/// Our findings without those that the sanctioned list allows.
const SPARED: &str = "coldtrail, sanctioned endpoints removed";

/// The systems beside which families are shown; the second is the strongest comparator.
const BESIDE: [&str; 2] = [SPARED, "RITA v5, final value, filtered"];

/// Renders, hunts, judges, prints.
pub(crate) fn run(arguments: &[&str]) -> anyhow::Result<()> {
    let options = Options::parse(arguments)?;
    let binary = match &options.binary {
        Some(binary) => binary.clone(),
        None => bench::release_binary()?,
    };
    let has_context = hunt::knows_context(&binary)?;
    println!("generator {VERSION}, {}", fingerprint()?);
    println!(
        "{} enterprises of {} hosts and {} days, seeds {:?} from {} on; context files {}",
        options.runs,
        options.hosts,
        options.days,
        options.seeds,
        options.seeds.range().start + options.first,
        if has_context { "given" } else { "not known to the binary" },
    );
    let mut systems: Vec<System> = Vec::new();
    let mut has_sensor = Vec::new();
    let mut ours = Vec::new();
    for seed in options.seeds.range().skip(options.first as usize).take(options.runs as usize) {
        let enterprise = Enterprise { seed, hosts: options.hosts, days: options.days };
        ours.push(evaluate(
            &enterprise,
            (&binary, has_context),
            options.keep.as_deref(),
            &mut systems,
            &mut has_sensor,
        )?);
    }
    print(&options, &systems, &has_sensor, &ours);
    Ok(())
}

fn print(options: &Options, systems: &[System], has_sensor: &[Option<bool>], ours: &[Ours]) {
    let instances = || ours.iter().flat_map(|run| &run.instances);
    let families: BTreeSet<_> =
        instances().filter(|it| it.nature == Nature::Attack).map(|it| it.family).collect();
    let host_days = (options.hosts as u64 * options.days * options.runs) as f64;
    let attacks = instances().filter(|it| it.nature == Nature::Attack).count();
    println!(
        "{attacks} instances of {} families of attacks, {} of benign ones, {host_days} host-days",
        families.len(),
        instances().count() - attacks,
    );
    let ground = Ground { has_sensor, host_days, families: families.into_iter().collect() };
    tables::systems("All instances", Part::Everything, &ground, systems);
    tables::systems("Hosts that only the network sees", Part::NetworkOnly, &ground, systems);
    tables::systems("Hosts with an endpoint sensor", Part::EndpointVisible, &ground, systems);
    let beside: Vec<&System> =
        systems.iter().filter(|system| BESIDE.contains(&system.name.as_str())).collect();
    if let Some(own) = systems.first() {
        tables::families(&ground, own, &beside);
    }
    tables::severities(ours);
    tables::sensors(ours);
    tables::labels(ours);
    tables::causes(ours);
    if options.misses > 0 {
        tables::misses(ours, options.misses);
    }
}

/// One enterprise: what all systems say of it, judged.
fn evaluate(
    enterprise: &Enterprise,
    (binary, has_context): (&Path, bool),
    keep: Option<&Path>,
    systems: &mut Vec<System>,
    has_sensor: &mut Vec<Option<bool>>,
) -> anyhow::Result<Ours> {
    eprintln!("seed {} …", enterprise.seed);
    let staged = enterprise.stage();
    let truth = Truth::new(&staged.instances);
    let first = has_sensor.len();
    let mut units: BTreeMap<String, usize> = BTreeMap::new();
    for host in staged.hosts() {
        units.insert(host.full_name(), first + units.len());
        has_sensor.push(Some(host.sensor != Sensor::Nothing));
    }
    // What no host of ours is, such as an account in a cloud, is one unit more.
    has_sensor.push(None);
    let last = has_sensor.len() - 1;
    let addresses: BTreeMap<String, String> =
        staged.hosts().map(|it| (it.address.to_string(), it.full_name())).collect();
    let unit = |host: &str| {
        let host = addresses.get(host).map_or(host, String::as_str);
        units.get(host).copied().unwrap_or(last)
    };
    let files = staged.files()?;
    if let Some(folder) = keep {
        write(&files, &folder.join(enterprise.seed.to_string()))?;
    }
    let findings = hunt::findings(binary, &files, has_context, &staged.end().to_string())?;
    let alerts: Vec<_> = findings.iter().map(|finding| finding.alert.clone()).collect();
    let about = alerts.iter().map(|alert| truth.about(alert)).collect();
    let others = comparators::alerts(&staged);
    let spared = comparators::not_sanctioned(&staged, &alerts);
    let own = [("coldtrail", alerts), (SPARED, spared)];
    let all = own.into_iter().chain(others);
    for (number, (name, alerts)) in all.enumerate() {
        if systems.len() <= number {
            systems.push(System { name: name.to_owned(), judged: Vec::new() });
        }
        if let Some(system) = systems.get_mut(number) {
            system.judged.extend(truth.judge(&alerts, unit));
        }
    }
    Ok(Ours { seed: enterprise.seed, instances: staged.instances.clone(), findings, about })
}

fn write(files: &[RenderedFile], folder: &Path) -> anyhow::Result<()> {
    for file in files {
        let path: PathBuf = folder.join(&file.path);
        fs::create_dir_all(path.parent().unwrap_or(folder))?;
        fs::write(&path, &file.contents)
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}
