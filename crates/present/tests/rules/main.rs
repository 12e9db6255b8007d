//! What Sigma rules matched, in every format: snapshots, and the promises that hold whatever logs and
//! rules say.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod example;
mod html;
mod navigator;
#[path = "../example/mod.rs"]
mod report;
mod sarif;
mod text;
mod timeline;

use proptest::prelude::*;

/// Whatever an attacker may think of, and much else.
fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[a-z0-9.]{0,120}",
        "[ \t\"'‘“]{0,3}[=+@＝＋－＠\u{2212}\r\t-][A-Za-z0-9!|()']{0,20}",
        "(文|é|a|\u{1b}\\[31m|\n|\u{202e}|\u{200b}|\u{301}|\u{1f468}\u{200d}\u{1f469}|👍🏽|لا|\u{ad}| ){0,60}",
        "(<script>|</td>|\"|'|`|&|>|-->|<img src=x onerror=alert\\(1\\)>|javascript:alert\\(1\\)|https://a.example/| ){0,8}",
    ]
}

/// Control characters, bidirectional controls and letters without a shape.
fn leaks(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
        )
}
