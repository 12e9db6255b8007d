//! Blanking bearer secrets.
//!
//! Sentences and reasons quote URLs and command lines, and these carry keys: whoever reads an Azure
//! function's `code=` can call it. A report travels further than the log did, so such values become
//! `REDACTED` on the way out, in every format. The names beside them stay, and so do identities: the
//! deployment id of an Apps Script names the tenant and is what an analyst must search for.
//!
//! Three shapes are known: a parameter or header with a telling name, a path with a telling shape,
//! and the word `Bearer` before a long token.

use std::borrow::Cow;
use std::ops::Range;

const REDACTED: &str = "REDACTED";

/// Names of parameters and headers that hold secrets: a name matches as a whole, or by its last
/// part, as in `x-functions-key` and `access_token`.
const SECRET_NAMES: [&str; 14] = [
    "accesskey",
    "accesstoken",
    "apikey",
    "authorization",
    "authtoken",
    "clientsecret",
    "key",
    "passwd",
    "password",
    "pwd",
    "secret",
    "sig",
    "signature",
    "token",
];

/// A name that is secret only as a whole: `status_code=404` is none.
const SECRET_WHOLE_NAME: &str = "code";

/// The first words of an `Authorization` value, which are no secret.
const SCHEMES: [&str; 8] =
    ["apikey", "basic", "bearer", "digest", "negotiate", "ntlm", "sharedaccesskey", "token"];

/// URL paths that hold secrets. A segment is itself, a beginning before `*`, or the secret `!`.
const SECRET_PATHS: [&[&str]; 14] = [
    // Zapier, and its older form.
    &["hooks", "catch", "*", "!"],
    &["hooks", "standard", "*", "!"],
    // IFTTT.
    &["with", "key", "!"],
    // Discord, with and without a version.
    &["api", "webhooks", "*", "!"],
    &["api", "v*", "webhooks", "*", "!"],
    // Slack: incoming webhooks, triggers and workflows.
    &["services", "T*", "B*", "!"],
    &["triggers", "T*", "*", "!"],
    &["workflows", "T*", "A*", "*", "!"],
    // Microsoft Teams connectors.
    &["IncomingWebhook", "!"],
    // Workato, n8n, Make and Pabbly.
    &["webhooks", "rest", "!"],
    &["webhook", "!"],
    &["webhook-test", "!"],
    &["hook.*", "!"],
    &["sendwebhookdata", "!"],
];

/// What follows the word `Bearer` in prose is rarely this long; a token always is.
const SHORTEST_BEARER_TOKEN: usize = 16;

/// Names are short; this bounds the look back on hostile text.
const LONGEST_NAME: usize = 64;

/// The text with its bearer secrets blanked.
pub(crate) fn redact(text: &str) -> Cow<'_, str> {
    let mut secrets = secret_values(text);
    secrets.extend(secret_segments(text));
    secrets.extend(bearer_tokens(text));
    if secrets.is_empty() {
        return Cow::Borrowed(text);
    }
    secrets.sort_by_key(|secret| (secret.start, secret.end));
    blank(text, &secrets)
}

/// Names of fields that hold nothing but a secret. Fewer than those of parameters: logs also call the
/// signer of a file `Signature`, a key of the registry `Key`, and an answer's status `code`.
const SECRET_FIELDS: [&str; 11] = [
    "accesskey",
    "accesstoken",
    "apikey",
    "authorization",
    "authtoken",
    "clientsecret",
    "passwd",
    "password",
    "pwd",
    "secret",
    "token",
];

/// The value of a field of a record with its bearer secrets blanked: all of it where the field's name
/// tells that it is one.
pub(crate) fn redact_field<'a>(name: &str, value: &'a str) -> Cow<'a, str> {
    let last_part = name.rsplit(['-', '_', '.', ' ']).next().unwrap_or_default();
    let is_secret = SECRET_FIELDS.iter().any(|secret| last_part.eq_ignore_ascii_case(secret));
    match is_secret && !value.is_empty() {
        true => Cow::Borrowed(REDACTED),
        false => redact(value),
    }
}

/// Replaces ranges, sorted by their start; those that overlap become one.
fn blank<'a>(text: &'a str, secrets: &[Range<usize>]) -> Cow<'a, str> {
    let mut blanked = String::with_capacity(text.len());
    let mut done = 0;
    for secret in secrets {
        if secret.start >= done {
            blanked.push_str(text.get(done..secret.start).unwrap_or_default());
            blanked.push_str(REDACTED);
        }
        done = done.max(secret.end);
    }
    blanked.push_str(text.get(done..).unwrap_or_default());
    Cow::Owned(blanked)
}

/// The values of `name=value`, `name: value` and `"name": "value"` where the name is telling.
fn secret_values(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut secrets = Vec::new();
    let mut position = 0;
    while position < bytes.len() {
        let Some(separator) = Separator::at(bytes, position) else {
            position += 1;
            continue;
        };
        let after = position + separator.length();
        match secret_name(text, position, separator).then(|| value(text, after, separator)) {
            Some(secret) if !secret.is_empty() => {
                position = secret.end;
                secrets.push(secret);
            }
            _ => position = after,
        }
    }
    secrets
}

/// What stands between a name and its value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Separator {
    Equals,
    /// An equals sign in a URL that is itself a parameter of another.
    EncodedEquals,
    Colon,
}

impl Separator {
    fn at(bytes: &[u8], position: usize) -> Option<Separator> {
        match bytes.get(position..)? {
            [b'=', ..] => Some(Separator::Equals),
            [b':', ..] => Some(Separator::Colon),
            [b'%', b'3', b'D' | b'd', ..] => Some(Separator::EncodedEquals),
            _ => None,
        }
    }

    fn length(self) -> usize {
        if self == Separator::EncodedEquals { 3 } else { 1 }
    }
}

/// Whether the name that ends before `end` tells of a secret. Before a colon, prose is likelier than
/// a header, so there the name must be quoted or look like a header's.
fn secret_name(text: &str, end: usize, separator: Separator) -> bool {
    let before = text.get(..end).unwrap_or_default().trim_end_matches(' ');
    let unquoted = before.trim_end_matches(['"', '\'', '\\']);
    let quoted = unquoted.len() < before.len();
    let name = last_name(unquoted).to_ascii_lowercase();
    let header = name.contains('-') || name == "authorization";
    let last_part = name.rsplit(['-', '_', '.']).next().unwrap_or_default();
    (separator != Separator::Colon || quoted || header)
        && (name == SECRET_WHOLE_NAME || SECRET_NAMES.contains(&last_part))
}

/// The run of letters that names may have, at the end of a text.
fn last_name(text: &str) -> &str {
    let bytes = text.as_bytes();
    let is_name = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(**byte, b'-' | b'_' | b'.');
    let length = bytes.iter().rev().take(LONGEST_NAME).take_while(is_name).count();
    let start = text.len() - length;
    // Two digits after a per cent sign are the end of an encoded letter, such as `%26`.
    let encoded = start > 0 && bytes.get(start - 1) == Some(&b'%') && length > 2;
    text.get(if encoded { start + 2 } else { start }..).unwrap_or_default()
}

/// The value that starts after a separator: up to its closing quote, or as far as a bare word goes.
fn value(text: &str, after: usize, separator: Separator) -> Range<usize> {
    let rest = text.get(after..).unwrap_or_default();
    let trimmed = rest.trim_start_matches(' ');
    // A second equals sign makes it a comparison.
    if trimmed.starts_with('=') {
        return after..after;
    }
    let opened = trimmed.trim_start_matches('\\');
    let (start, length) = match opened.bytes().next() {
        Some(quote @ (b'"' | b'\'')) => {
            let inside = opened.get(1..).unwrap_or_default();
            let length = inside.bytes().position(|byte| byte == quote).unwrap_or(inside.len());
            let closed = inside.get(..length).unwrap_or_default().trim_end_matches('\\');
            (text.len() - inside.len(), closed.len())
        }
        _ => (text.len() - trimmed.len(), bare_length(trimmed, separator)),
    };
    let scheme = scheme_length(text.get(start..).unwrap_or_default(), length);
    match scheme {
        Some(scheme) if scheme < length => start + scheme..start + length,
        // A bare scheme ends at its blank, and the credentials come after it.
        Some(scheme) => {
            let credentials = start + scheme;
            let credential = text.get(credentials..).unwrap_or_default();
            credentials..credentials + bare_length(credential, separator)
        }
        None => start..start + length,
    }
}

/// How far a value goes that nothing quotes.
fn bare_length(text: &str, separator: Separator) -> usize {
    let end = text.bytes().position(ends_bare_value).unwrap_or(text.len());
    let value = text.get(..end).unwrap_or_default();
    let encoded_end = (separator == Separator::EncodedEquals).then(|| value.find("%26")).flatten();
    encoded_end.unwrap_or(end)
}

fn ends_bare_value(byte: u8) -> bool {
    byte.is_ascii_whitespace() || b"&;,\"'`<>()[]{}|\\#".contains(&byte)
}

/// The length of a leading authentication scheme with its blank, such as `Bearer `.
fn scheme_length(text: &str, value_length: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let leads = |scheme: &&&str| {
        bytes.get(..scheme.len()).is_some_and(|word| word.eq_ignore_ascii_case(scheme.as_bytes()))
            && bytes.get(scheme.len()) == Some(&b' ')
    };
    let scheme = SCHEMES.iter().find(leads)?;
    (scheme.len() <= value_length).then_some(scheme.len() + 1)
}

/// The path segments that [`SECRET_PATHS`] mark.
fn secret_segments(text: &str) -> Vec<Range<usize>> {
    let segments = segments(text);
    let starts = (0..segments.len()).filter_map(|start| segments.get(start..));
    starts
        .flat_map(|path| SECRET_PATHS.iter().filter_map(|shape| secret_segment(text, path, shape)))
        .collect()
}

/// The stretches of a text between slashes and whatever else ends a path.
fn segments(text: &str) -> Vec<Range<usize>> {
    let ends = |byte: u8| byte == b'/' || byte == b'?' || ends_bare_value(byte);
    let mut segments = Vec::new();
    let mut start = 0;
    for (position, byte) in text.bytes().enumerate().filter(|(_, byte)| ends(*byte)) {
        segments.push(start..position);
        start = position + 1;
        // An empty segment keeps paths apart that something other than a slash divides.
        if byte != b'/' {
            segments.push(position..position);
        }
    }
    segments.push(start..text.len());
    segments
}

fn secret_segment(text: &str, path: &[Range<usize>], shape: &[&str]) -> Option<Range<usize>> {
    if path.len() < shape.len() {
        return None;
    }
    let is_match = |segment: &Range<usize>, part: &str| {
        let found = text.get(segment.clone()).unwrap_or_default();
        match part.strip_suffix('*') {
            _ if part == "!" => !found.is_empty(),
            Some(beginning) => !found.is_empty() && found.starts_with(beginning),
            None => found.eq_ignore_ascii_case(part),
        }
    };
    let matches = path.iter().zip(shape).all(|(segment, part)| is_match(segment, part));
    matches.then(|| path.get(shape.len() - 1).cloned()).flatten()
}

/// Long words after the word `Bearer`, wherever it stands.
fn bearer_tokens(text: &str) -> Vec<Range<usize>> {
    const WORD: &str = "bearer ";
    let lower = text.to_ascii_lowercase();
    let starts = lower.match_indices(WORD).map(|(position, word)| position + word.len());
    starts
        .map(|start| {
            let rest = text.get(start..).unwrap_or_default();
            start..start + bare_length(rest, Separator::Colon)
        })
        .filter(|token| token.len() >= SHORTEST_BEARER_TOKEN)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{redact, redact_field};

    #[test]
    fn fields_of_records() {
        for name in ["Password", "requestParameters.clientSecret", "cs-authorization", "token"] {
            assert_eq!(redact_field(name, "open sesame"), "REDACTED");
        }
        assert_eq!(redact_field("Signature", "Microsoft Windows"), "Microsoft Windows");
        assert_eq!(redact_field("Password", ""), "");
        assert_eq!(redact_field("c-uri", "/a?code=1234"), "/a?code=REDACTED");
    }

    #[test]
    fn parameters_of_urls() {
        assert_eq!(
            redact("https://a.azurewebsites.net/api/beat?code=aB3-_x9==&name=ws-042 was called"),
            "https://a.azurewebsites.net/api/beat?code=REDACTED&name=ws-042 was called"
        );
        assert_eq!(
            redact("/invoke?sp=%2Ftriggers&sv=1.0&sig=Zm9v_-"),
            "/invoke?sp=%2Ftriggers&sv=1.0&sig=REDACTED"
        );
        assert_eq!(redact("/webhooks?token=abc%2b"), "/webhooks?token=REDACTED");
        assert_eq!(
            redact("u=https%3A%2F%2Fa%2Fb%3Fx%3D1%26sig%3Dabc%26y%3D2"),
            "u=https%3A%2F%2Fa%2Fb%3Fx%3D1%26sig%3DREDACTED%26y%3D2"
        );
        assert_eq!(
            redact("?X-Amz-Signature=00ff&X-Amz-Date=1"),
            "?X-Amz-Signature=REDACTED&X-Amz-Date=1"
        );
    }

    #[test]
    fn headers_in_scripts_and_commands() {
        assert_eq!(
            redact(
                "curl -H 'x-functions-key: abc123' -H \"Authorization: Bearer ey.J\" https://a.run.app"
            ),
            "curl -H 'x-functions-key: REDACTED' -H \"Authorization: Bearer REDACTED\" https://a.run.app"
        );
        assert_eq!(
            redact("@{'x-functions-key' = 'abc'; Authorization=\"Bearer a b\"}"),
            "@{'x-functions-key' = 'REDACTED'; Authorization=\"Bearer REDACTED\"}"
        );
        assert_eq!(redact(r#"{\"token\":\"abc\",\"n\":1}"#), r#"{\"token\":\"REDACTED\",\"n\":1}"#);
        assert_eq!(redact(r#"{"access_token": "abc def"}"#), r#"{"access_token": "REDACTED"}"#);
        assert_eq!(redact("Authorization: abcdef"), "Authorization: REDACTED");
        assert_eq!(redact("sent Bearer eyJhbGciOiJIUzI1NiJ9 twice"), "sent Bearer REDACTED twice");
    }

    #[test]
    fn webhooks() {
        for (quoted, expected) in [
            (
                "https://hooks.zapier.com/hooks/catch/12345/o8f9x2/ was",
                "https://hooks.zapier.com/hooks/catch/12345/REDACTED/ was",
            ),
            (
                "/trigger/beat/json/with/key/dQw4w9WgXcQ?value1=x",
                "/trigger/beat/json/with/key/REDACTED?value1=x",
            ),
            (
                "https://discord.com/api/webhooks/1098/a-B_c",
                "https://discord.com/api/webhooks/1098/REDACTED",
            ),
            (
                "https://discord.com/api/v10/webhooks/1098/a-B_c.",
                "https://discord.com/api/v10/webhooks/1098/REDACTED",
            ),
            (
                "(https://hooks.slack.com/services/T024/B078/x9Y8z7)",
                "(https://hooks.slack.com/services/T024/B078/REDACTED)",
            ),
            ("https://hook.eu1.make.com/abcdefgh", "https://hook.eu1.make.com/REDACTED"),
        ] {
            assert_eq!(redact(quoted), expected);
        }
    }

    #[test]
    fn identities_and_prose_stay() {
        for text in [
            "https://script.google.com/macros/s/AKfycbxR0yV/exec answered",
            "calm-wildflower-1349.hellohiall.workers.dev/api/webhooks",
            "status_code=404 and PublicKeyToken=b77a5c561934e089",
            "the key: host and tenant; the bearer of bad news; token == $null",
            "/api/v1/services/team/build",
            "C:\\Users\\alice\\key.txt 10:15:00 :: = =",
        ] {
            assert_eq!(redact(text), text);
        }
    }

    #[test]
    fn twice_is_once() {
        let once = redact("Authorization: Basic YWxhZGRpbg== token=a'b' /with/key/k \"sig\":\"x\"")
            .into_owned();
        assert_eq!(redact(&once), once);
        assert!(!once.contains("YWxh"), "{once}");
    }

    proptest::proptest! {
        #[test]
        fn surroundings_do_not_protect_a_secret(
            before in "(code|token| |=|:|\"|'|\\\\|%3D|%26|Bearer |/|webhook|é|.){0,24}",
            after in "(code|token| |=|:|\"|'|\\\\|%3D|%26|Bearer |/|webhook|é|.){0,24}",
        ) {
            let text = format!("{before}&sig=c2VjcmV0&{after}");
            proptest::prop_assert!(!redact(&text).contains("c2VjcmV0"));
        }
    }
}
