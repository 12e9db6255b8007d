//! What `moments` and `sample` share: of each group the first distinct values in order, as a list.
//!
//! The result does not depend on the order or the partition that rows came in, and a part of it is
//! a state: the first of the firsts are the first of the whole. All groups of a batch are served in
//! one go, because a hunt has tens of thousands of groups with a few rows each.

use std::borrow::Borrow;
use std::collections::BTreeSet;
use std::fmt::Debug;
use std::sync::Arc;

use arrow_array::builder::{Int64Builder, ListBuilder, StringBuilder};
use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, ArrayRef, BooleanArray, ListArray};
use arrow_cast::cast;
use arrow_schema::{DataType, Field, FieldRef};
use datafusion::common::{DataFusionError, Result, ScalarValue};
use datafusion::logical_expr::{Accumulator, EmitTo, GroupsAccumulator};

/// A value that can be kept.
pub(super) trait Value: Ord + Borrow<Self::Part> + Debug + Send + Sync + 'static {
    /// The value as it lies in a column.
    type Part: Ord + ToOwned<Owned = Self> + ?Sized;

    /// The type of a column of such values.
    const TYPE: DataType;

    /// The value at a row that is not null.
    fn at(column: &ArrayRef, row: usize) -> Option<&Self::Part>;

    /// What it takes in memory, roughly, with its place in a tree.
    fn size(part: &Self::Part) -> usize;

    /// A list for each set.
    fn lists<'k>(sets: impl Iterator<Item = &'k BTreeSet<Self>>) -> ListArray
    where
        Self: Sized;
}

impl Value for i64 {
    type Part = i64;

    const TYPE: DataType = DataType::Int64;

    fn at(column: &ArrayRef, row: usize) -> Option<&i64> {
        column.as_primitive::<Int64Type>().values().get(row)
    }

    fn size(_moment: &i64) -> usize {
        // A tree of 64-bit keys holds about two thirds of its slots.
        16
    }

    fn lists<'k>(sets: impl Iterator<Item = &'k BTreeSet<i64>>) -> ListArray {
        let mut lists = ListBuilder::new(Int64Builder::new());
        for set in sets {
            lists.append_value(set.iter().copied().map(Some));
        }
        lists.finish()
    }
}

impl Value for String {
    type Part = str;

    const TYPE: DataType = DataType::Utf8;

    fn at(column: &ArrayRef, row: usize) -> Option<&str> {
        let texts = column.as_string::<i32>();
        (row < texts.len()).then(|| texts.value(row))
    }

    fn size(text: &str) -> usize {
        // What a tree node and a `String` cost beside the bytes of the text.
        text.len() + 48
    }

    fn lists<'k>(sets: impl Iterator<Item = &'k BTreeSet<String>>) -> ListArray {
        let mut lists = ListBuilder::new(StringBuilder::new());
        for set in sets {
            lists.append_value(set.iter().map(Some));
        }
        lists.finish()
    }
}

/// The type of results and states.
pub(super) fn item<V: Value>() -> FieldRef {
    Arc::new(Field::new("item", V::TYPE, true))
}

/// The first distinct values of one group.
#[derive(Debug)]
pub(super) struct Kept<V> {
    limit: usize,
    values: BTreeSet<V>,
    bytes: usize,
}

impl<V: Value> Kept<V> {
    /// At most so many.
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, values: BTreeSet::new(), bytes: 0 }
    }

    fn add(&mut self, part: &V::Part) {
        let is_full = self.values.len() >= self.limit;
        let is_late = is_full && self.values.last().is_some_and(|last| last.borrow() <= part);
        if is_late || self.values.contains(part) {
            return;
        }
        self.bytes += V::size(part);
        self.values.insert(part.to_owned());
        if is_full && let Some(dropped) = self.values.pop_last() {
            self.bytes -= V::size(dropped.borrow());
        }
    }
}

/// A column of values, or of lists of them.
struct Column {
    values: ArrayRef,
    lists: Option<ListArray>,
}

impl Column {
    fn of<V: Value>(column: &ArrayRef) -> Result<Self> {
        let lists = column.as_list_opt::<i32>().cloned();
        let values = lists.as_ref().map_or(column, |lists| lists.values());
        Ok(Self { values: cast(values, &V::TYPE)?, lists })
    }

    fn rows(&self) -> usize {
        self.lists.as_ref().map_or(self.values.len(), Array::len)
    }

    /// Adds what a row has.
    fn add<V: Value>(&self, row: usize, kept: &mut Kept<V>) {
        let places = match &self.lists {
            None => row..row + 1,
            Some(lists) if lists.is_null(row) => return,
            Some(lists) => match lists.value_offsets().get(row..row + 2) {
                Some([from, to]) => *from as usize..*to as usize,
                _ => return,
            },
        };
        for place in places.filter(|place| self.values.is_valid(*place)) {
            if let Some(value) = V::at(&self.values, place) {
                kept.add(value);
            }
        }
    }
}

impl<V: Value> Accumulator for Kept<V> {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let Some(column) = values.first() else { return Ok(()) };
        let column = Column::of::<V>(column)?;
        (0..column.rows()).for_each(|row| column.add(row, self));
        Ok(())
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        self.update_batch(states)
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        Ok(ScalarValue::List(Arc::new(V::lists(std::iter::once(&self.values)))))
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        Ok(vec![self.evaluate()?])
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.bytes
    }
}

/// The first distinct values of many groups.
pub(super) struct Groups<V> {
    limit: usize,
    kept: Vec<Kept<V>>,
    bytes: usize,
}

impl<V: Value> Groups<V> {
    /// At most so many of each.
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, kept: Vec::new(), bytes: 0 }
    }
}

impl<V: Value> GroupsAccumulator for Groups<V> {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        opt_filter: Option<&BooleanArray>,
        total_num_groups: usize,
    ) -> Result<()> {
        let limit = self.limit;
        self.kept.resize_with(total_num_groups, || Kept::new(limit));
        let Some(column) = values.first() else { return Ok(()) };
        let column = Column::of::<V>(column)?;
        for (row, group) in group_indices.iter().enumerate() {
            let is_in = opt_filter.is_none_or(|filter| filter.is_valid(row) && filter.value(row));
            if let Some(kept) = self.kept.get_mut(*group).filter(|_| is_in) {
                let before = kept.bytes;
                column.add(row, kept);
                self.bytes = self.bytes + kept.bytes - before;
            }
        }
        Ok(())
    }

    fn merge_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        total_num_groups: usize,
    ) -> Result<()> {
        self.update_batch(values, group_indices, None, total_num_groups)
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        let emitted = emit_to.take_needed(&mut self.kept);
        self.bytes -= emitted.iter().map(|kept| kept.bytes).sum::<usize>();
        Ok(Arc::new(V::lists(emitted.iter().map(|kept| &kept.values))))
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        Ok(vec![self.evaluate(emit_to)?])
    }

    fn convert_to_state(
        &self,
        values: &[ArrayRef],
        opt_filter: Option<&BooleanArray>,
    ) -> Result<Vec<ArrayRef>> {
        let column = values.first().ok_or_else(|| {
            DataFusionError::Internal("an aggregate without an argument".to_owned())
        })?;
        let mut rows = Self::new(self.limit);
        let each: Vec<usize> = (0..column.len()).collect();
        rows.update_batch(values, &each, opt_filter, each.len())?;
        rows.state(EmitTo::All)
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.kept.capacity() * size_of::<Kept<V>>() + self.bytes
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::cast::AsArray;
    use arrow_array::{Array, ArrayRef, Int64Array, StringArray};
    use datafusion::logical_expr::{Accumulator, EmitTo, GroupsAccumulator};

    use super::{Groups, Kept};

    fn texts(texts: &[&str]) -> ArrayRef {
        Arc::new(StringArray::from(texts.to_vec()))
    }

    fn kept(values: &[&str]) -> Kept<String> {
        let mut kept = Kept::new(2);
        kept.update_batch(&[texts(values)]).expect("text");
        kept
    }

    #[test]
    fn order_of_arrival_does_not_matter() {
        let forwards = kept(&["a", "b", "c", "b"]).evaluate().expect("a list");
        let backwards = kept(&["c", "b", "a"]).evaluate().expect("a list");
        assert_eq!(forwards, backwards);
        assert_eq!(forwards.to_string(), "[a, b]");
        assert_eq!(kept(&["c", "b", "a"]).bytes, kept(&["a", "b"]).bytes);
    }

    #[test]
    fn keeps_the_earliest_in_order() {
        let mut kept = Kept::<i64>::new(100_000);
        let late: ArrayRef = Arc::new(Int64Array::from_iter_values((0..200_000).rev()));
        kept.update_batch(&[late]).expect("numbers");
        assert_eq!((kept.values.len(), kept.values.last()), (100_000, Some(&99_999)));
    }

    #[test]
    fn many_groups_at_once_are_as_each_alone() {
        let rows = ["c", "a", "b", "a", "c", "b"];
        let groups = [0, 1, 0, 1, 0, 0];
        let mut halves = Groups::<String>::new(2);
        for half in [0..3, 3..6] {
            let mut part = Groups::<String>::new(2);
            part.update_batch(&[texts(&rows[half.clone()])], &groups[half], None, 2).expect("text");
            let state = part.state(EmitTo::All).expect("a state");
            assert_eq!(part.bytes, 0);
            halves.merge_batch(&state, &[0, 1], 2).expect("a state");
        }
        let lists = halves.evaluate(EmitTo::All).expect("lists");
        let lists = lists.as_list::<i32>();
        let list = |row| {
            let texts = lists.value(row);
            texts.as_string::<i32>().iter().flatten().collect::<Vec<_>>().join(" ")
        };
        assert_eq!((lists.len(), list(0).as_str(), list(1).as_str()), (2, "b c", "a"));
    }
}
