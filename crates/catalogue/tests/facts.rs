//! Every row of the fact sheet is in the catalogue, under its provider and product.

use std::path::Path;

use coldtrail_catalogue::{Catalogue, Identification};

#[test]
fn every_row_of_the_fact_sheet_is_covered() {
    let Some(rows) = read_facts("catalogue.tsv") else { return };
    let mut wrong = Vec::new();
    for row in &rows {
        for host in hosts(&row[3], &row[0]) {
            let found = describe(&host, path(&row[1]));
            let expected = expectation(row);
            if found != expected {
                wrong.push(format!("{host}\n  expected {expected}\n  found    {found}"));
            }
        }
    }
    assert_eq!(rows.len(), 252);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_sample_host_has_the_right_answer() {
    let Some(rows) = read_facts("host_samples.tsv") else { return };
    assert_eq!(rows.len(), 58);
    for row in &rows {
        let found = Catalogue::builtin().identify(&row[1], None);
        match row[0].as_str() {
            "match" => {
                let Identification::Endpoint(endpoint) = found else {
                    panic!("{row:?}: {found:?}")
                };
                assert_eq!(endpoint.product, row[2]);
            }
            "special" => {
                let Identification::Endpoint(endpoint) = found else {
                    panic!("{row:?}: {found:?}")
                };
                assert_eq!(endpoint.provider, "Cloudflare", "{row:?}");
                assert!(row[2].contains(endpoint.product.split(' ').next().unwrap()), "{row:?}");
            }
            "no-tenant-match" => {
                assert!(!matches!(found, Identification::Endpoint(_)), "{row:?}: {found:?}");
            }
            other => panic!("unknown expectation {other}"),
        }
    }
}

fn expectation(row: &[String]) -> String {
    let product = if row[1].is_empty() { "Data apps" } else { &row[1] };
    let role = match row[2].as_str() {
        "control-plane" => "control plane",
        "excluded" => "excluded",
        _ => "endpoint",
    };
    format!("{role} {} {product}", row[0])
}

fn describe(host: &str, path: Option<&str>) -> String {
    match Catalogue::builtin().identify(host, path) {
        Identification::Endpoint(it) => format!("endpoint {} {}", it.provider, it.product),
        Identification::ControlPlane { provider, product, .. } => {
            format!("control plane {provider} {product}")
        }
        Identification::Excluded { provider, product, .. } => {
            format!("excluded {provider} {product}")
        }
        other => format!("{other:?}"),
    }
}

/// Rows without their header; `None`, said aloud, where the facts are absent.
#[expect(clippy::print_stdout, reason = "a skipped test must say so")]
fn read_facts(file: &str) -> Option<Vec<Vec<String>>> {
    let facts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/facts").join(file);
    let Ok(text) = std::fs::read_to_string(facts) else {
        println!("skipped: ../shared is absent");
        return None;
    };
    let row = |line: &str| line.split('\t').map(str::to_owned).collect();
    Some(text.lines().skip(1).map(row).collect())
}

/// Products that only a path tells from another, or from an ordinary site.
fn path(product: &str) -> Option<&'static str> {
    match product {
        "Logic Apps Standard" => Some("/api/order/triggers/manual/invoke?sig=x"),
        "Webhook" => Some("/api/webhooks/1/x"),
        _ => None,
    }
}

/// Examples of `<app>-<8ch>.<region>.example.net`, with and without what stands in brackets.
fn hosts(pattern: &str, provider: &str) -> Vec<String> {
    if let Some((before, rest)) = pattern.split_once('[') {
        let (optional, after) = rest.split_once(']').unwrap_or((rest, ""));
        let variants = [format!("{before}{after}"), format!("{before}{optional}{after}")];
        return variants.iter().flat_map(|variant| hosts(variant, provider)).collect();
    }
    let mut host = String::new();
    let mut rest = pattern;
    while let Some((literal, behind)) = rest.split_once('<') {
        let (name, behind) = behind.split_once('>').unwrap_or((behind, ""));
        host.push_str(literal);
        host.push_str(&example(name, provider));
        rest = behind;
    }
    host.push_str(rest);
    vec![host]
}

fn example(name: &str, provider: &str) -> String {
    let repeat = |text: &str, length: usize| text.chars().cycle().take(length).collect::<String>();
    let number = name.chars().filter(char::is_ascii_digit).collect::<String>().parse().ok();
    match name {
        "region" => region(provider).to_owned(),
        "rc" => "gz".to_owned(),
        "NN" => "07".to_owned(),
        "zNN" => "z01".to_owned(),
        "n" => "4".to_owned(),
        "port" => "8080".to_owned(),
        "acct" => "123456789012".to_owned(),
        "projnum" | "appid" | "appid10" => "1300000000".to_owned(),
        "uuid" | "acct-guid" => "0b39a4b4-6bcb-4f3b-9e0e-6e1b1f0c8f53".to_owned(),
        "envid" => repeat("c0ffee", 30),
        "xx" => "37".to_owned(),
        "vpce-id" => "vpce-0a1b2c3d4e5f".to_owned(),
        "11-13ch" => repeat("a1b2", 12),
        "eo13ch" => format!("eo{}", repeat("mxt", 13)),
        "en11ch" => format!("en{}", repeat("mxt", 11)),
        _ => match number {
            Some(length) if name.ends_with("hex") => repeat("c0ffee", length),
            Some(length) if name.ends_with("ch") => repeat("d4e5", length),
            Some(length) if name.starts_with("hash") => repeat("f6a7", length),
            _ => name.to_owned(),
        },
    }
}

fn region(provider: &str) -> &'static str {
    match provider {
        "AWS" => "eu-west-1",
        "Google Cloud" | "S3NS (Google sovereign FR)" => "europe-west1",
        "Microsoft Azure" => "westeurope",
        _ => "cn-shanghai",
    }
}
