//! Whatever a line of a log of AWS holds, the records on the lines around it are read.

#![no_main]

#[path = "../neighbours.rs"]
mod neighbours;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|line: &[u8]| {
    neighbours::survive("", line, |source| {
        format!(
            "{{\"eventSource\":\"a.amazonaws.com\",\"eventName\":\"x\",\"awsRegion\":\"r\",\"eventTime\":\"2024-05-04T10:00:00Z\",\"sourceIPAddress\":\"{source}\"}}"
        )
    });
});
