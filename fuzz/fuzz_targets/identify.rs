//! Whatever stands where a log should have a host or a URL, the catalogue answers calmly, and its
//! fast and its thorough way agree.

#![no_main]

use coldtrail_catalogue::{Catalogue, Identification};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let catalogue = Catalogue::builtin();
    let (host, path) = text.split_once(' ').map_or((text, None), |(host, path)| (host, Some(path)));

    let found = catalogue.lookup_at(host, path).map(|found| found.endpoint(path));
    match catalogue.identify(host, path) {
        Identification::Endpoint(endpoint) => {
            assert!(endpoint.host.len() <= 253);
            assert_eq!(found, Some(endpoint));
        }
        _ => assert_eq!(found, None),
    }
    catalogue.identify_url(text);
    catalogue.identify_chain(host, &[text]);
    catalogue.known(host);
});
