//! Rows of a query's answer: a table if it fits the page, else one row below the other.

use unicode_width::UnicodeWidthStr;

use crate::redacted;

/// No cell of a table is cut shorter than this.
const LEAST: usize = 8;
/// No cell is wider than this in a table, unless there is room.
const MOST: usize = 60;
const GAP: usize = 2;

/// The lines of an answer of texts, none of them wider than `width` where it is a table.
///
/// Cells are shown without secrets and without characters that speak to the terminal.
pub fn answer(columns: &[(&str, bool)], rows: &[Vec<String>], width: usize) -> Vec<String> {
    let shown: Vec<Vec<String>> =
        rows.iter().map(|row| row.iter().map(|cell| redacted(cell)).collect()).collect();
    let names: Vec<String> = columns.iter().map(|(name, _)| redacted(name)).collect();
    let widths = widths(&names, &shown, width);
    match widths {
        Some(widths) => {
            let is_right: Vec<bool> = columns.iter().map(|(_, is_right)| *is_right).collect();
            std::iter::once(&names).chain(&shown).map(|row| line(row, &widths, &is_right)).collect()
        }
        None => stacked(&names, &shown),
    }
}

/// How wide each column may be; nothing if the page is too narrow for a table.
fn widths(names: &[String], rows: &[Vec<String>], width: usize) -> Option<Vec<usize>> {
    let gaps = GAP * names.len().saturating_sub(1);
    let room = width.checked_sub(gaps)?;
    let mut widths: Vec<usize> = names.iter().map(|name| name.width()).collect();
    for row in rows {
        for (known, cell) in widths.iter_mut().zip(row) {
            *known = (*known).max(cell.width());
        }
    }
    // The widest column gives way first, down to what still says something.
    let mut most = widths.iter().copied().max().unwrap_or(0);
    while widths.iter().map(|known| (*known).min(most)).sum::<usize>() > room {
        most = most.checked_sub(1)?;
        if most < LEAST {
            return None;
        }
    }
    let cut = widths.iter().any(|known| *known > most);
    let is_hard_to_read = cut && most < MOST / 3 && names.len() > 6;
    (!is_hard_to_read).then(|| widths.into_iter().map(|known| known.min(most)).collect())
}

fn line(row: &[String], widths: &[usize], is_right: &[bool]) -> String {
    let mut line = String::new();
    for (place, (cell, width)) in row.iter().zip(widths).enumerate() {
        let cell = super::shorten::end(cell, *width);
        let blanks = " ".repeat(width.saturating_sub(cell.width()));
        if place > 0 {
            line.push_str(&" ".repeat(GAP));
        }
        if is_right.get(place).copied().unwrap_or(false) {
            line.push_str(&blanks);
            line.push_str(&cell);
        } else {
            line.push_str(&cell);
            line.push_str(&blanks);
        }
    }
    line.truncate(line.trim_end().len());
    line
}

/// Each row by itself, a line for each cell that holds something.
fn stacked(names: &[String], rows: &[Vec<String>]) -> Vec<String> {
    let widest = names.iter().map(|name| name.width()).max().unwrap_or(0);
    let mut lines = Vec::new();
    for (number, row) in rows.iter().enumerate() {
        lines.push(format!("── row {} ──", number + 1));
        for (name, cell) in names.iter().zip(row).filter(|(_, cell)| !cell.is_empty()) {
            lines.push(format!("{name}{}  {cell}", " ".repeat(widest - name.width())));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::answer;

    fn row(cells: &[&str]) -> Vec<String> {
        cells.iter().map(|cell| (*cell).to_owned()).collect()
    }

    #[test]
    fn a_table_fits_the_page() {
        let rows = [row(&["ws-01", "12", &"x".repeat(90)]), row(&["ws-2", "3", "y"])];
        let lines = answer(&[("Host", false), ("Count", true), ("Url", false)], &rows, 40);
        assert_eq!(lines[0], "Host   Count  Url");
        assert_eq!(lines[1], format!("ws-01     12  {}…", "x".repeat(25)));
        assert_eq!(lines[2], "ws-2       3  y");
    }

    #[test]
    fn what_does_not_fit_is_stacked() {
        let names: Vec<String> = (0..12).map(|number| format!("LongColumn{number}")).collect();
        let columns: Vec<(&str, bool)> = names.iter().map(|name| (name.as_str(), false)).collect();
        let cells: Vec<String> = (0..12)
            .map(|number| if number == 1 { String::new() } else { "value".into() })
            .collect();
        let lines = answer(&columns, &[cells], 80);
        assert_eq!(lines[0], "── row 1 ──");
        assert_eq!(lines[1], "LongColumn0   value");
        assert_eq!(lines[2], "LongColumn2   value");
    }

    #[test]
    fn nothing_speaks_to_the_terminal() {
        let lines =
            answer(&[("a", false)], &[row(&["\u{1b}[2J https://a.example.com/?code=secret"])], 80);
        assert!(!lines[1].contains('\u{1b}') && !lines[1].contains("secret"), "{}", lines[1]);
    }
}
