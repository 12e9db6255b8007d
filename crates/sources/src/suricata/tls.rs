//! `tls` and `quic`: a row of `tls` for each handshake.

use coldtrail_model::Field;

use crate::filling::Filling;

/// Fills a row of `tls`.
pub(super) fn columns(record: &mut Filling<'_, '_, '_>) {
    record
        .domain(Field::TlsClientServerName, "tls.sni")
        .domain(Field::TlsClientServerName, "quic.sni")
        .text(Field::TlsClientJa3, "tls.ja3.hash")
        .text(Field::TlsClientJa3, "quic.ja3.hash")
        .text(Field::TlsClientJa4, "tls.ja4")
        .text(Field::TlsClientJa4, "quic.ja4")
        .text(Field::TlsServerJa3s, "tls.ja3s.hash")
        .text(Field::TlsServerJa3s, "quic.ja3s.hash")
        .text(Field::TlsServerSubject, "tls.subject")
        .text(Field::TlsServerIssuer, "tls.issuerdn")
        .texts(Field::X509AlternativeNames, "tls.subjectaltname");
    if let Some(written) = record.value("tls.version") {
        record.row().text(Field::TlsVersion, version(&written));
    }
}

/// The version as ECS writes it: `1.2` for `TLS 1.2`; empty if Suricata did not find it.
fn version(written: &str) -> &str {
    match written {
        "TLSv1" => "1.0",
        "UNDETERMINED" => "",
        other => {
            other.strip_prefix("TLS").map_or(other, |number| number.trim_start_matches(['v', ' ']))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::version;

    #[test]
    fn versions_of_many_years() {
        let versions = ["TLSv1", "TLS 1.1", "TLS 1.2", "TLS 1.3", "SSLv3", "UNDETERMINED"];
        assert_eq!(versions.map(version), ["1.0", "1.1", "1.2", "1.3", "SSLv3", ""]);
    }
}
