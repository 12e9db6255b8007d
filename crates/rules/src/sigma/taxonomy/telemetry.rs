//! What sort of record something is.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::{Derivation, LogSource, Meaning};

/// What sort of record something is: all that a taxonomy knows of it.
#[derive(Clone, Debug, Default)]
pub struct Telemetry {
    /// What it is called in reports, such as `windows sysmon 22` or `dns rows`.
    pub name: String,
    /// The log sources that it is of, each with all that is known of it: a rule is fed by it if each word of
    /// the rule's log source is that of one of these.
    pub log_sources: Vec<LogSource>,
    /// What rules call a field, and what the record calls it, which may be several; in order of the former.
    pub aliases: Vec<(String, Vec<String>)>,
    /// All fields that such a record can have, as rules call them, in order of name; nothing where anything
    /// is possible.
    pub fields: Option<Vec<String>>,
    /// Fields that rules name and the record only contains. Their values count beside those that the record
    /// has under that name.
    pub derivations: Vec<Derivation>,
    /// The objects of the record in which fields may be that rules name without saying where they are.
    pub inside: Vec<String>,
    /// The fields that tell of host, user and so on, as the record calls them, in order of preference.
    pub meanings: BTreeMap<Meaning, Vec<String>>,
}

impl Telemetry {
    /// Whether a rule of a log source is fed by such records.
    pub fn feeds(&self, wanted: &LogSource) -> bool {
        self.log_sources.iter().any(|given| wanted.is_fed_by(given))
    }

    /// The names under which a record may have a field that a rule names: the rule's own first, then the
    /// record's. Every one that the record has counts.
    pub fn names<'t>(&'t self, field: &'t str) -> impl Iterator<Item = Cow<'t, str>> {
        let place = self.aliases.binary_search_by(|(name, _)| name.as_str().cmp(field));
        let others = place.ok().and_then(|place| self.aliases.get(place));
        let others = others.map(|(_, names)| names.as_slice()).unwrap_or_default();
        let plain = move || std::iter::once(field).chain(others.iter().map(String::as_str));
        let inside = self.inside.iter();
        let inside =
            inside.flat_map(move |outer| plain().map(move |name| format!("{outer}.{name}")));
        plain().map(Cow::Borrowed).chain(inside.map(Cow::Owned))
    }

    /// The fields that tell something, as the record calls them, in order of preference.
    pub fn meaning(&self, meaning: Meaning) -> &[String] {
        self.meanings.get(&meaning).map(Vec::as_slice).unwrap_or_default()
    }

    /// The fields that rules name and the record only contains, with their values; whoever makes an
    /// [`Event`](super::super::Event) adds them to its pairs. `get` tells the value of a field of the record,
    /// by its path.
    pub fn derived<'t, 'r>(
        &'t self,
        get: &dyn Fn(&str) -> Option<Cow<'r, str>>,
    ) -> Vec<(&'t str, String)> {
        let within = |name: &str| self.within(name, get);
        let derived = self.derivations.iter();
        let derived = derived.filter_map(|it| Some((it.field.as_str(), it.value(&within)?)));
        derived.collect()
    }

    /// What a record tells of something, by the first field that does; `get` tells the value of a field of
    /// the record, by its path.
    pub fn told<'r>(
        &self,
        meaning: Meaning,
        get: &dyn Fn(&str) -> Option<Cow<'r, str>>,
    ) -> Option<Cow<'r, str>> {
        let mut values = self.meaning(meaning).iter().filter_map(|name| self.within(name, get));
        values.find(|value| !matches!(value.as_ref(), "" | "-"))
    }

    /// A value of the record, or of one of the objects in it where fields may be.
    fn within<'r>(
        &self,
        name: &str,
        get: &dyn Fn(&str) -> Option<Cow<'r, str>>,
    ) -> Option<Cow<'r, str>> {
        let inside = || self.inside.iter().find_map(|outer| get(&format!("{outer}.{name}")));
        get(name).or_else(inside)
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::Telemetry;
    use crate::sigma::taxonomy::{Derivation, Meaning, Way};

    #[test]
    fn a_field_goes_by_the_name_of_the_rule_and_those_of_the_record() {
        let aliases = vec![("Image".to_owned(), vec!["exe".to_owned(), "path".to_owned()])];
        let telemetry =
            Telemetry { aliases, inside: vec!["data".to_owned()], ..Telemetry::default() };
        let names: Vec<Cow<'_, str>> = telemetry.names("Image").collect();
        assert_eq!(names, ["Image", "exe", "path", "data.Image", "data.exe", "data.path"]);
        let names: Vec<Cow<'_, str>> = telemetry.names("User").collect();
        assert_eq!(names, ["User", "data.User"]);
    }

    #[test]
    fn what_a_record_does_not_contain_is_not_derived() {
        let derivation = |field: &str, from: &str| Derivation {
            field: field.to_owned(),
            way: Way::Extension,
            from: vec![from.to_owned()],
        };
        let telemetry = Telemetry {
            derivations: vec![derivation("c-uri-extension", "path"), derivation("other", "none")],
            ..Telemetry::default()
        };
        let get = |name: &str| (name == "path").then_some(Cow::Borrowed("/a.exe"));
        assert_eq!(telemetry.derived(&get), [("c-uri-extension", "exe".to_owned())]);
    }

    #[test]
    fn the_first_field_that_says_something_counts_and_may_be_inside_an_object() {
        let telemetry = Telemetry {
            inside: vec!["data".to_owned()],
            meanings: [(Meaning::User, vec!["a".to_owned(), "b".to_owned()])].into(),
            ..Telemetry::default()
        };
        let get = |name: &str| match name {
            "a" => Some(Cow::Borrowed("-")),
            "data.b" => Some(Cow::Borrowed("jane")),
            _ => None,
        };
        assert_eq!(telemetry.told(Meaning::User, &get).as_deref(), Some("jane"));
        assert_eq!(telemetry.told(Meaning::Host, &get), None);
    }
}
