//! `let` and its kin: what a name means where.

use super::{error, rows};

#[test]
fn a_let_is_substituted_and_a_column_hides_it() {
    assert_eq!(rows("let Limit = 5; Proxy | where Bytes > Limit | project Bytes"), ["7"]);
    assert_eq!(rows("let Bytes = 5; Proxy | where Bytes == 1 | project Bytes"), ["1"]);
    assert_eq!(rows("let x = 1; let x2 = x + 1; print x2"), ["2"]);
    assert_eq!(rows("let f = (a: long, b: long = 10) { a * b }; print f(2), f(2, 3)"), ["20|6"]);
    let big = "let big = (T: (Bytes: long), least: long) { T | where Bytes >= least };";
    assert_eq!(rows(&format!("{big} big(Proxy, 2) | count")), ["2"]);
    assert_eq!(rows(&format!("{big} Proxy | invoke big(7) | count")), ["1"]);
}

#[test]
fn a_scalar_of_a_table_is_its_first_value() {
    let query = "let most = toscalar(Proxy | summarize max(Bytes)); Proxy | where Bytes == most";
    assert_eq!(rows(query), ["evil.workers.dev|7"]);
    assert_eq!(rows("print toscalar(Proxy | where false | project Bytes)"), [""]);
}

#[test]
fn columns_may_be_asked_for() {
    let query =
        "Proxy | extend u = column_ifexists('Url', 'none'), b = column_ifexists('Bytes', 0)";
    assert_eq!(rows(&format!("{query} | project u, b | take 1")), ["none|7"]);
}

#[test]
fn an_assertion_is_checked_before_anything_runs() {
    assert_eq!(error("print assert(1 > 2, 'too small')"), "the query asserts: too small");
    assert_eq!(rows("print assert(true, 'never')"), ["True"]);
}

#[test]
fn bins_are_as_wide_as_an_option_says() {
    let query = "range t from 0 to 3 step 1 | summarize count() by bin_auto(t)";
    assert!(error(query).contains("is not set"));
    assert_eq!(rows(&format!("set query_bin_auto_size = 2; {query}")), ["0|2", "2|2"]);
    let options = "set query_bin_auto_size = 2; set query_bin_auto_at = 1;";
    assert_eq!(rows(&format!("{options} {query}")), ["-1|1", "1|2", "3|1"]);
}
