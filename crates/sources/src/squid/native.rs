//! `time elapsed client result/status bytes method URL user hierarchy/peer type`, with referrer and
//! user agent in quotes behind it where somebody added them.

use crate::framing::delimited;

/// What the cells of [`cells`] are called.
pub(crate) const NAMES: [&str; 13] = [
    "time", "elapsed", "client", "bytes", "method", "url", "user", "peer", "type", "referrer",
    "agent", "result", "status",
];

/// The cells of a line, if it is one of these, and none of Cisco's.
pub(super) fn cells(line: &str) -> Option<Vec<&str>> {
    beginning(line).filter(|_| split_verdicts(line).is_none())
}

/// A line of Cisco's appliances before and behind the `<` with which its scanners' verdicts begin;
/// some relays write it as HTML does.
pub(crate) fn split_verdicts(line: &str) -> Option<(&str, &str)> {
    let place = [" <", " &lt;"].into_iter().find_map(|mark| line.find(mark))?;
    let (head, verdicts) = line.split_at(place);
    let tag = head.rsplit(' ').next()?;
    (tag.matches('-').count() >= 4).then(|| (head, verdicts.trim_start_matches(' ')))
}

/// The cells that a line begins with, if it does.
pub(crate) fn beginning(line: &str) -> Option<Vec<&str>> {
    let (time, rest) = word(line)?;
    let (seconds, fraction) = time.split_once('.')?;
    if !(is_number(seconds) && is_number(fraction) && seconds.len() >= 9) {
        return None;
    }
    let (elapsed, rest) = word(rest)?;
    let (client, rest) = word(rest)?;
    let (outcome, rest) = word(rest)?;
    let (bytes, rest) = word(rest)?;
    let (result, status) = outcome.rsplit_once('/')?;
    let is_result = result.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
    if !(is_result && is_number(status) && is_number(bytes)) {
        return None;
    }
    let (method, rest) = word(rest)?;
    let (url, rest) = word(rest)?;
    let (user, rest) = word(rest)?;
    let (peer, rest) = word(rest)?;
    let (media, rest) = word(rest)?;
    // A status of 0 says that nothing was answered.
    let status = if status == "000" { "" } else { status };
    let [referrer, agent] = quoted(rest);
    Some(vec![
        time, elapsed, client, bytes, method, url, user, peer, media, referrer, agent, result,
        status,
    ])
}

/// The first word, and what stands behind it.
fn word(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start_matches(' ');
    let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
    (!word.is_empty()).then_some((word, rest))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The first two quoted texts.
pub(super) fn quoted(text: &str) -> [&str; 2] {
    let mut cells = delimited::spans(text.trim_ascii(), ' ');
    [cells.next().unwrap_or_default(), cells.next().unwrap_or_default()]
}
