use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A serverless endpoint, as exactly as the evidence allows.
///
/// [`Endpoint::reach`] says how far identification got: on a host that all tenants share (such as
/// `script.google.com`), `tenant` stays empty until a URL path names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Endpoint {
    /// The name that was contacted, lower case, without trailing dot or port; Punycode for IDNs.
    pub host: String,
    /// Who runs the platform, such as `Cloudflare`.
    pub provider: String,
    /// The product, such as `Workers`; called `platform` in reports.
    #[serde(rename = "platform")]
    pub product: String,
    /// What sort of platform it is.
    pub kind: Kind,
    /// One customer's function or application, by the product's own rule; never an eTLD+1.
    pub tenant: Option<String>,
    /// The account, project or environment that several tenants share, where the name shows it.
    pub group: Option<String>,
    /// The function or deployment named by the path.
    pub function: Option<String>,
    /// How far identification got.
    pub reach: Reach,
    /// Which evidence named the endpoint.
    pub via: Via,
    /// Other names that led here: the alias in front of a CNAME, sibling hosts of the tenant.
    pub related_hosts: Vec<String>,
}

/// What sort of platform an endpoint runs on; the kinds of the catalogue.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A function behind a URL: Lambda URLs, Cloud Functions, Azure Functions.
    Function,
    /// A worker at the edge: Cloudflare Workers, Deno Deploy, Fastly Compute.
    EdgeWorker,
    /// A script run by a productivity suite: Apps Script.
    Script,
    /// A gateway in front of functions: API Gateway, Azure API Management.
    ApiGateway,
    /// A container that scales to zero: Cloud Run, Container Apps, App Runner.
    ContainerApp,
    /// A platform for whole applications: App Engine, Heroku, Render.
    AppPlatform,
    /// Static hosting with functions beside it: Pages, Vercel, Netlify.
    StaticFunctions,
    /// A workflow or webhook: Power Automate, Zapier, Pipedream.
    WorkflowWebhook,
    /// A backend or database at the edge: Supabase, AppSync, Firebase.
    BackendService,
    /// Applications put together without code: AppSheet, Bubble.
    LowCode,
    /// A content delivery edge: context, never a trigger by itself.
    CdnEdge,
    /// A tunnel to somebody's own machine: quick tunnels, Dev Tunnels, ngrok.
    Tunnel,
    /// A forwarding proxy: Google Translate.
    Proxy,
    /// An inbox for requests: webhook.site.
    RequestBin,
    /// An out-of-band testing service: Interactsh, Collaborator.
    OutOfBand,
    /// Object storage: context, never a trigger by itself.
    Storage,
    /// Hosting of web pages without functions.
    StaticHosting,
    /// No platform that is known: what somebody's rule names.
    Other,
}

/// How far identification of an endpoint got.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Reach {
    /// One tenant is known.
    Tenant,
    /// The host is shared by all tenants and no path was seen.
    SharedHost,
    /// Only the platform is known.
    PlatformOnly,
}

/// Which evidence named the endpoint.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Via {
    /// The host name itself: DNS question, SNI, Host header, URL.
    Host,
    /// A CNAME in a DNS answer: the asked name is a custom domain.
    Cname,
    /// A name in a certificate.
    Certificate,
    /// An address from a range that only this platform uses.
    Address,
}

macro_rules! names {
    ($enumeration:ident { $($variant:ident $name:literal,)+ }) => {
        impl $enumeration {
            /// Every value, in the order of declaration.
            pub const ALL: &'static [$enumeration] = &[$($enumeration::$variant),+];

            /// The name in reports, plans and data files.
            pub fn name(self) -> &'static str {
                match self { $($enumeration::$variant => $name,)+ }
            }

            /// The value with that name.
            pub fn from_name(name: &str) -> Option<$enumeration> {
                match name { $($name => Some($enumeration::$variant),)+ _ => None }
            }
        }
    };
}

names! { Kind {
    Function "function",
    EdgeWorker "edge-worker",
    Script "script",
    ApiGateway "api-gateway",
    ContainerApp "container-app",
    AppPlatform "app-platform",
    StaticFunctions "static-functions",
    WorkflowWebhook "workflow-webhook",
    BackendService "backend-service",
    LowCode "low-code",
    CdnEdge "cdn-edge",
    Tunnel "tunnel",
    Proxy "proxy",
    RequestBin "request-bin",
    OutOfBand "out-of-band",
    Storage "storage",
    StaticHosting "static-hosting",
    Other "other",
} }

names! { Reach {
    Tenant "tenant",
    SharedHost "shared-host",
    PlatformOnly "platform-only",
} }

names! { Via {
    Host "host",
    Cname "cname",
    Certificate "certificate",
    Address "address",
} }

#[cfg(test)]
mod tests {
    use super::{Kind, Reach, Via};

    #[test]
    fn names_are_those_of_the_json() {
        let quoted = |name: &str| format!("\"{name}\"");
        for kind in Kind::ALL {
            assert_eq!(serde_json::to_string(kind).expect("JSON"), quoted(kind.name()));
            assert_eq!(Kind::from_name(kind.name()), Some(*kind));
        }
        for reach in Reach::ALL {
            assert_eq!(serde_json::to_string(reach).expect("JSON"), quoted(reach.name()));
        }
        for via in Via::ALL {
            assert_eq!(serde_json::to_string(via).expect("JSON"), quoted(via.name()));
        }
    }
}
