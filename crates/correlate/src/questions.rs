//! The four questions of the triage playbook, answered from data or not at all.

use coldtrail_model::{Answer, Conversation, Question, RecordReference, Rhythm};
use coldtrail_triage::Change;

use crate::circumstances::{Circumstances, in_words};
use crate::deed::{self, Deed};

/// An exchange that sends this many times what it receives is heavy on upload.
const UPLOAD_HEAVY: f64 = 3.0;

/// Less than this much sent in all is no exfiltration worth the name.
const UPLOAD_BYTES: u64 = 1 << 20;

/// Answers the questions for one finding.
pub(crate) fn questions(
    conversation: &Conversation,
    rhythm: Option<&Rhythm>,
    deed: Option<Deed>,
    circumstances: &Circumstances<'_>,
    records: &[RecordReference],
) -> Vec<Question> {
    let question = |id: &str, question: &str, (answer, because): (Answer, String)| Question {
        id: id.to_owned(),
        question: question.to_owned(),
        answer,
        because,
        records: records.to_vec(),
    };
    vec![
        question(
            "legitimate-use",
            "Is there a legitimate application that should talk to this endpoint?",
            legitimate_use(circumstances),
        ),
        question(
            "recent-change",
            "Did IT recently set up or change serverless applications that explain it?",
            recent_change(deed, circumstances),
        ),
        question(
            "normal-activity",
            "Is the pattern what this place usually shows?",
            match deed {
                Some(deed) => normal_deed(conversation, deed),
                None => normal_activity(conversation, rhythm),
            },
        ),
        question(
            "data-flows",
            "Is there a sign of exfiltration or unusual data flows?",
            data_flows(conversation, deed),
        ),
    ]
}

fn legitimate_use(circumstances: &Circumstances<'_>) -> (Answer, String) {
    let Circumstances { known, lapsed, lists_sanctions, .. } = circumstances;
    if let Some(words) = circumstances.sanction_in_words() {
        return (Answer::Yes, words);
    }
    match (known, lapsed) {
        (Some(known), _) => (Answer::Yes, format!("it is {}", known.description)),
        (None, Some(lapsed)) => (Answer::No, format!("it has expired: {}", in_words(lapsed))),
        (None, None) if *lists_sanctions => (
            Answer::No,
            "sanctioned.csv has no entry for it, and the endpoint is no known service".to_owned(),
        ),
        (None, None) => (
            Answer::NotAnswerable,
            "no list of sanctioned services was given, and the endpoint is no known service"
                .to_owned(),
        ),
    }
}

fn recent_change(deed: Option<Deed>, circumstances: &Circumstances<'_>) -> (Answer, String) {
    match circumstances.change {
        Some(change) => (Answer::Yes, change_in_words(change)),
        None if circumstances.lists_changes => {
            (Answer::No, "changes.csv lists no change in the course of which it began".to_owned())
        }
        None if deed.is_some() => (
            Answer::NotAnswerable,
            "it is a change itself, and no list of planned changes was given".to_owned(),
        ),
        None => (
            Answer::NotAnswerable,
            "these logs hold no record of changes; ask the owners".to_owned(),
        ),
    }
}

/// An entry of `changes.csv`: its line, scope, reason and time.
pub(crate) fn change_in_words(change: &Change) -> String {
    let Change { from, to, line, .. } = change;
    let scope = change.scope.as_deref().unwrap_or("everything");
    let reason = change.reason.as_deref().unwrap_or("no reason given");
    format!(
        "it began in the change of {scope} from {from} to {to}: {reason} (changes.csv line {line})"
    )
}

fn normal_activity(conversation: &Conversation, rhythm: Option<&Rhythm>) -> (Answer, String) {
    let Conversation { tenant_hosts, active_hosts, .. } = conversation;
    let among = format!("{tenant_hosts} of {active_hosts} active hosts talk to this tenant");
    match (active_hosts, tenant_hosts) {
        (0..3, _) => (
            Answer::NotAnswerable,
            format!("{active_hosts} active host(s) are too few to know what is usual"),
        ),
        (_, 1) if rhythm.is_some() => (Answer::No, format!("{among}, and it polls by a timer")),
        (_, 1) => (Answer::No, among),
        (active, talking) if talking * 4 >= *active => (Answer::Yes, among),
        _ => (Answer::NotAnswerable, format!("{among}: neither usual nor rare")),
    }
}

/// Whether people do such things here, by what the detections compared it with.
fn normal_deed(conversation: &Conversation, deed: Deed) -> (Answer, String) {
    let (who, function) = (deed::identity(conversation), deed::function(conversation));
    match deed {
        Deed::Changed | Deed::Deployed => {
            (Answer::No, format!("{function} was deployed by others or in another way before"))
        }
        Deed::Invoked => (Answer::No, format!("{function} never ran so often before")),
        Deed::Exposed | Deed::Prepared => (
            Answer::NotAnswerable,
            format!("whether {who} should publish functions is for their owners to say"),
        ),
    }
}

fn data_flows(conversation: &Conversation, deed: Option<Deed>) -> (Answer, String) {
    match conversation.bytes {
        None if deed.is_some() => {
            (Answer::NotAnswerable, "a control plane counts no bytes".to_owned())
        }
        None => (Answer::NotAnswerable, "no record counts bytes for this tenant".to_owned()),
        Some((sent, received)) => {
            let told = format!("{sent} bytes sent, {received} received");
            let heavy = sent >= UPLOAD_BYTES && sent as f64 >= UPLOAD_HEAVY * received as f64;
            (if heavy { Answer::Yes } else { Answer::No }, told)
        }
    }
}
