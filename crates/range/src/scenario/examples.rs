//! The sample logs in `examples/`: an office of twelve workstations, a backup server and a build
//! host for eight hours, with two attacks and their benign twins.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use super::{
    Activity, Host, Intent, MONDAY_MORNING, Scenario, Sensor, Tap, call, minutes, office, poller,
    script_host,
};
use crate::{Timing, names, programs};

/// The people of the office, by the number of their workstation.
const PEOPLE: [&str; 12] = [
    "j.okafor",
    "m.lindqvist",
    "s.tanaka",
    "e.moreau",
    "p.novak",
    "l.haddad",
    "a.rivera",
    "k.byrne",
    "d.petrov",
    "n.castellano",
    "r.osei",
    "t.vandijk",
];

/// The built-in scenario `examples`.
pub(super) fn scenario() -> Scenario {
    let workstations: Vec<Host> = PEOPLE.iter().zip(1..).map(workstation).collect();
    let names: Vec<String> = workstations.iter().map(|host| host.name.clone()).collect();
    let servers = [poller::backup_server(), build_host()];
    let hosts = workstations.into_iter().chain(servers).map(Arc::new).collect();

    let mut activities = vec![
        script_host::attack(minutes(77)),
        library_host(),
        management_agent(names.clone()),
        poller::backup(),
        dashboard_tab(),
        deployment(),
    ];
    activities.extend(office::activities(&names));
    Scenario {
        name: "examples",
        description: "an office day with two implants behind serverless endpoints, and benign \
                      pollers that look like them",
        start: MONDAY_MORNING,
        duration: minutes(8 * 60),
        hosts,
        activities,
    }
}

/// Half of the workstations have Sysmon, the other half Defender.
fn workstation((user, number): (&&str, u8)) -> Host {
    let sensor = match number {
        2..=7 => Sensor::Sysmon,
        _ => Sensor::Defender,
    };
    Host {
        name: format!("ws-{number:02}"),
        address: Ipv4Addr::new(10, 20, 1, 100 + number),
        user: (*user).to_owned(),
        sensor,
        tap: Tap::Zeek,
    }
}

fn build_host() -> Host {
    Host {
        name: "build-01".to_owned(),
        address: Ipv4Addr::new(10, 20, 0, 31),
        user: "svc-build".to_owned(),
        sensor: Sensor::Defender,
        tap: Tap::Zeek,
    }
}

/// The second attack: a library in `rundll32.exe` polls a Lambda URL. Its period is that of the
/// management agent, and Defender is the only endpoint sensor there.
fn library_host() -> Activity {
    Activity {
        name: "implant in rundll32",
        intent: Intent::Attack,
        hosts: vec!["ws-11".to_owned()],
        program: &programs::RUNDLL32,
        begins: minutes(60),
        lasts: minutes(6 * 60),
        timing: Timing::Sleep { period: minutes(5), jitter: 0.1, missed: 0.0 },
        visits: vec![call(names::LAMBDA_URL, 1_310..=1_420, 3_050..=3_400)],
    }
}

/// Benign because IT installed it: every workstation has it, and so the endpoint is not rare.
fn management_agent(workstations: Vec<String>) -> Activity {
    Activity {
        name: "management agent",
        intent: Intent::Twin,
        hosts: workstations,
        program: &programs::ACME_AGENT,
        begins: Duration::ZERO,
        lasts: minutes(8 * 60),
        timing: Timing::Timer { period: minutes(5) },
        visits: vec![call(names::AZURE_APP, 1_480..=1_560, 3_900..=4_300)],
    }
}

/// Benign because a person opened it: a page that refreshes itself in a forgotten browser tab. The
/// edge closes each connection, so that every refresh is a new one.
fn dashboard_tab() -> Activity {
    Activity {
        name: "dashboard tab",
        intent: Intent::Twin,
        hosts: vec!["ws-09".to_owned()],
        program: &programs::CHROME,
        begins: minutes(135),
        lasts: minutes(90),
        timing: Timing::Sleep { period: Duration::from_secs(30), jitter: 0.01, missed: 0.0 },
        visits: vec![call(names::NETLIFY_SITE, 1_900..=2_050, 5_000..=9_000)],
    }
}

/// Benign because it is the company's own site, deployed by its build: three calls in a minute.
fn deployment() -> Activity {
    let offsets = [0, 19, 44].map(|seconds| minutes(132) + Duration::from_millis(seconds * 1037));
    Activity {
        name: "deployment",
        intent: Intent::Twin,
        hosts: vec!["build-01".to_owned()],
        program: &programs::NODE,
        begins: Duration::ZERO,
        lasts: minutes(8 * 60),
        timing: Timing::At(offsets.to_vec()),
        visits: vec![call(names::VERCEL_BUILD, 40_000..=900_000, 2_500..=9_000)],
    }
}
