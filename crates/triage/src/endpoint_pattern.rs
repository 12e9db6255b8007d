//! Which endpoints an entry speaks about: a host name, everything below a name, or a URL prefix.
//!
//! Names match by whole labels from the right and paths by whole segments from the left; part of a
//! label never matches.

use coldtrail_model::{Endpoint, Reach};

use crate::contact::Contact;
use crate::name;
use crate::platforms::Platforms;

/// The longest path that an entry may name, in bytes.
const LONGEST_PATH: usize = 2_048;

/// What an entry calls its endpoint.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct EndpointPattern {
    /// The text as it was written.
    pub(crate) text: String,
    /// The host, or the name above the hosts, in one form.
    pub(crate) name: String,
    form: Form,
}

#[derive(Clone, Debug, PartialEq)]
enum Form {
    /// This host.
    Host,
    /// Every host below this name.
    Below,
    /// URLs of this host whose path begins with these segments.
    Url(Box<Url>),
}

#[derive(Clone, Debug, PartialEq)]
struct Url {
    segments: Vec<String>,
    /// What the URL leads to, if that is a platform.
    endpoint: Option<Endpoint>,
}

/// How much of a pattern the telemetry could confirm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Sight {
    /// All of it.
    Whole,
    /// The host; no path was seen, but the host is the tenant's own.
    PathUnseen,
    /// A host that all tenants share; which tenant was contacted was not seen.
    TenantUnseen,
}

impl EndpointPattern {
    /// Reads what a cell says, or says what is wrong with it.
    pub(crate) fn read(text: &str, platforms: &dyn Platforms) -> Result<Self, &'static str> {
        if let Some(name) = text.strip_prefix("*.") {
            let name = name::host(name).ok_or("it is no host name behind `*.`")?;
            return Ok(Self { text: text.to_owned(), name, form: Form::Below });
        }
        let behind_scheme = match text.split_once("://") {
            Some(("http" | "https" | "HTTP" | "HTTPS", rest)) => rest,
            Some(_) => return Err("only `http` and `https` are known"),
            None => text,
        };
        let end = behind_scheme.find(['/', '?', '#']).unwrap_or(behind_scheme.len());
        let (host, path) = behind_scheme.split_at_checked(end).unwrap_or((behind_scheme, ""));
        if host.contains('*') {
            return Err("a `*` may only be the whole first label, as in `*.example.com`");
        }
        let name = name::host(host).ok_or("it is no host name and no URL")?;
        let path = path.split(['?', '#']).next().unwrap_or("");
        if path.len() > LONGEST_PATH {
            return Err("the path is too long");
        }
        let segments: Vec<String> = segments(path).map(str::to_owned).collect();
        let form = match segments.iter().any(|segment| segment == ".." || segment == "*") {
            true => {
                return Err("a URL prefix has no `..` and no `*`: it covers what is below anyway");
            }
            false if segments.is_empty() => Form::Host,
            false => Form::Url(Box::new(Url {
                endpoint: platforms.endpoint(&name, Some(path)),
                segments,
            })),
        };
        Ok(Self { text: text.to_owned(), name, form })
    }

    /// Why it speaks about more than somebody's own endpoints, if it does.
    pub(crate) fn too_wide(&self, platforms: &dyn Platforms) -> Option<&'static str> {
        let is_above = || platforms.is_above_tenants(&self.name);
        let reach = match &self.form {
            Form::Below if is_above() || !self.name.contains('.') => {
                return Some("all customers of a platform have names below it");
            }
            Form::Host | Form::Below => platforms.endpoint(&self.name, None)?.reach,
            Form::Url(url) => url.endpoint.as_ref()?.reach,
        };
        match reach {
            Reach::SharedHost => Some("all customers of the platform share this host"),
            Reach::PlatformOnly if is_above() => {
                Some("it is the platform's own name, and no customer's")
            }
            // A platform's name that is above nobody else's is the name of an account.
            Reach::Tenant | Reach::PlatformOnly => None,
        }
    }

    /// Whether it is about everything below a name.
    pub(crate) fn is_below(&self) -> bool {
        self.form == Form::Below
    }

    /// Whether it is a URL with a path.
    pub(crate) fn is_url(&self) -> bool {
        matches!(self.form, Form::Url(_))
    }

    /// Whether a path begins as its own does.
    pub(crate) fn begins(&self, path: &str) -> bool {
        matches!(&self.form, Form::Url(url) if url.begins(path))
    }

    /// Whether it speaks about a contact, and how much of it was seen.
    pub(crate) fn fits(&self, contact: &Contact<'_>) -> Option<Sight> {
        let is_this = |host: &str| host.eq_ignore_ascii_case(&self.name);
        match &self.form {
            Form::Host => contact.hosts().any(is_this).then_some(Sight::Whole),
            Form::Below => {
                let is_below = |host: &str| {
                    let host = host.to_ascii_lowercase();
                    name::and_above(&host).skip(1).any(is_this)
                };
                contact.hosts().any(is_below).then_some(Sight::Whole)
            }
            Form::Url(url) => contact.hosts().any(is_this).then(|| url.fits(contact)).flatten(),
        }
    }
}

impl Url {
    fn begins(&self, path: &str) -> bool {
        let mut seen = segments(path.split(['?', '#']).next().unwrap_or(""));
        self.segments.iter().all(|segment| seen.next() == Some(segment))
    }

    fn fits(&self, contact: &Contact<'_>) -> Option<Sight> {
        if let Some(path) = contact.path {
            return self.begins(path).then_some(Sight::Whole);
        }
        let Some(meant) = &self.endpoint else { return Some(Sight::PathUnseen) };
        let seen = contact.endpoint;
        let differ = |one: &Option<String>, other: &Option<String>| {
            one.is_some() && other.is_some() && one != other
        };
        let is_another = meant.product != seen.product
            || differ(&meant.tenant, &seen.tenant)
            || differ(&meant.function, &seen.function);
        match (is_another, seen.reach, seen.function == meant.function) {
            (true, _, _) => None,
            (false, Reach::Tenant, true) if meant.function.is_some() => Some(Sight::Whole),
            (false, Reach::Tenant, _) => Some(Sight::PathUnseen),
            (false, Reach::SharedHost | Reach::PlatformOnly, _) => Some(Sight::TenantUnseen),
        }
    }
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|segment| !segment.is_empty())
}
