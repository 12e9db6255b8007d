//! Hunts in one store with one executor and with two, and tells the ratio.
//!
//! Each executor has one core, and all processes are on this machine: what is measured is how the work
//! is shared out, where processors are what is scarce. The machine needs two idle cores at least.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::Instant;

use anyhow::{Context, bail};

use super::release;

/// How often each hunt runs; the fastest counts, since whatever disturbs makes slower.
const RUNS: usize = 4;

/// The line for each number of executors, and their ratio.
pub(super) fn run(store: &str, binary: Option<&str>) -> anyhow::Result<()> {
    let binary = match binary {
        Some(binary) => binary.into(),
        None => release::binary_of("coldtrail-cluster")?,
    };
    println!("| executors | seconds |\n|---|---|");
    let one = seconds(&binary, store, 1)?;
    println!("| 1 | {one:.2} |");
    let two = seconds(&binary, store, 2)?;
    println!("| 2 | {two:.2} |\n\ntwo executors are {:.2} times as fast as one", one / two);
    Ok(())
}

fn seconds(binary: &Path, store: &str, executors: usize) -> anyhow::Result<f64> {
    let (_scheduler, line) = node(binary, &["scheduler", "--listen", "127.0.0.1:0"])?;
    let address = line.split_whitespace().next_back().context("the scheduler has no address")?;
    let mut nodes = Vec::new();
    for _ in 0..executors {
        nodes.push(node(binary, &["executor", "--cores", "1", "--scheduler", address])?);
    }
    let mut fastest = f64::INFINITY;
    for _ in 0..RUNS {
        let start = Instant::now();
        let status = Command::new(binary)
            .args(["hunt", "--cluster", address, "--store", store])
            .stdout(Stdio::null())
            .status()
            .context("cannot hunt")?;
        if !matches!(status.code(), Some(0 | 1)) {
            bail!("the hunt ended with {status}");
        }
        fastest = fastest.min(start.elapsed().as_secs_f64());
    }
    Ok(fastest)
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
