//! Builds columns of texts of which there are few: dictionaries.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::builder::{Int32Builder, StringBuilder};
use arrow_array::types::Int32Type;
use arrow_array::{ArrayRef, DictionaryArray};

/// Builds a dictionary. Rows mostly have the text of the row before, so that text is compared first
/// and looked up only if it is another one.
#[derive(Default)]
pub(crate) struct KeywordBuilder {
    keys: Int32Builder,
    texts: StringBuilder,
    known: HashMap<Box<str>, i32>,
    last: Option<(Box<str>, i32)>,
}

impl KeywordBuilder {
    pub(crate) fn append_value(&mut self, text: &str) {
        let key = match &self.last {
            Some((last, key)) if **last == *text => *key,
            _ => self.look_up(text),
        };
        self.keys.append_value(key);
    }

    pub(crate) fn append_nulls(&mut self, nulls: usize) {
        self.keys.append_nulls(nulls);
    }

    /// The rows, and begins anew.
    pub(crate) fn finish(&mut self) -> ArrayRef {
        let Self { mut keys, mut texts, .. } = std::mem::take(self);
        let (keys, texts) = (keys.finish(), Arc::new(texts.finish()));
        self.keys = Int32Builder::with_capacity(keys.len());
        Arc::new(DictionaryArray::<Int32Type>::new(keys, texts))
    }

    fn look_up(&mut self, text: &str) -> i32 {
        let key = match self.known.get(text) {
            Some(key) => *key,
            None => {
                // A batch has thousands of rows, so that the keys never run out.
                let key = i32::try_from(self.known.len()).unwrap_or(i32::MAX);
                self.texts.append_value(text);
                self.known.insert(text.into(), key);
                key
            }
        };
        self.last = Some((text.into(), key));
        key
    }
}

#[cfg(test)]
mod tests {
    use arrow_array::cast::AsArray;
    use arrow_array::types::Int32Type;
    use arrow_array::{Array, StringArray};

    use super::KeywordBuilder;

    #[test]
    fn each_text_is_kept_once() {
        let mut builder = KeywordBuilder::default();
        for round in 0..2 {
            for text in ["b", "b", "a", "b"] {
                builder.append_value(text);
            }
            builder.append_nulls(2);
            let column = builder.finish();
            let column = column.as_dictionary::<Int32Type>();
            assert_eq!(column.values().len(), 2, "round {round}");
            let texts = column.downcast_dict::<StringArray>().expect("a dictionary of texts");
            let rows: Vec<Option<&str>> = texts.into_iter().collect();
            assert_eq!(rows, [Some("b"), Some("b"), Some("a"), Some("b"), None, None]);
        }
    }
}
