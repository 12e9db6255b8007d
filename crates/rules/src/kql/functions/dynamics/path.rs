//! Paths into a dynamic value: `$.name[0]['other name']`.
//!
//! <https://learn.microsoft.com/kusto/query/jsonpath>

use super::members::element;
use crate::kql::Dynamic;

/// A step of a path.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Step {
    /// The property of that name.
    Name(String),
    /// The element at that place.
    Index(i64),
}

/// The steps of a path; nothing if it is none. Wildcards are not known.
pub(super) fn steps(path: &str) -> Option<Vec<Step>> {
    let mut rest = path.strip_prefix('$')?;
    let mut steps = Vec::new();
    while !rest.is_empty() {
        let (step, behind) = match rest.strip_prefix('.') {
            Some(name) => {
                let end = name.find(['.', '[']).unwrap_or(name.len());
                let (name, behind) = name.split_at(end);
                (Step::Name(name.to_owned()), behind)
            }
            None => bracketed(rest.strip_prefix('[')?)?,
        };
        if step == Step::Name(String::new()) {
            return None;
        }
        steps.push(step);
        rest = behind;
    }
    Some(steps)
}

/// The step up to the closing bracket, and what stands behind it.
fn bracketed(text: &str) -> Option<(Step, &str)> {
    for quote in ['\'', '"'] {
        if let Some(name) = text.strip_prefix(quote) {
            let (name, behind) = name.split_once(quote)?;
            return Some((Step::Name(name.to_owned()), behind.strip_prefix(']')?));
        }
    }
    let (index, behind) = text.split_once(']')?;
    Some((Step::Index(index.trim().parse().ok()?), behind))
}

/// What a path leads to.
pub(super) fn find<'a>(dynamic: &'a Dynamic, steps: &[Step]) -> Option<&'a Dynamic> {
    steps.iter().try_fold(dynamic, |dynamic, step| match (dynamic, step) {
        (Dynamic::Bag(properties), Step::Name(name)) => properties.get(name),
        (Dynamic::Array(elements), Step::Index(index)) => element(elements, *index),
        _ => None,
    })
}

/// The steps to a key: those of a path if it begins as one, the property of that name otherwise. A path
/// through an array is none.
pub(super) fn steps_to_key(key: &str) -> Option<Vec<String>> {
    if !key.starts_with("$.") && !key.starts_with("$[") {
        return Some(vec![key.to_owned()]);
    }
    steps(key)?
        .into_iter()
        .map(|step| match step {
            Step::Name(name) => Some(name),
            Step::Index(_) => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_taken_apart() {
        let name = |name: &str| Step::Name(name.to_owned());
        assert_eq!(
            steps("$.a['b.c'][0].d"),
            Some(vec![name("a"), name("b.c"), Step::Index(0), name("d")])
        );
        assert_eq!(steps("$"), Some(vec![]));
        for bad in ["", "a", "$.", "$..a", "$[", "$['a]", "$[x]"] {
            assert_eq!(steps(bad), None, "{bad}");
        }
    }
}
