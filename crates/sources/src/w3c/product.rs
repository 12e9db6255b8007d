//! Which product wrote a log, by what it calls itself or by columns that only it has.

/// A product that writes the extended format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Product {
    /// Symantec's, formerly Blue Coat's, proxies, on premises and in the cloud.
    ProxySg,
    /// Microsoft's web server.
    Iis,
    /// The HTTP server in Windows' kernel, which IIS and others stand on; it logs what it refused.
    HttpApi,
    /// Cisco Secure Web Appliance.
    SecureWebAppliance,
    /// Netskope's proxy.
    Netskope,
    /// Any other.
    Other,
}

impl Product {
    /// The product of a header.
    pub(super) fn of<N: AsRef<str>>(software: &str, names: &[N]) -> Self {
        let has = |wanted: &str| names.iter().any(|name| name.as_ref() == wanted);
        if software.contains("SGOS") || has("sc-filter-result") || has("s-action") {
            Self::ProxySg
        } else if software.contains("HTTP API") || has("s-queuename") {
            Self::HttpApi
        } else if software.contains("Internet Information") || has("sc-win32-status") {
            Self::Iis
        } else if software.contains("AsyncOS") || has("x-acltag") || has("x-resultcode-httpstatus")
        {
            Self::SecureWebAppliance
        } else if has("x-cs-access-method") || has("x-cs-url") {
            Self::Netskope
        } else {
            Self::Other
        }
    }

    /// The dataset of its rows.
    pub(super) fn dataset(self) -> &'static str {
        match self {
            Self::ProxySg => "proxysg.access",
            Self::Iis => "iis.access",
            Self::HttpApi => "iis.error",
            Self::SecureWebAppliance => "cisco_wsa.access",
            Self::Netskope => "netskope.transaction",
            Self::Other => "w3c.access",
        }
    }

    /// Whether it is itself what was contacted.
    pub(super) fn is_server(self) -> bool {
        matches!(self, Self::Iis | Self::HttpApi)
    }
}
