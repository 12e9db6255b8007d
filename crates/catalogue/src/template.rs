//! The notation of the data files, for one label of a host, one segment of a path, or the text of
//! an answer.
//!
//! Literal text stands for itself in any case of ASCII letters. `{name}` takes any label and
//! remembers it, `{name:shape}` takes only what has that [`Shape`]. Where several readings are
//! possible, a placeholder further left takes as much as it can.

use crate::shape::Shape;

/// Literal text and placeholders, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Template {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Literal(String),
    Placeholder { name: String, shape: Shape },
}

/// Why a template cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// There is nothing between two separators.
    #[error("empty label or segment")]
    Empty,
    /// A brace is missing, or one is too many.
    #[error("braces do not match in `{0}`")]
    Braces(String),
    /// The shape after the colon is none of those known.
    #[error("unknown shape `{0}`")]
    UnknownShape(String),
    /// A host pattern does not end with two labels without placeholders.
    #[error("no domain at the end of `{0}`")]
    NoDomain(String),
    /// An answer uses a placeholder that neither a host nor a path provides.
    #[error("no host and no path provides `{0}`")]
    UnknownPlaceholder(String),
}

/// What the placeholders stood for. Few, so a list is faster than a map.
#[derive(Debug, Default)]
pub(crate) struct Captures<'p, 't> {
    values: Vec<(&'p str, &'t str)>,
}

impl<'p, 't> Captures<'p, 't> {
    pub(crate) fn get(&self, name: &str) -> Option<&'t str> {
        self.values.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
    }
}

impl Template {
    /// Reads a label of a host pattern.
    pub(crate) fn label(text: &str) -> Result<Self, TemplateError> {
        Self::parse(text, &Shape::label())
    }

    /// Reads a segment of a path pattern, or the text of an answer.
    pub(crate) fn segment(text: &str) -> Result<Self, TemplateError> {
        Self::parse(text, &Shape::segment())
    }

    fn parse(text: &str, default: &Shape) -> Result<Self, TemplateError> {
        let mut parts = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let (literal, behind) = match rest.split_once('{') {
                Some((literal, behind)) => (literal, Some(behind)),
                None => (rest, None),
            };
            if literal.contains('}') {
                return Err(TemplateError::Braces(text.to_owned()));
            }
            if !literal.is_empty() {
                parts.push(Part::Literal(literal.to_owned()));
            }
            let Some(behind) = behind else { break };
            let Some((placeholder, behind)) = behind.split_once('}') else {
                return Err(TemplateError::Braces(text.to_owned()));
            };
            parts.push(parse_placeholder(placeholder, default)?);
            rest = behind;
        }
        if parts.is_empty() { Err(TemplateError::Empty) } else { Ok(Self { parts }) }
    }

    /// The text, if there is no placeholder in it.
    pub(crate) fn literal(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [Part::Literal(text)] => Some(text),
            _ => None,
        }
    }

    /// How many bytes are fixed, and how many placeholders have a shape of their own: the more, the
    /// more specific.
    pub(crate) fn specificity(&self) -> (usize, usize) {
        let mut fixed = 0;
        let mut shaped = 0;
        for part in &self.parts {
            match part {
                Part::Literal(text) => fixed += text.len(),
                Part::Placeholder { shape, .. } => shaped += usize::from(shape.is_specific()),
            }
        }
        (fixed, shaped)
    }

    /// The names of the placeholders.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Placeholder { name, .. } => Some(name.as_str()),
            Part::Literal(_) => None,
        })
    }

    /// Whether the whole of `text` can be read by this template.
    pub(crate) fn matches(&self, text: &str) -> bool {
        self.may_split(text) && fit(&self.parts, text, &mut |_, _| {})
    }

    /// The same, and remembers what the placeholders stood for.
    pub(crate) fn capture<'p, 't>(
        &'p self,
        text: &'t str,
        captures: &mut Captures<'p, 't>,
    ) -> bool {
        self.may_split(text)
            && fit(&self.parts, text, &mut |name, value| captures.values.push((name, value)))
    }

    /// The text of an answer, unless a placeholder in it is unknown.
    pub(crate) fn render(&self, captures: &Captures<'_, '_>) -> Option<String> {
        let mut answer = String::new();
        for part in &self.parts {
            match part {
                Part::Literal(text) => answer.push_str(text),
                Part::Placeholder { name, .. } => answer.push_str(captures.get(name)?),
            }
        }
        Some(answer)
    }

    /// The double dash of an internationalised label (`xn--bcher-kva`) separates nothing.
    fn may_split(&self, text: &str) -> bool {
        let internationalised =
            text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("xn--"));
        let splits = |part: &Part| matches!(part, Part::Literal(text) if text.contains("--"));
        !internationalised || !self.parts.iter().any(splits)
    }
}

fn parse_placeholder(text: &str, default: &Shape) -> Result<Part, TemplateError> {
    let (name, shape) = match text.split_once(':') {
        Some((name, notation)) => {
            let shape = Shape::parse(notation)
                .ok_or_else(|| TemplateError::UnknownShape(notation.to_owned()))?;
            (name, shape)
        }
        None => (text, default.clone()),
    };
    if name.is_empty() || name.contains('{') {
        return Err(TemplateError::Braces(text.to_owned()));
    }
    Ok(Part::Placeholder { name: name.to_owned(), shape })
}

/// Reads `text` with backtracking. Labels have 63 bytes at most and templates a handful of parts,
/// so even a label made to hurt is read in microseconds.
fn fit<'p, 't>(parts: &'p [Part], text: &'t str, found: &mut impl FnMut(&'p str, &'t str)) -> bool {
    let Some((first, others)) = parts.split_first() else { return text.is_empty() };
    match first {
        Part::Literal(literal) => {
            text.split_at_checked(literal.len()).is_some_and(|(head, tail)| {
                head.eq_ignore_ascii_case(literal) && fit(others, tail, found)
            })
        }
        Part::Placeholder { name, shape } => {
            for length in shape.lengths(text) {
                let Some((head, tail)) = text.split_at_checked(length) else { continue };
                if shape.fits(head) && fit(others, tail, found) {
                    found(name, head);
                    return true;
                }
            }
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<'t>(template: &str, text: &'t str, name: &str) -> Option<&'t str> {
        let template = Template::label(template).expect("a template");
        let mut captures = Captures::default();
        if template.capture(text, &mut captures) { captures.get(name) } else { None }
    }

    #[test]
    fn the_left_placeholder_takes_the_most() {
        assert_eq!(read("{deploy}--{site:slug}", "a--b--site", "site"), Some("site"));
        assert_eq!(read("{site:slug}--{channel}", "site--b--c", "site"), Some("site"));
        assert_eq!(
            read("{service}-{project:alnum10}-{location:alnum2}", "a-b-s6uit34pua-uw", "service"),
            Some("a-b")
        );
    }

    #[test]
    fn literals_ignore_the_case() {
        assert_eq!(read("prod-{stamp}", "PROD-26", "stamp"), Some("26"));
    }

    #[test]
    fn an_internationalised_label_is_not_split() {
        assert_eq!(read("{deploy}--{site}", "xn--bcher-kva", "site"), None);
    }

    #[test]
    fn an_unknown_placeholder_has_no_answer() {
        let template = Template::segment("{worker}.{account}").expect("a template");
        assert_eq!(template.render(&Captures::default()), None);
    }

    #[test]
    fn errors_have_names() {
        use TemplateError::{Braces, Empty, UnknownShape};
        assert_eq!(Template::label(""), Err(Empty));
        assert_eq!(Template::label("{a"), Err(Braces("{a".to_owned())));
        assert_eq!(Template::label("a}"), Err(Braces("a}".to_owned())));
        assert_eq!(Template::label("{}"), Err(Braces(String::new())));
        assert_eq!(Template::label("{a:b}"), Err(UnknownShape("b".to_owned())));
    }

    #[test]
    fn a_label_made_to_hurt_is_read_quickly() {
        let template = Template::label("{a}---{b}-{c:alnum10}-{d:alnum2}").expect("a template");
        assert!(!template.matches(&"-".repeat(63)));
    }
}
