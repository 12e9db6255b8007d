//! Puts signals about one actor and one tenant together.

use std::collections::BTreeMap;

use coldtrail_model::{
    Axis, Conversation, Endpoint, Finding, Kind, RecordReference, Rhythm, Severity, Signal,
};
use coldtrail_triage::Context;
use sha2::{Digest, Sha256};

use crate::circumstances::Circumstances;
use crate::deed::Deed;
use crate::{advice, questions, rule_hits, score};

/// A service that is known to be used legitimately.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownService {
    /// What it is, to follow "is": `Microsoft AutoUpdate for Mac`.
    pub description: String,
}

/// The detection whose conversations are made of several tenants'.
const ROTATION: &str = "rhythm.rotation";

/// The detection of one tenant's rhythm.
const BEACON: &str = "rhythm.beacon";

/// Whether a signal speaks about several tenants at once.
pub(crate) fn is_rotation(signal: &Signal) -> bool {
    signal.detection == ROTATION
}

/// Makes findings of signals, most urgent first.
///
/// `is_browser` tells browsers by image name; `known` tells known services by host name. Both are
/// passed in, since neither belongs to correlation. `context` is what the people of the place know;
/// the default knows nothing and changes nothing. A delivery network without any context against it
/// makes no finding.
pub fn findings(
    signals: &[Signal],
    is_browser: impl Fn(&str) -> bool,
    known: impl Fn(&str) -> Option<KnownService>,
    context: &Context,
) -> Vec<Finding> {
    let mut groups: BTreeMap<Key, Vec<&Signal>> = BTreeMap::new();
    for signal in signals {
        groups.entry(Key::of(&signal.conversation)).or_default().push(signal);
    }
    absorb_parts_of_rotations(&mut groups);
    let made = groups.iter().filter_map(|(key, group)| {
        let conversation = &group.first()?.conversation;
        let is_browser = conversation.actor.process.as_deref().is_some_and(&is_browser);
        let known = known(&conversation.endpoint.host);
        let rotates = group.iter().any(|signal| is_rotation(signal));
        let circumstances = Circumstances::of(conversation, context, is_browser, known, rotates);
        match conversation.endpoint.kind {
            Kind::Other => rule_hits::finding(key.id(), group),
            _ => finding(key, group, &circumstances),
        }
    });
    let mut findings: Vec<Finding> = made.collect();
    findings.sort_by(|one, other| {
        let urgency = |finding: &Finding| (finding.severity, finding.score);
        urgency(other).cmp(&urgency(one)).then_with(|| one.id.cmp(&other.id))
    });
    findings
}

/// Tells a rotation once, with what was said of the tenants that it goes over: of each detection the
/// strongest. That a tenant alone has a rhythm of a kind is told by that of the whole.
fn absorb_parts_of_rotations(groups: &mut BTreeMap<Key, Vec<&Signal>>) {
    let is_rotation = |signals: &Vec<&Signal>| signals.iter().any(|it| it.detection == ROTATION);
    let wholes: Vec<Key> =
        groups.iter().filter(|(_, it)| is_rotation(it)).map(|(key, _)| key.clone()).collect();
    for whole in wholes {
        let parts: Vec<Key> = groups
            .iter()
            .filter(|(key, signals)| **key != whole && signals.iter().all(|it| whole.covers(it)))
            .map(|(key, _)| key.clone())
            .collect();
        let mut strongest: BTreeMap<&str, &Signal> = BTreeMap::new();
        for signal in parts.iter().filter_map(|part| groups.remove(part)).flatten() {
            let known = strongest.entry(&signal.detection).or_insert(signal);
            if signal.strength > known.strength {
                *known = signal;
            }
        }
        strongest.remove(BEACON);
        groups.entry(whole).or_default().extend(strongest.into_values());
    }
}

/// What makes two signals part of one story.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    host: String,
    process: Option<String>,
    provider: String,
    product: String,
    tenant: String,
}

impl Key {
    fn of(conversation: &Conversation) -> Self {
        let Conversation { actor, endpoint, .. } = conversation;
        Self {
            host: actor.host.clone(),
            process: actor.process.clone(),
            provider: endpoint.provider.clone(),
            product: endpoint.product.clone(),
            // What rules name besides serverless endpoints is told rule by rule.
            tenant: match endpoint.kind {
                Kind::Other => endpoint.product.clone(),
                _ => endpoint.tenant.clone().unwrap_or_else(|| endpoint.host.clone()),
            },
        }
    }

    /// Whether a rotation with this key goes over the tenant of a signal, too.
    fn covers(&self, signal: &Signal) -> bool {
        let Conversation { actor, endpoint, .. } = &signal.conversation;
        let rotates_over = endpoint.group.as_ref().unwrap_or(&endpoint.product);
        actor.host == self.host
            && actor.process == self.process
            && endpoint.provider == self.provider
            && endpoint.product == self.product
            && endpoint.tenant.is_some()
            && *rotates_over == self.tenant
    }

    /// Stable over runs: a hash of what the finding is about, and of nothing else.
    fn id(&self) -> String {
        let process = self.process.as_deref().unwrap_or("");
        let text = [&self.host, process, &self.provider, &self.product, &self.tenant].join("\u{0}");
        let digest = Sha256::digest(text.as_bytes());
        let head: String = digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
        format!("ct-{head}")
    }
}

fn finding(key: &Key, signals: &[&Signal], circumstances: &Circumstances<'_>) -> Option<Finding> {
    let conversation = &signals.first()?.conversation;
    let deed = Deed::of(signals);
    let rhythm = signals.iter().find_map(|signal| signal.rhythm.as_ref());
    let contributions = score::contributions(signals, conversation, circumstances);
    let has_rhythm = signals.iter().any(|signal| signal.axis == Axis::Rhythm);
    let (score, scores) = score::scores(&contributions, has_rhythm);
    if score::is_delivery(conversation.endpoint.kind) && scores.context == 0 {
        return None;
    }
    let severity = score::severity(scores, circumstances.indicator.is_some());
    let severity = severity.max(rule_hits::severity(signals));
    let records = records(signals);
    let conversations = || signals.iter().map(|signal| &signal.conversation);
    let questions = questions::questions(conversation, rhythm, deed, circumstances, &records);
    let escalation = advice::escalation(severity, &questions, deed, circumstances);
    Some(Finding {
        id: key.id(),
        title: match deed {
            Some(deed) => deed.title(conversation),
            None => title(conversation, rhythm, severity),
        },
        score,
        severity,
        confidence: score::confidence(conversation, rhythm),
        endpoint: conversation.endpoint.clone(),
        actor: conversation.actor.clone(),
        first_seen: conversations().map(|one| one.first_seen).min()?,
        last_seen: conversations().map(|one| one.last_seen).max()?,
        // Signals about a cloud are about different actions of one story.
        events: conversations().map(|one| one.events).max()?.max(records.len() as u64),
        scores,
        contributions,
        signals: signals.iter().map(|signal| (*signal).clone()).collect(),
        questions,
        escalation,
        actions: advice::actions(conversation, severity, deed, circumstances),
    })
}

fn records(signals: &[&Signal]) -> Vec<RecordReference> {
    let mut records: Vec<_> = signals.iter().flat_map(|signal| signal.records.clone()).collect();
    records.sort();
    records.dedup();
    records
}

/// One line that can be understood alone.
fn title(conversation: &Conversation, rhythm: Option<&Rhythm>, severity: Severity) -> String {
    let Conversation { actor, endpoint, tenant_hosts, .. } = conversation;
    let who = match &actor.process {
        Some(process) => format!("{process} on {}", actor.host),
        None => actor.host.clone(),
    };
    let does = match rhythm {
        Some(_) => "polls",
        None if is_only_named(conversation) => "names",
        None => "talks to",
    };
    let what = match endpoint_name(endpoint) {
        Some(tenant) if *tenant_hosts == 1 && severity > Severity::Low => {
            format!("{tenant}, a {} tenant that no other host knows", endpoint.product)
        }
        Some(tenant) => format!("{tenant} on {}", endpoint.product),
        None => format!("{} ({}, tenant unknown)", endpoint.host, endpoint.product),
    };
    format!("{who} {does} {what}")
}

/// Whether nobody saw traffic, but a script or a command line that names the endpoint.
fn is_only_named(conversation: &Conversation) -> bool {
    let names = |channel: &String| matches!(channel.as_str(), "process" | "script");
    !conversation.channels.is_empty() && conversation.channels.iter().all(names)
}

fn endpoint_name(endpoint: &Endpoint) -> Option<&str> {
    endpoint.tenant.as_deref()
}
