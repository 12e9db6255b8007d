//! Activities of Google Workspace, as the Reports API has them: what administrators changed, which
//! programs users let act for them (Apps Script among them), what happened to files, and sign-ins.
//!
//! <https://developers.google.com/workspace/admin/reports/reference/rest/v1/activities/list>. An
//! activity may have several events, and each makes a row.

#[cfg(test)]
mod kit_tests;

use std::borrow::Cow;

use coldtrail_diagnostics::Anomaly;
use coldtrail_model::{Field, Table};
use serde_json::{Map, Value};

use crate::filling::{Filling, Values, fill};
use crate::format::JsonShape;
use crate::nested::{Nested, text};
use crate::url::Url;
use crate::{Collector, Stopped, time};

/// Activities of Google Workspace.
pub(crate) struct GoogleWorkspaceJson;

/// What an event is about, by the names of its parameters: a program that was let in, a file, whatever
/// was set.
const RESOURCES: [&str; 10] = [
    "client_id",
    "doc_id",
    "APP_ID",
    "API_CLIENT_NAME",
    "APPLICATION_NAME",
    "group_email",
    "GROUP_EMAIL",
    "USER_EMAIL",
    "SETTING_NAME",
    "resource_id",
];

impl JsonShape for GoogleWorkspaceJson {
    fn name(&self) -> &'static str {
        "google-workspace"
    }

    fn claims(&self, object: &Map<String, Value>) -> bool {
        let activity = Nested(object);
        let is_activity = activity.str("kind") == Some("admin#reports#activity");
        let is_alert = activity.has("alertId") && activity.has("createTime");
        is_alert || (is_activity || activity.has("actor")) && activity.has("id.applicationName")
    }

    fn rows(
        &self,
        object: &Map<String, Value>,
        collector: &mut Collector<'_>,
    ) -> Result<(), Stopped> {
        let activity = Nested(object);
        // An alert sums up activities.
        if activity.has("alertId") {
            return Ok(());
        }
        let Some(written) = activity.str("id.time") else {
            collector.anomaly(Anomaly::MissingTimestamp, "the activity has no time");
            return Ok(());
        };
        let Some(moment) = time::rfc3339(written) else {
            collector.anomaly(Anomaly::InvalidTimestamp, written);
            return Ok(());
        };
        for event in activity.elements("events") {
            if let Some(event) = event.as_object() {
                row(activity, &Event(Nested(event)), moment, collector)?;
            }
        }
        Ok(())
    }
}

fn row(
    activity: Nested<'_>,
    event: &Event<'_>,
    moment: i64,
    collector: &mut Collector<'_>,
) -> Result<(), Stopped> {
    let application = activity.str("id.applicationName").unwrap_or_default();
    let dataset = format!("google_workspace.{application}");
    fill(collector, Table::Cloud, &dataset, moment, event, |filling| {
        who(&mut filling.from(&activity));
        // What a device, a call or a site tells of itself.
        filling
            .lower(Field::HostName, "DEVICE_NAME")
            .text(Field::UserName, "DEVICE_USER")
            .address(Field::SourceIp, "ip_address")
            .text(Field::UrlFull, "WEB_ADDRESS");
        if let Some(url) = filling.value("WEB_ADDRESS") {
            filling.row().domain(Field::UrlDomain, Url::parse(&url).host);
        }
        for name in RESOURCES {
            filling.text(Field::CloudResourceId, name);
        }
        let row = filling.row();
        row.text(Field::EventAction, event.name())
            .text(Field::EventOutcome, event.outcome())
            .text(Field::EventProvider, application)
            .text(Field::CloudProvider, "google_workspace")
            .text(Field::CloudServiceName, application)
            .text(Field::HttpRequestBodyContent, &event.parameters());
    })
}

fn who(filling: &mut Filling<'_, '_, '_>) {
    filling
        .text(Field::UserName, "actor.email")
        .text(Field::UserName, "actor.key")
        .text(Field::UserId, "actor.profileId")
        .text(Field::UserId, "actor.email")
        .address(Field::SourceIp, "ipAddress")
        .text(Field::CloudAccountId, "id.customerId");
}

/// One event of an activity; its values are those of its parameters.
struct Event<'o>(Nested<'o>);

impl<'o> Event<'o> {
    fn name(&self) -> &'o str {
        self.0.str("name").unwrap_or_default()
    }

    /// Most events tell only what was done, and are written when it was.
    fn outcome(&self) -> &'static str {
        match self.name() {
            "authorize" => "success",
            name if name.to_ascii_lowercase().contains("_success") => "success",
            name if name.to_ascii_lowercase().contains("_failure") => "failure",
            _ => "",
        }
    }

    /// The parameters as one object: the lists of names and values say the same with more words.
    fn parameters(&self) -> String {
        let parameters: Map<String, Value> = pairs(self.0.elements("parameters"))
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        if parameters.is_empty() { String::new() } else { Value::Object(parameters).to_string() }
    }
}

impl Values for Event<'_> {
    fn text(&self, name: &'static str) -> Option<Cow<'_, str>> {
        let parameters = self.0.elements("parameters").iter();
        let mut named =
            parameters.filter(|parameter| parameter.get("name").is_some_and(|it| it == name));
        text(value(named.next()?)?)
    }
}

/// Names and values of parameters.
fn pairs(parameters: &[Value]) -> impl Iterator<Item = (&str, Value)> {
    parameters.iter().filter_map(|parameter| {
        let name = parameter.get("name")?.as_str()?;
        let value = match parameter.get("multiMessageValue") {
            Some(Value::Array(messages)) => Value::Array(messages.iter().map(message).collect()),
            _ => value(parameter)?.clone(),
        };
        Some((name, value))
    })
}

/// A value of several: again names and values, no deeper than this.
fn message(message: &Value) -> Value {
    let parameters =
        message.get("parameter").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let named = parameters.iter().filter_map(|parameter| {
        Some((parameter.get("name")?.as_str()?.to_owned(), value(parameter)?.clone()))
    });
    Value::Object(named.collect())
}

/// The value of a parameter, which has a name for each type.
fn value(parameter: &Value) -> Option<&Value> {
    let names = ["value", "boolValue", "intValue", "multiValue", "multiIntValue", "messageValue"];
    names.iter().find_map(|name| parameter.get(name)).filter(|value| !value.is_null())
}

#[cfg(test)]
mod tests {
    use coldtrail_model::Table;

    use super::GoogleWorkspaceJson;
    use crate::kept_rows::KeptRows;

    #[test]
    fn a_script_that_is_let_in_has_its_scopes() {
        let rows = KeptRows::of_object(
            &GoogleWorkspaceJson,
            r#"{"kind":"admin#reports#activity","ipAddress":"192.0.2.7",
            "id":{"time":"2024-05-04T10:00:00.000Z","applicationName":"token","customerId":"C1"},
            "actor":{"email":"jane@example.com","profileId":"1"},
            "events":[{"name":"authorize","parameters":[
                {"name":"client_id","value":"1.apps.googleusercontent.com"},
                {"name":"app_name","value":"Relay"},
                {"name":"scope","multiValue":["https://www.googleapis.com/auth/script.external_request"]},
                {"name":"scope_data","multiMessageValue":[{"parameter":[
                    {"name":"product_bucket","multiValue":["APPS_SCRIPT_RUNTIME"]}]}]}]},
                {"name":"activity"}]}"#,
        );
        let all = rows.all(Table::Cloud);
        let who = "timestamp=1714816800000000 event_dataset=google_workspace.token \
                   user_name=jane@example.com source_ip=192.0.2.7 user_id=1";
        let cloud = "event_provider=token cloud_provider=google_workspace cloud_account_id=C1 \
                     cloud_service_name=token";
        assert_eq!(
            all,
            [
                format!(
                    "{who} event_action=authorize event_outcome=success {cloud} \
                     cloud_resource_id=1.apps.googleusercontent.com http_request_body_content={}",
                    "{\"client_id\":\"1.apps.googleusercontent.com\",\"app_name\":\"Relay\",\
                     \"scope\":[\"https://www.googleapis.com/auth/script.external_request\"],\
                     \"scope_data\":[{\"product_bucket\":[\"APPS_SCRIPT_RUNTIME\"]}]}"
                ),
                format!("{who} event_action=activity {cloud}"),
            ]
        );
        assert_eq!(rows.anomalies(), []);
    }

    #[test]
    fn one_event_need_not_be_a_list() {
        let rows = KeptRows::of_object(
            &GoogleWorkspaceJson,
            r#"{"id":{"time":"2024-05-04T10:00:00Z","applicationName":"saml"},"actor":{"key":"SYSTEM"},
            "events":{"type":"login","name":"login_failure"}}"#,
        );
        assert_eq!(
            rows.only(Table::Cloud),
            "timestamp=1714816800000000 event_dataset=google_workspace.saml user_name=SYSTEM \
             event_action=login_failure event_outcome=failure event_provider=saml \
             cloud_provider=google_workspace cloud_service_name=saml"
        );
    }
}
