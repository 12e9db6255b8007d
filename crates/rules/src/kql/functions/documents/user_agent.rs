//! User agents.
//!
//! Kusto matches them with thousands of expressions. This knows the browsers, systems and tools that make
//! up nearly all of the traffic in logs, and says `Other` of the rest.
//!
//! <https://learn.microsoft.com/kusto/query/parse-user-agent-function>

use indexmap::IndexMap;

use super::super::arguments::{Arguments, bag, bag_of, listed, text};
use super::super::{Accepts, Function, Type, Value};
use crate::kql::Dynamic;

/// The functions.
pub(in super::super) const FUNCTIONS: &[Function] = &[Function::define(
    "parse_user_agent",
    &[Accepts::Only(Type::String), Accepts::Any],
    Type::Dynamic,
    parse,
)];

fn parse(arguments: &[Value]) -> Value {
    let agent = arguments.text(0);
    let wanted: Vec<&str> = listed(arguments.get(1..).unwrap_or_default()).collect();
    let is_wanted = |part: &str| wanted.iter().any(|wanted| wanted.eq_ignore_ascii_case(part));
    let mut found = IndexMap::new();
    if is_wanted("browser") {
        found.insert("Browser".to_owned(), browser(agent));
    }
    if is_wanted("os") {
        found.insert("OperatingSystem".to_owned(), operating_system(agent));
    }
    if is_wanted("device") {
        found.insert("Device".to_owned(), device(agent));
    }
    if found.is_empty() { Value::Null } else { bag(found) }
}

/// What stands before the version of a browser or tool, and its family. The first that is found counts:
/// those that pretend to be others come before them.
const BROWSERS: &[(&str, &str)] = &[
    ("AdobeAIR/", "AdobeAIR"),
    ("EdgA/", "Edge Mobile"),
    ("EdgiOS/", "Edge Mobile"),
    ("Edg/", "Edge"),
    ("Edge/", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("YaBrowser/", "Yandex Browser"),
    ("Vivaldi/", "Vivaldi"),
    ("CriOS/", "Chrome Mobile iOS"),
    ("FxiOS/", "Firefox iOS"),
    ("HeadlessChrome/", "HeadlessChrome"),
    ("Electron/", "Electron"),
    ("Googlebot/", "Googlebot"),
    ("bingbot/", "bingbot"),
    ("Chrome/", "Chrome"),
    ("Firefox/", "Firefox"),
    ("MSIE ", "IE"),
    ("Trident/7.0; rv:", "IE"),
    ("Trident/7.0", "IE"),
    ("Version/", "Safari"),
    ("WindowsPowerShell/", "PowerShell"),
    ("PowerShell/", "PowerShell"),
    ("python-requests/", "Python Requests"),
    ("Python-urllib/", "Python-urllib"),
    ("aiohttp/", "Python aiohttp"),
    ("Go-http-client/", "Go-http-client"),
    ("Apache-HttpClient/", "Apache-HttpClient"),
    ("PostmanRuntime/", "PostmanRuntime"),
    ("okhttp/", "okhttp"),
    ("curl/", "curl"),
    ("Wget/", "Wget"),
    ("Java/", "Java"),
];

fn browser(agent: &str) -> Dynamic {
    let found = BROWSERS.iter().find_map(|(before, family)| {
        agent.split_once(before).map(|(_, version)| (*family, version))
    });
    let is_mobile = agent.contains("Mobile");
    let (family, version) = match found {
        Some(("Chrome", version)) if is_mobile && agent.contains("Android") => {
            ("Chrome Mobile", version)
        }
        Some(("Firefox", version)) if is_mobile => ("Firefox Mobile", version),
        Some(("Safari", version)) if is_mobile => ("Mobile Safari", version),
        Some(found) => found,
        None => ("Other", ""),
    };
    let [major, minor, patch, _] = numbers(version);
    bag_of([
        ("Family", text(family)),
        ("MajorVersion", text(major)),
        ("MinorVersion", text(minor)),
        ("Patch", text(patch)),
    ])
}

/// Kernels of Windows and the versions that they are sold as.
const WINDOWS: &[(&str, &str)] = &[
    ("Windows NT 10.0", "10"),
    ("Windows NT 6.3", "8.1"),
    ("Windows NT 6.2", "8"),
    ("Windows NT 6.1", "7"),
    ("Windows NT 6.0", "Vista"),
    ("Windows NT 5.2", "XP"),
    ("Windows NT 5.1", "XP"),
    ("Windows NT 5.0", "2000"),
];

/// What stands before the version of an operating system, and its family.
const SYSTEMS: &[(&str, &str)] = &[
    ("SymbianOS/", "Symbian OS"),
    ("Android ", "Android"),
    ("CPU iPhone OS ", "iOS"),
    ("CPU OS ", "iOS"),
    ("Mac OS X ", "Mac OS X"),
    ("Mac OS X", "Mac OS X"),
    ("CrOS x86_64 ", "Chrome OS"),
    ("Ubuntu/", "Ubuntu"),
    ("Ubuntu", "Ubuntu"),
    ("Linux", "Linux"),
    ("Windows", "Windows"),
];

fn operating_system(agent: &str) -> Dynamic {
    let windows = WINDOWS.iter().find(|(kernel, _)| agent.contains(kernel));
    let found = || {
        SYSTEMS.iter().find_map(|(before, family)| {
            agent.split_once(before).map(|(_, version)| (*family, numbers(version)))
        })
    };
    let (family, [major, minor, patch, patch_minor]) = match windows {
        Some((_, sold_as)) => {
            let (major, minor) = sold_as.split_once('.').unwrap_or((sold_as, ""));
            ("Windows", [major, minor, "", ""])
        }
        None => found().unwrap_or(("Other", [""; 4])),
    };
    bag_of([
        ("Family", text(family)),
        ("MajorVersion", text(major)),
        ("MinorVersion", text(minor)),
        ("Patch", text(patch)),
        ("PatchMinor", text(patch_minor)),
    ])
}

fn device(agent: &str) -> Dynamic {
    let lower = agent.to_ascii_lowercase();
    let is_spider = ["bot/", "bot;", "crawler", "spider"].iter().any(|word| lower.contains(word));
    let android = android_model(agent);
    let (family, brand, model) = if is_spider {
        ("Spider", "Spider", "Desktop")
    } else if agent.contains("iPhone") {
        ("iPhone", "Apple", "iPhone")
    } else if agent.contains("iPad") {
        ("iPad", "Apple", "iPad")
    } else if agent.contains("Macintosh") {
        ("Mac", "Apple", "Mac")
    } else if let Some(model) = android {
        (model, "Generic_Android", model)
    } else {
        ("Other", "", "")
    };
    bag_of([("Family", text(family)), ("Brand", text(brand)), ("Model", text(model))])
}

/// The model that stands behind the version of Android.
fn android_model(agent: &str) -> Option<&str> {
    let (_, behind) = agent.split_once("Android ")?;
    let (inside, _) = behind.split_once(')')?;
    let (_, model) = inside.split_once("; ")?;
    let (model, _) = model.split_once(" Build/").unwrap_or((model, ""));
    Some(model.trim())
}

/// The first four numbers of a version, between which stand dots or underscores.
fn numbers(version: &str) -> [&str; 4] {
    let end =
        version.find(|letter: char| !letter.is_ascii_digit() && letter != '.' && letter != '_');
    let mut numbers =
        version.get(..end.unwrap_or(version.len())).unwrap_or_default().split(['.', '_']);
    std::array::from_fn(|_| numbers.next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(parts: &Dynamic) -> String {
        let Dynamic::Bag(parts) = parts else { return String::new() };
        let texts: Vec<String> =
            parts.values().map(|part| Value::of_dynamic(part.clone()).text()).collect();
        texts.join("|")
    }

    #[test]
    fn well_known_agents_are_known() {
        let chrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
                      Chrome/120.0.6099.71 Safari/537.36";
        assert_eq!(texts(&browser(chrome)), "Chrome|120|0|6099");
        assert_eq!(texts(&operating_system(chrome)), "Windows|10|||");
        assert_eq!(texts(&device(chrome)), "Other||");
        let edge = format!("{chrome} Edg/121.0.2277.83");
        assert_eq!(texts(&browser(&edge)), "Edge|121|0|2277");
        let iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_2_1 like Mac OS X) AppleWebKit/605.1.15 \
                      (KHTML, like Gecko) Version/17.2 Mobile/15E148 Safari/604.1";
        assert_eq!(texts(&browser(iphone)), "Mobile Safari|17|2|");
        assert_eq!(texts(&operating_system(iphone)), "iOS|17|2|1|");
        assert_eq!(texts(&device(iphone)), "iPhone|Apple|iPhone");
        let android = "Mozilla/5.0 (Linux; Android 14; Pixel 8 Build/UQ1A) AppleWebKit/537.36 \
                       (KHTML, like Gecko) Chrome/120.0.6099.43 Mobile Safari/537.36";
        assert_eq!(texts(&browser(android)), "Chrome Mobile|120|0|6099");
        assert_eq!(texts(&operating_system(android)), "Android|14|||");
        assert_eq!(texts(&device(android)), "Pixel 8|Generic_Android|Pixel 8");
        assert_eq!(texts(&browser("curl/8.4.0")), "curl|8|4|0");
        assert_eq!(texts(&browser("mine")), "Other|||");
    }

    #[test]
    fn only_what_is_asked_for_is_told() {
        let call = |wanted: Value| parse(&[Value::String("curl/8.4.0".into()), wanted]).text();
        let browser = r#"{"Family":"curl","MajorVersion":"8","MinorVersion":"4","Patch":"0"}"#;
        assert_eq!(call(Value::String("browser".into())), format!(r#"{{"Browser":{browser}}}"#));
        let both = Dynamic::of_json(r#"["device","browser"]"#).expect("JSON");
        assert_eq!(
            call(Value::Dynamic(both)),
            format!(
                r#"{{"Browser":{browser},"Device":{{"Family":"Other","Brand":"","Model":""}}}}"#
            )
        );
        assert_eq!(call(Value::String("nothing".into())), "");
    }
}
