use coldtrail_detect::DetectError;
use coldtrail_engine::EngineError;

/// Why a hunt could not run to its end.
#[derive(Debug, thiserror::Error)]
pub enum HuntError {
    /// None of the named paths leads to anything that can be read.
    #[error("nothing to read: {0}")]
    NothingToRead(String),
    /// The threads of the engine could not be started.
    #[error("cannot start the engine")]
    Start(#[source] std::io::Error),
    /// There is no room for temporary files.
    #[error(
        "cannot make a folder for temporary files; the environment variable TMPDIR names where"
    )]
    Scratch(#[source] std::io::Error),
    /// The logs could not be turned into conversations.
    #[error("cannot read the logs")]
    Read(#[source] EngineError),
    /// The detections could not run.
    #[error("cannot hunt")]
    Detect(#[source] DetectError),
}
