//! Whatever a line of Netskope's events holds, the requests on the lines around it are read.

#![no_main]

#[path = "../neighbours.rs"]
mod neighbours;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|line: &[u8]| {
    neighbours::survive("", line, |source| {
        format!(
            "{{\"timestamp\":1714816800,\"type\":\"page\",\"acked\":\"no\",\"ccl\":\"low\",\"srcip\":\"{source}\",\"url\":\"a.example/x\"}}"
        )
    });
});
