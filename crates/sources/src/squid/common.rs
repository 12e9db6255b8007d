//! `client identity user [time] "method URL protocol" status bytes`, the common log format of web
//! servers, with referrer and user agent behind it in the combined one, and Squid's own
//! `result:hierarchy` at the end.
//!
//! A web server's own log looks the same but for the URL: what a proxy is asked for names a host.

use crate::Collector;
use crate::log_lines::LogLine;
use crate::time;

use super::native::quoted;

/// What the cells of a request are called.
pub(super) const NAMES: [&str; 10] =
    ["client", "user", "method", "url", "status", "bytes", "referrer", "agent", "result", "peer"];

/// A line.
pub(super) struct Request<'l> {
    client: &'l str,
    user: &'l str,
    pub(super) time: &'l str,
    method: &'l str,
    url: &'l str,
    status: &'l str,
    bytes: &'l str,
    rest: &'l str,
}

impl<'l> Request<'l> {
    /// The request that a line tells of, if it is one of these, and was made to a proxy.
    pub(super) fn of(line: &'l str) -> Option<Self> {
        let (who, rest) = line.trim_ascii_start().split_once(" [")?;
        let (time, rest) = rest.split_once("] \"")?;
        let (request, rest) = rest.split_once("\" ")?;
        let mut who = who.split(' ');
        let (client, _identity, user) = (who.next()?, who.next()?, who.next()?);
        let (method, target) = request.split_once(' ')?;
        let url = target.rsplit_once(" HTTP/").map_or(target, |(url, _)| url);
        let is_method = !method.is_empty() && method.bytes().all(|byte| byte.is_ascii_uppercase());
        if who.next().is_some() || !is_method || !(method == "CONNECT" || url.contains("://")) {
            return None;
        }
        let mut cells = rest.splitn(3, ' ');
        let (status, bytes) = (cells.next()?, cells.next()?);
        let rest = cells.next().unwrap_or_default();
        let is_status = status.len() == 3 && status.bytes().all(|byte| byte.is_ascii_digit());
        is_status.then_some(Self { client, user, time, method, url, status, bytes, rest })
    }

    /// When it was made.
    pub(super) fn moment(&self, line: &LogLine<'_>, collector: &mut Collector<'_>) -> Option<i64> {
        let written =
            time::common_log(self.time).or_else(|| time::numeric_date(self.time, line.date_order));
        collector.moment(self.time, written)
    }

    /// The cells, under [`NAMES`].
    pub(super) fn cells(&self) -> [&'l str; 10] {
        let [referrer, agent] =
            if self.rest.starts_with('"') { quoted(self.rest) } else { ["", ""] };
        let last = self.rest.rsplit(' ').next().unwrap_or_default();
        let (result, peer) = last.split_once(':').filter(|(result, _)| is_result(result)).unzip();
        let (result, peer) = (result.unwrap_or_default(), peer.unwrap_or_default());
        let Self { client, user, method, url, status, bytes, .. } = *self;
        [client, user, method, url, status, bytes, referrer, agent, result, peer]
    }
}

fn is_result(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::Request;

    #[test]
    fn what_a_web_server_was_asked_for_names_no_host() {
        let line = |request: &str| format!("10.0.0.5 - - [x] \"{request}\" 200 5");
        assert!(Request::of(&line("GET / HTTP/1.1")).is_none());
        assert!(Request::of(&line("GET http://a.example/ HTTP/1.1")).is_some());
        assert!(Request::of(&line("CONNECT a.example:443 HTTP/1.1")).is_some());
    }
}
