//! Logs of any size, for measurements: days of a sensor's records about thousands of computers.
//!
//! A [`Scenario`](crate::Scenario) tells a story and fits into memory. A corpus has no story: it has
//! the proportions of a busy network, among it a small share of serverless traffic, in which some
//! implants poll. It is made of the same parts, an exchange at a time: each goes through the same
//! network and into the same records, and is forgotten. So memory does not grow with the size, and
//! all that holds of rendered scenarios holds here: every handshake has its connection, every
//! connection the answer that led to it.
//!
//! A GiB of tab-separated values is eight hours of three thousand computers. A larger corpus lasts
//! longer, nights included; a smaller one has as many hours and less traffic. The same corpus has the
//! same bytes every time.

mod archive;
mod form;
mod sites;
mod traffic;

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::RenderError;
use crate::timing::before;

use archive::Archive;
pub use form::Form;
use form::Writer;
use traffic::Traffic;

/// What to write.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Corpus {
    /// How many bytes, to within a few thousandths.
    pub size: u64,
    /// Same seed, same bytes.
    pub seed: u64,
    /// Which sensor, and how it writes.
    pub form: Form,
    /// The share of exchanges that go to serverless names, such as `0.01`.
    pub serverless: f64,
}

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// The size of all files.
    pub bytes: u64,
    /// How many files.
    pub files: u64,
    /// How many connections they tell of, apart from those of DNS queries.
    pub exchanges: u64,
    /// How many of these went to serverless names.
    pub serverless: u64,
}

/// Why a corpus could not be written.
#[derive(Debug, thiserror::Error)]
pub enum CorpusError {
    /// A file or its folder could not be made or written.
    #[error("could not write {}", path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system says.
        #[source]
        source: io::Error,
    },
    /// A record could not be rendered.
    #[error("could not render a record of a corpus")]
    Render(#[source] RenderError),
}

/// Another version of the generator gives other bytes for the same corpus; who keeps corpora keeps
/// them apart by this number.
pub const VERSION: u32 = 1;

/// What is known of an exchange begins no earlier than that before it: with a query that is
/// answered slowly.
const EARLIEST: Duration = Duration::from_secs(1);

impl Corpus {
    /// Writes the files below a folder.
    ///
    /// # Errors
    ///
    /// Fails when the folder cannot be written to, such as for lack of space; see [`CorpusError`].
    /// What was written until then is left.
    pub fn write(&self, folder: &Path) -> Result<Written, CorpusError> {
        let mut traffic = Traffic::new(self);
        let mut writer = Writer::new(self.form);
        let mut archive = Archive::new(self.form, folder);
        while archive.bytes() < self.size
            && let Some(exchange) = traffic.next()
        {
            archive.release(before(exchange.time, EARLIEST))?;
            for line in writer.lines(&exchange).map_err(CorpusError::Render)? {
                archive.add(line);
            }
        }
        let (bytes, files) = archive.close()?;
        let (exchanges, serverless) = traffic.carried();
        Ok(Written { bytes, files, exchanges, serverless })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs;

    use serde_json::Value;

    use super::*;

    const MEBIBYTE: u64 = 1 << 20;
    const SEPARATED: Corpus =
        Corpus { size: MEBIBYTE, seed: 1, form: Form::ZeekTabSeparated, serverless: 0.02 };

    /// The files of a corpus by their paths.
    fn files(corpus: &Corpus) -> (Written, BTreeMap<String, String>) {
        let folder = tempfile::tempdir().expect("there is room");
        let written = corpus.write(folder.path()).expect("there is room");
        let mut files = BTreeMap::new();
        let mut folders = vec![folder.path().to_owned()];
        while let Some(inner) = folders.pop() {
            for entry in fs::read_dir(inner).expect("it can be read") {
                let path = entry.expect("it can be read").path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let text = fs::read_to_string(&path).expect("logs are text");
                let name = path.strip_prefix(folder.path()).expect("it is below");
                files.insert(name.display().to_string(), text);
            }
        }
        (written, files)
    }

    /// The lines of all hours of a Zeek log.
    fn lines<'f>(files: &'f BTreeMap<String, String>, log: &str) -> Vec<&'f str> {
        let of_log = files.iter().filter(|(path, _)| path.contains(&format!("/{log}.")));
        of_log.flat_map(|(_, text)| text.lines()).filter(|line| !line.starts_with('#')).collect()
    }

    #[test]
    fn the_same_corpus_has_the_same_bytes_and_another_seed_has_others() {
        assert_eq!(files(&SEPARATED), files(&SEPARATED));
        assert_ne!(files(&SEPARATED), files(&Corpus { seed: 2, ..SEPARATED }));
    }

    #[test]
    fn it_is_as_large_as_it_should_be_and_says_so() {
        for form in [Form::ZeekTabSeparated, Form::ZeekJson, Form::DefenderCsv] {
            let (written, files) = files(&Corpus { form, ..SEPARATED });
            let bytes: usize = files.values().map(String::len).sum();
            assert_eq!((written.bytes, written.files), (bytes as u64, files.len() as u64));
            assert!(written.bytes.abs_diff(MEBIBYTE) < MEBIBYTE / 20, "{form:?}: {bytes}");
        }
    }

    #[test]
    fn a_small_corpus_is_a_working_day_of_hourly_files() {
        let (_, files) = files(&SEPARATED);
        let paths: Vec<&str> = files.keys().map(String::as_str).collect();
        assert!((28..=36).contains(&paths.len()), "{}", paths.len());
        assert_eq!(paths.first(), Some(&"zeek/2026-04-13/conn.09:00:00-10:00:00.log"));
        for (path, text) in &files {
            assert!(text.starts_with("#separator \\x09\n"), "{path}");
            assert!(text.contains("\n#fields\tts\tuid\t"), "{path}");
            let closed = text.lines().last().expect("it has lines");
            assert!(closed.starts_with("#close\t2026-04-13-1"), "{path}: {closed}");
        }
    }

    #[test]
    fn logs_have_the_proportions_of_a_network_s() {
        let (_, files) = files(&SEPARATED);
        for (log, expected) in [("conn", 0.45), ("dns", 0.25), ("ssl", 0.2), ("http", 0.1)] {
            let bytes: usize = lines(&files, log).iter().map(|line| line.len() + 1).sum();
            let share = bytes as f64 / MEBIBYTE as f64;
            assert!((share - expected).abs() < 0.05, "{log}: {share}");
        }
    }

    #[test]
    fn lines_are_in_the_order_in_which_they_were_written() {
        let (_, files) = files(&SEPARATED);
        for (path, text) in files.iter().filter(|(path, _)| path.contains("/conn.")) {
            let ends: Vec<f64> = text
                .lines()
                .filter(|line| !line.starts_with('#'))
                .map(|line| {
                    let fields: Vec<&str> = line.split('\t').collect();
                    let number = |place: usize| fields[place].parse::<f64>().expect("a number");
                    number(0) + number(8)
                })
                .collect();
            // Sums of fractions are not exact to the last digit.
            assert!(ends.windows(2).all(|pair| pair[0] < pair[1] + 1e-6), "{path}");
        }
    }

    #[test]
    fn serverless_names_have_their_share_and_beacons_have_half_of_it() {
        let (written, files) = files(&SEPARATED);
        let share = written.serverless as f64 / written.exchanges as f64;
        assert!((share - 0.02).abs() < 0.002, "{share}");
        let handshakes = lines(&files, "ssl");
        let with = |name: &str| handshakes.iter().filter(|line| line.contains(name)).count();
        let beacons: usize = sites::BEACONS.iter().map(|beacon| with(beacon.name)).sum();
        let popular: usize = sites::POPULAR.iter().map(|name| with(name)).sum();
        assert_eq!((beacons + popular) as u64, written.serverless);
        assert!((0.3..0.7).contains(&(beacons as f64 / written.serverless as f64)), "{beacons}");
    }

    /// A size of JSON that has as many exchanges makes the same day.
    #[test]
    fn both_writings_tell_of_the_same_connections() {
        let size = |form: Form| (form.bytes_an_exchange() * 1_000.0) as u64;
        let [separated, json] = [Form::ZeekTabSeparated, Form::ZeekJson]
            .map(|form| files(&Corpus { form, size: size(form), ..SEPARATED }).1);
        let by_uid: BTreeMap<&str, Vec<&str>> = lines(&separated, "conn")
            .into_iter()
            .map(|line| line.split('\t').collect::<Vec<_>>())
            .map(|fields| (fields[1], fields))
            .collect();
        let mut compared = 0;
        for line in lines(&json, "conn") {
            let record: Value = serde_json::from_str(line).expect("a line is an object");
            let uid = record["uid"].as_str().expect("it has an identifier");
            let Some(fields) = by_uid.get(uid) else { continue };
            assert_eq!(record["id.orig_h"], fields[2]);
            assert_eq!(record["id.resp_h"], fields[4]);
            assert_eq!(record["orig_bytes"].to_string(), fields[9]);
            assert_eq!(record["local_orig"], fields[12] == "T");
            assert_eq!(record.get("tunnel_parents"), None, "it is unset");
            compared += 1;
        }
        assert!(compared > by_uid.len() * 9 / 10, "{compared} of {}", by_uid.len());
    }
}
