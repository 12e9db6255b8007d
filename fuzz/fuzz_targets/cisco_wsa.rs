//! Whatever a line of Cisco's access log holds, the requests on the lines around it are read.

#![no_main]

#[path = "../neighbours.rs"]
mod neighbours;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|line: &[u8]| {
    neighbours::survive("", line, |source| {
        format!(
            "1714816800.123 24 {source} TCP_MISS/200 394 GET http://a.example/ - NONE/- - CASE-a-b-c-d <-> -"
        )
    });
});
