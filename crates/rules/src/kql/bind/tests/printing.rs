//! Arithmetic, and values as text.

use super::value;

#[test]
fn numbers_keep_to_their_types() {
    for (expression, expected) in [
        ("7 / 2", "3"),
        ("-7 / 2", "-3"),
        ("7 / 2.0", "3.5"),
        ("gettype(toint(1) + toint(1))", "long"),
        ("gettype(int(null))", "int"),
        ("gettype(dynamic(null))", "null"),
        ("bin(-7, 5)", "-10"),
        ("bin(7.5, 2) == 6", "True"),
        ("1h / 10m == 6", "True"),
    ] {
        assert_eq!(value(expression), expected, "{expression}");
    }
}

#[test]
fn moments_and_lengths_are_written_with_all_digits() {
    for (expression, expected) in [
        ("tostring(true)", "True"),
        ("tostring(datetime(2020-01-02T03:04:05.6))", "2020-01-02T03:04:05.6000000Z"),
        ("tostring(1d)", "1.00:00:00"),
        ("tostring(-90m)", "-01:30:00"),
        ("tostring(1.5s)", "00:00:01.5000000"),
        ("tostring(datetime(null))", ""),
        ("startofweek(datetime(2026-01-01))", "2025-12-28T00:00:00.0000000Z"),
        ("now()", "2026-01-01T00:00:00.0000000Z"),
        ("ago(1d)", "2025-12-31T00:00:00.0000000Z"),
        ("todatetime('2015-12')", "2015-12-01T00:00:00.0000000Z"),
        (
            "format_datetime(datetime(2017-01-29 09:00:05), 'yy-MM-dd [HH:mm:ss]')",
            "17-01-29 [09:00:05]",
        ),
    ] {
        assert_eq!(value(expression), expected, "{expression}");
    }
}
