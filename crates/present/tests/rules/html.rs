use coldtrail_model::{Report, RuleMatch, RuleSummary};
use coldtrail_present::html;
use proptest::prelude::*;

use super::{any_text, example, leaks, report};

fn written(summary: &RuleSummary, report: &Report, matches: &[RuleMatch]) -> String {
    let mut page = Vec::new();
    html(summary, report, matches, &mut page).unwrap();
    String::from_utf8(page).unwrap()
}

/// The page without what is the same in all pages.
fn body(page: &str) -> &str {
    page.split_once("<body>").unwrap().1
}

#[test]
fn a_page() {
    let page = written(&example::summary(), &report::report(), &example::matches());
    insta::assert_snapshot!(body(&page).replace(env!("CARGO_PKG_VERSION"), "VERSION"));
}

#[test]
fn a_page_of_nothing() {
    let page = written(&example::nothing(), &report::empty(), &[]);
    insta::assert_snapshot!(body(&page).replace(env!("CARGO_PKG_VERSION"), "VERSION"));
}

#[test]
fn nothing_is_fetched_or_run() {
    let page = written(&example::summary(), &report::report(), &example::matches());
    assert!(
        page.contains("content=\"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'")
    );
    for forbidden in ["<script", "src=", "@import", "url(", "<link", "<iframe"] {
        assert!(!page.replace("&lt;script", "").contains(forbidden), "{forbidden}");
    }
    assert!(!page.contains("S3cr3t") && !page.contains("hunter2"));
}

#[test]
fn what_is_left_out_is_told_and_not_read() {
    let mut read = 0;
    let many = example::matches().into_iter().cycle().inspect(|_| read += 1).take(1_000_000);
    let mut page = Vec::new();
    html(&example::summary(), &report::report(), many, &mut page).unwrap();
    assert_eq!(read, 3_000);
    let page = String::from_utf8(page).unwrap();
    assert!(
        page.contains("The first 3,000 lines. 9,516 of 12,516 are left out here"),
        "{}",
        page.len()
    );
}

/// A tag of the page: its name, and the names and values of its attributes.
struct Tag {
    name: String,
    attributes: Vec<(String, String)>,
}

/// A parser for the tags that the page writes: attributes are in double quotes, or have no value.
fn tags(mut rest: &str) -> Vec<Tag> {
    let mut tags = Vec::new();
    while let Some((_, tag)) = rest.split_once('<') {
        let name_length = tag.find([' ', '>']).unwrap();
        let mut tag_of_page = Tag { name: tag[..name_length].to_owned(), attributes: Vec::new() };
        let mut inside = &tag[name_length..];
        loop {
            inside = inside.trim_start();
            if let Some(after) = inside.strip_prefix('>') {
                rest = after;
                break;
            }
            let length = inside.find(['=', ' ', '>']).unwrap();
            let attribute = inside[..length].to_owned();
            inside = &inside[length..];
            let mut value = String::new();
            if let Some(quoted) = inside.strip_prefix("=\"") {
                let (inner, after) = quoted.split_once('"').unwrap();
                value = inner.to_owned();
                inside = after;
            }
            tag_of_page.attributes.push((attribute, value));
        }
        tags.push(tag_of_page);
    }
    tags
}

proptest! {
    #[test]
    fn hostile_strings_stay_text(strings in proptest::collection::vec(any_text(), 1..12)) {
        const TAGS: &[&str] = &[
            "a", "b", "code", "dd", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "g",
            "h1", "h2", "header", "input", "label", "li", "nav", "p", "pre", "rect", "section", "span",
            "svg", "table", "tbody", "td", "th", "thead", "title", "tr", "ul", "body", "html",
        ];
        const ATTRIBUTES: &[&str] = &[
            "aria-label", "checked", "class", "height", "href", "id", "preserveAspectRatio", "rel",
            "role", "type", "viewBox", "width", "x", "y", "/",
        ];
        let (summary, matches) = example::overwritten(&strings);
        let page = written(&summary, &report::report(), &matches);
        let body = body(&page);
        prop_assert!(!body.replace('\n', "").contains(leaks));
        for tag in tags(body) {
            let name = tag.name.trim_start_matches('/');
            prop_assert!(TAGS.contains(&name), "<{name}>");
            for (attribute, value) in &tag.attributes {
                prop_assert!(ATTRIBUTES.contains(&attribute.as_str()), "{attribute}");
                if attribute == "href" {
                    prop_assert!(value.starts_with('#') || value.starts_with("https://"), "{value}");
                    let rel = tag.attributes.iter().any(|(name, value)| {
                        name == "rel" && value == "noreferrer noopener"
                    });
                    prop_assert!(value.starts_with('#') || rel, "{value}");
                }
            }
        }
    }
}
