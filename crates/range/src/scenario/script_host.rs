//! An attack alone: a script host that polls a Worker. A detector that stays silent here is broken.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use super::{Activity, Host, Intent, MONDAY_MORNING, Scenario, Sensor, Tap, call, minutes};
use crate::{Timing, names, programs};

/// The built-in scenario `script-host`.
pub(super) fn scenario() -> Scenario {
    let host = Host {
        name: "ws-07".to_owned(),
        address: Ipv4Addr::new(10, 20, 1, 107),
        user: "a.rivera".to_owned(),
        sensor: Sensor::Sysmon,
        tap: Tap::Zeek,
    };
    Scenario {
        name: "script-host",
        description: "one workstation where PowerShell, started by Word, polls a Worker: the \
                      attack alone",
        start: MONDAY_MORNING,
        duration: minutes(4 * 60),
        hosts: vec![Arc::new(host)],
        activities: vec![attack(minutes(10))],
    }
}

/// PowerShell without a window, started by a macro, asks a Worker for work every minute for three
/// hours: little goes up, little comes down.
pub(super) fn attack(begins: Duration) -> Activity {
    Activity {
        name: "implant in PowerShell",
        intent: Intent::Attack,
        hosts: vec!["ws-07".to_owned()],
        program: &programs::POWERSHELL,
        begins,
        lasts: minutes(3 * 60),
        timing: Timing::Sleep { period: minutes(1), jitter: 0.2, missed: 0.0 },
        visits: vec![call(names::WORKER, 1_150..=1_240, 2_780..=2_960)],
    }
}
