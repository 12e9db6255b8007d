//! Which programs run on which host, since when, and who started them.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use coldtrail_model::Timestamp;

use crate::timing::before;
use crate::{Account, Host, Program, Random, Start, names};

/// A program at work on one host.
#[derive(Debug, PartialEq)]
pub struct RunningProcess {
    /// The host.
    pub host: Arc<Host>,
    /// What runs.
    pub program: &'static Program,
    /// When it started.
    pub started: Timestamp,
    /// Its number; a multiple of four, as Windows deals them.
    pub pid: u64,
    /// Who started it.
    pub parent: Option<Arc<RunningProcess>>,
}

impl RunningProcess {
    /// The image's path, with the user's name in it.
    pub fn image(&self) -> String {
        self.expand(self.program.image)
    }

    /// The command line, with the user's name in it.
    pub fn command_line(&self) -> String {
        self.expand(self.program.command_line)
    }

    /// The account's domain.
    pub fn account_domain(&self) -> &'static str {
        match self.program.account {
            Account::System => "NT AUTHORITY",
            Account::User => names::NETBIOS_DOMAIN,
        }
    }

    /// The account's name.
    pub fn account_name(&self) -> &str {
        match self.program.account {
            Account::System => "SYSTEM",
            Account::User => &self.host.user,
        }
    }

    fn expand(&self, text: &str) -> String {
        text.replace("%USERNAME%", &self.host.user)
    }
}

/// The processes of all hosts: one for each program that a host needs.
pub(crate) struct Processes {
    running: BTreeMap<(Ipv4Addr, &'static str), Arc<RunningProcess>>,
    next_pid: BTreeMap<Ipv4Addr, u64>,
    logs_begin: Timestamp,
    random: Random,
}

impl Processes {
    /// No process yet. What runs since before the logs began started in the hour before.
    pub(crate) fn new(logs_begin: Timestamp, random: Random) -> Processes {
        Processes { running: BTreeMap::new(), next_pid: BTreeMap::new(), logs_begin, random }
    }

    /// The process of a program on a host, which is started, with its parents, if it is the first
    /// time that it is needed. So first needs must come in the order of time.
    pub(crate) fn need(
        &mut self,
        host: &Arc<Host>,
        program: &'static Program,
        needed: Timestamp,
    ) -> Arc<RunningProcess> {
        let key = (host.address, program.command_line);
        if let Some(process) = self.running.get(&key) {
            return Arc::clone(process);
        }
        let mut random = self.random.fork(&host.name).fork(program.command_line);
        let started = match program.start {
            Start::BeforeTheLogs => before(
                self.logs_begin,
                Duration::from_millis(random.between(&(60_000..=3_600_000))),
            ),
            Start::WhenNeeded => {
                before(needed, Duration::from_micros(random.between(&(400_000..=2_500_000))))
            }
        };
        let parent = program.parent.map(|parent| self.need(host, parent, started));
        let pid = self.next_pid(host.address, program, &mut random);
        let process = RunningProcess { host: Arc::clone(host), program, started, pid, parent };
        let process = Arc::new(process);
        self.running.insert(key, Arc::clone(&process));
        process
    }

    /// Every process, in the order of their starts.
    pub(crate) fn finish(self) -> Vec<Arc<RunningProcess>> {
        let mut processes: Vec<_> = self.running.into_values().collect();
        processes.sort_by(|left, right| {
            (left.started, &left.host.name, left.pid).cmp(&(
                right.started,
                &right.host.name,
                right.pid,
            ))
        });
        processes
    }

    fn next_pid(&mut self, host: Ipv4Addr, program: &Program, random: &mut Random) -> u64 {
        const KERNEL: u64 = 4;
        if program.is_kernel() {
            return KERNEL;
        }
        let next = self.next_pid.entry(host).or_insert(600);
        *next += 4 * random.between(&(1..=250));
        *next
    }
}
