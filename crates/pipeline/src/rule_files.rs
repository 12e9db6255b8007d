//! Files of rules: which there are, and in which language.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use coldtrail_rules::kql;
use coldtrail_rules::sigma::{Limits, RuleText};
use walkdir::WalkDir;

/// At most so many files are read as rules.
const MOST_FILES: usize = 250_000;

/// So many brackets does a query at most have that is read from a file of rules.
const MOST_BRACKETS: usize = 5_000;

/// How files of rules end.
const ENDINGS: [&str; 5] = ["kql", "csl", "kusto", "yaml", "yml"];

/// How files end that may stand among rules and are none.
const BESIDE_RULES: [&str; 3] = ["md", "txt", "json"];

/// So many files of a folder tell whether it is one of rules.
const FILES_TO_TELL: usize = 500;

/// Rules with the files that they are in.
#[derive(Clone, Debug, Default)]
pub struct RuleFiles {
    /// Queries in KQL, in the order of their files.
    pub kql: Vec<(PathBuf, kql::Rule)>,
    /// Files of Sigma rules, in the order of their names.
    pub sigma: Vec<RuleText>,
    /// Files that are no rules, and why.
    pub problems: Vec<(PathBuf, String)>,
}

impl RuleFiles {
    /// The rules of files, and of all `.yml`, `.yaml`, `.kql` and `.csl` files of folders. A file that is named
    /// itself may end as it likes.
    pub fn of(paths: &[PathBuf]) -> RuleFiles {
        let mut files = RuleFiles::default();
        let mut count = 0;
        for path in paths {
            let mut licences = Licences::of(path);
            let entries = WalkDir::new(path).sort_by_file_name().into_iter();
            for entry in entries.filter_map(Result::ok).filter(|it| it.file_type().is_file()) {
                let is_named = entry.depth() == 0;
                if !is_named && !is_rule_file(entry.path()) {
                    continue;
                }
                count += 1;
                if count > MOST_FILES {
                    let reason = format!("more than {MOST_FILES} files of rules are not read");
                    files.problems.push((entry.path().to_owned(), reason));
                    return files;
                }
                match read(entry.path()) {
                    Ok(text) => files.add(entry.path(), text, &mut licences),
                    Err(reason) => files.problems.push((entry.path().to_owned(), reason)),
                }
            }
        }
        files
    }

    fn add(&mut self, path: &Path, text: String, licences: &mut Licences) {
        if is_sigma(&text) {
            let license = licences.nearest(path);
            self.sigma.push(RuleText { file: path.to_owned(), text, license });
            return;
        }
        // The reader of YAML takes the square of the time for brackets that are open.
        if text.bytes().filter(|byte| matches!(byte, b'[' | b'{')).count() > MOST_BRACKETS {
            let reason = format!("it has more than {MOST_BRACKETS} brackets");
            self.problems.push((path.to_owned(), reason));
            return;
        }
        match kql::Rule::of_file(&path.to_string_lossy(), &text) {
            Ok(rule) => self.kql.push((path.to_owned(), rule)),
            Err(reason) => self.problems.push((path.to_owned(), reason)),
        }
    }

    /// Whether there is nothing at all.
    pub fn is_empty(&self) -> bool {
        self.kql.is_empty() && self.sigma.is_empty() && self.problems.is_empty()
    }
}

/// Whether a path is a file of rules, or a folder of nothing but rules and what is written about them.
pub fn are_rules(path: &Path) -> bool {
    if !path.is_dir() {
        return is_rule_file(path);
    }
    let entries = WalkDir::new(path).into_iter().filter_map(Result::ok);
    let mut files = entries.filter(|it| it.file_type().is_file()).take(FILES_TO_TELL).peekable();
    files.peek().is_some()
        && files.all(|file| {
            let ending = ending(file.path());
            ending.is_empty()
                || is_rule_file(file.path())
                || BESIDE_RULES.contains(&ending.as_str())
        })
        && WalkDir::new(path).into_iter().filter_map(Result::ok).any(|it| is_rule_file(it.path()))
}

fn is_rule_file(path: &Path) -> bool {
    ENDINGS.contains(&ending(path).as_str())
}

fn ending(path: &Path) -> String {
    path.extension().unwrap_or_default().to_string_lossy().to_lowercase()
}

/// A file as text, if it is not too large.
fn read(path: &Path) -> Result<String, String> {
    let most = Limits::default().file_bytes as u64;
    let file = fs::File::open(path).map_err(|error| error.to_string())?;
    let mut bytes = Vec::new();
    file.take(most + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > most {
        return Err(format!("it is larger than {most} bytes"));
    }
    String::from_utf8(bytes).map_err(|_invalid| "it is no UTF-8".to_owned())
}

/// Whether a text is Sigma's YAML: it has one of the parts that every document of Sigma has, and no query.
fn is_sigma(text: &str) -> bool {
    let begins =
        |keys: &[&str]| text.lines().any(|line| keys.iter().any(|key| line.starts_with(key)));
    begins(&["detection:", "logsource:", "correlation:", "filter:", "action:"])
        && !begins(&["query:", "query :"])
}

/// The licences that lie beside rules.
struct Licences {
    /// No folder above this one is looked at.
    top: PathBuf,
    known: BTreeMap<PathBuf, String>,
}

impl Licences {
    fn of(path: &Path) -> Self {
        // A folder of rules is often one of several in a repository, which has the licence.
        let top = path.parent().unwrap_or(path).to_owned();
        Self { top, known: BTreeMap::new() }
    }

    /// What the nearest file `LICENSE` above a file is called in its first line.
    fn nearest(&mut self, file: &Path) -> String {
        let folders = file.ancestors().skip(1);
        let inside = folders.take_while(|folder| folder.starts_with(&self.top));
        for folder in inside.map(Path::to_owned).collect::<Vec<_>>() {
            let first_line = || {
                let names = ["LICENSE", "LICENSE.md", "LICENSE.txt"];
                let text = names.iter().find_map(|name| read(&folder.join(name)).ok());
                text.as_deref().map(name_of_licence).unwrap_or_default()
            };
            let licence = self.known.entry(folder.clone()).or_insert_with(first_line);
            if !licence.is_empty() {
                return licence.clone();
            }
        }
        String::new()
    }
}

/// What a licence calls itself: the name that a link has in its first lines, as where several are told, or else its
/// first line.
fn name_of_licence(text: &str) -> String {
    let linked = text.lines().take(20).find_map(|line| {
        let (_, rest) = line.split_once('[')?;
        let (name, _) = rest.split_once("](")?;
        name.to_lowercase().contains("licen").then_some(name)
    });
    let first = || text.lines().map(|line| line.trim_matches(['#', ' '])).find(|it| !it.is_empty());
    linked.or_else(first).map(|name| name.chars().take(80).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{RuleFiles, are_rules, is_sigma};

    #[test]
    fn sigma_and_queries_are_told_apart() {
        assert!(is_sigma("title: x\nlogsource:\n  product: windows\ndetection:\n"));
        assert!(is_sigma("title: x\ncorrelation:\n  type: event_count\n"));
        assert!(!is_sigma("id: x\nquery: |\n  filter:\n"));
        assert!(!is_sigma("DeviceNetworkEvents\n| where x\n"));
    }

    #[test]
    fn a_folder_of_rules_says_what_is_in_it_and_under_which_terms() {
        let folder = tempfile::tempdir().unwrap();
        let rules = folder.path().join("rules");
        fs::create_dir_all(rules.join("deep")).unwrap();
        fs::write(folder.path().join("LICENSE"), "\n# Some Licence 1.0\n\ntext\n").unwrap();
        let rule = "title: t\nlogsource:\n  category: dns\ndetection:\n  s:\n    query: x\n  condition: s\n";
        fs::write(rules.join("deep/one.yml"), rule).unwrap();
        fs::write(rules.join("two.kql"), "print 1").unwrap();
        fs::write(rules.join("broken.yaml"), "a: [").unwrap();
        fs::write(rules.join("README.md"), "about").unwrap();
        assert!(are_rules(&rules));
        let files = RuleFiles::of(std::slice::from_ref(&rules));
        assert_eq!((files.kql.len(), files.sigma.len(), files.problems.len()), (1, 1, 1));
        assert_eq!(files.sigma[0].license, "Some Licence 1.0");
        let several =
            "# Licenses\n\n- rules are under the [Rule License 1.1](https://example.org)\n";
        assert_eq!(super::name_of_licence(several), "Rule License 1.1");

        fs::write(rules.join("conn.log"), "#fields").unwrap();
        assert!(!are_rules(&rules));
        fs::write(rules.join("rule.txt"), rule).unwrap();
        assert_eq!(RuleFiles::of(&[rules.join("rule.txt")]).sigma.len(), 1);
    }
}
