//! Event tables in, signals out.
//!
//! 1. [`contacts`] is a plan: one row for each event in which something reached for a serverless
//!    endpoint, from all tables that name what was contacted.
//! 2. [`links`] are the addresses that contacts were told; [`linked_flows`] makes contacts of the
//!    connections to them that have no name of their own.
//! 3. [`conversations`] folds contacts by host, process and tenant.
//! 4. [`mentions`] are processes, scripts and files that can matter; [`cloud`] is what was done to
//!    functions on the control planes of clouds.
//! 5. Each [`Detection`] is a plan over these [`Views`], and the words for a [`Signal`].
//!
//! Beside them, [`lower`] makes plans of detections that people wrote in KQL.
//!
//! All of it is plain relational plans with registered functions, so the same code runs on raw logs
//! and on a store, on one machine and on many.

mod clients;
mod cloud;
mod contacts;
mod conversations;
mod correspondence;
mod detection;
mod detections;
mod error;
mod fronts;
mod joins;
mod linked_flows;
mod links;
pub mod lower;
mod mentions;
mod names_of_hosts;
mod need;
mod others;
mod run;
mod setting;
mod settings;
mod told_rhythm;
mod views;

pub use cloud::{cloud, cloud_rows};
pub use contacts::{CONTACT_TABLES, contact_rows, contacts, within};
pub use conversations::conversations;
pub use correspondence::Correspondence;
pub use detection::{Baseline, Clients, Detection};
pub use detections::{BROWSERS, DETECTIONS};
pub use error::DetectError;
pub use linked_flows::{InOnePlan, Steps, linked_flows, touching};
pub use links::links;
pub use mentions::{MENTION_TABLES, mention_rows, mentions};
pub use names_of_hosts::with_names_of_hosts;
pub use need::{Need, Place};
pub use others::with_others;
pub use run::{Detected, detect};
pub use setting::{NotSet, Setting};
pub use settings::Settings;
pub use views::{View, Views};
