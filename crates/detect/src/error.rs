use coldtrail_engine::EngineError;

/// What can fail while detecting.
#[derive(Debug, thiserror::Error)]
pub enum DetectError {
    /// The engine could not build or run a plan.
    #[error("cannot run the detections")]
    Engine(#[from] EngineError),
    /// A result has not the columns that its plan promised.
    #[error("column `{0}` of a detection's result is missing or of another type")]
    Column(&'static str),
}
