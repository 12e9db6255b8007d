use coldtrail_engine::EngineError;
use coldtrail_engine::plan::LogicalPlan;
use coldtrail_model::{Axis, Conversation, Rhythm, Timestamp};

use crate::{Correspondence, Need, Settings, View, Views};

/// What is known of the telemetry as a whole, before any detection runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    /// How many hosts were active.
    pub active_hosts: u64,
    /// The first event of any kind.
    pub first_seen: Option<Timestamp>,
    /// The last event of any kind.
    pub last_seen: Option<Timestamp>,
    /// Rows that name the process that acted.
    pub process_rows: u64,
    /// Network rows that name what was contacted.
    pub name_rows: u64,
    /// Rows of scripts.
    pub script_rows: u64,
    /// Rows of files that were made.
    pub file_rows: u64,
    /// Rows of clouds' control planes and of functions that ran.
    pub cloud_rows: u64,
    /// What conversations tell of the programs that speak.
    pub clients: Clients,
}

/// How many conversations tell of the program that speaks in them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clients {
    /// Those with requests that somebody read.
    pub requests: u64,
    /// Those with a User-Agent header.
    pub user_agents: u64,
    /// Those with a fingerprint of TLS.
    pub fingerprints: u64,
    /// Those with such a fingerprint whose process is known.
    pub fingerprinted_processes: u64,
}

/// One thing that is looked for.
///
/// A detection is one file: its module comment is its documentation, in the order of Palantir's
/// alerting and detection strategies; its plan selects conversations; its summary finds the words.
pub trait Detection: Send + Sync {
    /// `theme.name`, stable.
    fn id(&self) -> &'static str;

    /// A short name for people.
    fn title(&self) -> &'static str;

    /// The ATT&CK techniques that the behaviour belongs to.
    fn attack(&self) -> &'static [&'static str];

    /// The source text whose module comment is the documentation.
    fn source(&self) -> &'static str;

    /// Which of the two scores it adds to.
    fn axis(&self) -> Axis;

    /// The points that it adds at full strength.
    fn weight(&self) -> u8;

    /// What it needs of telemetry, all of it; names of what was contacted where nothing else is said.
    /// Where conversations show that a need is not met, the detection is told as not run.
    fn needs(&self) -> &'static [Need] {
        const { &[Need::NAMES] }
    }

    /// The analytics of ATT&CK that it corresponds to.
    fn analytics(&self) -> &'static [Correspondence] {
        &[]
    }

    /// The names of the settings that it reads.
    fn settings(&self) -> &'static [&'static str] {
        &[]
    }

    /// Why it cannot run on this telemetry, if it cannot.
    fn missing(&self, baseline: &Baseline, settings: &Settings) -> Option<String>;

    /// Which of the views it cannot do without.
    fn reads(&self) -> View {
        View::Conversations
    }

    /// Selects or makes conversations and adds `strength` (0 to 1), and `rhythm` where timing is the
    /// matter.
    ///
    /// # Errors
    ///
    /// When a view lacks one of its columns.
    fn plan(
        &self,
        views: &Views,
        baseline: &Baseline,
        settings: &Settings,
    ) -> Result<LogicalPlan, EngineError>;

    /// One sentence about a conversation that the plan selected.
    fn summary(&self, conversation: &Conversation, rhythm: Option<&Rhythm>) -> String;

    /// The documentation: the module comment of the detection's file, as Markdown.
    fn documentation(&self) -> String {
        let lines = self.source().lines().map_while(|line| line.strip_prefix("//!"));
        lines.map(|line| line.strip_prefix(' ').unwrap_or(line)).collect::<Vec<_>>().join("\n")
    }
}
