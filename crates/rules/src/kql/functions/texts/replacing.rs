//! Texts in place of others.

use super::super::{Accepts, Function, Type, Value};
use crate::kql::Dynamic;
use crate::kql::functions::arguments::Arguments;

const TEXT: Accepts = Accepts::Only(Type::String);
const DYNAMIC: Accepts = Accepts::Only(Type::Dynamic);

/// The functions.
pub(in super::super) const FUNCTIONS: &[Function] = &[
    Function::define("replace_string", &[TEXT, TEXT, TEXT], Type::String, |arguments| {
        let (source, lookup) = (arguments.text(0), arguments.text(1));
        Value::String(if lookup.is_empty() {
            source.to_owned()
        } else {
            source.replace(lookup, arguments.text(2))
        })
    }),
    Function::define("replace_strings", &[TEXT, DYNAMIC, DYNAMIC], Type::String, replace_strings),
];

/// A piece of the text: as it was, or replaced already and not to be touched again.
enum Piece {
    Open(String),
    Done(String),
}

/// Replaces the first text everywhere, then the second in what is left of the original, and so on. A
/// replacement that is no text leaves what was found as it is.
fn replace_strings(arguments: &[Value]) -> Value {
    let (lookups, rewrites) =
        (arguments.array(1).unwrap_or_default(), arguments.array(2).unwrap_or_default());
    let mut pieces = vec![Piece::Open(arguments.text(0).to_owned())];
    for (lookup, rewrite) in lookups.iter().zip(rewrites) {
        let lookup = lookup.text();
        if lookup.is_empty() {
            continue;
        }
        let rewrite = match rewrite {
            Dynamic::String(rewrite) => rewrite,
            _ => &lookup,
        };
        pieces = pieces.into_iter().flat_map(|piece| replaced(piece, &lookup, rewrite)).collect();
    }
    let texts = pieces.into_iter().map(|piece| match piece {
        Piece::Open(text) | Piece::Done(text) => text,
    });
    Value::String(texts.collect())
}

fn replaced(piece: Piece, lookup: &str, rewrite: &str) -> Vec<Piece> {
    let Piece::Open(text) = piece else { return vec![piece] };
    let mut pieces = Vec::new();
    for (place, rest) in text.split(lookup).enumerate() {
        if place > 0 {
            pieces.push(Piece::Done(rewrite.to_owned()));
        }
        if !rest.is_empty() {
            pieces.push(Piece::Open(rest.to_owned()));
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::super::super::function;
    use super::*;

    #[test]
    fn what_was_replaced_is_not_replaced_again() {
        let replace = |source: &str, lookups: &str, rewrites: &str| {
            let list = |json: &str| Value::of_dynamic(Dynamic::of_json(json).unwrap());
            let source = Value::String(source.to_owned());
            (function("replace_strings").unwrap().call)(&[source, list(lookups), list(rewrites)])
                .text()
        };
        assert_eq!(replace("cat, dog", r#"["cat","dog"]"#, r#"["dog","fox"]"#), "dog, fox");
        assert_eq!(replace("This is", r#"["This","is"]"#, r#"["This","was"]"#), "This was");
        assert_eq!(replace("This is", r#"["is","This"]"#, r#"["was","This"]"#), "Thwas was");
        assert_eq!(replace("This is", r#"["This","is"]"#, r#"[5,"was"]"#), "This was");
    }
}
