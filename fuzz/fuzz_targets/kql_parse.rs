//! Whatever a query holds, it parses or is told why not, in places that it has.

#![no_main]

use coldtrail_rules::kql::Problem;
use coldtrail_rules::kql::parser::{parse, parse_function};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Err(problems) = parse(text) {
        told(text, &problems);
    }
    if let Err(problems) = parse_function(text) {
        told(text, &problems);
    }
});

fn told(text: &str, problems: &[Problem]) {
    assert!((1..=20).contains(&problems.len()), "{problems:?}");
    for problem in problems {
        assert!(text.get(problem.span.start..problem.span.end).is_some(), "{problem:?}");
    }
}
