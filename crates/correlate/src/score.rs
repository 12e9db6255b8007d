//! Points, and what they mean.

use coldtrail_model::{
    Axis, Confidence, Contribution, Conversation, Kind, Reach, Rhythm, Scores, Severity, Signal,
};

use crate::KnownService;

/// The most points that timing can give.
const MOST_RHYTHM: i16 = 40;

/// The most points that context can give.
const MOST_CONTEXT: i16 = 60;

/// A tenant that so large a share of the active hosts talk to is part of the place.
const WIDESPREAD_SHARE: f64 = 0.25;

/// With fewer active hosts than this, a large share is no evidence.
const WIDESPREAD_HOSTS: u64 = 4;

/// What a finding's score consists of; the points sum to the score.
pub(crate) fn contributions(
    signals: &[&Signal],
    conversation: &Conversation,
    is_browser: bool,
    known: Option<&KnownService>,
) -> Vec<Contribution> {
    let mut contributions: Vec<Contribution> =
        signals.iter().map(|signal| of_signal(signal)).collect();
    contributions.extend(known.map(|known| Contribution {
        name: "known service".to_owned(),
        axis: Axis::Context,
        points: -30,
        because: format!("{} is {}", conversation.endpoint.host, known.description),
    }));
    contributions.extend(widespread(conversation));
    contributions.extend(is_browser.then(|| Contribution {
        name: "browser".to_owned(),
        axis: Axis::Context,
        points: -10,
        because: "people reach web pages on serverless platforms by browser".to_owned(),
    }));
    contributions.extend(plain_hosting(conversation));
    bounded(contributions)
}

fn of_signal(signal: &Signal) -> Contribution {
    let name = signal.detection.rsplit('.').next().unwrap_or(&signal.detection);
    Contribution {
        name: name.replace('_', " "),
        axis: signal.axis,
        points: (f64::from(signal.weight) * signal.strength).round() as i16,
        because: signal.summary.clone(),
    }
}

fn widespread(conversation: &Conversation) -> Option<Contribution> {
    let Conversation { tenant_hosts, active_hosts, endpoint, .. } = conversation;
    let share = *tenant_hosts as f64 / (*active_hosts).max(1) as f64;
    let is_widespread = endpoint.reach == Reach::Tenant
        && *tenant_hosts >= WIDESPREAD_HOSTS
        && share >= WIDESPREAD_SHARE;
    is_widespread.then(|| Contribution {
        name: "widespread".to_owned(),
        axis: Axis::Context,
        points: -15,
        because: format!("{tenant_hosts} of {active_hosts} active hosts talk to this tenant"),
    })
}

/// Whether an endpoint delivers content, which is context and never a trigger.
pub(crate) fn is_delivery(kind: Kind) -> bool {
    matches!(kind, Kind::CdnEdge | Kind::Storage | Kind::StaticHosting)
}

fn plain_hosting(conversation: &Conversation) -> Option<Contribution> {
    is_delivery(conversation.endpoint.kind).then(|| Contribution {
        name: "delivery network".to_owned(),
        axis: Axis::Context,
        points: -20,
        because: format!(
            "{} delivers content; it is context, no trigger",
            conversation.endpoint.product
        ),
    })
}

/// Keeps each score within its bounds, and says so where points were cut, so that the sum holds.
fn bounded(mut contributions: Vec<Contribution>) -> Vec<Contribution> {
    for (axis, most) in [(Axis::Rhythm, MOST_RHYTHM), (Axis::Context, MOST_CONTEXT)] {
        let sum = points(&contributions, axis);
        let cut = sum.clamp(0, most) - sum;
        if cut != 0 {
            contributions.push(Contribution {
                name: "bounds".to_owned(),
                axis,
                points: cut,
                because: format!("this part of the score goes from 0 to {most}"),
            });
        }
    }
    contributions
}

fn points(contributions: &[Contribution], axis: Axis) -> i16 {
    contributions.iter().filter(|one| one.axis == axis).map(|one| one.points).sum()
}

/// The sum of the contributions, and its two parts on a scale of 0 to 100.
pub(crate) fn scores(contributions: &[Contribution], has_rhythm: bool) -> (u8, Scores) {
    let rhythm = points(contributions, Axis::Rhythm);
    let context = points(contributions, Axis::Context);
    let scaled =
        |points: i16, most: i16| (i32::from(points) * 100 / i32::from(most)).clamp(0, 100) as u8;
    let scores = Scores {
        rhythm: has_rhythm.then(|| scaled(rhythm, MOST_RHYTHM)),
        context: scaled(context, MOST_CONTEXT),
    };
    ((rhythm + context).clamp(0, 100) as u8, scores)
}

/// The matrix: context decides, rhythm confirms.
///
/// Nothing here is critical: that takes evidence that is not measured yet, such as an indicator of
/// compromise.
pub(crate) fn severity(scores: Scores) -> Severity {
    let rhythm = scores.rhythm.unwrap_or(0);
    match (scores.context, rhythm) {
        (60.., 25..) => Severity::High,
        (60.., _) => Severity::Medium,
        (30.., 60..) => Severity::Medium,
        _ => Severity::Low,
    }
}

/// How well the telemetry supports the finding; it never moves the score.
pub(crate) fn confidence(conversation: &Conversation, rhythm: Option<&Rhythm>) -> Confidence {
    let knows_process = conversation.actor.process.is_some();
    let knows_tenant = conversation.endpoint.reach == Reach::Tenant;
    let has_evidence = conversation.events >= 10 || rhythm.is_some_and(|rhythm| rhythm.polls >= 20);
    match [knows_process, knows_tenant, has_evidence].iter().filter(|known| **known).count() {
        3 => Confidence::High,
        2 => Confidence::Medium,
        _ => Confidence::Low,
    }
}
