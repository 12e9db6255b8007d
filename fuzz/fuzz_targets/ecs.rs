//! Whatever a document among others holds, the connections around it are read.

#![no_main]

#[path = "../neighbours.rs"]
mod neighbours;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|line: &[u8]| {
    neighbours::survive("", line, |source| {
        format!(
            r#"{{"@timestamp":"2024-05-04T10:00:00Z","source":{{"ip":"{source}"}},"destination":{{"ip":"192.0.2.9"}}}}"#
        )
    });
});
