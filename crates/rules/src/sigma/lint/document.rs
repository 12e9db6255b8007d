//! A document as checks see it: values with their places, detections and conditions.

use std::sync::Arc;

use rsigma_parser::ConditionExpr;
use yaml_serde::Value;

use super::place::{Outline, Parts, Span};
use crate::sigma::document::Fault;
use crate::sigma::repair::condition::of_rules;
use crate::sigma::{LogSource, RuleKind, Telemetry};

/// A rule, a correlation or a filter.
pub(super) struct Document<'d> {
    /// All of it.
    pub(super) root: Node<'d>,
    /// What sort of document it is.
    pub(super) kind: RuleKind,
    /// Whether all of it is here: `action` makes one document of several.
    pub(super) is_whole: bool,
    /// The log source that it names.
    pub(super) log_source: LogSource,
    /// What it looks for, by name.
    pub(super) detections: Vec<Detection<'d>>,
    /// How that is put together; each of them is enough.
    pub(super) conditions: Vec<Condition<'d>>,
    /// All telemetries that can feed it.
    pub(super) feeding: Vec<Arc<Telemetry>>,
    /// Those of the logs at hand, where there are any to compare with.
    pub(super) present: Option<&'d [&'d Telemetry]>,
}

/// A value and its place.
#[derive(Clone)]
pub(super) struct Node<'d> {
    pub(super) value: &'d Value,
    pub(super) span: Span,
    text: &'d str,
    outline: Option<&'d Outline>,
}

/// A key, its place and its value.
pub(super) struct Entry<'d> {
    pub(super) key: &'d str,
    pub(super) key_span: Span,
    pub(super) node: Node<'d>,
}

/// What a condition can name.
pub(super) struct Detection<'d> {
    pub(super) name: &'d str,
    pub(super) name_span: Span,
    pub(super) node: Node<'d>,
    pub(super) items: Vec<Item<'d>>,
}

/// A field and what it is compared with.
pub(super) struct Item<'d> {
    /// All that stands before the colon; empty for words that may be anywhere.
    pub(super) key: &'d str,
    pub(super) key_span: Span,
    pub(super) field: &'d str,
    pub(super) modifiers: Vec<&'d str>,
    pub(super) values: Vec<Node<'d>>,
    /// Whether the values are written as a list.
    pub(super) is_list: bool,
}

/// A condition, and what is made of it when the rule is loaded.
pub(super) struct Condition<'d> {
    pub(super) node: Node<'d>,
    pub(super) text: &'d str,
    pub(super) parsed: Result<ConditionExpr, Fault>,
}

impl<'d> Node<'d> {
    pub(super) fn root(text: &'d str, value: &'d Value, outline: &'d Outline) -> Self {
        Self { value, span: outline.span.clone(), text, outline: Some(outline) }
    }

    /// A part of it; of one that was not found, the place is that of the whole.
    fn part(&self, value: &'d Value, outline: Option<&'d Outline>) -> Node<'d> {
        let span = outline.map_or_else(|| self.span.clone(), |outline| outline.span.clone());
        Node { value, span, text: self.text, outline }
    }

    /// The keys and values of a mapping, in order. A key that is no text is left out.
    pub(super) fn entries(&self) -> Vec<Entry<'d>> {
        let places = match self.outline.map(|outline| &outline.parts) {
            Some(Parts::Entries(entries)) => entries.as_slice(),
            _ => &[],
        };
        let entries = self.value.as_mapping().into_iter().flatten().enumerate();
        let entry = |(index, (key, value)): (usize, (&'d Value, &'d Value))| {
            let place = places.get(index);
            let key_span = place.map_or_else(|| self.span.clone(), |(key, _)| key.clone());
            let mut node = self.part(value, place.map(|(_, outline)| outline));
            if node.span.is_empty() {
                node.span = key_span.clone();
            }
            Some(Entry { key: key.as_str()?, key_span, node })
        };
        entries.filter_map(entry).collect()
    }

    pub(super) fn entry(&self, key: &str) -> Option<Entry<'d>> {
        self.entries().into_iter().find(|entry| entry.key == key)
    }

    pub(super) fn get(&self, key: &str) -> Option<Node<'d>> {
        self.entry(key).map(|entry| entry.node)
    }

    /// The members of a list; of anything else, itself.
    pub(super) fn members(&self) -> Vec<Node<'d>> {
        let Some(list) = self.value.as_sequence() else { return vec![self.clone()] };
        (0..list.len()).filter_map(|index| self.member(index)).collect()
    }

    fn member(&self, index: usize) -> Option<Node<'d>> {
        let outline = match self.outline.map(|outline| &outline.parts) {
            Some(Parts::Members(members)) => members.get(index),
            _ => None,
        };
        Some(self.part(self.value.as_sequence()?.get(index)?, outline))
    }

    pub(super) fn as_str(&self) -> Option<&'d str> {
        self.value.as_str()
    }

    /// A text, number or truth value as it is written; empty for anything else.
    pub(super) fn written(&self) -> String {
        match self.value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            Value::Bool(truth) => truth.to_string(),
            _ => String::new(),
        }
    }

    /// The bytes of the file that it is written with.
    pub(super) fn source(&self) -> &'d str {
        self.text.get(self.span.clone()).unwrap_or_default()
    }

    /// Where a part of a text stands, given its place in the text; all of it where escapes or folded lines
    /// make that unlike what is written.
    pub(super) fn within(&self, part: Span) -> Span {
        let offset = self.as_str().and_then(|text| self.source().find(text));
        match offset {
            Some(offset) => {
                let start = self.span.start + offset;
                start + part.start..start + part.end
            }
            None => self.span.clone(),
        }
    }

    /// The place of a value by its path, such as `/detection/selection/0`, or of the nearest thing around
    /// it. A key that stands for itself, without a value, is where its value would be.
    pub(super) fn at_path(&self, path: &str) -> Span {
        let mut node = self.clone();
        for step in path.split('/').filter(|step| !step.is_empty()) {
            let next = match node.value {
                Value::Sequence(_) => step.parse().ok().and_then(|index| node.member(index)),
                _ => node.get(step),
            };
            match next {
                Some(next) => node = next,
                None => break,
            }
        }
        node.span
    }
}

impl<'d> Document<'d> {
    pub(super) fn new(
        root: Node<'d>,
        is_whole: bool,
        present: Option<&'d [&'d Telemetry]>,
    ) -> Self {
        let kind = if root.get("correlation").is_some() {
            RuleKind::Correlation
        } else if root.get("filter").is_some() {
            RuleKind::Filter
        } else {
            RuleKind::Detection
        };
        let word = |name: &str| {
            let word = root.get("logsource").and_then(|node| node.get(name));
            word.and_then(|word| word.as_str()).unwrap_or_default().to_owned()
        };
        let log_source = LogSource {
            category: word("category"),
            product: word("product"),
            service: word("service"),
        };
        let body = match kind {
            RuleKind::Detection => root.get("detection"),
            RuleKind::Filter => root.get("filter"),
            RuleKind::Correlation => None,
        };
        let (mut detections, mut condition) = (Vec::new(), None);
        for entry in body.iter().flat_map(Node::entries) {
            match entry.key {
                "condition" => condition = Some(entry.node),
                "timeframe" => {}
                "rules" if kind == RuleKind::Filter => {}
                name => {
                    let mut items = Vec::new();
                    collect(&entry.node, &entry.key_span, &mut items);
                    let (name_span, node) = (entry.key_span, entry.node);
                    detections.push(Detection { name, name_span, node, items });
                }
            }
        }
        let names: Vec<String> =
            detections.iter().map(|detection: &Detection<'_>| detection.name.to_owned()).collect();
        let texts = condition.iter().flat_map(Node::members);
        let conditions = texts.filter_map(|text| Condition::new(text, &names)).collect();
        Self {
            root,
            kind,
            is_whole,
            log_source,
            detections,
            conditions,
            feeding: Vec::new(),
            present,
        }
    }

    /// Every field that is compared with something, in every detection.
    pub(super) fn items(&self) -> impl Iterator<Item = &Item<'d>> {
        self.detections.iter().flat_map(|detection| &detection.items)
    }

    /// The place to which something belongs that is missing: the title, or else the beginning.
    pub(super) fn head(&self) -> Span {
        match self.root.entry("title").or_else(|| self.root.entries().into_iter().next()) {
            Some(entry) => entry.key_span.start..entry.node.span.end,
            None => self.root.span.clone(),
        }
    }

    /// The log source in words, as part of `every event of …`.
    pub(super) fn events(&self) -> String {
        if self.log_source == LogSource::default() {
            "any log".to_owned()
        } else {
            self.log_source.to_string()
        }
    }
}

/// Collects the items of a detection: a mapping of them, a list of mappings, or words.
fn collect<'d>(node: &Node<'d>, key_span: &Span, items: &mut Vec<Item<'d>>) {
    match node.value {
        Value::Mapping(_) => items.extend(node.entries().into_iter().map(Item::new)),
        Value::Sequence(list)
            if list.iter().any(|member| member.is_mapping() || member.is_sequence()) =>
        {
            for member in node.members() {
                collect(&member, &member.span.clone(), items);
            }
        }
        _ => items.push(Item {
            key: "",
            key_span: key_span.clone(),
            field: "",
            modifiers: Vec::new(),
            values: node.members(),
            is_list: node.value.is_sequence(),
        }),
    }
}

impl<'d> Item<'d> {
    fn new(entry: Entry<'d>) -> Self {
        let mut parts = entry.key.split('|');
        Item {
            key: entry.key,
            key_span: entry.key_span,
            field: parts.next().unwrap_or_default(),
            modifiers: parts.collect(),
            is_list: entry.node.value.is_sequence(),
            values: entry.node.members(),
        }
    }

    pub(super) fn has(&self, modifier: &str) -> bool {
        self.modifiers.contains(&modifier)
    }

    /// Whether it has any of some modifiers.
    pub(super) fn has_any(&self, modifiers: &[&str]) -> bool {
        modifiers.iter().any(|modifier| self.has(modifier))
    }

    /// The place of a modifier in the key.
    pub(super) fn modifier_span(&self, index: usize) -> Span {
        let before: usize = self.field.len()
            + self.modifiers.iter().take(index).map(|m| m.len() + 1).sum::<usize>()
            + 1;
        let length = self.modifiers.get(index).map_or(0, |modifier| modifier.len());
        let quoted = self.key_span.len().saturating_sub(self.key.len()) / 2;
        let start = self.key_span.start + quoted + before;
        if start + length <= self.key_span.end {
            start..start + length
        } else {
            self.key_span.clone()
        }
    }
}

impl<'d> Condition<'d> {
    fn new(node: Node<'d>, names: &[String]) -> Option<Self> {
        let text = node.as_str()?;
        Some(Self { node, text, parsed: of_rules(text, names) })
    }

    /// The words of it, with their places in its text.
    pub(super) fn words(&self) -> Vec<(&'d str, Span)> {
        let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '*');
        let mut words = Vec::new();
        let mut start = None;
        for (at, c) in self.text.char_indices().chain([(self.text.len(), ' ')]) {
            match (is_part(c), start) {
                (true, None) => start = Some(at),
                (false, Some(begin)) => {
                    words.push((self.text.get(begin..at).unwrap_or_default(), begin..at));
                    start = None;
                }
                _ => {}
            }
        }
        words
    }
}
