//! Whatever a line of a DNS server's debug log holds, the packets on the lines around it are read.

#![no_main]

#[path = "../neighbours.rs"]
mod neighbours;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|line: &[u8]| {
    neighbours::survive("", line, |source| {
        format!("2024-05-14 15:29:17 0294 PACKET  0AB0 UDP Rcv {source} d07e   Q [0001   D   NOERROR] A      (7)example(3)com(0)")
    });
});
