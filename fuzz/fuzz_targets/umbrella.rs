//! Whatever a line of Umbrella's logs holds, the requests on the lines around it are read.

#![no_main]

#[path = "../neighbours.rs"]
mod neighbours;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|line: &[u8]| {
    neighbours::survive("", line, |source| {
        format!(
            "\"2024-05-04 10:00:00\",\"PC1\",\"{source}\",\"49200\",\"192.0.2.7\",\"443\",\"Other\",\"Sites\""
        )
    });
});
