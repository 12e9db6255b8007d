//! Real logs in the extended format.

use coldtrail_diagnostics::Anomaly;
use coldtrail_model::Table;

use crate::kept_rows::{KeptRows, kit};

/// Logs of IIS as plaso keeps them, with the number of their lines.
#[test]
fn every_line_of_iis_has_its_row() {
    let Some(folder) = kit("proxy/log2timeline+plaso") else { return };
    for name in [
        "iis10.log",
        "iis10_cookies.log",
        "iis10_edge_cases.log",
        "iis6.log",
        "iis7_owa.log",
        "iis7_sqli.log",
        "iis_without_date.log",
    ] {
        let path = folder.join(name);
        let text = String::from_utf8_lossy(&std::fs::read(&path).expect("a file")).into_owned();
        let lines = text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
        let kept = KeptRows::of_file(&path);
        assert_eq!(kept.rows(Table::Web).len(), lines.count(), "{name}: {:?}", kept.anomalies());
    }
}

#[test]
fn lines_that_have_other_columns_than_their_header_are_read_and_told() {
    let Some(folder) = kit("proxy/elastic-integrations-upstream/proxysg") else { return };
    let kept = KeptRows::of_file(&folder.join("test-proxy-main.log"));
    assert_eq!((kept.rows(Table::Web).len(), kept.rows(Table::Flow).len()), (7, 4));
    let anomalies: Vec<_> = kept.anomalies().into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(anomalies, [Anomaly::WrongColumnCount]);
}
