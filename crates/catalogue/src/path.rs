//! Path patterns: the beginning of a path, segment by segment.

use crate::template::{Captures, Template, TemplateError};

/// A pattern such as `/macros/s/{tenant}`. Whatever follows the last segment is free.
#[derive(Debug)]
pub(crate) struct PathPattern {
    segments: Vec<Template>,
}

impl PathPattern {
    pub(crate) fn parse(text: &str) -> Result<Self, TemplateError> {
        let segments = text.strip_prefix('/').unwrap_or(text).split('/');
        Ok(Self { segments: segments.map(Template::segment).collect::<Result<_, _>>()? })
    }

    /// The names of all placeholders.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.segments.iter().flat_map(Template::names)
    }

    /// Whether `path` begins like this.
    pub(crate) fn matches(&self, path: &str) -> bool {
        let mut segments = segments(path);
        self.segments
            .iter()
            .all(|template| segments.next().is_some_and(|segment| template.matches(segment)))
    }

    /// What the placeholders stand for in a path that begins like this.
    pub(crate) fn capture<'p, 't>(&'p self, path: &'t str, captures: &mut Captures<'p, 't>) {
        for (template, segment) in self.segments.iter().zip(segments(path)) {
            template.capture(segment, captures);
        }
    }
}

/// The segments of a path, without query and fragment. WebDAV writes backslashes, and proxies leave
/// doubled slashes in.
fn segments(path: &str) -> impl Iterator<Item = &str> {
    let path = path.split(['?', '#']).next().unwrap_or(path);
    path.split(['/', '\\']).filter(|segment| !segment.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_a_beginning() {
        let pattern = PathPattern::parse("/hooks/catch/{group}/{tenant}").expect("valid");
        for path in ["/hooks/catch/12/ab/", "hooks/catch/12/ab?x=y", r"\hooks\catch\12\ab\c"] {
            assert!(pattern.matches(path), "{path}");
            let mut captures = Captures::default();
            pattern.capture(path, &mut captures);
            assert_eq!(captures.get("tenant"), Some("ab"));
        }
        for path in ["", "/hooks/catch/12", "/x/hooks/catch/12/ab", "/hooks/catch/12?/ab"] {
            assert!(!pattern.matches(path), "{path}");
        }
    }
}
