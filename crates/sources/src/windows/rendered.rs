//! The XML that the reader of binary logs writes: elements, attributes in double quotes, text, and
//! references, after a declaration.
//!
//! Taking each event through a reader of any XML takes longer than all else that is done with it. This one
//! knows no more than that form. Whatever else it meets, it leaves the event to the other one, so that
//! both say the same of every event.

use std::borrow::Cow;

use memchr::memchr;
use quick_xml::escape::unescape;

use super::flattened::{Flattened, Flattening};

/// The event, if nothing in it needs a reader of any XML.
pub(super) fn flattened(xml: &str) -> Option<Flattened<'_>> {
    let mut flattening = Flattening::new();
    let mut open: Vec<&str> = Vec::new();
    let mut rest = match xml.strip_prefix("<?") {
        Some(declaration) => declaration.split_once("?>")?.1,
        None => xml,
    };
    loop {
        let (text, tag) = rest.split_at_checked(memchr(b'<', rest.as_bytes())?)?;
        if !text.is_empty() && !open.is_empty() {
            flattening.text(unescape(text).ok()?);
        }
        let tag = tag.get(1..)?;
        if let Some(closing) = tag.strip_prefix('/') {
            let (name, behind) = closing.split_at_checked(memchr(b'>', closing.as_bytes())?)?;
            if open.pop()? != name {
                return None;
            }
            rest = behind.get(1..)?;
            if flattening.close() {
                break;
            }
            continue;
        }
        let Opening { name, is_empty, behind } = opening(tag, &mut flattening)?;
        rest = behind;
        if !is_empty {
            open.push(name);
        } else if flattening.close() {
            break;
        }
    }
    Some(flattening.finish()).filter(|flattened| flattened.has_event_id)
}

/// An opening tag.
struct Opening<'x> {
    name: &'x str,
    is_empty: bool,
    behind: &'x str,
}

/// Takes an opening tag, given behind its `<`.
fn opening<'x>(tag: &'x str, flattening: &mut Flattening<'x>) -> Option<Opening<'x>> {
    let is_end = |byte: &u8| matches!(byte, b' ' | b'/' | b'>');
    let (name, mut rest) = tag.split_at_checked(tag.as_bytes().iter().position(is_end)?)?;
    if !is_plain(name) {
        return None;
    }
    flattening.open(Cow::Borrowed(local(name)));
    loop {
        if let Some(behind) = rest.strip_prefix('>') {
            return Some(Opening { name, is_empty: false, behind });
        }
        if let Some(behind) = rest.strip_prefix("/>") {
            return Some(Opening { name, is_empty: true, behind });
        }
        // It gets shorter each time.
        rest = rest.strip_prefix(' ')?.trim_start_matches(' ');
        if rest.starts_with('>') || rest.starts_with("/>") {
            continue;
        }
        let (attribute, value) = rest.split_once("=\"")?;
        if !is_plain(attribute) {
            return None;
        }
        let (value, behind) = value.split_at_checked(memchr(b'"', value.as_bytes())?)?;
        // White space is not kept as it is in an attribute.
        let is_odd = |byte: &u8| matches!(byte, b'<' | b'\t' | b'\r' | b'\n');
        if value.as_bytes().iter().any(is_odd) {
            return None;
        }
        flattening.attribute(name_of_attribute(attribute), unescape(value).ok()?);
        rest = behind.get(1..)?;
    }
}

/// Whether a name has nothing in it that a name may not have where it matters to us.
fn is_plain(name: &str) -> bool {
    let bytes = name.as_bytes();
    let is_name =
        |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b':');
    !bytes.is_empty() && bytes.iter().all(is_name)
}

/// A name without its prefix.
fn local(name: &str) -> &str {
    name.split_once(':').map_or(name, |(_, local)| local)
}

/// The name of an attribute without its prefix, but for that of namespaces.
fn name_of_attribute(name: &str) -> &str {
    if name.starts_with("xmlns:") { name } else { local(name) }
}
