//! Paths of files.
//!
//! <https://learn.microsoft.com/kusto/query/parse-path-function>

use super::super::arguments::{Arguments, bag_of, text};
use super::super::{Accepts, Function, Type, Value};
use crate::kql::Dynamic;

/// The functions.
pub(in super::super) const FUNCTIONS: &[Function] =
    &[Function::define("parse_path", &[Accepts::Only(Type::String)], Type::Dynamic, |arguments| {
        Value::Dynamic(path(arguments.text(0)))
    })];

fn path(path: &str) -> Dynamic {
    let (scheme, path) = path.split_once("://").unwrap_or(("", path));
    let (directory, last) = cut(path);
    let (file, stream) = last.split_once(':').unwrap_or((last, ""));
    let (_, extension) = file.rsplit_once('.').unwrap_or((file, ""));
    bag_of([
        ("Scheme", text(scheme)),
        ("RootPath", text(root(path))),
        ("DirectoryPath", text(directory)),
        ("DirectoryName", text(cut(directory).1)),
        ("Filename", text(file)),
        ("Extension", text(extension)),
        ("AlternateDataStreamName", text(stream)),
    ])
}

/// What stands before the last separator, and what behind it.
fn cut(path: &str) -> (&str, &str) {
    path.rsplit_once(['/', '\\']).unwrap_or(("", path))
}

/// The drive, as of `C:\temp` and `\\?\C:\temp`.
fn root(path: &str) -> &str {
    let path = path.strip_prefix(r"\\?\").unwrap_or(path);
    match path.as_bytes() {
        [drive, b':', b'/' | b'\\', ..] if drive.is_ascii_alphabetic() => {
            path.get(..2).unwrap_or_default()
        }
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> String {
        let Dynamic::Bag(parts) = path(text) else { return String::new() };
        let texts: Vec<String> =
            parts.into_values().map(|part| Value::of_dynamic(part).text()).collect();
        texts.join("|")
    }

    #[test]
    fn paths_as_documented() {
        assert_eq!(parts(r"C:\temp\file.txt"), r"|C:|C:\temp|temp|file.txt|txt|");
        assert_eq!(parts(r"temp\file.txt"), r"||temp|temp|file.txt|txt|");
        assert_eq!(
            parts("file://C:/temp/file.txt:some.exe"),
            "file|C:|C:/temp|temp|file.txt|txt|some.exe"
        );
        assert_eq!(
            parts(r"\\shared\users\temp\file.txt.gz"),
            r"||\\shared\users\temp|temp|file.txt.gz|gz|"
        );
        assert_eq!(parts("/usr/lib/temp/file"), "||/usr/lib/temp|temp|file||");
        assert_eq!(parts(r"\\?\C:\temp\a"), r"|C:|\\?\C:\temp|temp|a||");
        assert_eq!(parts(""), "||||||");
    }
}
