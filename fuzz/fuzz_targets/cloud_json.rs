//! Whatever a record among those of a cloud holds, the actions around it are read.

#![no_main]

#[path = "../neighbours.rs"]
mod neighbours;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|line: &[u8]| {
    neighbours::survive("", line, |source| {
        format!(
            r#"{{"action":{{"type":"update","time":"2024-05-04T10:00:00Z"}},"actor":{{"type":"user","ip_address":"{source}"}}}}"#
        )
    });
});
