use coldtrail_detect::DetectError;
use coldtrail_engine::EngineError;
use coldtrail_store::StoreError;

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
    /// The store could not be read.
    #[error("cannot read the store")]
    Store(#[source] StoreError),
    /// The original records of findings could not be looked for.
    #[error("cannot look for the original records of findings")]
    Evidence(#[source] EngineError),
    /// The logs could not be turned into conversations.
    #[error("cannot read the logs")]
    Read(#[source] EngineError),
    /// The detections could not run.
    #[error("cannot hunt")]
    Detect(#[source] DetectError),
}
