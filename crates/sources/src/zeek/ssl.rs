//! `ssl`: a row of `tls` for each handshake.

use coldtrail_model::Field;

use crate::filling::Filling;

use super::connection;

/// Fills a row of `tls`.
pub(crate) fn columns(record: &mut Filling<'_, '_, '_>) {
    connection(record);
    record
        .domain(Field::TlsClientServerName, "server_name")
        .truth(Field::TlsEstablished, "established")
        .text(Field::TlsClientJa3, "ja3")
        .text(Field::TlsClientJa4, "ja4")
        .text(Field::TlsServerJa3s, "ja3s")
        .text(Field::TlsCipher, "cipher")
        .text(Field::TlsServerSubject, "subject")
        .text(Field::TlsServerIssuer, "issuer")
        // The name of the issuer's field in Zeek before 2.3.
        .text(Field::TlsServerIssuer, "issuer_subject");
    if let Some(written) = record.value("version") {
        record.row().text(Field::TlsVersion, version(&written));
    }
}

/// The version as ECS writes it: `1.2` for `TLSv12`.
fn version(written: &str) -> &str {
    match written {
        "TLSv10" => "1.0",
        "TLSv11" => "1.1",
        "TLSv12" => "1.2",
        "TLSv13" => "1.3",
        other => other,
    }
}
