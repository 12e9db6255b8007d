//! Whatever a line of Zscaler's web feed holds, the requests on the lines around it are read.

#![no_main]

#[path = "../neighbours.rs"]
mod neighbours;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|line: &[u8]| {
    neighbours::survive("", line, |source| {
        format!(
            "2024-05-04 10:00:00\treason=Allowed\tevent_id=1\tClientIP={source}\turl=a.example/x\turlsupercategory=Other"
        )
    });
});
