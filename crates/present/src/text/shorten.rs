//! Cutting text to a width, so that what matters stays readable.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

const ELLIPSIS: &str = "…";

/// The text, or its beginning and an ellipsis.
pub(crate) fn end(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let (head, _) = split(text, width.saturating_sub(1));
    format!("{head}{ELLIPSIS}")
}

/// The host name, or as much of its tenant at the front and of its platform's suffix at the end as
/// has room: `calm-wildflower-1….workers.dev`. The suffix starts at a dot where one is near.
pub(crate) fn host(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let room = width.saturating_sub(1);
    let suffix = suffix(text, room * 2 / 3);
    let (head, _) = split(text, room - suffix.width());
    format!("{head}{ELLIPSIS}{suffix}")
}

/// The longest run of whole labels at the end that has room; half of the room where none has.
fn suffix(host: &str, room: usize) -> &str {
    let labels = host.match_indices('.').filter_map(|(dot, _)| host.get(dot..));
    labels.into_iter().find(|labels| labels.width() <= room).unwrap_or_else(|| tail(host, room / 2))
}

/// The longest end of a text that is no wider than `width`.
fn tail(text: &str, width: usize) -> &str {
    let mut starts = text.char_indices().map(|(start, _)| start);
    starts
        .find_map(|start| text.get(start..).filter(|tail| tail.width() <= width))
        .unwrap_or_default()
}

/// The longest beginning that is no wider than `width`, and the rest.
pub(crate) fn split(text: &str, width: usize) -> (&str, &str) {
    let mut used = 0;
    for (position, character) in text.char_indices() {
        used += character.width().unwrap_or(0);
        if used > width {
            return text.split_at_checked(position).unwrap_or((text, ""));
        }
    }
    (text, "")
}

/// As [`split`], but at the last punctuation of the beginning where that keeps half of it or more:
/// long words are URLs, paths and host names. A backslash goes to the next line, since it may begin
/// an escape.
pub(crate) fn split_word(word: &str, width: usize) -> (&str, &str) {
    let (head, tail) = split(word, width);
    let punctuation = head.rfind(['/', '\\', '?', '&', '=', '.', ',', '-', '_']);
    let cut = punctuation.map(|position| match head.get(position..=position) {
        Some("\\") => position,
        _ => position + 1,
    });
    match cut {
        Some(cut) if !tail.is_empty() && cut > 0 && cut >= head.len() / 2 => {
            word.split_at_checked(cut).unwrap_or((head, tail))
        }
        _ => (head, tail),
    }
}

#[cfg(test)]
mod tests {
    use super::{end, host, split_word};

    #[test]
    fn a_long_word_breaks_after_punctuation() {
        assert_eq!(split_word("a.run.app/path", 12), ("a.run.app/", "path"));
        assert_eq!(split_word("a/bcdefghijklm", 12), ("a/bcdefghijk", "lm"));
        assert_eq!(split_word("C:\\Users\\alice", 12), ("C:\\Users", "\\alice"));
        assert_eq!(split_word("short/enough", 12), ("short/enough", ""));
    }

    #[test]
    fn the_end_gives_way() {
        assert_eq!(end("powershell.exe", 14), "powershell.exe");
        assert_eq!(end("powershell.exe", 8), "powersh…");
        assert_eq!(end("文件文件", 6), "文件…");
    }

    #[test]
    fn a_host_keeps_tenant_and_suffix() {
        let worker = "calm-wildflower-1349.hellohiall.workers.dev";
        assert_eq!(host(worker, 43), worker);
        assert_eq!(host(worker, 40), "calm-wildflower-….hellohiall.workers.dev");
        assert_eq!(host(worker, 30), "calm-wildflower-1….workers.dev");
        assert_eq!(host(worker, 14), "calm-wild….dev");
        let lambda = "abcdefghijklmnopqrstuvwxyz012345.lambda-url.eu-west-1.on.aws";
        assert_eq!(host(lambda, 30), "abcdefghijkl….eu-west-1.on.aws");
        assert_eq!(host("onelabelwithoutanydotinside", 10), "onelab…ide");
    }
}
