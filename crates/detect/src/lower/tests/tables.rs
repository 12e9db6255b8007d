//! What tables are asked for: no more columns than are read, and the texts that rows must contain.

use super::surroundings::Surroundings;

#[test]
fn only_columns_that_are_read_are_asked_for() {
    let surroundings = Surroundings::new(10, 5);
    let mut differences = Vec::new();
    let columns = |query: &str| {
        let asked = surroundings.asked(query).into_iter();
        asked.map(|(columns, _)| columns.join(" ")).collect::<Vec<_>>()
    };
    for (query, expected) in [
        ("T | where s == 'a' | project l", vec!["l s"]),
        ("T | count", vec!["b"]),
        ("T | extend x = strlen(t), z = d | project-away d | summarize max(x)", vec!["t"]),
        ("T | sort by d asc | extend n = row_number(), p = prev(s) | project n", vec!["d"]),
        ("T | join kind=inner (U | project s, e, k) on s | project l, e1", vec!["l s", "s e"]),
        ("T | join kind=leftanti U on s | project l", vec!["l s", "s"]),
        ("T | union U | summarize count() by s", vec!["s", "s"]),
        ("T | mv-expand z = y | project z, t", vec!["t y"]),
        (
            "T | mv-apply z = y on (where s has 'a' | summarize count()) | project count_",
            vec!["s y"],
        ),
        ("T | summarize arg_max(d, *) by s | project s, l", vec!["b i l k r s t d e p y"]),
        ("T | summarize max(l), max(k) by s | project max_k", vec!["k s"]),
        (
            "T | make-series count() on d from datetime(1970-01-01) to datetime(1970-01-03) step 1d by s",
            vec!["s d"],
        ),
        ("T | partition by i (top 1 by l | project l, t) | project t", vec!["i l t"]),
    ] {
        if columns(query) != expected {
            differences.push(format!("{query}: {:?}", columns(query)));
        }
    }
    assert!(differences.is_empty(), "{differences:#?}");
}

#[test]
fn needles_go_through_filters_and_projections() {
    let surroundings = Surroundings::new(11, 5);
    let needles = |query: &str| {
        let asked = surroundings.asked(query).into_iter();
        let told = asked.flat_map(|(_, needles)| needles);
        told.map(|(column, texts)| format!("{column}: {}", texts.join(" "))).collect::<Vec<_>>()
    };
    for (query, expected) in [
        ("T | where s has 'dev' and t in~ ('a', 'b')", vec!["s: dev", "t: a b"]),
        (
            "T | project x = s, l | where l > 1 | where x has_any (dynamic(['a', 'b']))",
            vec!["s: a b"],
        ),
        ("T | where s has 'a' or s has 'b'", vec![]),
        ("T | where s !has 'a'", vec![]),
        ("T | where s has '' or s == 'é'", vec![]),
        ("T | where s == 'é'", vec![]),
        ("T | where tolower(s) == 'a'", vec![]),
        ("T | union U | where s startswith 'a'", vec!["s: a", "s: a"]),
        ("T | take 1 | where s == 'a'", vec![]),
        ("T | summarize count() by s | where s == 'a'", vec![]),
    ] {
        assert_eq!(needles(query), expected, "{query}");
    }
}
