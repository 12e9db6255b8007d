//! Command lines of Windows, taken apart as `CommandLineToArgvW` does it.
//!
//! <https://learn.microsoft.com/kusto/query/parse-command-line-function>,
//! <https://learn.microsoft.com/windows/win32/api/shellapi/nf-shellapi-commandlinetoargvw>

use super::super::arguments::{Arguments, array, text};
use super::super::{Accepts, Function, Type, Value};

/// The functions.
pub(in super::super) const FUNCTIONS: &[Function] = &[Function::define(
    "parse_command_line",
    &[Accepts::Only(Type::String), Accepts::Only(Type::String)],
    Type::Dynamic,
    |arguments| match arguments.text(1) {
        parser if parser.eq_ignore_ascii_case("windows") => {
            array(split(arguments.text(0)).into_iter().map(text).collect())
        }
        _ => Value::Null,
    },
)];

/// The program, then its arguments.
fn split(line: &str) -> Vec<String> {
    let line = line.trim_start_matches([' ', '\t']);
    if line.is_empty() {
        return Vec::new();
    }
    let (program, mut rest) = program(line);
    let mut found = vec![program.to_owned()];
    loop {
        rest = rest.trim_start_matches([' ', '\t']);
        if rest.is_empty() {
            return found;
        }
        let (argument, behind) = argument(rest);
        found.push(argument);
        rest = behind;
    }
}

/// A program's name ends at the next quote if it begins with one, at the next blank otherwise; a backslash
/// in it is nothing else.
fn program(line: &str) -> (&str, &str) {
    match line.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
        None => line.split_at(line.find([' ', '\t']).unwrap_or(line.len())),
    }
}

/// The argument that a text begins with. Backslashes before a quote are worth half their number, and an odd
/// one makes the quote a letter; so does a second quote within quotes.
fn argument(text: &str) -> (String, &str) {
    let mut argument = String::new();
    let mut is_quoted = false;
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let behind = rest.trim_start_matches('\\');
        let backslashes = rest.len() - behind.len();
        if backslashes > 0 {
            let is_before_quote = behind.starts_with('"');
            let worth = if is_before_quote { backslashes / 2 } else { backslashes };
            argument.extend(std::iter::repeat_n('\\', worth));
            rest = behind;
            if is_before_quote && backslashes % 2 == 1 {
                argument.push('"');
                rest = behind.get(1..).unwrap_or_default();
            }
            continue;
        }
        match letter {
            ' ' | '\t' if !is_quoted => break,
            '"' => {
                rest = rest.get(1..).unwrap_or_default();
                if is_quoted && rest.starts_with('"') {
                    argument.push('"');
                    rest = rest.get(1..).unwrap_or_default();
                } else {
                    is_quoted = !is_quoted;
                }
                continue;
            }
            other => argument.push(other),
        }
        rest = rest.get(letter.len_utf8()..).unwrap_or_default();
    }
    (argument, rest)
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn lines_are_split_as_windows_does_it() {
        assert_eq!(split("echo \"hello world!\""), ["echo", "hello world!"]);
        assert_eq!(
            split(r#""C:\Program Files\a.exe" -x "b c""#),
            [r"C:\Program Files\a.exe", "-x", "b c"]
        );
        assert_eq!(split(r#"a b\\\"c d\e "f\\" g"#), ["a", r#"b\"c"#, r"d\e", r"f\", "g"]);
        assert_eq!(split(r#"a "b""c" ""#), ["a", r#"b"c"#, ""]);
        assert_eq!(split("  "), Vec::<String>::new());
        assert_eq!(split("a   é\t ü "), ["a", "é", "ü"]);
    }
}
