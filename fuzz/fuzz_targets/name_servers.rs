//! Whatever a line of a name server's log holds, the queries on the lines around it are read.

#![no_main]

#[path = "../neighbours.rs"]
mod neighbours;

use libfuzzer_sys::fuzz_target;

/// What BIND, CoreDNS, dnsmasq, Infoblox and unbound write about a query; `@` stands for who asked.
const MESSAGES: [&str; 5] = [
    "client @#49200 (a.example): query: a.example IN A + (198.51.100.53)",
    "[INFO] @:49200 - 7 \"A IN a.example. udp 40 false 512\" NOERROR qr 60 0.01s",
    "query[A] a.example from @",
    "client @#49200: UDP: query: a.example IN A response: NOERROR + a.example. 5 IN A 198.51.100.7;",
    "[7:0] info: @ a.example. A IN",
];

fuzz_target!(|line: &[u8]| {
    for message in MESSAGES {
        neighbours::survive("", line, |source| {
            format!("<30>1 2024-05-04T10:00:00Z ns - - - - {}", message.replace('@', source))
        });
    }
});
