//! Squid's access log of the hosts whose connections it intercepts and opens, in the native format
//! (<https://wiki.squid-cache.org/Features/LogFormat>): whole addresses, but no bytes sent.

use super::{RenderError, RenderedFile};
use crate::timing::after;
use crate::{Exchange, Tap, Timeline, Wire};

pub(super) fn render(timeline: &Timeline) -> Result<Vec<RenderedFile>, RenderError> {
    let seen = timeline.exchanges.iter().filter(|it| it.process.host.tap == Tap::Squid);
    let mut lines: Vec<(i64, String)> = seen.filter_map(line).collect();
    if lines.is_empty() {
        return Ok(Vec::new());
    }
    lines.sort();
    let text: String = lines.into_iter().map(|(_, line)| line).collect();
    Ok(vec![RenderedFile::rotated("squid/access.log", &text)?])
}

/// The line of a request, and the moment at which it is written: when the answer is complete.
fn line(exchange: &Exchange) -> Option<(i64, String)> {
    let scheme = match exchange.wire {
        Wire::Tls => "https",
        Wire::Http { .. } => "http",
        Wire::Kerberos | Wire::Smb => return None,
    };
    let written = after(exchange.time, exchange.duration).microseconds();
    let text = format!(
        "{}.{:03} {:6} {} TCP_MISS/200 {} {} {scheme}://{}{} - ORIGINAL_DST/{} application/json\n",
        written / 1_000_000,
        written / 1000 % 1000,
        exchange.duration.as_millis(),
        exchange.process.host.address,
        exchange.bytes_down,
        method(exchange),
        exchange.name,
        exchange.path,
        exchange.address,
    );
    Some((written, text))
}

/// A question is short; what is longer carries something.
fn method(exchange: &Exchange) -> &'static str {
    if exchange.bytes_up > 2_000 { "POST" } else { "GET" }
}
