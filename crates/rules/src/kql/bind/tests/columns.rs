//! What columns are called that nobody named.

use super::{columns, rows};

#[test]
fn an_aggregate_is_called_by_its_word_and_its_arguments() {
    for (aggregates, expected) in [
        ("count(), sum(Bytes), dcount(Host)", "count_|sum_Bytes|dcount_Host"),
        ("make_set(Host), make_list(Host)", "set_Host|list_Host"),
        ("count(), count()", "count_|count_1"),
        ("covariance(Bytes, b)", "covariance_Bytes_b"),
        ("arg_max(Bytes, Host)", "Bytes|Host"),
        ("arg_max(Bytes, *)", "Bytes|Host|b"),
        ("percentiles(Bytes, 5, 99.9)", "percentile_Bytes_5|percentile_Bytes_99_9"),
        ("max(Bytes) - min(Bytes)", "Column1"),
        ("round(avg(Bytes), 2)", "avg_Bytes"),
        ("binary_all_or(Bytes)", "Bytes"),
        ("binary_all_or(Bytes + 1)", "Column1"),
        ("count() by tolower(Host), bin(Bytes, 5)", "Column1|Bytes|count_"),
    ] {
        let query = format!("Proxy | extend b = 1.0 | summarize {aggregates}");
        assert_eq!(columns(&query), expected, "{aggregates}");
    }
}

#[test]
fn an_expression_is_called_by_the_column_it_passes_on_or_by_its_place() {
    let query = "Proxy | extend d = dynamic({}) | project tostring(Host), tolower(Host), d.a.b, d['c'], d[0], strlen(Host), split(Host, '.')[0]";
    assert_eq!(columns(query), "Host|Column1|d_a_b|d_c|d_0|strlen_Host|Host_0");
    assert_eq!(columns("print 1, x = 2, 3"), "print_0|x|print_2");
}

#[test]
fn several_arrays_are_sorted_into_several_columns() {
    let lets = "let one = dynamic([2, 1]); let other = dynamic(['b', 'a']);";
    let query = format!("{lets} print array_sort_asc(one, other)");
    assert_eq!(columns(&query), "one_sorted|other_sorted");
    assert_eq!(rows(&query), [r#"[1,2]|["a","b"]"#]);
    let second = format!("{lets} print x = array_sort_asc(one, other)[1]");
    assert_eq!(rows(&second), [r#"["a","b"]"#]);
    assert_eq!(columns(&format!("{lets} print (x, y) = array_sort_asc(one, other)")), "x|y");
    assert_eq!(columns("print array_sort_asc(dynamic([1]), false)"), "print_0");
}

#[test]
fn extend_sees_the_columns_before_it_alone() {
    assert_eq!(rows("print a = 1 | extend a = a + 1, b = a"), ["2|1"]);
}

#[test]
fn all_columns_have_a_size() {
    let query = "range x from 1 to 10 step 1 | extend t = '1234567890' | summarize sum(estimate_data_size(*))";
    assert_eq!(rows(query), ["180"]);
}
