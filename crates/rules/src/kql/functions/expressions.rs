//! Regular expressions, in the syntax of RE2: linear in the text, whatever the expression.
//!
//! An expression that comes to more than a bound when it is compiled is refused. What was compiled is kept for
//! a while, since it is the same row after row.
//!
//! <https://learn.microsoft.com/kusto/query/regex>

use std::cell::RefCell;
use std::rc::Rc;

use indexmap::IndexMap;
use regex::{Captures, Regex, RegexBuilder};

use super::arguments::{Arguments, long, text};
use super::{Accepts, Function, Type, Value};
use crate::kql::Dynamic;

/// The most bytes that an expression may come to when it is compiled.
const MOST_COMPILED: usize = 8 << 20;
/// How many expressions are kept.
const KEPT: usize = 64;
/// The most groups that `extract_all` takes.
const MOST_GROUPS: usize = 16;

const TEXT: Accepts = Accepts::Only(Type::String);
const LONG: Accepts = Accepts::Only(Type::Long);

const EXTRACT_ALL: Function =
    Function::define("extract_all", &[TEXT, Accepts::Any], Type::Dynamic, extract_all)
        .with_rest(TEXT);

/// The functions. The type that `extract` takes as its last argument is what the binder converts its result to.
pub(super) const FUNCTIONS: &[Function] = &[
    Function::define("extract", &[TEXT, LONG, TEXT, Accepts::Literal], Type::String, extract)
        .with_optional(1),
    EXTRACT_ALL,
    EXTRACT_ALL.also("extractall"),
    Function::define("replace_regex", &[TEXT, TEXT, TEXT], Type::String, |given| {
        replace(given.text(0), given.text(1), given.text(2))
    }),
    Function::define("replace", &[TEXT, TEXT, TEXT], Type::String, |given| {
        replace(given.text(2), given.text(0), given.text(1))
    }),
    Function::define("trim", &[TEXT, TEXT], Type::String, |given| {
        let trimmed = given.text(0);
        remove(&format!("^({trimmed})|({trimmed})$"), given.text(1))
    }),
    Function::define("trim_start", &[TEXT, TEXT], Type::String, |given| {
        remove(&format!("^({})", given.text(0)), given.text(1))
    }),
    Function::define("trim_end", &[TEXT, TEXT], Type::String, |given| {
        remove(&format!("({})$", given.text(0)), given.text(1))
    }),
    Function::define("regex_quote", &[TEXT], Type::String, |given| {
        Value::String(regex::escape(given.text(0)))
    }),
    Function::define("countof", &[TEXT, TEXT, TEXT], Type::Long, count_of).with_optional(1),
    Function::define("indexof_regex", &[TEXT, TEXT, LONG, LONG, LONG], Type::Long, index_of)
        .with_optional(3),
];

/// Whether an expression can be compiled.
///
/// # Errors
///
/// Why it cannot.
pub fn check(expression: &str) -> Result<(), String> {
    compile(expression).map(|_| ()).map_err(|error| error.to_string())
}

/// The compiled expression, unless it is wrong or too large.
pub(super) fn compiled(expression: &str) -> Option<Rc<Regex>> {
    thread_local! {
        static COMPILED: RefCell<IndexMap<String, Option<Rc<Regex>>>> = RefCell::new(IndexMap::new());
    }
    COMPILED.with_borrow_mut(|kept| {
        if let Some(known) = kept.get(expression) {
            return known.clone();
        }
        if kept.len() >= KEPT {
            kept.shift_remove_index(0);
        }
        let regex = compile(expression).ok().map(Rc::new);
        kept.insert(expression.to_owned(), regex.clone());
        regex
    })
}

/// Compiles an expression. Classes may hold others, as documented, and `[[]` would be one that is not closed;
/// older queries mean the bracket alone by it, so what is wrong otherwise is read that way.
fn compile(expression: &str) -> Result<Regex, regex::Error> {
    let build = |expression: &str| RegexBuilder::new(expression).size_limit(MOST_COMPILED).build();
    build(expression).or_else(|error| build(&without_nesting(expression)).map_err(|_| error))
}

/// The expression with brackets in its classes quoted, but for those of names such as `[:alpha:]`.
fn without_nesting(expression: &str) -> String {
    let mut quoted = String::with_capacity(expression.len() + 8);
    let mut letters = expression.chars().peekable();
    let mut is_in_class = false;
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => {
                quoted.push(letter);
                quoted.extend(letters.next());
            }
            '[' if !is_in_class => {
                is_in_class = true;
                quoted.push(letter);
                quoted.extend(letters.next_if_eq(&'^'));
                if letters.next_if_eq(&']').is_some() {
                    quoted.push_str("\\]");
                }
            }
            '[' if letters.peek() == Some(&':') => {
                quoted.push(letter);
                for letter in letters.by_ref() {
                    quoted.push(letter);
                    if letter == ']' {
                        break;
                    }
                }
            }
            '[' => quoted.push_str("\\["),
            letter => {
                is_in_class &= letter != ']';
                quoted.push(letter);
            }
        }
    }
    quoted
}

/// What a group of the first match holds, the whole match for group 0.
fn extract(arguments: &[Value]) -> Value {
    let group = || {
        let group = usize::try_from(arguments.long(1)?).ok()?;
        let captures = compiled(arguments.text(0))?
            .captures(arguments.text(2))?
            .get(group)?
            .as_str()
            .to_owned();
        Some(captures)
    };
    Value::String(group().unwrap_or_default())
}

/// What the groups of all matches hold: a text for each match of one group, an array of many.
fn extract_all(arguments: &[Value]) -> Value {
    let (wanted, subject) = match arguments.len() {
        2 => (None, arguments.at(1).text()),
        _ => (arguments.array(1), arguments.at(2).text()),
    };
    let Some(expression) = compiled(arguments.text(0)) else { return Value::Null };
    let groups = groups(&expression, wanted);
    let matches: Vec<Dynamic> =
        expression.captures_iter(&subject).map(|captures| captured(&captures, &groups)).collect();
    if matches.is_empty() { Value::Null } else { Value::Dynamic(Dynamic::Array(matches)) }
}

/// The groups that are wanted by place or name, as far as there are such; all if none is.
fn groups(expression: &Regex, wanted: Option<&[Dynamic]>) -> Vec<usize> {
    let count = expression.captures_len();
    if count == 1 {
        return vec![0];
    }
    let place = |wanted: &Dynamic| match wanted {
        Dynamic::Long(place) => {
            usize::try_from(*place).ok().filter(|place| (1..count).contains(place))
        }
        Dynamic::String(name) => {
            expression.capture_names().position(|known| known == Some(name.as_str()))
        }
        _ => None,
    };
    let chosen: Vec<usize> = wanted.unwrap_or_default().iter().filter_map(place).collect();
    if chosen.is_empty() { (1..count).take(MOST_GROUPS).collect() } else { chosen }
}

fn captured(captures: &Captures<'_>, groups: &[usize]) -> Dynamic {
    let group = |place: &usize| text(captures.get(*place).map_or("", |group| group.as_str()));
    match groups {
        [only] => group(only),
        many => Dynamic::Array(many.iter().map(group).collect()),
    }
}

/// The text with each match rewritten; `\0` to `\9` stand for groups.
fn replace(source: &str, expression: &str, rewrite: &str) -> Value {
    let Some(expression) = compiled(expression) else { return Value::String(source.to_owned()) };
    let replaced =
        expression.replace_all(source, |captures: &Captures<'_>| rewritten(captures, rewrite));
    Value::String(replaced.into_owned())
}

fn rewritten(captures: &Captures<'_>, rewrite: &str) -> String {
    let mut written = String::new();
    let mut letters = rewrite.chars();
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            written.push(letter);
            continue;
        }
        match letters.next() {
            Some(digit) if digit.is_ascii_digit() => {
                let group = digit.to_digit(10).and_then(|group| captures.get(group as usize));
                written.push_str(group.map_or("", |group| group.as_str()));
            }
            Some('\\') | None => written.push('\\'),
            Some(other) => {
                written.push('\\');
                written.push(other);
            }
        }
    }
    written
}

fn remove(expression: &str, source: &str) -> Value {
    replace(source, expression, "")
}

/// How often a text occurs, overlapping with itself; or with `regex`, how often an expression matches.
fn count_of(arguments: &[Value]) -> Value {
    let (source, search) = (arguments.text(0), arguments.text(1));
    let count = match arguments.text(2) {
        "regex" => compiled(search).map(|expression| expression.find_iter(source).count()),
        "" | "normal" if search.is_empty() => Some(0),
        "" | "normal" => {
            let places = source.char_indices();
            Some(
                places
                    .filter(|(place, _)| {
                        source.get(*place..).is_some_and(|rest| rest.starts_with(search))
                    })
                    .count(),
            )
        }
        _ => None,
    };
    long(count.and_then(|count| i64::try_from(count).ok()))
}

/// The place of an occurrence of a match, in letters; matches do not overlap.
fn index_of(arguments: &[Value]) -> Value {
    let (source, expression) = (arguments.text(0), arguments.text(1));
    let start = arguments.long(2).unwrap_or(0);
    let length = arguments.long(3).unwrap_or(-1);
    let occurrence = arguments.long(4).unwrap_or(1);
    let (Ok(start), Ok(occurrence), Some(expression)) =
        (usize::try_from(start), usize::try_from(occurrence), compiled(expression))
    else {
        return Value::Null;
    };
    if occurrence == 0 || length < -1 {
        return Value::Null;
    }
    let from = source.char_indices().nth(start).map_or(source.len(), |(place, _)| place);
    let rest = source.get(from..).unwrap_or_default();
    let end = match usize::try_from(length) {
        Ok(length) => rest.char_indices().nth(length).map_or(rest.len(), |(place, _)| place),
        Err(_) => rest.len(),
    };
    let searched = rest.get(..end).unwrap_or_default();
    let found = expression.find_iter(searched).nth(occurrence - 1);
    let place = found.map(|found| {
        start + searched.get(..found.start()).map_or(0, |before| before.chars().count())
    });
    Value::Long(place.and_then(|place| i64::try_from(place).ok()).unwrap_or(-1))
}

#[cfg(test)]
mod tests {
    use super::super::function;
    use super::*;

    fn call(name: &str, arguments: &[Value]) -> Value {
        (function(name).unwrap().call)(arguments)
    }

    fn texts<const N: usize>(texts: [&str; N]) -> [Value; N] {
        texts.map(|text| Value::String(text.to_owned()))
    }

    #[test]
    fn extracts_a_group_or_the_empty_text() {
        let extract = |group, expression: &str| {
            let [expression, source] = texts([expression, "host=a.example.com;"]);
            call("extract", &[expression, Value::Long(group), source]).text()
        };
        assert_eq!(extract(1, r"host=([\w.]+)"), "a.example.com");
        assert_eq!(extract(0, r"host=([\w.]+)"), "host=a.example.com");
        assert_eq!(extract(2, r"host=([\w.]+)"), "");
        assert_eq!(extract(1, r"user=(\w+)"), "");
        assert_eq!(extract(1, "("), "");
        assert_eq!(extract(1, r"(?<host>a\.\w+)"), "a.example");
    }

    #[test]
    fn extracts_groups_of_all_matches() {
        let all = |arguments: &[Value]| call("extract_all", arguments).text();
        let [one, two, named, source] = texts([r"(\w)\d", r"(\w)(\d)", r"(?P<l>\w)(\d)", "a1-b2"]);
        let chosen = |json: &str| Value::of_dynamic(Dynamic::of_json(json).unwrap());
        assert_eq!(all(&[one.clone(), source.clone()]), r#"["a","b"]"#);
        assert_eq!(all(&[two.clone(), source.clone()]), r#"[["a","1"],["b","2"]]"#);
        assert_eq!(all(&[two.clone(), chosen("[2,5]"), source.clone()]), r#"["1","2"]"#);
        assert_eq!(all(&[two, chosen("[5]"), source.clone()]), r#"[["a","1"],["b","2"]]"#);
        assert_eq!(all(&[named, chosen(r#"["l"]"#), source]), r#"["a","b"]"#);
        let [one, none] = texts([r"(\w)\d", "-"]);
        assert_eq!(call("extract_all", &[one, none]), Value::Null);
    }

    #[test]
    fn trims_one_match_at_each_end() {
        assert_eq!(call("trim", &texts(["a", "aaaa"])).text(), "aa");
        assert_eq!(call("trim_start", &texts(["a|x", "bxa"])).text(), "bxa");
        assert_eq!(call("trim_end", &texts([r"[^\w]+", "- Te st// $"])).text(), "- Te st");
        assert_eq!(call("trim", &texts([r"\s+", "  a b "])).text(), "a b");
    }

    #[test]
    fn rewrites_with_groups() {
        assert_eq!(
            call("replace_regex", &texts(["is 5", r"is (\d+)", r"was: \1\\$1"])).text(),
            r"was: 5\$1"
        );
        assert_eq!(call("replace", &texts([r"(\d)", r"<\0>", "a1b2"])).text(), "a<1>b<2>");
    }

    #[test]
    fn counts_texts_that_overlap_and_matches_that_do_not() {
        assert_eq!(call("countof", &texts(["aaaa", "aa"])), Value::Long(3));
        assert_eq!(call("countof", &texts(["aaaa", "aa", "regex"])), Value::Long(2));
        assert_eq!(call("countof", &texts(["ααα", "αα", "normal"])), Value::Long(2));
        assert_eq!(call("countof", &texts(["a", ""])), Value::Long(0));
    }

    #[test]
    fn finds_the_place_of_a_match() {
        let [source, expression] = texts(["ébcabcdefg", "b."]);
        let index = |numbers: &[i64]| {
            let numbers = numbers.iter().map(|number| Value::Long(*number));
            let arguments = [source.clone(), expression.clone()].into_iter().chain(numbers);
            call("indexof_regex", &arguments.collect::<Vec<_>>())
        };
        assert_eq!(index(&[]), Value::Long(1));
        assert_eq!(index(&[0, 9, 2]), Value::Long(4));
        assert_eq!(index(&[2, -1, 2]), Value::Long(-1));
        assert_eq!(index(&[-1]), Value::Null);
    }

    #[test]
    fn expressions_that_are_wrong_or_too_large_are_refused() {
        assert!(check("[a-z]+").is_ok());
        assert!(check("(").is_err());
        assert!(check("(?=x)").is_err());
        assert!(check("[").is_err());
    }

    #[test]
    fn a_bracket_in_a_class_is_a_class_of_its_own_or_a_bracket() {
        let trimmed = |expression: &str, text: &str| {
            let given = [expression, text].map(|text| Value::String(text.to_owned()));
            (crate::kql::functions::function("trim").expect("trim").call)(&given).text()
        };
        assert_eq!(trimmed("[[]", "[192.0.2.1]"), "192.0.2.1]");
        assert_eq!(trimmed(r#"[[",\]]"#, r#"["a"]"#), r#""a""#);
        assert_eq!(trimmed("[[:digit:][]", "1a["), "a");
        assert_eq!(trimmed("[x[a-c]]", "xdc"), "d");
    }

    #[test]
    fn what_is_too_large_is_refused() {
        assert!(check(r"((\w{100}){100}){100}").is_err());
    }
}
