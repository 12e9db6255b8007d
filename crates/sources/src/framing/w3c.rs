//! The extended log file format of the W3C, as IIS, Blue Coat and others write it: directives that
//! begin with `#`, of which `#Fields` names the columns and may come again with others, and lines of
//! cells between spaces or tabs, in quotes where they hold some.
//! <https://www.w3.org/TR/WD-logfile.html>

use std::borrow::Cow;

use super::columns::Columns;

/// The columns that hold behind a directive, given those before it; `None` if it changes nothing.
pub(crate) fn directive(line: &str, before: Option<&Columns>) -> Option<Columns> {
    let (word, value) = line.strip_prefix('#')?.split_once(':')?;
    let value = value.trim();
    let nothing =
        Columns { names: Vec::new(), delimiter: ' ', software: String::new(), day: String::new() };
    let before = before.cloned().unwrap_or(nothing);
    match word.trim() {
        // Who begins a header anew says so first; the columns are named behind it, or before.
        "Software" => Some(Columns { software: value.to_owned(), ..before }),
        "Date" => {
            let day = value.split([' ', 'T']).next().unwrap_or_default();
            Some(Columns { day: day.to_owned(), ..before })
        }
        "Fields" => {
            let delimiter = if value.contains('\t') { '\t' } else { ' ' };
            let names = value.split([' ', '\t']).filter(|name| !name.is_empty());
            let columns = Columns::new(names, delimiter)?;
            Some(Columns { software: before.software, day: before.day, ..columns })
        }
        _ => None,
    }
}

/// The cells of a line that is no directive.
pub(crate) fn cells(line: &str, delimiter: char) -> Vec<Cow<'_, str>> {
    super::delimited::cells(line.trim_end_matches(delimiter), delimiter)
}

#[cfg(test)]
mod tests {
    use super::{cells, directive};

    #[test]
    fn the_last_fields_directive_holds() {
        let software = directive("#Software: SGOS 6.7", None).expect("a directive");
        let first = directive("#Fields: date time c-ip", Some(&software)).expect("a directive");
        assert_eq!(first.names, ["date", "time", "c-ip"]);
        let second = directive("#Fields: date cs(User-Agent)", Some(&first)).expect("a directive");
        assert_eq!((second.names.len(), second.software.as_str()), (2, "SGOS 6.7"));
        let third = directive("#Date: 2024-05-04 10:00:00", Some(&second)).expect("a directive");
        assert_eq!((third.names.len(), third.day.as_str()), (2, "2024-05-04"));
        assert_eq!(directive("#Version: 1.0", Some(&third)), None);
        assert_eq!(directive("# a comment", None), None);
    }

    #[test]
    fn cells_with_spaces_are_quoted() {
        assert_eq!(cells("a \"b c;d\" - ", ' '), ["a", "b c;d", "-"]);
    }
}
