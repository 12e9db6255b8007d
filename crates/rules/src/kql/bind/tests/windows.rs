//! Functions that look at other rows.

use super::rows;

#[test]
fn a_function_over_rows_may_read_another_one() {
    let query = "datatable(c: string, v: long)['A', 10, 'A', 10, 'A', 5, 'B', 7]
                 | sort by c asc, v asc
                 | extend r = row_rank_min(v, c != prev(c)), s = row_cumsum(v, c != prev(c))";
    assert_eq!(rows(query), ["A|5|1|5", "A|10|2|15", "A|10|2|25", "B|7|1|7"]);
}

#[test]
fn a_session_goes_on_until_a_gap_or_another_key() {
    let query = "datatable(id: string, at: datetime)[
                     '1', datetime(2024-04-11 10:00), '2', datetime(2024-04-11 10:18),
                     '2', datetime(2024-04-11 10:16), '2', datetime(2024-04-11 13:30)]
                 | sort by id asc, at asc
                 | extend begin = row_window_session(at, 1h, 5m, id != prev(id))
                 | project format_datetime(begin, 'HH:mm')";
    assert_eq!(rows(query), ["10:00", "10:16", "10:16", "13:30"]);
}
