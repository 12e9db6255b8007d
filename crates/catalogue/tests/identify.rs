//! What the catalogue says about hosts, told by example.

use std::net::IpAddr;

use coldtrail_catalogue::{Catalogue, Evidence, Identification, Role};
use coldtrail_model::{Endpoint, Kind, Reach, Via};

fn identify(url: &str) -> Identification<'static> {
    Catalogue::builtin().identify_url(url)
}

#[expect(clippy::panic, reason = "a test fails by panicking")]
fn endpoint(url: &str) -> Endpoint {
    match identify(url) {
        Identification::Endpoint(endpoint) => endpoint,
        other => panic!("{url}: {other:?}"),
    }
}

/// Tenant, group and function; a dash where there is none.
fn identity(url: &str) -> String {
    let endpoint = endpoint(url);
    let part = |part: Option<String>| part.unwrap_or_else(|| "-".to_owned());
    format!("{} {} {}", part(endpoint.tenant), part(endpoint.group), part(endpoint.function))
}

#[test]
fn hosts_seen_in_the_wild() {
    let samples = [
        (
            "cvbbonwxtgvc3isfqfc52cwzja0kvuqd.lambda-url.ap-northeast-1.on.aws",
            "Lambda Function URL",
        ),
        ("b2zei88b61.execute-api.eu-west-2.amazonaws.com", "API Gateway (REST/HTTP/WebSocket)"),
        ("dv-c3e594c6d429469e90b54478358619c3.ecs.us-east-1.on.aws", "ECS Express Mode"),
        ("mpc-prod-24-s6uit34pua-uw.a.run.app", "Cloud Run (hash URL)"),
        ("bded8a3c6ae-1-1053047382554.us-central1.run.app", "Cloud Run (deterministic URL)"),
        (
            "northamerica-northeast1-carbon-mediator-371811.cloudfunctions.net",
            "Cloud Functions (1st/2nd gen alias)",
        ),
        ("activehealthlab.azurewebsites.net", "Functions / App Service (global name)"),
        (
            "ggiygiygi-gjd4fffwhdakbub9.chilecentral-01.azurewebsites.net",
            "Functions / App Service (unique default hostname)",
        ),
        ("ext.delightfulgrass-a1c0fe70.canadaeast.azurecontainerapps.io", "Container Apps"),
        ("zealous-tree-00ef28f10.4.azurestaticapps.net", "Static Web Apps"),
        ("prod-26.westus2.logic.azure.com", "Logic Apps Consumption / old Power Automate"),
        ("atex.quiet-disk-62f9.hrmcxaeel.workers.dev", "Workers"),
        ("app-cdn-software-gza4gebuf3cqd8h6.z03.azurefd.net", "Front Door Standard/Premium"),
        ("service-abcd1234-1300000000.gz.apigw.tencentcs.com", "API Gateway in front of SCF"),
        ("1302498057-jifjeq2q25.na-siliconvalley.tencentscf.com", "SCF function URL (new)"),
        ("1300nwq449dd8.cfc-execute.bj.baidubce.com", "CFC"),
        ("cloud-sync-bcjxmnarpb.cn-shanghai.fcapp.run", "Function Compute (HTTP trigger)"),
        (
            "e8b5ab6a2bef4765a6420fd9307cc008.apig.cn-north-4.huaweicloudapis.com",
            "APIG in front of FunctionGraph",
        ),
        ("epibvgvoszemkwjnplyc.supabase.co", "Edge Functions"),
        ("hex2048szb9jquj-hex15.functions.fnc.fr-par.scw.cloud", "Functions / Containers"),
        ("faas-nyc1-2ef2e6cc.doserverless.co", "Functions"),
        ("eo2mxtqmeqzafqi.m.pipedream.net", "HTTP trigger"),
        ("my-app.acme-inc.deno.net", "Deploy (new)"),
        ("clients--aeo-checks-fastapi-app.modal.run", "Web endpoints"),
        ("kvpome.4fa2a2a9.er.aliyun-esa.net", "ESA Edge Routine"),
        ("mumha--7b821062436311f1bbcb42b51c65c3df.web.val.run", "Vals"),
        ("script.google.com", "Apps Script web app"),
        // Names that look like another platform, and are not.
        ("s3-eu-central-1amazonaws-com-2n4.pages.dev", "Pages (+ Pages Functions)"),
        ("httpscalm-morning-viber.comhmirihansa909workersdev.workers.dev", "Workers"),
    ];
    for (host, product) in samples {
        assert_eq!(endpoint(host).product, product, "{host}");
    }
}

#[test]
fn traps() {
    let traps = [
        // A provider's name in front of somebody else's domain.
        "ad.doubleclick.net.amazonaws.com.mediaplanung.biz",
        "cloudfront.net.tronscan.sbs",
        "x.aliyuncs.com.adlcidnc.vip",
        "evil-workers.dev.example.com",
        "workers.dev.example.com",
        "account.workers.dev.example.com",
        // A suffix in the middle of a label.
        "cherry-1750928380303.staticrun.app",
        "solweb.app",
        "squareweb.app",
        "freemake.com",
        "biorender.com",
        "myworkers.dev",
        "notvercel.app",
        "notazurewebsites.net",
        "api-cloudflare.com",
        // Forms that do not exist.
        "abc.lambda-url.us-east-1.amazonaws.com",
        "abc.lambda-url.amazonaws.com",
        "execute-api.amazonaws.com",
        "x.script.google.com",
        "x.discord.com",
        // Ordinary sites of the providers.
        "google.com",
        "www.google.com",
        "amazonaws.com",
        "s3.us-east-1.amazonaws.com",
        "azure.com",
        "make.com",
        "www.make.com",
        "discord.com",
        "googleapis.com",
        "googleusercontent.com",
        "firebasestorage.googleapis.com",
        "com.cn",
        "dev",
        "com",
    ];
    for host in traps {
        assert_eq!(identify(host), Identification::Unknown, "{host}");
    }
}

#[test]
fn a_platform_without_a_customer_is_bare() {
    let bare = [
        "workers.dev",
        "pages.dev",
        "*.workers.dev",
        "on.aws",
        "us-east-1.on.aws",
        "lambda-url.us-east-1.on.aws",
        "execute-api.eu-west-1.amazonaws.com",
        "us-east-1.awsapprunner.com",
        "run.app",
        "a.run.app",
        "us-central1.run.app",
        "uc.r.appspot.com",
        "azurewebsites.net",
        "scm.azurewebsites.net",
        "z01.azurefd.net",
        "4.azurestaticapps.net",
        "functions.supabase.co",
        "sandbox.deno.net",
        "vercel.app.",
        "WORKERS.DEV:443",
    ];
    for host in bare {
        assert!(
            matches!(identify(host), Identification::Bare { .. }),
            "{host}: {:?}",
            identify(host)
        );
        assert!(Catalogue::builtin().lookup(host).is_none(), "{host}");
    }
}

#[test]
fn control_plane_is_no_endpoint() {
    let hosts = [
        "lambda.us-east-1.amazonaws.com",
        "lambda.eu-west-1.api.aws",
        "cloudfunctions.googleapis.com",
        "us-central1-run.googleapis.com",
        "myapp.scm.azurewebsites.net",
        "myapp-gjd4fffwhdakbub9.scm.chilecentral-01.azurewebsites.net",
        "myapp.scm.chinacloudsites.cn",
        "api.cloudflare.com",
        "api.powerplatform.com",
        "tenant.api.powerplatform.com",
        "functions.eu-frankfurt-1.oci.oraclecloud.com",
        "region1.v2.argotunnel.com",
    ];
    for host in hosts {
        assert!(matches!(identify(host), Identification::ControlPlane { .. }), "{host}");
        assert!(Catalogue::builtin().lookup(host).is_none(), "{host}");
    }
    let invoke = "https://lambda.eu-west-1.amazonaws.com/2015-03-31/functions/sync/invocations";
    let Identification::ControlPlane { function, .. } = identify(invoke) else { panic!() };
    assert_eq!(function.as_deref(), Some("sync"));
}

#[test]
fn neighbours_of_another_trade_are_excluded() {
    for host in [
        "abc.transfer-webapp.us-east-1.on.aws",
        "abc.c5.airflow.us-east-1.on.aws",
        "login.auth.eu-west-1.amazoncognito.com",
        "wuliu.market.alicloudapi.com",
    ] {
        let Identification::Excluded { reason, .. } = identify(host) else { panic!("{host}") };
        assert!(!reason.is_empty());
    }
}

#[test]
fn tenant_group_and_function_follow_the_product() {
    let expected = [
        ("abc.lambda-url.us-east-1.on.aws/x", "abc - -"),
        ("b2zei88b61.execute-api.eu-west-2.amazonaws.com/fireprox/", "b2zei88b61 - fireprox"),
        ("b2zei88b61.execute-api.eu-west-2.amazonaws.com/users/1", "b2zei88b61 - -"),
        ("main.d1a2b3.amplifyapp.com", "d1a2b3 - -"),
        // Workers: worker and account; deeper labels belong to the worker.
        ("worker.account.workers.dev", "worker.account account -"),
        ("x.y.worker.account.workers.dev", "worker.account account -"),
        ("account.workers.dev", "account account -"),
        // Cloud Run: regions and tags collapse, the project is the group.
        ("mpc-prod-24-s6uit34pua-uw.a.run.app", "mpc-prod-24-s6uit34pua s6uit34pua -"),
        ("v2---api-s6uit34pua-ue.a.run.app", "api-s6uit34pua s6uit34pua -"),
        ("api-386406107064.us-west1.run.app", "api-386406107064 386406107064 -"),
        ("v2---api-386406107064.us-west1.run.app", "api-386406107064 386406107064 -"),
        ("us-central1-my-project.cloudfunctions.net/hook?key=secret", "my-project my-project hook"),
        ("v1-dot-api-dot-my-project.appspot.com", "my-project my-project -"),
        ("api-dot-my-project.uc.r.appspot.com", "my-project my-project -"),
        ("my-db.europe-west1.firebasedatabase.app", "my-db - -"),
        // Previews collapse to the project.
        ("3f2a1b4c.project.pages.dev", "project - -"),
        ("deploy-preview-7--site.netlify.app/.netlify/functions/f", "site - f"),
        ("blog-git-main-acme.vercel.app", "blog - -"),
        ("blog-4kvt3r9p8-acme-inc.vercel.app", "blog acme-inc -"),
        ("my-portfolio-site.vercel.app", "my-portfolio-site - -"),
        ("my-project-c0ph5xa9exb3.deno.dev", "my-project - -"),
        ("my-project--branch.deno.dev", "my-project - -"),
        ("app--branch.org.deno.net", "app.org org -"),
        ("site--pr7-abc123.web.app", "site - -"),
        (
            "app--rev1.env-a1c0fe70.westeurope.azurecontainerapps.io",
            "app.env-a1c0fe70 env-a1c0fe70 -",
        ),
        (
            "app.internal.env-a1c0fe70.westeurope.azurecontainerapps.io",
            "app.env-a1c0fe70 env-a1c0fe70 -",
        ),
        ("zealous-tree-00ef28f10-5.westus2.4.azurestaticapps.net", "zealous-tree-00ef28f10 - -"),
        // Azure.
        ("app.azurewebsites.net/api/hook?code=secret", "app - hook"),
        ("app-gjd4fffwhdakbub9.chilecentral-01.azurewebsites.net", "app-gjd4fffwhdakbub9 - -"),
        ("myapp-01.azurewebsites.net", "myapp-01 - -"),
        (
            "prod-26.westus2.logic.azure.com:443/workflows/0a1b/triggers/manual/paths/invoke?sig=secret",
            "0a1b - -",
        ),
        (
            "defaultd454dc7d3d94429488602365011a91.37.environment.api.powerplatform.com/powerautomate/automations/direct/workflows/0a1b/triggers",
            "d454dc7d3d94429488602365011a9137 d454dc7d3d94429488602365011a9137 0a1b",
        ),
        // China.
        (
            "service-abcd1234-1300000000.gz.apigw.tencentcs.com/release/x",
            "service-abcd1234-1300000000 1300000000 release",
        ),
        ("1258922563-2333n6dmlx.ap-guangzhou.tencentscf.com", "1258922563-2333n6dmlx 1258922563 -"),
        ("1258922563-2333n6dmlx-gz.scf.tencentcs.com", "1258922563-2333n6dmlx 1258922563 -"),
        (
            "1234567890123456.cn-hangzhou.fc.aliyuncs.com/2016-08-15/proxy/svc/fn/",
            "1234567890123456 1234567890123456 svc/fn",
        ),
        // Backends.
        (
            "epibvgvoszemkwjnplyc.supabase.co/functions/v1/beacon",
            "epibvgvoszemkwjnplyc epibvgvoszemkwjnplyc beacon",
        ),
        (
            "epibvgvoszemkwjnplyc.supabase.co/rest/v1/x",
            "epibvgvoszemkwjnplyc epibvgvoszemkwjnplyc -",
        ),
        ("user.wixsite.com/shop/_functions/hook", "user/shop user hook"),
        ("clients--aeo-checks-fastapi-app.modal.run", "clients--aeo-checks-fastapi-app clients -"),
        ("leak.abc123.oast.fun", "abc123 - -"),
        ("x.eu.ngrok.io", "x - -"),
    ];
    for (url, identity_expected) in expected {
        assert_eq!(identity(url), identity_expected, "{url}");
        assert_eq!(endpoint(url).reach, Reach::Tenant, "{url}");
    }
}

#[test]
fn a_shared_host_has_no_tenant_without_a_path() {
    let hosts = [
        "script.google.com",
        "script.googleusercontent.com",
        "prod-07.westeurope.logic.azure.com",
        "prod2-07.westeurope.logic.azure.com",
        "hooks.zapier.com",
        "hook.eu1.make.com",
        "hook.integromat.com",
        "maker.ifttt.com",
        "functions.yandexcloud.net",
        "us-south.functions.appdomain.cloud",
        "faas-nyc1-2ef2e6cc.doserverless.co",
        "webhook.site",
        "webhooks.workato.com",
        "hkdk.events",
        "hooks.slack.com",
        "api.retool.com",
        "run.mocky.io",
        "connect.pabbly.com",
    ];
    for host in hosts {
        for url in [host.to_owned(), format!("https://{host}/"), format!("https://{host}/!")] {
            let endpoint = endpoint(&url);
            assert_eq!((endpoint.reach, endpoint.tenant), (Reach::SharedHost, None), "{url}");
        }
    }
}

#[test]
fn a_path_names_the_tenant_of_a_shared_host() {
    let expected = [
        ("script.google.com/macros/s/AKfycbX_y-Z/exec?x=1", "AKfycbX_y-Z - -"),
        ("script.google.com/a/macros/example.com/s/AKfycb/exec", "AKfycb example.com -"),
        ("hooks.zapier.com/hooks/catch/12/ab/", "ab 12 -"),
        (
            "hook.eu2.make.com/abcdefghijklmnopqrstuvwxyz012345",
            "abcdefghijklmnopqrstuvwxyz012345 - -",
        ),
        ("functions.yandexcloud.net/d4e1234567890abcdefg?tag=x", "d4e1234567890abcdefg - -"),
        ("faas-nyc1-2ef2e6cc.doserverless.co/api/v1/web/fn-1/default/ping", "fn-1 - default/ping"),
        ("hooks.slack.com/services/T01/B02/secret", "B02 T01 -"),
        ("discord.com/api/webhooks/123/secret", "123 - -"),
        ("discord.com/api/v10/webhooks/123/secret", "123 - -"),
        (
            "webhook.site/0b39a4b4-6bcb-4f3b-9e0e-6e1b1f0c8f53",
            "0b39a4b4-6bcb-4f3b-9e0e-6e1b1f0c8f53 - -",
        ),
        (
            "0b39a4b4-6bcb-4f3b-9e0e-6e1b1f0c8f53.webhook.site",
            "0b39a4b4-6bcb-4f3b-9e0e-6e1b1f0c8f53 - -",
        ),
    ];
    for (url, identity_expected) in expected {
        assert_eq!(identity(url), identity_expected, "{url}");
        assert_eq!(endpoint(url).reach, Reach::Tenant, "{url}");
    }
}

#[test]
fn secrets_stay_out_of_the_identity() {
    let urls = [
        "https://a.azurewebsites.net/api/f?code=SECRET",
        "https://prod-1.westus.logic.azure.com/workflows/1/triggers/m/paths/invoke?sig=SECRET",
        "https://maker.ifttt.com/trigger/event/with/key/SECRET",
        "https://hooks.slack.com/services/T/B/SECRET",
        "https://discord.com/api/webhooks/1/SECRET",
        "https://user:SECRET@a.b.workers.dev/#SECRET",
        "https://x.webhook.we.azure-automation.net/webhooks?token=SECRET",
    ];
    for url in urls {
        assert!(!format!("{:?}", endpoint(url)).contains("SECRET"), "{url}");
    }
    assert_eq!(endpoint(urls[2]).reach, Reach::SharedHost);
    assert_eq!(endpoint(urls[2]).function.as_deref(), Some("event"));
}

#[test]
fn a_path_may_tell_two_products_apart() {
    let product = |url| endpoint(url).product;
    let trigger = "a.azurewebsites.net/api/order/triggers/manual/invoke?sig=x";
    assert_eq!(product(trigger), "Logic Apps Standard");
    assert_eq!(product("a.azurewebsites.net/api/order"), "Functions / App Service (global name)");
    assert_eq!(identify("https://discord.com/channels/1"), Identification::Unknown);
}

#[test]
fn spellings() {
    let host = "worker.account.workers.dev";
    for spelling in [
        "WORKER.Account.Workers.DEV",
        "worker.account.workers.dev.",
        "worker.account.workers.dev:8443",
        "worker.account.workers.dev.:443",
        "  https://user:pass@worker.account.workers.dev:443/path?q#f ",
        "//worker.account.workers.dev/x",
        "wss://worker.account.workers.dev",
        r"\\worker.account.workers.dev@SSL\DavWWWRoot\x.lnk",
        r"worker.account.workers.dev@SSL\DavWWWRoot",
        "worker。account。workers。dev",
        "ｗorker.account.workers.dev",
    ] {
        let endpoint = endpoint(spelling);
        assert_eq!(endpoint.host, host, "{spelling}");
        assert_eq!(endpoint.tenant.as_deref(), Some("worker.account"), "{spelling}");
        assert_eq!(endpoint.via, Via::Host);
    }
    assert_eq!(endpoint("bücher.workers.dev").tenant.as_deref(), Some("xn--bcher-kva"));
    assert_eq!(endpoint("bücher.netlify.app").tenant.as_deref(), Some("xn--bcher-kva"));
    assert_eq!(endpoint("_a_b.c_d.workers.dev").tenant.as_deref(), Some("_a_b.c_d"));
    assert_eq!(endpoint("*.account.workers.dev").tenant.as_deref(), Some("account"));
}

#[test]
fn junk_is_unknown() {
    let long_label = format!("{}.workers.dev", "a".repeat(64));
    let long_host = format!("{}workers.dev", "a.".repeat(150));
    let junk = [
        "",
        ".",
        "..",
        ":",
        "*.",
        "*",
        ".workers.dev",
        "a..workers.dev",
        "a..b.workers.dev",
        "a b.workers.dev",
        "a%2e.workers.dev",
        "a\0.workers.dev",
        "\u{202e}.workers.dev",
        "192.0.2.1",
        "[2001:db8::1]:443",
        "2001:db8::1",
        "https://",
        "http:///path",
        &long_label,
        &long_host,
    ];
    for text in junk {
        assert_eq!(Catalogue::builtin().identify(text, None), Identification::Unknown, "{text:?}");
        assert_eq!(identify(text), Identification::Unknown, "{text:?}");
        assert!(Catalogue::builtin().lookup(text).is_none(), "{text:?}");
    }
}

#[test]
fn a_custom_domain_is_seen_through_its_alias() {
    let catalogue = Catalogue::builtin();
    let answers = ["edge.example.net", "d-abc123.execute-api.eu-west-1.amazonaws.com", "192.0.2.1"];
    let endpoint = catalogue.identify_chain("API.example.com.", &answers).unwrap();
    assert_eq!(endpoint.host, "d-abc123.execute-api.eu-west-1.amazonaws.com");
    assert_eq!(endpoint.tenant.as_deref(), Some("d-abc123"));
    assert_eq!(endpoint.via, Via::Cname);
    assert_eq!(endpoint.related_hosts, ["api.example.com"]);

    // The name that was asked goes first.
    let itself = catalogue.identify_chain("a.b.workers.dev", &answers).unwrap();
    assert_eq!((itself.host.as_str(), itself.via), ("a.b.workers.dev", Via::Host));

    // A front end for custom domains shows the platform only.
    let front = catalogue.identify_chain("www.example.com", &["cname.vercel-dns.com"]).unwrap();
    assert_eq!((front.reach, front.tenant, front.via), (Reach::PlatformOnly, None, Via::Cname));

    // Control plane stays control plane, whatever it is an alias of.
    assert_eq!(catalogue.identify_chain("api.cloudflare.com", &["a.b.workers.dev"]), None);
    assert_eq!(catalogue.identify_chain("www.example.com", &["example.net"]), None);
    assert_eq!(catalogue.identify_chain("www.example.com", &[] as &[&str]), None);
}

#[test]
fn an_address_may_show_the_platform() {
    let address = |text: &str| text.parse::<IpAddr>().unwrap();
    let endpoint = Catalogue::builtin().identify_address(address("216.239.36.53")).unwrap();
    assert_eq!(endpoint.product, "Cloud Run (custom domain)");
    assert_eq!((endpoint.reach, endpoint.via), (Reach::PlatformOnly, Via::Address));
    assert_eq!(endpoint.tenant, None);
    assert_eq!(Catalogue::builtin().identify_address(address("192.0.2.1")), None);
}

#[test]
fn known_services_are_exact() {
    let owner = |host| Catalogue::builtin().known(host).map(|service| service.owner.as_str());
    assert_eq!(owner("mpc-prod-24-s6uit34pua-uw.a.run.app"), Some("Meta"));
    assert_eq!(owner("bded8a3c6ae-1-1053047382554.us-central1.run.app"), Some("Meta"));
    assert_eq!(owner("OfficeCI-MAUService.azurewebsites.net."), Some("Microsoft"));
    assert_eq!(owner("us-central1-amp-error-reporting.cloudfunctions.net"), Some("AMP project"));
    assert_eq!(owner("sync.index-exchange-staging.workers.dev"), Some("Index Exchange"));
    assert_eq!(owner("clarity.azurefd.net"), Some("Microsoft"));
    assert_eq!(owner("jsdelivr.b-cdn.net"), Some("jsDelivr"));
    for host in [
        "x.officeci-mauservice.azurewebsites.net",
        "mpc-prod-24-aaaaaaaaaa-uw.a.run.app",
        "index-exchange-staging.workers.dev",
        "azurefd.net",
        "",
    ] {
        assert_eq!(owner(host), None, "{host}");
    }
    // All of them live on a platform of the catalogue; elsewhere the list has no meaning.
    for pattern in Catalogue::builtin().known_services().flat_map(|service| &service.hosts) {
        let host = pattern
            .replace("{number}", "24")
            .replace("{location:alnum2}", "uw")
            .replace(['{', '}'], "");
        assert!(Catalogue::builtin().lookup(&host).is_some(), "{host}");
        assert!(Catalogue::builtin().known(&host).is_some(), "{host}");
    }
}

#[test]
fn entries_are_complete() {
    let entries: Vec<_> = Catalogue::builtin().entries().collect();
    let providers: std::collections::BTreeSet<_> = entries.iter().map(|it| &it.provider).collect();
    assert!(entries.len() >= 252, "{}", entries.len());
    assert!(providers.len() >= 138, "{}", providers.len());
    for entry in entries {
        let name = format!("{} {}", entry.provider, entry.product);
        assert!(!entry.hosts.is_empty() || !entry.addresses.is_empty(), "{name}");
        assert!(!entry.path_required || !entry.paths.is_empty(), "{name}");
        assert!(entry.evidence == Evidence::Unconfirmed || !entry.sources.is_empty(), "{name}");
        assert!(entry.role != Role::Excluded || !entry.note.is_empty(), "{name}");
        let shared = entry.reach == Reach::SharedHost;
        assert!(!shared || !entry.paths.is_empty(), "{name}: nothing names a tenant");
        let code = !matches!(entry.role, Role::Endpoint(Kind::CdnEdge));
        assert!(code || entry.reach == Reach::Tenant, "{name}");
    }
}

#[test]
fn the_prefilter_finds_every_endpoint() {
    let catalogue = Catalogue::builtin();
    let literals: Vec<_> = catalogue.suffixes().collect();
    assert!(literals.contains(&".workers.dev"));
    assert!(literals.contains(&".lambda-url."));
    assert!(!literals.iter().any(|text| text.ends_with("amazonaws.com") && text.starts_with('.')));
    for text in &literals {
        assert!(text.len() >= 5 && text.contains('.'), "{text} would find too much");
        assert!(!literals.iter().any(|other| other != text && text.contains(other)), "{text}");
    }
}

/// Whoever counts traffic to a platform also wants the hosts in its domain that are no tenant's.
#[test]
fn a_platform_is_told_where_no_tenant_is() {
    let catalogue = Catalogue::builtin();
    let reach = |host: &str| catalogue.platform(host, None).map(|endpoint| endpoint.reach);
    assert_eq!(reach("sync.acme.workers.dev"), Some(Reach::Tenant));
    assert_eq!(reach("workers.dev"), Some(Reach::PlatformOnly));
    assert_eq!(reach("acme.scm.azurewebsites.net"), Some(Reach::PlatformOnly));
    assert_eq!(reach("lambda-url.us-east-1.on.aws"), Some(Reach::PlatformOnly));
    assert_eq!(reach("script.google.com"), Some(Reach::SharedHost));
    assert_eq!(reach("api.cloudflare.com"), None);
    assert_eq!(reach("workers.dev.example.com"), None);
    // A provider's own interface, even beside the hosts of its customers.
    assert_eq!(reach("api.netlify.com"), None);
    assert!(!catalogue.is_contact("api.netlify.com", None, std::iter::empty()));
    assert_eq!(reach("shop.netlify.com"), Some(Reach::Tenant));
    let deployment = catalogue.platform("acme.scm.azurewebsites.net", None);
    assert_eq!(deployment.map(|endpoint| endpoint.tenant), Some(None));
}

#[test]
fn names_above_tenants_are_told_from_those_of_one_account() {
    let catalogue = Catalogue::builtin();
    for wide in ["workers.dev", "dev", "net", "azurewebsites.net", "lambda-url.us-east-1.on.aws"] {
        assert!(catalogue.is_above_tenants(wide), "{wide}");
    }
    for narrow in ["acme.workers.dev", "app.azurewebsites.net", "example.com", "notworkers.dev"] {
        assert!(!catalogue.is_above_tenants(narrow), "{narrow}");
    }
}

#[test]
fn what_customers_choose_is_told_from_what_platforms_draw() {
    let chosen = |host: &str| {
        let found = Catalogue::builtin().lookup(host).unwrap_or_else(|| panic!("{host}"));
        found.chosen_labels().join(" ")
    };
    assert_eq!(chosen("sync.acme.workers.dev"), "sync acme");
    assert_eq!(chosen("8f2c1a7e.portal.pages.dev"), "portal");
    assert_eq!(chosen("billing-4kvt3r9p8q-ew.a.run.app"), "billing");
    for drawn in [
        "abcdefghij0123456789abcdefghij01.lambda-url.eu-west-1.on.aws",
        "a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com",
        "d111111abcdef8.cloudfront.net",
    ] {
        assert_eq!(chosen(drawn), "", "{drawn}");
    }
}
