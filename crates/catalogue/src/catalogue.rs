//! The catalogue: which platform a name belongs to, and whose tenant it is.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::LazyLock;

use coldtrail_model::{Endpoint, Kind, Reach, Via};
use sha2::{Digest, Sha256};

use crate::data;
use crate::entry::{self, Entry, Role};
use crate::error::CatalogueError;
use crate::host;
use crate::known::{self, KnownService};
use crate::location::split_url;
use crate::prefilter;
use crate::product::Product;
use crate::template::TemplateError;
use crate::trie::{HostPattern, Specificity, Trie};

/// All platforms known, ready for identification.
#[derive(Debug)]
pub struct Catalogue {
    products: Vec<Product>,
    /// In order of preference: the rank of a pattern in the trie is its place here.
    patterns: Vec<Pattern>,
    trie: Trie,
    addresses: BTreeMap<IpAddr, usize>,
    suffixes: Vec<String>,
    known: Vec<KnownService>,
    /// For each pattern in `known_trie`, the service it belongs to.
    known_patterns: Vec<usize>,
    known_trie: Trie,
    fingerprint: String,
}

/// A host pattern and what it says about a host.
#[derive(Debug)]
struct Pattern {
    hosts: HostPattern,
    product: usize,
    role: Role,
}

/// What a host is, as far as host and path tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identification<'a> {
    /// An endpoint of a customer, or a host that all customers of a platform share.
    Endpoint(Endpoint),
    /// Where customers deploy and configure; signed invocations go here, too.
    ControlPlane {
        /// Who runs it.
        provider: &'a str,
        /// What it is called.
        product: &'a str,
        /// The function that the path names.
        function: Option<String>,
    },
    /// A neighbour of a platform that runs no code of customers behind a URL.
    Excluded {
        /// Who runs it.
        provider: &'a str,
        /// What it is called.
        product: &'a str,
        /// Why it is no endpoint.
        reason: &'a str,
    },
    /// A platform's own domain without any customer, such as `workers.dev`.
    Bare {
        /// Who runs it.
        provider: &'a str,
        /// What it is called.
        product: &'a str,
    },
    /// None of the platforms known.
    Unknown,
}

/// A host that belongs to a platform. Cheap to make: nothing is copied until the endpoint is asked
/// for.
#[derive(Clone, Debug)]
pub struct Match<'a> {
    host: Cow<'a, str>,
    kind: Kind,
    product: &'a Product,
    pattern: &'a HostPattern,
}

impl Catalogue {
    /// The catalogue built into this program.
    pub fn builtin() -> &'static Self {
        // A test proves that the built-in files can be read, so the empty catalogue is never seen.
        static BUILTIN: LazyLock<Catalogue> = LazyLock::new(|| {
            Catalogue::read(data::PLATFORMS.iter().copied(), data::KNOWN)
                .unwrap_or_else(|_| Catalogue::new(Vec::new(), Vec::new(), Vec::new()))
        });
        &BUILTIN
    }

    /// Reads data files, given as names and texts, and the text of a file with known services.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong with the files.
    pub fn read<'f>(
        files: impl IntoIterator<Item = (&'f str, &'f str)>,
        known: &str,
    ) -> Result<Self, CatalogueError> {
        let mut products = Vec::new();
        let mut patterns = Vec::new();
        let mut hash = Sha256::new();
        for (file, text) in files {
            hash.update(text.len().to_le_bytes());
            hash.update(text);
            for entry in read_entries(file, text)? {
                let name = entry.product.clone();
                let at_product = |source| CatalogueError::Pattern { product: name.clone(), source };
                let product = Product::new(entry).map_err(at_product)?;
                let number = products.len();
                patterns.extend(ranked_patterns(&product, number).map_err(at_product)?);
                products.push(product);
            }
        }
        hash.update(known);
        let hash = hash.finalize();
        let fingerprint = hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { fingerprint, ..Self::new(products, patterns, read_known(known)?) })
    }

    fn new(
        products: Vec<Product>,
        mut patterns: Vec<(Preference, Pattern)>,
        known: Vec<(KnownService, Vec<HostPattern>)>,
    ) -> Self {
        // The sort is stable: what is equally specific keeps the order of the files.
        patterns.sort_by_key(|(preference, _)| *preference);
        let patterns: Vec<Pattern> = patterns.into_iter().map(|(_, pattern)| pattern).collect();
        let known_patterns = (0..)
            .zip(&known)
            .flat_map(|(service, (_, hosts))| hosts.iter().map(move |_| service))
            .collect();
        Self {
            trie: Trie::new(patterns.iter().map(|pattern| &pattern.hosts)),
            addresses: (0..)
                .zip(&products)
                .flat_map(|(number, product)| {
                    product.entry.addresses.iter().map(move |address| (*address, number))
                })
                .collect(),
            suffixes: prefilter::literals(products.iter().map(|product| &product.entry)),
            known_trie: Trie::new(known.iter().flat_map(|(_, hosts)| hosts)),
            known_patterns,
            known: known.into_iter().map(|(service, _)| service).collect(),
            patterns,
            products,
            fingerprint: String::new(),
        }
    }

    /// Tells this catalogue from others: a hash over the data files that it was read from. Whatever
    /// was decided with one fingerprint may be decided otherwise with another.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Says what a host is. A dot at the end, a port, upper case and Unicode are welcome; a `*.` in
    /// front, as in certificates, is passed over.
    pub fn identify(&self, host: &str, path: Option<&str>) -> Identification<'_> {
        let Some((host, pattern, product)) = self.find(host, path) else {
            return Identification::Unknown;
        };
        let Entry { provider, product: name, note, .. } = &product.entry;
        match pattern.role {
            Role::Endpoint(kind) => {
                let host = host.to_ascii_lowercase();
                Identification::Endpoint(product.endpoint(kind, &pattern.hosts, &host, path))
            }
            Role::ControlPlane => Identification::ControlPlane {
                provider,
                product: name,
                function: product.function(&pattern.hosts, &host, path),
            },
            Role::Excluded => Identification::Excluded { provider, product: name, reason: note },
            Role::Bare => Identification::Bare { provider, product: name },
        }
    }

    /// Says what a URL, a host with a port, or a WebDAV share leads to; see
    /// [`split_url`](crate::split_url).
    pub fn identify_url(&self, url: &str) -> Identification<'_> {
        match split_url(url) {
            Some(location) => self.identify(location.host, location.path),
            None => Identification::Unknown,
        }
    }

    /// Finds the endpoint behind a DNS question, through its answers if need be.
    ///
    /// A question that names a platform itself is that endpoint. Otherwise the first answer that
    /// names one wins, in the order of the chain: then [`Endpoint::host`] is the platform's name as
    /// answered, because that is where the tenant is, [`Endpoint::via`] is [`Via::Cname`], and
    /// [`Endpoint::related_hosts`] holds the name that was asked.
    pub fn identify_chain(&self, question: &str, answers: &[impl AsRef<str>]) -> Option<Endpoint> {
        match self.identify(question, None) {
            Identification::Endpoint(endpoint) => return Some(endpoint),
            Identification::Unknown => {}
            _ => return None,
        }
        let behind = answers.iter().find_map(|answer| self.lookup(answer.as_ref()))?;
        let mut endpoint = behind.endpoint(None);
        endpoint.via = Via::Cname;
        endpoint.related_hosts = host::normalise(question)
            .map(|asked| asked.to_ascii_lowercase())
            .filter(|asked| host::is_well_formed(asked))
            .into_iter()
            .collect();
        Some(endpoint)
    }

    /// The platform that alone uses an address. It never tells the tenant.
    pub fn identify_address(&self, address: IpAddr) -> Option<Endpoint> {
        let product = self.products.get(*self.addresses.get(&address)?)?;
        let Role::Endpoint(kind) = product.entry.role else { return None };
        Some(product.endpoint_without_tenant(kind, address.to_string(), Via::Address))
    }

    /// The fast way to find endpoints by their host. Nothing is allocated for an ASCII host. Hosts
    /// that are ordinary sites but for certain paths are not found; see [`Catalogue::lookup_at`].
    #[inline]
    pub fn lookup<'a>(&'a self, host: &'a str) -> Option<Match<'a>> {
        self.lookup_at(host, None)
    }

    /// Like [`Catalogue::lookup`], for a host whose path is known.
    #[inline]
    pub fn lookup_at<'a>(&'a self, host: &'a str, path: Option<&str>) -> Option<Match<'a>> {
        let (host, pattern, product) = self.find(host, path)?;
        let Role::Endpoint(kind) = pattern.role else { return None };
        Some(Match { host, kind, product, pattern: &pattern.hosts })
    }

    /// The endpoint, or else the platform alone ([`Reach::PlatformOnly`]) for a host among its
    /// customers' that is none of theirs: its bare domain, or the plane that deploys to one of them,
    /// such as `app.scm.azurewebsites.net`. A provider's own control plane is nothing here, wherever
    /// it lies: `api.netlify.com` is beside customers' hosts and serves all of them.
    pub fn platform(&self, host: &str, path: Option<&str>) -> Option<Endpoint> {
        let (host, pattern, product) = self.find(host, path)?;
        let lower = host.to_ascii_lowercase();
        let (kind, product) = match (pattern.role, product.entry.role) {
            (Role::Endpoint(kind), _) => {
                return Some(product.endpoint(kind, &pattern.hosts, &lower, path));
            }
            (Role::Bare, Role::Endpoint(kind)) => (kind, product),
            (Role::ControlPlane, _) => self.neighbour(pattern, &lower)?,
            _ => return None,
        };
        let platform = product.endpoint_without_tenant(kind, lower, Via::Host);
        Some(Endpoint { reach: Reach::PlatformOnly, ..platform })
    }

    /// The endpoint or platform that a row reaches for, by the name that was contacted, the path of
    /// the URL and the answers of DNS, where the row has them.
    ///
    /// Answers count where no path is known: then a CNAME may lead to a platform
    /// ([`Catalogue::identify_chain`]).
    pub fn contacted(
        &self,
        host: &str,
        path: Option<&str>,
        answers: Option<&[&str]>,
    ) -> Option<Endpoint> {
        let behind = answers.filter(|_| path.is_none());
        let behind = behind.and_then(|answers| self.identify_chain(host, answers));
        behind.or_else(|| self.platform(host, path))
    }

    /// Whether [`Catalogue::contacted`] finds anything; nothing is allocated for an ASCII host that
    /// is no endpoint.
    pub fn is_contact<'a>(
        &self,
        host: &str,
        path: Option<&str>,
        mut answers: impl Iterator<Item = &'a str>,
    ) -> bool {
        let Some((host, pattern, product)) = self.find(host, path) else {
            return path.is_none() && answers.any(|answer| self.lookup(answer).is_some());
        };
        match (pattern.role, product.entry.role) {
            (Role::Endpoint(_), _) | (Role::Bare, Role::Endpoint(_)) => true,
            (Role::ControlPlane, _) => {
                self.neighbour(pattern, &host.to_ascii_lowercase()).is_some()
            }
            _ => false,
        }
    }

    /// The product whose customers' hosts a host would be among, were it not the control plane of
    /// one of them.
    fn neighbour(&self, plane: &Pattern, host: &str) -> Option<(Kind, &Product)> {
        if !plane.hosts.names_a_customer() {
            return None;
        }
        let is_endpoint = |rank: usize| {
            self.pattern(rank).is_some_and(|(pattern, product)| {
                matches!(pattern.role, Role::Endpoint(_)) && product.accepts(None)
            })
        };
        let (pattern, product) = self.pattern(self.trie.find(host, is_endpoint)?)?;
        let Role::Endpoint(kind) = pattern.role else { return None };
        Some((kind, product))
    }

    /// Whether the names below `name` belong to many customers, as those below `workers.dev`,
    /// `lambda-url.us-east-1.on.aws` or `dev` do. What speaks about all of them speaks about
    /// everybody.
    pub fn is_above_tenants(&self, name: &str) -> bool {
        let Some(name) = host::normalise(name) else { return false };
        if self.lookup(&name).is_some_and(|found| found.endpoint(None).reach == Reach::Tenant) {
            return false;
        }
        self.patterns.iter().any(|pattern| {
            let product = self.products.get(pattern.product);
            matches!(pattern.role, Role::Endpoint(_))
                && pattern.hosts.filled_by(&name).is_some_and(|filled| {
                    !product.is_some_and(|product| product.entry.is_told_by(&filled))
                })
        })
    }

    /// The legitimate service that a host is known to be.
    pub fn known(&self, host: &str) -> Option<&KnownService> {
        let host = host::normalise(host)?;
        let pattern = self.known_trie.find(&host, |_| true)?;
        self.known.get(*self.known_patterns.get(pattern)?)
    }

    /// All products, in the order of the data files.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.products.iter().map(|product| &product.entry)
    }

    /// All known services, in the order of the data file.
    pub fn known_services(&self) -> impl Iterator<Item = &KnownService> {
        self.known.iter()
    }

    /// Literal texts for a filter over raw bytes: every ASCII host that is an endpoint or control
    /// plane contains one of them, in some case of letters. In lower case and sorted; none contains
    /// another.
    ///
    /// The filter sees dots: it does not fit logs that write names in another way, such as
    /// Microsoft's DNS debug log (`(7)workers(3)dev(0)`), nor hosts spelled in Unicode.
    pub fn suffixes(&self) -> impl Iterator<Item = &str> {
        self.suffixes.iter().map(String::as_str)
    }

    #[inline]
    fn find<'a, 'h>(
        &'a self,
        host: &'h str,
        path: Option<&str>,
    ) -> Option<(Cow<'h, str>, &'a Pattern, &'a Product)> {
        let host = host::normalise(host)?;
        let accept = |rank: usize| self.pattern(rank).is_some_and(|(_, p)| p.accepts(path));
        let rank = self.trie.find(&host, accept)?;
        if !host::is_well_formed(&host) {
            return None;
        }
        let (pattern, product) = self.pattern(rank)?;
        Some((host, pattern, product))
    }

    fn pattern(&self, rank: usize) -> Option<(&Pattern, &Product)> {
        let pattern = self.patterns.get(rank)?;
        Some((pattern, self.products.get(pattern.product)?))
    }
}

impl Match<'_> {
    /// The host, without port and the like, in the letters of the log.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// What sort of platform it is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The product.
    pub fn entry(&self) -> &Entry {
        &self.product.entry
    }

    /// The parts of the host that a customer chose, such as a worker's name and its account's. What
    /// platforms draw, such as the id of a Lambda URL, is none of them.
    pub fn chosen_labels(&self) -> Vec<&str> {
        self.product.chosen(self.pattern, &self.host)
    }

    /// The endpoint, with what the path adds to it. [`Endpoint::via`] is [`Via::Host`]; a caller
    /// with other evidence, such as a certificate, says so by setting the field.
    pub fn endpoint(&self, path: Option<&str>) -> Endpoint {
        let host = self.host.to_ascii_lowercase();
        self.product.endpoint(self.kind, self.pattern, &host, path)
    }
}

/// Which of the patterns that fit a host is preferred: smaller is better.
type Preference = (Class, Specificity, bool, bool);

/// The first question of preference.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    /// Control plane, exclusions, and bare domains that the data files name.
    Reserved,
    /// Endpoints. A bare domain with a literal label in front is as good: `scm.azurewebsites.net`
    /// is not an application called `scm`.
    Named,
    /// A bare domain with a placeholder in front, such as a region: only what nothing else explains.
    Remainder,
}

/// The patterns of a product, and its bare domains.
fn ranked_patterns(
    product: &Product,
    number: usize,
) -> Result<Vec<(Preference, Pattern)>, TemplateError> {
    let role = product.entry.role;
    let class = if matches!(role, Role::Endpoint(_)) { Class::Named } else { Class::Reserved };
    let without_path = !product.entry.path_required;
    let mut patterns = Vec::new();
    for hosts in product.host_patterns()? {
        let preference = (class, hosts.specificity(), false, without_path);
        patterns.push((preference, Pattern { hosts, product: number, role }));
    }
    for domain in bare_domains(&product.entry) {
        let hosts = HostPattern::parse(domain, false)?;
        let class = if domain.starts_with('{') { Class::Remainder } else { Class::Named };
        let preference = (class, hosts.specificity(), true, without_path);
        patterns.push((preference, Pattern { hosts, product: number, role: Role::Bare }));
    }
    Ok(patterns)
}

/// What remains of the host patterns when the customer's labels are taken off, one after the other.
/// A label that is only partly the customer's, such as `prod-{stamp}`, leaves an ordinary site.
fn bare_domains(entry: &Entry) -> BTreeSet<&str> {
    let mut domains = BTreeSet::new();
    for host in &entry.hosts {
        let mut rest = host.as_str();
        while let Some((label, domain)) = rest.split_once('.') {
            let customers = label.starts_with('{') && label.ends_with('}');
            if !customers || !domain.contains('.') {
                break;
            }
            domains.insert(domain);
            rest = domain;
        }
    }
    domains
}

fn read_entries(file: &str, text: &str) -> Result<Vec<Entry>, CatalogueError> {
    let parsed: entry::File = toml::from_str(text)
        .map_err(|source| CatalogueError::Read { file: file.to_owned(), source })?;
    parsed
        .into_entries()
        .map_err(|product| CatalogueError::NoKind { file: file.to_owned(), product })
}

fn read_known(text: &str) -> Result<Vec<(KnownService, Vec<HostPattern>)>, CatalogueError> {
    let parsed: known::File = toml::from_str(text)
        .map_err(|source| CatalogueError::Read { file: "known.toml".to_owned(), source })?;
    let mut services = Vec::new();
    for service in parsed.service {
        let hosts = service
            .host_patterns()
            .map_err(|source| CatalogueError::Pattern { product: service.owner.clone(), source })?;
        services.push((service, hosts));
    }
    Ok(services)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::error::Error;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_builtin_files_can_be_read() {
        let read = Catalogue::read(data::PLATFORMS.iter().copied(), data::KNOWN);
        let catalogue = read.unwrap_or_else(|error| panic!("{error}: {:?}", error.source()));
        assert_eq!(catalogue.products.len(), Catalogue::builtin().products.len());
    }

    #[test]
    fn no_host_pattern_is_given_twice() {
        let mut seen = BTreeMap::new();
        for entry in Catalogue::builtin().entries().filter(|entry| !entry.path_required) {
            for host in &entry.hosts {
                let before = seen.insert(host, &entry.product);
                assert_eq!(before, None, "{host} is given twice");
            }
        }
    }

    #[test]
    fn slips_in_the_files_are_named() {
        let read = |text: &str| Catalogue::read([("x.toml", text)], "service = []").map(|_| ());
        let entry = "provider = 'P'\nproduct = 'Q'\nevidence = 'confirmed'\n";
        let valid =
            format!("[[endpoint]]\nkind = 'function'\nhosts = ['{{tenant}}.q.dev']\n{entry}");
        assert!(read(&valid).is_ok());
        assert!(matches!(read("[[endpoints]]"), Err(CatalogueError::Read { .. })));
        assert!(matches!(
            read(&format!("{valid}path_required = true")),
            Err(CatalogueError::Read { .. })
        ));
        assert!(matches!(
            read(&format!("[[endpoint]]\n{entry}")),
            Err(CatalogueError::NoKind { .. })
        ));
        for slip in [
            "tenant = '{worker}'",
            "chosen = ['worker']",
            "paths = ['//']",
            "paths = ['/{x:y}']",
            "group = '{x'",
        ] {
            let error = read(&format!("{valid}{slip}"));
            assert!(matches!(error, Err(CatalogueError::Pattern { .. })), "{slip}: {error:?}");
        }
    }

    #[test]
    fn a_longer_label_is_another_domain() {
        let catalogue = Catalogue::builtin();
        let domains: BTreeSet<&str> = catalogue
            .entries()
            .flat_map(bare_domains)
            .filter(|domain| domain.split('.').count() == 2 && !domain.contains('{'))
            .collect();
        assert!(domains.len() > 100);
        for domain in domains {
            for character in ('a'..='z').chain('0'..='9').chain(['-', '_']) {
                for host in [format!("{character}{domain}"), format!("a.b.{character}{domain}")] {
                    assert_eq!(catalogue.identify(&host, None), Identification::Unknown, "{host}");
                }
            }
        }
    }

    /// The same answer as the trie's, found by trying each pattern in order of preference.
    fn scan(catalogue: &Catalogue, host: &str, path: Option<&str>) -> Option<usize> {
        (0..catalogue.patterns.len()).find(|&rank| {
            let (pattern, product) = catalogue.pattern(rank).expect("a rank");
            pattern.hosts.matches(host) && product.accepts(path)
        })
    }

    /// Hosts near the patterns: examples of them, cut, prolonged and misspelled.
    fn near_hosts() -> impl Strategy<Value = String> {
        let patterns: Vec<String> =
            Catalogue::builtin().entries().flat_map(|entry| entry.hosts.clone()).collect();
        let filling = prop_oneof![
            "[a-z0-9-]{1,12}",
            "[a-z]{2}-[a-z]{4}-[0-9]",
            "[a-z]{4,8}-[a-z]{4}[0-9]",
            "[a-z]{1,6}-[a-z0-9]{10}-[a-z]{2}",
            "[a-z]{1,6}--[a-z]{1,6}",
            "[a-f0-9]{30,32}",
            "[0-9]{1,13}",
            Just("scm".to_owned()),
        ];
        let fillings = proptest::collection::vec(filling, 8);
        let front = prop_oneof![Just(String::new()), "[a-z]{1,3}", "[a-z]{1,3}\\."];
        (proptest::sample::select(patterns), fillings, front, 0_usize..3, any::<bool>()).prop_map(
            |(pattern, fillings, front, cut, upper)| {
                let mut host = front;
                let mut fillings = fillings.into_iter();
                for (number, part) in pattern.split(['{', '}']).enumerate() {
                    let filling = if number % 2 == 1 { fillings.next() } else { None };
                    host.push_str(filling.as_deref().unwrap_or(part));
                }
                let host: Vec<&str> = host.split('.').skip(cut).collect();
                let host = host.join(".");
                if upper { host.to_ascii_uppercase() } else { host }
            },
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn the_trie_answers_like_a_scan(host in near_hosts(), path in "(/[a-z0-9]{1,8}){0,4}") {
            let catalogue = Catalogue::builtin();
            for path in [None, Some(path.as_str())] {
                let accept = |rank: usize| catalogue.pattern(rank).unwrap().1.accepts(path);
                prop_assert_eq!(catalogue.trie.find(&host, accept), scan(catalogue, &host, path));
            }
        }

        #[test]
        fn every_match_contains_a_literal_of_the_prefilter(host in near_hosts()) {
            let catalogue = Catalogue::builtin();
            let lower = host.to_ascii_lowercase();
            if catalogue.lookup(&host).is_some() {
                prop_assert!(catalogue.suffixes().any(|text| lower.contains(text)), "{}", host);
            }
        }

        #[test]
        fn nothing_makes_it_panic(text in any::<String>(), path in any::<String>()) {
            let catalogue = Catalogue::builtin();
            catalogue.identify(&text, Some(&path));
            catalogue.identify_url(&text);
            catalogue.identify(&format!("{text}.workers.dev"), Some(&path));
            catalogue.identify_url(&format!("https://{text}.script.google.com/{path}"));
            catalogue.identify_chain(&text, &[&path]);
            catalogue.known(&text);
        }

        #[test]
        fn a_row_is_a_contact_if_something_is_contacted(
            host in near_hosts(),
            path in prop::option::of("(/[a-z0-9]{1,8}){0,4}"),
            answers in prop::option::of(prop::collection::vec(near_hosts(), 0..3)),
        ) {
            let catalogue = Catalogue::builtin();
            let answers: Option<Vec<&str>> =
                answers.as_ref().map(|answers| answers.iter().map(String::as_str).collect());
            let contacted = catalogue.contacted(&host, path.as_deref(), answers.as_deref());
            let answers = answers.iter().flatten().copied();
            prop_assert_eq!(catalogue.is_contact(&host, path.as_deref(), answers), contacted.is_some());
        }

        #[test]
        fn both_ways_agree(host in near_hosts(), path in "(/[a-z0-9]{1,8}){0,4}") {
            let catalogue = Catalogue::builtin();
            let fast = catalogue.lookup_at(&host, Some(&path)).map(|found| found.endpoint(Some(&path)));
            let slow = match catalogue.identify(&host, Some(&path)) {
                Identification::Endpoint(endpoint) => Some(endpoint),
                _ => None,
            };
            prop_assert_eq!(fast, slow);
        }
    }
}
