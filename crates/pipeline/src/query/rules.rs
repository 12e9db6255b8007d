//! Rules in KQL: files of queries, whose rows become signals beside those of our own detections.

use std::collections::BTreeMap;
use std::path::Path;

use coldtrail_detect::lower::values::{cells, row_of};
use coldtrail_model::{NotRun, RuleSource, Severity, Signal, Timestamp};
use coldtrail_rules::kql::{self, DateTime, Gravity, Rule, Schema, Value};

use super::{QueryEngine, why};
use crate::rule_files::RuleFiles;
use crate::rule_hits::RuleHits;
use crate::rule_signal::RuleSignal;

/// At most so many hosts, programs and endpoints are told of one rule.
const MOST_SIGNALS: usize = 10_000;

impl QueryEngine {
    /// Runs the queries among rules one after the other. One that cannot run is told, and harms no other.
    pub fn run_rules(&self, rules: &RuleFiles) -> RuleHits {
        let mut hits = RuleHits::default();
        for (file, rule) in &rules.kql {
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
        hits.tallies = self.tallies();
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
    let rows = if group.rows == 1 { "a row".to_owned() } else { format!("{} rows", group.rows) };
    let about =
        if key.remote.is_empty() { String::new() } else { format!(" about {}", key.remote) };
    let signal = RuleSignal {
        id: identifier(rule),
        techniques: rule.techniques.clone(),
        summary: format!("the rule `{}` gives {rows}{about}", rule.name),
        host: key.host,
        ip: group.ip,
        user: group.user,
        process: key.process,
        parent: group.parent.map(|parent| parent.to_lowercase()),
        executable: group.executable,
        command_line: group.command_line,
        remote: key.remote,
        first_seen: moment(group.first),
        last_seen: moment(group.last),
        events: group.rows,
        // Rows of a query do not say which records they came from.
        records: Vec::new(),
        source: RuleSource {
            name: rule.name.clone(),
            file: file.display().to_string(),
            author: rule.author.clone(),
            license: String::new(),
            severity,
            tactics: rule.tactics.clone(),
        },
    };
    signal.signal()
}
