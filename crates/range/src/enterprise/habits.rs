//! What goes on in an enterprise apart from the instances: people read the web, some of it on
//! serverless platforms, and their computers do what computers do.

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use super::beat::Schedule;
use super::placement::{Stage, browser, visit};
use super::tenants::{Tenant, Tenants};
use crate::network::Intention;
use crate::programs::{LSASS, OUTLOOK, SVCHOST, SYSTEM};
use crate::{Host, Intent, Program, Random, Timing, Wire, names};

/// How many sites on serverless platforms many people know.
const POPULAR: usize = 40;

/// How many more there are, which few know.
const SELDOM: usize = 400;

/// Pages elsewhere. Those with a number embed something from the popular tenant of that number.
const PAGES: [(&str, Option<usize>); 8] = [
    ("intranet.example.com", None),
    ("search.example.com", None),
    ("news.example.com", Some(0)),
    ("encyclopedia.example.org", None),
    ("shop.example.com", Some(1)),
    ("forum.example.org", Some(2)),
    ("travel.example.net", None),
    ("railway.example.com", None),
];

/// All of it.
pub(super) fn habits(stage: &Stage<'_>, tenants: &mut Tenants) -> Vec<Intention> {
    let popular: Vec<_> = (0..POPULAR).map(|_| tenants.one()).collect();
    let seldom: Vec<_> = (0..SELDOM).map(|_| tenants.one()).collect();
    let mut intentions = Vec::new();
    for (role, host) in stage.workforce {
        let random = stage.random.fork("habits").fork(&host.name);
        intentions.extend(machine(stage, host, &random));
        if role.has_people() {
            intentions.extend(person(stage, host, &popular, &seldom, &random));
        }
    }
    intentions
}

/// What a person does: about sixty pages a day, of which some are serverless, and mail.
fn person(
    stage: &Stage<'_>,
    host: &Arc<Host>,
    popular: &[&'static Tenant],
    seldom: &[&'static Tenant],
    random: &Random,
) -> Vec<Intention> {
    let mut pages = random.fork("pages");
    let days = random.fork("days");
    let pause = Duration::from_secs(9 * 60);
    let times = Timing::Human { pause }.times(stage.start, stage.end, &mut pages);
    let mut intentions = Vec::new();
    for time in times.into_iter().filter(|time| Schedule::WithTheUser.holds(*time, &days)) {
        let site = match pages.fraction() {
            0.0..0.12 => pages.favourite(popular),
            0.12..0.16 => pages.favourite(seldom),
            _ => None,
        };
        if let Some(site) = site {
            intentions.push(visit(host, site, time, &mut pages));
            continue;
        }
        let Some((name, embedded)) = pages.favourite(&PAGES) else { continue };
        let asked = (1_200..=12_000, 4_000..=900_000);
        intentions.push(request(host, browser(host), name, Wire::Tls, time, asked, &mut pages));
        if let Some(site) = embedded.and_then(|number| popular.get(number)) {
            intentions.push(visit(host, site, time, &mut pages));
        }
    }
    let mut mail = random.fork("mail");
    let pause = Duration::from_secs(20 * 60);
    for time in (Timing::Human { pause }).times(stage.start, stage.end, &mut mail) {
        if Schedule::WithTheUser.holds(time, &days) {
            let sizes = (1_500..=40_000, 3_000..=600_000);
            let name = "mail.example.com";
            intentions.push(request(host, &OUTLOOK, name, Wire::Tls, time, sizes, &mut mail));
        }
    }
    intentions
}

/// What a computer does by itself: tickets, shared folders, updates.
fn machine(stage: &Stage<'_>, host: &Arc<Host>, random: &Random) -> Vec<Intention> {
    type Habit = (&'static Program, &'static str, Wire, u64);
    const HABITS: [Habit; 4] = [
        (&LSASS, names::DOMAIN_CONTROLLER, Wire::Kerberos, 120),
        (&SYSTEM, names::FILE_SERVER, Wire::Smb, 150),
        (&SVCHOST, "updates.example.com", Wire::Tls, 300),
        (&SVCHOST, "ocsp.example.net", Wire::Http { path: "/status" }, 240),
    ];
    let mut intentions = Vec::new();
    for (program, name, wire, minutes) in HABITS {
        let mut random = random.fork(name);
        let pause = Duration::from_secs(60 * minutes);
        for time in (Timing::Human { pause }).times(stage.start, stage.end, &mut random) {
            let sizes = (1_500..=4_000, 1_500..=60_000);
            intentions.push(request(host, program, name, wire, time, sizes, &mut random));
        }
    }
    intentions
}

fn request(
    host: &Arc<Host>,
    program: &'static Program,
    name: &'static str,
    wire: Wire,
    time: coldtrail_model::Timestamp,
    (up, down): (RangeInclusive<u64>, RangeInclusive<u64>),
    random: &mut Random,
) -> Intention {
    Intention {
        time,
        duration: Duration::from_millis(random.skewed(&(80..=60_000))),
        host: Arc::clone(host),
        program,
        name,
        wire,
        path: wire.path(),
        bytes_up: random.skewed(&up),
        bytes_down: random.skewed(&down),
        activity: ("office", Intent::Ordinary),
    }
}
