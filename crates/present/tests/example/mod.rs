//! A report made by hand: a high, a medium and a low finding, with hostile names, faults, and
//! detections that did not run.

use std::collections::BTreeMap;

use coldtrail_diagnostics::Anomaly;
use coldtrail_model::{
    Action, Actor, Answer, Axis, Baseline, Confidence, Contribution, Conversation, Decision,
    Endpoint, Escalation, Fault, Finding, HostProfile, IntervalCount, Kind, NotRun, Question,
    Reach, RecordReference, Report, Rhythm, RhythmTerm, SCHEMA, Scores, Seen, Severity, Signal,
    Timestamp, Via, Window,
};

/// A contribution that stems from a signal repeats its summary.
const BEACON: &str = "480 polls, one every 60 s with little jitter, for 8 h";

/// Three findings, and all that can surround them.
pub(crate) fn report() -> Report {
    Report {
        schema: SCHEMA.to_owned(),
        generated: at(30 * 60),
        window: Window { since: Some(at(0)), until: None },
        findings: vec![worker(), apps_script(), hostile()],
        baseline: baseline(),
        rules: None,
        seen: seen(),
        not_run: not_run(),
        faults: faults(),
    }
}

/// A month of history, which knows the first host.
fn baseline() -> Baseline {
    let profile = HostProfile {
        since: at(-30 * 24 * 60),
        days: 22,
        hours: vec![7, 8, 9, 10, 11, 13, 14, 15],
        events_a_day: 12_345,
        sent_bytes_a_day: 4_200_000,
    };
    Baseline {
        active_hosts: 42,
        reaches_back_to: Some(at(-30 * 24 * 60)),
        reaches_to: Some(at(30 * 60)),
        hosts: BTreeMap::from([(worker().actor.host, profile)]),
    }
}

/// Nothing found in one log of connections.
pub(crate) fn empty() -> Report {
    let conn = source("conn.log", "zeek.conn", 1_204, &[("flow", 1_204)]);
    Report {
        window: Window::default(),
        findings: Vec::new(),
        seen: vec![conn],
        not_run: vec![NotRun {
            detection: "rhythm.dns_only".to_owned(),
            because: "no table `dns`".to_owned(),
        }],
        faults: Vec::new(),
        ..report()
    }
}

fn term(name: &str, value: f64, chance: f64, contribution: f64) -> RhythmTerm {
    RhythmTerm { name: name.to_owned(), value, chance, contribution }
}

fn interval(from_seconds: f64, to_seconds: f64, count: u64) -> IntervalCount {
    IntervalCount { from_seconds, to_seconds, count }
}

/// 2026-04-13 08:00 UTC and a number of minutes.
fn at(minutes: i64) -> Timestamp {
    Timestamp(1_776_067_200_000_000 + minutes * 60_000_000)
}

fn worker() -> Finding {
    let actor = Actor {
        host: "ws-042".to_owned(),
        ip: Some("10.20.0.42".to_owned()),
        user: Some("CORP\\alice".to_owned()),
        process: Some("powershell.exe".to_owned()),
        parent_process: Some("winword.exe".to_owned()),
    };
    let endpoint = Endpoint {
        host: "calm-wildflower-1349.hellohiall.workers.dev".to_owned(),
        provider: "Cloudflare".to_owned(),
        product: "Workers".to_owned(),
        kind: Kind::EdgeWorker,
        tenant: Some("calm-wildflower-1349.hellohiall".to_owned()),
        group: Some("hellohiall".to_owned()),
        function: None,
        reach: Reach::Tenant,
        via: Via::Host,
        related_hosts: vec!["orange-cell-1353.hellohiall.workers.dev".to_owned()],
    };
    let script_host = Signal {
        summary: "powershell.exe called calm-wildflower-1349.hellohiall.workers.dev, which 1 of \
                  214 hosts does, with https://calm-wildflower-1349.hellohiall.workers.dev/a?token=\
                  5f2c1e and nothing else that day"
            .to_owned(),
        ..signal("endpoint.script_host", &["T1059.001", "T1583.007"], 0.9, &actor, &endpoint)
    };
    let beacon = Signal {
        summary: BEACON.to_owned(),
        rhythm: Some(Rhythm {
            period_seconds: 60.2,
            regularity: 0.924,
            polls: 480,
            miss_rate: 0.018,
            strength: 0.91,
            requests: 962,
            burst_gap_seconds: 2.0,
            gap_share: 0.0,
            duty: 1.0,
            active_days: 1,
            upload_ratio: Some(0.44),
            terms: vec![
                term("concentration", 0.99, 0.48, 0.54),
                term("dispersion", 0.93, 0.51, 0.384),
            ],
            intervals: vec![
                interval(50.0, 56.0, 3),
                interval(56.0, 63.2, 455),
                interval(63.2, 69.0, 12),
                interval(69.0, 93.0, 0),
                interval(93.0, 150.5, 9),
            ],
        }),
        records: (0..12).map(|index| record("zeek/conn.log.gz", 120_456 + index * 214)).collect(),
        ..signal("rhythm.beacon", &["T1071.001"], 0.91, &actor, &endpoint)
    };
    Finding {
        id: "3f9ab2c4d5e6f708".to_owned(),
        title: "powershell.exe on ws-042 polls one Cloudflare Worker every minute, and no other \
                host does"
            .to_owned(),
        score: 82,
        severity: Severity::High,
        confidence: Confidence::High,
        scores: Scores { rhythm: Some(71), context: 64 },
        contributions: vec![
            contribution("beacon", Axis::Rhythm, 34, BEACON),
            contribution("persistence", Axis::Rhythm, 8, "polled through 8 of 8 active hours"),
            contribution(
                "script host",
                Axis::Context,
                30,
                "powershell.exe runs scripts, and scripts seldom have a reason to poll a platform \
                 that no other program of this host uses",
            ),
            contribution("rare tenant", Axis::Context, 15, "1 of 214 hosts reached this tenant"),
            contribution("working hours", Axis::Context, -5, "silent outside 08:00 – 16:00"),
        ],
        signals: vec![script_host, beacon],
        questions: vec![
            question(
                "process",
                "Is the process one that browses?",
                Answer::No,
                "powershell.exe is a script host",
            ),
            question(
                "sanctioned",
                "Is the endpoint sanctioned?",
                Answer::NotAnswerable,
                "no list of sanctioned services was given",
            ),
            question(
                "spread",
                "Do other hosts reach the tenant?",
                Answer::No,
                "ws-042 is the only one of 214",
            ),
        ],
        escalation: Escalation {
            decision: Decision::Escalate,
            because: "an unsanctioned script host polls a tenant that nobody else reaches"
                .to_owned(),
        },
        actions: vec![
            action(
                "Block the host name calm-wildflower-1349.hellohiall.workers.dev at the proxy",
                Some(0),
            ),
            action("Isolate ws-042 and collect its memory before the process ends", None),
            action("Look for the account hellohiall in other telemetry", Some(3)),
        ],
        ..finding(actor, endpoint, 480, 480)
    }
}

fn apps_script() -> Finding {
    let actor = Actor {
        host: "fileserver-frankfurt-01".to_owned(),
        process: Some("updater.exe".to_owned()),
        ..Actor::default()
    };
    let endpoint = Endpoint {
        host: "script.google.com".to_owned(),
        provider: "Google".to_owned(),
        product: "Apps Script".to_owned(),
        kind: Kind::Script,
        tenant: Some("AKfycbxR0yVq1Zt8mJwQnLxk3P9s".to_owned()),
        group: None,
        function: Some("exec".to_owned()),
        reach: Reach::Tenant,
        via: Via::Host,
        related_hosts: vec!["script.googleusercontent.com".to_owned()],
    };
    let beacon = Signal {
        summary: "updater.exe polls an Apps Script every 15 min".to_owned(),
        rhythm: Some(Rhythm {
            period_seconds: 900.0,
            regularity: 0.61,
            polls: 31,
            miss_rate: 0.0,
            strength: 0.51,
            ..Rhythm::default()
        }),
        records: vec![RecordReference {
            sha256: None,
            ..record("proxy.zip!/squid/access.log", 88)
        }],
        ..signal("rhythm.beacon", &["T1102.002"], 0.51, &actor, &endpoint)
    };
    Finding {
        id: "90cc12aa34bb56dd".to_owned(),
        title: "updater.exe on fileserver-frankfurt-01 polls an Apps Script every 15 minutes"
            .to_owned(),
        score: 55,
        severity: Severity::Medium,
        confidence: Confidence::Medium,
        scores: Scores { rhythm: Some(48), context: 40 },
        contributions: vec![
            contribution("steady rhythm", Axis::Rhythm, 25, "31 polls every 15 min, 61 % regular"),
            contribution("server", Axis::Context, 30, "a file server is no web client"),
        ],
        signals: vec![beacon],
        questions: vec![question(
            "sanctioned",
            "Is the endpoint sanctioned?",
            Answer::Yes,
            "sanctioned.csv line 4 allows script.google.com for backup, but not for updater.exe",
        )],
        escalation: Escalation {
            decision: Decision::Monitor,
            because: "the medium severity of an endpoint in use by the backup".to_owned(),
        },
        actions: vec![action("Ask the owner of fileserver-frankfurt-01 what updater.exe is", None)],
        ..finding(actor, endpoint, 31, 480)
    }
}

/// What an attacker would write into a log that an analyst reads at a terminal.
fn hostile() -> Finding {
    let actor = Actor {
        host: "ホスト-7\u{1b}[2J".to_owned(),
        process: Some("invoice\u{202e}fdp.exe".to_owned()),
        ..Actor::default()
    };
    let endpoint = Endpoint {
        host: "xn--bcher-kva.azurewebsites.net".to_owned(),
        provider: "Microsoft Azure".to_owned(),
        product: "Functions / App Service".to_owned(),
        kind: Kind::Function,
        tenant: Some("xn--bcher-kva".to_owned()),
        group: None,
        function: None,
        reach: Reach::Tenant,
        via: Via::Cname,
        related_hosts: Vec::new(),
    };
    let first_seen = Signal {
        summary: "called https://xn--bcher-kva.azurewebsites.net/api/x?code=Zm9vYmFy\r\nfirst seen"
            .to_owned(),
        records: vec![record("dns\u{7}.log", 4_096)],
        ..signal("names.first_seen", &[], 0.3, &actor, &endpoint)
    };
    Finding {
        id: "00aa11bb22cc33dd".to_owned(),
        title: "invoice\u{202e}fdp.exe on ホスト-7 resolved a new name once".to_owned(),
        score: 18,
        severity: Severity::Low,
        confidence: Confidence::Low,
        scores: Scores { rhythm: None, context: 30 },
        contributions: vec![
            contribution("first seen", Axis::Context, 12, "never resolved before\u{200b}"),
            contribution("a name that is longer than any name should be", Axis::Context, 6, "so"),
        ],
        signals: vec![first_seen],
        questions: Vec::new(),
        escalation: Escalation { decision: Decision::Close, because: "seen once".to_owned() },
        actions: Vec::new(),
        ..finding(actor, endpoint, 1, 0)
    }
}

/// A finding in which only who, what and when are set.
fn finding(actor: Actor, endpoint: Endpoint, events: u64, minutes: i64) -> Finding {
    Finding {
        id: String::new(),
        title: String::new(),
        score: 0,
        severity: Severity::Low,
        confidence: Confidence::Low,
        endpoint,
        actor,
        first_seen: at(0),
        last_seen: at(minutes),
        events,
        scores: Scores { rhythm: None, context: 0 },
        contributions: Vec::new(),
        signals: Vec::new(),
        questions: Vec::new(),
        escalation: Escalation { decision: Decision::Close, because: String::new() },
        actions: Vec::new(),
    }
}

fn signal(
    detection: &str,
    attack: &[&str],
    strength: f64,
    actor: &Actor,
    endpoint: &Endpoint,
) -> Signal {
    Signal {
        detection: detection.to_owned(),
        attack: attack.iter().map(|&technique| technique.to_owned()).collect(),
        strength,
        summary: String::new(),
        records: vec![record("sysmon.evtx", 69_632)],
        axis: Axis::Context,
        weight: 30,
        conversation: conversation(actor, endpoint),
        rhythm: None,
        rule: None,
    }
}

fn conversation(actor: &Actor, endpoint: &Endpoint) -> Conversation {
    Conversation {
        actor: actor.clone(),
        executable: None,
        command_line: None,
        endpoint: endpoint.clone(),
        first_seen: at(0),
        last_seen: at(480),
        events: 480,
        bytes: None,
        longest_nanoseconds: None,
        channels: vec!["dns".to_owned()],
        datasets: vec!["zeek.dns".to_owned()],
        user_agents: Vec::new(),
        fingerprints: Vec::new(),
        fronts: Vec::new(),
        endpoint_telemetry: false,
        tenant_hosts: 1,
        active_hosts: 214,
        tenant_first_seen: at(0),
        tenant_pollers: 1,
        tenant_processes: Vec::new(),
        process_hosts: 1,
        sensor_hosts: 10,
        counted: None,
    }
}

fn record(source: &str, offset: u64) -> RecordReference {
    let sha256 = format!("{:064x}", offset.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    RecordReference {
        source: source.to_owned(),
        offset,
        length: 1_214,
        sha256: Some(sha256.chars().rev().collect()),
    }
}

fn contribution(name: &str, axis: Axis, points: i16, because: &str) -> Contribution {
    Contribution { name: name.to_owned(), axis, points, because: because.to_owned() }
}

fn question(id: &str, question: &str, answer: Answer, because: &str) -> Question {
    Question {
        id: id.to_owned(),
        question: question.to_owned(),
        answer,
        because: because.to_owned(),
        records: vec![record("sysmon.evtx", 69_632)],
    }
}

fn action(action: &str, collateral: Option<u64>) -> Action {
    Action { action: action.to_owned(), collateral }
}

fn seen() -> Vec<Seen> {
    let mut seen = vec![
        source("dns\u{7}.log", "zeek.dns", 2_345, &[("dns", 2_340)]),
        source(
            "sysmon.evtx",
            "windows.sysmon",
            3_000,
            &[("dns", 900), ("flow", 1_500), ("process", 600)],
        ),
        source("zeek/conn.log.gz", "zeek.conn", 5_000, &[("flow", 4_998)]),
        source("zeek/conn.1.log.gz", "zeek.conn", 2_000, &[("flow", 2_000)]),
    ];
    seen.extend((0..27).map(|index| Seen {
        source: format!("notes/{index:02}.txt"),
        format: None,
        tables: BTreeMap::new(),
        first: None,
        last: None,
        records: 0,
        anomalies: BTreeMap::from([("unknown-format".to_owned(), 1)]),
    }));
    seen
}

fn source(source: &str, format: &str, records: u64, tables: &[(&str, u64)]) -> Seen {
    Seen {
        source: source.to_owned(),
        format: Some(format.to_owned()),
        tables: tables.iter().map(|&(table, rows)| (table.to_owned(), rows)).collect(),
        first: Some(at(0)),
        last: Some(at(480)),
        records,
        anomalies: BTreeMap::new(),
    }
}

fn not_run() -> Vec<NotRun> {
    [
        ("endpoint.dropped_script", "no table `file`"),
        ("endpoint.script_block", "no table `script`"),
        ("volume.upload", "no table `web`"),
        ("volume.narrow", "no table `web`"),
    ]
    .map(|(detection, because)| NotRun {
        detection: detection.to_owned(),
        because: because.to_owned(),
    })
    .into()
}

fn faults() -> Vec<Fault> {
    let mut faults = vec![
        fault(
            "dns\u{7}.log",
            Anomaly::InvalidTimestamp,
            Some(1_204),
            5,
            "`\u{1b}]0;pwned` is no time",
        ),
        fault(
            "sysmon.evtx",
            Anomaly::CorruptChunk,
            Some(65_536),
            1,
            "the chunk's checksum is wrong",
        ),
        fault("zeek/conn.log.gz", Anomaly::InvalidTimestamp, Some(88), 1_200, "`-` is no time"),
        fault(
            "zeek/conn.log.gz",
            Anomaly::TruncatedStream,
            Some(9_000_000),
            1,
            "the gzip stream ends inside a block",
        ),
    ];
    faults.extend((0..27).map(|index| {
        fault(
            &format!("notes/{index:02}.txt"),
            Anomaly::UnknownFormat,
            None,
            1,
            "it begins like prose",
        )
    }));
    faults
}

fn fault(source: &str, anomaly: Anomaly, offset: Option<u64>, count: u64, message: &str) -> Fault {
    Fault {
        source: source.to_owned(),
        code: anomaly.code().to_owned(),
        offset,
        count,
        message: message.to_owned(),
        help: anomaly.help().to_owned(),
    }
}
