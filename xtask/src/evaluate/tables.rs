//! The tables that an evaluation prints.

use std::collections::{BTreeMap, BTreeSet};

use coldtrail_range::enterprise::{Instance, Nature};

use super::hunt::SEVERITIES;
use super::metrics::{
    Judged, average_precision, bootstrap, macro_recall, precision_at, recall, threshold,
};
use super::{Ours, System};

/// How often hosts are drawn again.
const DRAWS: usize = 200;

/// Where alerts are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Everything,
    NetworkOnly,
    EndpointVisible,
}

/// What is the same for all systems.
pub(super) struct Ground<'g> {
    /// Whether a unit has an endpoint sensor; units of a cloud account have nothing.
    pub(super) has_sensor: &'g [Option<bool>],
    /// How many days of a host there are, in all.
    pub(super) host_days: f64,
    pub(super) families: Vec<&'static str>,
}

impl Ground<'_> {
    fn takes(&self, part: Part, unit: usize) -> bool {
        let has_sensor = self.has_sensor.get(unit).copied().flatten();
        match part {
            Part::Everything => true,
            Part::NetworkOnly => has_sensor == Some(false),
            Part::EndpointVisible => has_sensor == Some(true),
        }
    }

    fn part(&self, part: Part, judged: &[Judged]) -> Vec<Judged> {
        judged.iter().filter(|it| self.takes(part, it.unit)).cloned().collect()
    }

    /// How many false alerts there may be in a part, at one in so many days of a host.
    fn budget(&self, part: Part, one_in: f64) -> usize {
        let units =
            |part| (0..self.has_sensor.len()).filter(|unit| self.takes(part, *unit)).count() as f64;
        let share = units(part) / units(Part::Everything).max(1.0);
        (self.host_days * share / one_in) as usize
    }
}

/// A line for each system.
pub(super) fn systems(title: &str, part: Part, ground: &Ground<'_>, systems: &[System]) {
    println!("\n### {title}\n");
    println!(
        "| system | AUPRC | 95 % | macro recall at 1 false in 1,000 | in 100 | P@10 | P@50 | \
         alerts | false |"
    );
    println!("|---|--:|---|--:|--:|--:|--:|--:|--:|");
    for system in systems {
        let judged = ground.part(part, &system.judged);
        let present: BTreeSet<_> = judged.iter().filter_map(|it| it.family).collect();
        let families: Vec<_> =
            ground.families.iter().copied().filter(|it| present.contains(it)).collect();
        let (low, high) = bootstrap(&judged, ground.has_sensor.len(), DRAWS);
        let strict = threshold(&judged, ground.budget(part, 1000.0));
        let lax = threshold(&judged, ground.budget(part, 100.0));
        let alerts = judged.iter().filter(|it| it.rank.is_some()).count();
        let false_ones = judged.iter().filter(|it| it.family.is_none()).count();
        println!(
            "| {} | {:.3} | {low:.3}–{high:.3} | {:.3} | {:.3} | {:.2} | {:.2} | {alerts} | \
             {false_ones} |",
            system.name,
            average_precision(&judged),
            macro_recall(&judged, &families, strict),
            macro_recall(&judged, &families, lax),
            precision_at(&judged, 10),
            precision_at(&judged, 50),
        );
    }
}

/// A line for each family: our recall, and beside it that of others.
pub(super) fn families(ground: &Ground<'_>, ours: &System, others: &[&System]) {
    println!("\n### Recall by family\n");
    let names: String =
        others.iter().map(|other| format!(" {}, at 1 in 100 |", other.name)).collect();
    println!(
        "| family | instances | reported at all | at 1 in 100 | at 1 in 1,000 | network only, at 1 \
         in 100 | endpoint visible |{names}"
    );
    println!("|---|--:|--:|--:|--:|--:|--:|{}", "--:|".repeat(others.len()));
    let all = Part::Everything;
    let strict = threshold(&ours.judged, ground.budget(all, 1000.0));
    let lax = threshold(&ours.judged, ground.budget(all, 100.0));
    let theirs = others.iter().map(|it| threshold(&it.judged, ground.budget(all, 100.0)));
    let theirs: Vec<f64> = theirs.collect();
    for family in &ground.families {
        let of_family: Vec<Judged> =
            ours.judged.iter().filter(|it| it.family == Some(*family)).cloned().collect();
        let seen = |part| {
            let judged = ground.part(part, &of_family);
            match judged.is_empty() {
                true => "–".to_owned(),
                false => format!("{:.2}", recall(&judged, family, lax)),
            }
        };
        let beside = others.iter().zip(&theirs);
        let beside: String = beside
            .map(|(it, threshold)| format!(" {:.2} |", recall(&it.judged, family, *threshold)))
            .collect();
        println!(
            "| {family} | {} | {:.2} | {:.2} | {:.2} | {} | {} |{beside}",
            of_family.len(),
            recall(&of_family, family, f64::NEG_INFINITY),
            recall(&of_family, family, lax),
            recall(&of_family, family, strict),
            seen(Part::NetworkOnly),
            seen(Part::EndpointVisible),
        );
    }
}

/// How often a severity is right.
pub(super) fn severities(ours: &[Ours]) {
    println!("\n### Severity\n");
    println!("| severity | findings | right | share |");
    println!("|---|--:|--:|--:|");
    for severity in SEVERITIES.iter().rev() {
        let (mut all, mut right) = (0, 0);
        for (finding, about) in ours.iter().flat_map(Ours::findings) {
            if finding.severity == *severity {
                all += 1;
                right += usize::from(about.is_some_and(|it| it.nature == Nature::Attack));
            }
        }
        let share = if all > 0 { f64::from(right as u32) / f64::from(all) } else { 0.0 };
        println!("| {severity} | {all} | {right} | {share:.2} |");
    }
}

/// By which network sensor attacks are seen, and how many of them are reported.
pub(super) fn sensors(ours: &[Ours]) {
    println!("\n### Attacks by sensor\n");
    println!("| network sensor | endpoint sensor | instances | reported | medium or above |");
    println!("|---|---|--:|--:|--:|");
    let mut lines: BTreeMap<(&str, &str), (usize, usize, usize)> = BTreeMap::new();
    for run in ours {
        let mut best: BTreeMap<usize, usize> = BTreeMap::new();
        for (finding, about) in run.findings.iter().zip(&run.about) {
            let step = SEVERITIES.iter().position(|it| *it == finding.severity).unwrap_or_default();
            if let Some(number) = about {
                let known = best.entry(*number).or_insert(step);
                *known = step.max(*known);
            }
        }
        for (number, instance) in run.instances.iter().enumerate() {
            if instance.nature != Nature::Attack {
                continue;
            }
            let sensor = instance.endpoint_sensor.unwrap_or("none");
            let line = lines.entry((instance.network, sensor)).or_default();
            line.0 += 1;
            line.1 += usize::from(best.contains_key(&number));
            line.2 += usize::from(best.get(&number).is_some_and(|step| *step > 0));
        }
    }
    for ((network, sensor), (all, reported, above)) in lines {
        println!("| {network} | {sensor} | {all} | {reported} | {above} |");
    }
}

/// What is called wrong, and what should not be called at all.
pub(super) fn labels(ours: &[Ours]) {
    let (mut labelled, mut right, mut wrong) = (0, 0, BTreeMap::<String, usize>::new());
    let (mut traps, mut loud) = (BTreeSet::new(), BTreeSet::new());
    let mut sanctioned = 0;
    for (run, ours) in ours.iter().enumerate() {
        sanctioned += ours.instances.iter().filter(|it| it.nature == Nature::Sanctioned).count();
        for (finding, about) in ours.findings() {
            let Some(instance) = about else { continue };
            if instance.nature == Nature::Trap {
                traps.insert((run, &instance.host, &finding.alert.name));
                continue;
            }
            if instance.nature == Nature::Sanctioned && finding.severity != "low" {
                loud.insert((run, &instance.host, &finding.alert.name));
            }
            labelled += 1;
            match mislabelled(instance, finding) {
                None => right += 1,
                Some(said) => *wrong.entry(said).or_default() += 1,
            }
        }
    }
    println!("\n### Names\n");
    println!("* provider, platform and tenant right: {right} of {labelled} findings");
    for (said, count) in wrong.iter().take(8) {
        println!("  * {count}: {said}");
    }
    println!("* traps and control planes called serverless: {}", traps.len());
    println!("* sanctioned pollers above low: {} of {sanctioned}", loud.len());
}

/// What is wrong with the names of a finding, if anything is.
fn mislabelled(instance: &Instance, finding: &super::hunt::Finding) -> Option<String> {
    let host = &finding.alert.name;
    let mut expected = instance.endpoints.iter().filter(|it| it.host == *host);
    let is_right = expected.any(|it| {
        it.provider == Some(finding.provider.as_str())
            && it.platform == Some(finding.platform.as_str())
            && it.tenant == finding.alert.tenant
    });
    (!is_right).then(|| {
        let tenant = finding.alert.tenant.as_deref().unwrap_or("none");
        let shape = host.split_once('.').map_or(host.as_str(), |(_, behind)| behind);
        let known = if tenant == "none" { "no tenant" } else { "another tenant or platform" };
        format!("{shape} on {}: {known}", instance.network)
    })
}

/// What false findings of medium or above are about.
pub(super) fn causes(ours: &[Ours]) {
    println!("\n### What false findings of medium or above are about\n");
    println!("| about | low | medium | high or above | for example |");
    println!("|---|--:|--:|--:|---|");
    let mut lines: BTreeMap<&str, ([usize; 3], String)> = BTreeMap::new();
    for (finding, about) in ours.iter().flat_map(Ours::findings) {
        let family = match about {
            Some(it) if it.nature == Nature::Attack => continue,
            Some(it) => it.family,
            None => "people and what they browse",
        };
        let line = lines.entry(family).or_default();
        let step = match finding.severity.as_str() {
            "low" => 0,
            "medium" => 1,
            _ => 2,
        };
        line.0[step] += 1;
        if line.1.is_empty() || step > 0 && line.0[1] + line.0[2] == 1 {
            line.1 = format!("{} {}", finding.severity, finding.contributions);
        }
    }
    for (family, ([low, medium, high], example)) in lines {
        println!("| {family} | {low} | {medium} | {high} | {example} |");
    }
}

/// Some attacks of each family that were not reported above low.
pub(super) fn misses(ours: &[Ours], count: usize) {
    println!("\n### Attacks that are not above low\n");
    let mut told: BTreeMap<&str, usize> = BTreeMap::new();
    for run in ours {
        for (number, instance) in run.instances.iter().enumerate() {
            let mut said: Vec<String> = run
                .findings
                .iter()
                .zip(&run.about)
                .filter(|(_, about)| **about == Some(number))
                .map(|(it, _)| format!("{} {}", it.severity, it.contributions))
                .collect();
            said.sort();
            let is_missed = said.iter().all(|it| it.starts_with("low"));
            let known = told.entry(instance.family).or_default();
            if instance.nature != Nature::Attack || !is_missed || *known >= count {
                continue;
            }
            *known += 1;
            println!(
                "* {} of seed {}: {} on {} ({}, {}), {} connections in {:.1} h to {} of {} names; \
                 said: {}",
                instance.family,
                run.seed,
                instance.process,
                instance.host,
                instance.network,
                instance.endpoint_sensor.unwrap_or("no endpoint sensor"),
                instance.exchanges,
                (instance.last - instance.first) as f64 / 3.6e9,
                instance.endpoints.first().map_or("", |it| it.host.as_str()),
                instance.endpoints.len(),
                if said.is_empty() { "nothing".to_owned() } else { said.join("; ") },
            );
        }
    }
}
