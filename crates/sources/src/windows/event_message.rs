//! Values of events of the Security log, read off their messages: some collectors keep nothing else.
//!
//! A message is `label: value` lines below headings. Labels and headings are in the language of the host;
//! the order of the lines is the same in all, so that values are told by their place.

use super::{Created, Data, Event};

/// The values of a message, in order: places that are of no use here have no name.
struct Layout {
    event_ids: &'static [u32],
    /// How many lines tell this layout from others.
    lines: std::ops::RangeInclusive<usize>,
    names: &'static [&'static str],
}

/// The messages of event 4688 before and since Windows 10, and of events 5156 and 5157.
const LAYOUTS: [Layout; 3] = [
    Layout {
        event_ids: &[4688],
        lines: 8..=9,
        names: &[
            "",
            "SubjectUserName",
            "SubjectDomainName",
            "",
            "NewProcessId",
            "NewProcessName",
            "",
            "ProcessId",
            "CommandLine",
        ],
    },
    Layout {
        event_ids: &[4688],
        lines: 14..=15,
        names: &[
            "",
            "SubjectUserName",
            "SubjectDomainName",
            "",
            "",
            "TargetUserName",
            "TargetDomainName",
            "",
            "NewProcessId",
            "NewProcessName",
            "",
            "",
            "ProcessId",
            "ParentProcessName",
            "CommandLine",
        ],
    },
    Layout {
        event_ids: &[5156, 5157],
        lines: 8..=16,
        names: &[
            "ProcessID",
            "Application",
            "Direction",
            "SourceAddress",
            "SourcePort",
            "DestAddress",
            "DestPort",
            "Protocol",
        ],
    },
];

/// The event with the values that its message has, if it has none of its own.
pub(super) fn read<'e>(event: &'e Event<'_>) -> Option<Event<'e>> {
    let has_values = ["NewProcessName", "DestAddress", "Application", "NewProcessId"]
        .iter()
        .any(|name| !event.data.get(name).is_empty());
    if has_values || event.message.is_empty() {
        return None;
    }
    let values: Vec<&str> = event.message.lines().filter_map(value).collect();
    let layout = LAYOUTS.iter().find(|layout| {
        layout.event_ids.contains(&event.event_id) && layout.lines.contains(&values.len())
    })?;
    let named = layout.names.iter().zip(values).filter(|(name, _)| !name.is_empty());
    let pairs = named.map(|(name, value)| ((*name).to_owned(), value.to_owned())).collect();
    Some(Event {
        provider: event.provider.as_ref().into(),
        channel: event.channel.as_ref().into(),
        event_id: event.event_id,
        computer: event.computer.as_ref().into(),
        created: match &event.created {
            Created::Unknown => Created::Unknown,
            Created::Utc(text) => Created::Utc(text.as_ref().into()),
            Created::Local(text) => Created::Local(text.as_ref().into()),
        },
        process_id: event.process_id.as_ref().into(),
        user: event.user.as_ref().into(),
        data: Data::Pairs(pairs),
        message: "".into(),
        ..Event::default()
    })
}

/// The value of a line, which is indented; a heading is not.
fn value(line: &str) -> Option<&str> {
    if !line.starts_with(['\t', ' ']) {
        return None;
    }
    line.split_once(':').map(|(_, value)| value.trim_ascii())
}
