//! Cloudflare's audit log, in its second version, of Workers.
//!
//! The path of the request says what was done; the first version has none, so it tells nothing here.
//! <https://developers.cloudflare.com/api/resources/workers/>

use coldtrail_model::Kind;

use super::{Act, Deed, Product, Record};

const WORKERS: Product =
    Product { provider: "Cloudflare", name: "Workers", kind: Kind::EdgeWorker };

#[cfg(test)]
pub(super) const PRODUCTS: &[Product] = &[WORKERS];

pub(super) fn deed(record: &Record<'_>) -> Option<Deed> {
    if let Some(run) = record.run(WORKERS) {
        return Some(run);
    }
    if record.function.is_empty() || !["PUT", "POST", "PATCH"].contains(&record.method) {
        return None;
    }
    let path = record.resource.split('?').next().unwrap_or_default();
    let (_, behind) = path.split_once(&format!("/{}", record.function))?;
    let is_enabled = record.request.replace(' ', "").contains("\"enabled\":true");
    let act = match behind.trim_end_matches('/') {
        "" => Act::Prepared,
        "/subdomain" if is_enabled => Act::Exposed,
        "/versions" | "/deployments" | "/content" | "/settings" | "/schedules" => Act::Changed,
        _ => return None,
    };
    Some(Deed { act, product: WORKERS, function: record.function.to_owned(), host: None })
}

#[cfg(test)]
mod tests {
    use super::super::Record;
    use super::super::tests::told;

    #[test]
    fn a_worker_is_uploaded_opened_and_changed() {
        for (method, path, request, expected) in [
            ("PUT", "/accounts/o/workers/scripts/relay", "", Some("prepared relay Workers")),
            (
                "POST",
                "/accounts/o/workers/scripts/relay/versions",
                "",
                Some("changed relay Workers"),
            ),
            (
                "POST",
                "/accounts/o/workers/scripts/relay/subdomain",
                r#"{"enabled": true}"#,
                Some("exposed relay Workers"),
            ),
            ("POST", "/accounts/o/workers/scripts/relay/subdomain", r#"{"enabled":false}"#, None),
            ("DELETE", "/accounts/o/workers/scripts/relay", "", None),
        ] {
            let record = Record {
                provider: "cloudflare",
                function: "relay",
                resource: path,
                method,
                request,
                ..Record::default()
            };
            assert_eq!(told(&record).as_deref(), expected, "{method} {path}");
        }
    }
}
