//! Ingests files into a new store and prints how fast that was.
//!
//! ```text
//! cargo run --release -p coldtrail-store --example ingest -- STORE THREADS PATH…
//! ```

#![allow(clippy::print_stdout, reason = "what it prints is what it is for")]

use std::path::Path;
use std::time::Instant;

use coldtrail_model::Timestamp;
use coldtrail_sources::{Input, discover};
use coldtrail_store::{Ingest, Store};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [store, threads, paths @ ..] = arguments.as_slice() else {
        return Err("usage: ingest STORE THREADS PATH…".into());
    };
    let (inputs, _) = discover(paths);
    let bytes: u64 = inputs.iter().map(Input::bytes).sum();
    let store = Store::open_or_create(Path::new(store))?;
    let ingest = Ingest { threads: threads.parse()?, ..Ingest::at(Timestamp(0)) };
    let begin = Instant::now();
    let ingested = store.ingest(&inputs, &ingest, &|_| {})?;
    let seconds = begin.elapsed().as_secs_f64();
    let stored: u64 = store.snapshot()?.files().map(|file| file.bytes).sum();
    let mebibytes = bytes as f64 / f64::from(1 << 20);
    println!(
        "{mebibytes:.0} MiB, {} rows ({} contacts) in {seconds:.2} s: {:.0} MiB/s; {:.0} MiB stored{}",
        ingested.rows,
        ingested.contacts,
        mebibytes / seconds,
        stored as f64 / f64::from(1 << 20),
        peak_memory(),
    );
    Ok(())
}

/// The most memory that the process had, where the system says so.
fn peak_memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    peak.map_or_else(String::new, |peak| format!(", peak memory {}", peak.trim()))
}
