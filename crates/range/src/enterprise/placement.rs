//! Families are placed: an instance gets hosts, a program, tenants and a beat, and polls.

use std::sync::Arc;
use std::time::Duration;

use coldtrail_model::Timestamp;

use super::beat::{Law, Schedule};
use super::families::{FAMILIES, Family, Form, Nature, TalksTo};
use super::tenants::{Tenant, Tenants};
use super::truth::{Instance, Named, endpoint_sensor, network};
use super::workforce::Role;
use crate::network::Intention;
use crate::programs::{CHROME, EDGE};
use crate::timing::after;
use crate::{Host, Intent, Program, Random, Sensor, Tap, Timing, Wire};

/// What is wanted of the network, and the truth about it.
#[derive(Default)]
pub(super) struct Placed {
    pub(super) intentions: Vec<Intention>,
    pub(super) instances: Vec<Instance>,
}

/// Where instances are placed.
pub(super) struct Stage<'e> {
    pub(super) workforce: &'e [(Role, Arc<Host>)],
    pub(super) start: Timestamp,
    pub(super) end: Timestamp,
    pub(super) random: Random,
}

impl Stage<'_> {
    /// Places every family.
    pub(super) fn place(&self, tenants: &mut Tenants) -> Placed {
        let mut placed = Placed::default();
        let mut number = 0;
        for family in FAMILIES {
            let random = self.random.fork(family.name);
            for instance in 0..self.count(family, random.fork("count")) {
                number += 1;
                self.instance(
                    family,
                    number,
                    random.fork(&instance.to_string()),
                    tenants,
                    &mut placed,
                );
            }
        }
        placed
    }

    /// How many instances there are; a broken number is rounded by chance, and an attack is there.
    fn count(&self, family: &Family, mut random: Random) -> usize {
        let wanted = family.of_a_hundred * self.workforce.len() as f64 / 100.0;
        ((wanted + random.fraction()) as usize).max(1)
    }

    fn instance(
        &self,
        family: &Family,
        number: usize,
        mut random: Random,
        tenants: &mut Tenants,
        placed: &mut Placed,
    ) {
        let program = random.favourite(family.programs).copied().unwrap_or(&CHROME);
        let talks_to = endpoints(family.talks_to, &mut random, tenants);
        let size = (random.between(&family.bytes_up), random.between(&family.bytes_down));
        let law = family.beat.law(&mut random);
        let (from, until) = self.stretch(family, &mut random);
        for host in self.hosts(family, &mut random) {
            let mut random = random.fork(&host.name);
            let mut poll =
                Poll { family, law, program, host: &host, size, random: random.fork("polls") };
            // Each host has a phase of its own, and all of them one law.
            let mut times = law.times(from, until, &mut random);
            if family.form == Form::Few {
                times.truncate(random.between(&(1..=4)) as usize);
            }
            let before = placed.intentions.len();
            for (index, time) in times.iter().enumerate() {
                let pick = random.between(&(0..=talks_to.len().max(1) as u64 - 1)) as usize;
                let pick = if number.is_multiple_of(2) { pick } else { index };
                let Some(tenant) = talks_to.get(pick % talks_to.len().max(1)) else { break };
                poll.make(*time, tenant, &mut placed.intentions);
            }
            let polls = placed.intentions.get(before..).unwrap_or_default();
            let first = polls.iter().map(|poll| poll.time).min();
            let last = polls.iter().map(|poll| poll.time).max();
            let (Some(first), Some(last)) = (first, last) else { continue };
            placed.instances.push(Instance {
                number,
                family: family.name,
                nature: family.nature,
                host: host.full_name(),
                address: Some(host.address),
                user: host.user.clone(),
                process: program.file_name(),
                endpoints: talks_to.iter().map(|tenant| Named::of(tenant, host.tap)).collect(),
                first: first.microseconds(),
                last: last.microseconds(),
                exchanges: polls.len(),
                network: network(&host),
                endpoint_sensor: endpoint_sensor(&host),
            });
            if family.form == Form::AmongPeople {
                self.readers(&host, &talks_to, &mut random, &mut placed.intentions);
            }
        }
    }

    /// People who read the same site, there and on a few other computers.
    fn readers(
        &self,
        host: &Arc<Host>,
        sites: &[&'static Tenant],
        random: &mut Random,
        intentions: &mut Vec<Intention>,
    ) {
        let Some(site) = sites.first() else { return };
        let others: Vec<_> = self.of_role(Role::Workstation).collect();
        let count = random.between(&(1..=4)) as usize;
        let others: Vec<_> = (0..count).filter_map(|_| any(&others, random)).collect();
        for host in [host].into_iter().chain(others) {
            intentions.extend(self.reading(host, site, 40, random));
        }
    }

    /// Somebody reads a site now and then while at work.
    pub(super) fn reading(
        &self,
        host: &Arc<Host>,
        site: &'static Tenant,
        minutes: u64,
        random: &mut Random,
    ) -> Vec<Intention> {
        let pause = Duration::from_secs(60 * minutes);
        let days = random.fork(&host.user);
        let times = Timing::Human { pause }.times(self.start, self.end, random);
        let at_work = times.into_iter().filter(|time| Schedule::WithTheUser.holds(*time, &days));
        at_work.map(|time| visit(host, site, time, random)).collect()
    }

    /// From a random moment on, so long as the family lasts.
    fn stretch(&self, family: &Family, random: &mut Random) -> (Timestamp, Timestamp) {
        let all = self.end.microseconds() - self.start.microseconds();
        let hours = random.between(&family.lasts);
        let length = (hours as i64).saturating_mul(3_600_000_000).min(all);
        let latest = (all - length) as f64;
        let mut from = Timestamp(self.start.microseconds() + (latest * random.fraction()) as i64);
        // What is short must not fall into a time at which nothing of it happens.
        let days = random.fork("days");
        for _ in 0..200 {
            if family.beat.schedule.holds(from, &days) {
                break;
            }
            from = Timestamp(self.start.microseconds() + (latest * random.fraction()) as i64);
        }
        (from, after(from, Duration::from_micros(length.unsigned_abs())).min(self.end))
    }

    fn hosts(&self, family: &Family, random: &mut Random) -> Vec<Arc<Host>> {
        let mut candidates: Vec<_> = self.of_role(family.role).collect();
        match family.form {
            // Squid opens connections and writes a line for each request, so that nothing is kept.
            Form::KeptAlive => candidates.retain(|host| host.tap != Tap::Squid),
            // Nothing but the endpoint can tell of so little.
            Form::Few => candidates.retain(|host| host.sensor != Sensor::Nothing),
            Form::Poll | Form::Tasked | Form::AmongPeople => {}
        }
        let count = random.between(&family.hosts) as usize;
        let mut chosen = Vec::new();
        while chosen.len() < count && !candidates.is_empty() {
            let at = random.between(&(0..=candidates.len() as u64 - 1)) as usize;
            chosen.push(Arc::clone(candidates.swap_remove(at)));
        }
        chosen.sort_by_key(|host| host.address);
        chosen
    }

    pub(super) fn of_role(&self, role: Role) -> impl Iterator<Item = &Arc<Host>> {
        self.workforce.iter().filter(move |(its, _)| *its == role).map(|(_, host)| host)
    }
}

/// What makes the polls of an instance on a host.
struct Poll<'p> {
    family: &'p Family,
    law: Law,
    program: &'static Program,
    host: &'p Arc<Host>,
    size: (u64, u64),
    random: Random,
}

/// How often a poll brings a task.
const TASKED: f64 = 0.06;

impl Poll<'_> {
    fn make(&mut self, time: Timestamp, tenant: &'static Tenant, into: &mut Vec<Intention>) {
        let (up, down) = self.size;
        match self.family.form {
            Form::KeptAlive => {
                // Open until the edge closes it, with a small question every few seconds.
                let open = Duration::from_secs_f64(self.law.period * 0.97);
                let polls = self.law.period as u64 / 10;
                into.push(self.intention(time, tenant, open, (polls * up / 6, polls * down / 6)));
            }
            Form::Tasked if self.random.chance(TASKED) => {
                let mut time = time;
                for _ in 0..self.random.between(&(4..=30)) {
                    let more =
                        (up * self.random.between(&(2..=40)), down * self.random.between(&(1..=9)));
                    into.push(self.connection(time, tenant, more));
                    time = after(time, Duration::from_millis(self.random.between(&(700..=6_000))));
                }
            }
            _ => into.push(self.connection(time, tenant, (up, down))),
        }
    }

    fn connection(
        &mut self,
        time: Timestamp,
        tenant: &'static Tenant,
        (up, down): (u64, u64),
    ) -> Intention {
        let open = Duration::from_micros(self.random.skewed(&(120_000..=900_000)));
        let vary = |size: u64, random: &mut Random| size + random.between(&(0..=size / 12));
        let sizes = (vary(up, &mut self.random), vary(down, &mut self.random));
        self.intention(time, tenant, open, sizes)
    }

    fn intention(
        &self,
        time: Timestamp,
        tenant: &'static Tenant,
        duration: Duration,
        (bytes_up, bytes_down): (u64, u64),
    ) -> Intention {
        let intent = match self.family.nature {
            Nature::Attack => Intent::Attack,
            Nature::Usual => Intent::Ordinary,
            Nature::Sanctioned | Nature::Unsanctioned | Nature::Trap => Intent::Twin,
        };
        Intention {
            time,
            duration,
            host: Arc::clone(self.host),
            program: self.program,
            name: &tenant.host,
            wire: Wire::Tls,
            path: tenant.path,
            bytes_up,
            bytes_down,
            activity: (self.family.name, intent),
        }
    }
}

fn endpoints(
    talks_to: TalksTo,
    random: &mut Random,
    tenants: &mut Tenants,
) -> Vec<&'static Tenant> {
    match talks_to {
        TalksTo::Tenant => vec![tenants.one()],
        TalksTo::Group => tenants.of_one_group(random.between(&(2..=8)) as usize),
        TalksTo::Provider => tenants.of_one_provider(random.between(&(2..=6)) as usize),
        TalksTo::Script => vec![tenants.script()],
        TalksTo::Trap => vec![Tenants::trap(random)],
        TalksTo::ControlPlane => vec![Tenants::control_plane(random)],
    }
}

/// A page that somebody looks at.
pub(super) fn visit(
    host: &Arc<Host>,
    site: &'static Tenant,
    time: Timestamp,
    random: &mut Random,
) -> Intention {
    Intention {
        time,
        duration: Duration::from_millis(random.skewed(&(900..=90_000))),
        host: Arc::clone(host),
        program: browser(host),
        name: &site.host,
        wire: Wire::Tls,
        path: site.path,
        bytes_up: random.skewed(&(1_200..=12_000)),
        bytes_down: random.skewed(&(4_000..=900_000)),
        activity: ("browsing", Intent::Ordinary),
    }
}

/// The browser of a host.
pub(super) fn browser(host: &Host) -> &'static Program {
    match host.address.octets() {
        [.., last] if last.is_multiple_of(2) => &EDGE,
        _ => &CHROME,
    }
}

/// One of several, all equally likely.
fn any<'a>(hosts: &[&'a Arc<Host>], random: &mut Random) -> Option<&'a Arc<Host>> {
    let at = random.between(&(0..=hosts.len().max(1) as u64 - 1)) as usize;
    hosts.get(at).copied()
}
