//! Fields that rules name and records only contain: a part of a URL, a number for which rules have a word.

use std::borrow::Cow;

use serde::Deserialize;

/// A field that rules name, and how to tell its value from others.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Derivation {
    /// What rules call it.
    pub field: String,
    /// How its value comes about.
    pub way: Way,
    /// The fields that it is made of, as the record calls them; for [`Way::Constant`] the value.
    pub from: Vec<String>,
}

/// How a value comes about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// `DOMAIN\name` of a domain, a name and a SID, which stands for the accounts of the system; of several
    /// such triples, the first that names somebody.
    Account,
    /// Always the same.
    Constant,
    /// `accept` or `deny`, for a word of a product about what it decided.
    Decision,
    /// A path on a drive, for one below a device. No event says which drive a device is, so it is the one that
    /// programs are on nearly everywhere: `C:`.
    DevicePath,
    /// What is behind the last dot of the path of a URL.
    Extension,
    /// The hash that the field is named after, of `SHA1=…,MD5=…`.
    Hash,
    /// `SHA256=…`, of a hash.
    Hashes,
    /// `High`, `System` and so on, for the SID of a mandatory label.
    IntegrityLevel,
    /// `true` or `false`: whether a product did not let something pass.
    IsBlocked,
    /// `true` or `false`: whether an address is one of version 6.
    IsIpv6,
    /// `true` or `false`: whether a connection went out.
    IsOutbound,
    /// `success` or `failure`. Where nothing is said, it happened.
    Outcome,
    /// What is behind the question mark of a URL.
    Query,
    /// The name of a type of DNS records, for its number.
    RecordType,
    /// `SetValue` or `DeleteValue`, for what the Security log says was done to a value of the registry.
    RegistryOperation,
    /// The path of a value of the registry as Sysmon writes it, of the key as the kernel does, and the name.
    RegistryPath,
    /// What a value of the registry was set to as Sysmon writes it, of the number of its type, and the text.
    RegistryValue,
    /// The address of one of Google's services, for the name of its log.
    Service,
    /// `Success` or `Failure`, for the number of the error of a sign-in.
    SignIn,
    /// The path of a URL, without what was asked of it.
    Stem,
    /// Path and query of a URL: from both, or from the URL.
    Target,
    /// `tcp`, `udp` and so on, for the number of the protocol.
    Transport,
    /// A URL, or else what is known of it: from the URL, host, path, query.
    Url,
}

impl Derivation {
    /// The value of the field; `get` tells the value of a field of the record.
    pub fn value<'r>(&self, get: &dyn Fn(&str) -> Option<Cow<'r, str>>) -> Option<String> {
        let at = |place: usize| get(self.from.get(place)?).filter(|value| !is_unset(value));
        let first = || (0..self.from.len()).find_map(at);
        let value = match self.way {
            Way::Account => return self.from.chunks(3).find_map(|names| account(names, get)),
            Way::Constant => return self.from.first().cloned(),
            Way::Decision => if is_blocked(&first()?)? { "deny" } else { "accept" }.to_owned(),
            Way::DevicePath => drive_path(&first()?)?,
            Way::Extension => extension(stem(&first()?))?.to_owned(),
            Way::Hash => hash(&self.field, &first()?)?.to_owned(),
            Way::Hashes => format!("SHA256={}", first()?.to_ascii_uppercase()),
            Way::IntegrityLevel => integrity_level(&first()?)?.to_owned(),
            Way::IsBlocked => is_blocked(&first()?)?.to_string(),
            Way::IsIpv6 => first()?.contains(':').to_string(),
            Way::IsOutbound => is_outbound(&first()?)?.to_string(),
            Way::Outcome => outcome(first().as_deref()).to_owned(),
            Way::Query => target(&first()?).split_once('?')?.1.to_owned(),
            Way::RecordType => record_type(&first()?)?.to_owned(),
            Way::RegistryOperation => registry_operation(&first()?)?.to_owned(),
            Way::RegistryPath => registry_path(&at(0)?, at(1).as_deref().unwrap_or_default()),
            Way::RegistryValue => registry_value(&at(0)?, at(1).as_deref().unwrap_or_default())?,
            Way::Service => format!("{}.googleapis.com", first()?),
            Way::SignIn => if first()? == "0" { "Success" } else { "Failure" }.to_owned(),
            Way::Stem => stem(&first()?).to_owned(),
            Way::Target => with_query(target(&at(0)?), at(1).as_deref()),
            Way::Transport => transport(&first()?)?.to_owned(),
            Way::Url => match at(0).filter(|whole| whole.contains("://")) {
                Some(whole) => whole.into_owned(),
                None => {
                    let (host, path) = (at(1), at(2));
                    if host.is_none() && path.is_none() {
                        return None;
                    }
                    let (host, path) = (host.unwrap_or_default(), path.unwrap_or_default());
                    with_query(&format!("{host}{path}"), at(3).as_deref())
                }
            },
        };
        (!value.is_empty()).then_some(value)
    }
}

/// Whether that stands for nothing, in logs that cannot leave a field out.
fn is_unset(value: &str) -> bool {
    matches!(value, "" | "-")
}

fn account<'r>(names: &[String], get: &dyn Fn(&str) -> Option<Cow<'r, str>>) -> Option<String> {
    let at = |place: usize| get(names.get(place)?).filter(|value| !is_unset(value));
    let system = match at(2).as_deref() {
        Some("S-1-5-18") => "NT AUTHORITY\\SYSTEM",
        Some("S-1-5-19") => "NT AUTHORITY\\LOCAL SERVICE",
        Some("S-1-5-20") => "NT AUTHORITY\\NETWORK SERVICE",
        _ => {
            let name = at(1)?;
            return Some(match at(0) {
                Some(domain) => format!("{domain}\\{name}"),
                None => name.into_owned(),
            });
        }
    };
    Some(system.to_owned())
}

/// What words for not letting something pass begin with.
const BLOCKED: [&str; 7] = ["block", "den", "drop", "prevent", "refus", "reject", "reset"];

/// What words for letting it pass begin with.
const ALLOWED: [&str; 8] =
    ["accept", "allow", "close", "continue", "forward", "pass", "permit", "start"];

fn is_blocked(word: &str) -> Option<bool> {
    let begins = |known: &&str| {
        word.get(..known.len()).is_some_and(|beginning| beginning.eq_ignore_ascii_case(known))
    };
    if BLOCKED.iter().any(begins) {
        Some(true)
    } else {
        ALLOWED.iter().any(begins).then_some(false)
    }
}

fn drive_path(path: &str) -> Option<String> {
    const DEVICE: &str = "\\device\\harddiskvolume";
    let beginning = path.get(..DEVICE.len())?;
    let rest = path.get(DEVICE.len()..)?;
    let (number, rest) = rest.split_once('\\')?;
    let is_volume = beginning.eq_ignore_ascii_case(DEVICE)
        && !number.is_empty()
        && number.bytes().all(|byte| byte.is_ascii_digit());
    is_volume.then(|| format!("C:\\{rest}"))
}

/// Path and query of a URL, or of what is one without scheme and host.
fn target(url: &str) -> &str {
    let url = url.split('#').next().unwrap_or(url);
    match url.split_once("://") {
        Some((scheme, rest)) if !scheme.contains(['/', '?']) => {
            rest.find(['/', '?']).and_then(|end| rest.get(end..)).unwrap_or_default()
        }
        _ => url,
    }
}

fn stem(url: &str) -> &str {
    let target = target(url);
    target.split('?').next().unwrap_or(target)
}

fn with_query(path: &str, query: Option<&str>) -> String {
    match query.map(|query| query.trim_start_matches('?')) {
        Some(query) if !query.is_empty() => format!("{path}?{query}"),
        _ => path.to_owned(),
    }
}

fn extension(path: &str) -> Option<&str> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let extension = name.rsplit_once('.')?.1;
    let is_one = extension.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (is_one && !extension.is_empty()).then_some(extension)
}

fn hash<'h>(name: &str, hashes: &'h str) -> Option<&'h str> {
    let parts = hashes.split(',').filter_map(|part| part.trim_ascii().split_once('='));
    let mut wanted = parts.filter(|(key, _)| key.eq_ignore_ascii_case(name));
    wanted.next().map(|(_, value)| value)
}

/// <https://learn.microsoft.com/windows/win32/secauthz/well-known-sids>, under "mandatory level".
fn integrity_level(label: &str) -> Option<&'static str> {
    Some(match label.strip_prefix("S-1-16-")? {
        "0" => "Untrusted",
        "4096" => "Low",
        "8192" | "8448" => "Medium",
        "12288" => "High",
        "16384" => "System",
        _ => return None,
    })
}

fn is_outbound(direction: &str) -> Option<bool> {
    match direction.to_ascii_lowercase().as_str() {
        "%%14593" | "outbound" | "egress" | "out" => Some(true),
        "%%14592" | "inbound" | "ingress" | "in" => Some(false),
        _ => None,
    }
}

fn outcome(word: Option<&str>) -> &'static str {
    let failed = |word: &str| {
        let word = word.to_ascii_lowercase();
        word.starts_with("fail") || word == "false" || word.contains("denied")
    };
    if word.is_some_and(failed) { "failure" } else { "success" }
}

/// <https://www.iana.org/assignments/dns-parameters/dns-parameters.xhtml#dns-parameters-4>.
fn record_type(number: &str) -> Option<&'static str> {
    Some(match number {
        "1" => "A",
        "2" => "NS",
        "5" => "CNAME",
        "6" => "SOA",
        "10" => "NULL",
        "12" => "PTR",
        "13" => "HINFO",
        "15" => "MX",
        "16" => "TXT",
        "28" => "AAAA",
        "33" => "SRV",
        "35" => "NAPTR",
        "43" => "DS",
        "48" => "DNSKEY",
        "64" => "SVCB",
        "65" => "HTTPS",
        "251" => "IXFR",
        "252" => "AXFR",
        "255" => "ANY",
        _ => return None,
    })
}

fn registry_operation(word: &str) -> Option<&'static str> {
    Some(match word {
        "%%1904" | "%%1905" => "SetValue",
        "%%1906" => "DeleteValue",
        _ if word.eq_ignore_ascii_case("New registry value created") => "SetValue",
        _ if word.eq_ignore_ascii_case("Existing registry value modified") => "SetValue",
        _ if word.eq_ignore_ascii_case("Registry value deleted") => "DeleteValue",
        _ => return None,
    })
}

fn registry_path(key: &str, name: &str) -> String {
    let behind = |root: &str| {
        let is_root = key.get(..root.len())?.eq_ignore_ascii_case(root);
        key.get(root.len()..).filter(|rest| is_root && (rest.is_empty() || rest.starts_with('\\')))
    };
    let name = if name.is_empty() { "(Default)" } else { name };
    match (behind("\\REGISTRY\\MACHINE"), behind("\\REGISTRY\\USER")) {
        (Some(rest), _) => format!("HKLM{}\\{name}", with_current_control_set(rest)),
        (_, Some(rest)) => format!("HKU{rest}\\{name}"),
        _ => format!("{key}\\{name}"),
    }
}

/// The kernel has the number of the set of settings that the system was started with.
fn with_current_control_set(path: &str) -> Cow<'_, str> {
    const SET: &str = "\\SYSTEM\\ControlSet";
    let parts = path.get(..SET.len()).zip(path.get(SET.len()..));
    let Some((beginning, rest)) = parts else { return Cow::Borrowed(path) };
    let (number, rest) = rest.split_at(rest.find('\\').unwrap_or(rest.len()));
    let is_set = beginning.eq_ignore_ascii_case(SET)
        && number.len() == 3
        && number.bytes().all(|byte| byte.is_ascii_digit());
    if is_set {
        Cow::Owned(format!("\\System\\CurrentControlSet{rest}"))
    } else {
        Cow::Borrowed(path)
    }
}

/// Types are those of `msobjs.dll`: `%%1873` is `REG_SZ`.
fn registry_value(kind: &str, value: &str) -> Option<String> {
    let number = || match value.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None => value.parse::<u64>().ok(),
    };
    Some(match kind {
        "%%1875" | "REG_BINARY" => "Binary Data".to_owned(),
        "%%1876" | "REG_DWORD" => format!("DWORD (0x{:08x})", number()?),
        "%%1883" | "REG_QWORD" => {
            let number = number()?;
            format!("QWORD (0x{:08x}-0x{:08x})", number >> 32, number & u64::from(u32::MAX))
        }
        _ => return None,
    })
}

/// <https://www.iana.org/assignments/protocol-numbers>.
fn transport(number: &str) -> Option<&'static str> {
    Some(match number {
        "1" => "icmp",
        "6" => "tcp",
        "17" => "udp",
        "47" => "gre",
        "58" => "ipv6-icmp",
        "132" => "sctp",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::{Derivation, Way};

    /// The value of a field that is made of those values, in their order.
    fn derived(field: &str, way: Way, values: &[&str]) -> Option<String> {
        let from = (0..values.len()).map(|place| place.to_string()).collect();
        let get = |name: &str| {
            let place: usize = name.parse().unwrap();
            values.get(place).map(|value| Cow::Borrowed(*value))
        };
        Derivation { field: field.to_owned(), way, from }.value(&get)
    }

    #[test]
    fn who_a_process_runs_as() {
        let account = |values: &[&str]| derived("User", Way::Account, values);
        let subject = ["CORP", "jane", "S-1-5-21-1"];
        assert_eq!(account(&subject).as_deref(), Some("CORP\\jane"));
        let nobody = ["-", "-", "S-1-0-0"];
        assert_eq!(account(&[nobody, subject].concat()).as_deref(), Some("CORP\\jane"));
        let machine = ["CORP", "WS01$", "S-1-5-18"];
        assert_eq!(account(&machine).as_deref(), Some("NT AUTHORITY\\SYSTEM"));
        assert_eq!(account(&["", "jane", ""]).as_deref(), Some("jane"));
        assert_eq!(account(&nobody), None);
    }

    #[test]
    fn parts_of_a_url() {
        let part = |way, values: &[&str]| derived("f", way, values).unwrap_or_default();
        let url = "https://a.example/b/c.TAR.gz?d=1&e=.x#f";
        assert_eq!(part(Way::Extension, &[url]), "gz");
        assert_eq!(part(Way::Extension, &["/a.b/c"]), "");
        assert_eq!(part(Way::Stem, &[url]), "/b/c.TAR.gz");
        assert_eq!(part(Way::Query, &[url]), "d=1&e=.x");
        assert_eq!(part(Way::Target, &[url]), "/b/c.TAR.gz?d=1&e=.x");
        assert_eq!(part(Way::Target, &["/a", "?b=1"]), "/a?b=1");
        assert_eq!(part(Way::Target, &["/a?to=http://b/c"]), "/a?to=http://b/c");
        assert_eq!(part(Way::Stem, &["https://a.example"]), "");
        assert_eq!(part(Way::Url, &[url]), url);
        assert_eq!(part(Way::Url, &["", "a.example", "/b", "c=1"]), "a.example/b?c=1");
        assert_eq!(part(Way::Url, &["/b", "a.example", "/b"]), "a.example/b");
        assert_eq!(derived("f", Way::Url, &["", "", ""]), None);
    }

    #[test]
    fn words_for_decisions_and_directions() {
        let word = |way, value: &str| derived("f", way, &[value]);
        assert_eq!(word(Way::Decision, "Allowed").as_deref(), Some("accept"));
        assert_eq!(word(Way::Decision, "denied").as_deref(), Some("deny"));
        assert_eq!(word(Way::IsBlocked, "DROP").as_deref(), Some("true"));
        assert_eq!(word(Way::IsBlocked, "timeout"), None);
        assert_eq!(word(Way::IsOutbound, "%%14593").as_deref(), Some("true"));
        assert_eq!(word(Way::IsOutbound, "Inbound").as_deref(), Some("false"));
        assert_eq!(word(Way::Outcome, "Succeeded").as_deref(), Some("success"));
        assert_eq!(word(Way::Outcome, "False").as_deref(), Some("failure"));
        assert_eq!(derived("f", Way::Outcome, &[]).as_deref(), Some("success"));
        assert_eq!(word(Way::SignIn, "50126").as_deref(), Some("Failure"));
    }

    #[test]
    fn numbers_that_rules_have_words_for() {
        let word = |way, value: &str| derived("f", way, &[value]);
        assert_eq!(word(Way::RecordType, "16").as_deref(), Some("TXT"));
        assert_eq!(word(Way::RecordType, "TXT"), None);
        assert_eq!(word(Way::Transport, "17").as_deref(), Some("udp"));
        assert_eq!(word(Way::IntegrityLevel, "S-1-16-12288").as_deref(), Some("High"));
        assert_eq!(word(Way::IsIpv6, "2001:db8::1").as_deref(), Some("true"));
        assert_eq!(word(Way::IsIpv6, "-"), None);
    }

    #[test]
    fn a_value_of_the_registry_as_sysmon_writes_it() {
        let path = |key: &str, name: &str| derived("f", Way::RegistryPath, &[key, name]);
        let run = "\\REGISTRY\\MACHINE\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Run";
        assert_eq!(
            path(run, "a").as_deref(),
            Some("HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Run\\a")
        );
        assert_eq!(
            path("\\REGISTRY\\MACHINE\\SYSTEM\\ControlSet001\\Services\\a", "").as_deref(),
            Some("HKLM\\System\\CurrentControlSet\\Services\\a\\(Default)")
        );
        assert_eq!(path("\\REGISTRY\\USER\\S-1-5", "b").as_deref(), Some("HKU\\S-1-5\\b"));
        assert_eq!(path("\\REGISTRY\\MACHINERY", "b").as_deref(), Some("\\REGISTRY\\MACHINERY\\b"));
        let value = |kind: &str, value: &str| derived("f", Way::RegistryValue, &[kind, value]);
        assert_eq!(value("%%1876", "1").as_deref(), Some("DWORD (0x00000001)"));
        assert_eq!(value("%%1876", "0x10").as_deref(), Some("DWORD (0x00000010)"));
        assert_eq!(value("%%1883", "4294967297").as_deref(), Some("QWORD (0x00000001-0x00000001)"));
        assert_eq!(value("%%1873", "a"), None);
        let operation = derived("f", Way::RegistryOperation, &["%%1906"]);
        assert_eq!(operation.as_deref(), Some("DeleteValue"));
    }

    #[test]
    fn hashes_and_paths() {
        let hashes = "SHA1=AB,MD5=CD,IMPHASH=EF";
        assert_eq!(derived("imphash", Way::Hash, &[hashes]).as_deref(), Some("EF"));
        assert_eq!(derived("sha256", Way::Hash, &[hashes]), None);
        assert_eq!(derived("Hashes", Way::Hashes, &["ab"]).as_deref(), Some("SHA256=AB"));
        let path = |path: &str| derived("f", Way::DevicePath, &[path]);
        assert_eq!(
            path("\\device\\harddiskvolume3\\windows\\a.exe").as_deref(),
            Some("C:\\windows\\a.exe")
        );
        assert_eq!(path("\\device\\mup\\a\\b.exe"), None);
        assert_eq!(path("System"), None);
        let service = derived("eventService", Way::Service, &["admin"]);
        assert_eq!(service.as_deref(), Some("admin.googleapis.com"));
    }
}
