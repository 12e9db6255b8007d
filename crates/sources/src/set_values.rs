//! Records of products that have a word for nothing.

use std::borrow::Cow;

use crate::filling::Values;

/// A record without what its product writes where it knows nothing.
pub(crate) struct SetValues<'r> {
    /// The record.
    pub(crate) record: &'r dyn Values,
    /// The words, beside empty text and `-`.
    pub(crate) words: &'static [&'static str],
}

impl Values for SetValues<'_> {
    fn text(&self, name: &'static str) -> Option<Cow<'_, str>> {
        let value = self.record.text(name)?;
        let is_set = !matches!(value.trim_ascii(), "" | "-") && !self.words.contains(&&*value);
        is_set.then_some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::SetValues;
    use crate::filling::Values;
    use crate::framing::columns::Cells;

    #[test]
    fn a_word_for_nothing_is_nothing() {
        let record = Cells { names: &["a", "b", "c"], cells: &["None", " ", "x"] };
        let record = SetValues { record: &record, words: &["None"] };
        assert_eq!((record.text("a"), record.text("b")), (None, None));
        assert_eq!(record.text("c").as_deref(), Some("x"));
    }
}
