//! The other engine: duckdb-kql, in a process of its own that answers a query after the other.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::Context;
use serde::Deserialize;
use serde_json::Value;

use super::super::answer::Answer;

/// A running `peer.py`.
#[derive(Debug)]
pub(super) struct Peer {
    child: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
    /// Its name and version.
    pub(super) version: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Told {
    Answer { columns: Vec<String>, rows: Vec<Vec<Value>> },
    Refused { refused: String },
}

impl Peer {
    /// Starts it; nothing if it is not installed.
    pub(super) fn start() -> anyhow::Result<Option<Peer>> {
        let mut child = Command::new("python3")
            .args(["-c", include_str!("peer.py")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("cannot run python3")?;
        let questions = child.stdin.take().context("the peer cannot be asked")?;
        let mut answers = BufReader::new(child.stdout.take().context("the peer cannot answer")?);
        let mut line = String::new();
        answers.read_line(&mut line).context("the peer says nothing")?;
        if line.is_empty() {
            child.wait()?;
            return Ok(None);
        }
        let version = serde_json::from_str(&line).context("the peer does not say its name")?;
        Ok(Some(Peer { child, questions, answers, version }))
    }

    /// Its answer, or why it gives none.
    pub(super) fn answer(&mut self, query: &str) -> anyhow::Result<Result<Answer, String>> {
        writeln!(self.questions, "{}", Value::from(query)).context("the peer is gone")?;
        self.questions.flush()?;
        let mut line = String::new();
        self.answers.read_line(&mut line).context("the peer says nothing")?;
        Ok(match serde_json::from_str(&line).context("the peer is gone")? {
            Told::Answer { columns, rows } => Ok(Answer { columns, rows }),
            Told::Refused { refused } => Err(refused),
        })
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _gone = self.child.wait();
    }
}
