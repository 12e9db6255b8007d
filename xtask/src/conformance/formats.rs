//! As what the files of the kit have to be recognised: `xtask/conformance/formats.toml`.

use std::fs;
use std::path::Path;

use anyhow::Context;
use glob::Pattern;
use serde::Deserialize;

/// Which formats files may be of. Of the entries that fit a file's name, the first one counts.
#[derive(Debug)]
pub(super) struct Formats(Vec<(Pattern, Vec<String>)>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    files: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    /// Names in the kit, as a glob.
    like: String,
    /// Names of formats; `none` where no format may recognise the file.
    are: Vec<String>,
}

impl Formats {
    /// Reads the file.
    pub(super) fn read(path: &Path) -> anyhow::Result<Self> {
        let text =
            fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        Self::parse(&text).with_context(|| format!("{} is wrong", path.display()))
    }

    fn parse(text: &str) -> anyhow::Result<Self> {
        let file: File = toml::from_str(text)?;
        let entries = file.files.into_iter();
        let entries = entries.map(|Entry { like, are }| Ok((Pattern::new(&like)?, are)));
        Ok(Self(entries.collect::<anyhow::Result<_>>()?))
    }

    /// Whether a file may be of a format. Where no entry fits, nobody has said so yet, and it may.
    pub(super) fn allow(&self, file: &str, format: &str) -> bool {
        let entry = self.0.iter().find(|(like, _)| like.matches(file));
        entry.is_none_or(|(_, are)| are.iter().any(|allowed| allowed == format))
    }
}

#[cfg(test)]
mod tests {
    use super::Formats;

    #[test]
    fn the_first_entry_that_fits_counts() {
        let formats = Formats::parse(
            "[[files]]\nlike='zeek/*.gz'\nare=['none']\n\
             [[files]]\nlike='zeek/*'\nare=['zeek-tsv','zeek-json']\n",
        );
        let formats = formats.unwrap();
        assert!(formats.allow("zeek/a/b.gz", "none") && !formats.allow("zeek/a/b.gz", "zeek-tsv"));
        assert!(formats.allow("zeek/a/b", "zeek-json") && !formats.allow("zeek/a/b", "none"));
        assert!(formats.allow("dns/a", "none"), "of these nobody has said anything");
        assert!(Formats::parse("[[files]]\nlike='*'\nis=[]\n").is_err());
    }
}
