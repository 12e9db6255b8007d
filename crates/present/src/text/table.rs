//! Tables that never wrap: columns leave, and cells are cut, until a row fits the terminal.

use unicode_width::UnicodeWidthStr;

use super::shorten;
use super::span::{Line, Span};

const GAP: usize = 2;

/// Where the text of a column stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Align {
    Left,
    Right,
}

/// How a text is cut to a width, as in [`shorten`].
type Shorten = fn(&str, usize) -> String;

/// One column: how it looks, and how it gives way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    heading: &'static str,
    align: Align,
    /// Columns of a higher rank leave first.
    rank: usize,
    /// How a cell is cut, and to which width at least; whole columns leave rather than be cut.
    shorten: Option<(Shorten, usize)>,
}

impl Column {
    /// A column that is shown whole or not at all.
    pub(crate) fn whole(heading: &'static str, align: Align, rank: usize) -> Column {
        Column { heading, align, rank, shorten: None }
    }

    /// A column of text whose end may be cut, down to a width.
    pub(crate) fn text(heading: &'static str, rank: usize, least: usize) -> Column {
        Column { heading, align: Align::Left, rank, shorten: Some((shorten::end, least)) }
    }

    /// A column of host names whose middle may be cut, down to a width.
    pub(crate) fn host(heading: &'static str, rank: usize, least: usize) -> Column {
        Column { heading, align: Align::Left, rank, shorten: Some((shorten::host, least)) }
    }
}

/// Columns with their cells. An unknown cell is empty; a column of unknown cells is not shown.
#[derive(Debug)]
pub(crate) struct Table {
    columns: Vec<(Column, Vec<Span>)>,
    rows: usize,
}

impl Table {
    /// A table without rows.
    pub(crate) fn new(columns: impl IntoIterator<Item = Column>) -> Table {
        let columns = columns.into_iter().map(|column| (column, Vec::new())).collect();
        Table { columns, rows: 0 }
    }

    /// Adds a row with a cell per column; cells may be empty.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = Span>) {
        self.rows += 1;
        for ((_, column), cell) in self.columns.iter_mut().zip(cells) {
            column.push(cell);
        }
    }

    /// The headings and the rows, none of them wider than `width`.
    pub(crate) fn lines(&self, width: usize) -> Vec<Line> {
        let shown = self.fit(width);
        let headings =
            shown.iter().map(|fitted| fitted.place(&Span::secondary(fitted.column.heading)));
        let mut lines = vec![side_by_side(headings)];
        for row in 0..self.rows {
            let cells =
                shown.iter().filter_map(|fitted| Some(fitted.place(fitted.cells.get(row)?)));
            lines.push(side_by_side(cells));
        }
        lines
    }

    /// The columns that have room, with the widths they get: first every column by rank as long as
    /// it fits, where one that can be cut may take as little as half of its least width; then the spare
    /// room in equal shares.
    fn fit(&self, width: usize) -> Vec<Fitted<'_>> {
        let mut candidates: Vec<_> = self.columns.iter().enumerate().collect();
        candidates.retain(|(_, (_, cells))| cells.iter().any(|cell| !cell.is_empty()));
        candidates.sort_by_key(|(_, (column, _))| column.rank);
        let mut spare = width + GAP;
        let mut shown = Vec::new();
        for (place, (column, cells)) in candidates {
            let mut fitted = Fitted::at_least(*column, cells);
            let room = spare.saturating_sub(GAP);
            if column.shorten.is_some() && room >= fitted.width.div_ceil(2) {
                fitted.width = fitted.width.min(room);
            }
            if fitted.width <= room {
                spare = room - fitted.width;
                shown.push((place, fitted));
            }
        }
        share(spare, shown.iter_mut().map(|(_, fitted)| fitted).collect());
        shown.sort_by_key(|(place, _)| *place);
        shown.into_iter().map(|(_, fitted)| fitted).collect()
    }
}

/// Hands out spare room, one terminal column after the other, so that no long text takes it all.
fn share(mut spare: usize, mut columns: Vec<&mut Fitted<'_>>) {
    loop {
        columns.retain(|column| column.width < column.ideal);
        if columns.is_empty() || spare == 0 {
            return;
        }
        for column in columns.iter_mut().take(spare) {
            column.width += 1;
        }
        spare = spare.saturating_sub(columns.len());
    }
}

/// A column with the width it got.
struct Fitted<'a> {
    column: Column,
    cells: &'a [Span],
    /// The width at which nothing is cut.
    ideal: usize,
    width: usize,
}

impl<'a> Fitted<'a> {
    fn at_least(column: Column, cells: &'a [Span]) -> Fitted<'a> {
        let heading = column.heading.width();
        let ideal = cells.iter().map(Span::width).max().unwrap_or(0).max(heading);
        let least = column.shorten.map_or(ideal, |(_, least)| least.max(heading));
        Fitted { column, cells, ideal, width: least.min(ideal) }
    }

    /// A cell cut and padded to the column's width.
    fn place(&self, cell: &Span) -> Line {
        let cell = match self.column.shorten {
            Some((shorten, _)) => cell.shortened(shorten, self.width),
            None => cell.clone(),
        };
        let missing = self.width.saturating_sub(cell.width());
        match self.column.align {
            Align::Left => Line::new().span(cell).blanks(missing),
            Align::Right => Line::new().blanks(missing).span(cell),
        }
    }
}

fn side_by_side(cells: impl Iterator<Item = Line>) -> Line {
    cells.enumerate().fold(Line::new(), |line, (index, cell)| {
        let line = if index > 0 { line.blanks(GAP) } else { line };
        line.join(cell)
    })
}

#[cfg(test)]
mod tests {
    use super::{Align, Column, Table};
    use crate::text::span::Span;

    fn example() -> Table {
        let mut table = Table::new([
            Column::whole("score", Align::Right, 0),
            Column::text("process", 2, 7),
            Column::host("endpoint", 1, 10),
            Column::whole("nobody knows", Align::Left, 3),
        ]);
        for (score, process, endpoint) in
            [("82", "powershell.exe", "calm-wildflower.workers.dev"), ("7", "", "a.run.app")]
        {
            table.row([score, process, endpoint, ""].map(Span::plain));
        }
        table
    }

    fn shown(width: usize) -> Vec<String> {
        example().lines(width).iter().map(|line| line.paint(false)).collect()
    }

    #[test]
    fn everything_is_shown_where_there_is_room() {
        assert_eq!(
            shown(60),
            [
                "score  process         endpoint",
                "   82  powershell.exe  calm-wildflower.workers.dev",
                "    7                  a.run.app",
            ]
        );
    }

    #[test]
    fn cells_are_cut_by_rank_and_columns_leave_by_rank() {
        assert_eq!(shown(40)[1], "   82  powershell.exe  calm-wildflo….dev");
        assert_eq!(shown(36)[1], "   82  powershell.…  calm-wildf….dev");
        assert_eq!(shown(30)[1], "   82  powershe…  calm-wi….dev");
        assert_eq!(shown(20)[1], "   82  calm-wil….dev");
    }
}
