//! What happened: a scenario played once with a seed.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use coldtrail_model::Timestamp;

use crate::network::{Intention, Network};
use crate::processes::Processes;
use crate::timing::after;
use crate::{Activity, Exchange, Host, Intent, Random, RunningProcess, Scenario};

/// Everything that happened, before any sensor looked at it.
#[derive(Clone, Debug, PartialEq)]
pub struct Timeline {
    /// The scenario's name.
    pub scenario: &'static str,
    /// When the logs begin.
    pub start: Timestamp,
    /// When they end.
    pub end: Timestamp,
    /// Every process, in the order of their starts.
    pub processes: Vec<Arc<RunningProcess>>,
    /// Every connection, in the order of their first packets.
    pub exchanges: Vec<Exchange>,
}

/// One line of what an evaluation holds findings against: who talked to whom, and whether that was
/// the attack.
#[derive(Clone, Debug, PartialEq)]
pub struct Truth {
    /// The activity of the scenario.
    pub activity: &'static str,
    /// What the activity is.
    pub intent: Intent,
    /// The host's whole name.
    pub host: String,
    /// The user of the host.
    pub user: String,
    /// The file name of the image.
    pub process: &'static str,
    /// The name that was contacted.
    pub name: &'static str,
    /// The first connection.
    pub first: Timestamp,
    /// The last connection.
    pub last: Timestamp,
    /// How many connections there were.
    pub exchanges: u64,
}

impl Timeline {
    /// Who talked to whom, the attacks first, then by activity, host and name. It is told apart
    /// from the logs, which an evaluation must not let a hunt see.
    pub fn truth(&self) -> Vec<Truth> {
        let mut truths: BTreeMap<_, Truth> = BTreeMap::new();
        for exchange in &self.exchanges {
            let (activity, intent) = exchange.activity;
            let host = &exchange.process.host;
            let key = (intent, activity, host.name.as_str(), exchange.name);
            let truth = truths.entry(key).or_insert_with(|| Truth {
                activity,
                intent,
                host: host.full_name(),
                user: host.user.clone(),
                process: exchange.process.program.file_name(),
                name: exchange.name,
                first: exchange.time,
                last: exchange.time,
                exchanges: 0,
            });
            truth.last = exchange.time;
            truth.exchanges += 1;
        }
        truths.into_values().collect()
    }
}

/// Plays a scenario. The same scenario and seed give the same timeline, on every platform.
pub fn simulate(scenario: &Scenario, seed: u64) -> Timeline {
    let random = Random::new(seed).fork(scenario.name);
    let end = after(scenario.start, scenario.duration);
    let mut intentions = Vec::new();
    for activity in &scenario.activities {
        for host in scenario.hosts.iter().filter(|host| activity.hosts.contains(&host.name)) {
            let random = random.fork(activity.name).fork(&host.name);
            intentions.extend(intend(activity, host, scenario.start, end, random));
        }
    }
    play(scenario.name, (scenario.start, end), intentions, &random)
}

/// Has the network carry what is wanted of it.
pub(crate) fn play(
    scenario: &'static str,
    (start, end): (Timestamp, Timestamp),
    mut intentions: Vec<Intention>,
    random: &Random,
) -> Timeline {
    // The sort is stable, so that what falls on one microsecond keeps the scenario's order.
    intentions.sort_by_key(|intention| intention.time);

    let mut processes = Processes::new(start, random.fork("processes"));
    let mut network = Network::new(random.fork("network"));
    let exchanges = intentions.into_iter().map(|intention| {
        let process = processes.need(&intention.host, intention.program, intention.time);
        network.carry(intention, process)
    });
    let exchanges = exchanges.collect();
    let processes = processes.finish();
    Timeline { scenario, start, end, processes, exchanges }
}

/// What an activity wants of the network on a host. A connection that is still open is used again,
/// so only new connections are wanted.
fn intend(
    activity: &Activity,
    host: &Arc<Host>,
    start: Timestamp,
    end: Timestamp,
    mut random: Random,
) -> Vec<Intention> {
    let from = after(start, activity.begins);
    let until = after(from, activity.lasts).min(end);
    let mut open_until: BTreeMap<&'static str, Timestamp> = BTreeMap::new();
    let mut intentions = Vec::new();
    for mut time in activity.timing.times(from, until, &mut random) {
        let Some(visit) = random.favourite(&activity.visits) else { break };
        for request in &visit.requests {
            if open_until.get(request.name).is_some_and(|until| time < *until) {
                continue;
            }
            let duration = Duration::from_micros(random.skewed(&request.microseconds));
            open_until.insert(request.name, after(time, duration));
            intentions.push(Intention {
                time,
                duration,
                host: Arc::clone(host),
                program: activity.program,
                name: request.name,
                wire: request.wire,
                path: request.wire.path(),
                bytes_up: random.skewed(&request.bytes_up),
                bytes_down: random.skewed(&request.bytes_down),
                activity: (activity.name, activity.intent),
            });
            // A page takes a moment to name what it embeds.
            time = after(time, Duration::from_micros(random.between(&(20_000..=250_000))));
        }
    }
    intentions
}
