//! The texts parse, bind, and give the rows that they are for.

use std::collections::{BTreeMap, BTreeSet};

use coldtrail_model::{FieldType, Table};

use super::{Dialect, all, dialect};
use crate::kql::plan::{Node, Plan};
use crate::kql::{
    Column, DateTime, Dynamic, Environment, Schema, Type, Value, bind, evaluate, parser,
};

/// The dialects over event tables and exported records, of which some have a row.
#[derive(Default)]
struct Logs {
    /// By table, or by `records:` and a kind: rows of names and values.
    rows: BTreeMap<&'static str, Vec<Vec<(&'static str, Value)>>>,
}

impl Logs {
    fn with(mut self, table: &'static str, row: &[(&'static str, Value)]) -> Self {
        self.rows.entry(table).or_default().push(row.to_vec());
        self
    }

    /// The answer as text, a row a line.
    fn answer(&self, query: &str) -> Vec<String> {
        let bound =
            bind::bind(query, self).unwrap_or_else(|problems| panic!("{query}: {problems:?}"));
        let cells = |row: &Vec<Value>| {
            row.iter().map(Value::text).collect::<Vec<_>>().join("|").trim().to_owned()
        };
        self.rows(&bound.plan, 100).expect("rows").iter().map(cells).collect()
    }
}

impl Environment for Logs {
    fn now(&self) -> DateTime {
        moment()
    }

    fn table(&self, name: &str) -> Option<Schema> {
        let table = Table::from_name(name.trim_end_matches(" besides defender"))?;
        let column = |field: &coldtrail_model::Field| {
            Column::new(
                field.name(),
                match field.field_type() {
                    FieldType::Time => Type::DateTime,
                    FieldType::Text | FieldType::Keyword | FieldType::Bytes => Type::String,
                    FieldType::Number => Type::Long,
                    FieldType::Truth => Type::Bool,
                    FieldType::Texts | FieldType::Numbers => Type::Dynamic,
                },
            )
        };
        Some(table.fields().iter().map(column).collect())
    }

    fn tables(&self) -> Vec<String> {
        Table::ALL.iter().map(|table| table.name().to_owned()).collect()
    }

    fn function(&self, name: &str) -> Option<String> {
        dialect(name).map(|known| known.text.to_owned())
    }

    fn everything(&self) -> Vec<String> {
        self.tables()
    }

    fn functions(&self) -> Vec<String> {
        all().iter().map(|known| known.name.to_owned()).collect()
    }

    fn external_data(
        &self,
        schema: &Schema,
        addresses: &[String],
        _: &[(String, Value)],
    ) -> Result<Plan, String> {
        let name = addresses.first().cloned().unwrap_or_default();
        assert!(name.starts_with("records:"), "{name}");
        Ok(Plan { node: Node::Table { name }, schema: schema.clone() })
    }

    fn watchlist(&self, name: &str) -> Result<Plan, String> {
        Err(format!("there is no list `{name}`"))
    }

    fn rows(&self, plan: &Plan, most: usize) -> Result<Vec<Vec<Value>>, String> {
        let tables = |name: &str, schema: &Schema| {
            let table = name.trim_end_matches(" besides defender");
            let rows = self.rows.get(table).map(Vec::as_slice).unwrap_or_default();
            let is_defender = |row: &&Vec<(&str, Value)>| {
                row.iter().any(|(_, value)| value.text().starts_with("defender."))
            };
            let rows = rows.iter().filter(|row| table == name || !is_defender(row));
            let cell = |row: &[(&str, Value)], column: &Column| {
                let found = row.iter().find(|(name, _)| *name == column.name);
                found.map_or_else(|| Value::nothing(column.r#type), |(_, value)| value.clone())
            };
            let row = |row: &Vec<_>| schema.iter().map(|column| cell(row, column)).collect();
            Ok(rows.map(row).collect())
        };
        let rows =
            evaluate::rows(plan, None, &tables, 100_000).map_err(|error| error.to_string())?;
        if rows.len() > most { Err(format!("more than {most} rows")) } else { Ok(rows) }
    }
}

fn moment() -> DateTime {
    DateTime::parse("2024-05-04T10:00:00Z").expect("a moment")
}

fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}

fn texts(values: &[&str]) -> Value {
    let values = values.iter().map(|value| Dynamic::String((*value).to_owned()));
    Value::Dynamic(Dynamic::Array(values.collect()))
}

#[test]
fn names_are_in_order_and_found() {
    assert!(all().is_sorted_by(|one, next| one.name < next.name));
    for known in all() {
        assert_eq!(dialect(known.name), Some(known));
    }
    assert_eq!(dialect("DeviceNetworkEvent"), None);
}

#[test]
fn every_text_says_what_it_is_and_where_it_is_documented() {
    for known in all() {
        let about = known.about();
        let (first, last) = (about.lines().next(), about.lines().last());
        assert!(first.is_some_and(|line| line.contains('.')), "{}: {about}", known.name);
        assert!(last.is_some_and(|line| line.starts_with("https://")), "{}", known.name);
    }
}

#[test]
fn every_text_parses() {
    for known in all() {
        if let Err(problems) = parser::parse_function(known.text) {
            panic!("{}: {problems:?}", known.name);
        }
    }
}

#[test]
fn every_text_binds() {
    for known in all() {
        let query = match known.name {
            "DeviceFromIP" => "print IP = '192.0.2.7' | invoke DeviceFromIP()".to_owned(),
            "AssignedIPAddresses" => "AssignedIPAddresses('ws01')".to_owned(),
            "FileProfile" => "DeviceFileEvents | invoke FileProfile(SHA1, 1000)".to_owned(),
            "SeenBy" => "DeviceInfo | invoke SeenBy()".to_owned(),
            name if known.is_function() => format!("{name}()"),
            name => name.to_owned(),
        };
        match bind::bind(&query, &Logs::default()) {
            // What a vendor alone knows is said to be empty.
            Ok(bound) => {
                let is_empty = matches!(known.name, "FileProfile" | "SeenBy");
                assert_eq!(bound.warnings.len(), usize::from(is_empty), "{}", known.name);
            }
            Err(problems) => panic!("{}: {problems:?}", known.name),
        }
    }
}

/// The columns of each `externaldata` of a text, with their types.
fn declarations(text: &str) -> Vec<Vec<&str>> {
    let bodies = text.split("externaldata(").skip(1).filter_map(|rest| rest.split_once(')'));
    bodies.map(|(columns, _)| columns.split(',').map(str::trim).collect()).collect()
}

#[test]
fn no_column_is_declared_twice() {
    for columns in all().iter().flat_map(|known| declarations(known.text)) {
        let names: BTreeSet<_> =
            columns.iter().filter_map(|column| column.split(':').next()).collect();
        assert_eq!(names.len(), columns.len(), "{columns:?}");
    }
}

#[test]
fn a_table_has_the_columns_that_its_vendor_documents_and_no_others() {
    for known in all().iter().filter(|known| !known.is_function()) {
        let kind = known.text.split("[\"records:").nth(1).and_then(|rest| rest.split('"').next());
        assert_eq!(kind, Some(known.name));
        let bound = bind::bind(known.name, &Logs::default()).expect("bound");
        let columns = bound.plan.schema.iter();
        let columns: Vec<String> =
            columns.map(|column| format!("{}:{}", column.name, column.r#type)).collect();
        let declared = declarations(known.text).remove(0);
        let declared: Vec<String> =
            declared.iter().map(|name| name.replace(['[', ']', '\''], "")).collect();
        assert_eq!(columns, declared, "{}", known.name);
    }
}

#[test]
fn a_name_that_another_has_too_is_the_same_text() {
    let text = |name| dialect(name).map(|known| known.text);
    assert_eq!(text("imDns"), text("_Im_Dns"));
    assert!(dialect("imDns").is_some_and(Dialect::is_function));
    assert!(!dialect("DeviceInfo").is_some_and(Dialect::is_function));
}

/// What Sysmon 22 makes of a question.
fn question() -> Logs {
    Logs::default().with(
        "dns",
        &[
            ("timestamp", Value::DateTime(moment())),
            ("event_dataset", text("windows.sysmon")),
            ("host_name", text("ws01")),
            ("user_name", text(r"CORP\jane")),
            ("process_name", text("powershell.exe")),
            ("process_executable", text(r"C:\ps\powershell.exe")),
            ("dns_question_name", text("a.workers.dev")),
            ("dns_response_code", text("NOERROR")),
            ("dns_answers_data", texts(&["192.0.2.7"])),
        ],
    )
}

#[test]
fn what_a_process_asked_for_is_the_remote_url_beside_it() {
    let query = "DeviceNetworkEvents
        | where Timestamp > ago(24h)
        | where RemoteUrl has_any (dynamic(['workers.dev', 'pages.dev']))
        | where InitiatingProcessFileName !in~ ('chrome.exe')
        | project DeviceName, InitiatingProcessFileName, InitiatingProcessAccountName,
            InitiatingProcessAccountDomain, RemoteUrl, ActionType, AdditionalFields.answers[0]";
    assert_eq!(
        question().answer(query),
        ["ws01|powershell.exe|jane|CORP|a.workers.dev|DnsConnectionInspected|192.0.2.7"]
    );
}

#[test]
fn a_record_of_the_product_does_not_come_twice() {
    let logs = Logs::default()
        .with(
            "records:DeviceNetworkEvents",
            &[("TimeGenerated", Value::DateTime(moment())), ("RemoteUrl", text("a.example"))],
        )
        .with(
            "flow",
            &[
                ("timestamp", Value::DateTime(moment())),
                ("event_dataset", text("defender.network")),
                ("destination_domain", text("a.example")),
            ],
        );
    let query = "DeviceNetworkEvents | project Timestamp, RemoteUrl";
    assert_eq!(logs.answer(query), ["2024-05-04T10:00:00.0000000Z|a.example"]);
}

#[test]
fn a_connection_that_was_accepted_has_the_other_end_as_remote() {
    let logs = Logs::default().with(
        "flow",
        &[
            ("event_dataset", text("windows.sysmon")),
            ("network_direction", text("inbound")),
            ("source_ip", text("192.0.2.7")),
            ("source_port", Value::Long(50000)),
            ("destination_ip", text("10.0.0.5")),
            ("destination_port", Value::Long(445)),
            ("process_name", text("system")),
        ],
    );
    let query = "DeviceNetworkEvents
        | project ActionType, RemoteIP, RemotePort, RemoteIPType, LocalIP, LocalPort, LocalIPType";
    let expected = "InboundConnectionAccepted|192.0.2.7|50000|Public|10.0.0.5|445|Private";
    assert_eq!(logs.answer(query), [expected]);
    let query = "VMConnection | project Direction, RemoteIp, DestinationPort, ProcessName";
    assert_eq!(logs.answer(query), ["inbound|192.0.2.7|445|system"]);
}

#[test]
fn functions_of_asim_keep_what_their_parameters_ask_for() {
    let logs = question();
    let names = "| project SrcProcessName, Domain, DnsResponseName, User";
    let expected = r"C:\ps\powershell.exe|a.workers.dev|192.0.2.7|CORP\jane";
    for call in [
        "_Im_Dns()",
        "imDns(domain_has_any = dynamic(['workers.dev']), eventtype = 'lookup')",
        "_Im_Dns(starttime = ago(1h), response_has_any_prefix = dynamic(['192.0.2.']))",
        "_Im_Dns(responsecodename = 'NOERROR', response_has_ipv4 = '192.0.2.7')",
    ] {
        assert_eq!(logs.answer(&format!("{call} {names}")), [expected], "{call}");
    }
    for call in [
        "_Im_Dns(domain_has_any = dynamic(['pages.dev']))",
        "_Im_Dns(endtime = ago(1h))",
        "_Im_Dns(disabled = true)",
        "_Im_Dns(response_has_any_prefix = dynamic(['198.51.100.']))",
    ] {
        assert!(logs.answer(&format!("{call} {names}")).is_empty(), "{call}");
    }
}

#[test]
fn matching_addresses_are_told_by_their_side() {
    let logs = Logs::default()
        .with("flow", &[("source_ip", text("10.0.0.5")), ("destination_ip", text("192.0.2.7"))]);
    let query = "_Im_NetworkSession(ipaddr_has_any_prefix = dynamic(['192.0.2.']))
        | project SrcIpAddr, DstIpAddr, ASimMatchingIpAddr, ASimMatchingHostname";
    assert_eq!(logs.answer(query), ["10.0.0.5|192.0.2.7|DstIpAddr|-"]);
}

/// An event of Windows with those values of its own.
fn event(channel: &str, id: i32, data: &'static str, values: &[(&'static str, Value)]) -> Logs {
    let system = [
        ("TimeCreated", Value::DateTime(moment())),
        ("Channel", text(channel)),
        ("EventID", Value::Int(id)),
        ("Computer", text("ws01")),
        ("EventData", Value::of_dynamic(Dynamic::of_json(data).expect("JSON"))),
    ];
    Logs::default().with("records:windows", &[&system, values].concat())
}

#[test]
fn values_of_an_event_are_the_xml_that_queries_take_apart() {
    let data = r#"{"Image":"C:\\new\\a.exe","CommandLine":"a \"b\" <c> & d\n","User":""}"#;
    let logs = event("Microsoft-Windows-Sysmon/Operational", 1, data, &[]);
    let query = "Event
        | extend Data = parse_xml(EventData).DataItem.EventData.Data
        | mv-expand Data
        | project tostring(Data['@Name']), tostring(Data['#text'])";
    assert_eq!(
        logs.answer(query),
        [r"Image|C:\new\a.exe", r#"CommandLine|a "b" <c> & d"#, "User|"]
    );
    assert!(logs.answer("SecurityEvent").is_empty());
    assert_eq!(logs.answer("WindowsEvent | project tostring(EventData.Image)"), [r"C:\new\a.exe"]);
}

#[test]
fn an_event_of_the_security_log_has_its_values_as_columns() {
    let values = [
        ("EventData.TargetUserName", text("WS01$")),
        ("EventData.TargetDomainName", text("CORP")),
        ("EventData.SubjectUserName", text("-")),
        ("EventData.LogonType", Value::Int(3)),
    ];
    let logs = event("Security", 4624, r#"{"TargetUserName":"WS01$"}"#, &values);
    let query = "SecurityEvent
        | project Computer, Account, AccountName, AccountDomain, AccountType, LogonTypeName, Activity,
            tostring(parse_xml(EventData).EventData.Data['#text'])";
    assert_eq!(
        logs.answer(query),
        [
            r"ws01|CORP\WS01$|WS01$|CORP|Machine|3 - Network|4624 - An account was successfully logged on.|WS01$"
        ]
    );
}

#[test]
fn an_event_of_cloudtrail_has_the_columns_of_its_table() {
    let identity =
        r#"{"type":"AssumedRole","sessionContext":{"attributes":{"mfaAuthenticated":"true"}}}"#;
    let logs = Logs::default().with(
        "records:aws-cloudtrail",
        &[
            ("eventTime", Value::DateTime(moment())),
            ("eventName", text("CreateFunctionUrlConfig")),
            ("userIdentity", Value::of_dynamic(Dynamic::of_json(identity).expect("JSON"))),
        ],
    );
    let query = "AWSCloudTrail | project EventName, UserIdentityType, SessionMfaAuthenticated";
    assert_eq!(logs.answer(query), ["CreateFunctionUrlConfig|AssumedRole|True"]);
}
