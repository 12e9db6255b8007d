//! Values that hold others.

use super::{rows, table, value};

#[test]
fn columns_are_taken_apart_side_by_side() {
    let query = "print a = dynamic([1, 2, 3]), b = dynamic(['x']), c = 'k'
                 | mv-expand a to typeof(long), b to typeof(string)";
    assert_eq!(table(query), ["a|b|c", "1|x|k", "2||k", "3||k"]);
    assert_eq!(rows("print a = dynamic(null) | mv-expand a"), [""], "a null is one element");
    assert_eq!(rows("print a = dynamic([]) | mv-expand a"), [""; 0], "an empty array has none");
    assert_eq!(rows("print a = dynamic([]), b = dynamic([1]) | mv-expand a, b"), ["|1"]);
    assert_eq!(
        rows("print a = dynamic({'x': 1, 'y': 2}) | mv-expand a"),
        [r#"{"x":1}"#, r#"{"y":2}"#]
    );
}

#[test]
fn what_is_missing_is_null_and_text_has_no_quotes() {
    for (expression, expected) in [
        ("isnull(dynamic({'a': 1}).b)", "True"),
        ("strcat(dynamic({'a': 'x'}).a, '!')", "x!"),
        ("tostring(dynamic({'a': [1]}).a)", "[1]"),
        ("dynamic([1, 2])[-1]", "2"),
        ("parse_json('{\"a\": 1}').a + 1", "2"),
        ("parse_json('no json')", "no json"),
        ("array_length(dynamic('x'))", ""),
    ] {
        assert_eq!(value(expression), expected, "{expression}");
    }
}

#[test]
fn sets_and_lists_leave_nulls_out() {
    let query = "datatable(a: long)[1, long(null), 1] | summarize make_list(a), make_set(a)";
    assert_eq!(rows(query), ["[1,1]|[1]"]);
}
