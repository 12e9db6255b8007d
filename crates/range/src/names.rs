//! Every name and address the range may write, and why it is harmless.
//!
//! Logs travel: they are replayed, indexed, pasted into tickets and blocked. So nothing here may
//! belong to somebody else.
//!
//! * Outside names are under `example.com`, `example.net` and `example.org`, which RFC 2606 keeps
//!   free; the organisation's own domain is under `.example`.
//! * Outside addresses are from the documentation blocks of RFC 5737; inside ones from
//!   `10.20.0.0/16` (RFC 1918).
//! * A serverless endpoint must look like one, so its suffix is the provider's own. The label that
//!   would be the tenant says `coldtrail` and that it is a simulation; such labels are set aside
//!   for this project. The Lambda URL and Cloud Run forms leave no room for a suffix of ours, so
//!   theirs are spelled in a way that a provider's generator does not produce: an identifier made
//!   of words, a project number of zeros.
//!
//! The test of this module walks every scenario and holds it to these rules.

use std::net::Ipv4Addr;

/// The organisation's domain.
pub const DOMAIN: &str = "corp.example";
/// The organisation's NetBIOS domain.
pub const NETBIOS_DOMAIN: &str = "CORP";
/// The domain controller, which is also the resolver of the network.
pub const DOMAIN_CONTROLLER: &str = "dc-01.corp.example";
/// The address of the domain controller.
pub const DOMAIN_CONTROLLER_ADDRESS: Ipv4Addr = Ipv4Addr::new(10, 20, 0, 10);
/// The file server.
pub const FILE_SERVER: &str = "files-01.corp.example";

/// A Cloudflare Worker; `coldtrail-range` is the account.
pub const WORKER: &str = "cdn-sync.coldtrail-range.workers.dev";
/// An AWS Lambda function URL. Real identifiers are 32 random letters and digits.
pub const LAMBDA_URL: &str = "coldtrailsimulation0000000000001.lambda-url.eu-central-1.on.aws";
/// An Azure web or function app.
pub const AZURE_APP: &str = "coldtrail-range-1.azurewebsites.net";
/// Vercel projects: a site that people read, and one that a build deploys to.
pub const VERCEL_SITE: &str = "coldtrail-range-1.vercel.app";
/// See [`VERCEL_SITE`].
pub const VERCEL_BUILD: &str = "coldtrail-range-2.vercel.app";
/// A Netlify site.
pub const NETLIFY_SITE: &str = "coldtrail-range-dashboard.netlify.app";
/// A Cloud Run service under its deterministic name: service, project number, region. No project
/// has the number zero.
pub const CLOUD_RUN: &str = "coldtrail-backup-000000000000.europe-west1.run.app";
/// The host that all Apps Script deployments share; only the path names the tenant.
pub const APPS_SCRIPT_HOST: &str = "script.google.com";
/// A deployment of Apps Script. Real identifiers continue at random after `AKfycb`.
pub const APPS_SCRIPT_PATH: &str =
    "/macros/s/AKfycbCOLDTRAILRANGE000000000000000000000000000000000000/exec";

/// What the resolver answers for a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resolution {
    /// The address.
    pub address: Ipv4Addr,
    /// How long it may be kept, in seconds.
    pub time_to_live: u64,
    /// Whether the resolver is itself the authority.
    pub authoritative: bool,
}

/// Where names of a suffix lead. All tenants of a platform share its front door, as they do in
/// life, and so do the customers of a delivery network: an address tells them apart no better here
/// than there. `edge.example.net` is a network that also runs Workers.
const FRONT_DOORS: [(&str, Ipv4Addr, u64); 13] = [
    (".workers.dev", Ipv4Addr::new(192, 0, 2, 10), 300),
    (".edge.example.net", Ipv4Addr::new(192, 0, 2, 10), 300),
    (".delivery.example.net", Ipv4Addr::new(192, 0, 2, 15), 1200),
    (".on.aws", Ipv4Addr::new(192, 0, 2, 20), 60),
    (".azurewebsites.net", Ipv4Addr::new(192, 0, 2, 30), 1800),
    (".vercel.app", Ipv4Addr::new(192, 0, 2, 40), 1800),
    (".netlify.app", Ipv4Addr::new(192, 0, 2, 50), 300),
    (".run.app", Ipv4Addr::new(192, 0, 2, 60), 300),
    ("script.google.com", Ipv4Addr::new(192, 0, 2, 70), 300),
    (".pages.dev", Ipv4Addr::new(192, 0, 2, 10), 300),
    (".cloudfunctions.net", Ipv4Addr::new(192, 0, 2, 80), 300),
    (".deno.dev", Ipv4Addr::new(192, 0, 2, 90), 60),
    (FILE_SERVER, Ipv4Addr::new(10, 20, 0, 11), 1200),
];

/// What the resolver answers for a name. Names without a front door get an address in
/// `198.51.100.0/24` or `203.0.113.0/24` that depends on the name alone.
pub fn resolve(name: &str) -> Resolution {
    if name == DOMAIN_CONTROLLER {
        let address = DOMAIN_CONTROLLER_ADDRESS;
        return Resolution { address, time_to_live: 1200, authoritative: true };
    }
    let authoritative = name.ends_with(DOMAIN);
    for (suffix, address, time_to_live) in FRONT_DOORS {
        if name.ends_with(suffix) {
            return Resolution { address, time_to_live, authoritative };
        }
    }
    let mut random = crate::Random::new(0).fork(name);
    let last = random.between(&(1..=254)) as u8;
    let address = match random.chance(0.5) {
        true => Ipv4Addr::new(198, 51, 100, last),
        false => Ipv4Addr::new(203, 0, 113, last),
    };
    Resolution { address, time_to_live: 3600, authoritative }
}

/// The name that reverse DNS gives for an address. It is rarely the name that was contacted:
/// front doors answer with names of their own, or not at all.
pub fn reverse(address: Ipv4Addr) -> Option<String> {
    let [first, second, third, last] = address.octets();
    match (first, last) {
        (10, 10) => Some(DOMAIN_CONTROLLER.to_owned()),
        (10, 11) => Some(FILE_SERVER.to_owned()),
        (192, 20 | 60) => Some(format!("edge-{first}-{second}-{third}-{last}.example.net")),
        _ => None,
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::{scenarios, simulate};

    const OURS: [&str; 7] = [
        ".corp.example",
        ".example.com",
        ".example.net",
        ".example.org",
        "coldtrail-range-dashboard.netlify.app",
        "coldtrail-backup-000000000000.europe-west1.run.app",
        ".coldtrail-range.workers.dev",
    ];

    /// What stands before and behind a number in names that are ours.
    const NUMBERED: [(&str, &str); 8] = [
        ("coldtrail-range-", ".azurewebsites.net"),
        ("coldtrail-range-", ".vercel.app"),
        ("coldtrail-range-", ".netlify.app"),
        ("coldtrail-range-", ".pages.dev"),
        ("coldtrail-range-", ".deno.dev"),
        ("coldtrail-", "-000000000000.europe-west1.run.app"),
        ("europe-west1-coldtrail-range-", ".cloudfunctions.net"),
        ("coldtrailsimulation", ".lambda-url.eu-central-1.on.aws"),
    ];

    pub(crate) fn is_ours(name: &str) -> bool {
        let numbered = |name: &str, (before, behind): (&str, &str)| {
            name.strip_prefix(before)
                .and_then(|rest| rest.strip_suffix(behind))
                .is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
        };
        let is_worker = name
            .split_once('.')
            .is_some_and(|(_, account)| numbered(account, ("coldtrail-range-", ".workers.dev")));
        OURS.iter().any(|ours| name.ends_with(ours))
            || is_worker
            || NUMBERED.into_iter().any(|around| numbered(name, around))
    }

    #[test]
    fn scenarios_name_nothing_of_anybody_else() {
        for scenario in scenarios() {
            for exchange in simulate(&scenario, 1).exchanges {
                assert!(is_ours(exchange.name), "{}", exchange.name);
                match exchange.address.octets() {
                    [10, 20, ..] | [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => {}
                    _ => panic!("{} is not set aside for documentation", exchange.address),
                }
            }
        }
    }

    #[test]
    fn endpoints_have_the_shape_of_their_platform() {
        assert_eq!(LAMBDA_URL.split('.').next().map(str::len), Some(32));
        assert!(CLOUD_RUN.contains("-000000000000."));
        assert!(APPS_SCRIPT_PATH.starts_with("/macros/s/AKfycb"));
        assert_eq!(resolve(APPS_SCRIPT_HOST).address, Ipv4Addr::new(192, 0, 2, 70));
    }
}
