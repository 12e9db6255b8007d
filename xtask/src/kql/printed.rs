//! Tables as pages print them, in Markdown.

/// A table as it is printed: texts, whatever they stand for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Printed {
    /// The names of the columns.
    pub(super) columns: Vec<String>,
    /// The rows, each as long as there are columns.
    pub(super) rows: Vec<Vec<String>>,
}

impl Printed {
    /// Reads the first table of a text; nothing if there is none.
    pub(super) fn read(text: &str) -> Option<Printed> {
        let mut lines = text.lines().filter(|line| !line.trim().is_empty()).peekable();
        let mut header = Vec::new();
        loop {
            let line = lines.next()?;
            if is_rule(line) {
                break;
            }
            header = cells(line);
        }
        let columns: Vec<String> = header.iter().map(|name| name.replace('\\', "")).collect();
        let width = columns.len();
        let rows = lines.take_while(|line| line.contains('|') && !is_rule(line)).map(|line| {
            let mut row = cells(line);
            // Pages often print more or fewer empty cells than there are columns.
            while row.len() > width && row.last().is_some_and(String::is_empty) {
                row.pop();
            }
            if row.len() < width {
                row.resize(width, String::new());
            }
            row
        });
        Some(Printed { rows: rows.collect(), columns })
    }

    /// Whether a row stands for any number of rows that are left out.
    pub(super) fn is_gap(row: &[String]) -> bool {
        let mut cells = row.iter().filter(|cell| !cell.is_empty());
        let is_dots = |cell: &String| ["...", "…", ".."].contains(&cell.as_str());
        cells.next().is_some_and(is_dots) && cells.all(is_dots)
    }
}

/// Whether a line is what stands between a table's header and its rows.
fn is_rule(line: &str) -> bool {
    line.contains('-') && line.chars().all(|letter| matches!(letter, '|' | '-' | ':' | ' ' | '\t'))
}

/// The cells of a line. A bar behind a backslash is text.
fn cells(line: &str) -> Vec<String> {
    let line = line.trim();
    let line = line.strip_prefix('|').unwrap_or(line);
    let mut cells = vec![String::new()];
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        match (letter, cells.last_mut()) {
            ('\\', Some(cell)) if letters.peek() == Some(&'|') => {
                cell.extend(letters.next());
            }
            ('|', _) => cells.push(String::new()),
            (letter, Some(cell)) => cell.push(letter),
            (_, None) => {}
        }
    }
    // What stands behind the last bar is nothing.
    if cells.len() > 1 && cells.last().is_some_and(|cell| cell.trim().is_empty()) {
        cells.pop();
    }
    cells.iter().map(|cell| plain(cell)).collect()
}

/// A cell without its markup.
fn plain(cell: &str) -> String {
    let mut text = cell.to_owned();
    for (markup, meant) in [
        ("<br>", "\n"),
        ("<br/>", "\n"),
        ("<br />", "\n"),
        ("&nbsp;", " "),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&amp;", "&"),
    ] {
        text = text.replace(markup, meant);
    }
    let text = text.trim();
    let code = text.strip_prefix('`').and_then(|text| text.strip_suffix('`'));
    code.unwrap_or(text).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::Printed;

    #[test]
    fn a_table_is_read_without_its_markup() {
        let printed = Printed::read(
            "|`name`| d\\_x |\n|---|:--|\n|a \\| b|{<br>  \"k\": 1<br>}|\n||`[1, 2]`\n\nProse.",
        );
        let printed = printed.unwrap();
        assert_eq!(printed.columns, ["name", "d_x"]);
        assert_eq!(printed.rows, [["a | b", "{\n  \"k\": 1\n}"], ["", "[1, 2]"]]);
    }

    #[test]
    fn rows_are_as_long_as_the_header_where_only_empty_cells_differ() {
        let printed = Printed::read("|a|b|\n|--|\n|||\n||||\n|1|\n|1|2|3|").unwrap();
        let lengths: Vec<usize> = printed.rows.iter().map(Vec::len).collect();
        assert_eq!(lengths, [2, 2, 2, 3], "a cell too many is a mistake that is not hidden");
    }

    #[test]
    fn dots_stand_for_rows_that_are_left_out() {
        let printed = Printed::read("|a|b|\n|-|-|\n|1|2|\n|...|...|\n|.|..|").unwrap();
        let gaps: Vec<bool> = printed.rows.iter().map(|row| Printed::is_gap(row)).collect();
        assert_eq!(gaps, [false, true, false]);
        assert_eq!(Printed::read("prose alone"), None);
    }
}
