//! The binary, run on a query as a person would run it, but not for ever.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use super::NOW;
use super::answer::Answer;
use super::options::Options;
use crate::bench;

/// How often it is looked whether a program has ended.
const PAUSE: Duration = Duration::from_millis(4);

/// A `coldtrail`, what it queries, and for how long it may.
#[derive(Clone, Debug)]
pub(super) struct Program {
    binary: PathBuf,
    /// What stands before the file of the query.
    before: Vec<String>,
    /// What stands behind it: logs and options.
    pub(super) behind: Vec<String>,
    patience: Duration,
}

/// A program that has run.
#[derive(Debug)]
pub(super) struct Ran {
    pub(super) answer: Result<Answer, String>,
    pub(super) seconds: f64,
}

/// How much memory the evaluator may take, in KiB: it is bounded by rows, which may be long.
const EVALUATOR_MEMORY: u64 = 2 << 20;

impl Program {
    /// The one that the options ask for.
    ///
    /// # Errors
    ///
    /// If it cannot be built, or does not know how to query.
    pub(super) fn of(options: &Options, patience: Duration) -> anyhow::Result<Program> {
        if options.evaluates {
            return Program::evaluator(patience);
        }
        let binary = options.binary.clone().map_or_else(bench::release_binary, Ok)?;
        let help = Command::new(&binary)
            .args(["query", "--help"])
            .output()
            .with_context(|| format!("cannot run {}", binary.display()))?;
        if !help.status.success() {
            bail!("{} does not know `query`", binary.display());
        }
        let before = ["query", "--file"].map(str::to_owned).to_vec();
        Ok(Program { binary, before, behind: Vec::new(), patience })
    }

    /// This tool itself, which evaluates in a process of its own: what is tried may go wrong.
    fn evaluator(patience: Duration) -> anyhow::Result<Program> {
        let own = std::env::current_exe().context("cannot find this program")?;
        let script = format!("ulimit -v {EVALUATOR_MEMORY}; exec \"$0\" kql answer \"$1\"");
        let before = vec!["-c".to_owned(), script, own.display().to_string()];
        Ok(Program { binary: "sh".into(), before, behind: Vec::new(), patience })
    }

    /// Runs a query. A query that fails is an answer, too.
    ///
    /// # Errors
    ///
    /// If the program cannot be run at all.
    pub(super) fn run(&self, query: &str) -> anyhow::Result<Ran> {
        let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
        let file = |name: &str| folder.path().join(name);
        std::fs::write(file("query.kql"), query).context("cannot write the query")?;
        let start = Instant::now();
        let mut child = Command::new(&self.binary)
            .args(&self.before)
            .arg(file("query.kql"))
            .args(&self.behind)
            .args(["--format", "jsonl", "--now", NOW])
            .stdin(Stdio::null())
            .stdout(File::create(file("stdout"))?)
            .stderr(File::create(file("stderr"))?)
            .spawn()
            .with_context(|| format!("cannot run {}", self.binary.display()))?;
        let status = loop {
            if let Some(status) = child.try_wait()? {
                break Some(status);
            }
            if start.elapsed() > self.patience {
                child.kill().context("cannot end a query")?;
                child.wait()?;
                break None;
            }
            thread::sleep(PAUSE);
        };
        let seconds = start.elapsed().as_secs_f64();
        let answer = match status {
            None => Err(format!("no answer within {} s", self.patience.as_secs())),
            // 1 says that there were rows.
            Some(status) if matches!(status.code(), Some(0 | 1)) => {
                Answer::of_json_lines(&read(&file("stdout"))?).map_err(|error| error.to_string())
            }
            Some(status) => {
                let said = read(&file("stderr"))?;
                Err(if said.trim().is_empty() { format!("ended with {status}") } else { said })
            }
        };
        Ok(Ran { answer, seconds })
    }
}

fn read(path: &Path) -> anyhow::Result<String> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Does something with each of many things, two at a time, and gives what came of it in their order.
pub(super) fn by_twos<T: Sync, R: Send>(things: &[T], of: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(thing) = things.get(at) else { break };
                    let result = of(thing);
                    done.lock().unwrap_or_else(PoisonError::into_inner).push((at, result));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::by_twos;

    #[test]
    fn results_come_in_the_order_of_what_they_are_of() {
        let things: Vec<u64> = (0..100).collect();
        let squares = by_twos(&things, |thing| thing * thing);
        assert!(squares.iter().zip(&things).all(|(square, thing)| *square == thing * thing));
        assert_eq!(squares.len(), things.len());
    }
}
