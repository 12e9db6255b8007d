//! Whatever a line of VPC flow logs holds, the records on the lines around it are read.

#![no_main]

#[path = "../neighbours.rs"]
mod neighbours;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|line: &[u8]| {
    neighbours::survive("", line, |source| {
        format!(
            "2 123456789012 eni-0123abcd {source} 198.51.100.7 49200 443 6 20 4249 1714816800 1714816860 ACCEPT OK"
        )
    });
});
