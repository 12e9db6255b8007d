//! What the library is known to get wrong, and is put right before it sees a rule.
//!
//! Each fault has a file, with what the library does, what is done instead, and a test that fails where the library
//! is asked directly. Two more are not here: correlations, which [`super::Correlator`] evaluates without the library
//! since it fires `temporal` at the first event, ignores the threshold of a percentile, counts whole seconds and
//! takes events in order of arrival; and filters, which [`filter`] applies before the library sees a rule.

pub(super) mod base64;
pub(super) mod condition;
pub(super) mod filter;
pub(super) mod keywords;
pub(super) mod network;
pub(super) mod null;
pub(super) mod number;
pub(super) mod placeholder;
pub(super) mod presence;
pub(super) mod regex;
pub(super) mod time;
pub(super) mod wildcard;
pub(super) mod windash;
