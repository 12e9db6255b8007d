//! Audit logs of Cloud Functions and Cloud Run.
//!
//! <https://cloud.google.com/run/docs/audit-logging>

use coldtrail_model::Kind;
use serde_json::Value;

use super::{Act, Deed, Product, Record};

const FUNCTIONS: Product = Product {
    provider: "Google Cloud",
    name: "Cloud Functions (1st/2nd gen alias)",
    kind: Kind::Function,
};
const RUN: Product = Product {
    provider: "Google Cloud",
    name: "Cloud Run (deterministic URL)",
    kind: Kind::ContainerApp,
};

#[cfg(test)]
pub(super) const PRODUCTS: &[Product] = &[FUNCTIONS, RUN];

/// The deepest that a policy lies in a request.
const DEEPEST: usize = 6;

pub(super) fn deed(record: &Record<'_>) -> Option<Deed> {
    let (product, folder) = match record.service {
        "cloudfunctions.googleapis.com" => (FUNCTIONS, "functions"),
        "run.googleapis.com" => (RUN, "services"),
        _ => return record.run(RUN),
    };
    let is_open = || is_open_to_everybody(record.request);
    let act = match record.action.rsplit('.').next()? {
        "CreateFunction" | "CreateService" if is_open() => Act::Exposed,
        "CreateFunction" | "CreateService" => Act::Prepared,
        "UpdateFunction" | "UpdateService" | "ReplaceService" if is_open() => Act::Exposed,
        "UpdateFunction" | "UpdateService" | "ReplaceService" => Act::Changed,
        "SetIamPolicy" if is_open() => Act::Exposed,
        "CallFunction" => Act::Invoked,
        _ => return None,
    };
    let function = behind(record.resource, folder).unwrap_or(record.function);
    let named = (!function.is_empty()).then(|| function.to_owned());
    named.map(|function| Deed { act, product, function, host: None })
}

/// What follows a folder in a path of resources.
fn behind<'r>(resource: &'r str, folder: &str) -> Option<&'r str> {
    resource.split('/').skip_while(|part| *part != folder).nth(1)
}

/// Whether a request lets everybody in: by a policy, or by asking for no policy at all.
fn is_open_to_everybody(request: &str) -> bool {
    let Ok(request) = serde_json::from_str::<Value>(request) else { return false };
    // What the audit says of a change tells what is new in the policy from what it had before.
    match within(&request, "bindingDeltas", DEEPEST).and_then(Value::as_array) {
        Some(deltas) => deltas.iter().any(|delta| {
            delta.get("action").is_none_or(|action| action == "ADD")
                && delta.get("member").is_some_and(is_everybody)
        }),
        None => has_open_binding(&request) || has_no_policy(&request),
    }
}

fn has_open_binding(request: &Value) -> bool {
    let bindings = within(request, "bindings", DEEPEST).and_then(Value::as_array);
    bindings.into_iter().flatten().any(|binding| {
        let members = binding.get("members").and_then(Value::as_array);
        members.into_iter().flatten().any(is_everybody)
    })
}

fn has_no_policy(request: &Value) -> bool {
    let annotation = within(request, "run.googleapis.com/invoker-iam-disabled", DEEPEST);
    annotation.is_some_and(|value| value == "true")
        || within(request, "invokerIamDisabled", DEEPEST) == Some(&Value::Bool(true))
}

fn is_everybody(member: &Value) -> bool {
    member == "allUsers" || member == "allAuthenticatedUsers"
}

fn within<'v>(value: &'v Value, name: &str, depth: usize) -> Option<&'v Value> {
    let object = value.as_object()?;
    object.get(name).or_else(|| {
        let depth = depth.checked_sub(1)?;
        object.values().find_map(|inner| within(inner, name, depth))
    })
}

#[cfg(test)]
mod tests {
    use super::super::Record;
    use super::super::tests::told;

    fn record<'r>(action: &'r str, request: &'r str) -> Record<'r> {
        Record {
            provider: "gcp",
            service: "run.googleapis.com",
            resource: "projects/p/locations/europe-west1/services/poll",
            action,
            request,
            ..Record::default()
        }
    }

    #[test]
    fn a_service_is_opened_by_its_policy() {
        for (request, act) in [
            (
                r#"{"policy":{"bindings":[{"role":"roles/run.invoker","members":["allUsers"]}]}}"#,
                true,
            ),
            (r#"{"policy":{"bindings":[{"members":["user:kim@example.com"]}]}}"#, false),
            (r#"{"policyDelta":{"bindingDeltas":[{"action":"ADD","member":"allUsers"}]}}"#, true),
            (
                r#"{"policyDelta":{"bindingDeltas":[{"action":"REMOVE","member":"allUsers"}]}}"#,
                false,
            ),
            ("damaged", false),
        ] {
            let expected = act.then(|| "exposed poll Cloud Run".to_owned());
            let action = "google.cloud.run.v1.Services.SetIamPolicy";
            assert_eq!(told(&record(action, request)), expected, "{request}");
        }
    }

    #[test]
    fn services_are_made_and_replaced() {
        for (action, expected) in [
            ("google.cloud.run.v1.Services.CreateService", Some("prepared poll Cloud Run")),
            ("google.cloud.run.v1.Services.ReplaceService", Some("changed poll Cloud Run")),
            ("google.cloud.run.v1.Services.GetService", None),
        ] {
            assert_eq!(told(&record(action, "{}")).as_deref(), expected, "{action}");
        }
        let address = Record {
            domain: "poll-abcdefghij-ew.a.run.app",
            ..record("google.cloud.run.v2.Services.CreateService", r#"{"invokerIamDisabled":true}"#)
        };
        let told = told(&address).expect("an action");
        assert!(told.starts_with("exposed poll ") && told.ends_with(".a.run.app"), "{told}");
    }
}
