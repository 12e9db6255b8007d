//! The data files as a whole: that they are well formed, and which rules of SigmaHQ something feeds.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use coldtrail_model::Table;

use super::windows::tests::services;
use super::{FORMATS, LogSource, Meaning, Platform, TABLES, Taxonomy, Telemetry, WINDOWS};

fn taxonomy() -> Taxonomy {
    Taxonomy::read().unwrap()
}

fn shown(telemetry: &Telemetry) -> Vec<String> {
    telemetry.log_sources.iter().map(LogSource::to_string).collect()
}

#[test]
fn every_telemetry_is_in_order() {
    let taxonomy = taxonomy();
    let all = taxonomy.windows.all().chain(taxonomy.formats.all()).chain(taxonomy.tables.all());
    let mut count = 0;
    for telemetry in all {
        assert!(!telemetry.name.is_empty());
        assert!(!telemetry.name.contains("{}"), "{}", telemetry.name);
        assert!(telemetry.log_sources.is_sorted(), "{}", telemetry.name);
        assert!(!telemetry.log_sources.is_empty(), "{}", telemetry.name);
        let aliases = &telemetry.aliases;
        assert!(aliases.is_sorted_by(|one, next| one.0 < next.0), "{}", telemetry.name);
        if let Some(fields) = &telemetry.fields {
            assert!(fields.is_sorted_by(|one, next| one < next), "{}", telemetry.name);
        }
        count += 1;
    }
    assert!(count > 150, "{count}");
}

/// The names in a row of a table of aliases, one line each, and the members of a list that has lines.
fn runs(text: &str) -> Vec<Vec<&str>> {
    let mut runs = vec![Vec::new()];
    let (mut in_aliases, mut in_list) = (false, false);
    for line in text.lines() {
        let is_header = line.starts_with('[') && line.ends_with(']') && !line.contains(" = ");
        if is_header {
            in_aliases = line.ends_with(".aliases]") || line.ends_with(".meanings]");
            runs.push(Vec::new());
        } else if line.starts_with("fields = [") || line.starts_with("channels = [") {
            in_list = !line.ends_with(']');
            runs.push(Vec::new());
        } else if in_list {
            in_list = line != "]";
            let name = line.trim_ascii().trim_end_matches(',').trim_matches('"');
            runs.extend(line.starts_with(']').then(Vec::new));
            runs.last_mut().unwrap().extend((!line.starts_with(']')).then_some(name));
        } else if let (true, Some((name, _))) = (in_aliases, line.split_once(" = ")) {
            runs.last_mut().unwrap().push(name.trim_matches('"'));
        }
    }
    runs.retain(|run| !run.is_empty());
    runs
}

#[test]
fn names_in_the_files_are_sorted_and_there_once() {
    for text in [FORMATS, TABLES, WINDOWS] {
        let runs = runs(text);
        assert!(runs.len() > 20);
        for run in runs {
            assert!(run.is_sorted_by(|one, next| one < next), "{run:?}");
        }
    }
}

#[test]
fn rows_name_columns_of_their_table() {
    let taxonomy = taxonomy();
    let mut seen = BTreeSet::new();
    for table in Table::ALL {
        let columns: BTreeSet<&str> = table.fields().iter().map(|field| field.name()).collect();
        for dataset in
            ["", "aws.cloudtrail", "defender.events", "okta.system", "zeek.conn", "iis.access"]
        {
            let Some(telemetry) = taxonomy.row(table.name(), dataset) else { continue };
            seen.insert(table.name());
            let aliases = telemetry.aliases.iter().flat_map(|(_, names)| names);
            let derived = telemetry.derivations.iter().flat_map(|derivation| &derivation.from);
            let meant = telemetry.meanings.values().flatten();
            for name in aliases.chain(derived).chain(meant) {
                assert!(columns.contains(name.as_str()), "{}: {name}", telemetry.name);
            }
            // Whatever a row has, a rule may name.
            let fields = telemetry.fields.as_deref().unwrap();
            for column in columns.iter().filter(|column| **column != "record_original") {
                assert!(fields.iter().any(|field| field == column), "{table:?} {column}");
            }
        }
    }
    assert_eq!(seen.len(), Table::ALL.len());
}

/// The same for every kind of rows, whatever datasets it has.
#[test]
fn every_kind_of_rows_names_columns() {
    let all: BTreeSet<&str> =
        Table::ALL.iter().flat_map(|table| table.fields()).map(|field| field.name()).collect();
    for telemetry in taxonomy().tables.all() {
        let names = telemetry.aliases.iter().flat_map(|(_, names)| names);
        for name in names.chain(telemetry.meanings.values().flatten()) {
            assert!(all.contains(name.as_str()), "{}: {name}", telemetry.name);
        }
    }
}

#[test]
fn rows_are_of_the_log_sources_that_table_and_dataset_tell() {
    let row = |table, dataset| Taxonomy::builtin().row(table, dataset).map(|it| shown(&it));
    let known = |table, dataset| row(table, dataset).unwrap_or_default();
    assert_eq!(known("dns", "unbound"), ["dns", "network/dns"]);
    assert_eq!(known("dns", "defender.events"), ["dns", "windows/dns_query", "network/dns"]);
    assert_eq!(known("web", "iis.access"), ["webserver"]);
    assert_eq!(known("web", "squid.access"), ["proxy"]);
    assert_eq!(known("web", "cef"), ["proxy", "webserver"]);
    assert_eq!(known("cloud", "google_workspace.admin"), ["gcp/google_workspace.admin"]);
    assert_eq!(row("cloud", "contoso"), None);
    assert_eq!(row("ether", "unbound"), None);
}

#[test]
fn a_path_tells_the_platform_that_a_dataset_leaves_open() {
    let taxonomy = Taxonomy::builtin();
    let any = taxonomy.row("process", "defender.process").unwrap();
    assert_eq!(any.log_sources.len(), 3);
    let of = |platform| shown(&taxonomy.row_of("process", "defender.process", platform).unwrap());
    assert_eq!(of(Platform::Windows), ["windows/process_creation"]);
    assert_eq!(of(Platform::Unix), ["linux/process_creation", "macos/process_creation"]);
    // What a dataset says goes before a path.
    let sysmon = taxonomy.row_of("process", "windows.sysmon", Platform::Linux).unwrap();
    assert_eq!(shown(&sysmon), ["windows/process_creation"]);
}

#[test]
fn a_row_of_web_has_what_proxies_call_its_parts() {
    let telemetry = Taxonomy::builtin().row("web", "squid.access").unwrap();
    let get = |name: &str| match name {
        "url_domain" => Some("a.example".into()),
        "url_path" => Some("/b.exe".into()),
        "url_query" => Some("c=1".into()),
        _ => None,
    };
    let derived: BTreeMap<&str, String> = telemetry.derived(&get).into_iter().collect();
    assert_eq!(derived["c-uri"], "a.example/b.exe?c=1");
    assert_eq!(derived["c-uri-extension"], "exe");
    assert!(telemetry.names("r-dns").any(|name| name == "url_domain"));
    assert_eq!(telemetry.meaning(Meaning::RemoteAddress), ["destination_ip"]);
}

/// What a record is that has those fields.
fn record(format: &str, fields: &[(&str, &'static str)]) -> Option<(String, Vec<String>)> {
    let get = |name: &str| fields.iter().find(|field| field.0 == name).map(|field| field.1);
    let telemetry = Taxonomy::builtin().record(format, &get)?;
    Some((telemetry.name.clone(), shown(&telemetry)))
}

#[test]
fn fields_tell_what_a_record_is() {
    let sources = |format, fields: &[(&str, &'static str)]| record(format, fields).unwrap().1;
    assert_eq!(sources("aws-cloudtrail", &[]), ["aws/cloudtrail"]);
    assert_eq!(sources("azure", &[("category", "SIGNINLOGS")]), ["azure/signinlogs"]);
    assert_eq!(sources("azure", &[("category", "AuditLogs")]), ["azure/auditlogs"]);
    assert_eq!(
        sources("azure", &[("category", "AuditLogs"), ("properties.loggedByService", "PIM")]),
        ["azure/auditlogs", "azure/pim"]
    );
    assert_eq!(sources("azure", &[("operationName.value", "x")]), ["azure/activitylogs"]);
    assert_eq!(sources("azure", &[("category", "kube-audit")]), ["azure"]);
    assert_eq!(sources("gcp", &[("protoPayload.methodName", "x")]), ["gcp/gcp.audit"]);
    assert_eq!(
        sources("google-workspace", &[("id.applicationName", "login")]),
        ["gcp/google_workspace.login"]
    );
    assert_eq!(
        sources("microsoft-365", &[("Workload", "Exchange")]),
        ["m365/audit", "m365/exchange"]
    );
    assert_eq!(sources("zeek-json", &[("_path", "smb_files")]), ["zeek/smb_files"]);
    assert_eq!(sources("zeek-tsv", &[("_path", "dns")]), ["zeek/dns/dns", "zeek/network/dns"]);
    assert_eq!(sources("zeek-json", &[("_path", "contoso")]), ["zeek"]);
    assert_eq!(sources("fortigate", &[("type", "event")]), ["fortigate/event", "fortios/event"]);
    assert_eq!(record("squid", &[]), None);
}

#[test]
fn a_request_in_zeek_is_known_by_parts_of_its_target() {
    let path = |name: &str| (name == "_path").then_some("http");
    let telemetry = Taxonomy::builtin().record("zeek-json", &path).unwrap();
    assert_eq!(telemetry.name, "Zeek http");
    let get = |name: &str| match name {
        "host" => Some("a.example".into()),
        "uri" => Some("/b/c.PHP?d=1".into()),
        _ => None,
    };
    let derived = telemetry.derived(&get);
    for expected in [
        ("c-uri", "a.example/b/c.PHP?d=1"),
        ("c-uri-extension", "PHP"),
        ("cs-uri-query", "/b/c.PHP?d=1"),
        ("cs-uri-stem", "/b/c.PHP"),
    ] {
        assert!(derived.contains(&(expected.0, expected.1.to_owned())), "{derived:?}");
    }
}

#[test]
fn formats_that_are_read_whole() {
    let formats = Taxonomy::builtin().whole_formats();
    assert_eq!(
        formats,
        [
            "aws-cloudtrail",
            "azure",
            "cloudflare",
            "evtx",
            "fortigate",
            "gcp",
            "google-workspace",
            "microsoft-365",
            "windows-json",
            "windows-xml",
            "zeek-json",
            "zeek-tsv"
        ]
    );
}

#[test]
fn what_feeds_a_log_source_is_told_once() {
    let feeding = |category: &str, product: &str, service: &str| {
        let wanted = LogSource {
            category: category.to_owned(),
            product: product.to_owned(),
            service: service.to_owned(),
        };
        let feeding = Taxonomy::builtin().feeding(&wanted);
        feeding.iter().map(|telemetry| telemetry.name.clone()).collect::<Vec<_>>()
    };
    assert_eq!(feeding("create_remote_thread", "windows", ""), ["windows sysmon 8"]);
    assert_eq!(feeding("", "zeek", "smb_files"), ["Zeek smb_files", "Zeek smb_files without path"]);
    assert_eq!(
        feeding("process_creation", "linux", ""),
        ["linux sysmon 1", "process rows of containers", "process rows"]
    );
    assert!(feeding("", "contoso", "").is_empty());
    assert_eq!(feeding("antivirus", "", "").len(), 16);
}

/// Log sources of SigmaHQ that nothing feeds, since no format that is read has such records: category, product,
/// service.
const UNFED: [(&str, &str, &str); 38] = [
    ("", "", "apache"),
    ("", "", "nginx"),
    ("", "bitbucket", "audit"),
    ("", "cisco", "aaa"),
    ("", "cisco", "bgp"),
    ("", "cisco", "duo"),
    ("", "cisco", "ldp"),
    ("", "cisco", "syslog"),
    ("", "fortios", "sslvpnd"),
    ("", "github", "audit"),
    ("", "huawei", "bgp"),
    ("", "juniper", "bgp"),
    ("", "kubernetes", "audit"),
    ("", "linux", "auditd"),
    ("", "linux", "auth"),
    ("", "linux", "clamav"),
    ("", "linux", "cron"),
    ("", "linux", "guacamole"),
    ("", "linux", "sshd"),
    ("", "linux", "sudo"),
    ("", "linux", "syslog"),
    ("", "linux", "vsftpd"),
    ("", "onelogin", "onelogin.events"),
    ("appliance", "paloalto", "globalprotect"),
    ("application", "django", ""),
    ("application", "jvm", ""),
    ("application", "kubernetes", "audit"),
    ("application", "nodejs", ""),
    ("application", "opencanary", ""),
    ("application", "python", ""),
    ("application", "rpc_firewall", ""),
    ("application", "ruby_on_rails", ""),
    ("application", "spring", ""),
    ("application", "sql", ""),
    ("application", "velocity", ""),
    ("database", "", ""),
    ("file_event", "paloalto", "globalprotect"),
    ("file_rename", "windows", ""),
];

/// Rules that may be there to compare with; none where they are not.
fn corpus() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/sigmahq");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: {} is not there", folder.display());
    None
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "yml") {
            found.push(path);
        }
    }
}

/// The log sources of the rules there, each with how many rules name it.
fn log_sources(folder: &Path) -> BTreeMap<LogSource, usize> {
    let mut found = Vec::new();
    files(folder, &mut found);
    let mut counts = BTreeMap::new();
    for file in found {
        let text = std::fs::read_to_string(&file).unwrap();
        let rule: yaml_serde::Value = yaml_serde::from_str(&text).unwrap();
        let word = |name: &str| {
            let word = rule.get("logsource").and_then(|source| source.get(name));
            word.and_then(|word| word.as_str()).unwrap_or_default().to_owned()
        };
        let source = LogSource {
            category: word("category"),
            product: word("product"),
            service: word("service"),
        };
        *counts.entry(source).or_default() += 1;
    }
    counts
}

#[test]
fn log_sources_of_sigmahq_are_fed() {
    let Some(folder) = corpus() else { return };
    let counts = log_sources(&folder);
    let (mut fed, mut unfed) = (0, Vec::new());
    for (source, count) in &counts {
        let feeding = Taxonomy::builtin().feeding(source).len();
        eprintln!("{count:5} {source}: {feeding} telemetries");
        if feeding > 0 {
            fed += count;
        } else {
            unfed.push((
                source.category.as_str(),
                source.product.as_str(),
                source.service.as_str(),
            ));
        }
    }
    eprintln!("{fed} of {} rules are fed", counts.values().sum::<usize>());
    assert!(fed > 3500, "{fed}");
    unfed.retain(|source| !UNFED.contains(source));
    assert!(unfed.is_empty(), "{unfed:?}");
}

#[test]
fn services_of_sigmahq_are_known() {
    let Some(folder) = corpus() else { return };
    let known: BTreeSet<String> = services().into_iter().map(|service| service.name).collect();
    for source in log_sources(&folder).into_keys() {
        if source.product == "windows" && !source.service.is_empty() {
            assert!(known.contains(&source.service), "{source}");
        }
    }
}
