//! Whatever a line of FortiGate holds, the sessions on the lines around it are read.

#![no_main]

#[path = "../neighbours.rs"]
mod neighbours;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|line: &[u8]| {
    neighbours::survive("", line, |source| {
        format!(
            "logid=1 type=traffic subtype=forward eventtime=1714816800 srcip={source} dstip=203.0.113.7"
        )
    });
});
