//! What is not there: nulls in comparisons, in order, as keys; texts, which are never null.

use super::{rows, value};

#[test]
fn equality_is_total_and_order_is_not() {
    for (comparison, truth) in [
        ("long(null) == 1", "False"),
        ("long(null) != 1", "True"),
        ("long(null) !in (1, 2)", "True"),
        ("isnull(long(null) < 1)", "True"),
        ("isnull(not(bool(null)))", "True"),
        ("isnull('')", "False"),
        ("isnull(tostring(long(null)))", "False"),
        ("isempty(tostring(dynamic({}).a))", "True"),
        ("isempty(extract('x', 0, 'a'))", "True"),
    ] {
        assert_eq!(value(comparison), truth, "{comparison}");
    }
}

#[test]
fn nulls_come_first_ascending_and_last_descending() {
    let sorted = |order: &str| {
        rows(&format!("datatable(a: long)[2, long(null), 1] | sort by a {order}")).join(",")
    };
    assert_eq!(sorted(""), "2,1,");
    assert_eq!(sorted("asc"), ",1,2");
    assert_eq!(sorted("desc nulls first"), ",2,1");
}

#[test]
fn nothing_summarized_is_one_row_unless_it_is_grouped() {
    assert_eq!(rows("Proxy | where false | summarize count(), max(Bytes)"), ["0|"]);
    assert_eq!(rows("Proxy | where false | summarize count() by Host"), [""; 0]);
}
