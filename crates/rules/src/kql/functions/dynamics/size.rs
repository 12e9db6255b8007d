//! How big a dynamic value is, so that doubling one again and again comes to an end.

use super::super::Value;
use crate::kql::Dynamic;

/// Bytes of the biggest value that is put together here; Kusto itself holds a cell to a megabyte by default.
const MOST_BYTES: usize = 64 << 20;

/// The value as a cell, or a null if it is too big.
pub(super) fn bounded(dynamic: Dynamic) -> Value {
    if size(&dynamic) > MOST_BYTES { Value::Null } else { Value::of_dynamic(dynamic) }
}

/// Whether so many of that value are too big.
pub(super) fn is_too_big(dynamic: &Dynamic, count: usize) -> bool {
    size(dynamic).saturating_mul(count) > MOST_BYTES
}

/// Bytes, roughly those of its JSON.
fn size(dynamic: &Dynamic) -> usize {
    match dynamic {
        Dynamic::String(text) => text.len() + 2,
        Dynamic::Array(elements) => {
            elements.iter().map(|element| size(element) + 1).sum::<usize>() + 2
        }
        Dynamic::Bag(properties) => {
            properties.iter().map(|(name, value)| name.len() + size(value) + 4).sum::<usize>() + 2
        }
        _ => 8,
    }
}
