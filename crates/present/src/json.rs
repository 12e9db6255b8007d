//! The report for programs: the contract `coldtrail.report/1`.
//!
//! The keys are those of the model, in its order. Strings pass through one place on their way out,
//! where secrets are blanked and hidden characters are written as JSON escapes: a parser reads the
//! same letters, and a terminal that is shown the file does nothing strange.

use std::io::{self, Write};

use coldtrail_model::{Report, SCHEMA};
use schemars::generate::SchemaSettings;
use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::{CharEscape, CompactFormatter, Formatter, PrettyFormatter};

use crate::Error;
use crate::escape::is_hidden;
use crate::redact::redact;

/// The identifier of the schema: a name, not an address, since nothing is ever fetched.
const SCHEMA_ID: &str = "urn:coldtrail:report:1";

/// Writes a report as JSON, indented by two blanks, with a line feed at the end.
///
/// # Errors
///
/// When the writer fails.
pub fn json(report: &Report, writer: &mut dyn Write) -> Result<(), Error> {
    json_page(report, writer).map_err(Error::WriteJson)
}

/// Writes a value as JSON on one line, with a line feed at the end, as careful as a report.
pub(crate) fn json_line(value: &impl Serialize, writer: &mut dyn Write) -> io::Result<()> {
    let layout = Careful::new(CompactFormatter);
    value.serialize(&mut Serializer::with_formatter(&mut *writer, layout))?;
    writer.write_all(b"\n")
}

/// Writes a value as JSON, indented by two blanks, with a line feed at the end, as careful as a report.
pub(crate) fn json_page(value: &impl Serialize, writer: &mut dyn Write) -> io::Result<()> {
    let layout = Careful::new(PrettyFormatter::new());
    value.serialize(&mut Serializer::with_formatter(&mut *writer, layout))?;
    writer.write_all(b"\n")
}

/// The JSON Schema of what [`json`] writes, draft 2020-12, with a line feed at the end.
///
/// Keys are sorted, so that the text does not depend on how a map happens to be built.
pub fn schema() -> String {
    let generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    let mut schema = generator.into_root_schema_for::<Report>();
    schema.insert("$id".to_owned(), SCHEMA_ID.into());
    schema.insert("title".to_owned(), SCHEMA.into());
    let mut schema = schema.to_value();
    schema.sort_all_objects();
    format!("{schema:#}\n")
}

/// A layout that holds every string back until it is whole, and then writes it with care.
///
/// Working here rather than on a tree of values keeps the model's order of keys, and cannot forget a
/// string that the model grows later.
struct Careful<L> {
    layout: L,
    string: String,
}

impl<L> Careful<L> {
    fn new(layout: L) -> Careful<L> {
        Careful { layout, string: String::new() }
    }
}

impl<L: Formatter> Formatter for Careful<L> {
    fn begin_string<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.string.clear();
        Ok(())
    }

    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        _: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        self.string.push_str(fragment);
        Ok(())
    }

    fn write_char_escape<W: ?Sized + Write>(
        &mut self,
        _: &mut W,
        escape: CharEscape,
    ) -> io::Result<()> {
        self.string.push(escaped_character(escape));
        Ok(())
    }

    fn end_string<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(quoted(&redact(&self.string))?.as_bytes())
    }

    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.layout.begin_array(writer)
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.layout.end_array(writer)
    }

    fn begin_array_value<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.layout.begin_array_value(writer, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.layout.end_array_value(writer)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.layout.begin_object(writer)
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.layout.end_object(writer)
    }

    fn begin_object_key<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.layout.begin_object_key(writer, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.layout.begin_object_value(writer)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.layout.end_object_value(writer)
    }
}

/// The character that the serializer was about to escape.
fn escaped_character(escape: CharEscape) -> char {
    match escape {
        CharEscape::Quote => '"',
        CharEscape::ReverseSolidus => '\\',
        CharEscape::Solidus => '/',
        CharEscape::Backspace => '\u{8}',
        CharEscape::FormFeed => '\u{c}',
        CharEscape::LineFeed => '\n',
        CharEscape::CarriageReturn => '\r',
        CharEscape::Tab => '\t',
        CharEscape::AsciiControl(byte) => char::from(byte),
    }
}

/// A JSON string in its quotes, hidden characters as `\u` escapes.
fn quoted(string: &str) -> io::Result<String> {
    let mut quoted = String::with_capacity(string.len() + 2);
    for character in serde_json::to_string(string)?.chars() {
        if is_hidden(character) {
            for unit in character.encode_utf16(&mut [0; 2]) {
                quoted.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            quoted.push(character);
        }
    }
    Ok(quoted)
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn hidden_characters_become_escapes_that_parsers_undo() {
        let hostile = "a\u{202e}\"\\\n\u{1b}[0m\u{7f}\u{e0041}é文";
        let json = quoted(hostile).unwrap();
        assert_eq!(json, r#""a\u202e\"\\\n\u001b[0m\u007f\udb40\udc41é文""#);
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), hostile);
    }
}
