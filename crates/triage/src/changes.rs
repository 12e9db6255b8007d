//! `changes.csv`: when something was changed on purpose.

use coldtrail_diagnostics::ProblemKind;
use coldtrail_model::Timestamp;

use crate::assets::Assets;
use crate::contact::Contact;
use crate::endpoint_pattern::EndpointPattern;
use crate::moment::Moment;
use crate::platforms::Platforms;
use crate::problems::{Problems, quoted};
use crate::role::Role;
use crate::sheet::{Column, Row, rows};

const FROM: usize = 0;
const TO: usize = 1;
const SCOPE: usize = 2;
const REASON: usize = 3;

const COLUMNS: [Column; 4] = [
    Column { name: "from", is_needed: true },
    Column { name: "to", is_needed: true },
    Column { name: "scope", is_needed: false },
    Column { name: "reason", is_needed: false },
];

/// A change of everything that lasts longer explains nothing any more.
const LONGEST_OF_ALL: i64 = 7 * 24 * 60 * 60 * 1_000_000;

/// A time in which something was changed on purpose.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Its first moment.
    pub from: Timestamp,
    /// The moment after it.
    pub to: Timestamp,
    /// What was changed: a host, an endpoint, a role, an owner's assets, a platform or an account;
    /// everything where there is none.
    pub scope: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// Its line in the file.
    pub line: u64,
    endpoint: Option<EndpointPattern>,
}

/// Reads the file's text.
pub(crate) fn read(text: &str, platforms: &dyn Platforms, problems: &mut Problems) -> Vec<Change> {
    let rows = rows(text, &COLUMNS, problems);
    rows.iter().filter_map(|row| change(row, platforms, problems)).collect()
}

/// The first change in the course of which a contact came about, as of `contact.at`.
pub(crate) fn find<'c>(
    changes: &'c [Change],
    contact: &Contact<'_>,
    assets: &Assets,
) -> Option<&'c Change> {
    let is_at = |change: &&Change| (change.from..change.to).contains(&contact.at);
    changes.iter().filter(is_at).find(|change| change.is_about(contact, assets))
}

impl Change {
    fn is_about(&self, contact: &Contact<'_>, assets: &Assets) -> bool {
        let Some(scope) = &self.scope else { return true };
        let (endpoint, asset) = (contact.endpoint, assets.of(contact.actor));
        let is_named =
            |name: Option<&String>| name.is_some_and(|name| name.eq_ignore_ascii_case(scope));
        self.endpoint.as_ref().is_some_and(|pattern| pattern.fits(contact).is_some())
            || assets.is_same(scope, contact.actor)
            || Role::named(scope)
                .is_some_and(|role| asset.and_then(|asset| asset.role) == Some(role))
            || is_named(asset.and_then(|asset| asset.owner.as_ref()))
            || is_named(endpoint.group.as_ref())
            || is_named(Some(&endpoint.product))
            || is_named(Some(&endpoint.provider))
    }
}

fn change(row: &Row, platforms: &dyn Platforms, problems: &mut Problems) -> Option<Change> {
    let from = moment(row, FROM, problems)?.begins();
    let to = moment(row, TO, problems)?.ends();
    if to <= from {
        let reason = format!("it ends at {} before it begins", quoted(row.text(TO)));
        let help = "`from` comes first; a day counts to its end";
        problems.error(row.place(TO), ProblemKind::InvalidValue, reason, help);
        return None;
    }
    let scope = row.filled(SCOPE).map(str::to_owned);
    if scope.is_none() && to.0 - from.0 > LONGEST_OF_ALL {
        let reason = "a change of everything for more than a week explains nothing".to_owned();
        let help = "name its scope: a host, an endpoint, a role, a platform or an account";
        problems.error(row.place(SCOPE), ProblemKind::TooWide, reason, help);
        return None;
    }
    let endpoint = scope.as_deref().and_then(|text| EndpointPattern::read(text, platforms).ok());
    let reason = row.filled(REASON).map(str::to_owned);
    Some(Change { from, to, scope, reason, line: row.line, endpoint })
}

fn moment(row: &Row, column: usize, problems: &mut Problems) -> Option<Moment> {
    let text = row.text(column);
    let moment = Moment::read(text);
    if moment.is_none() {
        let reason = match text {
            "" => "there is no time".to_owned(),
            text => format!("{} is no day and no time", quoted(text)),
        };
        let help = "write 2026-12-31 or 2026-12-31T18:00:00Z";
        problems.error(row.place(column), ProblemKind::InvalidValue, reason, help);
    }
    moment
}
