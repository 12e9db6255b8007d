//! # Goal
//!
//! Find conversations that send far more than they receive: data leaves towards a function.
//!
//! # Categorisation
//!
//! T1567 (exfiltration over a web service) and T1041 (exfiltration over a command-and-control
//! channel) over T1583.007.
//!
//! # Strategy
//!
//! Sum up the bytes that one process, or one host where the process is not known, sent to a tenant
//! and received from it. It is told from `upload_minimum_bytes` on, if at least `upload_ratio` of all
//! bytes went up. It grows with each power of ten, and is whole at a thousand times the minimum.
//!
//! # Technical context
//!
//! Functions answer requests. What people and their programs do with websites downloads: a few
//! hundredths of the bytes go up. An idle poll is near one half, with few bytes. Sums come from
//! connections (Zeek conn, firewalls, VPC flow) or from requests (proxies), whichever counted more,
//! since a sensor may see both.
//!
//! # Blind spots
//!
//! Endpoint sensors count no bytes. Slow leaks stay below the minimum within the time looked at.
//! Uploads to storage by signed URLs go to another host, which is content and no function.
//!
//! # False positives
//!
//! Backups, error reports, telemetry with attachments, uploads of pictures and builds to a company's
//! own functions. Sanction them by name and owner.
//!
//! # Validation
//!
//! `crates/pipeline/tests/detections.rs`: an upload and its twin, a download of the same size.
//!
//! # Priority
//!
//! Up to 12 points of context.
//!
//! # Response
//!
//! Find what was read on the host before (file events, archives), who owns the tenant, and whether
//! uploads follow a person's hours.

use coldtrail_engine::EngineError;
use coldtrail_engine::plan::{
    Expr, LogicalPlan, LogicalPlanBuilder, coalesce, column, greatest, lit, when,
};
use coldtrail_model::{Axis, Conversation, Rhythm};

use super::size;
use crate::detections::with_strength;
use crate::{Baseline, Correspondence, Detection, Need, Settings, Views};

/// A conversation sends far more than it receives.
pub(crate) struct UploadHeavy;

impl Detection for UploadHeavy {
    fn id(&self) -> &'static str {
        "volume.upload_heavy"
    }

    fn title(&self) -> &'static str {
        "upload heavy"
    }

    fn attack(&self) -> &'static [&'static str] {
        &["T1583.007", "T1567", "T1041"]
    }

    fn source(&self) -> &'static str {
        include_str!("upload_heavy.rs")
    }

    fn axis(&self) -> Axis {
        Axis::Context
    }

    fn weight(&self) -> u8 {
        12
    }

    fn needs(&self) -> &'static [Need] {
        const { &[Need::NAMES, Need::BYTES] }
    }

    fn analytics(&self) -> &'static [Correspondence] {
        const {
            &[
                Correspondence::setting("AN0075", "OutboundByteRatioThreshold", "upload_ratio"),
                Correspondence::setting("AN1227", "DataFlowImbalanceRatio", "upload_ratio"),
                Correspondence::setting("AN1511", "ExfilVolumeThreshold", "upload_minimum_bytes"),
                Correspondence::setting("AN0988", "DataVolumeThreshold", "upload_minimum_bytes"),
            ]
        }
    }

    fn settings(&self) -> &'static [&'static str] {
        &["upload_minimum_bytes", "upload_ratio"]
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
        let minimum = settings.upload_minimum_bytes as i64;
        // Up to so much may come back for each byte that goes up.
        let back = (1.0 - settings.upload_ratio) / settings.upload_ratio.max(f64::MIN_POSITIVE);
        let plan = LogicalPlanBuilder::from(views.conversations.clone())
            .filter(sent().gt_eq(lit(minimum)))?
            .filter(received().lt_eq(sent() * lit(back)))?;
        let is_above = |times: i64| sent().gt_eq(lit(minimum.saturating_mul(times)));
        let strength = when(is_above(1000), lit(1.0))
            .when(is_above(100), lit(5.0 / 6.0))
            .when(is_above(10), lit(4.0 / 6.0))
            .otherwise(lit(3.0 / 6.0))?;
        with_strength(plan, strength)
    }

    fn summary(&self, conversation: &Conversation, _rhythm: Option<&Rhythm>) -> String {
        let (sent, received) = conversation.bytes.unwrap_or_default();
        format!(
            "{} sent to {}, {} received",
            size(sent),
            conversation.endpoint.host,
            size(received)
        )
    }
}

/// Bytes that went up, as whoever counted more of them has it.
fn sent() -> Expr {
    more("sent", "request_bytes")
}

/// Bytes that came back.
fn received() -> Expr {
    more("received", "response_bytes")
}

fn more(of_connections: &str, of_requests: &str) -> Expr {
    let counted = |name| coalesce(vec![column(name), lit(0_i64)]);
    greatest(vec![counted(of_connections), counted(of_requests)])
}
