//! What was contacted, in words.

use coldtrail_model::{Endpoint, Kind, Reach, Via};

/// The endpoint on one line: its host, and its tenant where the host does not show it, as for
/// Apps Script.
pub(crate) fn name(endpoint: &Endpoint) -> String {
    match hidden_tenant(endpoint) {
        Some(tenant) => format!("{} · {tenant}", endpoint.host),
        None => endpoint.host.clone(),
    }
}

/// The tenant, where the host name does not contain it.
pub(crate) fn hidden_tenant(endpoint: &Endpoint) -> Option<&str> {
    let tenant = endpoint.tenant.as_deref()?;
    (!endpoint.host.contains(tenant)).then_some(tenant)
}

/// Whose platform it is and of what kind: `Cloudflare Workers, an edge worker`.
pub(crate) fn platform(endpoint: &Endpoint) -> String {
    format!("{} {}, {}", endpoint.provider, endpoint.product, kind(endpoint.kind))
}

/// What the identity says: tenant, group, function.
pub(crate) fn identity(endpoint: &Endpoint) -> String {
    let parts = [
        ("tenant", &endpoint.tenant),
        ("group", &endpoint.group),
        ("function", &endpoint.function),
    ];
    let known = parts.into_iter().filter_map(|(name, value)| Some((name, value.as_ref()?)));
    known.map(|(name, value)| format!("{name} {value}")).collect::<Vec<_>>().join(", ")
}

/// How far identification got, and by which evidence.
pub(crate) fn evidence(endpoint: &Endpoint) -> String {
    let reach = match endpoint.reach {
        Reach::Tenant => "the tenant is known",
        Reach::SharedHost => {
            "the tenant is unknown: all tenants share this host, and no path was seen"
        }
        Reach::PlatformOnly => "only the platform is known",
    };
    let via = match endpoint.via {
        Via::Host => "the host name",
        Via::Cname => "a CNAME: the name that was asked for is a custom domain",
        Via::Certificate => "a name in the certificate",
        Via::Address => "the address alone",
    };
    format!("{reach}; recognised by {via}")
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Function => "a function",
        Kind::EdgeWorker => "an edge worker",
        Kind::Script => "a script",
        Kind::ApiGateway => "an API gateway",
        Kind::ContainerApp => "a container app",
        Kind::AppPlatform => "an application platform",
        Kind::StaticFunctions => "static hosting with functions",
        Kind::WorkflowWebhook => "a workflow or webhook",
        Kind::BackendService => "a backend service",
        Kind::LowCode => "a low-code application",
        Kind::CdnEdge => "a content delivery edge",
        Kind::Tunnel => "a tunnel",
        Kind::Proxy => "a forwarding proxy",
        Kind::RequestBin => "a request bin",
        Kind::OutOfBand => "an out-of-band testing service",
        Kind::Storage => "object storage",
        Kind::StaticHosting => "static hosting",
        Kind::Other => "not known to be serverless",
    }
}
