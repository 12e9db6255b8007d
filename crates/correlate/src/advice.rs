//! Whether to hand a finding on, and what to do next. Coldtrail advises; it never acts.

use coldtrail_model::{
    Action, Answer, Conversation, Decision, Escalation, Question, Reach, Severity,
};

use crate::circumstances::Circumstances;
use crate::deed::{self, Deed};

/// The playbook's rule: hand on what has no documented use, or shows signs of command and control or
/// exfiltration; here the severity stands for the signs. An indicator outweighs any permission, and of
/// what is sanctioned, sending much is no more than worth an eye.
pub(crate) fn escalation(
    severity: Severity,
    questions: &[Question],
    deed: Option<Deed>,
    circumstances: &Circumstances<'_>,
) -> Escalation {
    let is_known_use =
        questions.iter().any(|one| one.id == "legitimate-use" && one.answer == Answer::Yes);
    let moves_data =
        questions.iter().any(|one| one.id == "data-flows" && one.answer == Answer::Yes);
    let is_sanctioned = circumstances.sanctioned.is_some();
    let (decision, because) = match severity {
        _ if circumstances.indicator.is_some() => {
            (Decision::Escalate, "others have seen an attacker use this endpoint")
        }
        _ if is_sanctioned && moves_data => {
            (Decision::Monitor, "it is sanctioned, and far more data leaves than comes back")
        }
        _ if is_sanctioned => (Decision::Close, "it is sanctioned"),
        _ if is_known_use && !moves_data => (Decision::Close, "it is a known service"),
        Severity::High | Severity::Critical => {
            (Decision::Escalate, "its context is suspicious, and no legitimate use is documented")
        }
        _ if moves_data => (Decision::Escalate, "far more data leaves than comes back"),
        Severity::Medium if deed == Some(Deed::Exposed) && circumstances.change.is_none() => (
            Decision::Escalate,
            "everybody can call the function, and nothing tells that it was planned",
        ),
        Severity::Medium if deed.is_some() => {
            (Decision::Monitor, "it may be ordinary work; ask the owner of the identity")
        }
        Severity::Low if deed.is_some() => {
            (Decision::Monitor, "functions are deployed every day, and little speaks against it")
        }
        Severity::Medium => (Decision::Monitor, "it may be ordinary software; find its owner"),
        Severity::Low => {
            (Decision::Monitor, "nothing but its rarity or its timing speaks against it")
        }
    };
    Escalation { decision, because: because.to_owned() }
}

/// What to do next, the most telling first.
///
/// Blocking an address at a shared edge would cut off thousands of other tenants, so it is never
/// advised; how many other hosts talk to the tenant is counted.
pub(crate) fn actions(
    conversation: &Conversation,
    severity: Severity,
    deed: Option<Deed>,
    circumstances: &Circumstances<'_>,
) -> Vec<Action> {
    let Conversation { actor, endpoint, .. } = conversation;
    let plain = |action: String| Action { action, collateral: None };
    let mut actions = Vec::new();
    actions.extend(owner(conversation, circumstances).map(plain));
    if let Some(deed) = deed {
        actions.extend(about(conversation, deed).into_iter().map(plain));
        return actions;
    }
    match &actor.process {
        Some(process) => actions.push(plain(format!(
            "Find out what {process} is on {}: its path, parent, command line and owner",
            actor.host
        ))),
        None => actions.push(plain(format!(
            "Find the process on {} (Sysmon 3 and 22, or Defender): the network alone cannot tell",
            actor.host
        ))),
    }
    if endpoint.reach == Reach::SharedHost {
        actions.push(plain(format!(
            "Get the URL from a proxy or the endpoint: all tenants share {}",
            endpoint.host
        )));
    }
    if severity >= Severity::High {
        actions.push(plain(format!("Preserve memory and the script or image on {}", actor.host)));
        if endpoint.reach == Reach::Tenant {
            actions.push(Action {
                action: format!(
                    "If confirmed, block the host name {} (never its address)",
                    endpoint.host
                ),
                collateral: Some(conversation.tenant_hosts.saturating_sub(1)),
            });
        }
    }
    actions
}

/// What to do about a function in a cloud of one's own.
fn about(conversation: &Conversation, deed: Deed) -> Vec<String> {
    let (who, function) = (deed::identity(conversation), deed::function(conversation));
    let host = &conversation.endpoint.host;
    let mut actions = vec![
        format!(
            "Ask {who} about {function}; look at where the identity logged in and what else it did"
        ),
        format!("Read the code, role and environment of {function}"),
    ];
    if host != function {
        actions.push(format!("Look for {host} in DNS, TLS and proxy logs: who talks to it?"));
    }
    if deed == Deed::Exposed {
        actions.push(format!(
            "If nobody knows it, close {function}, revoke the sessions and keys of {who}, and keep the \
             function's code and logs"
        ));
    }
    actions
}

/// Whom to ask, where the place's own lists say it.
fn owner(conversation: &Conversation, circumstances: &Circumstances<'_>) -> Option<String> {
    let host = &conversation.actor.host;
    let sanctioned = circumstances.sanctioned.as_ref().map(|found| found.sanction);
    if let Some(owner) = sanctioned.and_then(|sanction| sanction.owner.as_ref()) {
        return Some(format!("If in doubt, ask {owner}, who answers for this use"));
    }
    if let Some(owner) = circumstances.lapsed.and_then(|sanction| sanction.owner.as_ref()) {
        return Some(format!(
            "Ask {owner} whether this use is still needed: its entry has expired"
        ));
    }
    let owner = circumstances.asset?.owner.as_ref()?;
    Some(format!("Ask {owner}, who answers for {host}, whether this use is theirs"))
}
