//! The store as its users see it.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "clippy knows tests by their attribute only, and not what they share"
)]

mod compaction;
mod damage;
mod growth;
mod kills;
mod kit;
mod logs;
mod pages;
mod relocation;
mod retention;
mod summary;
mod writers;
