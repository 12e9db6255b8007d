//! Hunts in one store with one executor and with two, and tells the ratio.
//!
//! Each executor has one core, and all processes are on this machine: what is measured is how the work
//! is shared out, where processors are what is scarce. The machine needs two idle cores at least, and
//! the store enough rows: what a hunt waits for, planning and judging, is the same with any number.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::Instant;

use anyhow::{Context, bail};

use super::release;

/// How often a hunt runs on each cluster, by turns, so that whatever else the machine does at a time
/// disturbs both. The median counts. One hunt goes before, for files are read from disk once.
const RUNS: usize = 5;

/// The line for each number of executors, and their ratio.
pub(super) fn run(store: &str, binary: Option<&str>) -> anyhow::Result<()> {
    let binary = match binary {
        Some(binary) => binary.into(),
        None => release::binary_of("coldtrail-cluster")?,
    };
    let clusters = [Cluster::start(&binary, 1)?, Cluster::start(&binary, 2)?];
    let mut took = [Vec::new(), Vec::new()];
    for _ in 0..=RUNS {
        for (cluster, took) in clusters.iter().zip(&mut took) {
            took.push(cluster.seconds(store)?);
        }
    }
    println!("| executors | seconds, median | each |\n|---|---|---|");
    let [one, two] = took.map(|took| took.get(1..).unwrap_or_default().to_vec());
    let (one, two) = (told(1, one), told(2, two));
    println!("\ntwo executors are {:.2} times as fast as one", one / two);
    Ok(())
}

/// Tells how long the hunts took, and gives the median.
fn told(executors: usize, mut seconds: Vec<f64>) -> f64 {
    let each: Vec<String> = seconds.iter().map(|seconds| format!("{seconds:.2}")).collect();
    seconds.sort_by(f64::total_cmp);
    let median = seconds.get(seconds.len() / 2).copied().unwrap_or(f64::NAN);
    println!("| {executors} | {median:.2} | {} |", each.join(", "));
    median
}

/// A scheduler and its executors.
struct Cluster {
    binary: PathBuf,
    address: String,
    _nodes: Vec<Node>,
}

impl Cluster {
    fn start(binary: &Path, executors: usize) -> anyhow::Result<Self> {
        let (scheduler, line) = node(binary, &["scheduler", "--listen", "127.0.0.1:0"])?;
        let address =
            line.split_whitespace().next_back().context("the scheduler has no address")?;
        let mut nodes = vec![scheduler];
        for _ in 0..executors {
            nodes.push(node(binary, &["executor", "--cores", "1", "--scheduler", address])?.0);
        }
        Ok(Self { binary: binary.to_owned(), address: address.to_owned(), _nodes: nodes })
    }

    /// How long a hunt takes.
    fn seconds(&self, store: &str) -> anyhow::Result<f64> {
        let start = Instant::now();
        let status = Command::new(&self.binary)
            .args(["hunt", "--cluster", &self.address, "--store", store])
            .stdout(Stdio::null())
            .status()
            .context("cannot hunt")?;
        if !matches!(status.code(), Some(0 | 1)) {
            bail!("the hunt ended with {status}");
        }
        Ok(start.elapsed().as_secs_f64())
    }
}

/// A process that is ended when the measurement is over.
struct Node {
    child: Child,
    /// Held open, for a node that writes into a closed pipe.
    _said: BufReader<ChildStderr>,
}

impl Drop for Node {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _gone = self.child.wait();
    }
}

/// Starts a node, and waits for the line in which it says that it is there.
fn node(binary: &Path, arguments: &[&str]) -> anyhow::Result<(Node, String)> {
    let mut child = Command::new(binary)
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .context("cannot start a node")?;
    let mut said = BufReader::new(child.stderr.take().context("a node cannot be heard")?);
    let mut line = String::new();
    said.read_line(&mut line).context("a node says nothing")?;
    Ok((Node { child, _said: said }, line))
}
