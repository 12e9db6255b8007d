//! Points, and what they mean.

use coldtrail_model::{
    Axis, Confidence, Contribution, Conversation, Kind, Reach, Rhythm, Scores, Severity, Signal,
    is_installed,
};
use coldtrail_triage::{Asset, Criticality, Profile, Role};

use crate::circumstances::Circumstances;
use crate::questions::change_in_words;

/// The most points that timing can give.
const MOST_RHYTHM: i16 = 25;

/// The most points that context can give.
const MOST_CONTEXT: i16 = 75;

/// A tenant that at least such a share of the active hosts talk to is part of the place, the more so
/// the larger it is: shares with the points that they take away, largest first.
const WIDESPREAD: [(f64, i16); 3] = [(0.25, -15), (0.10, -12), (0.05, -4)];

/// With fewer active hosts than this, a large share is no evidence.
const WIDESPREAD_HOSTS: u64 = 4;

/// A program that talks to serverless endpoints on such a share of the hosts with a sensor belongs
/// to the place.
const ESTABLISHED_SHARE: f64 = 0.10;

/// On fewer hosts than this, a share is no evidence.
const ESTABLISHED_HOSTS: u64 = 3;

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
    let told = |detection: &str| signals.iter().any(|signal| signal.detection == detection);
    // That many visit a page does not excuse the one that polls it.
    contributions.extend(widespread(conversation).filter(|_| !told("rhythm.lone_poller")));
    if circumstances.is_browser {
        // People do not browse day and night.
        contributions.extend((!told("rhythm.around_the_clock")).then(browser));
    } else if !told("endpoint.script_host") && !told("endpoint.user_writable") {
        contributions.extend(installed(conversation));
        contributions.extend(established(conversation));
    }
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
    contributions
        .extend(circumstances.asset.map_or_else(Vec::new, |asset| explained(contributions, asset)));
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

/// That a host is unlike people's computers, or works at night, is no news where its role says so; what
/// the role is worth is counted by itself. Implants work at night as well, so half of that stays.
fn explained(contributions: &[Contribution], asset: &Asset) -> Vec<Contribution> {
    let is_of_people = asset.role.is_none_or(|role| {
        matches!(role, Role::Workstation | Role::DeveloperWorkstation | Role::Mobile)
    });
    if is_of_people {
        return Vec::new();
    }
    let explained = contributions.iter().filter_map(|one| {
        let (points, why) = match one.name.as_str() {
            "unusual" => (one.points, "its role is known"),
            "around the clock" => (one.points / 2, "such hosts run day and night"),
            _ => return None,
        };
        let because = format!("{why} ({})", role_in_words(asset)?);
        let name = format!("role: {}", one.name);
        Some(Contribution { name, axis: one.axis, points: -points, because })
    });
    explained.collect()
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
        Role::NetworkDevice => (4, "a network device talks to its maker alone"),
        _ => return None,
    };
    let because = format!("{why} ({})", role_in_words(asset)?);
    Some(Contribution { name: "role".to_owned(), axis: Axis::Context, points, because })
}

fn criticality(asset: &Asset) -> Option<Contribution> {
    let points = match asset.criticality? {
        Criticality::Critical => 2,
        Criticality::High => 1,
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
    if endpoint.reach != Reach::Tenant || *tenant_hosts < WIDESPREAD_HOSTS {
        return None;
    }
    let (_, points) = WIDESPREAD.into_iter().find(|(least, _)| share > *least)?;
    Some(Contribution {
        name: "widespread".to_owned(),
        axis: Axis::Context,
        points,
        because: format!("{tenant_hosts} of {active_hosts} active hosts talk to this tenant"),
    })
}

fn browser() -> Contribution {
    Contribution {
        name: "browser".to_owned(),
        axis: Axis::Context,
        points: -10,
        because: "people reach web pages on serverless platforms by browser".to_owned(),
    }
}

/// What lies where only administrators install is hardly what was dropped a moment ago.
fn installed(conversation: &Conversation) -> Option<Contribution> {
    let path = conversation.executable.as_deref()?;
    is_installed(path).then(|| Contribution {
        name: "installed program".to_owned(),
        axis: Axis::Context,
        points: -7,
        because: format!("{path} lies where only administrators install"),
    })
}

/// Software that belongs to a place is on many of its hosts.
fn established(conversation: &Conversation) -> Option<Contribution> {
    let Conversation { actor, process_hosts, sensor_hosts, .. } = conversation;
    let process = actor.process.as_deref()?;
    let share = *process_hosts as f64 / (*sensor_hosts).max(1) as f64;
    let is_established = *process_hosts >= ESTABLISHED_HOSTS && share >= ESTABLISHED_SHARE;
    is_established.then(|| Contribution {
        name: "established program".to_owned(),
        axis: Axis::Context,
        points: -6,
        because: format!(
            "{process} talks to serverless endpoints on {process_hosts} of {sensor_hosts} hosts"
        ),
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
        points: -25,
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

/// The matrix: context decides, rhythm confirms. Much context is enough alone. Critical is what would be high and is an indicator of
/// compromise as well.
pub(crate) fn severity(scores: Scores, is_indicator: bool) -> Severity {
    let rhythm = scores.rhythm.unwrap_or(0);
    match (scores.context, rhythm) {
        (48.., 25..) | (72.., _) if is_indicator => Severity::Critical,
        (48.., 25..) | (72.., _) => Severity::High,
        (48.., _) | (36.., 35..) | (24.., 60..) => Severity::Medium,
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
