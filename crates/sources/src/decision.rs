//! What a firewall, proxy or resolver decided, in its own word, as one of two: `allowed` or `denied`.

/// Beginnings of words for letting something pass.
const ALLOWED: [&str; 11] = [
    "allow", "accept", "pass", "permit", "observed", "monitor", "tunnel", "alert", "continue",
    "close", "start",
];

/// Beginnings of words for not letting it pass.
const DENIED: [&str; 9] =
    ["block", "den", "drop", "reject", "reset", "refus", "prevent", "override-den", "sinkhole"];

/// What the word says was decided; `None` for a word that tells of no decision.
pub(crate) fn decision(word: &str) -> Option<&'static str> {
    let begins = |known: &&str| {
        word.get(..known.len()).is_some_and(|beginning| beginning.eq_ignore_ascii_case(known))
    };
    if DENIED.iter().any(begins) {
        Some("denied")
    } else if ALLOWED.iter().any(begins) {
        Some("allowed")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::decision;

    #[test]
    fn words_of_many_products() {
        for word in ["allow", "Allowed", "ACCEPT", "pass", "Permit", "close"] {
            assert_eq!(decision(word), Some("allowed"), "{word}");
        }
        for word in ["deny", "Denied", "blocked", "block-url", "DROP", "reset-both", "REFUSED"] {
            assert_eq!(decision(word), Some("denied"), "{word}");
        }
        assert_eq!((decision(""), decision("timeout"), decision("é")), (None, None, None));
    }
}
