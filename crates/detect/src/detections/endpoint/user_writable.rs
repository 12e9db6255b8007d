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
//! recycle bin, shared memory, and roots of profiles, on Windows, Linux and macOS. Folders for the data of
//! programs (`AppData\Roaming`, `ProgramData`, `~/.config`) count less: programs seldom lie there. A
//! program below `AppData\Local` is not told: browsers, editors and chat clients are installed there.
//!
//! # Technical context
//!
//! Software that is installed lies where only administrators write, or in a folder of its own. What
//! was downloaded, unpacked or dropped a moment ago lies where its user may write.
//!
//! # Blind spots
//!
//! Network sensors know no image. Implants that run inside installed programs or in folders that they
//! made below `AppData\Local` have an inconspicuous path.
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
//! 12 points of context, 10 in a folder for data.
//!
//! # Response
//!
//! Look at the file's hash, signature and age, who wrote it, and what started it.

use coldtrail_engine::EngineError;
use coldtrail_engine::plan::{
    Expr, LogicalPlan, LogicalPlanBuilder, array_to_string, coalesce, column, lit, lower, when,
};
use coldtrail_model::{Axis, Conversation, INSTALLED, Rhythm};

use super::{no_process, who};
use crate::detections::with_strength;
use crate::{Baseline, Correspondence, Detection, Need, Settings, Views};

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

/// Parts of paths that tell a folder for programs' data, in lower case.
const FOR_DATA: [&str; 6] = [
    r"\appdata\roaming\",
    r"c:\programdata\",
    r"\appdata\locallow\",
    "/.config/",
    "/.local/share/",
    "/library/application support/",
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
        views: &Views,
        _baseline: &Baseline,
        _settings: &Settings,
    ) -> Result<LogicalPlan, EngineError> {
        let plan = LogicalPlanBuilder::from(views.conversations.clone())
            .filter(lies_in_one_of(&WRITABLE).or(lies_in_one_of(&FOR_DATA)))?;
        with_strength(plan, when(lies_in_one_of(&WRITABLE), lit(1.0)).otherwise(lit(0.8))?)
    }

    fn summary(&self, conversation: &Conversation, _rhythm: Option<&Rhythm>) -> String {
        let path = conversation.executable.as_deref().filter(|path| is_writable(path));
        let path = path.unwrap_or("a folder in which anybody may write");
        format!("{} runs from {path}", who(conversation))
    }
}

/// Whether an image of a conversation lies where only administrators install.
pub(super) fn is_installed() -> Expr {
    lies_in_one_of(&INSTALLED)
}

/// Whether one of the paths of a conversation's images has one of the parts.
fn lies_in_one_of(parts: &[&str]) -> Expr {
    parts.iter().map(|part| lies_in(part)).reduce(Expr::or).unwrap_or_else(|| lit(false))
}

/// Whether one of the paths of a conversation's images has a part.
fn lies_in(part: &str) -> Expr {
    let paths = array_to_string(column("executables"), lit(SEPARATOR));
    let paths = lower(coalesce(vec![paths, lit("")]));
    // In a pattern, a backslash would escape what follows it.
    paths.like(lit(format!("%{}%", part.replace('\\', r"\\").replace('_', r"\_"))))
}

fn is_writable(path: &str) -> bool {
    let path = path.to_lowercase();
    WRITABLE.iter().chain(&FOR_DATA).any(|part| path.contains(part))
}
