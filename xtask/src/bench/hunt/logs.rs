//! The logs to measure on: written once, kept if wanted, and read once before anything is measured.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Context;
use coldtrail_range::corpus::{self, Corpus};

use super::options::{Form, Options, size_name};

/// A folder of logs.
#[derive(Debug)]
pub(super) struct Logs {
    pub(super) folder: PathBuf,
    pub(super) bytes: u64,
    pub(super) files: usize,
    /// Where they come from, for people.
    pub(super) origin: String,
}

impl Logs {
    /// The logs of that size, below `root`. There are none if they would be copies of real ones and
    /// those are not there.
    pub(super) fn prepare(
        options: &Options,
        size: u64,
        root: &Path,
    ) -> anyhow::Result<Option<Logs>> {
        match options.form {
            Form::Generated(form) => {
                let serverless = options.serverless / 100.0;
                let corpus = Corpus { size, seed: options.seed, form, serverless };
                generated(&corpus, options, root).map(Some)
            }
            Form::Evtx => copied(size, root),
        }
    }

    fn of(folder: PathBuf, origin: String) -> anyhow::Result<Logs> {
        let files = files(&folder)?;
        let bytes = files.iter().map(|(_, bytes)| bytes).sum();
        Ok(Logs { folder, bytes, files: files.len(), origin })
    }

    /// Reads every file once, so that all commands find them in memory as far as that goes.
    pub(super) fn warm(&self) -> anyhow::Result<()> {
        for (path, _) in files(&self.folder)? {
            let read = File::open(&path).and_then(|mut file| io::copy(&mut file, &mut io::sink()));
            read.with_context(|| format!("cannot read {}", path.display()))?;
        }
        Ok(())
    }
}

/// The corpus of that name, which says all that its bytes depend on.
fn generated(corpus: &Corpus, options: &Options, root: &Path) -> anyhow::Result<Logs> {
    let name = format!(
        "{}-{}-seed{}-serverless{}-version{}",
        options.form.name(),
        size_name(corpus.size),
        corpus.seed,
        options.serverless,
        corpus::VERSION
    );
    let mut origin = "kept from an earlier run".to_owned();
    let folder = whole(&root.join(name), |folder| {
        let start = Instant::now();
        let written = corpus.write(folder)?;
        let seconds = start.elapsed().as_secs_f64();
        origin = format!(
            "written in {seconds:.1} s ({:.0} MiB/s), {} exchanges, {} of them serverless",
            mebibytes(written.bytes) / seconds,
            written.exchanges,
            written.serverless
        );
        Ok(())
    })?;
    Logs::of(folder, origin)
}

/// Copies of the real Windows event logs that developers may have beside the workspace.
fn copied(size: u64, root: &Path) -> anyhow::Result<Option<Logs>> {
    let kit = crate::root()?.join("../shared/data/windows_evtx");
    if !kit.is_dir() {
        return Ok(None);
    }
    let mut originals = files(&kit)?;
    originals.retain(|(path, _)| path.extension().is_some_and(|extension| extension == "evtx"));
    let name = format!("evtx-{}", size_name(size));
    let folder = whole(&root.join(name), |folder| {
        let mut left = size;
        for (number, (path, bytes)) in originals.iter().cycle().enumerate() {
            if left == 0 {
                break;
            }
            let copy = folder.join(format!("{number:06}.evtx"));
            fs::copy(path, &copy).with_context(|| format!("cannot write {}", copy.display()))?;
            left = left.saturating_sub((*bytes).max(1));
        }
        Ok(())
    })?;
    let origin = format!("copies of {} real files", originals.len());
    Logs::of(folder, origin).map(Some)
}

/// A folder that has its name only when it is whole: whoever interrupts the writing finds nothing
/// that looks complete the next time.
fn whole(
    folder: &Path,
    write: impl FnOnce(&Path) -> anyhow::Result<()>,
) -> anyhow::Result<PathBuf> {
    if !folder.exists() {
        let mut partial = folder.as_os_str().to_owned();
        partial.push(".partial");
        let partial = PathBuf::from(partial);
        if partial.exists() {
            fs::remove_dir_all(&partial)
                .with_context(|| format!("cannot remove {}", partial.display()))?;
        }
        fs::create_dir_all(&partial)
            .with_context(|| format!("cannot make {}", partial.display()))?;
        eprintln!("writing {}", folder.display());
        write(&partial)?;
        fs::rename(&partial, folder)
            .with_context(|| format!("cannot rename {}", partial.display()))?;
    }
    Ok(folder.to_owned())
}

/// The files below a folder with their sizes, in the order of their paths.
pub(super) fn files(folder: &Path) -> anyhow::Result<Vec<(PathBuf, u64)>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let cannot = || format!("cannot read {}", folder.display());
        for entry in fs::read_dir(&folder).with_context(cannot)? {
            let path = entry.with_context(cannot)?.path();
            let metadata = fs::metadata(&path).with_context(cannot)?;
            match metadata.is_dir() {
                true => folders.push(path),
                false => files.push((path, metadata.len())),
            }
        }
    }
    files.sort();
    Ok(files)
}

pub(super) fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use arrow_array::RecordBatch;
    use coldtrail_model::Table;
    use coldtrail_sources::{Receiver, SourceTally, Stopped, read_stream};

    use super::*;

    /// The rows are counted while they are read.
    struct Forget;

    impl Receiver for Forget {
        fn receive(&mut self, _: Table, _: RecordBatch) -> Result<(), Stopped> {
            Ok(())
        }
    }

    fn prepare(form: &str, root: &Path) -> Logs {
        let options = Options::parse(&["--size", "1M", "--form", form]).expect("it is known");
        let logs = Logs::prepare(&options, 1 << 20, root).expect("there is room");
        logs.expect("generated logs are always there")
    }

    fn read(path: &Path) -> (String, SourceTally) {
        let mut text = String::new();
        let mut file = File::open(path).expect("it was written");
        file.read_to_string(&mut text).expect("logs are text");
        let name = path.display().to_string();
        let mut tallies = read_stream(&name, &mut text.as_bytes(), &mut Forget);
        (text, tallies.pop().expect("a file is a source"))
    }

    #[test]
    fn coldtrail_reads_every_record_of_what_is_generated() {
        let root = tempfile::tempdir().expect("there is room");
        for (form, format, tables) in [
            ("tsv", "zeek-tsv", [Table::Flow, Table::Dns, Table::Web, Table::Tls].as_slice()),
            ("json", "zeek-json", &[Table::Flow, Table::Dns, Table::Web, Table::Tls]),
            ("defender", "defender", &[Table::Flow]),
        ] {
            let logs = prepare(form, root.path());
            let mut met = Vec::new();
            for (path, _) in files(&logs.folder).expect("it was written") {
                let (text, source) = read(&path);
                assert_eq!(source.format, Some(format), "{}", path.display());
                assert!(source.tally.faults.is_empty(), "{:?}", source.tally.faults);
                let header = usize::from(form == "defender");
                let records = text.lines().filter(|line| !line.starts_with('#')).count() - header;
                assert_eq!(source.tally.records, records as u64, "{}", path.display());
                assert_eq!(source.tally.rows.values().sum::<u64>(), records as u64);
                met.extend(source.tally.rows.into_keys());
            }
            met.sort();
            met.dedup();
            let mut tables = tables.to_vec();
            tables.sort();
            assert_eq!(met, tables, "{form}");
        }
    }

    #[test]
    fn logs_that_are_whole_are_used_again_and_others_are_not() {
        let root = tempfile::tempdir().expect("there is room");
        let name = format!("tsv-1M-seed1-serverless1-version{}", corpus::VERSION);
        let partial = root.path().join(format!("{name}.partial"));
        fs::create_dir_all(partial.join("zeek/left-over")).expect("there is room");
        let first = prepare("tsv", root.path());
        assert!(first.origin.starts_with("written in"), "{}", first.origin);
        assert_eq!(first.folder, root.path().join(name));
        assert!(!partial.exists() && !first.folder.join("zeek/left-over").exists());
        let again = prepare("tsv", root.path());
        assert_eq!(again.origin, "kept from an earlier run");
        assert_eq!((again.bytes, again.files), (first.bytes, first.files));
    }

    #[test]
    fn copies_of_real_event_logs_fill_the_size() {
        let root = tempfile::tempdir().expect("there is room");
        let Some(logs) = copied(1 << 20, root.path()).expect("there is room") else {
            println!("skipped: ../shared is absent");
            return;
        };
        assert!(logs.bytes >= 1 << 20 && logs.files > 1, "{logs:?}");
    }
}
