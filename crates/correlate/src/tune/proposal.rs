//! Entries that somebody may want to answer for: one program and one tenant, or one account, that keep
//! coming back.

use std::collections::{BTreeMap, BTreeSet};

use coldtrail_model::{Finding, Reach, Severity, Timestamp, is_installed};
use coldtrail_triage::{Context, Platforms};

use super::{conversation, has_contribution};

/// From so many hosts on, a use is the place's and not a person's.
const MANY_HOSTS: usize = 3;

/// From so many days on, a use is a habit.
const MANY_DAYS: i64 = 3;

/// From so many tenants of one account on, the account is meant.
const MANY_TENANTS: usize = 3;

/// A proposal is to be looked at again after a year.
const DAYS_VALID: i64 = 365;

const MICROSECONDS_A_DAY: i64 = 86_400_000_000;

/// A line for `sanctioned.csv`, without an owner.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Proposal {
    /// The host name, `*.` and a name, or the beginning of a URL.
    pub endpoint: String,
    /// The host that may use it; any where there is none.
    pub host: Option<String>,
    /// The program that may; any where it was not seen.
    pub process: Option<String>,
    /// What repeats.
    pub reason: String,
    /// The last day on which it holds, `2027-04-14`.
    pub expires: String,
}

impl Proposal {
    /// The columns of the lines.
    pub const HEADER: &'static str = "endpoint,host,user,process,owner,reason,expires";

    /// The line of the table.
    pub fn line(&self) -> String {
        let cell = |text: &str| match text.contains([',', '"', ';', '\t']) {
            true => format!("\"{}\"", text.replace('"', "\"\"")),
            false => text.to_owned(),
        };
        let Self { endpoint, host, process, reason, expires } = self;
        let optional = |text: &Option<String>| cell(text.as_deref().unwrap_or_default());
        let (host, process) = (optional(host), optional(process));
        format!("{},{host},,{process},,{},{expires}", cell(endpoint), cell(reason))
    }
}

/// Proposes entries for what repeats among findings. What is high or accused by an indicator is left out
/// with all that is said of the same endpoint, and so is what is sanctioned already and whose tenant was
/// not seen.
pub fn proposals(
    findings: &[Finding],
    context: &Context,
    platforms: &dyn Platforms,
    now: Timestamp,
) -> Vec<Proposal> {
    let is_bad =
        |one: &&Finding| one.severity >= Severity::High || has_contribution(one, "indicator");
    let bad: BTreeSet<String> =
        findings.iter().filter(is_bad).filter_map(|one| endpoint(one, platforms)).collect();
    let mut groups: Groups<'_> = BTreeMap::new();
    for finding in findings.iter().filter(|finding| is_eligible(finding)) {
        let endpoint = endpoint(finding, platforms).filter(|endpoint| !bad.contains(endpoint));
        let Some(endpoint) = endpoint else { continue };
        groups.entry((finding.actor.process.clone(), endpoint)).or_default().push(finding);
    }
    let mut proposals: Vec<Proposal> = accounts(with_program(groups), platforms)
        .iter()
        .flat_map(|((process, endpoint), group)| of_group(process, endpoint, group, context, now))
        .collect();
    proposals.sort();
    proposals
}

fn is_eligible(finding: &Finding) -> bool {
    finding.severity <= Severity::Medium
        && finding.endpoint.reach == Reach::Tenant
        && !has_contribution(finding, "sanctioned")
        && !is_of_a_cloud(finding)
        && [Some(&finding.actor.host), finding.actor.process.as_ref()]
            .into_iter()
            .flatten()
            .all(|name| is_writable(name))
}

/// Whether it is about what was done to a function and not about who talks to it.
fn is_of_a_cloud(finding: &Finding) -> bool {
    finding.signals.iter().any(|signal| signal.detection.starts_with("cloud."))
}

/// Whether a name out of a log can stand in a cell and mean itself.
fn is_writable(name: &str) -> bool {
    !name.is_empty() && !name.contains(['*', '"']) && !name.contains(char::is_control)
}

/// What names a finding's tenant: its host where that is the tenant's own, or else the beginning of its
/// URL, if the platform's rule finds the tenant in it.
fn endpoint(finding: &Finding, platforms: &dyn Platforms) -> Option<String> {
    let endpoint = &finding.endpoint;
    let tenant = endpoint.tenant.as_deref()?;
    let names_tenant = |path: Option<&str>| {
        let found = platforms.endpoint(&endpoint.host, path)?;
        (found.tenant.as_deref() == Some(tenant) && found.reach == Reach::Tenant).then_some(())
    };
    if names_tenant(None).is_some() {
        return Some(endpoint.host.clone());
    }
    let paths = [format!("/macros/s/{tenant}/exec"), format!("/{tenant}")];
    let path = paths.into_iter().find(|path| names_tenant(Some(path)).is_some())?;
    let path = path.strip_suffix("/exec").unwrap_or(&path);
    is_writable(path).then(|| format!("https://{}{path}", endpoint.host))
}

/// What names no program goes to the program that most findings about the same endpoint name: an entry
/// with a program covers what does not show one, and says so.
fn with_program(groups: Groups<'_>) -> Groups<'_> {
    let mut most: BTreeMap<String, (usize, String)> = BTreeMap::new();
    for ((process, endpoint), group) in &groups {
        let Some(process) = process else { continue };
        let known = most.entry(endpoint.clone()).or_default();
        if group.len() > known.0 {
            *known = (group.len(), process.clone());
        }
    }
    let mut named: Groups<'_> = BTreeMap::new();
    for ((process, endpoint), group) in groups {
        let process = process.or_else(|| most.get(&endpoint).map(|(_, process)| process.clone()));
        named.entry((process, endpoint)).or_default().extend(group);
    }
    named
}

/// Findings by program and endpoint.
type Groups<'f> = BTreeMap<(Option<String>, String), Vec<&'f Finding>>;

/// Puts the tenants of one account together where there are many of them and a name above them that is
/// nobody else's.
fn accounts<'f>(groups: Groups<'f>, platforms: &dyn Platforms) -> Groups<'f> {
    let above = |process: &Option<String>, endpoint: &str, group: &[&Finding]| {
        let (_, parent) = endpoint.split_once('.').filter(|_| !endpoint.contains('/'))?;
        let account = group.first()?.endpoint.group.clone()?;
        let is_theirs = parent.contains('.') && !platforms.is_above_tenants(parent);
        is_theirs.then(|| (process.clone(), parent.to_owned(), account))
    };
    let mut tenants: BTreeMap<(Option<String>, String, String), usize> = BTreeMap::new();
    for ((process, endpoint), group) in &groups {
        if let Some(account) = above(process, endpoint, group) {
            *tenants.entry(account).or_default() += 1;
        }
    }
    let mut together: Groups<'f> = BTreeMap::new();
    for ((process, endpoint), group) in groups {
        let account = above(&process, &endpoint, &group);
        let is_many =
            |account: &_| tenants.get(account).is_some_and(|tenants| *tenants >= MANY_TENANTS);
        let pattern = match account.filter(is_many) {
            Some((_, parent, _)) => format!("*.{parent}"),
            None => endpoint,
        };
        together.entry((process, pattern)).or_default().extend(group);
    }
    together
}

/// The entries for one program and one endpoint, if their use repeats: one for all hosts where there are
/// many, or one for each of a few.
fn of_group(
    process: &Option<String>,
    endpoint: &str,
    group: &[&Finding],
    context: &Context,
    now: Timestamp,
) -> Vec<Proposal> {
    let hosts: BTreeSet<&str> = group.iter().map(|finding| finding.actor.host.as_str()).collect();
    let (first, last) = extent(group);
    let days = (last.0 - first.0) / MICROSECONDS_A_DAY + 1;
    let scopes: Vec<Option<&str>> = match hosts.len() {
        many if many >= MANY_HOSTS => vec![None],
        _ if days >= MANY_DAYS => hosts.iter().copied().map(Some).collect(),
        _ => Vec::new(),
    };
    let expires = Timestamp(now.0.saturating_add(DAYS_VALID * MICROSECONDS_A_DAY));
    let reason = reason(group, &hosts, days, context);
    let proposal = |host: Option<&str>| Proposal {
        endpoint: endpoint.to_owned(),
        host: host.map(str::to_owned),
        process: process.clone(),
        reason: reason.clone(),
        expires: expires.date().to_string(),
    };
    scopes.into_iter().map(proposal).collect()
}

/// The first and the last event of findings.
pub(super) fn extent(findings: &[&Finding]) -> (Timestamp, Timestamp) {
    let first = findings.iter().map(|finding| finding.first_seen).min();
    let last = findings.iter().map(|finding| finding.last_seen).max();
    (first.unwrap_or(Timestamp(0)), last.unwrap_or(Timestamp(0)))
}

/// What repeats, in words: `on 12 hosts, all of them ci runner; over 3 days; installed programs`.
fn reason(group: &[&Finding], hosts: &BTreeSet<&str>, days: i64, context: &Context) -> String {
    let mut words = vec![match hosts.len() {
        1 => "on 1 host".to_owned(),
        many => format!("on {many} hosts"),
    }];
    let roles: BTreeSet<Option<&str>> =
        group.iter().map(|finding| Some(context.asset_of(&finding.actor)?.role?.name())).collect();
    if let [Some(role)] = Vec::from_iter(roles).as_slice() {
        words.push(format!("role {role}"));
    }
    if days > 1 {
        words.push(format!("over {days} days"));
    }
    let is_administrators = |finding: &&Finding| {
        let path = conversation(finding).and_then(|about| about.executable.as_deref());
        path.is_some_and(is_installed)
    };
    if group.iter().all(is_administrators) {
        words.push("an installed program".to_owned());
    }
    words.join("; ")
}
