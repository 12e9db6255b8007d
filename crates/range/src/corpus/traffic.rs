//! Who talks to whom in a corpus, one exchange after the other.

use std::net::Ipv4Addr;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use coldtrail_model::Timestamp;

use super::Corpus;
use super::sites::{BEACONS, Beacon, ORDINARY, POPULAR};
use crate::network::{Intention, Network};
use crate::processes::Processes;
use crate::scenario::MONDAY_MORNING;
use crate::timing::after;
use crate::{Exchange, Host, Intent, Program, Random, Sensor, Tap, Wire, names, programs};

/// With so many exchanges, or fewer, a corpus lasts a working day.
const A_DAY: f64 = 2_000_000.0;

/// Exchanges a second in the busiest hour of such a day.
const BUSIEST: f64 = 82.0;

/// How many computers there are in such a corpus, and at least.
const HOSTS: f64 = 3_000.0;
const FEWEST_HOSTS: f64 = 1_000.0;

/// How busy the hours of the day are, from midnight on.
const LOAD: [f64; 24] = [
    0.32, 0.29, 0.28, 0.28, 0.30, 0.35, 0.43, 0.58, 0.83, 1.00, 0.97, 0.91, 0.66, 0.76, 0.94, 0.96,
    0.87, 0.70, 0.56, 0.50, 0.47, 0.43, 0.39, 0.35,
];

/// The network at work.
pub(super) struct Traffic {
    random: Random,
    hosts: Vec<Arc<Host>>,
    processes: Processes,
    network: Network,
    implants: Vec<Implant>,
    /// When the next exchange of a person or program comes that is no beacon.
    next: Timestamp,
    /// Exchanges a second in the busiest hour.
    busiest: f64,
    /// When the network was last told to forget.
    forgotten: Timestamp,
    serverless_share: f64,
    carried: u64,
    serverless: u64,
}

/// A beacon at work on a computer.
struct Implant {
    beacon: &'static Beacon,
    host: Arc<Host>,
    random: Random,
    /// When it polls next, and how often until it falls silent.
    next: Timestamp,
    left: u64,
}

/// A way in which computers talk.
struct Habit {
    /// How many of a hundred exchanges are like this.
    percent: u64,
    /// Who does it: one of these, depending on the computer.
    programs: [&'static Program; 2],
    wire: Wire,
    bytes_up: RangeInclusive<u64>,
    bytes_down: RangeInclusive<u64>,
    microseconds: RangeInclusive<u64>,
}

static HABITS: [Habit; 7] = [
    BROWSING,
    Habit {
        percent: 8,
        programs: [&programs::OUTLOOK, &programs::SVCHOST],
        bytes_up: 1_500..=40_000,
        bytes_down: 3_000..=600_000,
        ..BROWSING
    },
    Habit {
        percent: 11,
        programs: [&programs::FILE_SYNC, &programs::CHAT],
        bytes_up: 1_500..=900_000,
        bytes_down: 2_500..=900_000,
        microseconds: 500_000..=600_000_000,
        ..BROWSING
    },
    Habit { percent: 8, wire: Wire::Http { path: "/" }, ..BROWSING },
    Habit {
        percent: 14,
        programs: [&programs::SVCHOST, &programs::OUTLOOK],
        wire: Wire::Http { path: "/updates/manifest.json" },
        bytes_up: 180..=260,
        bytes_down: 400..=60_000,
        microseconds: 30_000..=400_000,
    },
    Habit {
        percent: 10,
        programs: [&programs::LSASS, &programs::LSASS],
        wire: Wire::Kerberos,
        bytes_up: 1_500..=2_800,
        bytes_down: 1_500..=3_200,
        microseconds: 1_000..=60_000,
    },
    Habit {
        percent: 10,
        programs: [&programs::SYSTEM, &programs::SYSTEM],
        wire: Wire::Smb,
        bytes_up: 3_000..=400_000,
        bytes_down: 3_000..=900_000,
        microseconds: 1_000..=60_000_000,
    },
];

const BROWSING: Habit = Habit {
    percent: 39,
    programs: [&programs::CHROME, &programs::EDGE],
    wire: Wire::Tls,
    bytes_up: 1_200..=12_000,
    bytes_down: 4_000..=900_000,
    microseconds: 900_000..=90_000_000,
};

/// What an implant does, whatever its program: a short question, a short answer.
const POLLING: Habit = Habit {
    percent: 0,
    programs: [&programs::POWERSHELL, &programs::RUNDLL32],
    wire: Wire::Tls,
    bytes_up: 1_200..=1_450,
    bytes_down: 2_900..=3_400,
    microseconds: 120_000..=900_000,
};

impl Traffic {
    pub(super) fn new(corpus: &Corpus) -> Traffic {
        let exchanges = corpus.size as f64 / corpus.form.bytes_an_exchange();
        let load = (exchanges / A_DAY).min(1.0);
        let random = Random::new(corpus.seed).fork("corpus");
        let hosts: Vec<_> =
            (0..(HOSTS * load).max(FEWEST_HOSTS) as u16).map(|it| Arc::new(host(it))).collect();
        Traffic {
            processes: Processes::new(MONDAY_MORNING, random.fork("processes")),
            network: Network::new(random.fork("network")),
            implants: implants(exchanges * corpus.serverless, &hosts, &random.fork("implants")),
            hosts,
            next: after(MONDAY_MORNING, Duration::from_secs(1)),
            busiest: BUSIEST * load,
            forgotten: MONDAY_MORNING,
            serverless_share: corpus.serverless,
            carried: 0,
            serverless: 0,
            random,
        }
    }

    /// How many exchanges there were, and how many of them with serverless names.
    pub(super) fn carried(&self) -> (u64, u64) {
        (self.carried, self.serverless)
    }

    fn intention(&mut self) -> Option<Intention> {
        let time = self.next;
        let working = self.implants.iter_mut().filter(|implant| implant.left > 0);
        if let Some(first) = working.min_by_key(|implant| implant.next)
            && first.next < time
        {
            let (time, host, beacon) = (first.poll(), Arc::clone(&first.host), first.beacon);
            self.serverless += 1;
            let activity = ("beacon", Intent::Attack);
            return Some(self.intend(&POLLING, time, host, beacon.program, beacon.name, activity));
        }
        self.next = after(time, self.pause());
        self.ordinary(time)
    }

    /// Something that people and their programs do. They browse a serverless service whenever these
    /// had less than their share until now.
    fn ordinary(&mut self, time: Timestamp) -> Option<Intention> {
        let behind = self.serverless_share * self.carried as f64 - self.serverless as f64;
        let (habit, name) = if behind > 0.0 {
            self.serverless += 1;
            (&BROWSING, self.random.favourite(&POPULAR)?.as_str())
        } else {
            let habit = self.habit()?;
            (habit, self.name(habit.wire)?)
        };
        let host = Arc::clone(self.random.favourite(&self.hosts)?);
        let [.., last] = host.address.octets();
        let program = habit.programs[usize::from(last % 2)];
        Some(self.intend(habit, time, host, program, name, ("office", Intent::Ordinary)))
    }

    /// A name that is no serverless one.
    fn name(&mut self, wire: Wire) -> Option<&'static str> {
        match wire {
            Wire::Kerberos => Some(names::DOMAIN_CONTROLLER),
            Wire::Smb => Some(names::FILE_SERVER),
            Wire::Tls | Wire::Http { .. } => {
                let rank = self.random.skewed(&(0..=ORDINARY.len() as u64 - 1));
                ORDINARY.get(rank as usize).map(String::as_str)
            }
        }
    }

    /// One of the habits, each as often as it should be.
    fn habit(&mut self) -> Option<&'static Habit> {
        let mut left = self.random.between(&(1..=100));
        HABITS.iter().find(|habit| {
            let is_it = left <= habit.percent;
            left = left.saturating_sub(habit.percent);
            is_it
        })
    }

    fn intend(
        &mut self,
        habit: &Habit,
        time: Timestamp,
        host: Arc<Host>,
        program: &'static Program,
        name: &'static str,
        activity: (&'static str, Intent),
    ) -> Intention {
        Intention {
            time,
            duration: Duration::from_micros(self.random.skewed(&habit.microseconds)),
            host,
            program,
            name,
            wire: habit.wire,
            path: habit.wire.path(),
            bytes_up: self.random.skewed(&habit.bytes_up),
            bytes_down: self.random.skewed(&habit.bytes_down),
            activity,
        }
    }

    /// How long it takes until the next exchange.
    fn pause(&mut self) -> Duration {
        let hour = (self.next.microseconds() / HOUR).rem_euclid(24) as usize;
        let load = LOAD.get(hour).copied().unwrap_or(1.0);
        Duration::from_secs_f64(2.0 * self.random.fraction() / (self.busiest * load))
    }

    /// Has the network drop what is out of date, lest memory grow with the length of the logs.
    fn forget(&mut self, now: Timestamp) {
        if now.microseconds() - self.forgotten.microseconds() >= HOUR {
            self.network.forget_expired(now);
            self.forgotten = now;
        }
    }
}

/// Exchanges in the order of time, without an end.
impl Iterator for Traffic {
    type Item = Exchange;

    fn next(&mut self) -> Option<Exchange> {
        let intention = self.intention()?;
        self.carried += 1;
        self.forget(intention.time);
        let process = self.processes.need(&intention.host, intention.program, intention.time);
        Some(self.network.carry(intention, process))
    }
}

/// In microseconds.
const HOUR: i64 = 3_600_000_000;

/// The computer of that number.
fn host(number: u16) -> Host {
    let (network, place) = ((number / 250) as u8, (number % 250) as u8);
    Host {
        name: format!("ws-{number:04}"),
        address: Ipv4Addr::new(10, 20, 1 + network, 2 + place),
        user: format!("u{}", 10_000 + u32::from(number)),
        sensor: Sensor::Defender,
        tap: Tap::Zeek,
    }
}

/// Which beacon polls from which computer. All of them together have at most half of the serverless
/// exchanges; where that is little, they fall silent before the logs end.
fn implants(serverless: f64, hosts: &[Arc<Host>], random: &Random) -> Vec<Implant> {
    let polls = (serverless / 2.0 / BEACONS.len() as f64) as u64;
    let implants = BEACONS.iter().filter_map(|beacon| {
        let mut random = random.fork(beacon.name);
        let host = Arc::clone(random.favourite(hosts)?);
        let next = after(MONDAY_MORNING, beacon.period.mul_f64(1.0 + random.fraction()));
        Some(Implant { beacon, host, random, next, left: polls })
    });
    implants.collect()
}

impl Implant {
    /// Polls: says when, and sleeps until the next time.
    fn poll(&mut self) -> Timestamp {
        let time = self.next;
        let deviation = self.beacon.jitter * (2.0 * self.random.fraction() - 1.0);
        self.next = after(time, self.beacon.period.mul_f64(1.0 + deviation));
        self.left = self.left.saturating_sub(1);
        time
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::Form;

    #[test]
    fn habits_make_up_all_of_the_traffic() {
        assert_eq!(HABITS.iter().map(|habit| habit.percent).sum::<u64>(), 100);
    }

    #[test]
    fn exchanges_come_in_the_order_of_time() {
        let form = Form::ZeekTabSeparated;
        let corpus = Corpus { size: 1 << 22, seed: 1, form, serverless: 0.02 };
        let times: Vec<_> = Traffic::new(&corpus).take(5_000).map(|it| it.time).collect();
        assert_eq!(times.len(), 5_000);
        assert!(times.is_sorted());
    }
}
