//! What the cells of a column look like, by which lines show whether they have the columns that were
//! named for them.

/// Whether the cells are as the columns demand; there may be more cells than names.
pub(super) fn fit<N: AsRef<str>, C: AsRef<str>>(names: &[N], cells: &[C]) -> bool {
    cells.len() >= names.len()
        && names.iter().zip(cells).all(|(name, cell)| fits(name.as_ref(), cell.as_ref()))
}

/// Whether a line begins with the time that its columns begin with. It is enough to tell lines of the
/// log from what else stands in the file.
pub(super) fn begin<N: AsRef<str>>(names: &[N], line: &str, delimiter: char) -> bool {
    let mut has_time = false;
    let mut cells = line.split(delimiter);
    for name in names.iter().take(LONGEST_BEGINNING) {
        let Some(cell) = cells.next() else { return false };
        if is_time(name.as_ref()) {
            has_time = true;
            if !fits(name.as_ref(), cell.trim_matches('"')) {
                return false;
            }
        }
    }
    has_time
}

/// The time stands in one of the first columns.
const LONGEST_BEGINNING: usize = 3;

fn is_time(name: &str) -> bool {
    matches!(name, "date" | "time" | "timestamp" | "x-timestamp" | "localtime" | "gmttime")
}

/// Whether a cell is what the column's name promises. Most columns hold any text.
fn fits(name: &str, cell: &str) -> bool {
    match name {
        "date" => has_pattern(cell, "0000-00-00"),
        "time" => has_pattern(cell.get(..8).unwrap_or_default(), "00:00:00"),
        "timestamp" | "x-timestamp" => is_number(cell) && cell.len() >= 9,
        "localtime" | "gmttime" => cell.starts_with('['),
        _ if cell == "-" => true,
        "c-ip" | "s-ip" | "r-ip" | "X-Forwarded-For" => cell.contains(['.', ':']),
        "sc-status" | "sc-substatus" | "sc-win32-status" | "sc-bytes" | "cs-bytes" | "bytes"
        | "time-taken" | "s-port" | "c-port" | "cs-uri-port" => is_number(cell),
        "cs-version" => cell.starts_with("HTTP"),
        "cs-method" => cell.starts_with(|first: char| first.is_ascii_alphabetic()),
        "cs-uri-stem" => cell.starts_with(['/', '*', '\\']),
        "cs-uri-scheme" => cell.bytes().all(|byte| byte.is_ascii_lowercase()),
        "sc-filter-result" => matches!(cell, "OBSERVED" | "PROXIED" | "DENIED"),
        "x-type" => cell == "http_transaction",
        _ => true,
    }
}

fn is_number(cell: &str) -> bool {
    !cell.is_empty() && cell.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

/// Whether a cell has digits where the pattern has, and otherwise the same characters.
pub(super) fn has_pattern(cell: &str, pattern: &str) -> bool {
    cell.len() == pattern.len()
        && cell.bytes().zip(pattern.bytes()).all(|(byte, expected)| match expected {
            b'0' => byte.is_ascii_digit(),
            expected => byte == expected,
        })
}

#[cfg(test)]
mod tests {
    use super::{begin, fit};

    #[test]
    fn cells_show_whether_they_are_in_their_columns() {
        let names = ["date", "time", "c-ip", "cs-method", "sc-status"];
        assert!(fit(&names, &["2024-05-04", "10:00:00", "10.0.0.5", "GET", "200"]));
        assert!(fit(&names, &["2024-05-04", "10:00:00", "-", "-", "-", "more"]));
        assert!(!fit(&names, &["2024-05-04", "10:00:00", "GET", "10.0.0.5", "200"]));
        assert!(!fit(&names, &["2024-05-04", "10:00:00"]));
    }

    #[test]
    fn a_line_begins_with_its_time() {
        let names = ["date", "time", "c-ip"];
        assert!(begin(&names, "2024-05-04 10:00:00 anything", ' '));
        assert!(!begin(&names, "2024/05/04 10:00:00 anything", ' '));
        assert!(!begin(&["c-ip", "cs-host"], "10.0.0.5 a.example", ' '));
    }
}
