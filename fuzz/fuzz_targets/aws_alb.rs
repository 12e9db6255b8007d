//! Whatever a line of a load balancer's log holds, the records on the lines around it are read.

#![no_main]

#[path = "../neighbours.rs"]
mod neighbours;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|line: &[u8]| {
    neighbours::survive("", line, |source| {
        format!(
            "http 2024-05-04T10:00:00.1Z app/a/50dc {source}:2817 - -1 -1 -1 301 - 233 390 \"GET http://a.example:80/ HTTP/1.1\" \"curl\" - - - \"r\" \"-\" \"-\" 0 2024-05-04T10:00:00.1Z \"redirect\" \"-\" \"-\" \"-\" \"-\" \"-\" \"-\""
        )
    });
});
