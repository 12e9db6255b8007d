//! Real logs of DNS servers.

use coldtrail_diagnostics::Anomaly;
use coldtrail_model::Table;

use crate::kept_rows::{KeptRows, kit};

#[test]
fn debug_logs_of_three_locales_are_read() {
    let Some(folder) = kit("dns/extracts") else { return };
    let read =
        |name: &str| KeptRows::of_file(&folder.join(format!("windows_dns_debug_{name}.log")));
    for (name, rows) in [("alphasoc_nfr", 3), ("en-us_gell", 4), ("usiem", 8)] {
        let kept = read(name);
        assert_eq!(kept.all(Table::Dns).len(), rows, "{name}: {:?}", kept.anomalies());
        let unknown = kept.anomalies().iter().any(|(anomaly, _)| *anomaly == Anomaly::UnknownLine);
        assert!(!unknown, "{name}");
    }
}

#[test]
fn packets_of_the_analytic_log_have_their_answers() {
    let Some(folder) = kit("dns/cloudflare+Azure-Sentinel") else { return };
    let kept = KeptRows::of_file(&folder.join("NXLog_DNS_Server_CL.json.gz"));
    assert_eq!((kept.records(), kept.all(Table::Dns).len()), (1000, 995));
    assert_eq!(kept.anomalies(), []);
    let answered =
        kept.all(Table::Dns).iter().filter(|row| row.contains("dns_answers_data")).count();
    assert!(answered > 100, "{answered}");
}
