//! `[time] "user" client status "method URL protocol" "categories" "reputation" "media type" bytes
//! "user agent" "virus" "block"`, the access log of an appliance.

use crate::filling::address;
use crate::framing::delimited;

/// What the cells of [`cells`] are called.
pub(super) const NAMES: [&str; 12] = [
    "time_stamp",
    "username",
    "client_ip",
    "http_status_code",
    "http_request_first_line",
    "category",
    "reputation",
    "media_type",
    "server_to_client_bytes",
    "user_agent",
    "virus",
    "block_id",
];

/// The cells of a line, if it is one of these.
pub(super) fn cells(line: &str) -> Option<Vec<&str>> {
    let (time, rest) = line.strip_prefix('[')?.split_once("] ")?;
    let mut cells = vec![time];
    cells.extend(delimited::spans(rest, ' ').take(NAMES.len() - 1));
    let cell = |place: usize| cells.get(place).copied().unwrap_or_default();
    let is_status = cell(3).len() == 3 && cell(3).bytes().all(|byte| byte.is_ascii_digit());
    let is_request = cell(4).contains(" HTTP/") || cell(4).contains("://");
    (rest.starts_with('"')
        && cells.len() >= 9
        && address(cell(2)).is_some()
        && is_status
        && is_request)
        .then_some(cells)
}

#[cfg(test)]
mod tests {
    use super::cells;

    #[test]
    fn only_what_has_the_cells_is_one() {
        let line = |status: &str| {
            format!(
                "[04/May/2024:10:00:00 +0000] \"\" 10.0.0.5 {status} \"GET http://a.example/ HTTP/1.1\" \
                 \"a, b\" \"-\" \"text/html\" 394 \"curl/8\" \"\" \"0\""
            )
        };
        let good = line("200");
        let cells_of = cells(&good).expect("a line of the log");
        assert_eq!((cells_of.len(), cells_of[1], cells_of[5]), (12, "", "a, b"));
        assert_eq!(cells(&line("x")), None);
        assert_eq!(cells("[x] \""), None);
    }
}
