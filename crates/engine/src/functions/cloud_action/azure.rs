//! Azure's activity log of function apps.
//!
//! What takes long also tells that it was accepted and that it began; only what succeeded counts.
//! <https://learn.microsoft.com/azure/role-based-access-control/permissions/web-and-mobile>

use coldtrail_model::Kind;

use super::{Act, Deed, Product, Record};

const FUNCTIONS: Product = Product {
    provider: "Microsoft Azure",
    name: "Functions / App Service (global name)",
    kind: Kind::Function,
};

#[cfg(test)]
pub(super) const PRODUCTS: &[Product] = &[FUNCTIONS];

/// What a request says that lets everybody in, in lower case and without white space.
const OPEN: [&str; 3] = [
    "\"authlevel\":\"anonymous\"",
    "\"unauthenticatedclientaction\":\"allowanonymous\"",
    "\"requireauthentication\":false",
];

pub(super) fn deed(record: &Record<'_>) -> Option<Deed> {
    if let Some(run) = record.run(FUNCTIONS) {
        return Some(run);
    }
    if record.outcome != "success" || record.function.is_empty() {
        return None;
    }
    let action = record.action.to_ascii_lowercase();
    let of_site = action.strip_prefix("microsoft.web/sites/")?;
    let act = match of_site.strip_prefix("slots/").unwrap_or(of_site) {
        "functions/write" | "config/write" if is_open(record.request) => Act::Exposed,
        "write" | "functions/write" => Act::Prepared,
        "config/write"
        | "extensions/write"
        | "sourcecontrols/write"
        | "publish/action"
        | "zipdeploy/action" => Act::Changed,
        _ => return None,
    };
    let function = record.function.to_ascii_lowercase();
    let host = Some(format!("{function}.azurewebsites.net"));
    Some(Deed { act, product: FUNCTIONS, function, host })
}

/// Requests are JSON within JSON, so that the quotes are escaped in some logs.
fn is_open(request: &str) -> bool {
    let is_told = |letter: &char| !letter.is_whitespace() && *letter != '\\';
    let request: String = request.chars().filter(is_told).collect();
    let request = request.to_ascii_lowercase();
    OPEN.iter().any(|open| request.contains(open))
}

#[cfg(test)]
mod tests {
    use super::super::Record;
    use super::super::tests::told;

    #[test]
    fn a_function_app_is_made_opened_and_changed() {
        let record = |action, request| Record {
            provider: "azure",
            outcome: "success",
            function: "Poll",
            action,
            request,
            ..Record::default()
        };
        for (action, request, expected) in [
            ("Microsoft.Web/sites/write", "", Some("prepared")),
            ("MICROSOFT.WEB/SITES/CONFIG/WRITE", "", Some("changed")),
            (
                "Microsoft.Web/sites/config/write",
                r#"{"properties":"{\"requireAuthentication\": false}"}"#,
                Some("exposed"),
            ),
            (
                "Microsoft.Web/sites/slots/functions/write",
                r#"{"authLevel":"Anonymous"}"#,
                Some("exposed"),
            ),
            ("Microsoft.Web/sites/config/list/action", "", None),
            ("Microsoft.Storage/storageAccounts/write", "", None),
        ] {
            let expected = expected
                .map(|act| format!("{act} poll Functions / App Service poll.azurewebsites.net"));
            assert_eq!(told(&record(action, request)), expected, "{action}");
        }
        let begun = Record { outcome: "unknown", ..record("Microsoft.Web/sites/write", "") };
        assert_eq!(told(&begun), None);
    }
}
