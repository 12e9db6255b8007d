use std::fmt;
use std::str::FromStr;

use url::Url;

use crate::ClusterError;

/// Where a scheduler is: `df://HOST:PORT`, as Ballista writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    host: String,
    port: u16,
}

impl Address {
    /// The port of a scheduler where none is said: Ballista's own.
    pub const PORT: u16 = 50050;

    /// The address of a scheduler on that host and port. An IPv6 address stands in brackets.
    pub fn new(host: &str, port: u16) -> Self {
        Self { host: host.to_owned(), port }
    }

    /// The host; an IPv6 address stands in brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The address as HTTP clients want it.
    pub(crate) fn http(&self) -> String {
        format!("http://{}:{}", self.host, self.port)
    }
}

impl FromStr for Address {
    type Err = ClusterError;

    fn from_str(text: &str) -> Result<Self, ClusterError> {
        let refused = || ClusterError::Address(text.to_owned());
        let url = Url::parse(text).map_err(|_| refused())?;
        let is_bare = matches!(url.path(), "" | "/") && url.query().is_none();
        match url.host_str() {
            Some(host) if url.scheme() == "df" && is_bare && url.username().is_empty() => {
                Ok(Self::new(host, url.port().unwrap_or(Self::PORT)))
            }
            _ => Err(refused()),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "df://{}:{}", self.host, self.port)
    }
}

#[cfg(test)]
mod tests {
    use super::Address;

    #[test]
    fn is_a_host_and_a_port() {
        let address = |text: &str| text.parse::<Address>().map(|address| address.to_string()).ok();
        assert_eq!(address("df://127.0.0.1:4000").as_deref(), Some("df://127.0.0.1:4000"));
        assert_eq!(address("df://scheduler").as_deref(), Some("df://scheduler:50050"));
        assert_eq!(address("df://[::1]:1").as_deref(), Some("df://[::1]:1"));
        for wrong in ["127.0.0.1:4000", "http://127.0.0.1:4000", "df://", "df://host/path", ""] {
            assert_eq!(address(wrong), None, "{wrong:?}");
        }
    }
}
