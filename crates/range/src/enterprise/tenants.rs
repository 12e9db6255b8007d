//! Names of tenants, as many as an enterprise needs, each with what a hunt should call it.
//!
//! The labels follow [`names`](crate::names): shapes of the platforms, tenants that nobody has. What
//! platform and tenant are is written down here a second time on purpose: it is the truth that the
//! catalogue is held against.

use std::sync::LazyLock;

use crate::Random;

/// An endpoint that somebody may talk to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tenant {
    /// The host name.
    pub(super) host: String,
    /// The path, where it is the path that tells tenants apart.
    pub(super) path: &'static str,
    /// Who runs the platform.
    pub(super) provider: &'static str,
    /// The platform.
    pub(super) platform: &'static str,
    /// The customer's function or application.
    pub(super) name: String,
}

/// How many tenants there are of each platform.
const OF_EACH: usize = 700;

/// How many tenants belong to one account of Workers.
const OF_AN_ACCOUNT: usize = 8;

/// All tenants, platform by platform.
static TENANTS: LazyLock<Vec<Vec<Tenant>>> = LazyLock::new(|| {
    let makers: [fn(usize) -> Tenant; 9] =
        [worker, lambda_url, azure_app, vercel, netlify, cloud_run, cloud_function, pages, deno];
    makers.iter().map(|maker| (0..OF_EACH).map(maker).collect()).collect()
});

/// Deployments of Apps Script, of which only the path differs.
static SCRIPTS: LazyLock<Vec<Tenant>> = LazyLock::new(|| (0..40).map(script).collect());

/// Names that hold the text of a platform and are none.
static TRAPS: LazyLock<Vec<Tenant>> = LazyLock::new(|| {
    let hosts = [
        "workers.dev.example.com",
        "team.workers.dev.example.net",
        "myworkers-dev.example.com",
        "vercel.app.example.org",
        "azurewebsites.net.login.example.com",
        "a1.lambda-url.eu-central-1.on.aws.example.net",
        "script.google.com.example.org",
        "netlify.app.static.example.com",
    ];
    hosts.iter().map(|host| nobody(host)).collect()
});

/// The hosts through which customers manage platforms; they have no tenant.
static CONTROL_PLANES: LazyLock<Vec<Tenant>> = LazyLock::new(|| {
    let hosts = [
        "api.cloudflare.com",
        "lambda.eu-central-1.amazonaws.com",
        "management.azure.com",
        "cloudfunctions.googleapis.com",
        "api.vercel.com",
        "api.netlify.com",
    ];
    hosts.iter().map(|host| nobody(host)).collect()
});

/// Hands out tenants, each once.
pub(super) struct Tenants {
    /// Where in each platform's list this enterprise begins.
    offset: usize,
    taken: Vec<usize>,
    platform: usize,
    scripts: usize,
}

impl Tenants {
    pub(super) fn new(mut random: Random) -> Tenants {
        let offset = random.between(&(0..=OF_EACH as u64 - 1)) as usize;
        let platform = random.between(&(0..=8)) as usize;
        Tenants { offset, taken: vec![0; TENANTS.len()], platform, scripts: offset }
    }

    /// The next tenant, each time of another platform.
    pub(super) fn one(&mut self) -> &'static Tenant {
        self.platform = (self.platform + 1) % TENANTS.len();
        self.of(self.platform)
    }

    /// Tenants of one platform.
    pub(super) fn of_one_provider(&mut self, count: usize) -> Vec<&'static Tenant> {
        self.platform = (self.platform + 1) % TENANTS.len();
        (0..count).map(|_| self.of(self.platform)).collect()
    }

    /// Tenants of one account.
    pub(super) fn of_one_group(&mut self, count: usize) -> Vec<&'static Tenant> {
        // From the beginning of an account on, so that all of them are in it.
        while let Some(taken) = self.taken.first_mut()
            && !(self.offset + *taken).is_multiple_of(OF_AN_ACCOUNT)
        {
            *taken += 1;
        }
        (0..count.min(OF_AN_ACCOUNT)).map(|_| self.of(0)).collect()
    }

    /// A deployment of Apps Script.
    pub(super) fn script(&mut self) -> &'static Tenant {
        self.scripts += 1;
        &SCRIPTS[self.scripts % SCRIPTS.len()]
    }

    /// A name that only looks like an endpoint.
    pub(super) fn trap(random: &mut Random) -> &'static Tenant {
        &TRAPS[random.between(&(0..=TRAPS.len() as u64 - 1)) as usize % TRAPS.len()]
    }

    /// A host of a control plane.
    pub(super) fn control_plane(random: &mut Random) -> &'static Tenant {
        let last = CONTROL_PLANES.len() as u64 - 1;
        &CONTROL_PLANES[random.between(&(0..=last)) as usize % CONTROL_PLANES.len()]
    }

    fn of(&mut self, platform: usize) -> &'static Tenant {
        let platform = platform % TENANTS.len();
        let taken = self.taken.get(platform).copied().unwrap_or_default();
        if let Some(count) = self.taken.get_mut(platform) {
            *count += 1;
        }
        &TENANTS[platform][(self.offset + taken) % OF_EACH]
    }
}

fn tenant(host: String, provider: &'static str, platform: &'static str, name: String) -> Tenant {
    Tenant { host, path: "/api/v1/status", provider, platform, name }
}

fn nobody(host: &str) -> Tenant {
    tenant(host.to_owned(), "", "", String::new())
}

fn worker(number: usize) -> Tenant {
    const ROLES: [&str; OF_AN_ACCOUNT] =
        ["api", "cdn-sync", "docs", "events", "feeds", "forms", "metrics", "relay"];
    let role = ROLES[number % OF_AN_ACCOUNT];
    let name = format!("{role}.coldtrail-range-{}", number / OF_AN_ACCOUNT);
    tenant(format!("{name}.workers.dev"), "Cloudflare", "Workers", name)
}

fn lambda_url(number: usize) -> Tenant {
    let name = format!("coldtrailsimulation{number:013}");
    let host = format!("{name}.lambda-url.eu-central-1.on.aws");
    tenant(host, "AWS", "Lambda Function URL", name)
}

fn azure_app(number: usize) -> Tenant {
    let name = format!("coldtrail-range-{number}");
    let platform = "Functions / App Service (global name)";
    tenant(format!("{name}.azurewebsites.net"), "Microsoft Azure", platform, name)
}

fn vercel(number: usize) -> Tenant {
    let name = format!("coldtrail-range-{number}");
    tenant(format!("{name}.vercel.app"), "Vercel", "Functions / sites", name)
}

fn netlify(number: usize) -> Tenant {
    let name = format!("coldtrail-range-{number}");
    tenant(format!("{name}.netlify.app"), "Netlify", "Functions / sites", name)
}

fn cloud_run(number: usize) -> Tenant {
    let name = format!("coldtrail-{number}-000000000000");
    let host = format!("{name}.europe-west1.run.app");
    tenant(host, "Google Cloud", "Cloud Run (deterministic URL)", name)
}

fn cloud_function(number: usize) -> Tenant {
    let name = format!("coldtrail-range-{number}");
    let host = format!("europe-west1-{name}.cloudfunctions.net");
    tenant(host, "Google Cloud", "Cloud Functions (1st/2nd gen alias)", name)
}

fn pages(number: usize) -> Tenant {
    let name = format!("coldtrail-range-{number}");
    tenant(format!("{name}.pages.dev"), "Cloudflare", "Pages (+ Pages Functions)", name)
}

fn deno(number: usize) -> Tenant {
    let name = format!("coldtrail-range-{number}");
    tenant(format!("{name}.deno.dev"), "Deno", "Deploy Classic", name)
}

fn script(number: usize) -> Tenant {
    let name = format!("AKfycbCOLDTRAILRANGE{number:036}");
    let path: &'static str = SCRIPT_PATHS.get(number).map_or("/", String::as_str);
    Tenant {
        host: crate::names::APPS_SCRIPT_HOST.to_owned(),
        path,
        provider: "Google",
        platform: "Apps Script web app",
        name,
    }
}

static SCRIPT_PATHS: LazyLock<Vec<String>> = LazyLock::new(|| {
    (0..40).map(|number| format!("/macros/s/AKfycbCOLDTRAILRANGE{number:036}/exec")).collect()
});

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use coldtrail_catalogue::{Catalogue, Identification};

    use super::*;

    #[test]
    fn the_catalogue_calls_every_tenant_by_its_name() {
        let catalogue = Catalogue::builtin();
        let mut met = BTreeSet::new();
        for tenant in TENANTS.iter().flatten().chain(SCRIPTS.iter()) {
            assert!(met.insert((&tenant.host, tenant.path)), "{} comes twice", tenant.host);
            let Identification::Endpoint(endpoint) =
                catalogue.identify(&tenant.host, Some(tenant.path))
            else {
                panic!("{} is no endpoint", tenant.host);
            };
            assert_eq!(endpoint.provider, tenant.provider, "{}", tenant.host);
            assert_eq!(endpoint.product, tenant.platform, "{}", tenant.host);
            assert_eq!(endpoint.tenant.as_deref(), Some(tenant.name.as_str()), "{}", tenant.host);
        }
    }

    #[test]
    fn traps_and_control_planes_are_no_tenants() {
        let catalogue = Catalogue::builtin();
        for tenant in TRAPS.iter().chain(CONTROL_PLANES.iter()) {
            assert!(catalogue.lookup(&tenant.host).is_none(), "{}", tenant.host);
        }
        for trap in TRAPS.iter() {
            assert!(crate::names::tests::is_ours(&trap.host), "{}", trap.host);
        }
    }

    #[test]
    fn tenants_of_a_group_share_its_account() {
        let mut tenants = Tenants::new(Random::new(5));
        let group = tenants.of_one_group(6);
        let accounts: BTreeSet<_> =
            group.iter().map(|it| it.name.split('.').nth(1).map(str::to_owned)).collect();
        assert_eq!((group.len(), accounts.len()), (6, 1));
    }
}
