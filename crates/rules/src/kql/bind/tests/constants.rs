//! Constants that mean nothing are told before anything runs.

use super::error;

#[test]
fn expressions_forms_and_zones_are_checked() {
    for (query, begin) in [
        ("Proxy | where Host matches regex '('", "`(` is no regular expression: "),
        ("Proxy | project extract('(?=x)', 1, Host)", "`(?=x)` is no regular expression: "),
        ("Proxy | project replace_regex(Host, '[', '')", "`[` is no regular expression: "),
        ("Proxy | project trim('(', Host)", "`(` is no regular expression: "),
        ("print format_datetime(now(), 'QQ')", "`QQ` is no form that `format_datetime` knows"),
        ("print format_timespan(1h, 'yy')", "`yy` is no form that `format_timespan` knows"),
        ("print datetime_utc_to_local(now(), 'Middle/Earth')", "there is no time zone `Middle/"),
        ("print hash_combine(1, 2)", "`hash_combine` is not supported: "),
        ("print rand()", "`rand` is not supported: its answer"),
        ("print new_guid()", "`new_guid` is not supported: its answer"),
    ] {
        let told = error(query);
        assert!(told.starts_with(begin), "{query}: {told}");
    }
}
