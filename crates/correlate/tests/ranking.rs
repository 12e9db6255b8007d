//! What deserves which rank: the promises that the points were chosen for.

mod example;

use coldtrail_correlate::{KnownService, findings};
use coldtrail_model::{
    Actor, Axis, Confidence, Conversation, Decision, Endpoint, Finding, Kind, Reach, Severity,
    Signal, Timestamp, Via,
};
use coldtrail_triage::Context;
use example::signal;

/// A conversation of a named process with a tenant that one of twenty hosts talks to.
fn conversation(process: Option<&str>) -> Conversation {
    Conversation {
        actor: Actor {
            host: "ws-01".to_owned(),
            process: process.map(str::to_owned),
            ..Actor::default()
        },
        executable: None,
        command_line: None,
        endpoint: Endpoint {
            host: "sync.acme.workers.dev".to_owned(),
            provider: "Cloudflare".to_owned(),
            product: "Workers".to_owned(),
            kind: Kind::EdgeWorker,
            tenant: Some("sync.acme".to_owned()),
            group: Some("acme".to_owned()),
            function: None,
            reach: Reach::Tenant,
            via: Via::Host,
            related_hosts: Vec::new(),
        },
        first_seen: Timestamp(0),
        last_seen: Timestamp(3_600_000_000),
        events: 60,
        bytes: None,
        longest_nanoseconds: None,
        channels: vec!["tls".to_owned()],
        datasets: vec!["zeek.ssl".to_owned()],
        user_agents: Vec::new(),
        fingerprints: Vec::new(),
        fronts: Vec::new(),
        endpoint_telemetry: process.is_some(),
        tenant_hosts: 1,
        active_hosts: 20,
        tenant_first_seen: Timestamp(0),
        tenant_pollers: 1,
        tenant_processes: Vec::new(),
        process_hosts: 1,
        sensor_hosts: 10,
        counted: None,
    }
}

fn the_finding(signals: &[Signal]) -> Finding {
    let is_browser = |process: &str| process == "chrome.exe";
    let mut findings = findings(signals, is_browser, |_host| None, &Context::default());
    assert_eq!(findings.len(), 1);
    let finding = findings.remove(0);
    let sum: i16 = finding.contributions.iter().map(|one| one.points).sum();
    assert_eq!(sum, i16::from(finding.score), "{:#?}", finding.contributions);
    finding
}

#[test]
fn a_plain_regular_poller_is_medium_at_most() {
    let unnamed = conversation(None);
    let finding = the_finding(&[
        signal(&unnamed, "names.rare_tenant", Axis::Context, 21),
        signal(&unnamed, "rhythm.beacon", Axis::Rhythm, 25),
    ]);
    assert_eq!(finding.severity, Severity::Medium);
    assert_eq!(finding.confidence, Confidence::Medium, "no sensor named the process");

    let named = conversation(Some("agent.exe"));
    let finding = the_finding(&[
        signal(&named, "endpoint.non_browser", Axis::Context, 10),
        signal(&named, "names.rare_tenant", Axis::Context, 21),
        signal(&named, "rhythm.beacon", Axis::Rhythm, 25),
    ]);
    assert_eq!(finding.severity, Severity::Medium);
    assert_eq!(finding.confidence, Confidence::High);
}

#[test]
fn a_script_host_that_polls_a_tenant_of_one_host_is_high() {
    let script = conversation(Some("powershell.exe"));
    let signals = [
        signal(&script, "endpoint.non_browser", Axis::Context, 10),
        signal(&script, "endpoint.script_host", Axis::Context, 30),
        signal(&script, "names.rare_tenant", Axis::Context, 15),
        signal(&script, "rhythm.beacon", Axis::Rhythm, 23),
    ];
    let finding = the_finding(&signals);
    assert_eq!(finding.severity, Severity::High);
    assert_eq!(finding.escalation.decision, Decision::Escalate);
    assert!(finding.title.contains("no other host knows"), "{}", finding.title);
    // There is enough against it without a rhythm; a script host alone is worth a look, not an alarm.
    assert_eq!(the_finding(&signals[..3]).severity, Severity::High);
    assert_eq!(the_finding(&signals[..2]).severity, Severity::Medium);
}

#[test]
fn an_interpreter_with_a_rhythm_is_medium_even_where_only_one_host_was_seen() {
    let python = Conversation { active_hosts: 1, ..conversation(Some("python.exe")) };
    let finding = the_finding(&[
        signal(&python, "endpoint.non_browser", Axis::Context, 10),
        signal(&python, "endpoint.script_host", Axis::Context, 21),
        signal(&python, "rhythm.beacon", Axis::Rhythm, 9),
    ]);
    assert_eq!(finding.severity, Severity::Medium);
}

#[test]
fn rhythm_alone_is_low_however_strong() {
    let everywhere = Conversation { tenant_hosts: 18, ..conversation(Some("agent.exe")) };
    let finding = the_finding(&[
        signal(&everywhere, "endpoint.non_browser", Axis::Context, 10),
        signal(&everywhere, "rhythm.beacon", Axis::Rhythm, 25),
    ]);
    assert_eq!((finding.severity, finding.scores.context), (Severity::Low, 0));

    let browser = conversation(Some("chrome.exe"));
    let finding = the_finding(&[
        signal(&browser, "names.rare_tenant", Axis::Context, 21),
        signal(&browser, "rhythm.beacon", Axis::Rhythm, 25),
    ]);
    assert_eq!(finding.severity, Severity::Low);
}

#[test]
fn a_known_service_is_closed_and_a_delivery_network_is_context() {
    let update = conversation(Some("updater"));
    let signals = [
        signal(&update, "endpoint.non_browser", Axis::Context, 10),
        signal(&update, "rhythm.beacon", Axis::Rhythm, 25),
    ];
    let known = |_host: &str| Some(KnownService { description: "an updater".to_owned() });
    let found = findings(&signals, |_process| false, known, &Context::default());
    assert_eq!(found[0].severity, Severity::Low);
    assert_eq!(found[0].escalation.decision, Decision::Close);

    let mut delivery = conversation(None);
    delivery.endpoint.kind = Kind::CdnEdge;
    let rare = signal(&delivery, "names.rare_tenant", Axis::Context, 21);
    assert_eq!(findings(&[rare], |_process| false, |_host| None, &Context::default()), Vec::new());
}

#[test]
fn absent_telemetry_moves_confidence_and_never_the_score() {
    let seen_well = conversation(None);
    let mut seen_badly = seen_well.clone();
    seen_badly.events = 2;
    let rare = |conversation| signal(conversation, "names.rare_tenant", Axis::Context, 21);
    let (well, badly) = (the_finding(&[rare(&seen_well)]), the_finding(&[rare(&seen_badly)]));
    assert_eq!((well.score, well.severity), (badly.score, badly.severity));
    assert!(badly.confidence < well.confidence);
}

#[test]
fn the_most_urgent_come_first_and_identifiers_are_stable() {
    let script = conversation(Some("powershell.exe"));
    let mut plain = conversation(None);
    plain.actor.host = "ws-02".to_owned();
    let signals = [
        signal(&plain, "names.rare_tenant", Axis::Context, 21),
        signal(&script, "endpoint.script_host", Axis::Context, 40),
        signal(&script, "rhythm.beacon", Axis::Rhythm, 23),
    ];
    let ids = |signals: &[Signal]| -> Vec<String> {
        findings(signals, |_| false, |_| None, &Context::default())
            .into_iter()
            .map(|finding| finding.id)
            .collect()
    };
    let forwards = ids(&signals);
    let backwards: Vec<Signal> = signals.iter().rev().cloned().collect();
    assert_eq!(forwards, ids(&backwards));
    assert_eq!(findings(&signals, |_| false, |_| None, &Context::default())[0].actor.host, "ws-01");
}
