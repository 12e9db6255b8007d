//! The aggregates that end in `if`: the same as others, over the rows that hold a predicate.

use super::super::Value;
use super::Accumulator;

/// Another accumulator behind a predicate.
#[derive(Debug)]
pub(super) struct Conditional {
    /// Which of the arguments is the predicate.
    place: usize,
    inner: Box<dyn Accumulator>,
}

impl Conditional {
    /// Lets rows through to another accumulator of which the argument at that place is true.
    pub(super) fn begin(place: usize, inner: Box<dyn Accumulator>) -> Box<dyn Accumulator> {
        Box::new(Self { place, inner })
    }
}

impl Accumulator for Conditional {
    fn update(&mut self, arguments: &[Value]) {
        if arguments.get(self.place) == Some(&Value::Bool(true)) {
            self.inner.update(arguments);
        }
    }

    fn state(&self) -> Vec<Value> {
        self.inner.state()
    }

    fn merge(&mut self, state: &[Value]) {
        self.inner.merge(state);
    }

    fn finish(&mut self) -> Vec<Value> {
        self.inner.finish()
    }

    fn size(&self) -> usize {
        size_of::<Self>() + self.inner.size()
    }
}
