//! Undoes the spellings by which people keep indicators from being clicked.

/// How dots, colons and slashes are written, and what they are.
const SPELLINGS: [(&str, &str); 16] = [
    ("[.]", "."),
    ("(.)", "."),
    ("{.}", "."),
    ("[dot]", "."),
    ("(dot)", "."),
    ("{dot}", "."),
    ("[.", "."),
    (".]", "."),
    ("\\.", "."),
    ("[://]", "://"),
    ("[:]//", "://"),
    ("[:]", ":"),
    ("(:)", ":"),
    ("[/]", "/"),
    ("[@]", "@"),
    ("[at]", "@"),
];

/// The indicator as it was meant.
pub(super) fn refanged(text: &str) -> String {
    let text = text.trim().trim_matches(['<', '>']);
    let mut text = text.to_owned();
    for (written, meant) in SPELLINGS {
        while let Some(at) = text.to_ascii_lowercase().find(written) {
            text.replace_range(at..at + written.len(), meant);
        }
    }
    for (written, meant) in [("hxxps", "https"), ("hxxp", "http"), ("meow", "http"), ("fxp", "ftp")]
    {
        let head = text.get(..written.len()).unwrap_or("");
        let is_scheme = text.get(written.len()..).is_some_and(|rest| rest.starts_with("://"));
        if head.eq_ignore_ascii_case(written) && is_scheme {
            text.replace_range(..written.len(), meant);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::refanged;

    #[test]
    fn all_the_spellings_are_undone() {
        for text in [
            "hxxps://evil.example.com/a",
            "hXXps[://]evil[.]example[.]com/a",
            "https[:]//evil(.)example(dot)com/a",
            "hxxps://evil[dot]example{.}com[/]a",
            "<hxxps://evil[.example.]com/a>",
        ] {
            assert_eq!(refanged(text), "https://evil.example.com/a", "{text}");
        }
        assert_eq!(refanged("192.0.2[.]7"), "192.0.2.7");
        assert_eq!(refanged("hxxp.example.com"), "hxxp.example.com");
    }

    proptest! {
        #[test]
        fn what_is_not_defanged_stays(text in "[a-z0-9./:-]{0,60}") {
            prop_assert_eq!(refanged(&text), text);
        }

        #[test]
        fn nothing_panics(text in "\\PC{0,80}") {
            refanged(&text);
        }
    }
}
