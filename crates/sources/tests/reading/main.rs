//! Reads what people hand over: packed, damaged, wrongly named, in odd encodings. A record of Zeek
//! stands for all records; each format's own tests are beside it.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "clippy knows tests by their attribute only, and not what they share"
)]

mod damage;
mod encodings;
mod evidence;
mod json;
mod kit;
mod packing;
mod received;
mod years;
