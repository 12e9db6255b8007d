//! Reads many inputs by many threads.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::collector::{Collector, Output, Receiver};
use crate::discover::Input;
use crate::line_format::Crew;
use crate::read::{SourceTally, read_into};
use crate::selection::Selection;

/// What came of reading many inputs.
#[derive(Debug)]
pub struct ReadAll<R> {
    /// What was counted of each source, in order of name.
    pub tallies: Vec<SourceTally>,
    /// The receivers, in the order in which they were given.
    pub receivers: Vec<R>,
}

/// A thread that was reading logs ended by a fault of its own, so that nobody knows what is missing.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("a reader of logs stopped unexpectedly")]
pub struct ReaderDied;

/// Reads what is wanted of all inputs, with a thread for each receiver. Threads that have no input
/// left help with blocks of large ones.
///
/// Which receiver gets which batch is left to chance; each row goes to exactly one. `progress` is
/// told by any thread how many more bytes were read.
///
/// # Errors
///
/// When a thread died.
pub fn read_all<R: Receiver + Send>(
    inputs: &[Input],
    selection: &Arc<Selection>,
    receivers: Vec<R>,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<ReadAll<R>, ReaderDied> {
    let next = AtomicUsize::new(0);
    let crew = Crew::new(receivers.len());
    let mut all = ReadAll { tallies: Vec::new(), receivers: Vec::new() };
    std::thread::scope(|scope| {
        let threads: Vec<_> = receivers
            .into_iter()
            .map(|mut receiver| {
                let (next, crew) = (&next, &crew);
                scope.spawn(move || {
                    let mut output = Output::new(Arc::clone(selection));
                    let mut tallies = Vec::new();
                    while !selection.is_stopped()
                        && let Some(input) = inputs.get(next.fetch_add(1, Ordering::Relaxed))
                    {
                        let crew = Some(crew);
                        let read = read_into(input, &mut output, &mut receiver, crew, progress);
                        tallies.extend(read);
                    }
                    crew.help(&mut Collector::new("", &mut output, &mut receiver));
                    let _enough = output.finish(&mut receiver);
                    (tallies, receiver)
                })
            })
            .collect();
        for thread in threads {
            let (tallies, receiver) = thread.join().map_err(|_panic| ReaderDied)?;
            all.tallies.extend(tallies);
            all.receivers.push(receiver);
        }
        Ok(())
    })?;
    all.tallies.sort_by(|one, other| one.source.cmp(&other.source));
    Ok(all)
}
