//! Whatever a line of Suricata's events holds, the handshakes on the lines around it are read.

#![no_main]

#[path = "../neighbours.rs"]
mod neighbours;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|line: &[u8]| {
    neighbours::survive("", line, |source| {
        format!(
            "{{\"timestamp\":\"2024-05-04T10:00:00Z\",\"flow_id\":7,\"event_type\":\"tls\",\
             \"src_ip\":\"{source}\",\"proto\":\"TCP\",\"tls\":{{\"sni\":\"a.example\"}}}}"
        )
    });
});
