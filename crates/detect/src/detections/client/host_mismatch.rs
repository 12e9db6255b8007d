//! # Goal
//!
//! Find sessions that were opened for one name and carry requests for a serverless endpoint of somebody
//! else: domain fronting.
//!
//! # Categorisation
//!
//! T1090.004 (domain fronting), on serverless infrastructure (T1583.007, T1584.007).
//!
//! # Strategy
//!
//! Where a sensor reads the handshake and the request of one session, compare the server name of the
//! handshake with the host of the request. A session counts if the two belong to different tenants, or
//! one to a tenant and the other to nobody that is known. Several names of one tenant in a session are
//! what browsers do.
//!
//! # Technical context
//!
//! A shared edge decrypts the session by the server name and routes the request by its host, so the name
//! in the clear may be any customer's. Large providers refuse that by now, others do not check.
//!
//! # Blind spots
//!
//! Requests that no sensor reads, which is most of them: it takes a sensor behind a proxy that opens TLS,
//! or one that sees a proxy's `CONNECT` before the handshake. Names that are no endpoint are seen only
//! where the logs hold connections as well. Encrypted server names.
//!
//! # False positives
//!
//! Browsers that send requests for another name through a session whose certificate covers both.
//! Gateways that open sessions with a name of their own.
//!
//! # Validation
//!
//! `curl --connect-to` with the host of any function of your own in a header, through a proxy whose
//! traffic Zeek sees.
//!
//! # Priority
//!
//! 14 points of context.
//!
//! # Response
//!
//! Look for other sessions with the same name in front from the same host; the owner of that name is
//! not involved.

use coldtrail_engine::EngineError;
use coldtrail_engine::plan::{LogicalPlan, LogicalPlanBuilder, array_length, column, lit};
use coldtrail_model::{Axis, Conversation, Rhythm};

use crate::detections::endpoint::who;
use crate::detections::with_strength;
use crate::{Baseline, Detection, Settings, Views};

/// A session that was opened for somebody else.
pub(crate) struct HostMismatch;

impl Detection for HostMismatch {
    fn id(&self) -> &'static str {
        "client.host_mismatch"
    }

    fn title(&self) -> &'static str {
        "another name in front"
    }

    fn attack(&self) -> &'static [&'static str] {
        &["T1090.004", "T1583.007", "T1584.007"]
    }

    fn source(&self) -> &'static str {
        include_str!("host_mismatch.rs")
    }

    fn axis(&self) -> Axis {
        Axis::Context
    }

    fn weight(&self) -> u8 {
        14
    }

    fn missing(&self, baseline: &Baseline, _settings: &Settings) -> Option<String> {
        (baseline.clients.requests == 0).then(|| {
            "no request to a serverless endpoint was read: add logs of a sensor that reads requests and \
             handshakes of the same sessions, such as Zeek's http and ssl"
                .to_owned()
        })
    }

    fn plan(
        &self,
        views: &Views,
        _baseline: &Baseline,
        _settings: &Settings,
    ) -> Result<LogicalPlan, EngineError> {
        let is_fronted = array_length(column("fronts")).gt(lit(0_u64));
        let fronted = LogicalPlanBuilder::from(views.conversations.clone()).filter(is_fronted)?;
        with_strength(fronted, lit(1.0))
    }

    fn summary(&self, conversation: &Conversation, _rhythm: Option<&Rhythm>) -> String {
        let front = conversation.fronts.first().map_or("another name", String::as_str);
        format!(
            "{} sends requests for {} through sessions that were opened for {front}",
            who(conversation),
            conversation.endpoint.host
        )
    }
}
