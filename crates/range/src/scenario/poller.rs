//! A benign poller alone: what a detector of rhythm alone would raise.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use super::{Activity, Host, Intent, MONDAY_MORNING, Scenario, Sensor, Tap, call, minutes};
use crate::{Timing, names, programs};

/// The built-in scenario `poller`.
pub(super) fn scenario() -> Scenario {
    Scenario {
        name: "poller",
        description: "one server whose backup agent polls its own Cloud Run service: benign",
        start: MONDAY_MORNING,
        duration: minutes(8 * 60),
        hosts: vec![Arc::new(backup_server())],
        activities: vec![backup()],
    }
}

/// The server. Nobody ships its Sysmon log; it was exported by hand.
pub(super) fn backup_server() -> Host {
    Host {
        name: "backup-01".to_owned(),
        address: Ipv4Addr::new(10, 20, 0, 21),
        user: "svc-backup".to_owned(),
        sensor: Sensor::SysmonExport,
        tap: Tap::Zeek,
    }
}

/// Benign because it is what the server is for: an installed service asks every ten minutes
/// whether a backup is due. It is one host and a regular beat, so only context can tell.
pub(super) fn backup() -> Activity {
    Activity {
        name: "backup",
        intent: Intent::Twin,
        hosts: vec![backup_server().name],
        program: &programs::BACKUP_AGENT,
        begins: Duration::ZERO,
        lasts: minutes(8 * 60),
        timing: Timing::Timer { period: minutes(10) },
        visits: vec![call(names::CLOUD_RUN, 1_700..=1_800, 2_900..=3_100)],
    }
}
