//! Windows events as JSON, in the shapes that collectors give them: `evtx_dump`, winlogbeat and the
//! Elastic Agent, nxlog and its kin, the tables of Azure Monitor, and XML inside a field.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::data::text;
use super::{Created, Data, Event, System, account, xml};
use crate::Collector;
use crate::format::{JsonShape, Stopped};
use crate::records::at;

/// JSON objects that hold a Windows event.
pub(crate) struct WindowsJson;

type Object = Map<String, Value>;

impl JsonShape for WindowsJson {
    fn name(&self) -> &'static str {
        "windows-json"
    }

    fn claims(&self, object: &Object) -> bool {
        Shape::of(object).is_some()
    }

    fn rows(&self, object: &Object, collector: &mut Collector<'_>) -> Result<(), Stopped> {
        match Shape::of(object) {
            Some(Shape::Dump(event)) => dump(event).rows(collector),
            Some(Shape::Winlog) => winlog(object).rows(collector),
            Some(Shape::Flat) => flat(object).rows(collector),
            Some(Shape::Sysmon(event_id)) => bare_sysmon(object, event_id).rows(collector),
            Some(Shape::Xml(xml)) => xml::event_rows(xml, collector),
            None => Ok(()),
        }
    }

    fn pass_on(&self, object: &Object, collector: &mut Collector<'_>) -> Result<(), Stopped> {
        let event = match Shape::of(object) {
            Some(Shape::Dump(event)) => dump(event),
            Some(Shape::Winlog) => winlog(object),
            Some(Shape::Flat) => flat(object),
            // When it was written is lost, when it happened is not.
            Some(Shape::Sysmon(event_id)) => {
                Event { created: utc(object.get("UtcTime")), ..bare_sysmon(object, event_id) }
            }
            Some(Shape::Xml(xml)) => return xml::pass_on(xml, self.name(), collector),
            None => return Ok(()),
        };
        event.pass_on(self.name(), object, collector)
    }
}

/// Who wrote the object, as far as it matters for reading it.
enum Shape<'o> {
    /// `evtx_dump`: the XML form, element by element.
    Dump(&'o Object),
    /// winlogbeat and the Elastic Agent: everything below `winlog`.
    Winlog,
    /// nxlog, Logstash, Azure Monitor: the system's values and the event's own side by side.
    Flat,
    /// The values of a Sysmon event alone; the number is told by what they are.
    Sysmon(u32),
    /// The XML form in a field.
    Xml(&'o str),
}

impl<'o> Shape<'o> {
    fn of(object: &'o Object) -> Option<Self> {
        if let Some(event) = object.get("Event").and_then(Value::as_object)
            && event.get("System").is_some_and(Value::is_object)
        {
            return Some(Shape::Dump(event));
        }
        if at(object, "winlog.event_id").is_some() {
            return Some(Shape::Winlog);
        }
        if let Some(xml) = XML_FIELDS.iter().find_map(|path| event_text(object, path)) {
            return Some(Shape::Xml(xml));
        }
        if object.contains_key("EventID") {
            let mut names = PROVIDERS.iter().chain(CHANNELS);
            return names.any(|name| object.contains_key(*name)).then_some(Shape::Flat);
        }
        if object.contains_key("UtcTime") && object.contains_key("ProcessGuid") {
            return Some(Shape::Sysmon(sysmon_event_id(object)));
        }
        None
    }
}

/// Where collectors put the XML form: Azure diagnostics, the `Syslog` table with Sysmon for Linux,
/// Splunk. What is called `message` or `event.original` is found by [`crate::json`].
const XML_FIELDS: [&str; 3] = ["properties.RawXml", "SyslogMessage", "_raw"];

/// Keys of the provider in flat records: nxlog, Azure's `WindowsEvent`, `SecurityEvent` and `Event`.
pub(super) const PROVIDERS: &[&str] =
    &["SourceName", "Provider", "ProviderName", "EventSourceName", "Source"];
/// Keys of the channel.
const CHANNELS: &[&str] = &["Channel", "EventLog"];
/// Keys of the host; nxlog capitalises its own in two ways.
const COMPUTERS: &[&str] = &["Hostname", "HOSTNAME", "Computer"];
/// Keys of a time in UTC, the event's own before those of the collector.
const TIMES: &[&str] = &["TimeCreated", "TimeGenerated", "@timestamp"];
/// Keys of the process that wrote the event; newer versions of nxlog use the first.
pub(super) const PROCESSES: &[&str] = &["ExecutionProcessID", "SystemProcessId", "ProcessID"];
/// Keys of whose thread wrote the event, where no name of an account is given.
const USERS: &[&str] = &["UserID", "SystemUserId", "UserName"];
/// Keys of what happened in words; `RenderedDescription` is that of the `Event` table.
const MESSAGES: &[&str] = &["Message", "RenderedDescription", "EventMessage", "message"];

/// `{"Event": {"System": {…}, "EventData": {…}}}`
fn dump(event: &Object) -> Event<'_> {
    let system = |path: &str| event.get("System").and_then(|system| at(system.as_object()?, path));
    let system_text = |path: &str| system(path).map(text).unwrap_or_default();
    Event {
        provider: system_text("Provider.#attributes.Name"),
        channel: system_text("Channel"),
        event_id: event_id(system("EventID")),
        computer: system_text("Computer"),
        created: utc(system("TimeCreated.#attributes.SystemTime")),
        process_id: system_text("Execution.#attributes.ProcessID"),
        user: system_text("Security.#attributes.UserID"),
        data: dumped_data(event).unwrap_or_default(),
        message: Cow::default(),
        has_user_data: !event.contains_key("EventData"),
        system: System::Dump(event),
    }
}

/// `{"@timestamp": …, "winlog": {"event_id": …, "event_data": {…}}}`, nested or with dotted keys.
fn winlog(object: &Object) -> Event<'_> {
    let value = |path: &str| at(object, path).map(text).unwrap_or_default();
    let domain = value("winlog.user.domain");
    let name = value("winlog.user.name");
    let user = if name.is_empty() {
        value("winlog.user.identifier")
    } else {
        Cow::Owned(account(&domain, &name))
    };
    let data = at(object, "winlog.event_data").and_then(object_data);
    Event {
        provider: value("winlog.provider_name"),
        channel: value("winlog.channel"),
        event_id: event_id(at(object, "winlog.event_id")),
        computer: value("winlog.computer_name"),
        created: utc(at(object, "winlog.time_created").or_else(|| object.get("@timestamp"))),
        process_id: value("winlog.process.pid"),
        user,
        data: data.unwrap_or(Data::Dotted(object, "winlog.event_data.")),
        message: value("message"),
        has_user_data: at(object, "winlog.event_data").is_none()
            && at(object, "winlog.user_data").is_some(),
        system: System::Winlog(object),
    }
}

/// `{"EventID": …, "Channel": …, "Image": …}`, or the event's own values in `EventData` as an object
/// or as the text of one.
fn flat(object: &Object) -> Event<'_> {
    let name = first(object, &["AccountName"]);
    let user = if name.is_empty() {
        first(object, USERS)
    } else {
        Cow::Owned(account(&first(object, &["Domain"]), &name))
    };
    Event {
        provider: first(object, PROVIDERS),
        channel: first(object, CHANNELS),
        event_id: event_id(object.get("EventID")),
        computer: first(object, COMPUTERS),
        created: flat_time(object),
        process_id: first(object, PROCESSES),
        user,
        data: flat_data(object),
        message: first(object, MESSAGES),
        has_user_data: false,
        system: System::Flat(object),
    }
}

/// The values of an event's own, some of which may be columns beside `EventData`.
fn flat_data(object: &Object) -> Data<'_> {
    let Some(value) = object.get("EventData") else { return Data::Flat(object) };
    let pairs = value.as_str().and_then(xml::event_data);
    match (object_data(value), pairs) {
        (Some(data), _) => data,
        (None, Some(pairs)) => Data::Beside(pairs, object),
        (None, None) => Data::Flat(object),
    }
}

/// The values of an event's own, which the provider may have in an element of its own below `UserData`.
fn dumped_data(event: &Object) -> Option<Data<'_>> {
    let data = event.get("EventData").and_then(object_data);
    data.or_else(|| event.get("UserData")?.as_object()?.values().find_map(object_data))
}

/// A Sysmon event of which only its own values were kept.
fn bare_sysmon(object: &Object, event_id: u32) -> Event<'_> {
    Event {
        provider: "Microsoft-Windows-Sysmon".into(),
        event_id,
        data: Data::Flat(object),
        ..Event::default()
    }
}

/// The number of the Sysmon event that has those values; 0 for those that make no rows.
fn sysmon_event_id(object: &Object) -> u32 {
    let has = |key: &str| object.contains_key(key);
    // Renamed and deleted files have a `TargetFilename` too, but also something else.
    let other_file = has("PreviousCreationUtcTime") || has("Hashes") || has("Hash");
    if has("ParentProcessGuid") {
        1
    } else if has("DestinationIp") {
        3
    } else if has("QueryName") {
        22
    } else if has("TargetFilename") && !other_file {
        11
    } else {
        0
    }
}

/// The local `EventTime` of nxlog is the last resort.
fn flat_time(object: &Object) -> Created<'_> {
    let time = first(object, TIMES);
    let local = first(object, &["EventTime"]);
    match (time.is_empty(), local.is_empty()) {
        (false, _) => Created::Utc(time),
        (true, false) => Created::Local(local),
        (true, true) => Created::Unknown,
    }
}

/// The first of those keys that has a text.
fn first<'o>(object: &'o Object, keys: &[&str]) -> Cow<'o, str> {
    let mut values = keys.iter().filter_map(|key| object.get(*key)).map(text);
    values.find(|value| !value.is_empty()).unwrap_or_default()
}

/// The values of an event's own: an object, or the text of one.
fn object_data(value: &Value) -> Option<Data<'_>> {
    match value {
        Value::Object(object) => Some(Data::Object(Cow::Borrowed(object))),
        Value::String(text) => Some(Data::Object(Cow::Owned(serde_json::from_str(text).ok()?))),
        _ => None,
    }
}

fn event_id(value: Option<&Value>) -> u32 {
    value.map(text).and_then(|number| number.parse().ok()).unwrap_or_default()
}

fn utc(value: Option<&Value>) -> Created<'_> {
    match value.map(text) {
        Some(time) if !time.is_empty() => Created::Utc(time),
        _ => Created::Unknown,
    }
}

/// The text at a path, if it is the XML form of an event.
fn event_text<'o>(object: &'o Object, path: &str) -> Option<&'o str> {
    let text = at(object, path)?.as_str()?;
    let begins_as_markup = text.trim_ascii_start().starts_with('<');
    (begins_as_markup && text.contains("<Event") && text.contains("<System")).then_some(text)
}

#[cfg(test)]
mod tests {
    use coldtrail_diagnostics::Anomaly;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::super::rows_for_tests::{Outcome, Row, read_objects};
    use super::{JsonShape, Shape, WindowsJson};

    fn only_row(object: &Value) -> Row {
        let outcome = read_objects([object]);
        assert_eq!(outcome.anomalies(), [], "{object}");
        assert_eq!(outcome.rows.len(), 1, "{object}");
        outcome.rows_without_place().remove(0)
    }

    /// The values of a query that Sysmon saw.
    fn query() -> Value {
        json!({
            "UtcTime": "2024-05-01 10:00:00.250",
            "ProcessGuid": "{5aa13a44-02ac-68fd-7a35-000000004002}",
            "ProcessId": "356",
            "QueryName": "App.Example",
            "QueryStatus": "0",
            "QueryResults": "type:  5 edge.example;::ffff:192.0.2.7;",
            "Image": "C:\\Windows\\System32\\svchost.exe",
            "User": "NT AUTHORITY\\SYSTEM",
        })
    }

    /// The query as each collector writes it.
    fn in_every_shape() -> Vec<Value> {
        let mut nxlog = query();
        let system = json!({
            "EventTime": "2024-05-01 12:00:03", "Hostname": "ws01.example", "EventID": 22,
            "SourceName": "Microsoft-Windows-Sysmon", "ProcessID": 2556,
            "Channel": "Microsoft-Windows-Sysmon/Operational", "AccountName": "SYSTEM",
        });
        nxlog
            .as_object_mut()
            .expect("an object")
            .extend(system.as_object().cloned().unwrap_or_default());
        let dotted = query()
            .as_object()
            .cloned()
            .unwrap_or_default()
            .into_iter()
            .map(|(name, value)| (format!("winlog.event_data.{name}"), json!([value])))
            .chain([
                ("winlog.event_id".to_owned(), json!(["22"])),
                ("winlog.channel".to_owned(), json!(["Microsoft-Windows-Sysmon/Operational"])),
                ("winlog.computer_name".to_owned(), json!(["WS01.example"])),
            ]);
        let xml = "<Event><System><Provider Name='Microsoft-Windows-Sysmon'/><EventID>22</EventID>\
                   <Computer>WS01.example</Computer></System><EventData>"
            .to_owned()
            + &query()
                .as_object()
                .cloned()
                .unwrap_or_default()
                .iter()
                .map(|(name, value)| {
                    format!("<Data Name='{name}'>{}</Data>", value.as_str().unwrap_or_default())
                })
                .collect::<String>()
            + "</EventData></Event>";
        vec![
            json!({ "Event": {
                "System": {
                    "Provider": { "#attributes": { "Name": "Microsoft-Windows-Sysmon" } },
                    "EventID": { "#attributes": { "Qualifiers": "" }, "#text": 22 },
                    "Computer": "WS01.example",
                    "TimeCreated": { "#attributes": { "SystemTime": "2024-05-01T10:00:03.5Z" } },
                },
                "EventData": query(),
            } }),
            json!({ "@timestamp": "2024-05-02T00:00:00Z", "winlog": {
                "event_id": "22", "provider_name": "Microsoft-Windows-Sysmon",
                "computer_name": "WS01.example", "event_data": query(),
            } }),
            Value::Object(dotted.collect()),
            nxlog,
            json!({
                "TimeGenerated": "2024-05-01T10:00:03.5Z", "Computer": "WS01.example",
                "Provider": "Microsoft-Windows-Sysmon", "EventID": 22, "Type": "WindowsEvent",
                "EventData": query().to_string(),
            }),
            json!({ "message": &xml }),
            json!({ "event": { "original": &xml }, "host": { "name": "collector" } }),
            json!({ "properties": { "RawXml": &xml, "EventId": 22 }, "time": "2024-05-02T00:00:00Z" }),
            json!({ "SyslogMessage": &xml, "Computer": "collector" }),
        ]
    }

    #[test]
    fn every_shape_makes_the_same_row() {
        let expected = [
            ("dns_answers_data", "edge.example 192.0.2.7"),
            ("dns_question_name", "app.example"),
            ("dns_response_code", "NOERROR"),
            ("event_dataset", "windows.sysmon"),
            ("host_name", "ws01.example"),
            ("process_entity_id", "5AA13A44-02AC-68FD-7A35-000000004002"),
            ("process_executable", "C:\\Windows\\System32\\svchost.exe"),
            ("process_name", "svchost.exe"),
            ("process_pid", "356"),
            ("table", "dns"),
            ("timestamp", "2024-05-01T10:00:00.250000Z"),
            ("user_name", "NT AUTHORITY\\SYSTEM"),
        ];
        let expected = Row::from(expected.map(|(name, value)| (name, value.to_owned())));
        for object in in_every_shape() {
            assert_eq!(only_row(&object), expected, "{object}");
        }
        let mut without_host = expected;
        without_host.remove("host_name");
        assert_eq!(only_row(&query()), without_host);
    }

    #[test]
    fn a_connection_of_the_security_log() {
        let row = only_row(&json!({
            "EventID": 5156, "Channel": "security", "Hostname": "WS01", "ProcessID": 4,
            "SourceName": "Microsoft-Windows-Security-Auditing", "ProcessId": "1308",
            "@timestamp": "2024-05-01T10:00:00.250Z", "EventTime": "2024-05-01 12:00:00",
            "Application": "\\device\\harddiskvolume2\\users\\ann\\Agent.exe", "Direction": "%%14593",
            "SourceAddress": "fe80:0:0:0:0:0:0:7", "SourcePort": "50000",
            "DestAddress": "192.0.2.1", "DestPort": "443", "Protocol": "6",
        }));
        let expected = [
            ("destination_ip", "192.0.2.1"),
            ("destination_port", "443"),
            ("event_dataset", "windows.security"),
            ("event_type", "allowed"),
            ("host_name", "ws01"),
            ("network_direction", "outbound"),
            ("network_transport", "tcp"),
            ("process_executable", "\\device\\harddiskvolume2\\users\\ann\\Agent.exe"),
            ("process_name", "agent.exe"),
            ("process_pid", "1308"),
            ("source_ip", "fe80::7"),
            ("source_port", "50000"),
            ("table", "flow"),
            ("timestamp", "2024-05-01T10:00:00.250000Z"),
        ];
        assert_eq!(row, Row::from(expected.map(|(name, value)| (name, value.to_owned()))));
    }

    #[test]
    fn a_process_of_the_security_log() {
        let row = only_row(&json!({ "winlog": {
            "event_id": 4688, "channel": "Security", "time_created": "2024-05-01T10:00:00Z",
            "event_data": {
                "SubjectDomainName": "CORP", "SubjectUserName": "ann", "NewProcessId": "0x11cc",
                "NewProcessName": "C:\\Windows\\System32\\curl.exe", "CommandLine": "curl x",
                "ParentProcessName": "C:\\Windows\\explorer.exe", "ProcessId": "0x122c",
            },
        } }));
        assert_eq!(row["process_pid"], "4556");
        assert_eq!(row["user_name"], "CORP\\ann");
        assert_eq!(row["process_name"], "curl.exe");
        assert_eq!(row["process_parent_name"], "explorer.exe");
        assert_eq!(row["process_command_line"], "curl x");
    }

    #[test]
    fn a_script_block_belongs_to_the_user_of_its_thread() {
        let block = json!({
            "MessageNumber": "2", "MessageTotal": "3", "ScriptBlockText": "iwr $u\r\n",
            "ScriptBlockId": "881DA090-24A4-42DA-AC7A-C9CAA5EA8702", "Path": "C:\\a.ps1",
        });
        let row = only_row(&json!({ "winlog": {
            "event_id": 4104, "provider_name": "PowerShellCore", "process": { "pid": 4204 },
            "user": { "identifier": "S-1-5-21-1" }, "time_created": "2024-05-01T10:00:00Z",
            "event_data": block,
        } }));
        let expected = [
            ("event_dataset", "windows.powershell"),
            ("file_path", "C:\\a.ps1"),
            ("powershell_file_script_block_id", "881da090-24a4-42da-ac7a-c9caa5ea8702"),
            ("powershell_file_script_block_text", "iwr $u\r\n"),
            ("powershell_sequence", "2"),
            ("powershell_total", "3"),
            ("process_pid", "4204"),
            ("table", "script"),
            ("timestamp", "2024-05-01T10:00:00Z"),
            ("user_name", "S-1-5-21-1"),
        ];
        assert_eq!(row, Row::from(expected.map(|(name, value)| (name, value.to_owned()))));
    }

    /// Event 4103 of a French host, as nxlog writes it where it keeps no payload.
    #[test]
    fn commands_that_were_run() {
        let context = [
            "Gravité = Informational",
            "Nom = ConsoleHost",
            "Version = 5.1",
            "ID = 1",
            "Application hôte = C:\\Windows\\System32\\powershell.exe -c irm a.example",
            "Moteur = 5.1",
            "Instance = 2",
            "Pipeline = 1",
            "Nom de commande = irm",
            "Type = Cmdlet",
            "Nom du script = C:\\a.ps1",
            "Chemin = ",
            "Numéro = 18",
            "Utilisateur = CORP\\ann",
            "Utilisateur connecté = ",
            "Interpréteur = Microsoft.PowerShell",
        ];
        let context = context.map(|line| format!("        {line}\r\n")).concat();
        let commands = "CommandInvocation (irm) : « irm »";
        let row = only_row(&json!({
            "EventID": 4103, "SourceName": "Microsoft-Windows-PowerShell", "ProcessID": 5532,
            "@timestamp": "2024-05-01T10:00:00Z", "Hostname": "WS01", "AccountName": "SYSTEM",
            "Message": format!("{commands}\r\n\r\n\r\nContexte :\r\n{context}\r\n\r\nDonnées :\r\n"),
        }));
        let expected = [
            ("event_dataset", "windows.powershell"),
            ("file_path", "C:\\a.ps1"),
            ("host_name", "ws01"),
            ("powershell_file_script_block_text", commands),
            ("process_command_line", "C:\\Windows\\System32\\powershell.exe -c irm a.example"),
            ("process_executable", "C:\\Windows\\System32\\powershell.exe"),
            ("process_name", "powershell.exe"),
            ("process_pid", "5532"),
            ("table", "script"),
            ("timestamp", "2024-05-01T10:00:00Z"),
            ("user_name", "CORP\\ann"),
        ];
        assert_eq!(row, Row::from(expected.map(|(name, value)| (name, value.to_owned()))));
    }

    #[test]
    fn a_message_in_any_language_has_its_values_in_order() {
        let row = only_row(&json!({
            "EventID": 4688, "SourceName": "Microsoft-Windows-Security-Auditing", "ProcessID": 4,
            "@timestamp": "2024-05-01T10:00:00Z", "Hostname": "WS01",
            "Message": "Un processus a été créé.\r\n\r\nSujet créateur :\r\n\tID :\t\tS-1-5-18\r\n\
                \tNom :\t\tann\r\n\tDomaine :\t\tCORP\r\n\tSession :\t\t0x3E7\r\n\r\nSujet cible :\r\n\
                \tID :\t\tS-1-0-0\r\n\tNom :\t\t-\r\n\tDomaine :\t\t-\r\n\tSession :\t\t0x0\r\n\r\n\
                Processus :\r\n\tNouvel ID :\t\t0x11cc\r\n\tNouveau nom :\tC:\\Windows\\curl.exe\r\n\
                \tÉlévation :\t%%1936\r\n\tÉtiquette :\t\tS-1-16-16384\r\n\tCréateur :\t0x7\r\n\
                \tNom du créateur :\tC:\\Windows\\cmd.exe\r\n\tLigne :\tcurl https://a.example\r\n",
        }));
        assert_eq!(row["process_pid"], "4556");
        assert_eq!(row["process_name"], "curl.exe");
        assert_eq!(row["process_parent_name"], "cmd.exe");
        assert_eq!(row["process_command_line"], "curl https://a.example");
        assert_eq!(row["user_name"], "CORP\\ann");
    }

    #[test]
    fn tables_of_azure_monitor_keep_values_as_xml() {
        let values = "<EventData xmlns=\"http://schemas.microsoft.com/win/2004/08/events/event\">\
            <Data Name=\"ProcessID\">1308</Data><Data Name=\"Application\">\\device\\a.exe</Data>\
            <Data Name=\"DestAddress\">192.0.2.1</Data><Data Name=\"DestPort\">443</Data></EventData>";
        let item = format!("<DataItem type=\"System.XmlData\">{values}</DataItem>");
        for object in [
            json!({
                "TimeGenerated": "5/1/2024, 10:00:00.000 AM", "Computer": "WS01", "EventID": 5156,
                "EventSourceName": "Microsoft-Windows-Security-Auditing", "EventData": values,
            }),
            json!({
                "TimeGenerated": "2024-05-01T10:00:00Z", "Computer": "WS01", "EventID": 5156,
                "Source": "Microsoft-Windows-Security-Auditing", "EventLog": "Security",
                "EventData": item, "RenderedDescription": "x", "UserName": "N/A",
            }),
        ] {
            let row = only_row(&object);
            assert_eq!(row["process_pid"], "1308");
            assert_eq!(row["process_name"], "a.exe");
            assert_eq!(row["destination_ip"], "192.0.2.1");
            assert_eq!(row["timestamp"], "2024-05-01T10:00:00Z");
        }
        let row = only_row(&json!({
            "TimeGenerated": "2024-05-01T10:00:00Z", "Computer": "WS01", "EventID": 4688,
            "EventSourceName": "Microsoft-Windows-Security-Auditing", "EventData": "",
            "NewProcessName": "C:\\a.exe", "NewProcessId": "0x7", "CommandLine": "a -b",
        }));
        assert_eq!(
            (row["process_pid"].as_str(), row["process_command_line"].as_str()),
            ("7", "a -b")
        );
    }

    #[test]
    fn a_query_of_the_dns_client() {
        let row = only_row(&json!({
            "EventID": 3008, "Channel": "Microsoft-Windows-DNS-Client/Operational",
            "TimeCreated": "2024-05-01T10:00:00Z", "Hostname": "WS01", "ProcessID": 77,
            "QueryName": "gone.example", "QueryType": "28", "QueryStatus": "9003", "QueryResults": "",
        }));
        assert_eq!(row["event_dataset"], "windows.dns_client");
        assert_eq!(row["dns_question_type"], "AAAA");
        assert_eq!(row["dns_response_code"], "NXDOMAIN");
        assert_eq!(row["process_pid"], "77");
        assert_eq!(row.get("dns_answers_data"), None);
    }

    fn block_at(times: &Value) -> Outcome {
        let mut object = json!({
            "EventID": 4104, "SourceName": "Microsoft-Windows-PowerShell", "ScriptBlockText": "x",
        });
        object
            .as_object_mut()
            .expect("an object")
            .extend(times.as_object().cloned().unwrap_or_default());
        read_objects([&object])
    }

    #[test]
    fn local_time_is_the_last_resort_and_counted() {
        let outcome = block_at(&json!({ "EventTime": "2024-05-01 12:00:00" }));
        assert_eq!(outcome.rows[0]["timestamp"], "2024-05-01T12:00:00Z");
        assert_eq!(outcome.anomalies(), [(Anomaly::AssumedZone, 1, Some(0))]);

        let outcome = block_at(&json!({ "EventTime": "2024-05-01T12:00:00+02:00" }));
        assert_eq!(outcome.rows[0]["timestamp"], "2024-05-01T10:00:00Z");
        assert_eq!(outcome.anomalies(), []);

        let outcome = block_at(&json!({ "EventTime": "01.05.2024" }));
        assert_eq!(outcome.rows, [] as [Row; 0]);
        assert_eq!(outcome.anomalies(), [(Anomaly::InvalidTimestamp, 1, Some(0))]);

        assert_eq!(block_at(&json!({})).anomalies(), [(Anomaly::MissingTimestamp, 1, Some(0))]);
    }

    #[test]
    fn a_bad_value_leaves_the_rest_of_the_row() {
        let outcome = read_objects([&json!({
            "UtcTime": "soon", "TimeCreated": "2024-05-01T10:00:00Z", "ProcessId": "0xz",
            "EventID": 3, "Channel": "Microsoft-Windows-Sysmon/Operational",
            "SourceIp": "nowhere", "SourcePort": "", "DestinationIp": "-", "DestinationPort": "443",
        })]);
        assert_eq!(outcome.anomalies(), [(Anomaly::InvalidValue, 3, Some(0))]);
        assert_eq!(outcome.rows[0]["destination_port"], "443");
        assert_eq!(outcome.rows[0].get("source_ip"), None);
    }

    #[test]
    fn the_number_alone_means_nothing() {
        let other = json!({
            "EventID": 22, "SourceName": "Microsoft-Windows-Kernel-IO", "QueryName": "x.example",
            "@timestamp": "2024-05-01T10:00:00Z",
        });
        assert!(WindowsJson.claims(other.as_object().expect("an object")));
        assert_eq!(read_objects([&other]).rows, [] as [Row; 0]);
    }

    #[test]
    fn other_objects_are_left_to_others() {
        for object in [
            json!({ "ts": 1.5, "uid": "C1", "id.orig_h": "192.0.2.1" }),
            json!({ "Event": "login", "EventID": 7 }),
            json!({ "winlog": "x", "message": "<Event" }),
            json!({ "Timestamp": "2024-05-01", "DeviceName": "a", "ActionType": "x" }),
            json!({}),
        ] {
            assert!(Shape::of(object.as_object().expect("an object")).is_none(), "{object}");
        }
    }

    proptest! {
        #[test]
        fn no_value_makes_it_fall_over(
            shape in 0usize..9,
            text in "\\PC{0,12}",
            number in any::<i64>(),
            place in 0usize..40,
        ) {
            let mut object = in_every_shape().swap_remove(shape);
            let mut left = place;
            for value in [json!(text), json!(number), json!(null), json!([text]), json!({ "a": text })] {
                replace(&mut object, &mut left, &value);
            }
            read_objects([&object]);
        }
    }

    /// Replaces one of the values inside.
    fn replace(value: &mut Value, left: &mut usize, replacement: &Value) {
        if let Some(object) = value.as_object_mut() {
            return object.values_mut().for_each(|value| replace(value, left, replacement));
        }
        if *left == 0 {
            *value = replacement.clone();
        }
        *left = left.wrapping_sub(1);
    }
}
