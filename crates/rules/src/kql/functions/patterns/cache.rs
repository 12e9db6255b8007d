//! What literals were compiled to, so that a query does it once and not for every row.

use std::cell::RefCell;
use std::rc::Rc;
use std::thread::LocalKey;

use regex_automata::meta::Regex;

/// Literals that one thread remembers; a query has few, and the oldest goes first.
const MOST_LITERALS: usize = 16;

/// Bytes that one compiled expression may take.
const MOST_BYTES: usize = 10 << 20;

/// Literals and what they were compiled to.
pub(super) type Cache<T> = RefCell<Vec<(String, Rc<Option<T>>)>>;

/// What the literal was compiled to, now or before; nothing if it cannot be.
pub(super) fn compiled<T>(
    cache: &'static LocalKey<Cache<T>>,
    literal: &str,
    compile: fn(&str) -> Option<T>,
) -> Rc<Option<T>> {
    cache.with_borrow_mut(|known| {
        if let Some((_, found)) = known.iter().find(|(text, _)| text == literal) {
            return Rc::clone(found);
        }
        let fresh = Rc::new(compile(literal));
        if known.len() >= MOST_LITERALS {
            known.remove(0);
        }
        known.push((literal.to_owned(), Rc::clone(&fresh)));
        fresh
    })
}

/// A regular expression that takes neither much memory nor more time than its text is long.
///
/// # Errors
///
/// What is wrong with the expression.
pub(super) fn regex(expression: &str) -> Result<Regex, String> {
    let limits =
        Regex::config().nfa_size_limit(Some(MOST_BYTES)).onepass_size_limit(Some(MOST_BYTES));
    Regex::builder().configure(limits).build(expression).map_err(|error| {
        // The outer error says only that there is one.
        error.syntax_error().map_or_else(|| error.to_string(), ToString::to_string)
    })
}
