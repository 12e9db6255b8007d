//! Whatever a line of Skyhigh's access log holds, the requests on the lines around it are read.

#![no_main]

#[path = "../neighbours.rs"]
mod neighbours;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|line: &[u8]| {
    neighbours::survive("", line, |source| {
        format!(
            "[04/May/2024:10:00:00 +0000] \"\" {source} 200 \"GET http://a.example/x HTTP/1.1\" \"\" \"\" \"\" 394 \"\""
        )
    });
});
