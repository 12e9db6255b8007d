//! Examples that are no measure: `xtask/kql/outside.toml`.

use std::fs;
use std::path::Path;

use anyhow::{Context, ensure};
use glob::Pattern;
use serde::Deserialize;

/// Which examples are not counted, and why.
#[derive(Debug, Default)]
pub(super) struct Outside {
    beyond: Vec<Entry>,
    mistaken: Vec<Entry>,
}

/// What an example is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// Counted.
    Measured,
    /// Of something that is not to be supported, or that cannot be repeated; not counted.
    Beyond,
    /// Printed beside a table that the query cannot give, as the page itself shows. It counts, since an
    /// oracle that may be overruled is none; but it is told apart.
    Mistaken,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    outside: Vec<Written>,
    #[serde(default)]
    mistaken: Vec<Written>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    /// The page's name, as a glob.
    page: String,
    /// Which of the page's examples, counted from 1; all of them if nothing is said.
    #[serde(default)]
    examples: Vec<usize>,
    /// Why, as a sentence.
    because: String,
}

#[derive(Debug)]
struct Entry {
    page: Pattern,
    examples: Vec<usize>,
}

impl Outside {
    /// Reads the file.
    pub(super) fn read(path: &Path) -> anyhow::Result<Self> {
        let text =
            fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        Self::parse(&text).with_context(|| format!("{} is wrong", path.display()))
    }

    fn parse(text: &str) -> anyhow::Result<Self> {
        let file: File = toml::from_str(text)?;
        let entries = |written: Vec<Written>| -> anyhow::Result<Vec<Entry>> {
            written.into_iter().map(Entry::of).collect()
        };
        Ok(Self { beyond: entries(file.outside)?, mistaken: entries(file.mistaken)? })
    }

    /// What an example of a page is; examples count from 1.
    pub(super) fn standing(&self, page: &str, example: usize) -> Standing {
        let is_among = |entries: &[Entry]| entries.iter().any(|entry| entry.fits(page, example));
        if is_among(&self.beyond) {
            Standing::Beyond
        } else if is_among(&self.mistaken) {
            Standing::Mistaken
        } else {
            Standing::Measured
        }
    }
}

impl Entry {
    fn of(Written { page, examples, because }: Written) -> anyhow::Result<Self> {
        ensure!(!because.trim().is_empty(), "the reason for {page} is empty");
        Ok(Self { page: Pattern::new(&page)?, examples })
    }

    fn fits(&self, page: &str, example: usize) -> bool {
        self.page.matches(page) && (self.examples.is_empty() || self.examples.contains(&example))
    }
}

#[cfg(test)]
mod tests {
    use super::{Outside, Standing};

    #[test]
    fn pages_are_named_as_a_whole_or_by_example() {
        let outside = Outside::parse(
            "[[outside]]\npage='geo-*'\nbecause='maps'\n\
             [[mistaken]]\npage='sin.md'\nexamples=[2]\nbecause='another name'\n",
        );
        let outside = outside.unwrap();
        assert_eq!(outside.standing("geo-area.md", 7), Standing::Beyond);
        assert_eq!(outside.standing("sin.md", 2), Standing::Mistaken);
        assert_eq!(outside.standing("sin.md", 1), Standing::Measured);
        assert!(Outside::parse("[[outside]]\npage='a'\nbecause=' '\n").is_err());
    }
}
