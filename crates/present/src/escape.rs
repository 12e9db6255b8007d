//! Making visible what would hide.
//!
//! A log line can carry an escape sequence that repaints the analyst's terminal, a bidirectional
//! override that turns `exe.fdp` into `pdf.exe`, or a zero-width letter that makes two names look
//! alike. All of them are shown by their code point, as `\u{202e}`. Combining marks are shown that
//! way too: they can pile up over neighbouring lines, and without them every letter has its own
//! width, so that tables stay straight.

use std::borrow::Cow;

use unicode_width::UnicodeWidthChar;

/// The text with every hidden character shown by its code point.
pub(crate) fn escape(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            hidden if is_hidden(hidden) => shown.extend(hidden.escape_unicode()),
            visible => shown.push(visible),
        }
    }
    Cow::Owned(shown)
}

/// Whether a character has no shape of its own, or acts on its neighbours or on the terminal.
pub(crate) fn is_hidden(character: char) -> bool {
    let blank = character.is_whitespace() && character != ' ';
    blank || character.width().unwrap_or(0) == 0 || has_width_but_no_shape(character)
}

/// Characters that take room, by the width tables, and show nothing or nearly nothing.
fn has_width_but_no_shape(character: char) -> bool {
    matches!(
        character,
        '\u{ad}' | '\u{115f}' | '\u{1160}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}' | '\u{fff9}'
            ..='\u{fffb}'
    )
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn ordinary_text_of_any_script_is_left_alone() {
        for text in ["powershell.exe -w hidden", "Größe 5 %", "文件.exe", "отчёт", "C:\\Temp\\a"]
        {
            assert_eq!(escape(text), text);
        }
    }

    #[test]
    fn terminal_sequences_are_shown() {
        assert_eq!(escape("a\u{1b}[31mred\u{7}\u{9b}0m"), "a\\u{1b}[31mred\\u{7}\\u{9b}0m");
        assert_eq!(escape("one\r\ntwo\tthree"), "one\\r\\ntwo\\tthree");
    }

    #[test]
    fn overrides_and_invisible_letters_are_shown() {
        assert_eq!(escape("\u{202e}fdp.exe"), "\\u{202e}fdp.exe");
        assert_eq!(escape("a\u{200b}b\u{feff}c\u{2066}"), "a\\u{200b}b\\u{feff}c\\u{2066}");
        assert_eq!(escape("\u{ad}\u{3164}\u{a0}\u{2028}"), "\\u{ad}\\u{3164}\\u{a0}\\u{2028}");
        assert_eq!(escape("e\u{301}\u{e0041}"), "e\\u{301}\\u{e0041}");
    }
}
