//! Tables put together.

use super::{columns, rows, table};

const SIDES: &str = "
    let left = datatable(k: string, a: long)['x', 1, 'x', 2, 'y', 3];
    let right = datatable(k: string, a: long)['x', 10, 'z', 20];";

#[test]
fn a_join_takes_one_left_row_of_each_key_unless_it_is_told() {
    let join =
        |kind: &str| table(&format!("{SIDES} left | join {kind} right on k | sort by a asc"));
    assert_eq!(join(""), ["k|a|k1|a1", "x|1|x|10"]);
    assert_eq!(join("kind=inner"), ["k|a|k1|a1", "x|1|x|10", "x|2|x|10"]);
    assert_eq!(join("kind=leftouter"), ["k|a|k1|a1", "x|1|x|10", "x|2|x|10", "y|3||"]);
    assert_eq!(join("kind=leftanti"), ["k|a", "y|3"]);
    assert_eq!(join("kind=rightsemi"), ["k|a", "x|10"]);
}

#[test]
fn nulls_are_keys_that_meet() {
    let query = "let t = datatable(k: long, a: long)[long(null), 1]; t | join kind=inner t on k";
    assert_eq!(rows(query), ["|1||1"]);
}

#[test]
fn a_lookup_keeps_its_keys_once() {
    assert_eq!(columns(&format!("{SIDES} left | lookup right on k")), "k|a|a1");
    assert_eq!(rows(&format!("{SIDES} left | lookup right on k | where a == 3")), ["y|3|"]);
}

#[test]
fn a_union_parts_columns_of_one_name_by_their_types() {
    let query = "union (print x = 1), (print x = 'a'), (print y = 2)";
    assert_eq!(table(query), ["x_long|x_string|y", "1||", "|a|", "||2"]);
    assert_eq!(
        columns("union (print x = 1, y = 2), (print z = 3, x = 'a')"),
        "x_long|x_string|y|z"
    );
    let query = "union (print x = 1), (print x = toint(2)), (print x_long = 3)";
    assert_eq!(columns(query), "x_long1|x_int|x_long");
    assert_eq!(columns("union kind=inner (print x = 1, y = 2), (print y = 3)"), "y");
}

#[test]
fn a_union_finds_views_by_pattern_and_drops_what_is_not_there() {
    let lets = "let View_1 = view () { print x = 1 }; let View_2 = view () { print x = 2 };
                let View_3 = () { print x = 3 };";
    let query = format!("{lets} union withsource=T View*");
    assert_eq!(table(&query), ["T|x", "View_1|1", "View_2|2"]);
    assert_eq!(rows(&format!("{lets} union isfuzzy=true View_1, Nowhere, None*")), ["1"]);
}
