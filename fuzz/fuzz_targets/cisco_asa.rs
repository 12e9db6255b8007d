//! Whatever a message of ASA or FTD holds, the connections in those around it are read.

#![no_main]

#[path = "../neighbours.rs"]
mod neighbours;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|line: &[u8]| {
    neighbours::survive("", line, |source| {
        format!(
            "May 04 2024 10:00:00 fw : %ASA-6-302013: Built outbound TCP connection 7 for \
             out:203.0.113.7/443 (203.0.113.7/443) to in:{source}/49200 ({source}/49200)"
        )
    });
});
