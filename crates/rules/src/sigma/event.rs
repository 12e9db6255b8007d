//! A record as rules see it.

use std::borrow::Cow;
use std::collections::HashMap;

use rsigma_eval::EventValue;
use serde_json::Map;

use super::Telemetry;

/// A record with the names and values of its own, whatever log it is from.
///
/// Pairs are the flat part, an object the nested one: fields of an object are paths of keys with dots
/// between them, and a list on the way stands for each of its members. Of a name that occurs more than once,
/// each value counts. A field that the telemetry calls by another name than rules do is found by both.
#[derive(Clone, Debug, Default)]
pub struct Event<'e> {
    /// Names and values, in the order of the record.
    pub pairs: Vec<(Cow<'e, str>, Cow<'e, str>)>,
    /// The record, where it is a JSON object.
    pub object: Option<&'e Map<String, serde_json::Value>>,
    /// What the record is, which says what rules call its fields.
    pub telemetry: Option<&'e Telemetry>,
}

/// What a field holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'e> {
    /// A text; numbers in logs mostly are texts.
    Text(Cow<'e, str>),
    /// A number of a JSON record.
    Number(f64),
    /// A truth value of a JSON record.
    Truth(bool),
    /// The field is there, and holds nothing.
    Null,
    /// Several values, any of which may match.
    List(Vec<Value<'e>>),
}

impl<'e> Event<'e> {
    /// What a field holds, called as rules or as the record call it; `None` where the record lacks it.
    ///
    /// The record's own name goes first. A field that holds an object is given as `{…}`, since rules can only ask
    /// whether it is there.
    pub fn value(&self, name: &str) -> Option<Value<'_>> {
        Record::new(self).field(name).map(shown)
    }
}

/// An event as the library asks for it.
pub(super) struct Record<'r, 'e> {
    event: &'r Event<'e>,
    /// The places of the pairs of each name, where there are too many to look at each.
    places: Option<HashMap<&'r str, Vec<usize>>>,
}

/// So many pairs are looked through one by one, which is faster than a table for them.
const FEW_PAIRS: usize = 64;

/// An object is looked into so deep, and a list in a list too.
const DEPTH: usize = 64;

impl<'r, 'e> Record<'r, 'e> {
    pub(super) fn new(event: &'r Event<'e>) -> Self {
        let places = (event.pairs.len() > FEW_PAIRS).then(|| {
            let mut places: HashMap<&str, Vec<usize>> = HashMap::with_capacity(event.pairs.len());
            for (place, (name, _)) in event.pairs.iter().enumerate() {
                places.entry(name.as_ref()).or_default().push(place);
            }
            places
        });
        Self { event, places }
    }

    /// What a field holds, under any of its names.
    pub(super) fn field(&self, name: &str) -> Option<EventValue<'r>> {
        let own = self.own(name);
        if own.is_some() {
            return own;
        }
        let aliases = &self.event.telemetry?.aliases;
        let (_, names) = aliases.iter().find(|(called, _)| called == name)?;
        one_or_list(names.iter().filter_map(|name| self.own(name)))
    }

    /// What a field holds that the record calls so itself.
    fn own(&self, name: &str) -> Option<EventValue<'r>> {
        let text = |place: &usize| -> Option<EventValue<'r>> {
            let pair = self.event.pairs.get(*place)?;
            Some(EventValue::Str(Cow::Borrowed(pair.1.as_ref())))
        };
        let pairs = match &self.places {
            Some(places) => one_or_list(places.get(name).into_iter().flatten().filter_map(text)),
            None => {
                let pairs = self.event.pairs.iter().filter(|pair| pair.0 == name);
                one_or_list(pairs.map(|pair| EventValue::Str(Cow::Borrowed(pair.1.as_ref()))))
            }
        };
        pairs.or_else(|| nested(self.event.object?, name, DEPTH))
    }

    /// Calls for each text of the event, numbers of a JSON record among them, until one is enough.
    fn visit_texts(&self, visit: &mut dyn FnMut(&str) -> bool) -> bool {
        if self.event.pairs.iter().any(|pair| visit(pair.1.as_ref())) {
            return true;
        }
        let mut left: Vec<&serde_json::Value> = match self.event.object {
            Some(object) => object.values().collect(),
            None => return false,
        };
        while let Some(value) = left.pop() {
            let enough = match value {
                serde_json::Value::String(text) => visit(text),
                serde_json::Value::Number(number) => visit(&number.to_string()),
                serde_json::Value::Array(members) => {
                    left.extend(members);
                    false
                }
                serde_json::Value::Object(object) => {
                    left.extend(object.values());
                    false
                }
                serde_json::Value::Null | serde_json::Value::Bool(_) => false,
            };
            if enough {
                return true;
            }
        }
        false
    }
}

/// One value as it is, several as a list, in which any of them may match.
fn one_or_list<'v>(mut values: impl Iterator<Item = EventValue<'v>>) -> Option<EventValue<'v>> {
    let first = values.next()?;
    let Some(second) = values.next() else { return Some(first) };
    let mut list = vec![first, second];
    list.extend(values);
    Some(EventValue::Array(list))
}

/// What a path leads to: a key that is the whole path goes first, then the part before the first dot.
fn nested<'v>(
    object: &'v Map<String, serde_json::Value>,
    path: &str,
    depth: usize,
) -> Option<EventValue<'v>> {
    if let Some(value) = object.get(path) {
        return Some(leaf(value, depth));
    }
    let (first, rest) = path.split_once('.')?;
    below(object.get(first)?, rest, depth.checked_sub(1)?)
}

/// What a path leads to from a value on the way.
fn below<'v>(value: &'v serde_json::Value, path: &str, depth: usize) -> Option<EventValue<'v>> {
    match value {
        serde_json::Value::Object(object) => nested(object, path, depth),
        serde_json::Value::Array(members) => {
            let depth = depth.checked_sub(1)?;
            one_or_list(members.iter().filter_map(|member| below(member, path, depth)))
        }
        _ => None,
    }
}

/// A JSON value as the library has it. Of an object only that it is there matters.
fn leaf(value: &serde_json::Value, depth: usize) -> EventValue<'_> {
    match value {
        serde_json::Value::Null => EventValue::Null,
        serde_json::Value::Bool(truth) => EventValue::Bool(*truth),
        serde_json::Value::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(number), _) => EventValue::Int(number),
            // A number that is exact as a text must not be rounded.
            (None, Some(number)) => EventValue::Str(Cow::Owned(number.to_string())),
            (None, None) => EventValue::Float(number.as_f64().unwrap_or(f64::NAN)),
        },
        serde_json::Value::String(text) => EventValue::Str(Cow::Borrowed(text)),
        serde_json::Value::Array(_) if depth == 0 => EventValue::Map(Vec::new()),
        serde_json::Value::Array(members) => {
            EventValue::Array(members.iter().map(|member| leaf(member, depth - 1)).collect())
        }
        serde_json::Value::Object(_) => EventValue::Map(Vec::new()),
    }
}

/// A value as others are given it.
fn shown(value: EventValue<'_>) -> Value<'_> {
    match value {
        EventValue::Str(text) => Value::Text(text),
        #[expect(clippy::cast_precision_loss, reason = "it is for showing")]
        EventValue::Int(number) => Value::Number(number as f64),
        EventValue::Float(number) => Value::Number(number),
        EventValue::Bool(truth) => Value::Truth(truth),
        EventValue::Null => Value::Null,
        EventValue::Array(members) => Value::List(members.into_iter().map(shown).collect()),
        EventValue::Map(_) => Value::Text(Cow::Borrowed("{…}")),
    }
}

impl rsigma_eval::Event for Record<'_, '_> {
    fn get_field(&self, path: &str) -> Option<EventValue<'_>> {
        // Rules are compiled with brackets escaped, since the library gives them a meaning of its own.
        self.field(&rsigma_parser::fieldpath::unescape_brackets(path))
    }

    fn any_string_value(&self, holds: &dyn Fn(&str) -> bool) -> bool {
        self.visit_texts(&mut |text| holds(text))
    }

    fn all_string_values(&self) -> Vec<Cow<'_, str>> {
        let mut all = Vec::new();
        self.visit_texts(&mut |text| {
            all.push(Cow::Owned(text.to_owned()));
            false
        });
        all
    }

    fn visit_string_values(&self, visit: &mut dyn FnMut(&str)) {
        self.visit_texts(&mut |text| {
            visit(text);
            false
        });
    }

    fn to_json(&self) -> serde_json::Value {
        let mut json = self.event.object.cloned().unwrap_or_default();
        for (name, value) in &self.event.pairs {
            let value = serde_json::Value::String(value.to_string());
            match json.get_mut(name.as_ref()) {
                None => {
                    json.insert(name.to_string(), value);
                }
                Some(serde_json::Value::Array(members)) => members.push(value),
                Some(first) => {
                    let first_value = first.take();
                    *first = serde_json::Value::Array(vec![first_value, value]);
                }
            }
        }
        serde_json::Value::Object(json)
    }

    fn visit_top_level_keys(&self, visit: &mut dyn FnMut(&str)) -> bool {
        match &self.places {
            Some(places) => places.keys().for_each(|name| visit(name)),
            None => self.event.pairs.iter().for_each(|pair| visit(pair.0.as_ref())),
        }
        if let Some(object) = self.event.object {
            object.keys().for_each(|name| visit(name));
        }
        // A rule whose field is found by an alias alone would not be a candidate otherwise.
        if let Some(telemetry) = self.event.telemetry {
            telemetry.aliases.iter().for_each(|(name, _)| visit(name));
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn text(value: &str) -> Option<Value<'_>> {
        Some(Value::Text(value.into()))
    }

    fn with_pairs(count: usize) -> Event<'static> {
        let pair = |number: usize| (format!("f{number}").into(), number.to_string().into());
        Event { pairs: (0..count).map(pair).collect(), ..Event::default() }
    }

    #[test]
    fn pairs_are_found_by_name_whether_few_or_many() {
        for count in [3, 5_000] {
            let mut event = with_pairs(count);
            event.pairs.push(("f1".into(), "again".into()));
            assert_eq!(event.value("f0"), text("0"));
            let both = vec![Value::Text("1".into()), Value::Text("again".into())];
            assert_eq!(event.value("f1"), Some(Value::List(both)));
            assert_eq!(event.value("missing"), None);
        }
    }

    #[test]
    fn a_path_leads_into_an_object_and_through_lists() {
        let record = json!({
            "a": {"b": "in", "c.d": 4, "n": null, "big": 18_446_744_073_709_551_615_u64},
            "a.b": "flat",
            "l": [{"x": "1"}, {"x": "2"}, {"y": true}],
            "t": ["one", "two"],
        });
        let event = Event { object: record.as_object(), ..Event::default() };
        assert_eq!(event.value("a.b"), text("flat"));
        assert_eq!(event.value("a.c.d"), Some(Value::Number(4.0)));
        assert_eq!(event.value("a.n"), Some(Value::Null));
        assert_eq!(event.value("a.big"), text("18446744073709551615"));
        let list = |members: [&'static str; 2]| {
            Some(Value::List(members.map(|member| Value::Text(member.into())).into()))
        };
        assert_eq!(event.value("l.x"), list(["1", "2"]));
        assert_eq!(event.value("l.y"), Some(Value::Truth(true)));
        assert_eq!(event.value("t"), list(["one", "two"]));
        assert_eq!(event.value("a.b.c"), None);
        assert_eq!(event.value("l.z"), None);
        assert_eq!(event.value("a"), text("{…}"));
    }

    #[test]
    fn an_alias_is_found_where_the_name_itself_is_not() {
        let telemetry = Telemetry {
            aliases: vec![("Image".into(), vec!["NewProcessName".into(), "exe".into()])],
            ..Telemetry::default()
        };
        let mut event = Event { telemetry: Some(&telemetry), ..Event::default() };
        assert_eq!(event.value("Image"), None);
        event.pairs.push(("NewProcessName".into(), "a.exe".into()));
        assert_eq!(event.value("Image"), text("a.exe"));
        assert_eq!(event.value("NewProcessName"), text("a.exe"));
        event.pairs.push(("Image".into(), "own.exe".into()));
        assert_eq!(event.value("Image"), text("own.exe"));
    }

    #[test]
    fn a_deep_object_is_no_danger() {
        let mut deep = json!("leaf");
        for _ in 0..2_000 {
            deep = json!([deep]);
        }
        let record = json!({ "a": deep });
        let event = Event { object: record.as_object(), ..Event::default() };
        assert!(event.value("a").is_some());
        assert_eq!(event.value("a.b"), None);
        let found =
            rsigma_eval::Event::any_string_value(&Record::new(&event), &|text| text == "leaf");
        assert!(found);
    }
}
