//! The sample logs in the repository are what the range renders, byte for byte.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use coldtrail_range::{render, scenario, simulate};

/// What a person wrote, in a folder that is otherwise generated.
const HANDWRITTEN: &str = "README.md";

/// Together the files must stay a small part of a clone.
const LARGEST_TOTAL: usize = 1_600_000;

#[test]
fn the_samples_are_what_seed_1_renders() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let timeline = simulate(&scenario("examples").expect("it is built in"), 1);
    let files = render(&timeline).expect("memory can be written to");
    for file in &files {
        let written = std::fs::read(folder.join(&file.path)).expect("the sample exists");
        // Not `assert_eq`, which would print a megabyte.
        assert!(
            written == file.contents,
            "{} differs: write the examples again and look at what changed",
            file.path
        );
    }
    let total: usize = files.iter().map(|file| file.contents.len()).sum();
    assert!(total <= LARGEST_TOTAL, "{total} bytes");

    let mut expected: BTreeSet<String> = files.into_iter().map(|file| file.path).collect();
    expected.insert(HANDWRITTEN.to_owned());
    assert_eq!(present(&folder), expected);
}

/// The paths of all files below a folder.
fn present(folder: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut folders: Vec<PathBuf> = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(below) = path.strip_prefix(folder) {
                found.insert(below.to_string_lossy().replace('\\', "/"));
            }
        }
    }
    found
}
