//! temp
#![allow(clippy::print_stdout)]
use coldtrail_model::Table;
use coldtrail_sources::{Receiver, Selection, Stopped, Ending, discover, read_all};
use std::sync::Arc;
use std::time::Instant;
struct Null(usize);
impl Receiver for Null {
    fn receive(&mut self, _: Table, batch: arrow_array::RecordBatch) -> Result<(), Stopped> {
        self.0 += batch.num_rows();
        Ok(())
    }
}
fn main() {
    let paths: Vec<String> = std::env::args().skip(1).collect();
    let (inputs, _) = discover(&paths);
    for (name, selection) in [("nothing", Selection::nothing()), ("everything", Selection::everything()), ("originals", Selection::everything_with_originals()), ("resumable", Selection::everything_with_originals().resumable(Ending::LeftOut))] {
        let begin = Instant::now();
        let read = read_all(&inputs, &Arc::new(selection), vec![Null(0)], &|_| {}).map(|r| r.receivers[0].0);
        println!("{name} {read:?} {:.2}", begin.elapsed().as_secs_f64());
    }
}
