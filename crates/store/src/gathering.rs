//! Puts the rows of a file together from the pieces that they lie in.
//!
//! Rows that are in the order of their logs are copied by the stretch, all others one by one, which is
//! what most of the time of writing goes to.

use arrow_array::{Array, ArrayRef};
use arrow_schema::ArrowError;
use arrow_select::concat::concat;
use arrow_select::interleave::interleave;

use crate::sorted::Place;

/// Rows are copied by the stretch where stretches have at least so many on average: for fewer,
/// slicing costs more than it spares.
const FEWEST_ROWS_A_STRETCH: usize = 16;

/// Rows that are put together, column by column.
pub(crate) struct Gathering<'p> {
    places: &'p [Place],
    /// The stretches that the rows are made of, where these are long.
    stretches: Option<Vec<Stretch>>,
}

/// Rows that lie one behind the other in a piece.
#[derive(Debug, PartialEq, Eq)]
struct Stretch {
    piece: usize,
    first: usize,
    rows: usize,
}

impl<'p> Gathering<'p> {
    /// The rows at those places.
    pub(crate) fn new(places: &'p [Place]) -> Self {
        let stretches = stretches(places);
        let are_long = stretches.len() * FEWEST_ROWS_A_STRETCH <= places.len();
        Self { places, stretches: are_long.then_some(stretches) }
    }

    /// A column of these rows, of which all pieces have a part.
    ///
    /// # Errors
    ///
    /// When there are more texts than an array holds.
    pub(crate) fn column(&self, parts: &[&dyn Array]) -> Result<ArrayRef, ArrowError> {
        match &self.stretches {
            Some(stretches) => joined(parts, stretches),
            None => interleave(parts, self.places),
        }
    }
}

/// The stretches that places are made of.
fn stretches(places: &[Place]) -> Vec<Stretch> {
    let together = places.chunk_by(|(piece, row), next| (*piece, *row + 1) == *next);
    let stretch = |rows: &[Place]| {
        rows.first().map(|(piece, first)| Stretch {
            piece: *piece,
            first: *first,
            rows: rows.len(),
        })
    };
    together.filter_map(stretch).collect()
}

fn joined(parts: &[&dyn Array], stretches: &[Stretch]) -> Result<ArrayRef, ArrowError> {
    let slices: Vec<ArrayRef> = stretches
        .iter()
        .filter_map(|stretch| Some(parts.get(stretch.piece)?.slice(stretch.first, stretch.rows)))
        .collect();
    concat(&slices.iter().map(AsRef::as_ref).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use arrow_array::{Array, Int64Array, StringArray};
    use arrow_select::interleave::interleave;
    use proptest::prelude::*;

    use super::{Gathering, stretches};

    #[test]
    fn rows_in_order_are_one_stretch() {
        let lengths = |places: &[(usize, usize)]| -> Vec<usize> {
            stretches(places).iter().map(|stretch| stretch.rows).collect()
        };
        assert_eq!(lengths(&[(0, 4), (0, 5), (0, 6), (1, 7), (1, 8)]), [3, 2]);
        assert_eq!(lengths(&[(0, 4), (0, 6), (0, 5), (0, 5)]), [1, 1, 1, 1]);
        assert_eq!(lengths(&[]), [0; 0]);
    }

    /// Texts of many lengths, and some that are null.
    fn texts(number: usize) -> StringArray {
        let text =
            |row: usize| (!row.is_multiple_of(7)).then(|| "wörter".repeat((row + number) % 5));
        (0..1000).map(text).collect()
    }

    proptest! {
        /// Rows arrive in the order that was asked for, in however long stretches they lie.
        #[test]
        fn each_row_is_put_where_it_belongs(
            stretches in prop::collection::vec((0_usize..2, 0_usize..900, 1_usize..100), 1..20),
            longest in 1_usize..100,
        ) {
            let places: Vec<(usize, usize)> = stretches
                .iter()
                .flat_map(|(piece, first, rows)| {
                    (*first..first + rows.min(&longest)).map(|row| (*piece, row))
                })
                .collect();
            let gathering = Gathering::new(&places);
            let numbers = [0, 1000].map(|from| Int64Array::from_iter_values(from..from + 1000));
            let texts = [texts(0), texts(3).slice(0, 1000)];
            let numbers: Vec<&dyn Array> = numbers.iter().map(|part| part as &dyn Array).collect();
            let texts: Vec<&dyn Array> = texts.iter().map(|part| part as &dyn Array).collect();
            for parts in [numbers, texts] {
                let expected = interleave(&parts, &places).unwrap();
                prop_assert_eq!(&gathering.column(&parts).unwrap(), &expected);
            }
        }
    }
}
