//! Real nodes: processes of the binary on free ports of loopback, which end with the test.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// A node must be up within this time: the machine may be busy with other tests.
const START: Duration = Duration::from_secs(30);

/// No hunt of a test takes longer than this.
pub(crate) const LIMIT: Duration = Duration::from_secs(90);

/// The binary, in an environment that names no object store and no proxy.
pub(crate) fn binary() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_coldtrail-cluster"));
    for (name, _) in std::env::vars() {
        let lower = name.to_lowercase();
        if lower.starts_with("aws_") || lower.starts_with("coldtrail_") || lower.ends_with("_proxy")
        {
            command.env_remove(name);
        }
    }
    command
}

/// A process that is killed at the end.
pub(crate) struct Node {
    child: Child,
    said: Arc<Mutex<Vec<String>>>,
}

impl Node {
    /// Starts a command, and gathers what it says.
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child =
            command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("a process");
        let stderr = child.stderr.take().expect("a pipe");
        let said = Arc::new(Mutex::new(Vec::new()));
        let gathered = Arc::clone(&said);
        thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                gathered.lock().expect("a lock").push(line);
            }
        });
        Self { child, said }
    }

    /// What it said so far.
    pub(crate) fn said(&self) -> String {
        self.said.lock().expect("a lock").join("\n")
    }

    /// Waits for a line that holds the text.
    pub(crate) fn wait_for(&mut self, text: &str) -> String {
        let end = Instant::now() + START;
        loop {
            let found =
                self.said.lock().expect("a lock").iter().find(|line| line.contains(text)).cloned();
            if let Some(line) = found {
                return line;
            }
            assert!(Instant::now() < end, "no {text:?} in: {}", self.said());
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits for the end, and gives the exit code.
    pub(crate) fn end(&mut self) -> Option<i32> {
        let end = Instant::now() + START;
        loop {
            if let Some(status) = self.child.try_wait().expect("a process") {
                thread::sleep(Duration::from_millis(50));
                return status.code();
            }
            assert!(Instant::now() < end, "still there: {}", self.said());
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Kills it at once: SIGKILL where there are signals.
    pub(crate) fn kill(&mut self) {
        self.child.kill().expect("a process");
        self.child.wait().expect("a process");
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _gone = self.child.wait();
    }
}

/// A scheduler and its executors, with settings that all of them share.
pub(crate) struct Cluster {
    pub(crate) address: String,
    pub(crate) scheduler: Node,
    pub(crate) executors: Vec<Node>,
    pub(crate) work: tempfile::TempDir,
    environment: Vec<(String, String)>,
    key: Option<PathBuf>,
}

impl Cluster {
    pub(crate) fn start(
        executors: usize,
        environment: &[(&str, &str)],
        key: Option<&Path>,
    ) -> Self {
        let environment: Vec<(String, String)> = environment
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let work = tempfile::tempdir().expect("a folder");
        let mut command = binary();
        command.args(["scheduler", "--listen", "127.0.0.1:0"]).envs(environment.clone());
        command.args(key.iter().flat_map(|key| [Path::new("--key"), *key]));
        let mut scheduler = Node::start(&mut command);
        let line = scheduler.wait_for(" at df://");
        let address = line.rsplit(' ').next().expect("an address").to_owned();
        let key = key.map(Path::to_owned);
        let mut cluster =
            Self { address, scheduler, executors: Vec::new(), work, environment, key };
        for number in 0..executors {
            let mut executor = Node::start(&mut cluster.executor(number));
            executor.wait_for(" serves df://");
            cluster.executors.push(executor);
        }
        cluster
    }

    /// The command of an executor that serves this cluster.
    pub(crate) fn executor(&self, number: usize) -> Command {
        let mut command = self.command("executor");
        let folder = self.work_of(number);
        std::fs::create_dir_all(&folder).expect("a folder");
        command.args(["--scheduler", &self.address, "--cores", "1", "--work-dir"]).arg(folder);
        command
    }

    /// Where an executor keeps its rows.
    pub(crate) fn work_of(&self, number: usize) -> PathBuf {
        self.work.path().join(number.to_string())
    }

    /// The command of a hunt in a store on this cluster.
    pub(crate) fn hunt(&self, store: &str) -> Command {
        let mut command = self.command("hunt");
        command.args(["--cluster", &self.address, "--store", store, "--now", "2026-04-14"]);
        command
    }

    fn command(&self, role: &str) -> Command {
        let mut command = binary();
        command.arg(role).envs(self.environment.clone());
        command.args(self.key.iter().flat_map(|key| [Path::new("--key"), key]));
        command
    }
}

/// What a hunt gave.
#[derive(Debug)]
pub(crate) struct Hunted {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) took: Duration,
}

impl Hunted {
    /// The findings as they stand in the report.
    pub(crate) fn findings(&self) -> String {
        let report: serde_json::Value = serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("no report ({error}): {self:?}"));
        report["findings"].to_string()
    }
}

/// Runs a hunt to its end, within bounds.
pub(crate) fn run(command: &mut Command) -> Hunted {
    finish(begin(command))
}

/// A hunt that is going on.
pub(crate) struct Going {
    child: Child,
    stdout: thread::JoinHandle<String>,
    stderr: thread::JoinHandle<String>,
    since: Instant,
}

pub(crate) fn begin(command: &mut Command) -> Going {
    let mut child =
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("a process");
    let stdout = gather(child.stdout.take().expect("a pipe"));
    let stderr = gather(child.stderr.take().expect("a pipe"));
    Going { child, stdout, stderr, since: Instant::now() }
}

pub(crate) fn finish(going: Going) -> Hunted {
    let Going { mut child, stdout, stderr, since } = going;
    while child.try_wait().expect("a process").is_none() {
        if since.elapsed() > LIMIT {
            child.kill().expect("a process");
            let said = stderr.join().expect("a thread");
            panic!("the hunt did not end within {LIMIT:?}: {said}");
        }
        thread::sleep(Duration::from_millis(20));
    }
    let took = since.elapsed();
    Hunted {
        code: child.wait().expect("a process").code(),
        stdout: stdout.join().expect("a thread"),
        stderr: stderr.join().expect("a thread"),
        took,
    }
}

fn gather(mut pipe: impl Read + Send + 'static) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut text = String::new();
        let _cut_short = pipe.read_to_string(&mut text);
        text
    })
}
