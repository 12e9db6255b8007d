//! # Goal
//!
//! Find programs that talk to serverless endpoints from folders in which anybody may put a program.
//!
//! # Categorisation
//!
//! T1036.005 (match legitimate name or location) and T1204.002 (malicious file) over T1583.007.
//!
//! # Strategy
//!
//! Look at where the image of a process lies: temporary folders, downloads, the public profile, the
//! recycle bin, shared memory, and roots of profiles, on Windows, Linux and macOS. A program in a folder
//! of its own below a profile's `AppData` is not told: browsers, editors and chat clients are installed
//! there.
//!
//! # Technical context
//!
//! Software that is installed lies where only administrators write, or in a folder of its own. What
//! was downloaded, unpacked or dropped a moment ago lies where its user may write.
//!
//! # Blind spots
//!
//! Network sensors know no image. Implants that run inside installed programs or in folders that they
//! made below `AppData` have an inconspicuous path.
//!
//! # False positives
//!
//! Installers and updaters that unpack themselves, remote support tools that run from the downloads,
//! developers' builds.
//!
//! # Validation
//!
//! `crates/pipeline/tests/detections.rs`: the same program in a temporary folder and where it was
//! installed.
//!
//! # Priority
//!
//! 12 points of context.
//!
//! # Response
//!
//! Look at the file's hash, signature and age, who wrote it, and what started it.

use coldtrail_engine::EngineError;
use coldtrail_engine::plan::{
    Expr, LogicalPlan, LogicalPlanBuilder, array_to_string, column, lit, lower,
};
use coldtrail_model::{Axis, Conversation, Rhythm};

use super::{no_process, who};
use crate::detections::with_strength;
use crate::{Baseline, Correspondence, Detection, Need, Settings};

/// Parts of paths that tell a folder in which anybody may write, in lower case.
const WRITABLE: [&str; 14] = [
    r"\appdata\local\temp\",
    r"\windows\temp\",
    r"\users\public\",
    r"\downloads\",
    r"\$recycle.bin\",
    r"\perflogs\",
    r"c:\temp\",
    r"c:\intel\",
    "/tmp/",
    "/var/tmp/",
    "/dev/shm/",
    "/downloads/",
    "/users/shared/",
    "/run/user/",
];

/// Stands between paths where they have to be one text.
const SEPARATOR: &str = "\n";

/// A program in a folder that anybody may write to talks to a serverless endpoint.
pub(crate) struct UserWritable;

impl Detection for UserWritable {
    fn id(&self) -> &'static str {
        "endpoint.user_writable"
    }

    fn title(&self) -> &'static str {
        "user-writable path"
    }

    fn attack(&self) -> &'static [&'static str] {
        &["T1583.007", "T1036.005", "T1204.002"]
    }

    fn source(&self) -> &'static str {
        include_str!("user_writable.rs")
    }

    fn axis(&self) -> Axis {
        Axis::Context
    }

    fn weight(&self) -> u8 {
        12
    }

    fn needs(&self) -> &'static [Need] {
        const { &[Need::NAMES, Need::IMAGES] }
    }

    fn analytics(&self) -> &'static [Correspondence] {
        const { &[Correspondence::element("AN0167", "ProcessPath")] }
    }

    fn missing(&self, baseline: &Baseline, _settings: &Settings) -> Option<String> {
        no_process(baseline)
    }

    fn plan(
        &self,
        conversations: LogicalPlan,
        _baseline: &Baseline,
        _settings: &Settings,
    ) -> Result<LogicalPlan, EngineError> {
        let is_writable = WRITABLE.into_iter().map(lies_in).reduce(Expr::or);
        let plan = LogicalPlanBuilder::from(conversations);
        let plan = plan.filter(is_writable.unwrap_or_else(|| lit(false)))?;
        with_strength(plan, lit(1.0))
    }

    fn summary(&self, conversation: &Conversation, _rhythm: Option<&Rhythm>) -> String {
        let path = conversation.executable.as_deref().filter(|path| is_writable(path));
        let path = path.unwrap_or("a folder in which anybody may write");
        format!("{} runs from {path}", who(conversation))
    }
}

/// Whether one of the paths of a conversation's images has a part.
fn lies_in(part: &str) -> Expr {
    let paths = lower(array_to_string(column("executables"), lit(SEPARATOR)));
    // In a pattern, a backslash would escape what follows it.
    paths.like(lit(format!("%{}%", part.replace('\\', r"\\").replace('_', r"\_"))))
}

fn is_writable(path: &str) -> bool {
    let path = path.to_lowercase();
    WRITABLE.iter().any(|part| path.contains(part))
}
