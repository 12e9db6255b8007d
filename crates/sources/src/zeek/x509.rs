//! `x509`: a row of `tls` for each certificate, with nothing but the certificate's columns.
//!
//! Zeek writes the certificate apart from the handshake, which may lie in another file or may have
//! been rotated away. The row carries the certificate's id or fingerprint in the place of the
//! connection's, which is what the `ssl` log refers to it by.

use coldtrail_model::Field;

use crate::filling::Filling;

/// Fills a row of `tls`.
pub(super) fn columns(record: &mut Filling<'_, '_, '_>) {
    record
        .text(Field::NetworkSessionId, "id")
        .text(Field::NetworkSessionId, "fingerprint")
        .text(Field::TlsServerSubject, "certificate.subject")
        .text(Field::TlsServerIssuer, "certificate.issuer")
        .texts(Field::X509AlternativeNames, "san.dns");
}
