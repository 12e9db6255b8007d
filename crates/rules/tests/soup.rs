//! Random words and damaged queries parse or are told why not, in places that they have.

use coldtrail_rules::kql::parser::{parse, parse_function};
use coldtrail_rules::kql::syntax::{Expression, ExpressionKind, Statement};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// One query of each kind, a line each.
const QUERIES: &str = include_str!("../src/kql/parser/operators.kql");

const WORDS: [&str; 96] = [
    "T",
    "a",
    "b",
    " ",
    "\n",
    "|",
    "|",
    ";",
    ",",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "=",
    "==",
    "!=",
    "=~",
    "!~",
    "<",
    "<=",
    "<>",
    "..",
    ".",
    ":",
    "+",
    "-",
    "*",
    "/",
    "%",
    "=>",
    "!",
    "~",
    "@",
    "h",
    "'",
    "\"",
    "```",
    "\\",
    "'x'",
    "@'x'",
    "h\"x\"",
    "1",
    "1.5",
    "1d",
    "0x1F",
    "1e5",
    "datetime(2024-01-01)",
    "datetime(",
    "long(null)",
    "dynamic(",
    "typeof(",
    "let ",
    "set ",
    "declare ",
    "query_parameters",
    "view ",
    "where ",
    "extend ",
    "project",
    "-away",
    "summarize ",
    "by ",
    "join ",
    "kind=",
    "hint.x=",
    "on ",
    "$left",
    "union ",
    "mv-expand ",
    "mv-apply ",
    "parse ",
    "with ",
    "make-series ",
    "from ",
    "to ",
    "step ",
    "in ",
    "!in~ ",
    "has_any ",
    "between ",
    "and ",
    "or ",
    "matches regex ",
    "contains ",
    "search ",
    "find ",
    "print ",
    "range ",
    "datatable",
    "externaldata",
    "graph-match ",
    "// ",
    "é",
    "\u{200b}",
];

/// Parses a text in both ways, and looks at every place that is said.
fn survives(text: &str) {
    let is_place = |start: usize, end: usize| text.get(start..end).is_some();
    match parse(text) {
        Ok(query) => {
            for statement in &query.statements {
                if let Statement::Expression(expression) = statement {
                    assert!(is_within(expression, &is_place), "{text}: {expression:?}");
                }
            }
        }
        Err(problems) => {
            assert!((1..=20).contains(&problems.len()), "{text}: {problems:?}");
            for problem in &problems {
                assert!(is_place(problem.span.start, problem.span.end), "{text}: {problem:?}");
            }
        }
    }
    if let Err(problems) = parse_function(text) {
        assert!(!problems.is_empty(), "{text}");
    }
}

/// Whether the operands of a chain stand in the text, and within what is made of them.
fn is_within(expression: &Expression, is_place: &impl Fn(usize, usize) -> bool) -> bool {
    let whole = expression.span;
    let holds = |part: &Expression| {
        part.span.start >= whole.start && part.span.end <= whole.end && is_within(part, is_place)
    };
    is_place(whole.start, whole.end)
        && match &expression.kind {
            ExpressionKind::Binary { left, right, at, .. } => {
                at.start >= left.span.end
                    && at.end <= right.span.start
                    && holds(left)
                    && holds(right)
            }
            ExpressionKind::Membership { left, list, .. } => holds(left) && list.iter().all(holds),
            ExpressionKind::Call { arguments, .. } => {
                arguments.iter().all(|argument| holds(&argument.value))
            }
            ExpressionKind::Member { of, .. } | ExpressionKind::Sign { of, .. } => holds(of),
            ExpressionKind::Index { of, index } => holds(of) && holds(index),
            ExpressionKind::Pipeline { source: Some(source), .. } => holds(source),
            _ => true,
        }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn random_words_survive(words in vec(select(&WORDS[..]), 0..60)) {
        survives(&words.concat());
    }

    #[test]
    fn any_text_survives(text in "\\PC{0,80}") {
        survives(&text);
    }

    #[test]
    fn damaged_queries_survive(
        line in any::<Index>(),
        damage in vec((any::<Index>(), any::<Index>(), select(&WORDS[..])), 1..6),
    ) {
        let lines: Vec<&str> = QUERIES.lines().collect();
        let mut letters: Vec<char> = line.get(&lines).chars().collect();
        for (from, length, word) in damage {
            let from = from.index(letters.len() + 1);
            let length = length.index(4).min(letters.len() - from);
            letters.splice(from..from + length, word.chars());
        }
        survives(&letters.into_iter().collect::<String>());
    }
}
