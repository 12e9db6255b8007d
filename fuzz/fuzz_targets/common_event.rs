//! Whatever a CEF or LEEF event holds, the events on the lines around it are read.

#![no_main]

#[path = "../neighbours.rs"]
mod neighbours;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|line: &[u8]| {
    let pairs = "rt=1714816800000 dst=192.0.2.7";
    neighbours::survive("", line, |source| format!("CEF:0|V|P|1|1|n|3|{pairs} src={source}"));
    neighbours::survive("", line, |source| {
        format!("LEEF:2.0|V|P|1|1|^|devTime=1714816800000^dst=192.0.2.7^src={source}")
    });
});
