//! The store as its users see it.

mod compaction;
mod damage;
mod growth;
mod kills;
mod logs;
mod relocation;
mod retention;
mod summary;
mod writers;
