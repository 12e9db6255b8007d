//! `claimed_programs(user_agents)`: what kinds of program a list of User-Agent headers names.
//!
//! A header is what a client says of itself. Browsers and libraries of scripts have said it in the same
//! ways for years, so the few kinds that matter are told by the products that a header names
//! (RFC 9110 §10.1.5). A header that names anything else beside a browser is no browser's: programs
//! that show web pages inside themselves add their own name.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use arrow_array::builder::{ListBuilder, StringBuilder};
use arrow_array::cast::AsArray;
use arrow_array::{Array, ListArray};
use arrow_cast::cast;
use arrow_schema::{DataType, Field};
use datafusion::common::Result;
use datafusion::common::utils::take_function_args;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

/// The kinds of program that a list of User-Agent headers names, each once and in order: `browser`, or
/// a kind of [`SCRIPTED_CLIENTS`]. Headers of other programs name none of them.
pub fn claimed_programs(user_agents: Expr) -> Expr {
    function().call(vec![user_agents])
}

/// Clients that scripts and command lines use: the kind, and the names of its products in lower case.
pub const SCRIPTED_CLIENTS: [(&str, &[&str]); 8] = [
    ("curl", &["curl", "libcurl", "pycurl"]),
    ("go", &["go-http-client", "go-resty", "fasthttp"]),
    ("java", &["java", "java-http-client", "okhttp", "apache-httpclient", "jakarta"]),
    ("node", &["node", "node-fetch", "axios", "undici", "got", "superagent"]),
    ("perl", &["libwww-perl", "lwp::simple", "http-tiny"]),
    ("powershell", &["windowspowershell", "powershell"]),
    ("python", &["python", "python-requests", "python-urllib", "python-httpx", "aiohttp"]),
    ("wget", &["wget"]),
];

/// What browsers call themselves, in lower case.
const BROWSER_PRODUCTS: [&str; 9] =
    ["chrome", "crios", "edg", "edge", "edga", "edgios", "firefox", "fxios", "opr"];

/// What stands beside that in the headers of browsers, and names no program of its own.
const BESIDE_BROWSERS: [&str; 6] =
    ["mozilla", "applewebkit", "gecko", "mobile", "safari", "version"];

pub(super) fn function() -> Arc<ScalarUDF> {
    static FUNCTION: LazyLock<Arc<ScalarUDF>> =
        LazyLock::new(|| Arc::new(ScalarUDF::new_from_impl(ClaimedPrograms::new())));
    Arc::clone(&FUNCTION)
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct ClaimedPrograms {
    signature: Signature,
}

impl ClaimedPrograms {
    fn new() -> Self {
        Self { signature: Signature::any(1, Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for ClaimedPrograms {
    fn name(&self) -> &str {
        "claimed_programs"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _argument_types: &[DataType]) -> Result<DataType> {
        Ok(list_of_text())
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [user_agents] = take_function_args(self.name(), &arguments.args)?;
        let user_agents = cast(&user_agents.to_array(arguments.number_rows)?, &list_of_text())?;
        Ok(ColumnarValue::Array(Arc::new(of_lists(user_agents.as_list()))))
    }
}

fn list_of_text() -> DataType {
    DataType::List(Arc::new(Field::new("item", DataType::Utf8, true)))
}

fn of_lists(lists: &ListArray) -> ListArray {
    let mut programs = ListBuilder::new(StringBuilder::new());
    for list in lists.iter() {
        let list = list.unwrap_or_else(|| lists.values().slice(0, 0));
        let headers = list.as_string::<i32>().iter().flatten();
        let named: BTreeSet<&str> = headers.filter_map(claimed_program).collect();
        programs.append_value(named.into_iter().map(Some));
    }
    programs.finish()
}

/// The kind of program that one header names, as in [`claimed_programs`].
pub fn claimed_program(user_agent: &str) -> Option<&'static str> {
    let products = products(user_agent);
    let is_kind = |(_, names): &&(&str, &[&str])| {
        products.iter().any(|product| names.contains(&product.as_str()))
    };
    let scripted = SCRIPTED_CLIENTS.iter().find(is_kind).map(|(kind, _)| *kind);
    scripted.or_else(|| is_browser(&products).then_some("browser"))
}

fn is_browser(products: &[String]) -> bool {
    let names = |names: &[&str], product: &String| names.contains(&product.as_str());
    let is_apple = || products.iter().any(|one| one == "version");
    products.first().is_some_and(|first| first == "mozilla")
        && (products.iter().any(|one| names(&BROWSER_PRODUCTS, one)) || is_apple())
        && products.iter().all(|one| names(&BROWSER_PRODUCTS, one) || names(&BESIDE_BROWSERS, one))
}

/// The names of the products in a header, in lower case, without versions and comments.
fn products(user_agent: &str) -> Vec<String> {
    let mut outside = String::with_capacity(user_agent.len());
    let mut depth = 0_usize;
    for letter in user_agent.chars() {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ if depth == 0 => outside.push(letter.to_ascii_lowercase()),
            _ => {}
        }
    }
    let names = outside.split_whitespace().filter_map(|product| product.split('/').next());
    names.filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::claimed_program;

    #[test]
    fn a_header_names_a_browser_a_scripts_client_or_nothing_of_either() {
        let chrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
                      Chrome/120.0.0.0 Safari/537.36";
        let headers = [
            (chrome.to_owned(), Some("browser")),
            (format!("{chrome} Edg/120.0.0.0"), Some("browser")),
            ("Mozilla/5.0 (X11; Linux x86_64; rv:121.0) Gecko/20100101 Firefox/121.0".into(), Some("browser")),
            (
                "Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.1 Safari/605.1.15"
                    .into(),
                Some("browser"),
            ),
            // A program that shows web pages inside itself says who it is.
            (chrome.replace("Chrome/", "Example/4.2 Chrome/"), None),
            (chrome.replace("Chrome/", "Chrome/120.0 Electron/"), None),
            // What Windows says for any program that asks it to fetch something.
            ("Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 10.0; Trident/7.0)".into(), None),
            (
                "Mozilla/5.0 (Windows NT; Windows NT 10.0; en-US) WindowsPowerShell/5.1.19041".into(),
                Some("powershell"),
            ),
            ("curl/8.4.0".into(), Some("curl")),
            ("python-requests/2.31.0".into(), Some("python")),
            ("Python/3.11 aiohttp/3.9.1".into(), Some("python")),
            ("Go-http-client/1.1".into(), Some("go")),
            ("Microsoft-CryptoAPI/10.0".into(), None),
            ("(((".into(), None),
            (String::new(), None),
        ];
        for (header, program) in headers {
            assert_eq!(claimed_program(&header), program, "{header}");
        }
    }
}
