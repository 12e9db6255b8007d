//! XML as a dynamic value.
//!
//! <https://learn.microsoft.com/kusto/query/parse-xml-function>

use indexmap::IndexMap;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion, escape};

use super::super::arguments::Arguments;
use super::super::{Accepts, Function, Type, Value};
use crate::kql::Dynamic;

/// The functions.
pub(in super::super) const FUNCTIONS: &[Function] =
    &[Function::define("parse_xml", &[Accepts::Only(Type::String)], Type::Dynamic, |arguments| {
        parse(arguments.text(0)).map_or(Value::Null, Value::Dynamic)
    })];

/// Bytes of the longest text that is read, as documented.
const MOST_BYTES: usize = 1_048_576;

/// Elements of the deepest nesting that is read.
const MOST_NESTED: usize = 128;

/// The value that XML says; nothing if it is none. Only elements, attributes and texts are translated, and
/// only the five entities of XML itself and numeric references are known, so that nothing can grow.
fn parse(xml: &str) -> Option<Dynamic> {
    if xml.len() > MOST_BYTES {
        return None;
    }
    let mut reader = Reader::from_str(xml.trim_start_matches('\u{FEFF}').trim_start());
    let mut document = Element::default();
    let mut open: Vec<Element> = Vec::new();
    loop {
        match reader.read_event().ok()? {
            Event::Start(start) if open.len() < MOST_NESTED => open.push(Element::of(&start)?),
            Event::Start(_) => return None,
            Event::Empty(start) => {
                open.last_mut().unwrap_or(&mut document).add(Element::of(&start)?)
            }
            Event::End(_) => {
                let closed = open.pop()?;
                open.last_mut().unwrap_or(&mut document).add(closed);
            }
            Event::Text(text) => open.last_mut().unwrap_or(&mut document).text.push_str(&text),
            Event::CData(text) => open.last_mut().unwrap_or(&mut document).text.push_str(&text),
            Event::GeneralRef(reference) => {
                let text = &mut open.last_mut()?.text;
                match reference.resolve_char_ref().ok()? {
                    Some(letter) => text.push(letter),
                    None => text.push_str(escape::resolve_xml_entity(&reference)?),
                }
            }
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
            Event::Eof => break,
        }
    }
    let is_one_element =
        open.is_empty() && document.members.len() == 1 && document.text.trim().is_empty();
    is_one_element.then_some(Dynamic::Bag(document.members))
}

/// What is known of an element so far.
#[derive(Debug, Default)]
struct Element {
    name: String,
    members: IndexMap<String, Dynamic>,
    text: String,
}

impl Element {
    fn of(start: &BytesStart<'_>) -> Option<Element> {
        let mut members = IndexMap::new();
        // The check for repetitions compares each attribute with each other one.
        for attribute in start.attributes().with_checks(false) {
            let attribute = attribute.ok()?;
            let value = attribute.normalized_value(XmlVersion::Implicit1_0).ok()?;
            members.insert(
                format!("@{}", attribute.key.as_ref()),
                Dynamic::String(value.into_owned()),
            );
        }
        Some(Element { name: start.name().as_ref().to_owned(), members, text: String::new() })
    }

    /// Adds a child; children of one name become an array.
    fn add(&mut self, child: Element) {
        let name = child.name.clone();
        let value = child.value();
        match self.members.get_mut(&name) {
            Some(Dynamic::Array(elements)) => elements.push(value),
            Some(first) => {
                let first_value = std::mem::replace(first, Dynamic::Null);
                *first = Dynamic::Array(vec![first_value, value]);
            }
            None => {
                self.members.insert(name, value);
            }
        }
    }

    /// Null of an empty element, the text of one that has nothing else, a bag of any other.
    fn value(self) -> Dynamic {
        let text = self.text.trim();
        let text = (!text.is_empty()).then(|| Dynamic::String(text.to_owned()));
        if self.members.is_empty() {
            return text.unwrap_or(Dynamic::Null);
        }
        let mut members = self.members;
        if let Some(text) = text {
            let attributes = members.keys().take_while(|name| name.starts_with('@')).count();
            members.shift_insert(attributes, "#text".to_owned(), text);
        }
        Dynamic::Bag(members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(xml: &str) -> String {
        parse(xml).unwrap_or(Dynamic::Null).json()
    }

    #[test]
    fn xml_as_documented() {
        for (xml, expected) in [
            ("<e/>", r#"{"e":null}"#),
            ("<e>text</e>", r#"{"e":"text"}"#),
            (r#"<e name="value" />"#, r#"{"e":{"@name":"value"}}"#),
            (r#"<e name="value">text</e>"#, r##"{"e":{"@name":"value","#text":"text"}}"##),
            ("<e> <a>text</a> <b>text</b> </e>", r#"{"e":{"a":"text","b":"text"}}"#),
            ("<e> <a>text</a> <a>text</a> </e>", r#"{"e":{"a":["text","text"]}}"#),
            ("<e> text <a>text</a> </e>", r##"{"e":{"#text":"text","a":"text"}}"##),
            (
                "<?xml version='1.0'?>\n<!-- no --><e>a &amp; &#98;<![CDATA[<c>]]></e>",
                r#"{"e":"a & b<c>"}"#,
            ),
        ] {
            assert_eq!(json(xml), expected, "{xml}");
        }
    }

    #[test]
    fn an_event_of_windows_is_read_by_the_names_of_its_data() {
        let event =
            r#"<EventData><Data Name="User">a</Data><Data Name="Image">b.exe</Data></EventData>"#;
        assert_eq!(
            json(event),
            r##"{"EventData":{"Data":[{"@Name":"User","#text":"a"},{"@Name":"Image","#text":"b.exe"}]}}"##
        );
    }

    #[test]
    fn what_is_no_xml_is_null() {
        for bad in ["", "text", "<a>", "<a></b>", "<a/><b/>", "<a>&unknown;</a>", "x<a/>"] {
            assert_eq!(json(bad), "null", "{bad}");
        }
        assert_eq!(json(&"<a>".repeat(MOST_NESTED + 1)), "null");
        assert_eq!(json(&format!("<a>{}</a>", " ".repeat(MOST_BYTES))), "null");
    }
}
