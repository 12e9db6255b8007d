//! What the columns of the extended format are called here. Products share most names, which the
//! format explains: `c` is the client, `s` the server or proxy, `r` what is behind the proxy, `cs`
//! what went from client to server. A column takes the first that is set.

use coldtrail_diagnostics::Anomaly;
use coldtrail_model::{Field, Table};

use super::product::Product;
use crate::decision::decision;
use crate::filling::{Filling, Values, fill};
use crate::time;
use crate::url::Url;
use crate::{Collector, Stopped};

/// What a record does not say itself.
#[derive(Clone, Copy)]
pub(super) struct Stream<'s> {
    pub(super) product: Product,
    /// The day of the header.
    pub(super) day: &'s str,
    /// The host that sent the line.
    pub(super) observer: &'s str,
}

/// Columns that hold a URL, or what was asked for of it.
const TARGETS: [&str; 7] =
    ["c-url", "cs-url", "x-cs-url", "cs-uri", "cs-uri-stem", "cs-uri-path", "cs-uri-query"];

/// Schemes of what is passed through without a look.
const TUNNELS: [&str; 4] = ["tcp", "ssl", "tunnel", "socks"];

/// Makes a row of a record, if a table has a place for it.
pub(super) fn row(
    record: &dyn Values,
    stream: Stream<'_>,
    collector: &mut Collector<'_>,
) -> Result<(), Stopped> {
    let Some(table) = table(record) else { return Ok(()) };
    let Some(moment) = moment(record, stream.day, collector) else { return Ok(()) };
    fill(collector, table, stream.product.dataset(), moment, record, |record| {
        parties(record, stream);
        verdict(record);
        match table {
            Table::Web => request(record, stream.product),
            Table::Tls => handshake(record),
            _ => tunnel(record, stream.product),
        }
        duration(record, stream.product);
    })
}

/// What a record tells of.
fn table(record: &dyn Values) -> Option<Table> {
    let is = |name, words: &[&str]| {
        record
            .text(name)
            .is_some_and(|text| words.iter().any(|word| text.eq_ignore_ascii_case(word)))
    };
    let has = |name| record.text(name).is_some();
    if is("cs-method", &["CONNECT"]) || is("cs-uri-scheme", &TUNNELS) {
        Some(Table::Flow)
    } else if TARGETS.into_iter().any(has) {
        Some(Table::Web)
    } else if has("x-rs-certificate-hostname") && !has("cs-host") {
        Some(Table::Tls)
    } else {
        has("c-ip").then_some(Table::Flow)
    }
}

/// The format is defined to have times of UTC.
fn moment(record: &dyn Values, day: &str, collector: &mut Collector<'_>) -> Option<i64> {
    if let Some(text) = record.text("timestamp").or_else(|| record.text("x-timestamp")) {
        let moment = time::epoch(&text);
        if moment.is_none() {
            collector.anomaly(Anomaly::InvalidTimestamp, &text);
        }
        return moment;
    }
    if let Some(text) = record.text("gmttime").or_else(|| record.text("localtime")) {
        let text = text.trim_matches(['[', ']']);
        return collector.moment(text, time::common_log(text));
    }
    let Some(time) = record.text("time") else {
        collector.anomaly(Anomaly::MissingTimestamp, "neither a time nor a moment");
        return None;
    };
    let date = record.text("date");
    let text = format!("{} {time}", date.as_deref().unwrap_or(day));
    collector.moment(&text, time::iso(&text).map(|written| written.assuming_utc()))
}

fn parties(record: &mut Filling<'_, '_, '_>, stream: Stream<'_>) {
    record
        .text(Field::UserName, "cs-username")
        .text(Field::UserName, "cs-userdn")
        .lower(Field::HostName, "x-client-device-name")
        .address(Field::SourceIp, "c-ip")
        .number(Field::SourcePort, "c-port")
        .address(Field::DestinationIp, "r-ip")
        .address(Field::DestinationIp, "s-supplier-ip");
    match stream.product {
        Product::Iis | Product::HttpApi => {
            record.address(Field::DestinationIp, "s-ip").number(Field::DestinationPort, "s-port");
        }
        Product::Netskope => {
            record
                .address(Field::DestinationIp, "s-ip")
                .address(Field::DestinationIp, "x-sr-dst-ip")
                .number(Field::DestinationPort, "cs-uri-port");
        }
        // Elsewhere the server of `s` is the proxy.
        _ => {
            record
                .number(Field::DestinationPort, "cs-uri-port")
                .number(Field::DestinationPort, "r-port");
        }
    }
    record
        .lower(Field::ObserverName, "s-computername")
        .lower(Field::ObserverName, "x-bluecoat-appliance-name")
        .lower(Field::ObserverName, "x-s-dp-name");
    record.row().lower(Field::ObserverName, stream.observer);
    user_agent(record, stream.product);
}

fn user_agent(record: &mut Filling<'_, '_, '_>, product: Product) {
    // IIS has no quotes and writes spaces as `+`.
    if product == Product::Iis
        && let Some(written) = record.value("cs(User-Agent)")
    {
        record.row().text(Field::UserAgentOriginal, &written.replace('+', " "));
    }
    // CloudFront has none either, and writes them as a URL does.
    if let Some(written) = record.value("cs(User-Agent)")
        && written.contains("%20")
        && !written.contains(' ')
    {
        record.row().text(Field::UserAgentOriginal, &written.replace("%20", " "));
    }
    for name in ["cs(User-Agent)", "cs-User-Agent", "cs-user-agent"] {
        record.text(Field::UserAgentOriginal, name);
    }
}

/// What was done, and what that decided.
fn verdict(record: &mut Filling<'_, '_, '_>) {
    record
        .text(Field::EventAction, "s-action")
        .text(Field::EventAction, "x-policy-action")
        .text(Field::EventAction, "s-reason")
        .text(Field::EventAction, "sc-result-code")
        .text(Field::RuleName, "x-policy-name");
    let words = ["sc-filter-result", "x-policy-action", "s-action", "sc-result-code"];
    for name in words {
        let Some(word) = record.value(name) else { continue };
        let decided = match &*word {
            "PROXIED" => Some("allowed"),
            word if word.contains("DENIED") => Some("denied"),
            word => decision(word),
        };
        record.row().text(Field::EventType, decided.unwrap_or_default());
    }
    // `none` is what these products call an application that they do not know.
    let names = ["application-name", "x-bluecoat-application-name", "x-cs-app"];
    for name in names {
        if record.value(name).is_some_and(|application| application != "none") {
            record.text(Field::NetworkApplication, name);
        }
    }
}

fn request(record: &mut Filling<'_, '_, '_>, product: Product) {
    record
        .text(Field::HttpRequestMethod, "cs-method")
        .number(Field::HttpRequestBytes, "cs-bytes")
        .number(Field::HttpResponseBytes, "sc-bytes");
    for name in ["cs(Referer)", "cs(referer)", "cs-Referer", "cs-referer"] {
        record.text(Field::HttpRequestReferrer, name);
    }
    for name in ["rs(Content-Type)", "rs(content-type)", "rs-Content-Type", "sc-content-type"] {
        record.text(Field::HttpResponseMimeType, name);
    }
    record.text(Field::HttpResponseMimeType, "cs-mime-type");
    // A status of 0 says that nothing was answered.
    for name in ["sc-status", "sc-http-status"] {
        if record.value(name).is_some_and(|status| status != "0") {
            record.number(Field::HttpResponseStatusCode, name);
        }
    }
    url(record, product);
}

fn url(record: &mut Filling<'_, '_, '_>, product: Product) {
    // CloudFront's own name is in `cs(Host)`; `x-host-header` is what its client asked for.
    record
        .domain(Field::UrlDomain, "cs-host")
        .domain(Field::UrlDomain, "x-host-header")
        .domain(Field::UrlDomain, "cs(Host)");
    for name in ["c-url", "x-cs-url", "cs-url", "cs-uri"] {
        if let Some(written) = record.value(name) {
            let is_target = product.is_server() || written.starts_with('/');
            let url = if is_target { Url::parse_target(&written) } else { Url::parse(&written) };
            url.fill(record.row(), &written);
        }
    }
    record.text(Field::UrlPath, "cs-uri-stem").text(Field::UrlPath, "cs-uri-path");
    if let Some(query) = record.value("cs-uri-query") {
        record.row().text(Field::UrlQuery, query.strip_prefix('?').unwrap_or(&query));
    }
}

fn tunnel(record: &mut Filling<'_, '_, '_>, product: Product) {
    record.number(Field::SourceBytes, "cs-bytes").number(Field::DestinationBytes, "sc-bytes");
    if !product.is_server() {
        record.destination("cs-host");
        record.row().text(Field::NetworkDirection, "outbound");
    }
    if let Some(written) = record.value("cs-url") {
        record.row().domain(Field::DestinationDomain, Url::parse(&written).host);
    }
    record.row().text(Field::NetworkTransport, "tcp");
}

fn handshake(record: &mut Filling<'_, '_, '_>) {
    record
        .domain(Field::TlsClientServerName, "x-rs-certificate-hostname")
        .text(Field::TlsVersion, "x-cs-connection-negotiated-ssl-version")
        .text(Field::TlsCipher, "x-cs-connection-negotiated-cipher");
}

/// The format counts seconds; products that are known count milliseconds.
fn duration(record: &mut Filling<'_, '_, '_>, product: Product) {
    record.milliseconds(Field::EventDuration, "x-elapsed-time");
    if product == Product::Other {
        record.nanoseconds(Field::EventDuration, "time-taken");
    } else {
        record.milliseconds(Field::EventDuration, "time-taken");
    }
}
