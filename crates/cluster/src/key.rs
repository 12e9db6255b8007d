//! The key of a cluster: one file that every node holds.

use std::fmt;
use std::io::Write;
use std::path::Path;

use tonic::transport::{Certificate, ClientTlsConfig, Identity, ServerTlsConfig};

use crate::ClusterError;

/// A certificate that signs itself, with its private key.
///
/// Every node shows it and trusts it alone, in both directions: whoever has the file belongs to the
/// cluster, and nobody else can talk to its nodes or listen to them. That is a shared secret that
/// never travels.
#[derive(Clone)]
pub struct Key {
    certificate: String,
    private: String,
}

impl Key {
    /// The name in the certificate. It names the cluster and no host, so one file does for all nodes.
    const NAME: &str = "coldtrail-cluster";

    const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----";
    const PRIVATE: &str = "-----BEGIN PRIVATE KEY-----";

    /// Makes a new key.
    ///
    /// # Errors
    ///
    /// When the system has no randomness to give.
    pub fn make() -> Result<Self, ClusterError> {
        let made = rcgen::generate_simple_self_signed([Self::NAME.to_owned()])
            .map_err(ClusterError::MakeKey)?;
        Ok(Self { certificate: made.cert.pem(), private: made.signing_key.serialize_pem() })
    }

    /// Reads a key that [`Key::write`] wrote.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, or holds something else.
    pub fn read(path: &Path) -> Result<Self, ClusterError> {
        let text =
            std::fs::read_to_string(path).map_err(|source| Self::failed("read", path, source))?;
        let begin = text.find(Self::PRIVATE).filter(|_| text.starts_with(Self::CERTIFICATE));
        match begin.and_then(|begin| text.split_at_checked(begin)) {
            Some((certificate, private)) => {
                Ok(Self { certificate: certificate.to_owned(), private: private.to_owned() })
            }
            None => Err(ClusterError::NotAKey(path.display().to_string())),
        }
    }

    /// Writes the key into a new file that only its owner can read.
    ///
    /// # Errors
    ///
    /// When there already is such a file, or it cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), ClusterError> {
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let written = options.open(path).and_then(|mut file| {
            file.write_all(self.certificate.as_bytes())?;
            file.write_all(self.private.as_bytes())?;
            file.sync_all()
        });
        written.map_err(|source| Self::failed("write", path, source))
    }

    /// What a node that serves shows and asks for.
    pub(crate) fn server(&self) -> ServerTlsConfig {
        ServerTlsConfig::new().identity(self.identity()).client_ca_root(self.trusted())
    }

    /// What a node that calls shows and asks for.
    pub(crate) fn client(&self) -> ClientTlsConfig {
        ClientTlsConfig::new()
            .domain_name(Self::NAME)
            .identity(self.identity())
            .ca_certificate(self.trusted())
    }

    fn identity(&self) -> Identity {
        Identity::from_pem(&self.certificate, &self.private)
    }

    fn trusted(&self) -> Certificate {
        Certificate::from_pem(&self.certificate)
    }

    fn failed(verb: &'static str, path: &Path, source: std::io::Error) -> ClusterError {
        ClusterError::KeyFile { verb, path: path.display().to_string(), source }
    }
}

impl fmt::Debug for Key {
    /// A private key has no place in a log.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Key")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::expect_used, reason = "a test fails by panicking")]

    use super::Key;
    use crate::ClusterError;

    #[test]
    fn is_one_file_that_is_never_overwritten() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("cluster.pem");
        let key = Key::make().expect("a key");
        key.write(&path).expect("a file");
        let read = Key::read(&path).expect("a key");
        assert_eq!(
            (read.certificate, read.private),
            (key.certificate.clone(), key.private.clone())
        );
        assert!(matches!(key.write(&path), Err(ClusterError::KeyFile { .. })));
    }

    #[test]
    fn is_not_just_any_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("cluster.pem");
        for other in ["", "secret", "-----BEGIN PRIVATE KEY-----\n-----BEGIN CERTIFICATE-----\n"] {
            std::fs::write(&path, other).expect("a file");
            assert!(matches!(Key::read(&path), Err(ClusterError::NotAKey(_))), "{other:?}");
        }
    }
}
