//! `assets.csv`: the hosts of the place, what they are for, and whose they are.

use std::collections::BTreeMap;
use std::net::IpAddr;

use coldtrail_diagnostics::ProblemKind;
use coldtrail_model::Actor;

use crate::name;
use crate::problems::{Problems, nearest, quoted};
use crate::role::Role;
use crate::sheet::{Column, Row, rows};

const NAME: usize = 0;
const ADDRESS: usize = 1;
const ROLE: usize = 2;
const OS: usize = 3;
const CRITICALITY: usize = 4;
const OWNER: usize = 5;

const COLUMNS: [Column; 6] = [
    Column { name: "name", is_needed: true },
    Column { name: "address", is_needed: false },
    Column { name: "role", is_needed: false },
    Column { name: "os", is_needed: false },
    Column { name: "criticality", is_needed: false },
    Column { name: "owner", is_needed: false },
];

/// A host of the place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asset {
    /// Its name, lower case.
    pub name: String,
    /// Its own addresses.
    pub addresses: Vec<IpAddr>,
    /// What it is for, where the file says so in words that are known.
    pub role: Option<Role>,
    /// Its operating system, as the file says it.
    pub os: Option<String>,
    /// How much depends on it.
    pub criticality: Option<Criticality>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Its line in the file.
    pub line: u64,
}

/// How much depends on a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Criticality {
    /// Little.
    Low,
    /// Some work.
    Medium,
    /// A department, or data of many.
    High,
    /// The whole place.
    Critical,
}

impl Criticality {
    const NAMES: [(&'static str, Criticality); 4] = [
        ("low", Criticality::Low),
        ("medium", Criticality::Medium),
        ("high", Criticality::High),
        ("critical", Criticality::Critical),
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, one)| *one == self).map_or("", |(name, _)| name)
    }

    fn named(text: &str) -> Option<Self> {
        let text = text.to_lowercase();
        Self::NAMES.iter().find(|(name, _)| *name == text).map(|(_, one)| *one)
    }
}

/// The assets, found by name or address.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Assets {
    list: Vec<Asset>,
    by_name: BTreeMap<String, usize>,
    /// First labels of longer names; none where two hosts share one.
    by_first_label: BTreeMap<String, Option<usize>>,
    by_address: BTreeMap<IpAddr, usize>,
}

impl Assets {
    /// Reads the file's text.
    pub(crate) fn read(text: &str, problems: &mut Problems) -> Self {
        let mut assets = Self::default();
        for row in rows(text, &COLUMNS, problems) {
            assets.add(&row, problems);
        }
        assets
    }

    /// The asset of a name, in full or by its first label, or of an address.
    pub(crate) fn find(&self, text: &str) -> Option<&Asset> {
        if let Ok(address) = text.parse::<IpAddr>() {
            return self.list.get(*self.by_address.get(&address)?);
        }
        let name = name::host(text)?;
        let short = match name.contains('.') {
            // A longer name is this asset's if the file knows no more of it than its first label.
            true => self.by_name.get(name::first_label(&name)).copied(),
            false => self.by_first_label.get(&name).copied().flatten(),
        };
        self.list.get(self.by_name.get(&name).copied().or(short)?)
    }

    /// The asset that acted.
    pub(crate) fn of(&self, actor: &Actor) -> Option<&Asset> {
        self.find(&actor.host).or_else(|| self.find(actor.ip.as_deref()?))
    }

    /// Whether a host that an entry names is the one that acted.
    pub(crate) fn is_same(&self, named: &str, actor: &Actor) -> bool {
        let is_short = |name: &str| !name.contains('.') && name.parse::<IpAddr>().is_err();
        let is_host = named.eq_ignore_ascii_case(&actor.host)
            || (is_short(named) != is_short(&actor.host)
                && is_name(named)
                && is_name(&actor.host)
                && name::first_label(named).eq_ignore_ascii_case(name::first_label(&actor.host)));
        is_host
            || actor.ip.as_deref().is_some_and(|ip| ip.eq_ignore_ascii_case(named))
            || self.find(named).is_some_and(|asset| self.of(actor) == Some(asset))
    }

    fn add(&mut self, row: &Row, problems: &mut Problems) {
        let Some(name) = row.filled(NAME) else {
            let help = "write the host's name as its logs do";
            let reason = "there is no name".to_owned();
            problems.error(row.place(NAME), ProblemKind::MissingValue, reason, help);
            return;
        };
        let Some(name) = name::host(name) else {
            let reason = format!("{} is no host name", quoted(name));
            let help = "write letters, digits, dashes and dots";
            problems.error(row.place(NAME), ProblemKind::InvalidValue, reason, help);
            return;
        };
        if let Some(earlier) = self.by_name.get(&name).and_then(|index| self.list.get(*index)) {
            let reason = format!("{} is on line {} already", quoted(&name), earlier.line);
            problems.error(row.place(NAME), ProblemKind::Repeated, reason, "the first one counts");
            return;
        }
        let text = |column: usize| row.filled(column).map(str::to_owned);
        let index = self.list.len();
        let addresses = self.addresses(row, problems);
        self.by_address.extend(addresses.iter().map(|address| (*address, index)));
        if name.contains('.') {
            let first = name::first_label(&name).to_owned();
            self.by_first_label.entry(first).and_modify(|one| *one = None).or_insert(Some(index));
        }
        self.by_name.insert(name.clone(), index);
        self.list.push(Asset {
            name,
            addresses,
            role: role(row, problems),
            os: text(OS),
            criticality: criticality(row, problems),
            owner: text(OWNER),
            line: row.line,
        });
    }

    fn addresses(&self, row: &Row, problems: &mut Problems) -> Vec<IpAddr> {
        let mut addresses = Vec::new();
        for text in row.text(ADDRESS).split([' ', ';', '|']).filter(|text| !text.is_empty()) {
            match text.parse::<IpAddr>() {
                Ok(address) if self.by_address.contains_key(&address) => {
                    let reason = format!("{address} is another asset's already");
                    let help = "the first one counts; leave out addresses that hosts share";
                    problems.warning(row.place(ADDRESS), ProblemKind::Repeated, reason, help);
                }
                Ok(address) => addresses.push(address),
                Err(_) => {
                    let reason = format!("{} is no address", quoted(text));
                    let help = "write IPv4 or IPv6 addresses, a space between two";
                    problems.warning(row.place(ADDRESS), ProblemKind::InvalidValue, reason, help);
                }
            }
        }
        addresses
    }
}

fn is_name(text: &str) -> bool {
    text.parse::<IpAddr>().is_err()
}

fn role(row: &Row, problems: &mut Problems) -> Option<Role> {
    let text = row.filled(ROLE)?;
    let role = Role::named(text);
    if role.is_none() {
        let reason = format!("{} is no role that is known", quoted(text));
        let help = match nearest(&text.to_lowercase(), Role::names()) {
            Some(nearest) => format!("did you mean `{nearest}`?"),
            None => format!("roles are {}", Role::names().collect::<Vec<_>>().join(", ")),
        };
        problems.warning(row.place(ROLE), ProblemKind::InvalidValue, reason, &help);
    }
    role
}

fn criticality(row: &Row, problems: &mut Problems) -> Option<Criticality> {
    let text = row.filled(CRITICALITY)?;
    let criticality = Criticality::named(text);
    if criticality.is_none() {
        let reason = format!("{} is no criticality", quoted(text));
        let help = "write low, medium, high or critical";
        problems.warning(row.place(CRITICALITY), ProblemKind::InvalidValue, reason, help);
    }
    criticality
}

#[cfg(test)]
mod tests {
    use coldtrail_model::Actor;

    use super::{Assets, Criticality};
    use crate::problems::Problems;
    use crate::role::Role;

    const FILE: &str = "name,address,role,os,criticality,owner\n\
        dc-01.corp.example,10.0.0.1 10.0.0.2,DC,Windows Server,critical,directory team\n\
        ws-07,10.0.1.7,laptop,,,\n";

    fn assets() -> Assets {
        let mut problems = Problems::of("assets.csv");
        let assets = Assets::read(FILE, &mut problems);
        assert_eq!(problems.into_list(), Vec::new());
        assets
    }

    #[test]
    fn a_host_is_found_by_each_of_its_names() {
        let assets = assets();
        for name in ["dc-01.corp.example", "DC-01", "10.0.0.2"] {
            let asset = assets.find(name).expect(name);
            assert_eq!(asset.role, Some(Role::DomainController));
            assert_eq!(asset.criticality, Some(Criticality::Critical));
        }
        assert_eq!(assets.find("ws-07.corp.example").map(|one| one.line), Some(3));
        for other in ["dc-011", "c-01", "dc-01.elsewhere.example", "10.0.0.3", ""] {
            assert_eq!(assets.find(other), None, "{other}");
        }
    }

    #[test]
    fn one_host_by_two_names_is_one() {
        let assets = assets();
        let actor = Actor { host: "10.0.0.1".to_owned(), ..Actor::default() };
        assert!(assets.is_same("dc-01", &actor));
        assert!(!assets.is_same("ws-07", &actor));
        let unlisted = Actor { host: "web-3.corp.example".to_owned(), ..Actor::default() };
        assert!(assets.is_same("web-3", &unlisted));
        assert!(!assets.is_same("web-3.other.example", &unlisted));
        assert!(!assets.is_same("web", &unlisted));
    }

    #[test]
    fn odd_values_are_told_and_their_neighbours_are_read() {
        let mut problems = Problems::of("assets.csv");
        let text = "name,address,role,criticality\nweb-1,10.0.0.300,serverr,huge\nweb-1,,,\n,,,\n";
        let assets = Assets::read(text, &mut problems);
        assert!(assets.find("web-1").is_some());
        let told: Vec<String> = problems
            .into_list()
            .iter()
            .map(|one| format!("{:?} {}", one.column, one.help))
            .collect();
        assert_eq!(
            told,
            [
                "Some(7) write IPv4 or IPv6 addresses, a space between two",
                "Some(18) did you mean `server`?",
                "Some(26) write low, medium, high or critical",
                "Some(1) the first one counts",
                "Some(1) write the host's name as its logs do",
            ]
        );
    }
}
