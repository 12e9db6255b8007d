//! Points, and what they mean.

use coldtrail_model::{
    Axis, Confidence, Contribution, Conversation, Kind, Reach, Rhythm, Scores, Severity, Signal,
};
use coldtrail_triage::{Asset, Criticality, Profile, Role};

use crate::circumstances::Circumstances;
use crate::questions::change_in_words;

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
    circumstances: &Circumstances<'_>,
) -> Vec<Contribution> {
    let mut contributions: Vec<Contribution> =
        signals.iter().map(|signal| of_signal(signal)).collect();
    contributions.extend(circumstances.known.as_ref().map(|known| Contribution {
        name: "known service".to_owned(),
        axis: Axis::Context,
        points: -30,
        because: format!("{} is {}", conversation.endpoint.host, known.description),
    }));
    contributions.extend(widespread(conversation));
    contributions.extend(circumstances.is_browser.then(|| Contribution {
        name: "browser".to_owned(),
        axis: Axis::Context,
        points: -10,
        because: "people reach web pages on serverless platforms by browser".to_owned(),
    }));
    contributions.extend(plain_hosting(conversation));
    add_context(&mut contributions, circumstances);
    bounded(contributions)
}

/// Adds what the people of the place know. The order matters: what is forgiven is a part of what
/// speaks against the conversation; what is sanctioned takes away all of that; an indicator stays.
fn add_context(contributions: &mut Vec<Contribution>, circumstances: &Circumstances<'_>) {
    if let (Some(profile), Some(asset)) = (circumstances.profile, circumstances.asset) {
        contributions.extend(forgiven(contributions, profile, asset));
    }
    contributions.extend(circumstances.asset.and_then(role));
    contributions.extend(circumstances.asset.and_then(criticality));
    contributions.extend(circumstances.change.map(|change| Contribution {
        name: "change window".to_owned(),
        axis: Axis::Context,
        points: -8,
        because: change_in_words(change),
    }));
    contributions.extend(circumstances.sanction_in_words().map(|because| Contribution {
        name: "sanctioned".to_owned(),
        axis: Axis::Context,
        points: -points(contributions, Axis::Context).max(0),
        because,
    }));
    contributions.extend(circumstances.indicator.map(|indicator| {
        let said = indicator.description.as_deref().unwrap_or("an indicator");
        Contribution {
            name: "indicator".to_owned(),
            axis: Axis::Context,
            points: 40,
            because: format!("{} is {said} in {}", indicator.value, indicator.file),
        }
    }));
}

/// What a profile takes away from contributions, at most as much as they add.
fn forgiven(contributions: &[Contribution], profile: &Profile, asset: &Asset) -> Vec<Contribution> {
    let lowered = profile.lower.iter().filter_map(|lower| {
        let of_name = contributions.iter().filter(|one| one.name == lower.contribution);
        let (axis, sum) =
            of_name.fold((None, 0), |(_, sum), one| (Some(one.axis), sum + one.points));
        let points = sum.min(i16::from(lower.by));
        (points > 0).then_some(Contribution {
            name: format!("{}: {}", profile.name, lower.contribution),
            axis: axis?,
            points: -points,
            because: format!("{} ({})", lower.because, role_in_words(asset)?),
        })
    });
    lowered.collect()
}

fn role_in_words(asset: &Asset) -> Option<String> {
    let Asset { name, line, .. } = asset;
    Some(format!("{name} has the role {} in assets.csv line {line}", asset.role?.name()))
}

/// Hosts that have no business with other people's platforms.
fn role(asset: &Asset) -> Option<Contribution> {
    let (points, why) = match asset.role? {
        Role::DomainController => (10, "a domain controller is no web client"),
        Role::OperationalTechnology => (10, "what controls machines is no web client"),
        Role::Server => (4, "a server talks to few services, and its owner knows them"),
        Role::NetworkDevice => (4, "a network device talks to its maker alone"),
        _ => return None,
    };
    let because = format!("{why} ({})", role_in_words(asset)?);
    Some(Contribution { name: "role".to_owned(), axis: Axis::Context, points, because })
}

fn criticality(asset: &Asset) -> Option<Contribution> {
    let points = match asset.criticality? {
        Criticality::Critical => 3,
        Criticality::High => 2,
        Criticality::Medium | Criticality::Low => return None,
    };
    let Asset { name, criticality, line, .. } = asset;
    let because = format!("{name} is {} by assets.csv line {line}", (*criticality)?.name());
    Some(Contribution { name: "criticality".to_owned(), axis: Axis::Context, points, because })
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

/// The matrix: context decides, rhythm confirms. Critical is what would be high and is an indicator of
/// compromise as well.
pub(crate) fn severity(scores: Scores, is_indicator: bool) -> Severity {
    let rhythm = scores.rhythm.unwrap_or(0);
    match (scores.context, rhythm) {
        (60.., 25..) if is_indicator => Severity::Critical,
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
