//! What queries say, read back as short texts.

use super::{parse, parse_function};
use crate::kql::Problem;
use crate::kql::syntax::{
    Expression, ExpressionKind, LetValue, Operator, OperatorKind, ParameterType, Query, Statement,
};

/// A scalar expression with all its brackets.
fn brackets(text: &str) -> String {
    let query = parsed(&format!("print {text}"));
    match operators(&query).first().map(|operator| &operator.kind) {
        Some(OperatorKind::Print(columns)) => read_back(&columns[0].value),
        other => panic!("{text}: {other:?}"),
    }
}

fn read_back(expression: &Expression) -> String {
    match &expression.kind {
        ExpressionKind::Name(name) | ExpressionKind::Wildcard(name) => name.clone(),
        ExpressionKind::Star => "*".to_owned(),
        ExpressionKind::Literal(literal) => format!("{:?}", literal.value),
        ExpressionKind::Binary { operator, left, right, .. } => {
            format!("({} {operator} {})", read_back(left), read_back(right))
        }
        ExpressionKind::Sign { is_minus, of } => {
            format!("{}{}", if *is_minus { "-" } else { "+" }, read_back(of))
        }
        ExpressionKind::Member { of, name } => format!("{}.{}", read_back(of), name.text),
        ExpressionKind::Index { of, index } => format!("{}[{}]", read_back(of), read_back(index)),
        ExpressionKind::Call { name, arguments } => {
            let arguments: Vec<String> =
                arguments.iter().map(|argument| read_back(&argument.value)).collect();
            format!("{}({})", name.text, arguments.join(", "))
        }
        ExpressionKind::MemberCall { of, name, .. } => format!("{}.{}()", read_back(of), name.text),
        ExpressionKind::Membership { operator, left, list, .. } => {
            let list: Vec<String> = list.iter().map(read_back).collect();
            format!("({} {operator} [{}])", read_back(left), list.join(", "))
        }
        ExpressionKind::Between { is_negated, of, low, high } => {
            let sign = if *is_negated { "!between" } else { "between" };
            format!("({} {sign} {} .. {})", read_back(of), read_back(low), read_back(high))
        }
        other => format!("{other:?}"),
    }
}

fn parsed(text: &str) -> Query {
    parse(text).unwrap_or_else(|problems| panic!("{text}: {problems:?}"))
}

/// The operators of a query's last statement.
fn operators(query: &Query) -> &[Operator] {
    match query.statements.last() {
        Some(Statement::Expression(expression)) => match &expression.kind {
            ExpressionKind::Pipeline { operators, .. } => operators,
            other => panic!("no pipeline: {other:?}"),
        },
        other => panic!("no expression: {other:?}"),
    }
}

/// What is wrong: the text that it is said of, the reason and the help.
fn wrong(text: &str) -> Vec<(&str, String, String)> {
    let problems: Vec<Problem> = parse(text).expect_err(text);
    problems.into_iter().map(|found| (found.span.of(text), found.reason, found.help)).collect()
}

#[test]
fn operators_of_texts_bind_most_and_equality_least() {
    for (text, expected) in [
        ("a or b and c or d", "((a or (b and c)) or d)"),
        ("a + b has c", "(a + (b has c))"),
        ("a has b + c", "((a has b) + c)"),
        ("a == b has c", "(a == (b has c))"),
        ("a < b == c", "((a < b) == c)"),
        ("a + b in (c)", "((a + b) in [c])"),
        ("a - b - c * d", "((a - b) - (c * d))"),
        ("a * -b.c", "(a * -b.c)"),
        ("a <> b", "(a != b)"),
        ("a matches regex b and c !in~ (d, e)", "((a matches regex b) and (c !in~ [d, e]))"),
        ("a between (b .. c) and d", "((a between b .. c) and d)"),
        ("a !between(1d..2d)", &format!("(a !between {} .. {})", days(1), days(2))),
        ("a notcontains b", "(a !contains b)"),
    ] {
        assert_eq!(brackets(text), expected, "{text}");
    }
}

fn days(number: i64) -> String {
    format!("TimeSpan(TimeSpan({}))", number * 864_000_000_000)
}

#[test]
fn what_compares_is_not_compared_again() {
    for text in ["a == b == c", "a < b < c", "a has b has c", "a in (1) == true"] {
        let query = format!("print {text}");
        let problem = wrong(&query).remove(0);
        assert_eq!(problem.2, "put one of them in brackets", "{text}");
    }
}

#[test]
fn what_hangs_on_a_name() {
    for (text, expected) in [
        ("a.b[0]['c'].d", "a.b[Long(0)][String(\"c\")].d"),
        ("['a b'].['c d'].[-1]", "a b.c d[-Long(1)]"),
        ("cluster('a').database('b').T", "cluster(String(\"a\")).database().T"),
        ("arg_max(a, *)", "arg_max(a, *)"),
    ] {
        assert_eq!(brackets(text), expected, "{text}");
    }
}

#[test]
fn literals_have_types() {
    for (text, expected) in [
        ("0x1F", "Long(31)"),
        ("1e5", "Real(100000.0)"),
        ("real(nan)", "Real(NaN)"),
        ("long(null)", "Null"),
        ("int(-5)", "Int(-5)"),
        ("bool(1)", "Bool(true)"),
        ("decimal(1.50)", "Decimal(1.50)"),
        ("time('1d')", &days(1)),
        ("datetime(2025, 6, 14)", &brackets("datetime(2025-06-14)")),
        ("'a' \"b\" @'\\c'", "String(\"ab\\\\c\")"),
        ("True", "Bool(true)"),
        (
            "guid(74be27de-1e4e-49d9-b579-fe0b331d3642)",
            "Guid(Guid(155180093812138541098893034632158688834))",
        ),
    ] {
        if text.starts_with("guid") {
            assert!(brackets(text).starts_with("Guid("));
        } else {
            assert_eq!(brackets(text), expected, "{text}");
        }
    }
}

#[test]
fn keywords_are_names_elsewhere() {
    for name in [
        "Type", "kind", "count", "by", "on", "from", "to", "step", "with", "where", "contains",
        "in", "datetime", "print", "range", "union", "asc", "typeof", "dynamic", "view", "let",
        "of",
    ] {
        let query = format!(
            "let {name} = 1; T | where {name} == 1 and 2 == {name} | extend {name} = x.{name} \
             | summarize {name} = count() by {name} | project {name}, b | sort by {name} desc"
        );
        assert_eq!(operators(&parsed(&query)).len(), 5, "{name}");
    }
}

#[test]
fn functions_have_parameters_and_stored_ones_may_have_none() {
    let query = parsed(
        "let f = (T:(*), x:string='a', U:(a:long)) { T | take 1; }; let v = view () {f(T)};;v;",
    );
    let Statement::Let { value: LetValue::Function(function), .. } = &query.statements[0] else {
        panic!("no function: {query:?}");
    };
    assert_eq!(function.parameters[0].r#type, ParameterType::Table(Vec::new()));
    assert!(function.parameters[1].default.is_some());
    assert!(
        matches!(&query.statements[1], Statement::Let { value: LetValue::Function(view), .. } if view.is_view)
    );

    assert_eq!(parse_function("(a:long) { T | take a }").expect("a function").parameters.len(), 1);
    let bare = parse_function("let a = 1; T | take a").expect("a body");
    assert_eq!((bare.parameters.len(), bare.body.statements.len()), (0, 2));
    assert!(parse_function("(a:long) { T } T").is_err());
}

#[test]
fn every_operator_parses() {
    for query in include_str!("operators.kql").lines().filter(|line| !line.is_empty()) {
        let query = parsed(query);
        assert!(!operators(&query).is_empty(), "{query:?}");
    }
}

#[test]
fn operators_that_are_refused_are_skipped_to_their_end() {
    let query = parsed(
        "E | make-graph a --> b with N on c | graph-match (x)-[y]->(z) where x.a == 1 project x \
         | scan declare (n:long) with (step s: true => n = 1; step t: n > 1 => n = 2;) | count",
    );
    let refused = |at: usize| match &operators(&query)[at].kind {
        OperatorKind::Refused { what } => *what,
        other => panic!("{other:?}"),
    };
    assert_eq!([refused(0), refused(1), refused(2)], ["make-graph", "graph-match", "scan"]);
    assert_eq!(operators(&query)[3].kind, OperatorKind::Count);
}

#[test]
fn mistakes_are_told_where_they_are_with_what_to_write() {
    let text = "T | wher a == 1 | extend b = | join (U | sumarize count()) on c | where d = 1; U | Where x";
    let found: Vec<(&str, String, String)> = wrong(text);
    let expected = [
        ("wher", "there is no operator `wher`", "did you mean `where`?"),
        ("|", "`|` stands where an expression is expected", ""),
        ("sumarize", "there is no operator `sumarize`", "did you mean `summarize`?"),
        ("=", "`=` stands where an operator is expected", "write `==` to compare"),
        ("Where", "there is no operator `Where`", "did you mean `where`?"),
    ];
    let found: Vec<(&str, &str, &str)> =
        found.iter().map(|(at, reason, help)| (*at, reason.as_str(), help.as_str())).collect();
    assert_eq!(found, expected);
}

#[test]
fn slips_have_their_own_help() {
    for (text, help) in [
        ("T | where a AND b", "did you mean `and`?"),
        ("T | where a not in (1)", "write `!in`"),
        ("T | where a !has_any (1)", "write `not(… has_any …)`"),
        // What stands behind a chart's name is not skipped: it would belong to another query.
        ("T | render barchart\nU | take 5", ""),
        ("T where a", "put `|` before `where`"),
        ("T | where a in b", "write `in (…)`"),
        ("print 'C:\\Windows'", "write `\\\\W`, or `@` before the text"),
        ("T | where (a", "the `(` at line 1, column 11 is still open"),
        ("print datetime(strcat(1))", "for what is computed write `todatetime(…)`"),
        (
            "print dynamic([a])",
            "write a text in quotes; for what is computed use `pack_array(…)` or `bag_pack(…)`",
        ),
        ("let f = (x) { x }", "write `x: string`, or `x: (*)` for a table"),
        ("T | extend 'a b' = 1", "write a name that needs quotes as `['a b']`"),
        ("datatable(a:strin)[1]", "did you mean `string`?"),
    ] {
        assert_eq!(wrong(text)[0].2, help, "{text}");
    }
}

#[test]
fn no_more_than_twenty_mistakes_are_told() {
    assert_eq!(wrong(&"T | nothing;".repeat(100)).len(), 20);
}
