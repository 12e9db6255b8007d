//! What a context folder says, what it does not, and what is told when it is wrong.

use std::fs;

use coldtrail_model::{Actor, Endpoint, Kind, Reach, Timestamp, Via};
use coldtrail_triage::{Contact, Context, Platforms, Problem, ProblemKind, Profile, Role, faults};
use proptest::prelude::*;

/// 2026-04-13T09:00:00Z.
const NOW: Timestamp = Timestamp(1_776_070_800_000_000);
const HOUR: i64 = 3_600_000_000;

/// Two platforms: one whose customers have hosts, and one whose customers share one.
struct TwoPlatforms;

impl Platforms for TwoPlatforms {
    fn endpoint(&self, host: &str, path: Option<&str>) -> Option<Endpoint> {
        if host == "script.google.com" {
            let after = path.and_then(|path| path.strip_prefix("/macros/s/"));
            let tenant = after.and_then(|after| after.split('/').next()).map(str::to_owned);
            let reach = if tenant.is_some() { Reach::Tenant } else { Reach::SharedHost };
            return Some(Endpoint {
                kind: Kind::Script,
                ..endpoint(host, tenant.as_deref(), reach)
            });
        }
        let tenant = host.strip_suffix("workers.dev")?.strip_suffix('.');
        match tenant {
            Some(tenant) if tenant.contains('.') => Some(worker(tenant)),
            _ => Some(endpoint(host, None, Reach::PlatformOnly)),
        }
    }

    fn is_above_tenants(&self, name: &str) -> bool {
        matches!(name, "workers.dev" | "dev")
    }
}

fn endpoint(host: &str, tenant: Option<&str>, reach: Reach) -> Endpoint {
    Endpoint {
        host: host.to_owned(),
        provider: "Provider".to_owned(),
        product: if host == "script.google.com" { "Scripts" } else { "Workers" }.to_owned(),
        kind: Kind::EdgeWorker,
        tenant: tenant.map(str::to_owned),
        group: None,
        function: None,
        reach,
        via: Via::Host,
        related_hosts: Vec::new(),
    }
}

fn worker(tenant: &str) -> Endpoint {
    endpoint(&format!("{tenant}.workers.dev"), Some(tenant), Reach::Tenant)
}

fn script(tenant: Option<&str>) -> Endpoint {
    let reach = if tenant.is_some() { Reach::Tenant } else { Reach::SharedHost };
    endpoint("script.google.com", tenant, reach)
}

fn actor(host: &str, user: Option<&str>, process: Option<&str>) -> Actor {
    Actor {
        host: host.to_owned(),
        ip: None,
        user: user.map(str::to_owned),
        process: process.map(str::to_owned),
        parent_process: None,
    }
}

fn contact<'a>(endpoint: &'a Endpoint, actor: &'a Actor) -> Contact<'a> {
    Contact { endpoint, path: None, actor, at: NOW }
}

fn read(name: &str, text: &str) -> (Context, Vec<Problem>) {
    let mut context = Context::default();
    let problems = context.add(name, text, NOW, &TwoPlatforms);
    (context, problems)
}

/// A context without problems.
fn sanctioned(rows: &str) -> Context {
    let text = format!("endpoint,host,user,process,owner,reason,expires\n{rows}");
    let (context, problems) = read("sanctioned.csv", &text);
    assert_eq!(problems, Vec::new());
    context
}

fn told(problems: &[Problem]) -> Vec<(ProblemKind, Option<u64>, Option<u64>, bool)> {
    problems.iter().map(|one| (one.kind, one.line, one.column, one.is_used)).collect()
}

#[test]
fn a_sanction_covers_its_endpoint_by_whole_labels() {
    let context = sanctioned("sync.acme.workers.dev,,,,it,sync,\n*.ci.workers.dev,,,,it,builds,\n");
    let anybody = actor("ws-1", None, None);
    let line = |endpoint: &Endpoint| {
        context.sanctioned(&contact(endpoint, &anybody)).map(|found| found.sanction.line)
    };
    assert_eq!(line(&worker("sync.acme")), Some(2));
    assert_eq!(line(&worker("a.ci")), Some(3));
    for other in ["xsync.acme", "sync.acmex", "deep.sync.acme", "a.xci", "evil.other"] {
        assert_eq!(line(&worker(other)), None, "{other}");
    }
    // The platform's name inside another name is nothing.
    let trap = endpoint("sync.acme.workers.dev.evil.example", Some("evil"), Reach::Tenant);
    assert_eq!(line(&trap), None);
    // A name of the place's own in front of a CNAME is as good as the tenant's.
    let context = sanctioned("api.example.com,,,,it,our own,\n");
    let fronted = Endpoint { related_hosts: vec!["API.example.com".to_owned()], ..worker("x.y") };
    assert!(context.sanctioned(&contact(&fronted, &anybody)).is_some());
}

#[test]
fn a_sanction_covers_the_actor_it_names_and_says_what_it_could_not_see() {
    let context = sanctioned("sync.acme.workers.dev,ci-1,CORP\\svc,deploy.exe,it,sync,\n");
    let acme = worker("sync.acme");
    let covers = |host: &str, user: Option<&str>, process: Option<&str>| {
        let actor = actor(host, user, process);
        context.sanctioned(&contact(&acme, &actor)).map(|found| found.unseen)
    };
    assert_eq!(covers("CI-1", Some("svc"), Some("deploy.exe")), Some(vec![]));
    assert_eq!(covers("ci-1.corp.example", None, None), Some(vec!["user", "process"]));
    assert_eq!(covers("ci-1", Some("svc"), Some("powershell.exe")), None);
    assert_eq!(covers("ci-1", Some("alice"), Some("deploy.exe")), None);
    assert_eq!(covers("ci-11", Some("svc"), Some("deploy.exe")), None);
}

#[test]
fn a_url_covers_one_tenant_of_a_shared_host() {
    let context = sanctioned("https://script.google.com/macros/s/AKours/exec,fin-1,,,fin,books,\n");
    let covers = |endpoint: &Endpoint, host: &str, path: Option<&str>| {
        let actor = actor(host, None, None);
        let contact = Contact { path, ..contact(endpoint, &actor) };
        context.sanctioned(&contact).map(|found| found.unseen)
    };
    assert_eq!(covers(&script(Some("AKours")), "fin-1", None), Some(vec!["path"]));
    assert_eq!(covers(&script(Some("AKevil")), "fin-1", None), None);
    let seen = Some("/macros/s/AKours/exec?x=1");
    assert_eq!(covers(&script(Some("AKours")), "fin-1", seen), Some(vec![]));
    let longer = Some("/macros/s/AKoursX/exec");
    assert_eq!(covers(&script(Some("AKoursX")), "fin-1", longer), None);
    // Where no path was seen, only the host that has a sanctioned script is believed.
    assert_eq!(covers(&script(None), "fin-1", None), Some(vec!["path"]));
    assert_eq!(covers(&script(None), "ws-9", None), None);
    let of_any = sanctioned("https://script.google.com/macros/s/AKours/exec,,,,fin,books,\n");
    let (shared, somebody) = (script(None), actor("fin-1", None, None));
    assert_eq!(of_any.sanctioned(&contact(&shared, &somebody)), None);
}

#[test]
fn what_has_expired_covers_what_came_before_and_is_told() {
    let text = "endpoint,owner,expires\nsync.acme.workers.dev,it,2026-04-12\n";
    let (context, problems) = read("sanctioned.csv", text);
    assert_eq!(told(&problems), [(ProblemKind::Expired, Some(2), Some(26), true)]);
    let (acme, actor) = (worker("sync.acme"), actor("ws-1", None, None));
    let now = contact(&acme, &actor);
    assert_eq!(context.sanctioned(&now), None);
    assert_eq!(context.lapsed(&now).map(|entry| entry.line), Some(2));
    let before = Contact { at: Timestamp(NOW.0 - 10 * HOUR), ..now };
    assert!(context.sanctioned(&before).is_some(), "the day of its end counts");
    assert_eq!(context.lapsed(&before), None);
}

#[test]
fn entries_that_would_cover_everybody_are_told_and_not_used() {
    let text = "endpoint,host,process,owner\n\
                *.workers.dev,,agent.exe,it\n\
                workers.dev,,,it\n\
                script.google.com,,,it\n\
                *.dev,,,it\n\
                ,ws-1,,it\n\
                script.google.com,fin-1,excel.exe,it\n";
    let (context, problems) = read("sanctioned.csv", text);
    let wide = |line, is_used| (ProblemKind::TooWide, Some(line), Some(1), is_used);
    let expected: Vec<_> = (2..=6).map(|line| wide(line, false)).chain([wide(7, true)]).collect();
    assert_eq!(told(&problems), expected);
    let evil = worker("evil.tenant");
    let agent = actor("ws-1", None, Some("agent.exe"));
    assert_eq!(context.sanctioned(&contact(&evil, &agent)), None);
    // A wide entry covers its host alone, and only where all that it names was seen.
    let shared = script(None);
    let covers = |host: &str, process: Option<&str>| {
        let actor = actor(host, None, process);
        context.sanctioned(&contact(&shared, &actor)).is_some()
    };
    assert!(covers("fin-1", Some("excel.exe")));
    assert!(!covers("fin-1", None));
    assert!(!covers("ws-1", Some("excel.exe")));
}

#[test]
fn wrong_entries_are_told_by_line_and_column_and_cost_themselves_alone() {
    let text = "\u{feff}owner,endpoint,expires,proces\n\
                it,sync.acme.workers.dev,31.12.2026,\n\
                it,not a host,,\n\
                it,a.*.workers.dev,,\n\
                it,ftp://a.b.workers.dev/x,,\n\
                ,good.acme.workers.dev,2027-01-01,\n";
    let (context, problems) = read("sanctioned.csv", text);
    assert_eq!(
        told(&problems),
        [
            (ProblemKind::UnknownColumn, Some(1), Some(24), true),
            (ProblemKind::InvalidValue, Some(2), Some(26), false),
            (ProblemKind::InvalidValue, Some(3), Some(4), false),
            (ProblemKind::InvalidValue, Some(4), Some(4), false),
            (ProblemKind::InvalidValue, Some(5), Some(4), false),
            (ProblemKind::MissingValue, Some(6), Some(1), true),
        ]
    );
    assert_eq!(problems[0].help, "did you mean `process`?");
    let (good, bad) = (worker("good.acme"), worker("sync.acme"));
    let actor = actor("ws-1", None, None);
    assert!(context.sanctioned(&contact(&good, &actor)).is_some());
    assert!(
        context.sanctioned(&contact(&bad, &actor)).is_none(),
        "an entry that was meant to end does not live for ever"
    );
}

#[test]
fn a_change_explains_what_its_scope_names_in_its_time() {
    let mut context = Context::default();
    let assets = "name,role,owner\nweb-1,server,shop\n";
    assert_eq!(context.add("assets.csv", assets, NOW, &TwoPlatforms), Vec::new());
    let text = "from,to,scope,reason\n\
                2026-04-13,2026-04-13,*.acme.workers.dev,release\n\
                2026-04-14T00:00Z,2026-04-14T02:00Z,shop,move\n\
                2026-04-15,2026-04-15,,outage\n";
    assert_eq!(context.add("changes.csv", text, NOW, &TwoPlatforms), Vec::new());
    let (acme, other) = (worker("sync.acme"), worker("x.other"));
    let (shop, anybody) = (actor("web-1", None, None), actor("ws-1", None, None));
    let line = |endpoint, actor, hours: i64| {
        let at = Timestamp(NOW.0 + hours * HOUR);
        context.change_at(&Contact { at, ..contact(endpoint, actor) }).map(|change| change.line)
    };
    assert_eq!(line(&acme, &anybody, 0), Some(2));
    assert_eq!(line(&other, &anybody, 0), None);
    assert_eq!(line(&other, &shop, 16), Some(3));
    assert_eq!(line(&other, &anybody, 16), None);
    assert_eq!(line(&other, &shop, 18), None);
    assert_eq!(line(&other, &anybody, 40), Some(4));
    let (_, problems) =
        read("changes.csv", "from,to,scope\n2026-05-02,2026-05-01,x\n2026-01-01,2026-12-31,\n");
    assert_eq!(
        told(&problems),
        [
            (ProblemKind::InvalidValue, Some(2), Some(12), false),
            (ProblemKind::TooWide, Some(3), Some(23), false),
        ]
    );
}

const BUNDLE: &str = r#"{"type": "bundle", "objects": [
  {"type": "indicator", "id": "indicator--1", "name": "a campaign", "pattern_type": "stix",
   "pattern": "[domain-name:value = 'c2.evil.workers.dev'] OR [ipv4-addr:value = '192.0.2.7']"},
  {"type": "indicator", "id": "indicator--2", "valid_until": "2026-04-01T00:00:00Z",
   "pattern": "[url:value = 'https://script.google.com/macros/s/AKevil/exec']"},
  {"type": "indicator", "id": "indicator--3",
   "pattern": "[domain-name:value = 'a.example' AND url:value = 'x']"},
  {"type": "indicator", "id": "indicator--4", "pattern": "[domain-name:value = 'workers.dev']"},
  {"type": "indicator", "id": "indicator--5", "revoked": true,
   "pattern": "[domain-name:value = 'revoked.example']"},
  {"type": "domain-name", "value": "observed.example"}]}"#;

#[test]
fn a_stix_bundle_gives_its_indicators_and_not_its_observations() {
    let (context, problems) = read("intel/bundle.json", BUNDLE);
    assert_eq!(
        told(&problems),
        [
            (ProblemKind::Unsupported, Some(6), Some(32), false),
            (ProblemKind::Expired, Some(4), Some(32), true),
            (ProblemKind::TooWide, Some(8), Some(32), false),
        ]
    );
    let about = |text: &str| context.indicator_of(text, NOW).map(|one| one.value.as_str());
    assert_eq!(about("c2.evil.workers.dev"), Some("c2.evil.workers.dev"));
    assert_eq!(about("deep.c2.evil.workers.dev"), Some("c2.evil.workers.dev"));
    assert_eq!(about("192.0.2.7"), Some("192.0.2.7"));
    for nothing in [
        "xc2.evil.workers.dev",
        "evil.workers.dev",
        "a.workers.dev",
        "observed.example",
        "revoked.example",
        "192.0.2.8",
        "script.google.com",
        "",
    ] {
        assert_eq!(about(nothing), None, "{nothing}");
    }
    let url = "https://script.google.com/macros/s/AKevil/exec?a=b";
    assert_eq!(about(url), None, "it is valid no more");
    let then = Timestamp(NOW.0 - 24 * 30 * HOUR);
    assert!(context.indicator_of(url, then).is_some());
    assert!(context.indicator_of("https://script.google.com/macros/s/AKours/exec", then).is_none());
}

#[test]
fn a_url_accuses_its_tenant_alone() {
    let (context, problems) =
        read("intel/urls.csv", "hxxps://script[.]google[.]com/macros/s/AKevil/exec\n");
    assert_eq!(problems, Vec::new());
    let somebody = actor("ws-1", None, None);
    let is_accused =
        |endpoint: &Endpoint| context.indicator(&contact(endpoint, &somebody)).is_some();
    assert!(is_accused(&script(Some("AKevil"))));
    assert!(!is_accused(&script(Some("AKours"))));
    assert!(!is_accused(&script(None)), "all tenants share the host");
}

#[test]
fn misp_events_give_what_is_marked_for_detection() {
    let text = r#"{"response": [{"Event": {"info": "a campaign", "Attribute": [
        {"type": "hostname", "value": "c2.evil.workers.dev", "to_ids": true},
        {"type": "domain|ip", "value": "evil.example|192.0.2.9", "to_ids": "1"},
        {"type": "hostname", "value": "seen.example", "to_ids": false},
        {"type": "sha256", "value": "00", "to_ids": true}],
        "Object": [{"Attribute": [{"type": "url", "value": "http://in.object.example/a", "to_ids": 1,
        "comment": "stage two"}]}]}}]}"#;
    let (context, problems) = read("intel/event.json", text);
    assert_eq!(problems, Vec::new());
    let about =
        |text: &str| context.indicator_of(text, NOW).and_then(|one| one.description.as_deref());
    assert_eq!(about("c2.evil.workers.dev"), Some("a campaign"));
    assert_eq!(about("deep.c2.evil.workers.dev"), None, "a host name is that host");
    assert_eq!(about("www.evil.example"), Some("a campaign"));
    assert_eq!(about("http://in.object.example/a/b"), Some("stage two"));
    assert_eq!(about("http://in.object.example/b"), None);
    assert_eq!(about("seen.example"), None);
}

#[test]
fn tables_of_indicators_have_types_and_ends() {
    let text = "type,indicator,valid_until\nhostname,c2[.]example,\nip,192.0.2[.]1,\n\
                ip,c2.example,\nsha1,00,\ndomain,*.example.com,\nurl,hxxp://a.example/x,soon\n";
    let (context, problems) = read("intel/feed.csv", text);
    assert_eq!(
        told(&problems),
        [
            (ProblemKind::Unsupported, Some(5), Some(1), false),
            (ProblemKind::InvalidValue, Some(7), Some(24), true),
            (ProblemKind::InvalidValue, Some(4), Some(4), false),
            (ProblemKind::InvalidValue, Some(6), Some(8), false),
        ]
    );
    assert!(context.has_indicators());
    assert!(context.indicator_of("c2.example", NOW).is_some());
    assert!(context.indicator_of("a.c2.example", NOW).is_none());
    assert!(context.indicator_of("192.0.2.1", NOW).is_some());
    let (_, problems) = read("intel/broken.json", "{\"type\": \"bundle\",\n \"objects\": [}");
    assert_eq!(told(&problems), [(ProblemKind::InvalidJson, Some(2), Some(14), false)]);
}

#[test]
fn a_profile_speaks_about_assets_of_its_role_alone() {
    let mut context = Context::default();
    let assets = "name,role\nci-1,ci runner\nws-1,workstation\n";
    assert_eq!(context.add("assets.csv", assets, NOW, &TwoPlatforms), Vec::new());
    let acme = worker("sync.acme");
    let name = |host: &str, process: Option<&str>| {
        let actor = actor(host, None, process);
        context.profile(&contact(&acme, &actor)).map(|profile| profile.name.as_str())
    };
    assert_eq!(name("ci-1", Some("node")), Some("build-agents"));
    assert_eq!(name("ci-1", Some("Python.exe")), Some("build-agents"));
    assert_eq!(name("ci-1", Some("mshta.exe")), None);
    assert_eq!(name("ci-1", None), None, "a process that was not seen is not forgiven");
    assert_eq!(name("ws-1", Some("node")), None);
    assert_eq!(name("unknown", Some("node")), None);
    let tunnel = Endpoint { kind: Kind::Tunnel, ..worker("sync.acme") };
    let runner = actor("ci-1", None, Some("node"));
    assert_eq!(context.profile(&contact(&tunnel, &runner)), None);
    assert_eq!(Profile::shipped().len(), 6);
}

#[test]
fn a_folder_is_read_whole_and_strangers_in_it_are_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &[u8]| fs::write(folder.path().join(name), text).expect(name);
    fs::create_dir(folder.path().join("intel")).expect("a folder");
    write("assets.csv", b"name,role,owner\nweb-1,server,J\xf6rg\n");
    write("sanctoned.csv", b"endpoint\n");
    write("intel/list.txt", b"# ours\nc2.example\n\nnot a host\n");
    let (context, problems) = Context::read(folder.path(), NOW, &TwoPlatforms);
    assert_eq!(context.asset("web-1").and_then(|asset| asset.role), Some(Role::Server));
    assert!(context.indicator_of("c2.example", NOW).is_some());
    assert!(!context.lists_sanctions());
    let told: Vec<_> = problems.iter().map(|one| (one.file.as_str(), one.kind, one.line)).collect();
    assert_eq!(
        told,
        [
            ("assets.csv", ProblemKind::InvalidText, Some(2)),
            ("intel/list.txt", ProblemKind::InvalidValue, Some(4)),
            ("sanctoned.csv", ProblemKind::UnknownFile, None),
        ]
    );
    assert_eq!(problems[2].help, "did you mean `sanctioned.csv`?");
    let faults = faults("context", &problems);
    assert_eq!(faults[1].source, "context/intel/list.txt");
    assert_eq!((faults[1].code.as_str(), faults[1].count), ("context-invalid-value", 1));
    assert!(faults[1].message.starts_with("line 4: "), "{}", faults[1].message);
}

#[test]
fn a_folder_that_is_none_or_empty_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let (context, problems) = Context::read(&folder.path().join("absent"), NOW, &TwoPlatforms);
    assert_eq!((context, problems[0].kind), (Context::default(), ProblemKind::Unreadable));
    let (context, problems) = Context::read(folder.path(), NOW, &TwoPlatforms);
    assert_eq!((context, problems[0].kind), (Context::default(), ProblemKind::UnknownFile));
}

#[test]
fn a_file_that_is_nothing_but_wrong_is_told_in_short() {
    let text = format!("endpoint\n{}", "not a host\n".repeat(5_000));
    let (_, problems) = read("sanctioned.csv", &text);
    assert_eq!(problems.len(), 1_001);
    assert_eq!(problems.last().map(|one| one.kind), Some(ProblemKind::TooMany));
}

proptest! {
    /// Whatever stands in a file, it is read calmly, and its good neighbours survive.
    #[test]
    fn any_row_leaves_its_neighbours(line in "[^\r\n]{0,80}") {
        let text = format!(
            "endpoint,host,owner\na.acme.workers.dev,,it\n{line}\nb.acme.workers.dev,,it\n"
        );
        let (context, _) = read("sanctioned.csv", &text);
        let anybody = actor("ws-1", None, None);
        for tenant in ["a.acme", "b.acme"] {
            prop_assert!(context.sanctioned(&contact(&worker(tenant), &anybody)).is_some());
        }
    }

    #[test]
    fn any_text_is_read_as_any_file(text in "(?s).{0,300}") {
        for name in ["sanctioned.csv", "assets.csv", "changes.csv", "intel/any"] {
            let (context, problems) = read(name, &text);
            context.indicator_of(&text, NOW);
            context.asset(&text);
            prop_assert!(problems.iter().all(|one| one.column.is_none() || one.line.is_some()));
        }
    }

    /// No entry about one tenant ever covers another.
    #[test]
    fn no_entry_covers_another_tenant(ours in "[a-z]{1,5}\\.[a-z]{1,5}", theirs in "[a-z]{1,5}\\.[a-z]{1,5}") {
        prop_assume!(ours != theirs);
        let context = sanctioned(&format!("{ours}.workers.dev,,,,it,ours,\n"));
        let anybody = actor("ws-1", None, None);
        prop_assert!(context.sanctioned(&contact(&worker(&theirs), &anybody)).is_none());
        prop_assert!(context.sanctioned(&contact(&worker(&ours), &anybody)).is_some());
    }
}
