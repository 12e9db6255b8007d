//! `intel/`: indicators that others published: STIX 2.1 bundles, MISP events, tables.
//!
//! An indicator that names what many share (a platform's own domain, a host of all tenants) is told
//! and left out: it would accuse everybody.

mod defanged;
mod misp;
mod stix;
mod table;

use std::collections::BTreeMap;
use std::net::IpAddr;

use coldtrail_diagnostics::ProblemKind;
use coldtrail_model::Timestamp;

use crate::contact::Contact;
use crate::endpoint_pattern::{EndpointPattern, Sight};
use crate::name;
use crate::platforms::Platforms;
use crate::problems::{Place, Problems, quoted};

/// More indicators than this are not kept.
const MOST: usize = 2_000_000;

/// A longer value is no indicator, in bytes.
const LONGEST: usize = 4_096;

/// Something that others have seen an attacker use.
#[derive(Clone, Debug, PartialEq)]
pub struct Indicator {
    /// The value, refanged: a host, a URL or an address.
    pub value: String,
    /// What it is said to be, such as the name of a campaign.
    pub description: Option<String>,
    /// The file it is from.
    pub file: String,
    /// From when on it is no indicator any more.
    pub valid_until: Option<Timestamp>,
    what: What,
}

#[derive(Clone, Debug, PartialEq)]
enum What {
    /// This host and those below it.
    Domain,
    /// This host alone.
    Host,
    /// URLs that begin so.
    Url(EndpointPattern),
    Address,
}

/// An indicator as a file gives it.
#[derive(Clone, Debug)]
struct Given {
    kind: Option<GivenKind>,
    value: String,
    description: Option<String>,
    valid_until: Option<Timestamp>,
    spot: Spot,
}

/// Where an indicator is in its file.
#[derive(Clone, Debug)]
enum Spot {
    At(Place),
    /// Where this text is; it is looked for only if there is something to tell.
    Text(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum GivenKind {
    Domain,
    Host,
    Url,
    Address,
}

/// All indicators, found by name or address.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Indicators {
    list: Vec<Indicator>,
    by_name: BTreeMap<String, Vec<usize>>,
    by_address: BTreeMap<IpAddr, usize>,
}

/// What reading intelligence depends on, beside the file.
#[derive(Clone, Copy)]
pub(crate) struct Terms<'a> {
    pub(crate) now: Timestamp,
    pub(crate) platforms: &'a dyn Platforms,
}

impl Indicators {
    /// Adds what a file holds; its form is told by its content.
    pub(crate) fn read(
        &mut self,
        file: &str,
        text: &str,
        terms: Terms<'_>,
        problems: &mut Problems,
    ) {
        let given = match text.trim_start().starts_with(['{', '[']) {
            true => documents(text, problems),
            false => table::indicators(text, problems),
        };
        for one in given {
            let (value, spot) = (one.value.clone(), one.spot.clone());
            if let Some(objection) = self.add(file, one, terms) {
                let place = match spot {
                    Spot::At(place) => place,
                    Spot::Text(mark) => problems.place_of(&mark, text),
                };
                let Objection { kind, is_used, why, help } = objection;
                let reason = format!("{}: {why}", quoted(&value));
                match is_used {
                    true => problems.warning(place, kind, reason, help),
                    false => problems.error(place, kind, reason, help),
                }
            }
        }
    }

    /// Whether there are any.
    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The first that fits a contact by one of its names.
    pub(crate) fn find(&self, contact: &Contact<'_>) -> Option<&Indicator> {
        contact.hosts().find_map(|host| self.of_name(host, contact.at, Some(contact)))
    }

    /// The first that fits a host, a URL or an address as a log writes it.
    pub(crate) fn of(&self, text: &str, at: Timestamp) -> Option<&Indicator> {
        if let Ok(address) = text.trim_matches(['[', ']']).parse::<IpAddr>() {
            let one = self.list.get(*self.by_address.get(&address)?)?;
            return one.is_valid(at).then_some(one);
        }
        let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
        let (host, path) =
            rest.find('/').and_then(|end| rest.split_at_checked(end)).unwrap_or((rest, ""));
        let host = name::host(host)?;
        let by_url = self.named(&host, at).find(|one| match &one.what {
            What::Url(pattern) => pattern.begins(path),
            _ => false,
        });
        by_url.or_else(|| self.of_name(&host, at, None))
    }

    fn of_name(
        &self,
        host: &str,
        at: Timestamp,
        contact: Option<&Contact<'_>>,
    ) -> Option<&Indicator> {
        let host = host.to_ascii_lowercase();
        name::and_above(&host).find_map(|name| {
            self.named(name, at).find(|one| match &one.what {
                What::Domain => true,
                What::Host => name == host,
                // A URL accuses a host only if what was contacted is known to be what it names.
                What::Url(pattern) => {
                    let sight = contact.and_then(|contact| pattern.fits(contact));
                    sight.is_some_and(|sight| sight != Sight::TenantUnseen)
                }
                What::Address => false,
            })
        })
    }

    fn named(&self, name: &str, at: Timestamp) -> impl Iterator<Item = &Indicator> {
        let places = self.by_name.get(name).into_iter().flatten();
        places.filter_map(|place| self.list.get(*place)).filter(move |one| one.is_valid(at))
    }

    fn add(&mut self, file: &str, given: Given, terms: Terms<'_>) -> Option<Objection> {
        if self.list.len() >= MOST || given.value.len() > LONGEST {
            let why = "there are too many indicators, or this one is too long";
            return Some(Objection::error(ProblemKind::TooLarge, why, "take out the oldest"));
        }
        let Given { kind, value, description, valid_until, .. } = given;
        let value = defanged::refanged(&value);
        let (what, names) = match read(kind, &value, terms.platforms) {
            Ok(read) => read,
            Err(objection) => return Some(objection),
        };
        let index = self.list.len();
        match names {
            Named::Host(name) => self.by_name.entry(name).or_default().push(index),
            Named::Address(address) => {
                self.by_address.entry(address).or_insert(index);
            }
        }
        let file = file.to_owned();
        self.list.push(Indicator { value, description, file, valid_until, what });
        valid_until.filter(|until| *until <= terms.now).map(|_| Objection {
            kind: ProblemKind::Expired,
            is_used: true,
            why: "it is valid no more",
            help: "it counts for what was contacted while it was valid",
        })
    }
}

/// What is wrong with an indicator.
struct Objection {
    kind: ProblemKind,
    is_used: bool,
    why: &'static str,
    help: &'static str,
}

impl Objection {
    fn error(kind: ProblemKind, why: &'static str, help: &'static str) -> Self {
        Self { kind, is_used: false, why, help }
    }
}

/// By what an indicator is found.
enum Named {
    Host(String),
    Address(IpAddr),
}

fn read(
    kind: Option<GivenKind>,
    value: &str,
    platforms: &dyn Platforms,
) -> Result<(What, Named), Objection> {
    let unreadable = |why| {
        let help = "write a host, a URL or an address; hxxp and [.] are understood";
        Objection::error(ProblemKind::InvalidValue, why, help)
    };
    let too_wide =
        |why| Objection::error(ProblemKind::TooWide, why, "name the attacker's own host or URL");
    if matches!(kind, None | Some(GivenKind::Address)) {
        match (value.parse(), kind) {
            (Ok(address), _) => return Ok((What::Address, Named::Address(address))),
            (Err(_), Some(_)) => return Err(unreadable("it is no address")),
            (Err(_), None) => {}
        }
    }
    let pattern = EndpointPattern::read(value, platforms).map_err(unreadable)?;
    if pattern.is_below() {
        return Err(unreadable("a name stands for those below it without `*.`"));
    }
    let above = platforms.is_above_tenants(&pattern.name) && !pattern.is_url();
    let above = above.then_some("all customers of a platform have names below it");
    if let Some(why) = pattern.too_wide(platforms).or(above) {
        return Err(too_wide(why));
    }
    let name = pattern.name.clone();
    let what = match kind {
        _ if pattern.is_url() => What::Url(pattern),
        Some(GivenKind::Host | GivenKind::Url) => What::Host,
        _ => What::Domain,
    };
    Ok((what, Named::Host(name)))
}

impl Indicator {
    fn is_valid(&self, at: Timestamp) -> bool {
        self.valid_until.is_none_or(|until| at < until)
    }
}

fn documents(text: &str, problems: &mut Problems) -> Vec<Given> {
    let document: serde_json::Value = match serde_json::from_str(text) {
        Ok(document) => document,
        Err(error) => {
            let place = Place::at(error.line() as u64, error.column() as u64);
            let help = "export the file again";
            problems.error(place, ProblemKind::InvalidJson, error.to_string(), help);
            return Vec::new();
        }
    };
    if stix::is_bundle(&document) {
        return stix::indicators(&document, text, problems);
    }
    if let Some(events) = misp::events(&document) {
        return misp::indicators(&events);
    }
    let reason = "it is neither a STIX bundle nor a MISP event".to_owned();
    let help = "a bundle has `\"type\": \"bundle\"`, an event is called `Event`";
    problems.error(Place::default(), ProblemKind::Unsupported, reason, help);
    Vec::new()
}

/// A text member of an object.
fn text<'v>(object: &'v serde_json::Value, key: &str) -> Option<&'v str> {
    object.get(key).and_then(serde_json::Value::as_str).filter(|text| !text.is_empty())
}
