//! A CSV file as people keep them: columns in any order, comments, a byte order mark, and a place for
//! every cell, so that a problem can be shown where it is.
//!
//! A row is one line. A quoted cell ends on its line, so that a stray quotation mark costs one row and
//! not the rest of the file. Where the header has no comma, a semicolon or a tab separates, as
//! spreadsheets in some countries write.

use coldtrail_diagnostics::ProblemKind;

use crate::problems::{Place, Problems, nearest, quoted};

/// More rows than this are not read.
const MOST_ROWS: usize = 1_000_000;

/// A longer line is no row of such a file.
const LONGEST_LINE: usize = 64 * 1024;

/// A column of a file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    /// Its name in the header.
    pub(crate) name: &'static str,
    /// Whether the file makes no sense without it.
    pub(crate) is_needed: bool,
}

/// One row: the cells of the columns asked for, in that order.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// Its line, counted from 1.
    pub(crate) line: u64,
    cells: Vec<Cell>,
}

/// One cell, without quotation marks and the spaces around it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cell {
    pub(crate) text: String,
    /// Where it begins, in characters from 1; 0 where the file has no such column.
    column: u64,
}

impl Row {
    /// The text of a column by its place among those asked for; empty where there is none.
    pub(crate) fn text(&self, column: usize) -> &str {
        self.cells.get(column).map_or("", |cell| &cell.text)
    }

    /// The text, if there is any.
    pub(crate) fn filled(&self, column: usize) -> Option<&str> {
        Some(self.text(column)).filter(|text| !text.is_empty())
    }

    /// Where a cell is.
    pub(crate) fn place(&self, column: usize) -> Place {
        let column = self.cells.get(column).map(|cell| cell.column).filter(|column| *column > 0);
        Place { line: Some(self.line), column }
    }
}

/// The rows of a file.
pub(crate) fn rows(text: &str, columns: &[Column], problems: &mut Problems) -> Vec<Row> {
    let mut lines = (1..).zip(text.lines()).filter(|(_, line)| {
        let line = line.trim();
        !line.is_empty() && !line.starts_with('#')
    });
    let Some((line, header)) = lines.next() else {
        return Vec::new();
    };
    let separator = separator(header);
    let Ok(header) = cells(header, separator) else {
        unclosed(Place::at(line, 1), problems);
        return Vec::new();
    };
    let Some(places) = places(&header, line, columns, problems) else {
        return Vec::new();
    };
    let mut rows = Vec::new();
    for (line, text) in lines {
        if rows.len() >= MOST_ROWS {
            let reason = format!("there are more than {MOST_ROWS} rows");
            problems.error(Place::at(line, 1), ProblemKind::TooLarge, reason, "split the file");
            break;
        }
        rows.extend(row(line, text, separator, header.len(), &places, problems));
    }
    rows
}

/// The names of the columns of a file, to tell what sort of file it is.
pub(crate) fn header(text: &str) -> Vec<String> {
    let is_header = |line: &&str| !line.trim().is_empty() && !line.trim().starts_with('#');
    let header = text.lines().find(is_header).unwrap_or("");
    let cells = cells(header, separator(header)).unwrap_or_default();
    cells.into_iter().map(|cell| cell.text.to_lowercase()).collect()
}

fn separator(header: &str) -> char {
    let has = |separator: &char| header.contains(*separator);
    [',', ';', '\t'].into_iter().find(has).unwrap_or(',')
}

/// For each column asked for, which cell of a row it is.
fn places(
    header: &[Cell],
    line: u64,
    columns: &[Column],
    problems: &mut Problems,
) -> Option<Vec<Option<usize>>> {
    let names: Vec<String> = header.iter().map(|cell| cell.text.to_lowercase()).collect();
    for (index, (name, cell)) in names.iter().zip(header).enumerate() {
        let place = Place::at(line, cell.column);
        if names.iter().take(index).any(|earlier| earlier == name) && !name.is_empty() {
            let reason = format!("column {} is there twice", quoted(&cell.text));
            problems.warning(place, ProblemKind::RepeatedColumn, reason, "the first one counts");
        } else if !columns.iter().any(|column| column.name == name) {
            unknown_column(cell, place, columns, problems);
        }
    }
    let found = |column: &Column| names.iter().position(|name| name == column.name);
    let mut is_complete = true;
    for column in columns.iter().filter(|column| column.is_needed && found(column).is_none()) {
        let known: Vec<&str> = columns.iter().map(|column| column.name).collect();
        let reason = format!("there is no column `{}`", column.name);
        let help = format!("the first line names the columns, in any order: {}", known.join(","));
        problems.error(Place::at(line, 1), ProblemKind::MissingColumn, reason, &help);
        is_complete = false;
    }
    is_complete.then(|| columns.iter().map(found).collect())
}

fn unknown_column(cell: &Cell, place: Place, columns: &[Column], problems: &mut Problems) {
    let known: Vec<&str> = columns.iter().map(|column| column.name).collect();
    let help = match nearest(&cell.text.to_lowercase(), known.iter().copied()) {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None => format!("it is not read; the columns are {}", known.join(", ")),
    };
    let reason = format!("there is no column called {}", quoted(&cell.text));
    problems.warning(place, ProblemKind::UnknownColumn, reason, &help);
}

fn row(
    line: u64,
    text: &str,
    separator: char,
    width: usize,
    places: &[Option<usize>],
    problems: &mut Problems,
) -> Option<Row> {
    if text.len() > LONGEST_LINE {
        let reason = format!("the line has more than {LONGEST_LINE} bytes");
        problems.error(Place::at(line, 1), ProblemKind::TooLarge, reason, "shorten it");
        return None;
    }
    let cells = match cells(text, separator) {
        Ok(cells) => cells,
        Err(column) => {
            unclosed(Place::at(line, column), problems);
            return None;
        }
    };
    if let Some(surplus) = cells.iter().skip(width).find(|cell| !cell.text.is_empty()) {
        let reason = format!("{} cells stand under {width} columns", cells.len());
        let help = format!("put a cell that holds `{separator}` in quotation marks");
        let place = Place::at(line, surplus.column);
        problems.error(place, ProblemKind::WrongCellCount, reason, &help);
        return None;
    }
    if cells.len() < width {
        let reason = format!("{} cells stand under {width} columns", cells.len());
        let help = "the cells that are missing at the end were taken for empty";
        problems.warning(Place::at(line, 1), ProblemKind::WrongCellCount, reason, help);
    }
    let cell = |place: &Option<usize>| cells.get((*place)?).cloned();
    Some(Row { line, cells: places.iter().map(|place| cell(place).unwrap_or_default()).collect() })
}

fn unclosed(place: Place, problems: &mut Problems) {
    let reason = "a quotation mark has no partner on this line".to_owned();
    let help = "close it; a quotation mark inside a quoted cell is written twice";
    problems.error(place, ProblemKind::UnclosedQuote, reason, help);
}

/// The cells of a line, or the column of a quotation mark that is not closed.
fn cells(line: &str, separator: char) -> Result<Vec<Cell>, u64> {
    let mut cells = Vec::new();
    let mut characters = (1..).zip(line.chars()).peekable();
    loop {
        while characters.next_if(|(_, one)| one.is_whitespace() && *one != separator).is_some() {}
        let begins =
            characters.peek().map_or(line.chars().count() as u64 + 1, |(column, _)| *column);
        let mut text = String::new();
        if characters.next_if(|(_, one)| *one == '"').is_some() {
            loop {
                match characters.next() {
                    None => return Err(begins),
                    Some((_, '"')) if characters.next_if(|(_, one)| *one == '"').is_none() => break,
                    Some((_, one)) => text.push(one),
                }
            }
        }
        while let Some((_, one)) = characters.next_if(|(_, one)| *one != separator) {
            text.push(one);
        }
        cells.push(Cell { text: text.trim().to_owned(), column: begins });
        if characters.next().is_none() {
            return Ok(cells);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Column, Row, rows};
    use crate::problems::{Place, Problems};
    use coldtrail_diagnostics::ProblemKind;

    const COLUMNS: [Column; 2] =
        [Column { name: "host", is_needed: true }, Column { name: "owner", is_needed: false }];

    type Told = (ProblemKind, Option<u64>, Option<u64>);

    fn read(text: &str) -> (Vec<Row>, Vec<Told>) {
        let mut problems = Problems::of("test.csv");
        let rows = rows(text, &COLUMNS, &mut problems);
        let told = problems.into_list();
        (rows, told.iter().map(|one| (one.kind, one.line, one.column)).collect())
    }

    #[test]
    fn columns_come_in_any_order_with_quotes_and_comments() {
        let (rows, problems) =
            read("# ours\nOwner, host\n\n\"Smith, \"\"Jo\"\"\",web-1\n#no\nit,\"db 1\"\n");
        assert_eq!(problems, Vec::new());
        let read: Vec<_> = rows.iter().map(|row| (row.line, row.text(0), row.text(1))).collect();
        assert_eq!(read, [(4, "web-1", "Smith, \"Jo\""), (6, "db 1", "it")]);
        assert_eq!(rows[0].place(0), Place::at(4, 17));
    }

    #[test]
    fn semicolons_and_tabs_separate_where_no_comma_does() {
        for text in ["host;owner\nweb-1;it, mail\n", "host\towner\nweb-1\tit, mail\n"] {
            let (rows, problems) = read(text);
            assert_eq!((rows[0].text(1), problems.len()), ("it, mail", 0));
        }
    }

    #[test]
    fn a_bad_row_costs_itself_alone() {
        let (rows, problems) = read("host,owner\n\"a,b\nweb-1,it,surplus\nweb-2\nweb-3,it\n");
        let hosts: Vec<_> = rows.iter().map(|row| row.text(0)).collect();
        assert_eq!(hosts, ["web-2", "web-3"]);
        assert_eq!(
            problems,
            [
                (ProblemKind::UnclosedQuote, Some(2), Some(1)),
                (ProblemKind::WrongCellCount, Some(3), Some(10)),
                (ProblemKind::WrongCellCount, Some(4), Some(1)),
            ]
        );
    }

    #[test]
    fn a_misspelt_column_is_told_with_the_nearest() {
        let mut problems = Problems::of("test.csv");
        assert!(rows("hosst,ownr\na,b\n", &COLUMNS, &mut problems).is_empty());
        let told = problems.into_list();
        assert_eq!(told[0].help, "did you mean `host`?");
        assert_eq!(told[1].help, "did you mean `owner`?");
        assert_eq!(told[2].kind, ProblemKind::MissingColumn);
    }
}
