//! An event of Windows as names and values, whatever framing it came in.
//!
//! The names are those of the XML form without its nesting: an element of `System` by its name, an
//! attribute as `<element>_<attribute>`, and what the provider says, below `EventData` or `UserData`, by
//! the name of the value alone. Rules are written against these names, in which spaces do not count
//! (`Source Name` is `SourceName`). An element of `System` that has attributes and no text is its
//! attributes.

use std::borrow::Cow;

use crate::whole::{Pairs, WindowsEvent};

/// Most events have fewer names and values.
const USUAL_PAIRS: usize = 64;

/// What was said by an event.
#[derive(Debug)]
pub(super) struct Flattened<'x> {
    /// What tells it from others.
    pub(super) event: WindowsEvent<'x>,
    /// All that it says.
    pub(super) pairs: Pairs<'x>,
    /// Whether it says what happened; what does not is no event.
    pub(super) has_event_id: bool,
    /// When it was written.
    pub(super) created: Option<Cow<'x, str>>,
}

/// Takes an event apart, element by element.
pub(super) struct Flattening<'x> {
    flattened: Flattened<'x>,
    section: Section,
    /// How many elements are open.
    depth: usize,
    /// The innermost element as long as it holds no other one.
    leaf: Option<Leaf<'x>>,
}

/// An element without elements in it, as far as is known.
struct Leaf<'x> {
    /// What its text is called.
    name: Cow<'x, str>,
    /// What its attributes begin with.
    element: Cow<'x, str>,
    text: Cow<'x, str>,
    has_attributes: bool,
}

/// A child of `<Event>`.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Section {
    /// What all events have.
    System,
    /// `<Data Name="…">` of the provider.
    EventData,
    /// Elements of the provider's own.
    UserData,
    /// Words for people, in the language of the host.
    RenderingInfo,
    /// Whatever else.
    #[default]
    Other,
}

impl<'x> Flattening<'x> {
    /// Nothing taken yet.
    pub(super) fn new() -> Self {
        Self {
            flattened: Flattened {
                event: WindowsEvent::default(),
                pairs: Pairs::with_capacity(USUAL_PAIRS),
                has_event_id: false,
                created: None,
            },
            section: Section::Other,
            depth: 0,
            leaf: None,
        }
    }

    /// Takes an opening tag, by its name without prefix.
    pub(super) fn open(&mut self, name: Cow<'x, str>) {
        self.depth += 1;
        match self.depth {
            1 => {}
            2 => self.enter(name),
            _ if self.section == Section::RenderingInfo => {
                self.leaf = (self.depth == 3 && name == "Message").then(|| Leaf::of(name));
            }
            _ if self.section != Section::Other => {
                // White space around elements is layout.
                if let Some(leaf) = self.leaf.take().filter(|leaf| !is_blank(&leaf.text)) {
                    self.take(leaf);
                }
                self.leaf = Some(Leaf::of(name));
            }
            _ => {}
        }
    }

    /// Enters a child of `<Event>`.
    fn enter(&mut self, name: Cow<'x, str>) {
        self.section = match name.as_ref() {
            "System" => Section::System,
            "EventData" => Section::EventData,
            "UserData" => Section::UserData,
            "RenderingInfo" => Section::RenderingInfo,
            _ => Section::Other,
        };
        if matches!(self.section, Section::EventData | Section::UserData) {
            self.leaf = Some(Leaf::of(name));
        }
    }

    /// Takes an attribute of the element that was opened last.
    pub(super) fn attribute(&mut self, name: &str, value: Cow<'x, str>) {
        let (section, depth) = (self.section, self.depth);
        let Some(leaf) = &mut self.leaf else { return };
        // Namespaces say nothing of the event.
        if section == Section::RenderingInfo || name == "xmlns" || name.starts_with("xmlns:") {
            return;
        }
        if section == Section::EventData && depth > 2 && name == "Name" {
            leaf.name = without_spaces(value);
            return;
        }
        leaf.has_attributes = true;
        let name = attribute_name(&leaf.element, name);
        if section == Section::System && depth == 3 {
            match name.as_ref() {
                "Provider_Name" => self.flattened.event.provider = value.clone(),
                "TimeCreated_SystemTime" => self.flattened.created = Some(value.clone()),
                _ => {}
            }
        }
        self.flattened.pairs.push(name, value);
    }

    /// Takes text of the element that was opened last.
    pub(super) fn text(&mut self, text: Cow<'x, str>) {
        if let Some(leaf) = &mut self.leaf {
            if leaf.text.is_empty() {
                leaf.text = text;
            } else {
                leaf.text.to_mut().push_str(&text);
            }
        }
    }

    /// Takes a closing tag; `true` when it is that of the event.
    pub(super) fn close(&mut self) -> bool {
        if let Some(leaf) = self.leaf.take()
            && (self.depth > 2 || !is_blank(&leaf.text))
        {
            self.take(leaf);
        }
        self.depth = self.depth.saturating_sub(1);
        if self.depth == 1 {
            self.section = Section::Other;
        }
        self.depth == 0
    }

    /// What was taken.
    pub(super) fn finish(self) -> Flattened<'x> {
        self.flattened
    }

    fn take(&mut self, leaf: Leaf<'x>) {
        let Leaf { name, text, has_attributes, .. } = leaf;
        if self.section != Section::System {
            self.flattened.pairs.push(name, text);
            return;
        }
        let text = trimmed(text);
        let event = &mut self.flattened.event;
        match name.as_ref() {
            _ if self.depth > 3 => {}
            "EventID" => {
                let number = text.parse();
                self.flattened.has_event_id = number.is_ok();
                event.event_id = number.unwrap_or_default();
            }
            "Channel" => event.channel = text.clone(),
            "Computer" => event.computer = text.clone(),
            _ => {}
        }
        if !text.is_empty() || !has_attributes {
            self.flattened.pairs.push(name, text);
        }
    }
}

impl<'x> Leaf<'x> {
    fn of(element: Cow<'x, str>) -> Self {
        let name = without_spaces(element.clone());
        Self { name, element, text: Cow::default(), has_attributes: false }
    }
}

/// The name of a pair that an attribute is. Those of the system are in every event.
pub(super) fn attribute_name(element: &str, attribute: &str) -> Cow<'static, str> {
    let known = match (element, attribute) {
        ("Provider", "Name") => "Provider_Name",
        ("Provider", "Guid") => "Provider_Guid",
        ("Provider", "EventSourceName") => "Provider_EventSourceName",
        ("EventID", "Qualifiers") => "EventID_Qualifiers",
        ("TimeCreated", "SystemTime") => "TimeCreated_SystemTime",
        ("Correlation", "ActivityID") => "Correlation_ActivityID",
        ("Correlation", "RelatedActivityID") => "Correlation_RelatedActivityID",
        ("Execution", "ProcessID") => "Execution_ProcessID",
        ("Execution", "ThreadID") => "Execution_ThreadID",
        // Sysmon for Linux spells it in its own way.
        ("Security", "UserID" | "UserId") => "Security_UserID",
        _ => return without_spaces(format!("{element}_{attribute}").into()),
    };
    Cow::Borrowed(known)
}

/// A name as rules write it.
pub(super) fn without_spaces(name: Cow<'_, str>) -> Cow<'_, str> {
    if name.contains(' ') { Cow::Owned(name.replace(' ', "")) } else { name }
}

fn is_blank(text: &str) -> bool {
    text.trim_ascii().is_empty()
}

fn trimmed(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim_ascii()),
        Cow::Owned(text) if text.trim_ascii().len() == text.len() => Cow::Owned(text),
        Cow::Owned(text) => Cow::Owned(text.trim_ascii().to_owned()),
    }
}
