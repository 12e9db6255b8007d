//! The detections: one file each, in a folder for each theme.

mod client;
mod cloud;
mod endpoint;
mod names;
mod rhythm;
mod role;
mod volume;

use coldtrail_engine::EngineError;
use coldtrail_engine::plan::{Expr, LogicalPlan, LogicalPlanBuilder, column, lit};

use crate::others::OTHERS;
use crate::{Detection, conversations};

pub use endpoint::non_browser::BROWSERS;

/// Every detection, in the order of their identifiers.
pub const DETECTIONS: &[&dyn Detection] = &[
    &client::host_mismatch::HostMismatch,
    &client::tls_fingerprint::TlsFingerprint,
    &client::user_agent::UserAgent,
    &cloud::changed::Changed,
    &cloud::exposed::Exposed,
    &cloud::invoked::Invoked,
    &cloud::prepared::Prepared,
    &cloud::unusual_deployer::UnusualDeployer,
    &endpoint::dropped_script::DroppedScript,
    &endpoint::mention::Mention,
    &endpoint::non_browser::NonBrowser,
    &endpoint::program_elsewhere::ProgramElsewhere,
    &endpoint::rare_program::RareProgram,
    &endpoint::script_host::ScriptHost,
    &endpoint::user_writable::UserWritable,
    &names::cname::Cname,
    &names::connection_after::ConnectionAfter,
    &names::dns_volume::DnsVolume,
    &names::nxdomain::Nxdomain,
    &names::random_label::RandomLabel,
    &names::rare_tenant::RareTenant,
    &names::resolution_only::ResolutionOnly,
    &names::taken_down::TakenDown,
    &rhythm::around_the_clock::AroundTheClock,
    &rhythm::beacon::Beacon,
    &rhythm::keep_alive::KeepAlive,
    &rhythm::lone_poller::LonePoller,
    &rhythm::rotation::Rotation,
    &role::unusual::Unusual,
    &volume::data_after_resolution::DataAfterResolution,
    &volume::few_functions::FewFunctions,
    &volume::upload_heavy::UploadHeavy,
];

/// The columns that detections see and pass on, but for the `rhythm`.
fn columns() -> impl Iterator<Item = &'static str> {
    conversations::columns().into_iter().chain(OTHERS)
}

/// Whether the process of a conversation has one of those names.
fn is_one_of(names: &[&str]) -> Expr {
    column("process_name").in_list(names.iter().map(|name| lit(*name)).collect(), false)
}

/// Passes the selected conversations on, with how strongly the detection holds.
fn with_strength(selected: LogicalPlanBuilder, strength: Expr) -> Result<LogicalPlan, EngineError> {
    let kept = columns().map(column).chain([strength.alias("strength")]);
    Ok(selected.project(kept)?.build()?)
}

/// The same, with a number that the detection's sentence tells.
fn with_count(
    selected: LogicalPlanBuilder,
    counted: Expr,
    strength: Expr,
) -> Result<LogicalPlan, EngineError> {
    let kept = columns().map(column);
    let told = [counted.alias("counted"), strength.alias("strength")];
    Ok(selected.project(kept.chain(told))?.build()?)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use serde_json::Value;

    use super::{DETECTIONS, columns};
    use crate::Settings;

    /// The sections of an alerting and detection strategy
    /// (<https://github.com/palantir/alerting-detection-strategy-framework>).
    const SECTIONS: [&str; 9] = [
        "# Goal",
        "# Categorisation",
        "# Strategy",
        "# Technical context",
        "# Blind spots",
        "# False positives",
        "# Validation",
        "# Priority",
        "# Response",
    ];

    #[test]
    fn every_detection_documents_itself() {
        for detection in DETECTIONS {
            let documentation = detection.documentation();
            let mut rest = documentation.as_str();
            for section in SECTIONS {
                let found = rest.find(section);
                let (_, after) = rest.split_at(found.unwrap_or_else(|| {
                    panic!("{} has no section `{section}`, or not in order", detection.id())
                }));
                rest = after;
            }
        }
    }

    #[test]
    fn settings_are_named_as_they_are_declared() {
        let all: Vec<String> = Settings::all().into_iter().map(|setting| setting.name).collect();
        for detection in DETECTIONS {
            let corresponding = detection.analytics().iter().filter_map(|one| one.setting);
            for name in corresponding.chain(detection.settings().iter().copied()) {
                assert!(all.iter().any(|one| one == name), "{}: {name}", detection.id());
            }
        }
    }

    #[test]
    fn settings_that_a_detection_reads_are_among_those_it_names() {
        for detection in DETECTIONS {
            for read in detection.source().split("settings.").skip(1) {
                let end = read.find(|letter: char| !letter.is_ascii_lowercase() && letter != '_');
                let (name, _) = read.split_at(end.unwrap_or(read.len()));
                let is_setting = Settings::all().iter().any(|setting| setting.name == name);
                let is_named = detection.settings().contains(&name);
                assert!(!is_setting || is_named, "{} reads {name}", detection.id());
            }
        }
    }

    #[test]
    fn columns_that_are_needed_are_in_their_tables() {
        for need in DETECTIONS.iter().flat_map(|detection| detection.needs()) {
            assert!(!need.any_of.is_empty() && !need.add.is_empty(), "{}", need.what);
            for place in need.any_of {
                for column in place.columns {
                    assert!(place.table.fields().contains(column), "{}", need.places());
                }
            }
            for name in need.shown_by {
                assert!(columns().any(|column| column == *name), "{name}");
            }
        }
    }

    /// The objects of ATT&CK are MITRE's, and not part of this repository.
    #[test]
    fn analytics_and_their_elements_are_as_att_and_ck_has_them() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..");
        let path = root.join("shared/facts/attack/related_stage_slice_v19.1.json");
        let Ok(text) = fs::read_to_string(path) else {
            println!("skipped: ../shared is absent");
            return;
        };
        let objects: Vec<Value> = serde_json::from_str(&text).expect("JSON");
        for detection in DETECTIONS {
            for correspondence in detection.analytics() {
                let id = |object: &&Value| {
                    object["external_references"][0]["external_id"] == correspondence.analytic
                };
                let Some(analytic) = objects.iter().find(id) else {
                    panic!("{} names {}", detection.id(), correspondence.analytic);
                };
                let Some(element) = correspondence.element else { continue };
                let elements = analytic["x_mitre_mutable_elements"].as_array();
                let has = elements.is_some_and(|all| all.iter().any(|one| one["field"] == element));
                assert!(has, "{} names {}", detection.id(), correspondence.name());
            }
        }
    }

    #[test]
    fn identifiers_are_distinct_and_in_order() {
        assert!(DETECTIONS.is_sorted_by(|one, other| one.id() < other.id()));
    }
}
