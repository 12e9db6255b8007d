//! Whatever a line of Check Point's holds, the connections on the lines around it are read.

#![no_main]

#[path = "../neighbours.rs"]
mod neighbours;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|line: &[u8]| {
    neighbours::survive("", line, |source| {
        format!(
            "<134>1 2024-05-04T10:00:00Z gate CheckPoint 7 - [loguid:\"{{0x1}}\"; dst:\"203.0.113.7\"; src:\"{source}\"]"
        )
    });
});
