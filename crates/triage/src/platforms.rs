//! What has to be known about platforms to tell a tenant from everybody. The catalogue knows it; it is
//! handed in, so that this crate needs no data of its own.

use coldtrail_model::Endpoint;

/// Tells whose endpoint a name is.
pub trait Platforms {
    /// The endpoint at a host and, where one is known, the path of its URL; the platform alone for a
    /// bare domain such as `workers.dev`, and nothing for a host on no platform.
    fn endpoint(&self, host: &str, path: Option<&str>) -> Option<Endpoint>;

    /// Whether the names below this one belong to many customers.
    fn is_above_tenants(&self, name: &str) -> bool;
}
