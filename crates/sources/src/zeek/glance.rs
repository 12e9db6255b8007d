//! A glance at a row: enough to know that it cannot matter, and what is counted of it then.
//!
//! Most rows of a sensor name nothing that anybody looks for. Splitting such a row into all its
//! cells and decoding them costs many times what it takes to see that. A glance reads the few cells
//! that decide; where anything about them is out of the ordinary, the row is read whole.

use std::borrow::Cow;

use coldtrail_model::Links;
use memchr::{memchr, memchr_iter};

use super::Log;
use crate::collector::{Collector, Sighting};
use crate::filling::address;
use crate::selection::{Filter, Needles};
use crate::time;

/// More cells than this are not glanced at; Zeek's own logs have a few dozen.
const MOST_CELLS: usize = 64;

/// Where the cells are that decide about rows of one log, under one header.
#[derive(Clone, Debug)]
pub(super) struct Glance {
    log: Log,
    fields: usize,
    /// How many cells from the left hold all that is looked at.
    prefix: usize,
    timestamp: usize,
    source: Option<usize>,
    destination: Option<usize>,
    /// The cell that says what was contacted.
    name: Option<usize>,
    /// The cells that may hold names of platforms: those before which [`Glance::name`] is one, too.
    names: Vec<usize>,
    answers: Option<usize>,
    locality: Option<(usize, usize)>,
}

/// What a glance makes of a row.
pub(super) enum Seen {
    /// It cannot matter, and was counted.
    Passed,
    /// It has to be read whole.
    Whole,
}

impl Glance {
    /// How to glance at rows of a log whose header has those fields; `None` if the header leaves out
    /// what is needed, so that every row is read whole.
    pub(super) fn of(log: Log, fields: &[String]) -> Option<Self> {
        let place = |name: &str| fields.iter().position(|field| field == name);
        let (name, names) = match log {
            Log::Conn => (None, vec![]),
            Log::Dns => (place("query"), vec![place("query"), place("answers")]),
            Log::Http => (place("host"), vec![place("host"), place("uri")]),
            Log::Ssl => (place("server_name"), vec![place("server_name")]),
            Log::X509 => (None, vec![]),
        };
        let names: Vec<usize> = names.into_iter().flatten().collect();
        let answers = if log == Log::Dns { place("answers") } else { None };
        let locality = match log {
            Log::Conn => place("local_orig").zip(place("local_resp")),
            _ => None,
        };
        let timestamp = place("ts")?;
        let (source, destination) = (place("id.orig_h"), place("id.resp_h"));
        let looked_at = [Some(timestamp), source, destination, name]
            .into_iter()
            .flatten()
            .chain(names.iter().copied())
            .chain(locality.into_iter().flat_map(|(orig, resp)| [orig, resp]));
        let prefix = looked_at.max().map_or(0, |last| last + 1);
        let fields = fields.len();
        (prefix <= MOST_CELLS).then_some(Self {
            log,
            fields,
            prefix,
            timestamp,
            source,
            destination,
            name,
            names,
            answers,
            locality,
        })
    }

    /// Glances at a line. A row that cannot matter is counted, with the host that it shows.
    pub(super) fn at(&self, line: &[u8], filter: &Filter, collector: &mut Collector<'_>) -> Seen {
        self.pass(line, filter, collector).map_or(Seen::Whole, |()| Seen::Passed)
    }

    fn pass(&self, line: &[u8], filter: &Filter, collector: &mut Collector<'_>) -> Option<()> {
        let cells = Cells::of(line, self.prefix, self.fields)?;
        // Where another pass counts, that one sees what is wrong with the row.
        let counts = collector.counts();
        if counts && !cells.is_whole(self.fields) || self.matters(&cells, filter)? {
            return None;
        }
        if !counts {
            return Some(());
        }
        let source = self.source(&cells)?;
        let sighting = Sighting {
            table: self.log.table(),
            timestamp: self.timestamp(&cells)?,
            host_name: None,
            address: source.as_deref().filter(|_| !self.is_inbound(&cells)),
            names_target: self.names_target(&cells)?,
            names_process: false,
        };
        collector.sight(&sighting);
        Some(())
    }

    /// Whether a row can matter; `None` where only the whole row tells.
    fn matters(&self, cells: &Cells<'_>, filter: &Filter) -> Option<bool> {
        match filter {
            Filter::Everything => Some(true),
            Filter::Naming(needles) => Some(self.is_named(cells, needles)),
            Filter::Touching(links) => self.touches(cells, links),
        }
    }

    fn is_named(&self, cells: &Cells<'_>, needles: &Needles) -> bool {
        // An escape may hide a needle.
        let is_hit = |cell: &[u8]| memchr(b'\\', cell).is_some() || needles.touch(cell);
        self.names.iter().any(|place| is_hit(cells.bytes(*place)))
    }

    fn touches(&self, cells: &Cells<'_>, links: &Links) -> Option<bool> {
        let destination = match self.destination.and_then(|place| cells.set(place)) {
            // An address of the fourth version has one spelling.
            Some(written) if written.contains(':') => Some(address(written)?),
            written => written.map(Cow::Borrowed),
        };
        let answers = self.answers.and_then(|place| cells.set(place));
        let mut reached = destination
            .as_deref()
            .into_iter()
            .chain(answers.into_iter().flat_map(|it| it.split(',')));
        // Few addresses are those of a link, so who and when is looked at for those alone.
        if !reached.clone().any(|reached| links.know(reached)) {
            return Some(false);
        }
        let (source, at) = (self.source(cells)?, self.timestamp(cells)?);
        Some(reached.any(|reached| links.touch(source.as_deref(), reached, at)))
    }

    fn timestamp(&self, cells: &Cells<'_>) -> Option<i64> {
        time::epoch_seconds(cells.text(self.timestamp)?)
    }

    /// The address that acted, if the row has one; `None` where only the whole row tells.
    fn source<'l>(&self, cells: &Cells<'l>) -> Option<Option<Cow<'l, str>>> {
        match self.source.and_then(|place| cells.set(place)) {
            Some(written) => Some(Some(address(written)?)),
            None => Some(None),
        }
    }

    fn is_inbound(&self, cells: &Cells<'_>) -> bool {
        let is =
            |place, words: [&str; 2]| cells.set(place).is_some_and(|cell| words.contains(&cell));
        self.locality
            .is_some_and(|(orig, resp)| is(orig, ["F", "false"]) && is(resp, ["T", "true"]))
    }

    /// Whether the row names what was contacted; `None` where only the whole row tells.
    fn names_target(&self, cells: &Cells<'_>) -> Option<bool> {
        let name = self.name.and_then(|place| cells.set(place));
        // The rest of the reader makes nothing of some names, such as that of the root.
        if name.is_some_and(|name| !name.starts_with(|first: char| first.is_ascii_alphanumeric())) {
            return None;
        }
        let is_named = name.is_some();
        if self.log == Log::Http && !is_named {
            // The target of the request may name the host.
            let is_path =
                |place: &usize| cells.set(*place).is_none_or(|cell| cell.starts_with('/'));
            return self.names.iter().all(is_path).then_some(false);
        }
        Some(is_named)
    }
}

/// The first cells of a line.
struct Cells<'l> {
    line: &'l [u8],
    ends: [u32; MOST_CELLS],
    count: usize,
}

impl<'l> Cells<'l> {
    /// The first cells of a line that has at least that many of its fields, and nothing but ASCII.
    fn of(line: &'l [u8], prefix: usize, fields: usize) -> Option<Self> {
        if !line.is_ascii() {
            return None;
        }
        let mut ends = [0; MOST_CELLS];
        let mut tabs = memchr_iter(b'\t', line);
        for (place, end) in ends.get_mut(..prefix)?.iter_mut().enumerate() {
            *end = match tabs.next() {
                Some(tab) => u32::try_from(tab).ok()?,
                // The last cell has no separator behind it.
                None if place + 1 == fields => u32::try_from(line.len()).ok()?,
                None => return None,
            };
        }
        Some(Self { line, ends, count: prefix })
    }

    /// Whether the line has as many cells as there are fields.
    fn is_whole(&self, fields: usize) -> bool {
        let end = self.count.checked_sub(1).and_then(|last| self.ends.get(last));
        let behind = end.and_then(|end| self.line.get(*end as usize..)).unwrap_or_default();
        self.count + memchr_iter(b'\t', behind).count() == fields
    }

    fn text(&self, place: usize) -> Option<&'l str> {
        str::from_utf8(self.bytes(place)).ok()
    }

    fn bytes(&self, place: usize) -> &'l [u8] {
        let cell = || {
            let end = *self.ends.get(place)? as usize;
            let begin = match place.checked_sub(1) {
                Some(before) => *self.ends.get(before)? as usize + 1,
                None => 0,
            };
            self.line.get(begin..end)
        };
        cell().unwrap_or_default()
    }

    /// The cell, if it is neither unset nor empty.
    fn set(&self, place: usize) -> Option<&'l str> {
        self.text(place).filter(|cell| !matches!(*cell, "-" | "(empty)" | ""))
    }
}
