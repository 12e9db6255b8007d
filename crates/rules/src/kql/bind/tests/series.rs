//! `make-series`.

use super::{rows, table};

const READINGS: &str = "datatable(t: long, k: string, v: long)[1, 'a', 5, 3, 'a', 6, 8, 'b', 7]";

#[test]
fn no_rows_make_no_series_unless_it_must_not_be_empty() {
    let series = |kind: &str| {
        rows(&format!(
            "{READINGS} | where false | make-series {kind} sum(v) default=1 on t from 0 to 4 step 2"
        ))
    };
    assert_eq!(series(""), [""; 0]);
    assert_eq!(series("kind=nonempty"), ["[1,1]|[0,2]"]);
}

#[test]
fn a_constant_stands_where_there_are_rows() {
    let query = format!(
        "{READINGS} | make-series s = sum(v), there = -1 default=-2 on t from 0 to 10 step 2"
    );
    assert_eq!(table(&query), ["s|there|t", "[5,6,0,0,7]|[-1,-1,-2,-2,-1]|[0,2,4,6,8]"]);
}

#[test]
fn a_series_without_bounds_is_as_long_as_its_own_rows() {
    let query = format!("{READINGS} | make-series sum(v) on t step 2 by k | sort by k asc");
    assert_eq!(rows(&query), ["a|[5,6]|[0,2]", "b|[7]|[8]"]);
}
