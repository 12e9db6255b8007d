//! Whatever a row of an exported table holds, the actions in the rows around it are read.

#![no_main]

#[path = "../neighbours.rs"]
mod neighbours;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|line: &[u8]| {
    neighbours::survive("TimeGenerated,OperationNameValue,CallerIpAddress\n", line, |source| {
        format!("2024-05-04T10:00:00Z,Microsoft.Web/sites/write,{source}")
    });
});
