//! Finds the inputs that paths, folders and globs name.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use coldtrail_diagnostics::{Anomaly, Faults};
use walkdir::WalkDir;

/// One thing to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// Its name in reports: the path as it was written, or what a folder or glob made of it.
    pub name: String,
    /// Where its bytes come from.
    pub origin: Origin,
}

impl Input {
    /// The size of the file as it lies there, packed or not; 0 where nobody knows it before.
    pub fn bytes(&self) -> u64 {
        match &self.origin {
            Origin::File(path) | Origin::Tail { path, .. } | Origin::Rest { path, .. } => {
                std::fs::metadata(path).map_or(0, |file| file.len())
            }
            Origin::Stdin => 0,
        }
    }
}

impl Origin {
    /// Whether it can be read more than once, which standard input and pipes cannot.
    pub fn is_lasting(&self) -> bool {
        match self {
            Origin::File(path) | Origin::Tail { path, .. } | Origin::Rest { path, .. } => {
                fs::metadata(path).is_ok_and(|file| file.is_file())
            }
            Origin::Stdin => false,
        }
    }
}

/// Where the bytes of an input come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A file, or a named pipe.
    File(PathBuf),
    /// The records of a file that begin at an offset of its unpacked stream or behind it: those
    /// before were read another time.
    Tail {
        /// The file.
        path: PathBuf,
        /// The offset.
        from: u64,
    },
    /// What was not read another time of a file and of its members.
    Rest {
        /// The file.
        path: PathBuf,
        /// For each member that was read before, the offset behind which its records are new;
        /// [`u64::MAX`] leaves the member out altogether.
        read: BTreeMap<String, u64>,
    },
    /// Standard input.
    Stdin,
}

/// Finds the inputs that are named, in the order of the names, and in a folder in the order of file
/// names.
///
/// A name is a file, a folder, which is searched with everything below it, a glob such as
/// `logs/**/conn*.gz`, or `-` for standard input. What exists under that very name is never taken
/// for a glob. Links are followed. An input that is named twice is read once.
pub fn discover(names: &[String]) -> (Vec<Input>, Faults) {
    let mut discovery = Discovery::default();
    for name in names {
        discovery.name(name);
    }
    (discovery.inputs, discovery.faults)
}

#[derive(Default)]
struct Discovery {
    inputs: Vec<Input>,
    faults: Faults,
    /// What was taken already, by its one true path.
    taken: BTreeSet<Option<PathBuf>>,
}

impl Discovery {
    fn name(&mut self, name: &str) {
        if name == "-" {
            if self.taken.insert(None) {
                self.inputs.push(Input { name: name.to_owned(), origin: Origin::Stdin });
            }
            return;
        }
        let path = Path::new(name);
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => self.folder(path),
            Ok(_) => self.take(path),
            Err(error) if error.kind() == io::ErrorKind::NotFound => self.glob(name, &error),
            Err(error) => self.fault(name, Anomaly::Unreadable, &error.to_string()),
        }
    }

    fn glob(&mut self, pattern: &str, missing: &io::Error) {
        if !pattern.contains(['*', '?', '[']) {
            self.fault(pattern, Anomaly::NotFound, &missing.to_string());
            return;
        }
        let paths = match glob::glob(pattern) {
            Ok(paths) => paths,
            Err(error) => {
                self.fault(pattern, Anomaly::NotFound, &error.to_string());
                return;
            }
        };
        let mut matches = false;
        for path in paths {
            matches = true;
            match path {
                Ok(path) if path.is_dir() => self.folder(&path),
                // A pattern is no name: what is no file is passed over, as in a folder.
                Ok(path) if path.is_file() => self.take(&path),
                Ok(_) => {}
                Err(error) => {
                    let source = error.path().display().to_string();
                    self.fault(&source, Anomaly::Unreadable, &error.error().to_string());
                }
            }
        }
        if !matches {
            self.fault(pattern, Anomaly::NotFound, "the pattern matches nothing");
        }
    }

    /// Takes all files of a folder, at any depth. Pipes, sockets and devices that are met on the way
    /// are passed over: reading them might never end.
    fn folder(&mut self, folder: &Path) {
        let mut is_empty = true;
        for entry in WalkDir::new(folder).follow_links(true).sort_by_file_name() {
            match entry {
                Ok(entry) => {
                    if entry.file_type().is_file() {
                        is_empty = false;
                        self.take(entry.path());
                    }
                }
                Err(error) => {
                    is_empty = false;
                    let anomaly = match error.loop_ancestor() {
                        Some(_) => Anomaly::DirectoryLoop,
                        None => Anomaly::Unreadable,
                    };
                    let source = error.path().unwrap_or(folder).display().to_string();
                    self.fault(&source, anomaly, &error.to_string());
                }
            }
        }
        if is_empty {
            self.fault(&folder.display().to_string(), Anomaly::NotFound, "the folder has no files");
        }
    }

    fn take(&mut self, path: &Path) {
        // The pipe of a process substitution has no such path, and is taken as it is named.
        let true_path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        if self.taken.insert(Some(true_path)) {
            let name = path.display().to_string();
            self.inputs.push(Input { name, origin: Origin::File(path.to_owned()) });
        }
    }

    fn fault(&mut self, source: &str, anomaly: Anomaly, detail: &str) {
        self.faults.add(source, anomaly, None, detail);
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use coldtrail_diagnostics::{Anomaly, Faults};

    use super::{Input, Origin, discover};

    /// A folder with `b.log`, `a.log` and `sub/[c].log`.
    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("sub")).unwrap();
        for name in ["b.log", "a.log", "sub/[c].log"] {
            fs::write(folder.path().join(name), name).unwrap();
        }
        folder
    }

    /// Discovers names below the folder; the inputs' names are relative to it again.
    fn find(folder: &Path, names: &[&str]) -> (Vec<String>, Faults) {
        let names: Vec<_> = names.iter().map(|name| below(folder, name)).collect();
        let (inputs, faults) = discover(&names);
        let prefix = below(folder, "");
        (inputs.iter().map(|input| input.name.replace(&prefix, "")).collect(), faults)
    }

    fn below(folder: &Path, name: &str) -> String {
        if name == "-" { name.to_owned() } else { folder.join(name).display().to_string() }
    }

    fn anomalies(faults: &Faults) -> Vec<Anomaly> {
        faults.iter().map(|fault| fault.anomaly).collect()
    }

    #[test]
    fn folders_are_searched_in_order() {
        let folder = folder();
        let (names, faults) = find(folder.path(), &[""]);
        assert_eq!(names, ["a.log", "b.log", "sub/[c].log"]);
        assert!(faults.is_empty());
    }

    #[test]
    fn nothing_is_read_twice() {
        let folder = folder();
        let (names, faults) =
            find(folder.path(), &["b.log", "sub/../b.log", "*.log", "-", "", "-"]);
        assert_eq!(names, ["b.log", "a.log", "-", "sub/[c].log"]);
        assert!(faults.is_empty());
    }

    #[test]
    fn what_exists_is_no_glob() {
        let folder = folder();
        assert_eq!(find(folder.path(), &["sub/[c].log"]).0, ["sub/[c].log"]);
        assert_eq!(find(folder.path(), &["**/*[ab].log"]).0, ["a.log", "b.log"]);
    }

    #[test]
    fn what_names_nothing_is_said() {
        let folder = folder();
        fs::create_dir(folder.path().join("empty")).unwrap();
        for name in ["nowhere.log", "*.evtx", "[", "empty"] {
            let (names, faults) = find(folder.path(), &[name]);
            assert!(names.is_empty(), "{name}");
            assert_eq!(anomalies(&faults), [Anomaly::NotFound], "{name}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_that_contains_itself_is_left_after_one_round() {
        let folder = folder();
        std::os::unix::fs::symlink(folder.path(), folder.path().join("sub/again")).unwrap();
        let (names, faults) = find(folder.path(), &[""]);
        assert_eq!(names, ["a.log", "b.log", "sub/[c].log"]);
        assert_eq!(anomalies(&faults), [Anomaly::DirectoryLoop]);
    }

    #[cfg(unix)]
    #[test]
    fn links_that_lead_nowhere_or_round_and_round_are_said() {
        let folder = folder();
        let link = |to: &str, from: &str| {
            std::os::unix::fs::symlink(folder.path().join(to), folder.path().join(from)).unwrap();
        };
        link("nowhere", "sub/dangling");
        link("sub/self", "sub/self");
        let (names, faults) = find(folder.path(), &["", "sub/self"]);
        assert_eq!(names.len(), 3);
        assert!(faults.iter().all(|fault| fault.anomaly == Anomaly::Unreadable));
        assert_eq!(faults.iter().map(|fault| fault.count).sum::<u64>(), 3);
    }

    #[cfg(unix)]
    #[test]
    fn a_socket_in_a_folder_is_passed_over_and_a_named_pipe_is_taken() {
        let folder = folder();
        let _socket = std::os::unix::net::UnixListener::bind(folder.path().join("socket")).unwrap();
        assert_eq!(find(folder.path(), &[""]).0.len(), 3);
        let named = folder.path().join("socket");
        let (inputs, _) = discover(&[named.display().to_string()]);
        assert_eq!(
            inputs,
            [Input { name: named.display().to_string(), origin: Origin::File(named) }]
        );
    }
}
