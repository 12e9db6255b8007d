//! Whatever a line of a log of OCSF holds, the records on the lines around it are read.

#![no_main]

#[path = "../neighbours.rs"]
mod neighbours;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|line: &[u8]| {
    neighbours::survive("", line, |source| {
        format!(
            "{{\"class_uid\":4001,\"category_uid\":4,\"time\":1714816800123,\"src_endpoint\":{{\"ip\":\"{source}\"}}}}"
        )
    });
});
