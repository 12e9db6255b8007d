//! An entry made ready for use: its host patterns, paths and answers parsed and checked.

use coldtrail_model::{Endpoint, Kind, Reach, Via};

use crate::entry::{Entry, Role};
use crate::path::PathPattern;
use crate::template::{Captures, Template, TemplateError};
use crate::trie::HostPattern;

#[derive(Debug)]
pub(crate) struct Product {
    pub(crate) entry: Entry,
    tenant: Vec<Template>,
    group: Template,
    function: Template,
    paths: Vec<PathPattern>,
}

impl Product {
    pub(crate) fn new(entry: Entry) -> Result<Self, TemplateError> {
        let product = Self {
            tenant: entry
                .tenant
                .iter()
                .map(|text| Template::segment(text))
                .collect::<Result<_, _>>()?,
            group: Template::segment(&entry.group)?,
            function: Template::segment(&entry.function)?,
            paths: entry
                .paths
                .iter()
                .map(|text| PathPattern::parse(text))
                .collect::<Result<_, _>>()?,
            entry,
        };
        product.check_answers()?;
        Ok(product)
    }

    /// The patterns of its hosts.
    pub(crate) fn host_patterns(&self) -> Result<Vec<HostPattern>, TemplateError> {
        self.entry.hosts.iter().map(|text| self.host_pattern(text)).collect()
    }

    /// Further labels in front of a tenant's host belong to that tenant; in front of a fixed or a
    /// shared host they make another host.
    fn host_pattern(&self, text: &str) -> Result<HostPattern, TemplateError> {
        let pattern = HostPattern::parse(text, false)?;
        let provides = |name: &str| pattern.names().any(|known| known == name);
        let names_tenant = self.tenant.iter().any(|answer| answer.names().all(provides));
        let open = text.starts_with('{')
            && match self.entry.role {
                Role::Endpoint(_) => names_tenant,
                Role::ControlPlane | Role::Excluded => true,
                Role::Bare => false,
            };
        HostPattern::parse(text, open)
    }

    /// Whether a host of this product counts as such with this path.
    pub(crate) fn accepts(&self, path: Option<&str>) -> bool {
        !self.entry.path_required || path.is_some_and(|path| self.path_pattern(path).is_some())
    }

    /// The endpoint that `host`, in lower case, and `path` name.
    pub(crate) fn endpoint(
        &self,
        kind: Kind,
        pattern: &HostPattern,
        host: &str,
        path: Option<&str>,
    ) -> Endpoint {
        let captures = self.captures(pattern, host, path);
        let tenant = self.tenant.iter().find_map(|answer| answer.render(&captures));
        Endpoint {
            reach: if tenant.is_some() { Reach::Tenant } else { self.entry.reach },
            group: self.group.render(&captures),
            function: self.function.render(&captures),
            tenant,
            ..self.endpoint_without_tenant(kind, host.to_owned(), Via::Host)
        }
    }

    /// The platform, and nothing more.
    pub(crate) fn endpoint_without_tenant(&self, kind: Kind, host: String, via: Via) -> Endpoint {
        Endpoint {
            host,
            provider: self.entry.provider.clone(),
            product: self.entry.product.clone(),
            kind,
            tenant: None,
            group: None,
            function: None,
            reach: self.entry.reach,
            via,
            related_hosts: Vec::new(),
        }
    }

    /// The function that `path` names.
    pub(crate) fn function(
        &self,
        pattern: &HostPattern,
        host: &str,
        path: Option<&str>,
    ) -> Option<String> {
        self.function.render(&self.captures(pattern, host, path))
    }

    /// What the placeholders in `host` stand for that a customer fills as they like.
    pub(crate) fn chosen<'t>(&self, pattern: &HostPattern, host: &'t str) -> Vec<&'t str> {
        let mut captures = Captures::default();
        pattern.capture(host, &mut captures);
        self.entry.chosen.iter().filter_map(|name| captures.get(name)).collect()
    }

    fn captures<'p, 't>(
        &'p self,
        pattern: &'p HostPattern,
        host: &'t str,
        path: Option<&'t str>,
    ) -> Captures<'p, 't> {
        let mut captures = Captures::default();
        pattern.capture(host, &mut captures);
        if let Some(path) = path
            && let Some(pattern) = self.path_pattern(path)
        {
            pattern.capture(path, &mut captures);
        }
        captures
    }

    fn path_pattern(&self, path: &str) -> Option<&PathPattern> {
        self.paths.iter().find(|pattern| pattern.matches(path))
    }

    /// An answer that no host and no path can complete is a slip of the pen. Only what an entry
    /// leaves out may stay unanswered.
    fn check_answers(&self) -> Result<(), TemplateError> {
        let hosts = self.host_patterns()?;
        let provided = |name: &str| {
            hosts.iter().flat_map(HostPattern::names).any(|known| known == name)
                || self.paths.iter().flat_map(PathPattern::names).any(|known| known == name)
        };
        let answers = self.tenant.iter().chain([&self.group, &self.function]);
        let omitted = |name: &str| ["tenant", "group", "function"].contains(&name);
        let answered = answers.flat_map(Template::names).filter(|name| !omitted(name));
        let named = answered.chain(self.entry.chosen.iter().map(String::as_str));
        match named.into_iter().find(|name| !provided(name)) {
            Some(name) => Err(TemplateError::UnknownPlaceholder(name.to_owned())),
            None => Ok(()),
        }
    }
}
