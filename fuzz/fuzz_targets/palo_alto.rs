//! Whatever a line of PAN-OS holds, the sessions on the lines around it are read.

#![no_main]

#[path = "../neighbours.rs"]
mod neighbours;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|line: &[u8]| {
    neighbours::survive("", line, |source| {
        format!(
            "1,2024/05/04 10:00:01,0011,TRAFFIC,end,2561,2024/05/04 10:00:00,{source},203.0.113.7,,,out,,,\
             ssl,vsys1,in,out,e1,e2,log,,7,1,49200,443,0,0,0x0,tcp,allow,300,100,200"
        )
    });
});
