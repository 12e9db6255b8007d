//! # Goal
//!
//! Find conversations with a rhythm: something polls a tenant by a timer.
//!
//! # Categorisation
//!
//! T1071.001 (web protocols) and T1102.002 (bidirectional communication with a web service) over
//! T1583.007 (serverless infrastructure).
//!
//! # Strategy
//!
//! Take the moments of a conversation over all telemetry that saw it, fold bursts into polls, and
//! measure the period (with missed polls folded out), how little intervals scatter around it, how
//! many of them lie near it compared with chance, and whether they keep to a grid. The measure is
//! shrunk where there are few polls. `coldtrail_analytics::rhythm` defines each term.
//!
//! # Technical context
//!
//! Most implants ask for work at intervals, with some jitter. Because edges share addresses among
//! thousands of tenants, moments are gathered per tenant and never per address; because one poll
//! may show as a DNS query, a handshake and an endpoint event, near moments are one poll.
//!
//! # Blind spots
//!
//! Long-lived connections with many polls inside, tasks spread over several tenants, fewer than
//! `rhythm_minimum_polls` polls in the time looked at. Where only DNS was seen, caching hides polls:
//! the true period may be shorter than the one told.
//!
//! # False positives
//!
//! Dashboards, telemetry, monitoring and updaters poll just as regularly. Timing cannot tell them
//! from implants, so a rhythm alone never makes more than a low or medium finding.
//!
//! # Validation
//!
//! `coldtrail simulate --scenario examples`: two attackers' rhythms and two ordinary ones.
//!
//! # Priority
//!
//! Up to 25 points of rhythm.
//!
//! # Response
//!
//! Compare the period with the software's documentation; look at sizes over time; look for work
//! done on the host after polls that brought more data.

use coldtrail_engine::EngineError;
use coldtrail_engine::plan::{LogicalPlan, LogicalPlanBuilder, column, get_field, lit};
use coldtrail_model::{Axis, Conversation, Rhythm};

use crate::detections::columns;
use crate::{Baseline, Correspondence, Detection, Settings, Views};

/// Something polls a tenant by a timer.
pub(crate) struct Beacon;

impl Detection for Beacon {
    fn id(&self) -> &'static str {
        "rhythm.beacon"
    }

    fn title(&self) -> &'static str {
        "rhythm"
    }

    fn attack(&self) -> &'static [&'static str] {
        &["T1583.007", "T1071.001", "T1102.002"]
    }

    fn source(&self) -> &'static str {
        include_str!("beacon.rs")
    }

    fn axis(&self) -> Axis {
        Axis::Rhythm
    }

    fn weight(&self) -> u8 {
        25
    }

    fn analytics(&self) -> &'static [Correspondence] {
        const {
            &[
                Correspondence::setting(
                    "AN0076",
                    "BeaconIntervalWindow",
                    "rhythm_minimum_strength",
                ),
                Correspondence::setting(
                    "AN1226",
                    "BeaconTimingThreshold",
                    "rhythm_minimum_strength",
                ),
                Correspondence::element("AN1191", "ConnectionInterval"),
                Correspondence::element("AN1190", "RequestFrequency"),
            ]
        }
    }

    fn settings(&self) -> &'static [&'static str] {
        &["rhythm_minimum_polls", "rhythm_minimum_strength"]
    }

    fn missing(&self, _baseline: &Baseline, _settings: &Settings) -> Option<String> {
        None
    }

    fn plan(
        &self,
        views: &Views,
        _baseline: &Baseline,
        settings: &Settings,
    ) -> Result<LogicalPlan, EngineError> {
        let measured = LogicalPlanBuilder::from(views.conversations.clone());
        let strength = || get_field(column("rhythm"), "strength");
        let plan = measured.filter(strength().gt_eq(lit(settings.rhythm_minimum_strength)))?;
        let kept = columns().chain(["rhythm"]).map(column);
        Ok(plan.project(kept.chain([strength().alias("strength")]))?.build()?)
    }

    fn summary(&self, conversation: &Conversation, rhythm: Option<&Rhythm>) -> String {
        let Some(rhythm) = rhythm else { return String::new() };
        let only_dns = conversation.channels.iter().all(|channel| channel == "dns");
        let period = period(rhythm.period_seconds);
        let about = if only_dns { format!("{period} or more often") } else { period };
        let missed = if rhythm.miss_rate >= 0.05 {
            format!(", {:.0} % of them missing", rhythm.miss_rate * 100.0)
        } else {
            String::new()
        };
        format!(
            "{} polls of {} every {about}{missed}; regularity {:.2} of 1",
            rhythm.polls, conversation.endpoint.host, rhythm.regularity
        )
    }
}

/// A period for a sentence: `45 s`, `5 min`, `4 h`.
fn period(seconds: f64) -> String {
    match seconds {
        below if below < 90.0 => format!("{below:.0} s"),
        below if below < 5400.0 => format!("{:.1} min", below / 60.0).replace(".0 ", " "),
        longer => format!("{:.1} h", longer / 3600.0).replace(".0 ", " "),
    }
}
