//! The names that a header gives to the cells of the lines behind it.

use std::borrow::Cow;

use crate::filling::Values;

/// No log has that many columns; a header that has is damaged, and its names would fill the memory.
const MOST_COLUMNS: usize = 4096;

/// The columns of the lines behind a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Columns {
    /// Their names, in order.
    pub(crate) names: Vec<String>,
    /// What stands between cells.
    pub(crate) delimiter: char,
    /// The program that says it wrote the header; empty if none does.
    pub(crate) software: String,
    /// The day of the header, for lines that have only a time; empty if none is named.
    pub(crate) day: String,
}

impl Columns {
    /// Columns of those names, if they are not too many.
    pub(crate) fn new<'n>(
        names: impl IntoIterator<Item = &'n str>,
        delimiter: char,
    ) -> Option<Self> {
        let names: Vec<String> =
            names.into_iter().take(MOST_COLUMNS).map(|name| name.trim().to_owned()).collect();
        let fit = !names.is_empty() && names.len() < MOST_COLUMNS;
        fit.then(|| Self { names, delimiter, software: String::new(), day: String::new() })
    }

    /// Whether there is a column of that name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.names.iter().any(|known| known == name)
    }
}

/// The cells of a line, under the names of their columns. A cell that is empty or `-` is not set.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cells<'r, N, C> {
    /// The columns' names.
    pub(crate) names: &'r [N],
    /// The cells; there may be fewer than names, or more.
    pub(crate) cells: &'r [C],
}

impl<N: AsRef<str>, C: AsRef<str>> Values for Cells<'_, N, C> {
    fn text(&self, name: &'static str) -> Option<Cow<'_, str>> {
        let place = self.names.iter().position(|known| known.as_ref() == name)?;
        let cell = self.cells.get(place)?.as_ref();
        (!matches!(cell, "" | "-")).then_some(Cow::Borrowed(cell))
    }
}

#[cfg(test)]
mod tests {
    use super::{Cells, Columns};
    use crate::filling::Values;

    #[test]
    fn a_cell_is_found_by_the_name_of_its_column() {
        let cells = Cells { names: &["a", "b", "c"], cells: &["1", "-"] };
        assert_eq!(cells.text("a").as_deref(), Some("1"));
        assert_eq!(cells.text("b"), None);
        assert_eq!(cells.text("c"), None);
    }

    #[test]
    fn a_header_without_end_is_none() {
        assert_eq!(Columns::new(std::iter::repeat_n("x", 5000), ','), None);
        assert!(Columns::new(["a", " b"], ',').is_some_and(|columns| columns.has("b")));
    }
}
