//! Detections that people wrote in the field's languages: text in, typed plans out.
//!
//! Nothing here runs a plan; `crates/detect` does, in `lower`.

pub mod kql;
pub mod sigma;
