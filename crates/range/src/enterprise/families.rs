//! The families of behaviour that are placed into an enterprise: what a hunt should find, and what it
//! should leave alone.
//!
//! A family is data. Its instances differ in period, jitter, size, host, program and tenant, which
//! chance draws from the family's ranges. To add one, add it to [`FAMILIES`]: it makes other logs, so
//! [`VERSION`](super::VERSION) changes with it.

use std::ops::RangeInclusive;

use super::beat::{Beat, Jitter, Schedule};
use super::programs::{
    ADMINISTRATION, BROWSER_HOST, CURL, HOLLOWED, MONITOR, MSHTA, NODE_AT_WORK, NOTES, PYTHON,
    ROBOT, SCANNER, SIDELOADED, TRADE_APPLICATION, UPDATER, WSCRIPT,
};
use super::workforce::Role;
use crate::Program;
use crate::programs::{
    ACME_AGENT, BACKUP_AGENT, CHAT, CHROME, EDGE, FILE_SYNC, NODE, POWERSHELL, RUNDLL32,
};

/// What an instance is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Nature {
    /// Command and control: a hunt should find it.
    Attack,
    /// Benign, and told so in `sanctioned.csv`.
    Sanctioned,
    /// Benign, on few hosts, and nobody has written it down.
    Unsanctioned,
    /// Benign, and usual: people and what most hosts have.
    Usual,
    /// No serverless endpoint at all.
    Trap,
}

/// A family of behaviour.
#[derive(Clone, Debug)]
pub(super) struct Family {
    /// Its name, unique.
    pub(super) name: &'static str,
    pub(super) nature: Nature,
    pub(super) beat: Beat,
    /// In hours, from a random moment on; at most until the logs end.
    pub(super) lasts: RangeInclusive<u64>,
    pub(super) talks_to: TalksTo,
    pub(super) form: Form,
    /// Where it runs.
    pub(super) role: Role,
    /// On how many hosts each instance runs.
    pub(super) hosts: RangeInclusive<u64>,
    /// In one of these, the first ones likelier.
    pub(super) programs: &'static [&'static Program],
    /// Bytes of a poll: a size between these, about which an instance varies a little.
    pub(super) bytes_up: RangeInclusive<u64>,
    pub(super) bytes_down: RangeInclusive<u64>,
    /// How many instances there are for each hundred hosts.
    pub(super) of_a_hundred: f64,
}

/// Whom an instance talks to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TalksTo {
    /// One tenant.
    Tenant,
    /// Several of one account, one after the other or by chance.
    Group,
    /// Several of one platform, in accounts of their own.
    Provider,
    /// A deployment of Apps Script.
    Script,
    /// A name that looks like an endpoint and is none.
    Trap,
    /// A control plane.
    ControlPlane,
}

/// What a poll looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// A connection each.
    Poll,
    /// A connection each, and now and then a task: many more of them, with more in them.
    Tasked,
    /// One connection that stays open, again and again; the beat is that of the edge's time-out.
    KeptAlive,
    /// Polls, and people who read the same site in a browser, there and elsewhere.
    AmongPeople,
    /// A few contacts and no more.
    Few,
}

/// What implants run in.
const IMPLANTS: &[&Program] =
    &[&POWERSHELL, &UPDATER, &RUNDLL32, &SIDELOADED, &WSCRIPT, &MSHTA, &HOLLOWED];

const SYMMETRIC: Beat = Beat {
    periods: &[60],
    jitter: (0.0, 0.5),
    shape: Jitter::Symmetric,
    missed: (0.0, 0.05),
    schedule: Schedule::Always,
};

const BEACON: Family = Family {
    name: "",
    nature: Nature::Attack,
    beat: SYMMETRIC,
    lasts: 24..=168,
    talks_to: TalksTo::Tenant,
    form: Form::Poll,
    role: Role::Workstation,
    hosts: 1..=1,
    programs: IMPLANTS,
    bytes_up: 900..=1_900,
    bytes_down: 2_200..=4_800,
    of_a_hundred: 0.8,
};

const POLLER: Family = Family {
    nature: Nature::Sanctioned,
    beat: Beat { jitter: (0.0, 0.1), ..SYMMETRIC },
    lasts: 168..=168,
    role: Role::Server,
    ..BEACON
};

const MINUTES: &[u64] = &[120, 300, 600, 900, 1_800, 3_600];

/// Every family, attacks first.
pub(super) const FAMILIES: &[Family] = &[
    Family {
        name: "beacon-seconds",
        beat: Beat { periods: &[5, 10, 30], ..SYMMETRIC },
        lasts: 1..=12,
        ..BEACON
    },
    Family { name: "beacon-minute", ..BEACON },
    Family { name: "beacon-5-minutes", beat: Beat { periods: &[300], ..SYMMETRIC }, ..BEACON },
    Family { name: "beacon-15-minutes", beat: Beat { periods: &[900], ..SYMMETRIC }, ..BEACON },
    Family { name: "beacon-hour", beat: Beat { periods: &[3_600], ..SYMMETRIC }, ..BEACON },
    Family {
        name: "beacon-4-hours",
        beat: Beat { periods: &[14_400], ..SYMMETRIC },
        lasts: 120..=168,
        ..BEACON
    },
    Family {
        name: "beacon-12-hours",
        beat: Beat { periods: &[43_200], jitter: (0.0, 0.2), ..SYMMETRIC },
        lasts: 168..=168,
        ..BEACON
    },
    Family {
        name: "beacon-day",
        beat: Beat { periods: &[86_400], jitter: (0.0, 0.1), ..SYMMETRIC },
        lasts: 168..=168,
        ..BEACON
    },
    Family {
        name: "heavy-jitter",
        beat: Beat { periods: MINUTES, jitter: (0.6, 0.9), ..SYMMETRIC },
        ..BEACON
    },
    Family {
        name: "jitter-below",
        beat: Beat { periods: MINUTES, jitter: (0.2, 0.9), shape: Jitter::Below, ..SYMMETRIC },
        ..BEACON
    },
    Family {
        name: "jitter-added",
        beat: Beat { periods: MINUTES, jitter: (0.2, 0.9), shape: Jitter::Added, ..SYMMETRIC },
        ..BEACON
    },
    Family {
        name: "grid-timer",
        beat: Beat { periods: &[300, 900, 1_800, 3_600], shape: Jitter::Grid, ..SYMMETRIC },
        ..BEACON
    },
    Family {
        name: "missed-polls",
        beat: Beat { periods: MINUTES, jitter: (0.0, 0.3), missed: (0.3, 0.6), ..SYMMETRIC },
        ..BEACON
    },
    Family {
        name: "office-hours",
        beat: Beat { periods: MINUTES, schedule: Schedule::Office, ..SYMMETRIC },
        lasts: 96..=168,
        ..BEACON
    },
    Family {
        name: "sleep-at-night",
        beat: Beat { periods: MINUTES, schedule: Schedule::Daytime, ..SYMMETRIC },
        lasts: 72..=168,
        ..BEACON
    },
    Family {
        name: "weekdays",
        beat: Beat { periods: MINUTES, schedule: Schedule::Weekdays, ..SYMMETRIC },
        lasts: 120..=168,
        ..BEACON
    },
    Family {
        name: "days-off",
        beat: Beat { periods: MINUTES, schedule: Schedule::DaysOff, ..SYMMETRIC },
        lasts: 120..=168,
        ..BEACON
    },
    Family {
        name: "short-window",
        beat: Beat { periods: &[60, 300, 600], ..SYMMETRIC },
        lasts: 1..=6,
        ..BEACON
    },
    Family {
        name: "tasking-bursts",
        beat: Beat { periods: MINUTES, ..SYMMETRIC },
        form: Form::Tasked,
        ..BEACON
    },
    Family {
        name: "rotation-in-a-group",
        beat: Beat { periods: &[60, 300, 900], ..SYMMETRIC },
        talks_to: TalksTo::Group,
        ..BEACON
    },
    Family {
        name: "rotation-over-accounts",
        beat: Beat { periods: &[60, 300, 900], ..SYMMETRIC },
        talks_to: TalksTo::Provider,
        ..BEACON
    },
    Family {
        name: "keep-alive",
        beat: Beat { periods: &[600, 3_600, 14_400], jitter: (0.0, 0.02), ..SYMMETRIC },
        form: Form::KeptAlive,
        ..BEACON
    },
    Family {
        name: "queries-only",
        beat: Beat { periods: &[60, 300, 900, 3_600], ..SYMMETRIC },
        role: Role::Remote,
        ..BEACON
    },
    Family {
        name: "several-hosts",
        beat: Beat { periods: MINUTES, ..SYMMETRIC },
        hosts: 3..=5,
        of_a_hundred: 0.5,
        ..BEACON
    },
    Family {
        name: "among-people",
        beat: Beat { periods: MINUTES, ..SYMMETRIC },
        form: Form::AmongPeople,
        ..BEACON
    },
    Family {
        name: "apps-script",
        beat: Beat { periods: &[60, 300, 900], ..SYMMETRIC },
        talks_to: TalksTo::Script,
        ..BEACON
    },
    Family {
        name: "upload-heavy",
        beat: Beat { periods: &[600, 1_800, 3_600], jitter: (0.3, 0.9), ..SYMMETRIC },
        lasts: 6..=48,
        bytes_up: 400_000..=6_000_000,
        bytes_down: 900..=2_500,
        ..BEACON
    },
    Family {
        name: "in-a-browser",
        beat: Beat { periods: MINUTES, ..SYMMETRIC },
        programs: &[&BROWSER_HOST],
        ..BEACON
    },
    Family {
        name: "on-a-server",
        beat: Beat { periods: MINUTES, ..SYMMETRIC },
        role: Role::Server,
        ..BEACON
    },
    Family {
        name: "few-contacts",
        beat: Beat { periods: &[30, 120], jitter: (0.5, 0.9), ..SYMMETRIC },
        lasts: 168..=168,
        form: Form::Few,
        programs: &[&POWERSHELL, &MSHTA, &WSCRIPT, &RUNDLL32],
        ..BEACON
    },
    // Benign, and written down: the six classes of places where programs talk to functions.
    Family {
        name: "backup",
        beat: Beat { periods: &[600, 900], shape: Jitter::Grid, ..SYMMETRIC },
        programs: &[&BACKUP_AGENT],
        of_a_hundred: 2.0,
        ..POLLER
    },
    Family {
        name: "monitoring",
        beat: Beat { periods: &[60, 300], shape: Jitter::Grid, ..SYMMETRIC },
        role: Role::Operations,
        programs: &[&MONITOR],
        of_a_hundred: 5.0,
        ..POLLER
    },
    Family {
        name: "administration",
        beat: Beat { periods: &[300, 900, 3_600], shape: Jitter::Grid, ..SYMMETRIC },
        role: Role::Operations,
        programs: &[&ADMINISTRATION, &CURL],
        of_a_hundred: 3.0,
        ..POLLER
    },
    Family {
        name: "scanner",
        beat: Beat { periods: &[1_800, 14_400], jitter: (0.0, 0.9), ..SYMMETRIC },
        role: Role::Operations,
        programs: &[&SCANNER],
        of_a_hundred: 8.0,
        ..POLLER
    },
    Family {
        name: "build",
        beat: Beat { periods: &[900, 3_600], jitter: (0.5, 0.9), ..SYMMETRIC },
        role: Role::Build,
        form: Form::Tasked,
        programs: &[&NODE, &CURL],
        bytes_up: 20_000..=900_000,
        of_a_hundred: 4.0,
        ..POLLER
    },
    Family {
        name: "robot",
        beat: Beat { periods: &[120, 600], schedule: Schedule::Office, ..SYMMETRIC },
        programs: &[&ROBOT],
        of_a_hundred: 2.0,
        ..POLLER
    },
    Family {
        name: "developer",
        beat: Beat { periods: &[30, 60, 300], schedule: Schedule::WithTheUser, ..SYMMETRIC },
        role: Role::Developer,
        programs: &[&NODE_AT_WORK, &PYTHON, &CURL],
        of_a_hundred: 4.0,
        ..POLLER
    },
    // Benign, rare, and known to nobody.
    Family {
        name: "unlisted-developer",
        nature: Nature::Unsanctioned,
        beat: Beat { periods: &[60, 300], schedule: Schedule::WithTheUser, ..SYMMETRIC },
        role: Role::Developer,
        programs: &[&NODE_AT_WORK, &PYTHON],
        of_a_hundred: 1.0,
        ..POLLER
    },
    Family {
        name: "unlisted-server",
        nature: Nature::Unsanctioned,
        beat: Beat { periods: &[300, 3_600], shape: Jitter::Grid, ..SYMMETRIC },
        programs: &[&BACKUP_AGENT, &MONITOR],
        of_a_hundred: 1.0,
        ..POLLER
    },
    Family {
        name: "trade-application",
        nature: Nature::Unsanctioned,
        beat: Beat { periods: &[300, 1_800], schedule: Schedule::WithTheUser, ..SYMMETRIC },
        role: Role::Workstation,
        hosts: 1..=4,
        programs: &[&TRADE_APPLICATION, &NOTES],
        of_a_hundred: 4.0,
        ..POLLER
    },
    Family {
        name: "tray-tool",
        nature: Nature::Unsanctioned,
        beat: Beat { periods: &[900, 3_600, 14_400], schedule: Schedule::Daytime, ..SYMMETRIC },
        role: Role::Workstation,
        hosts: 1..=2,
        programs: &[&NOTES, &FILE_SYNC],
        of_a_hundred: 2.0,
        ..POLLER
    },
    // Benign and usual.
    Family {
        name: "application-of-a-team",
        nature: Nature::Usual,
        beat: Beat { periods: &[60, 300, 900], schedule: Schedule::WithTheUser, ..SYMMETRIC },
        role: Role::Workstation,
        hosts: 3..=15,
        programs: &[&TRADE_APPLICATION, &CHAT, &NOTES],
        of_a_hundred: 5.0,
        ..POLLER
    },
    Family {
        name: "update-check",
        nature: Nature::Usual,
        beat: Beat { periods: &[14_400, 43_200, 86_400], jitter: (0.0, 0.3), ..SYMMETRIC },
        role: Role::Workstation,
        hosts: 2..=40,
        programs: &[&FILE_SYNC, &NOTES, &ACME_AGENT],
        of_a_hundred: 5.0,
        ..POLLER
    },
    Family {
        name: "dashboard-tab",
        nature: Nature::Usual,
        beat: Beat {
            periods: &[15, 30, 60, 300],
            jitter: (0.0, 0.1),
            schedule: Schedule::WithTheUser,
            ..SYMMETRIC
        },
        role: Role::Workstation,
        hosts: 1..=3,
        lasts: 2..=30,
        programs: &[&CHROME, &EDGE],
        of_a_hundred: 25.0,
        ..POLLER
    },
    Family {
        name: "application-telemetry",
        nature: Nature::Usual,
        beat: Beat { periods: &[600, 900], schedule: Schedule::WithTheUser, ..SYMMETRIC },
        role: Role::Workstation,
        hosts: 40..=90,
        programs: &[&CHAT, &FILE_SYNC],
        of_a_hundred: 2.0,
        ..POLLER
    },
    Family {
        name: "management-agent",
        nature: Nature::Usual,
        beat: Beat { periods: &[900], schedule: Schedule::WithTheUser, ..SYMMETRIC },
        role: Role::Workstation,
        hosts: 10_000..=10_000,
        programs: &[&ACME_AGENT],
        of_a_hundred: 0.0,
        ..POLLER
    },
    Family {
        name: "script-of-a-sheet",
        nature: Nature::Usual,
        beat: Beat { periods: &[600, 3_600], schedule: Schedule::WithTheUser, ..SYMMETRIC },
        role: Role::Workstation,
        hosts: 1..=5,
        talks_to: TalksTo::Script,
        programs: &[&CHROME, &EDGE],
        of_a_hundred: 4.0,
        ..POLLER
    },
    // No endpoints.
    Family {
        name: "trap",
        nature: Nature::Trap,
        beat: Beat { periods: &[60, 300, 900], ..SYMMETRIC },
        talks_to: TalksTo::Trap,
        role: Role::Workstation,
        hosts: 1..=4,
        programs: &[&TRADE_APPLICATION, &CHROME, &PYTHON],
        of_a_hundred: 4.0,
        ..POLLER
    },
    Family {
        name: "control-plane",
        nature: Nature::Trap,
        beat: Beat { periods: &[60, 900], ..SYMMETRIC },
        talks_to: TalksTo::ControlPlane,
        role: Role::Build,
        programs: &[&NODE, &CURL],
        of_a_hundred: 3.0,
        ..POLLER
    },
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn families_have_names_of_their_own_and_attacks_come_first() {
        let names: BTreeSet<_> = FAMILIES.iter().map(|family| family.name).collect();
        assert_eq!(names.len(), FAMILIES.len());
        assert!(FAMILIES.iter().map(|family| family.nature != Nature::Attack).is_sorted());
        assert!(FAMILIES.iter().all(|family| !family.programs.is_empty()));
    }
}
