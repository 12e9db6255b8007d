//! `sanctioned.csv`: what somebody answers for.

use std::collections::BTreeMap;

use coldtrail_diagnostics::ProblemKind;
use coldtrail_model::Timestamp;

use crate::assets::Assets;
use crate::contact::Contact;
use crate::endpoint_pattern::{EndpointPattern, Sight};
use crate::moment::Moment;
use crate::name;
use crate::platforms::Platforms;
use crate::problems::{Problems, quoted};
use crate::sheet::{Column, Row, rows};

const ENDPOINT: usize = 0;
const HOST: usize = 1;
const USER: usize = 2;
const PROCESS: usize = 3;
const OWNER: usize = 4;
const REASON: usize = 5;
const EXPIRES: usize = 6;

const COLUMNS: [Column; 7] = [
    Column { name: "endpoint", is_needed: true },
    Column { name: "host", is_needed: false },
    Column { name: "user", is_needed: false },
    Column { name: "process", is_needed: false },
    Column { name: "owner", is_needed: false },
    Column { name: "reason", is_needed: false },
    Column { name: "expires", is_needed: false },
];

/// A use of an endpoint that somebody answers for.
#[derive(Clone, Debug, PartialEq)]
pub struct Sanction {
    pub(crate) endpoint: EndpointPattern,
    /// The host that may use it; any where there is none.
    pub host: Option<String>,
    /// The user who may.
    pub user: Option<String>,
    /// The program that may: a file name, lower case.
    pub process: Option<String>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Why it is needed.
    pub reason: Option<String>,
    /// From when on it is sanctioned no more.
    pub expires: Option<Timestamp>,
    /// Its line in the file.
    pub line: u64,
    /// Whether the endpoint is everybody's, so that whoever uses it has to be seen.
    is_wide: bool,
}

impl Sanction {
    /// The endpoint, as the file writes it.
    pub fn endpoint(&self) -> &str {
        &self.endpoint.text
    }
}

/// A sanction that covers a contact.
#[derive(Clone, Debug, PartialEq)]
pub struct Sanctioned<'a> {
    /// The entry.
    pub sanction: &'a Sanction,
    /// What it names and the telemetry does not show: `path`, `user`, `process`.
    pub unseen: Vec<&'static str>,
}

/// All entries, found by the name of their endpoint.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Sanctions {
    list: Vec<Sanction>,
    by_name: BTreeMap<String, Vec<usize>>,
}

impl Sanctions {
    /// Reads the file's text.
    pub(crate) fn read(
        text: &str,
        now: Timestamp,
        platforms: &dyn Platforms,
        problems: &mut Problems,
    ) -> Self {
        let mut sanctions = Self::default();
        for row in rows(text, &COLUMNS, problems) {
            let Some(sanction) = sanction(&row, now, platforms, problems) else { continue };
            let index = sanctions.list.len();
            sanctions.by_name.entry(sanction.endpoint.name.clone()).or_default().push(index);
            sanctions.list.push(sanction);
        }
        sanctions
    }

    /// The entry that covers a contact: of several the one of which most was seen, then the first.
    pub(crate) fn find(&self, contact: &Contact<'_>, assets: &Assets) -> Option<Sanctioned<'_>> {
        self.fitting(contact, assets)
            .filter(|found| found.sanction.expires.is_none_or(|expires| contact.at < expires))
            .min_by_key(|found| (found.unseen.len(), found.sanction.line))
    }

    /// All entries, in order of line.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Sanction> {
        self.list.iter()
    }

    /// The entry that would cover a contact, had it not expired before.
    pub(crate) fn lapsed(&self, contact: &Contact<'_>, assets: &Assets) -> Option<&Sanction> {
        self.fitting(contact, assets)
            .map(|found| found.sanction)
            .filter(|sanction| sanction.expires.is_some_and(|expires| expires <= contact.at))
            .max_by_key(|sanction| sanction.expires)
    }

    fn fitting<'s>(
        &'s self,
        contact: &Contact<'_>,
        assets: &Assets,
    ) -> impl Iterator<Item = Sanctioned<'s>> {
        let mut places: Vec<usize> = Vec::new();
        for host in contact.hosts() {
            let host = host.to_ascii_lowercase();
            let named = name::and_above(&host).filter_map(|name| self.by_name.get(name));
            places.extend(named.flatten());
        }
        places.sort_unstable();
        places.dedup();
        let entries = places.into_iter().filter_map(|place| self.list.get(place));
        entries
            .filter_map(|sanction| fits(sanction, contact, assets))
            .collect::<Vec<_>>()
            .into_iter()
    }
}

/// The entry, if it covers a contact and had not expired by then.
pub(crate) fn covers<'s>(
    sanction: &'s Sanction,
    contact: &Contact<'_>,
    assets: &Assets,
) -> Option<Sanctioned<'s>> {
    let is_over = sanction.expires.is_some_and(|expires| expires <= contact.at);
    fits(sanction, contact, assets).filter(|_| !is_over)
}

fn fits<'s>(
    sanction: &'s Sanction,
    contact: &Contact<'_>,
    assets: &Assets,
) -> Option<Sanctioned<'s>> {
    let actor = contact.actor;
    let mut unseen = Vec::new();
    match sanction.endpoint.fits(contact)? {
        Sight::Whole => {}
        Sight::PathUnseen => unseen.push("path"),
        // Which tenant it was is unknown: only the host that has a sanctioned one is believed.
        Sight::TenantUnseen if sanction.host.is_some() => unseen.push("path"),
        Sight::TenantUnseen => return None,
    }
    if sanction.host.as_ref().is_some_and(|host| !assets.is_same(host, actor)) {
        return None;
    }
    let parts = [
        ("user", &sanction.user, &actor.user, is_same_user as fn(&str, &str) -> bool),
        ("process", &sanction.process, &actor.process, is_same_process),
    ];
    for (name, wanted, seen, is_same) in parts {
        match (wanted, seen) {
            (None, _) => {}
            (Some(wanted), Some(seen)) if is_same(wanted, seen) => {}
            (Some(_), Some(_)) => return None,
            (Some(_), None) if sanction.is_wide => return None,
            (Some(_), None) => unseen.push(name),
        }
    }
    Some(Sanctioned { sanction, unseen })
}

/// Whether two ways to write a user name one account; a domain counts where both have one.
fn is_same_user(one: &str, other: &str) -> bool {
    let parts = |text: &str| -> (Option<String>, String) {
        let text = text.to_lowercase();
        match (text.split_once('\\'), text.split_once('@')) {
            (Some((domain, name)), _) => (Some(domain.to_owned()), name.to_owned()),
            (None, Some((name, domain))) => {
                (Some(name::first_label(domain).to_owned()), name.to_owned())
            }
            (None, None) => (None, text),
        }
    };
    let ((domain, name), (other_domain, other_name)) = (parts(one), parts(other));
    name == other_name && (domain.is_none() || other_domain.is_none() || domain == other_domain)
}

/// Whether two file names are one program's; `.exe` may be left out.
fn is_same_process(one: &str, other: &str) -> bool {
    let bare = |name: &str| {
        let name = file_name(name);
        name.strip_suffix(".exe").map(str::to_owned).unwrap_or(name)
    };
    bare(one) == bare(other)
}

fn file_name(path: &str) -> String {
    path.rsplit(['/', '\\']).next().unwrap_or(path).to_lowercase()
}

fn sanction(
    row: &Row,
    now: Timestamp,
    platforms: &dyn Platforms,
    problems: &mut Problems,
) -> Option<Sanction> {
    let endpoint = endpoint(row, platforms, problems)?;
    for column in [HOST, USER, PROCESS] {
        if row.text(column).contains('*') {
            let reason = format!("{} has a `*`", quoted(row.text(column)));
            let help = "leave the cell empty for any, or write a row for each";
            problems.error(row.place(column), ProblemKind::InvalidValue, reason, help);
            return None;
        }
    }
    let text = |column: usize| row.filled(column).map(str::to_owned);
    let is_wide = too_wide(&endpoint, row, platforms, problems)?;
    let expires = expires(row, now, problems)?;
    if row.filled(OWNER).is_none() {
        let reason = "nobody answers for this entry".to_owned();
        let help = "name an owner, so that somebody can be asked";
        problems.warning(row.place(OWNER), ProblemKind::MissingValue, reason, help);
    }
    Some(Sanction {
        endpoint,
        host: text(HOST),
        user: text(USER),
        process: row.filled(PROCESS).map(file_name),
        owner: text(OWNER),
        reason: text(REASON),
        expires: expires.map(Moment::ends),
        line: row.line,
        is_wide,
    })
}

fn endpoint(
    row: &Row,
    platforms: &dyn Platforms,
    problems: &mut Problems,
) -> Option<EndpointPattern> {
    let Some(text) = row.filled(ENDPOINT) else {
        let reason = "an entry without an endpoint would sanction everything".to_owned();
        let help = "name the endpoint: a host, `*.` and a name, or the beginning of a URL";
        problems.error(row.place(ENDPOINT), ProblemKind::TooWide, reason, help);
        return None;
    };
    match EndpointPattern::read(text, platforms) {
        Ok(endpoint) => Some(endpoint),
        Err(why) => {
            let reason = format!("{} is no endpoint: {why}", quoted(text));
            let help = "write a host, `*.` and a name, or the beginning of a URL";
            problems.error(row.place(ENDPOINT), ProblemKind::InvalidValue, reason, help);
            None
        }
    }
}

/// Whether the endpoint is everybody's; none where the entry cannot be used for that.
fn too_wide(
    endpoint: &EndpointPattern,
    row: &Row,
    platforms: &dyn Platforms,
    problems: &mut Problems,
) -> Option<bool> {
    let Some(why) = endpoint.too_wide(platforms) else { return Some(false) };
    let (place, kind) = (row.place(ENDPOINT), ProblemKind::TooWide);
    let reason = format!("{} is too wide: {why}", quoted(&endpoint.text));
    if row.filled(HOST).is_none() {
        let help = "name your own tenant (its host or the beginning of its URL), or the host that \
                    may use it";
        problems.error(place, kind, reason, help);
        return None;
    }
    let help = "it is used for the host it names; better name your own tenant";
    problems.warning(place, kind, reason, help);
    Some(true)
}

/// When the entry ends, if it does; none at all where that cannot be read: an entry that was meant to
/// end must not live for ever.
fn expires(row: &Row, now: Timestamp, problems: &mut Problems) -> Option<Option<Moment>> {
    let Some(text) = row.filled(EXPIRES) else { return Some(None) };
    let Some(moment) = Moment::read(text) else {
        let reason = format!("{} is no day and no time", quoted(text));
        let help = "write 2026-12-31 or 2026-12-31T18:00:00Z";
        problems.error(row.place(EXPIRES), ProblemKind::InvalidValue, reason, help);
        return None;
    };
    if moment.ends() <= now {
        let reason = format!("it expired: {}", quoted(text));
        let help = "ask its owner to extend it, or take it out; it covers what came before";
        problems.warning(row.place(EXPIRES), ProblemKind::Expired, reason, help);
    }
    Some(Some(moment))
}

#[cfg(test)]
mod tests {
    use super::{is_same_process, is_same_user};

    #[test]
    fn users_and_programs_are_compared_as_they_are_written_in_logs() {
        assert!(is_same_user("svc-backup", "CORP\\SVC-Backup"));
        assert!(is_same_user("svc-backup@corp.example", "corp\\svc-backup"));
        assert!(!is_same_user("corp\\svc-backup", "other\\svc-backup"));
        assert!(!is_same_user("svc", "svc-backup"));
        assert!(is_same_process("C:\\Tools\\Agent.exe", "agent"));
        assert!(is_same_process("/usr/bin/python3", "python3"));
        assert!(!is_same_process("python", "python3"));
    }
}
