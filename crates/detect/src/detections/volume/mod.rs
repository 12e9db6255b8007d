//! What the amount and the direction of data tell.

pub(super) mod data_after_resolution;
pub(super) mod few_functions;
pub(super) mod upload_heavy;

/// An amount for a sentence: `812 B`, `3.1 MB`.
fn size(bytes: u64) -> String {
    let bytes = bytes as f64;
    match bytes {
        below if below < 1e3 => format!("{bytes:.0} B"),
        below if below < 1e6 => format!("{:.1} kB", bytes / 1e3),
        below if below < 1e9 => format!("{:.1} MB", bytes / 1e6),
        _ => format!("{:.1} GB", bytes / 1e9),
    }
}
