//! Whatever a line of a packet filter's log holds, the packets on the lines around it are read.

#![no_main]

#[path = "../neighbours.rs"]
mod neighbours;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|line: &[u8]| {
    neighbours::survive("", line, |source| {
        format!(
            "2024-05-04T10:00:00Z gate kernel: IN=a OUT=b SRC={source} DST=203.0.113.7 LEN=60 PROTO=TCP"
        )
    });
});
