//! Whatever a line of a log in the extended format holds, the requests on the lines around it are read.

#![no_main]

#[path = "../neighbours.rs"]
mod neighbours;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|line: &[u8]| {
    neighbours::survive(
        "#Fields: date time c-ip cs-method cs-host cs-uri-path\n",
        line,
        |source| format!("2024-05-04 10:00:00 {source} GET a.example /x"),
    );
});
