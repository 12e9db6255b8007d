//! Our own functions, one file or folder each.
//!
//! Every function is stateless: it is rebuilt anywhere from its name, and takes its settings as
//! literal arguments. That is what lets a plan travel to another machine without a codec
//! (`docs/decisions/0003-ballista.md`).

mod claimed_programs;
mod cloud_action;
mod encoded_texts;
mod first_distinct;
mod json_list;
mod label_randomness;
mod moments;
mod occasions;
mod record_reference;
mod rhythm;
mod sample;
mod serverless_endpoint;
mod serverless_mention;
mod surge;
mod touches;

use std::sync::Arc;

use datafusion::execution::FunctionRegistry;
use datafusion::execution::SessionState;
use datafusion::logical_expr::{AggregateUDF, ScalarUDF};

pub use claimed_programs::{SCRIPTED_CLIENTS, claimed_program, claimed_programs};
pub use cloud_action::cloud_action;
pub use json_list::json_list;
pub use label_randomness::label_randomness;
pub use moments::moments;
pub use occasions::occasions;
pub use record_reference::{parse_record_reference, record_reference};
pub use rhythm::rhythm;
pub use sample::sample;
pub use serverless_endpoint::serverless_endpoint;
pub use serverless_mention::serverless_mention;
pub use surge::surge;
pub use touches::touches;

use crate::EngineError;

/// The scalar functions, in order of name.
pub fn scalar_functions() -> Vec<Arc<ScalarUDF>> {
    vec![
        claimed_programs::function(),
        cloud_action::function(),
        json_list::function(),
        label_randomness::function(),
        occasions::function(),
        record_reference::function(),
        rhythm::function(),
        serverless_endpoint::function(),
        serverless_mention::function(),
        surge::function(),
        touches::function(),
    ]
}

/// The aggregate functions, in order of name.
pub fn aggregate_functions() -> Vec<Arc<AggregateUDF>> {
    vec![moments::function(), sample::function()]
}

/// Registers every function of ours with a session, embedded or distributed.
///
/// It is done after the session state is built, since giving functions to its builder would replace
/// DataFusion's own.
///
/// # Errors
///
/// When DataFusion refuses a function.
pub fn register(state: &mut SessionState) -> Result<(), EngineError> {
    for function in scalar_functions() {
        state.register_udf(function).map_err(EngineError::register)?;
    }
    for function in aggregate_functions() {
        state.register_udaf(function).map_err(EngineError::register)?;
    }
    Ok(())
}
