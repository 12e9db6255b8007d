//! What tune proposes, what it leaves alone, and what it warns of.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

use coldtrail_correlate::findings;
use coldtrail_correlate::tune::{Effect, effects, proposals};
use coldtrail_model::{
    Actor, Axis, Conversation, Endpoint, Finding, Kind, Reach, RecordReference, Severity, Signal,
    Timestamp, Via,
};
use coldtrail_triage::{Context, Platforms};

/// 2026-04-13T09:00:00Z.
const NOW: Timestamp = Timestamp(1_776_070_800_000_000);

/// A platform with accounts: `<function>.<account>.functions.example`.
struct Functions;

impl Platforms for Functions {
    fn endpoint(&self, host: &str, _path: Option<&str>) -> Option<Endpoint> {
        let tenant = host.strip_suffix(".functions.example")?;
        let (_, account) = tenant.split_once('.')?;
        Some(Endpoint {
            host: host.to_owned(),
            provider: "Example".to_owned(),
            product: "Functions".to_owned(),
            kind: Kind::Function,
            tenant: Some(tenant.to_owned()),
            group: Some(account.to_owned()),
            function: None,
            reach: Reach::Tenant,
            via: Via::Host,
            related_hosts: Vec::new(),
        })
    }

    fn is_above_tenants(&self, name: &str) -> bool {
        name == "functions.example" || name == "example"
    }
}

/// What a detection says about a day of a program on a host, and a function of an account.
fn signal(host: &str, process: Option<&str>, endpoint: &str, points: u8) -> Signal {
    let endpoint = Functions.endpoint(&format!("{endpoint}.functions.example"), None);
    let endpoint = endpoint.expect("a function");
    let process = process.map(str::to_owned);
    Signal {
        detection: "endpoint.non_browser".to_owned(),
        attack: Vec::new(),
        strength: 1.0,
        summary: "a program that is no browser".to_owned(),
        records: vec![RecordReference {
            source: format!("{host}.log"),
            offset: 0,
            length: 100,
            sha256: None,
        }],
        axis: Axis::Context,
        weight: points,
        rhythm: None,
        conversation: Conversation {
            actor: Actor { host: host.to_owned(), process, ..Actor::default() },
            executable: Some(r"C:\Program Files\Acme\agent.exe".to_owned()),
            command_line: None,
            endpoint,
            first_seen: NOW,
            last_seen: Timestamp(NOW.0 + 3_600_000_000),
            events: 60,
            bytes: None,
            longest_nanoseconds: None,
            channels: vec!["tls".to_owned()],
            datasets: vec!["zeek.ssl".to_owned()],
            endpoint_telemetry: true,
            tenant_hosts: 3,
            active_hosts: 20,
            tenant_first_seen: NOW,
            tenant_pollers: 0,
            tenant_processes: Vec::new(),
            process_hosts: 3,
            sensor_hosts: 10,
            user_agents: Vec::new(),
            fingerprints: Vec::new(),
            fronts: Vec::new(),
            counted: None,
        },
        rule: None,
    }
}

fn found(signals: &[Signal], context: &Context) -> Vec<Finding> {
    findings(signals, |_| false, |_| None, context)
}

fn lines(signals: &[Signal]) -> Vec<String> {
    let nothing = Context::default();
    let proposals = proposals(&found(signals, &nothing), &nothing, &Functions, NOW);
    proposals.iter().map(|proposal| proposal.line()).collect()
}

/// What the lines of a list do; the header is added.
fn tried(signals: &[Signal], list: &str) -> Vec<Effect> {
    let mut context = Context::default();
    let list = format!("endpoint,host,user,process,owner,reason,expires\n{list}");
    assert_eq!(context.add("sanctioned.csv", &list, NOW, &Functions), Vec::new());
    effects(&found(signals, &Context::default()), &found(signals, &context), &context)
}

const AGENT: Option<&str> = Some("agent.exe");

fn on_three_hosts(process: Option<&str>, endpoint: &str) -> Vec<Signal> {
    ["ws-1", "ws-2", "ws-3"].map(|host| signal(host, process, endpoint, 30)).to_vec()
}

#[test]
fn one_program_on_three_hosts_is_one_line_without_a_host() {
    let line = "sync.acme.functions.example,,,agent.exe,,\"on 3 hosts; an installed program\",\
                2027-04-13";
    assert_eq!(lines(&on_three_hosts(AGENT, "sync.acme")), [line]);
    assert_eq!(lines(&on_three_hosts(AGENT, "sync.acme")[..2]), [""; 0]);
}

#[test]
fn what_goes_on_for_days_is_proposed_for_its_host() {
    let mut signal = signal("ws-1", AGENT, "sync.acme", 30);
    signal.conversation.last_seen = Timestamp(NOW.0 + 3 * 86_400_000_000);
    let lines = lines(&[signal]);
    assert_eq!(lines.len(), 1);
    assert!(lines[0].starts_with("sync.acme.functions.example,ws-1,,agent.exe,"), "{lines:?}");
}

#[test]
fn many_tenants_of_an_account_are_one_line_and_those_of_many_accounts_are_not() {
    let signals = |tenants: [&str; 3]| {
        tenants.iter().flat_map(|tenant| on_three_hosts(AGENT, tenant)).collect::<Vec<_>>()
    };
    let of_one = lines(&signals(["a.acme", "b.acme", "c.acme"]));
    assert_eq!(of_one.len(), 1);
    assert!(of_one[0].starts_with("*.acme.functions.example,,,agent.exe,"), "{of_one:?}");
    assert_eq!(lines(&signals(["a.one", "b.two", "c.three"])).len(), 3);
}

#[test]
fn what_no_sensor_names_goes_with_the_program_that_others_name() {
    let mut signals = on_three_hosts(AGENT, "sync.acme");
    signals.push(signal("ws-4", None, "sync.acme", 30));
    let lines = lines(&signals);
    assert_eq!(lines.len(), 1);
    assert!(lines[0].contains(",agent.exe,,on 4 hosts;") || lines[0].contains("\"on 4 hosts;"));
}

#[test]
fn nobody_is_asked_to_allow_what_looks_bad() {
    let mut signals = on_three_hosts(AGENT, "sync.acme");
    let mut bad = signal("ws-9", Some("powershell.exe"), "sync.acme", 60);
    bad.axis = Axis::Context;
    let mut beats = bad.clone();
    (beats.axis, beats.weight, beats.detection) = (Axis::Rhythm, 40, "rhythm.beacon".to_owned());
    signals.extend([bad, beats]);
    let all = found(&signals, &Context::default());
    assert!(all.iter().any(|finding| finding.severity == Severity::High));
    assert_eq!(lines(&signals), [""; 0]);

    // Somebody who writes such a line by hand is told.
    let effects = tried(&signals, "sync.acme.functions.example,,,,it,,\n");
    let warnings = effects[0].warnings.join("\n");
    assert!(warnings.contains("it covers 1 finding that is high or critical"), "{warnings}");
    assert!(
        warnings.contains("2 programs, and any other: agent.exe, powershell.exe"),
        "{warnings}"
    );
}

#[test]
fn a_name_that_would_mean_more_than_itself_is_not_proposed() {
    for name in ["*", "a\nb.exe", "a\"b.exe", ""] {
        assert_eq!(lines(&on_three_hosts(Some(name), "sync.acme")), [""; 0], "{name}");
    }
    let quoted = lines(&on_three_hosts(Some("a,b.exe"), "sync.acme"));
    assert!(quoted[0].contains(",\"a,b.exe\","), "{quoted:?}");
    let effects = tried(
        &on_three_hosts(Some("a,b.exe"), "sync.acme"),
        &quoted[0].replace(",,\"on", ",it,\"on"),
    );
    assert_eq!(effects[0].covered.len(), 3);
}

#[test]
fn each_line_tells_what_it_covers_and_what_becomes_of_it() {
    let mut signals = on_three_hosts(AGENT, "sync.acme");
    signals.push(signal("ws-1", AGENT, "sync.other", 30));
    let effects = tried(
        &signals,
        "sync.acme.functions.example,,,agent.exe,it,,\n\
         sync.acme.functions.example,ws-2,,,it,,\n\
         nobody.acme.functions.example,,,,it,,\n",
    );
    let told: Vec<_> = effects
        .iter()
        .map(|one| (one.line, one.covered.len(), one.hosts, one.records.len()))
        .collect();
    assert_eq!(told, [(2, 3, 3, 3), (3, 1, 1, 1), (4, 0, 0, 0)]);
    let first = &effects[0].covered[0];
    assert_eq!((first.before, first.after), (Severity::Low, Some(Severity::Low)));
    assert!(first.score_before > 10);
    assert_eq!((first.score_after, first.is_closed), (Some(0), true));
    assert!(effects[0].warnings.is_empty(), "{:?}", effects[0].warnings);
}
