//! Hostile texts are refused or parsed in time that is proportional to them, and on a small stack.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

use std::fmt::Write;
use std::thread;
use std::time::{Duration, Instant};

use coldtrail_rules::kql::Problem;
use coldtrail_rules::kql::parser::{MOST_TEXT, parse, parse_function};
use coldtrail_rules::kql::syntax::Query;

const MANY: usize = 100_000;

/// Parses on a stack as small as that of a test, and walks what came out in the ways that recurse.
fn parsed(text: String) -> Result<Query, Vec<Problem>> {
    let begin = Instant::now();
    let thread = thread::Builder::new().stack_size(2 << 20);
    let parsed = thread.spawn(move || {
        let parsed = parse(&text);
        if let Ok(query) = &parsed {
            assert!(query.clone() == *query && !format!("{query:?}").is_empty());
        }
        if let Err(problems) = &parsed {
            assert!((1..=20).contains(&problems.len()), "{problems:?}");
            assert!(problems.iter().all(|problem| problem.span.end <= text.len()));
        }
        parsed
    });
    let parsed = parsed.expect("a thread").join().expect("no panic");
    assert!(begin.elapsed() < Duration::from_secs(20), "{:?}", begin.elapsed());
    parsed
}

#[test]
fn nesting_is_refused_where_it_is_too_deep() {
    for open in [
        "(",
        "-(",
        "f(",
        "[",
        "a[",
        "{",
        "dynamic([",
        "dynamic({'a':",
        "a in (",
        "a between (",
        "T | join (",
        "union (",
        "toscalar(",
        "let f = () { ",
        "T | mv-apply x on (where ",
        "T | fork (where ",
        "T | partition by a { ",
        "iff(a, b, ",
        "search in (",
        "print (",
        "not(a and ",
        "a or (b + ",
        "typeof(",
        "datatable(",
        "T | where a has_any (",
        "externaldata(a:string)[",
        "case(a == b and (c or ",
    ] {
        let problems = parsed(open.repeat(MANY)).expect_err(open);
        assert!(!problems.is_empty(), "{open}");
    }
    let problems =
        parsed(format!("print {}1{}", "(".repeat(65), ")".repeat(65))).expect_err("deep");
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!((problems[0].span.start, problems[0].span.end), (70, 71));
    assert_eq!(problems[0].reason, "more than 64 brackets are open");
    assert!(parsed(format!("print {}1{}", "(".repeat(63), ")".repeat(63))).is_ok());
}

#[test]
fn as_deep_as_allowed_fits_a_small_stack() {
    for (open, middle, close) in [
        ("T | join (", "T", ") on a"),
        ("T | mv-apply x on (where a in (", "1", "))"),
        ("iff(a == 1 and b, c + ", "1", ")"),
        ("let f = () { ", "T", "}"),
        ("T | summarize a = sum(iff(b has_any (toscalar(", "T", "))))"),
        ("T | partition by a { ", "T", "}"),
        ("union (", "T", ")"),
        ("1 + a between (", "1", " .. 2)"),
    ] {
        let brackets = open.matches(['(', '{']).count() - open.matches([')', '}']).count();
        let levels = 64 / brackets;
        for levels in [levels, levels / 2, levels / 3, levels / 4] {
            let _ = parsed(format!("{}{middle}{}", open.repeat(levels), close.repeat(levels)));
        }
    }
}

#[test]
fn chains_of_operands_are_refused_where_they_are_too_long() {
    for link in ["+1", "*1", "-1", ".b", "[0]", "%1"] {
        let problems = parsed(format!("print a{}", link.repeat(MANY))).expect_err(link);
        assert_eq!(problems[0].reason, "this has more than 200 levels of operands", "{link}");
        assert!(parsed(format!("print a{}", link.repeat(150))).is_ok(), "{link}");
    }
    // Chains within brackets add up.
    let text = (0..50).fold("a".to_owned(), |inner, _| format!("({inner}{})", "+1".repeat(150)));
    assert!(parsed(format!("print {text}")).is_err());
}

#[test]
fn long_lists_parse() {
    let numbers = "1,".repeat(MANY);
    assert!(parsed(format!("T | where a in ({numbers}1)")).is_ok());
    assert!(parsed(format!("datatable(a:long)[{numbers}]")).is_ok());
    assert!(parsed(format!("print dynamic([{numbers}1])")).is_ok());
    assert!(parsed(format!("T | where {}b", "a == 1 or ".repeat(MANY))).is_ok());
    assert!(parsed(format!("T | where {}b", "a == 1 and b or ".repeat(MANY / 2))).is_ok());
    assert!(parsed(format!("T{}", " | where a".repeat(MANY))).is_ok());
    assert!(parsed("T;".repeat(MANY)).is_ok());
    assert!(parsed(format!("T | extend {}1", "a+1,".repeat(MANY))).is_ok());
    let lets = (0..MANY / 10).fold(String::new(), |mut text, at| {
        let _ = write!(text, "let f{at} = (a:long) {{ a }};");
        text
    });
    assert!(parsed(lets).is_ok());
}

#[test]
fn mistakes_do_not_cost_more_than_the_text() {
    for wrong in [
        "T | nothing ",
        "'a\n",
        "(a, ",
        "T | where a ==; ",
        "let f = (",
        "=",
        "\\",
        "é(",
        "(a,b)=",
        "datetime(",
    ] {
        assert!(parsed(wrong.repeat(MANY)).is_err(), "{wrong}");
    }
}

#[test]
fn a_text_of_ten_megabytes_is_one_token() {
    let text = format!("print '{}'", "x".repeat(10 << 20));
    let begin = Instant::now();
    assert!(parse(&text).is_ok());
    assert!(begin.elapsed() < Duration::from_secs(1), "{:?}", begin.elapsed());

    let problems = parse(&" ".repeat(MOST_TEXT + 1)).expect_err("too long");
    assert_eq!(problems[0].reason, "the query has 16777217 bytes; at most 16777216 are read");
    assert!(parse_function(&" ".repeat(MOST_TEXT + 1)).is_err());
}
