//! `parse`, `parse-where` and `parse-kv`: columns out of text.
