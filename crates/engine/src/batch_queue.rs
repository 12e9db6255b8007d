//! A bounded queue between threads that read and streams that are polled.
//!
//! Whichever stream asks next gets the next batch, so that a plan may drain its partitions side by side or
//! one behind the other, and none waits for another. When no stream is left, the readers are told so.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use arrow_array::RecordBatch;
use coldtrail_sources::Stopped;

use crate::EngineError;

/// Begins to fill a queue.
type Begin = Box<dyn FnOnce(Arc<BatchQueue>) + Send>;

/// Batches on their way.
pub(crate) struct BatchQueue {
    state: Mutex<State>,
    /// Signals room to those that wait with a batch.
    room: Condvar,
    /// Set when nobody wants any more.
    stopped: Arc<AtomicBool>,
    most: usize,
}

struct State {
    batches: VecDeque<RecordBatch>,
    /// Streams that found nothing.
    waiting: Vec<Waker>,
    begin: Option<Begin>,
    end: Option<Result<(), EngineError>>,
    /// Streams that may still come, and streams that came and were not dropped.
    streams: usize,
}

impl BatchQueue {
    /// A queue of at most so many batches for so many streams. It is begun when one of them asks.
    pub(crate) fn new(most: usize, streams: usize, stopped: Arc<AtomicBool>, begin: Begin) -> Self {
        let state = State {
            batches: VecDeque::new(),
            waiting: Vec::new(),
            begin: Some(begin),
            end: None,
            streams,
        };
        Self { state: Mutex::new(state), room: Condvar::new(), stopped, most: most.max(1) }
    }

    /// Puts in a batch, and waits for room if need be.
    pub(crate) fn send(&self, batch: RecordBatch) -> Result<(), Stopped> {
        let mut state = self.state();
        while state.batches.len() >= self.most && !self.is_stopped() {
            state = self.room.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if self.is_stopped() {
            return Err(Stopped);
        }
        state.batches.push_back(batch);
        wake(state);
        Ok(())
    }

    /// Ends the queue: behind the batches in it there is nothing, or the failure.
    pub(crate) fn finish(&self, end: Result<(), EngineError>) {
        let mut state = self.state();
        state.end = Some(end);
        wake(state);
    }

    /// The next batch, if there is one already.
    pub(crate) fn poll(
        self: &Arc<Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<RecordBatch, EngineError>>> {
        let mut state = self.state();
        if let Some(begin) = state.begin.take() {
            begin(Arc::clone(self));
        }
        if let Some(batch) = state.batches.pop_front() {
            drop(state);
            self.room.notify_one();
            return Poll::Ready(Some(Ok(batch)));
        }
        match state.end.take() {
            Some(Ok(())) => {
                state.end = Some(Ok(()));
                Poll::Ready(None)
            }
            Some(Err(failure)) => {
                state.end = Some(Ok(()));
                Poll::Ready(Some(Err(failure)))
            }
            None => {
                if !state.waiting.iter().any(|waker| waker.will_wake(context.waker())) {
                    state.waiting.push(context.waker().clone());
                }
                Poll::Pending
            }
        }
    }

    /// Takes note that streams went away, or will not come.
    pub(crate) fn leave(&self, streams: usize) {
        let mut state = self.state();
        state.streams = state.streams.saturating_sub(streams);
        if state.streams == 0 {
            self.stopped.store(true, Ordering::Relaxed);
            state.begin = None;
            state.batches.clear();
            self.room.notify_all();
        }
    }

    /// Whether nobody wants any more.
    pub(crate) fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Wakes all streams that wait: which of them still listens, nobody knows.
fn wake(mut state: MutexGuard<'_, State>) {
    let waiting = std::mem::take(&mut state.waiting);
    drop(state);
    for waker in waiting {
        waker.wake();
    }
}
