//! Rules in KQL: files of queries, whose rows become signals beside those of our own detections.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use coldtrail_catalogue::{Catalogue, Identification, split_url};
use coldtrail_detect::lower::values::{cells, row_of};
use coldtrail_model::{
    Actor, Axis, Conversation, Endpoint, Kind, NotRun, Reach, RuleSource, Severity, Signal,
    Timestamp, Via,
};
use coldtrail_rules::kql::{self, DateTime, Gravity, Rule, Schema, Value};
use walkdir::WalkDir;

use super::{QueryEngine, why};

/// At most so many files are read as rules.
const MOST_FILES: usize = 100_000;
/// At most so many hosts, programs and endpoints are told of one rule.
const MOST_SIGNALS: usize = 10_000;

/// Rules with the files that they are in.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// The rules, in the order of their files.
    pub rules: Vec<(PathBuf, Rule)>,
    /// Files that are no rules, and why.
    pub problems: Vec<(PathBuf, String)>,
}

/// What became of rules.
#[derive(Clone, Debug, Default)]
pub struct RuleHits {
    /// What they say, rule by rule.
    pub signals: Vec<Signal>,
    /// Rules that could not run.
    pub not_run: Vec<NotRun>,
    /// How many rows each rule gave, and which rule.
    pub rows: Vec<(String, u64)>,
}

impl Rules {
    /// The rules of a file, or of all `.kql`, `.csl`, `.yaml` and `.yml` files of a folder.
    pub fn of(path: &Path) -> Rules {
        let mut rules = Rules::default();
        let files = WalkDir::new(path).sort_by_file_name().into_iter().filter_map(Result::ok);
        for entry in files.filter(|entry| entry.file_type().is_file()).take(MOST_FILES) {
            let name = entry.path().to_string_lossy().to_string();
            let ending = name.rsplit('.').next().unwrap_or_default().to_lowercase();
            if !["kql", "csl", "kusto", "yaml", "yml"].contains(&ending.as_str()) {
                continue;
            }
            let text = fs::read_to_string(entry.path()).map_err(|error| error.to_string());
            match text.and_then(|text| Rule::of_file(&name, &text)) {
                Ok(rule) => rules.rules.push((entry.path().to_owned(), rule)),
                Err(reason) => rules.problems.push((entry.path().to_owned(), reason)),
            }
        }
        rules
    }
}

impl QueryEngine {
    /// Runs rules one after the other. A rule that cannot run is told, and harms no other.
    pub fn run_rules(&self, rules: &Rules) -> RuleHits {
        let mut hits = RuleHits::default();
        for (file, reason) in &rules.problems {
            let detection = format!("rule:{}", file.display());
            hits.not_run.push(NotRun { detection, because: reason.clone() });
        }
        for (file, rule) in &rules.rules {
            match self.run_rule(file, rule) {
                Ok((signals, rows)) => {
                    hits.signals.extend(signals);
                    hits.rows.push((rule.name.clone(), rows));
                }
                Err(because) => {
                    hits.not_run.push(NotRun { detection: identifier(rule), because });
                }
            }
        }
        hits
    }

    fn run_rule(&self, file: &Path, rule: &Rule) -> Result<(Vec<Signal>, u64), String> {
        let prepared = self.kql(&rule.query).map_err(|problems| {
            let error = problems.iter().find(|problem| problem.gravity == Gravity::Error);
            let told = error.or(problems.first()).map(|problem| {
                let (line, column) = problem.span.line_and_column(&rule.query);
                format!("{}, line {line}, column {column} of the query: {problem}", file.display())
            });
            told.unwrap_or_default()
        })?;
        let Some(plan) = &prepared.plan else { return Ok((Vec::new(), 0)) };
        let meanings = Meanings::of(&plan.schema, rule);
        let mut groups: BTreeMap<Key, Group> = BTreeMap::new();
        let mut rows = 0;
        let now = self.surroundings().now;
        self.run(&prepared, &mut |batch| {
            let columns = cells(batch.columns(), plan.schema.iter().map(|column| column.r#type))?;
            for place in 0..batch.num_rows() {
                rows += 1;
                let row = row_of(&columns, place);
                let key = meanings.key(&row);
                if groups.len() < MOST_SIGNALS || groups.contains_key(&key) {
                    groups.entry(key).or_default().add(&meanings, &row, now);
                }
            }
            Ok(())
        })
        .map_err(|error| why(&error))?;
        if !rule.threshold.is_met(rows) {
            return Ok((Vec::new(), rows));
        }
        let signals = groups.into_iter().map(|(key, group)| signal(file, rule, key, group));
        Ok((signals.collect(), rows))
    }
}

fn identifier(rule: &Rule) -> String {
    format!("rule:{}", rule.id)
}

/// What a row is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    host: String,
    process: Option<String>,
    remote: String,
}

/// Rows about the same.
#[derive(Debug, Default)]
struct Group {
    rows: u64,
    first: Option<i64>,
    last: Option<i64>,
    ip: Option<String>,
    user: Option<String>,
    parent: Option<String>,
    executable: Option<String>,
    command_line: Option<String>,
}

impl Group {
    fn add(&mut self, meanings: &Meanings, row: &[Value], now: DateTime) {
        self.rows += 1;
        let moment = meanings.moment(row).unwrap_or(now).0;
        self.first = Some(self.first.map_or(moment, |first| first.min(moment)));
        self.last = Some(self.last.map_or(moment, |last| last.max(moment)));
        let keep = |known: &mut Option<String>, place: Option<usize>| {
            if known.is_none() {
                *known = text(row, place);
            }
        };
        keep(&mut self.ip, meanings.ip);
        keep(&mut self.user, meanings.user);
        keep(&mut self.parent, meanings.parent);
        keep(&mut self.executable, meanings.executable);
        keep(&mut self.command_line, meanings.command_line);
    }
}

/// Which column says what: as the rule maps entities, or else by the names that tables give.
#[derive(Debug)]
struct Meanings {
    time: Option<usize>,
    host: Option<usize>,
    ip: Option<usize>,
    user: Option<usize>,
    process: Option<usize>,
    parent: Option<usize>,
    executable: Option<usize>,
    command_line: Option<usize>,
    remote: Option<usize>,
}

impl Meanings {
    fn of(schema: &Schema, rule: &Rule) -> Self {
        let named = |names: &[&str]| {
            names.iter().find_map(|name| schema.iter().position(|column| column.name == *name))
        };
        let mapped = |kinds: &[(&str, &[&str])]| {
            kinds.iter().find_map(|(kind, identifiers)| {
                let is_it = |entity: &&kql::Entity| {
                    entity.kind.eq_ignore_ascii_case(kind)
                        && identifiers
                            .iter()
                            .any(|known| entity.identifier.eq_ignore_ascii_case(known))
                };
                let column = &rule.entities.iter().find(is_it)?.column;
                schema.iter().position(|known| known.name == *column)
            })
        };
        Self {
            time: named(&[
                "Timestamp",
                "TimeGenerated",
                "timestamp",
                "EventStartTime",
                "StartTime",
                "StartTimeUtc",
            ]),
            host: mapped(&[("Host", &["FullName", "HostName", "NetBiosName", "AzureID"])]).or(
                named(&[
                    "DeviceName",
                    "Computer",
                    "host_name",
                    "HostName",
                    "DvcHostname",
                    "SrcHostname",
                    "Dvc",
                    "HostCustomEntity",
                ]),
            ),
            ip: mapped(&[("IP", &["Address"])]).or(named(&[
                "LocalIP",
                "source_ip",
                "SrcIpAddr",
                "SourceIP",
                "ClientIP",
                "IPAddress",
                "SourceIpAddress",
                "IPCustomEntity",
            ])),
            user: mapped(&[("Account", &["FullName", "Name", "UPNSuffix", "Sid"])]).or(named(&[
                "InitiatingProcessAccountName",
                "AccountName",
                "user_name",
                "Account",
                "UserPrincipalName",
                "SubjectUserName",
                "UserIdentityArn",
                "Caller",
                "User",
                "AccountCustomEntity",
            ])),
            process: named(&[
                "InitiatingProcessFileName",
                "process_name",
                "ActingProcessName",
                "FileName",
                "NewProcessName",
                "ProcessName",
                "Process",
            ]),
            parent: named(&[
                "InitiatingProcessParentFileName",
                "process_parent_name",
                "ParentProcessName",
            ]),
            executable: named(&["InitiatingProcessFolderPath", "process_executable", "FolderPath"]),
            command_line: mapped(&[("Process", &["CommandLine"])]).or(named(&[
                "InitiatingProcessCommandLine",
                "ProcessCommandLine",
                "process_command_line",
                "CommandLine",
                "ActingProcessCommandLine",
            ])),
            remote: mapped(&[("URL", &["Url"]), ("DNS", &["DomainName"])]).or(named(&[
                "RemoteUrl",
                "Url",
                "url_full",
                "url_domain",
                "dns_question_name",
                "tls_client_server_name",
                "destination_domain",
                "DnsQuery",
                "RequestURL",
                "DestinationHostName",
                "QueryName",
                "DestinationDomain",
                "Domain",
                "RemoteDnsCanonicalNames",
                "URLCustomEntity",
                "RemoteIP",
                "DestinationIP",
                "DstIpAddr",
                "destination_ip",
            ])),
        }
    }

    fn key(&self, row: &[Value]) -> Key {
        let host = text(row, self.host).or_else(|| text(row, self.ip)).unwrap_or_default();
        let process = text(row, self.process)
            .map(|path| path.rsplit(['\\', '/']).next().unwrap_or(&path).to_lowercase());
        Key {
            host: host.to_lowercase(),
            process,
            remote: text(row, self.remote).unwrap_or_default(),
        }
    }

    fn moment(&self, row: &[Value]) -> Option<DateTime> {
        match row.get(self.time?)? {
            Value::DateTime(moment) => Some(*moment),
            _ => None,
        }
    }
}

fn text(row: &[Value], place: Option<usize>) -> Option<String> {
    let text = row.get(place?)?.text();
    (!text.is_empty()).then_some(text)
}

fn signal(file: &Path, rule: &Rule, key: Key, group: Group) -> Signal {
    let severity = rule.severity.map(|severity| match severity {
        kql::Severity::Informational | kql::Severity::Low => Severity::Low,
        kql::Severity::Medium => Severity::Medium,
        kql::Severity::High => Severity::High,
    });
    let moment = |ticks: Option<i64>| {
        Timestamp(ticks.unwrap_or(DateTime::EPOCH).saturating_sub(DateTime::EPOCH).div_euclid(10))
    };
    let (first_seen, last_seen) = (moment(group.first), moment(group.last));
    let endpoint = endpoint(&key.remote, rule);
    let rows = if group.rows == 1 { "a row".to_owned() } else { format!("{} rows", group.rows) };
    let about =
        if key.remote.is_empty() { String::new() } else { format!(" about {}", key.remote) };
    Signal {
        detection: identifier(rule),
        attack: rule.techniques.clone(),
        strength: 1.0,
        summary: format!("the rule `{}` gives {rows}{about}", rule.name),
        records: Vec::new(),
        axis: Axis::Context,
        weight: match severity {
            Some(Severity::High | Severity::Critical) => 30,
            Some(Severity::Medium) => 20,
            Some(Severity::Low) | None => 10,
        },
        conversation: Conversation {
            actor: Actor {
                host: key.host,
                ip: group.ip,
                user: group.user,
                process: key.process,
                parent_process: group.parent.map(|parent| parent.to_lowercase()),
            },
            executable: group.executable,
            command_line: group.command_line,
            endpoint,
            first_seen,
            last_seen,
            events: group.rows,
            bytes: None,
            longest_nanoseconds: None,
            channels: Vec::new(),
            datasets: Vec::new(),
            user_agents: Vec::new(),
            fingerprints: Vec::new(),
            fronts: Vec::new(),
            endpoint_telemetry: false,
            tenant_hosts: 1,
            active_hosts: 0,
            tenant_first_seen: first_seen,
            tenant_pollers: 0,
            tenant_processes: Vec::new(),
            process_hosts: 0,
            sensor_hosts: 0,
            counted: None,
        },
        rhythm: None,
        rule: Some(RuleSource {
            name: rule.name.clone(),
            file: file.display().to_string(),
            author: rule.author.clone(),
            license: String::new(),
            severity,
            tactics: rule.tactics.clone(),
        }),
    }
}

/// The endpoint that a URL or host name is of, or else one that is none of a known platform.
fn endpoint(remote: &str, rule: &Rule) -> Endpoint {
    if let Identification::Endpoint(known) = Catalogue::builtin().identify_url(remote) {
        return known;
    }
    let host = split_url(remote).map_or(remote, |location| location.host).to_lowercase();
    Endpoint {
        host,
        provider: String::new(),
        product: rule.name.clone(),
        kind: Kind::Other,
        tenant: None,
        group: None,
        function: None,
        reach: Reach::PlatformOnly,
        via: Via::Host,
        related_hosts: Vec::new(),
    }
}
