//! `has` and its kin, and lists of texts.

use super::{rows, value};

#[test]
fn a_term_ends_where_letters_and_digits_end() {
    for (comparison, holds) in [
        (r#""evil.workers.dev" has "workers.dev""#, true),
        (r#""myworkers.dev" has "workers.dev""#, false),
        (r#""x.lambda-url.us-east-1.on.aws" has "LAMBDA-url""#, true),
        (r#""a_b" has "a""#, true),
        (r#""éa" has "a""#, false),
        (r#"" x ab y" hasprefix " a""#, true),
        (r#""abc" has """#, true),
        (r#""abc" hassuffix "bc""#, true),
        (r#""abc" !has "bc""#, true),
        (r#""Abc" has_cs "abc""#, false),
    ] {
        assert_eq!(value(comparison), if holds { "True" } else { "False" }, "{comparison}");
    }
}

#[test]
fn a_list_may_be_let_bound_nested_or_the_first_column_of_a_table() {
    let hosts = |condition: &str| {
        rows(&format!(
            "let suffixes = dynamic(['workers.dev', 'pages.dev']);
             let table = datatable(s: string, other: long)['workers.dev', 1];
             Proxy | where {condition} | project Host"
        ))
    };
    assert_eq!(hosts("Host has_any (suffixes)"), ["evil.workers.dev"]);
    assert_eq!(hosts("Host has_any ('x', suffixes)"), ["evil.workers.dev"]);
    assert_eq!(hosts("Host has_any (table)"), ["evil.workers.dev"]);
    assert_eq!(hosts("Host has_any (dynamic([]))"), [""; 0]);
    assert_eq!(hosts("Host has_all (dynamic([]))").len(), 3);
    assert_eq!(hosts("Host in ('EXAMPLE.com')"), [""; 0]);
    assert_eq!(hosts("Host in~ ('EXAMPLE.com')"), ["example.com"]);
    assert_eq!(hosts("Host in ((table | project strcat('evil.', s)))"), ["evil.workers.dev"]);
}
