//! Splits a line into cells: by a delimiter, with quotes around cells that hold it (RFC 4180).
//!
//! Quotes are taken leniently, for what many products write is no CSV to the letter: a quote in the
//! middle of a cell is part of it, and one that is never closed is, too, so that no line is lost. A
//! cell never goes on in the next line; exports whose cells do are framed elsewhere.

use std::borrow::Cow;

/// No line has that many cells; what lies beyond is left out.
const MOST_CELLS: usize = 4096;

/// The cells of a line.
pub(crate) fn cells(line: &str, delimiter: char) -> Vec<Cow<'_, str>> {
    let mut cells = Vec::new();
    let mut rest = Some(line);
    while let Some(text) = rest.filter(|_| cells.len() < MOST_CELLS) {
        let (cell, behind) = cell(text, delimiter);
        cells.push(cell);
        rest = behind;
    }
    cells
}

/// The cells of a line as they are written, without the quotes around them: for formats in which
/// quotes inside a cell are not doubled.
pub(crate) fn spans(line: &str, delimiter: char) -> impl Iterator<Item = &str> {
    let mut rest = Some(line);
    std::iter::from_fn(move || {
        let text = rest?;
        let quoted = text.strip_prefix('"').and_then(|inside| {
            let end = inside.match_indices('"').find_map(|(end, _)| {
                let behind = inside.get(end + 1..)?;
                (behind.is_empty() || behind.starts_with(delimiter)).then_some(end)
            })?;
            Some((inside.get(..end)?, inside.get(end + 1..)?.strip_prefix(delimiter)))
        });
        let (cell, behind) = quoted.unwrap_or_else(|| match text.split_once(delimiter) {
            Some((cell, behind)) => (cell, Some(behind)),
            None => (text, None),
        });
        rest = behind;
        Some(cell)
    })
}

/// The first cell, and what stands behind the delimiter, if there is one.
fn cell(text: &str, delimiter: char) -> (Cow<'_, str>, Option<&str>) {
    if let Some(inside) = text.strip_prefix('"')
        && let Some((cell, behind)) = quoted(inside, delimiter)
    {
        return (cell, behind);
    }
    match text.split_once(delimiter) {
        Some((cell, behind)) => (Cow::Borrowed(cell), Some(behind)),
        None => (Cow::Borrowed(text), None),
    }
}

/// A cell behind its opening quote, up to the quote that closes it: the first one with a delimiter or
/// the end of the line behind it.
fn quoted(inside: &str, delimiter: char) -> Option<(Cow<'_, str>, Option<&str>)> {
    let mut places = inside.match_indices('"').map(|(place, _)| place);
    let mut is_doubled = false;
    while let Some(place) = places.next() {
        let behind = inside.get(place + 1..)?;
        if behind.starts_with('"') {
            is_doubled = true;
            places.next();
            continue;
        }
        if behind.is_empty() || behind.starts_with(delimiter) {
            let cell = inside.get(..place)?;
            let cell =
                if is_doubled { Cow::Owned(cell.replace("\"\"", "\"")) } else { cell.into() };
            return Some((cell, behind.strip_prefix(delimiter)));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{cells, spans};

    #[test]
    fn a_quoted_cell_may_hold_the_delimiter() {
        assert_eq!(cells("a,\"b, \"\"c\"\"\",,d", ','), ["a", "b, \"c\"", "", "d"]);
        assert_eq!(cells("a\t\"b\tc\"", '\t'), ["a", "b\tc"]);
        assert_eq!(cells("", ','), [""]);
        assert_eq!(cells("a,", ','), ["a", ""]);
    }

    #[test]
    fn a_quote_out_of_place_is_a_character() {
        assert_eq!(cells("a\"b,c", ','), ["a\"b", "c"]);
        assert_eq!(cells("\"a,b", ','), ["\"a", "b"]);
        assert_eq!(cells("\"a\"b,c\",d", ','), ["a\"b,c", "d"]);
    }

    #[test]
    fn spans_keep_what_is_inside() {
        let cells: Vec<_> = spans("\"a b\" c \"d\"e\"", ' ').collect();
        assert_eq!(cells, ["a b", "c", "d\"e"]);
    }

    proptest! {
        #[test]
        fn quoted_cells_read_back_as_written(
            written in prop::collection::vec("[a-c,\" ]{0,6}", 1..6),
        ) {
            let quote = |cell: &String| format!("\"{}\"", cell.replace('"', "\"\""));
            let line = written.iter().map(quote).collect::<Vec<_>>().join(",");
            prop_assert_eq!(cells(&line, ','), written);
        }
    }
}
