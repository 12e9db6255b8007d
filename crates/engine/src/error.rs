use datafusion::error::DataFusionError;

/// What can fail in the engine; each variant names the operation.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// A function or table was refused by the session.
    #[error("cannot register a function or table")]
    Register(#[source] Box<DataFusionError>),
    /// A plan could not be built.
    #[error("cannot build a plan")]
    Plan(#[source] Box<DataFusionError>),
    /// A plan could not be run to its end.
    #[error("cannot run a plan")]
    Run(#[source] Box<DataFusionError>),
    /// Rows could not be written to a temporary file.
    #[error("cannot write rows to a temporary file")]
    Write(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A thread that reads logs ended early.
    #[error("a reader of logs stopped unexpectedly")]
    Reader,
}

impl EngineError {
    pub(crate) fn register(source: DataFusionError) -> Self {
        EngineError::Register(Box::new(source))
    }

    pub(crate) fn write(source: impl std::error::Error + Send + Sync + 'static) -> Self {
        EngineError::Write(Box::new(source))
    }

    /// Whether no memory was left for joins, groups and sorts.
    pub fn is_out_of_memory(&self) -> bool {
        match self {
            EngineError::Plan(source) | EngineError::Run(source) => {
                matches!(source.find_root(), DataFusionError::ResourcesExhausted(_))
            }
            _ => false,
        }
    }

    pub(crate) fn run(source: DataFusionError) -> Self {
        EngineError::Run(Box::new(source))
    }
}

impl From<DataFusionError> for EngineError {
    /// Plans are built with `?` in many small steps; running and registering name themselves.
    fn from(source: DataFusionError) -> Self {
        EngineError::Plan(Box::new(source))
    }
}
