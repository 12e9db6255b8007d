//! A working day in an office, without anything remarkable: the traffic in which the rest hides.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::{Activity, Intent, Request, Visit, Wire, minutes};
use crate::{Program, Timing, names, programs};

/// What people and their computers do from nine to five. The computers with an odd number have
/// Chrome, the others Edge.
pub(super) fn activities(hosts: &[String]) -> Vec<Activity> {
    let with_chrome: Vec<_> = hosts.iter().step_by(2).cloned().collect();
    let with_edge: Vec<_> = hosts.iter().skip(1).step_by(2).cloned().collect();
    vec![
        browsing("browsing with Chrome", with_chrome, &programs::CHROME),
        browsing("browsing with Edge", with_edge, &programs::EDGE),
        people(
            "mail",
            hosts,
            &programs::OUTLOOK,
            16,
            vec![tls("mail.example.com", 1_500..=40_000, 3_000..=600_000, 4_000..=60_000)],
        ),
        people(
            "file synchronisation",
            hosts,
            &programs::FILE_SYNC,
            20,
            vec![tls("files.example.net", 1_500..=900_000, 2_500..=900_000, 500..=30_000)],
        ),
        people(
            "chat",
            hosts,
            &programs::CHAT,
            45,
            vec![tls("chat.example.com", 9_000..=60_000, 20_000..=400_000, 900_000..=2_700_000)],
        ),
        people(
            "updates",
            hosts,
            &programs::SVCHOST,
            60,
            vec![
                tls("updates.example.com", 2_000..=9_000, 6_000..=4_000_000, 200..=9_000),
                plain("crl.example.net", "/root.crl", 900..=60_000),
                plain("ocsp.example.net", "/status", 400..=2_000),
            ],
        ),
        people(
            "tickets",
            hosts,
            &programs::LSASS,
            12,
            vec![inside(names::DOMAIN_CONTROLLER, Wire::Kerberos, 1_500..=2_800, 1_500..=3_200)],
        ),
        people(
            "shared folders",
            hosts,
            &programs::SYSTEM,
            9,
            vec![inside(names::FILE_SERVER, Wire::Smb, 3_000..=400_000, 3_000..=900_000)],
        ),
    ]
}

/// Reading the web. Some of what people read is hosted on serverless platforms: a browser on such
/// a name is the normal case.
fn browsing(name: &'static str, hosts: Vec<String>, program: &'static Program) -> Activity {
    let serverless = [
        page(&[names::VERCEL_SITE, "fonts.example.net"]),
        page(&[names::NETLIFY_SITE, "fonts.example.net"]),
    ];
    let ordinary = PAGES.iter().map(|names| page(names));
    Activity {
        name,
        intent: Intent::Ordinary,
        hosts,
        program,
        begins: Duration::ZERO,
        lasts: minutes(8 * 60),
        timing: Timing::Human { pause: minutes(4) },
        visits: ordinary.chain(serverless).collect(),
    }
}

/// Pages and what they embed, the most read ones first.
const PAGES: [&[&str]; 16] = [
    &["intranet.example.com", "static.intranet.example.com"],
    &["search.example.com", "static.search.example.com"],
    &["encyclopedia.example.org", "images.encyclopedia.example.org"],
    &["news.example.com", "cdn.example.net", "advertising.example.net", "metrics.example.org"],
    &["suppliers.example.net", "cdn.example.net"],
    &["tickets.example.com", "static.tickets.example.com"],
    &["weather.example.org", "cdn.example.net", "advertising.example.net"],
    &["video.example.com", "media-1.video.example.com", "metrics.example.org"],
    &["travel.example.net", "cdn.example.net", "maps.example.com"],
    &["forum.example.org", "images.forum.example.org"],
    &["shop.example.com", "cdn.example.net", "payments.example.com", "metrics.example.org"],
    &["bank.example.net", "static.bank.example.net"],
    &["library.example.org"],
    &["railway.example.com", "maps.example.com"],
    &["recipes.example.net", "cdn.example.net", "advertising.example.net"],
    &["city.example.org", "maps.example.com"],
];

fn page(names: &[&'static str]) -> Visit {
    let requests =
        names.iter().map(|name| tls(name, 1_200..=12_000, 4_000..=900_000, 900..=90_000));
    Visit { requests: requests.collect() }
}

/// Something people cause, every so many minutes, one of the requests each time.
fn people(
    name: &'static str,
    hosts: &[String],
    program: &'static Program,
    pause: u64,
    requests: Vec<Request>,
) -> Activity {
    Activity {
        name,
        intent: Intent::Ordinary,
        hosts: hosts.to_vec(),
        program,
        begins: Duration::ZERO,
        lasts: minutes(8 * 60),
        timing: Timing::Human { pause: minutes(pause) },
        visits: requests.into_iter().map(|request| Visit { requests: vec![request] }).collect(),
    }
}

/// A TLS connection that stays open for these milliseconds.
fn tls(
    name: &'static str,
    bytes_up: RangeInclusive<u64>,
    bytes_down: RangeInclusive<u64>,
    milliseconds: RangeInclusive<u64>,
) -> Request {
    let microseconds = milliseconds.start() * 1000..=milliseconds.end() * 1000;
    Request { name, wire: Wire::Tls, bytes_up, bytes_down, microseconds }
}

fn plain(name: &'static str, path: &'static str, bytes_down: RangeInclusive<u64>) -> Request {
    let wire = Wire::Http { path };
    Request { name, wire, bytes_up: 180..=260, bytes_down, microseconds: 30_000..=400_000 }
}

fn inside(
    name: &'static str,
    wire: Wire,
    bytes_up: RangeInclusive<u64>,
    bytes_down: RangeInclusive<u64>,
) -> Request {
    Request { name, wire, bytes_up, bytes_down, microseconds: 1_000..=60_000_000 }
}
