//! What a context does to findings: each piece by its name, and no more than it says.

mod example;

use coldtrail_correlate::findings;
use coldtrail_model::{
    Actor, Answer, Axis, Conversation, Decision, Endpoint, Finding, Kind, Reach, Severity, Signal,
    Timestamp, Via,
};
use coldtrail_triage::{Context, Platforms, Profile, Role};
use example::signal;

/// 2026-04-13T09:00:00Z.
const NOW: Timestamp = Timestamp(1_776_070_800_000_000);

/// A world in which every host is its own tenant's.
struct OwnHosts;

impl Platforms for OwnHosts {
    fn endpoint(&self, _host: &str, _path: Option<&str>) -> Option<Endpoint> {
        None
    }

    fn is_above_tenants(&self, _name: &str) -> bool {
        false
    }
}

fn context(files: &[(&str, &str)]) -> Context {
    let mut context = Context::default();
    for (name, text) in files {
        assert_eq!(context.add(name, text, NOW, &OwnHosts), Vec::new(), "{name}");
    }
    context
}

fn conversation(host: &str, process: Option<&str>) -> Conversation {
    Conversation {
        actor: Actor {
            host: host.to_owned(),
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
        first_seen: NOW,
        last_seen: Timestamp(NOW.0 + 3_600_000_000),
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
        tenant_first_seen: NOW,
        tenant_pollers: 1,
        tenant_processes: Vec::new(),
        process_hosts: 1,
        sensor_hosts: 10,
        counted: None,
    }
}

/// All that speaks against a script that polls a tenant which no other host knows.
fn script_that_polls(conversation: &Conversation) -> Vec<Signal> {
    vec![
        signal(conversation, "endpoint.non_browser", Axis::Context, 10),
        signal(conversation, "endpoint.script_host", Axis::Context, 30),
        signal(conversation, "names.rare_tenant", Axis::Context, 18),
        signal(conversation, "rhythm.beacon", Axis::Rhythm, 25),
    ]
}

fn the_finding(signals: &[Signal], context: &Context) -> Finding {
    let mut findings = findings(signals, |_| false, |_| None, context);
    assert_eq!(findings.len(), 1);
    let finding = findings.remove(0);
    let sum: i16 = finding.contributions.iter().map(|one| one.points).sum();
    assert_eq!(sum, i16::from(finding.score), "{:#?}", finding.contributions);
    finding
}

fn points(finding: &Finding, name: &str) -> Option<i16> {
    finding.contributions.iter().find(|one| one.name == name).map(|one| one.points)
}

/// The answer to a question and why; no words where the question is not there.
fn answer<'f>(finding: &'f Finding, id: &str) -> (Answer, &'f str) {
    let question = finding.questions.iter().find(|one| one.id == id);
    question.map_or((Answer::NotAnswerable, ""), |one| (one.answer, one.because.as_str()))
}

const SANCTIONED: &str = "endpoint,host,process,owner,reason,expires\n\
    *.acme.workers.dev,job-1,,IT operations,nightly jobs,2026-12-31\n";

#[test]
fn a_sanctioned_poller_is_low_and_says_who_answers_for_it() {
    let context = context(&[("sanctioned.csv", SANCTIONED)]);
    for process in [Some("powershell.exe"), Some("agent.exe"), None] {
        let conversation = conversation("job-1", process);
        let finding = the_finding(&script_that_polls(&conversation), &context);
        assert_eq!((finding.severity, finding.scores.context), (Severity::Low, 0));
        assert_eq!(points(&finding, "sanctioned"), Some(-58));
        let (answer, because) = answer(&finding, "legitimate-use");
        assert_eq!(answer, Answer::Yes);
        for part in ["line 2", "IT operations", "nightly jobs", "2027-01-01T00:00:00Z"] {
            assert!(because.contains(part), "{because}");
        }
        assert_eq!(finding.escalation.decision, Decision::Close);
        assert!(finding.actions[0].action.contains("IT operations"));
    }
}

#[test]
fn no_contributions_however_many_lift_a_sanctioned_poller_above_low() {
    let assets = "name,role,criticality\njob-1,domain controller,critical\n";
    let context = context(&[("sanctioned.csv", SANCTIONED), ("assets.csv", assets)]);
    let conversation = conversation("job-1", Some("powershell.exe"));
    let mut signals = script_that_polls(&conversation);
    for other in 0..8 {
        signals.push(signal(&conversation, &format!("theme.other_{other}"), Axis::Context, 60));
    }
    let finding = the_finding(&signals, &context);
    assert_eq!((finding.severity, finding.scores.context), (Severity::Low, 0));
}

#[test]
fn what_is_not_sanctioned_is_judged_as_before_and_the_answer_is_no() {
    let context = context(&[("sanctioned.csv", SANCTIONED)]);
    let elsewhere = conversation("ws-9", Some("powershell.exe"));
    let signals = script_that_polls(&elsewhere);
    let (with, without) =
        (the_finding(&signals, &context), the_finding(&signals, &Context::default()));
    assert_eq!(with.contributions, without.contributions);
    assert_eq!(with.severity, Severity::High);
    assert_eq!(answer(&with, "legitimate-use").0, Answer::No);
    assert_eq!(answer(&without, "legitimate-use").0, Answer::NotAnswerable);
}

#[test]
fn a_permission_that_expired_is_no_permission_and_is_told() {
    let text = "endpoint,owner,expires\nsync.acme.workers.dev,shop,2026-04-12\n";
    let mut context = Context::default();
    assert_eq!(context.add("sanctioned.csv", text, NOW, &OwnHosts).len(), 1);
    let finding = the_finding(&script_that_polls(&conversation("ws-1", Some("node"))), &context);
    assert_eq!((finding.severity, points(&finding, "sanctioned")), (Severity::High, None));
    let (answer, because) = answer(&finding, "legitimate-use");
    assert_eq!(answer, Answer::No);
    assert!(because.starts_with("it has expired: sanctioned.csv line 2"), "{because}");
    assert!(finding.actions[0].action.contains("shop"));
}

#[test]
fn a_sanctioned_exchange_that_sends_much_is_watched_and_not_escalated() {
    let context = context(&[("sanctioned.csv", SANCTIONED)]);
    let sends = Conversation { bytes: Some((1 << 30, 1 << 20)), ..conversation("job-1", None) };
    let signals = script_that_polls(&sends);
    assert_eq!(the_finding(&signals, &context).escalation.decision, Decision::Monitor);
    let without = the_finding(&signals, &Context::default());
    assert_eq!(without.escalation.decision, Decision::Escalate);
}

#[test]
fn an_indicator_outweighs_a_permission_and_makes_high_critical() {
    let intel = ("intel/feed.csv", "indicator,description\nacme[.]workers.dev,a campaign\n");
    let script = script_that_polls(&conversation("job-1", Some("powershell.exe")));
    let finding = the_finding(&script, &context(&[intel]));
    assert_eq!((finding.severity, points(&finding, "indicator")), (Severity::Critical, Some(40)));
    assert_eq!(finding.escalation.decision, Decision::Escalate);

    let finding = the_finding(&script, &context(&[intel, ("sanctioned.csv", SANCTIONED)]));
    assert!(finding.severity >= Severity::High, "{:#?}", finding.contributions);
    assert_eq!(finding.escalation.decision, Decision::Escalate);

    let plain = [signal(&conversation("ws-1", None), "names.rare_tenant", Axis::Context, 5)];
    assert_eq!(the_finding(&plain, &context(&[intel])).severity, Severity::Medium);
}

#[test]
fn roles_that_are_no_web_client_and_what_depends_on_them_count() {
    let assets = "name,role,criticality,owner\n\
                  dc-1,DC,critical,directory team\nweb-1,server,high,shop\nws-1,laptop,low,\n";
    let context = context(&[("assets.csv", assets)]);
    let of = |host: &str| {
        let conversation = conversation(host, Some("agent.exe"));
        let signals = [
            signal(&conversation, "endpoint.non_browser", Axis::Context, 10),
            signal(&conversation, "names.rare_tenant", Axis::Context, 18),
            signal(&conversation, "rhythm.beacon", Axis::Rhythm, 25),
        ];
        the_finding(&signals, &context)
    };
    let dc = of("dc-1.corp.example");
    assert_eq!((points(&dc, "role"), points(&dc, "criticality")), (Some(10), Some(2)));
    assert_eq!(dc.severity, Severity::High);
    assert!(dc.actions[0].action.contains("directory team"));
    let web = of("web-1");
    assert_eq!((points(&web, "role"), points(&web, "criticality")), (None, Some(1)));
    assert_eq!(web.severity, Severity::Medium);
    let laptop = of("ws-1");
    assert_eq!((points(&laptop, "role"), points(&laptop, "criticality")), (None, None));
}

#[test]
fn a_change_answers_the_question_and_lowers() {
    let text = "from,to,scope,reason\n2026-04-13,2026-04-14,*.acme.workers.dev,new release\n";
    let context = context(&[("changes.csv", text)]);
    let signals = script_that_polls(&conversation("ws-1", Some("node")));
    let finding = the_finding(&signals, &context);
    assert_eq!(points(&finding, "change window"), Some(-8));
    let (yes, because) = answer(&finding, "recent-change");
    assert_eq!(yes, Answer::Yes);
    assert!(because.contains("new release"), "{because}");

    let before = Conversation { first_seen: Timestamp(0), ..conversation("ws-1", Some("node")) };
    let finding = the_finding(&script_that_polls(&before), &context);
    assert_eq!(points(&finding, "change window"), None);
    assert_eq!(answer(&finding, "recent-change").0, Answer::No);
}

/// A host of a role, a program that the role's work is done by, and one that it is not.
struct Class {
    profile: &'static str,
    role: &'static str,
    program: &'static str,
    implant: &'static str,
}

/// The six classes of false positives.
const CLASSES: [Class; 6] = [
    Class {
        profile: "build-agents",
        role: "build agent",
        program: "node.exe",
        implant: "powershell.exe",
    },
    Class {
        profile: "developer-workstations",
        role: "developer workstation",
        program: "python.exe",
        implant: "powershell.exe",
    },
    Class {
        profile: "it-automation",
        role: "it automation",
        program: "powershell.exe",
        implant: "mshta.exe",
    },
    Class { profile: "monitoring", role: "monitoring", program: "python3", implant: "bash" },
    Class { profile: "rpa", role: "rpa", program: "autoit3.exe", implant: "powershell.exe" },
    Class { profile: "scanners", role: "scanner", program: "python3", implant: "powershell.exe" },
];

fn on_a_host_of(role: &str) -> Context {
    let text = format!("name,role\nhost-1,{role}\nhost-2,workstation\nhost-3,server\n");
    context(&[("assets.csv", &text)])
}

/// What profiles took away, by the name of what they lowered.
fn forgiven(finding: &Finding) -> Vec<(&str, i16)> {
    let is_of_profile = |name: &str| {
        Profile::shipped().iter().any(|profile| name.starts_with(&format!("{}: ", profile.name)))
    };
    let ours = finding.contributions.iter().filter(|one| is_of_profile(&one.name));
    ours.map(|one| (one.name.as_str(), one.points)).collect()
}

#[test]
fn the_work_of_each_class_is_no_high_finding() {
    for Class { profile, role, program, .. } in CLASSES {
        let work = script_that_polls(&conversation("host-1", Some(program)));
        let finding = the_finding(&work, &on_a_host_of(role));
        assert!(finding.severity <= Severity::Medium, "{profile}: {:#?}", finding.contributions);
        let forgiven = forgiven(&finding);
        assert!(!forgiven.is_empty(), "{profile}");
        assert!(forgiven.iter().all(|(name, points)| name.starts_with(profile) && *points < 0));
        let because = &finding.contributions.iter().find(|one| one.name == forgiven[0].0);
        assert!(because.expect("it is there").because.contains("host-1 has the role"));
    }
}

#[test]
fn an_implant_of_the_same_shape_outside_the_role_is_not_lowered() {
    for Class { profile, role, program, .. } in CLASSES {
        for host in ["host-2", "host-3", "host-unlisted"] {
            let implant = script_that_polls(&conversation(host, Some(program)));
            let finding = the_finding(&implant, &on_a_host_of(role));
            assert_eq!(forgiven(&finding), Vec::new(), "{profile} on {host}");
            assert_eq!(finding.severity, Severity::High, "{profile} on {host}");
        }
        let nobody_said = script_that_polls(&conversation("host-1", Some(program)));
        let finding = the_finding(&nobody_said, &Context::default());
        assert_eq!(finding.severity, Severity::High, "{profile} without assets.csv");
    }
}

#[test]
fn a_living_off_the_land_binary_on_a_host_of_the_role_is_not_lowered() {
    for Class { profile, role, implant, .. } in CLASSES {
        for program in [implant, "mshta.exe", "rundll32.exe", "regsvr32.exe"] {
            let script = script_that_polls(&conversation("host-1", Some(program)));
            let finding = the_finding(&script, &on_a_host_of(role));
            assert_eq!(forgiven(&finding), Vec::new(), "{profile}: {program}");
            assert_eq!(finding.severity, Severity::High, "{profile}: {program}");
        }
    }
}

#[test]
fn nothing_is_forgiven_where_an_attacker_is_known() {
    let assets = ("assets.csv", "name,role\nhost-1,ci runner\n");
    let intel = ("intel/list.txt", "sync.acme.workers.dev\n");
    let work = script_that_polls(&conversation("host-1", Some("node")));
    let finding = the_finding(&work, &context(&[assets, intel]));
    assert_eq!((forgiven(&finding), finding.severity), (Vec::new(), Severity::Critical));
}

#[test]
fn a_profile_takes_away_no_more_than_there_is() {
    let conversation = conversation("host-1", Some("node"));
    let faint = [signal(&conversation, "endpoint.script_host", Axis::Context, 3)];
    let finding = the_finding(&faint, &on_a_host_of("ci runner"));
    assert_eq!(forgiven(&finding), [("build-agents: script host", -3)]);
    assert_eq!(finding.score, 0);
}

#[test]
fn every_class_of_the_playbook_has_its_profile() {
    for Class { profile, role, .. } in CLASSES {
        let found = Profile::shipped().iter().find(|one| one.name == profile).expect(profile);
        let role = Role::named(role).expect(role);
        assert!(found.roles().any(|one| one == role), "{profile}");
    }
    assert_eq!(Profile::shipped().len(), CLASSES.len());
}

#[test]
fn who_answers_for_one_tenant_does_not_answer_for_a_rotation() {
    let conversation = conversation("ws-1", Some("agent.exe"));
    let signals = [signal(&conversation, "rhythm.rotation", Axis::Rhythm, 25)];
    let names = |endpoint: &str| {
        let table = format!("endpoint,owner\n{endpoint},web team\n");
        let made = findings(&signals, |_| false, |_| None, &context(&[("sanctioned.csv", &table)]));
        let contributions = made.into_iter().flat_map(|finding| finding.contributions);
        contributions.map(|one| one.name).collect::<Vec<_>>()
    };
    assert!(!names("sync.acme.workers.dev").contains(&"sanctioned".to_owned()));
    assert!(names("*.acme.workers.dev").contains(&"sanctioned".to_owned()));
}
