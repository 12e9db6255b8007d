//! Streams of text lines, whatever products wrote them.
//!
//! A line may come behind a syslog header, and lines of many products may come in one stream, as a
//! collector writes them down. Each line is offered to every [`LineShape`], and to the JSON shapes if
//! its message is an object. What a header line says about those behind it, and in which order the
//! stream's dates have day and month, is kept for all blocks; a line is read without its neighbours,
//! so that none can harm another.

use std::borrow::Cow;
use std::io::Read;
use std::sync::Arc;

use coldtrail_diagnostics::Anomaly;
use serde_json::{Map, Value};

use crate::format::{Format, LineShape};
use crate::framing::Framed;
use crate::framing::blocks::Block;
use crate::framing::columns::Columns;
use crate::framing::lines::Line;
use crate::framing::syslog::Syslog;
use crate::json;
use crate::line_format::{BlockReader, Following, LineFormat, read_blocks};
use crate::records::OwnFields;
use crate::registry::LINE_SHAPES;
use crate::time::{self, DateOrder};
use crate::{Collector, Stopped};

/// Streams of text lines.
pub(crate) struct LogLines;

/// How many lines at the beginning tell the order of day and month.
const LINES_THAT_TELL: usize = 5000;

/// How much of a line is shown that no shape knows.
const SHOWN: usize = 120;

/// A line, and what its stream says about it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LogLine<'l> {
    /// All of it, without its end.
    pub(crate) text: &'l str,
    /// What stands behind the syslog header, or all of it if there is none.
    pub(crate) message: &'l str,
    /// The syslog header.
    pub(crate) syslog: Option<Syslog<'l>>,
    /// The columns that the last header of the shape named.
    pub(crate) columns: Option<&'l Columns>,
    /// The order of day and month in the stream's dates, if any date tells.
    pub(crate) date_order: Option<DateOrder>,
    /// The object whose text the line is, if a collector wrapped it.
    pub(crate) wrapper: Option<&'l Map<String, Value>>,
}

/// Under which names collectors keep when a line was written.
const TIMES: [&str; 6] = ["time", "@timestamp", "timestamp", "EventTime", "TimeGenerated", "_time"];

/// Under which names they keep the host that wrote it.
const HOSTS: [&str; 5] = ["host", "hostname", "Hostname", "HostName", "Computer"];

impl<'l> LogLine<'l> {
    /// A line of its own.
    pub(crate) fn of(text: &'l str) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let syslog = Syslog::of(text);
        let message = syslog.map_or(text, |syslog| syslog.message);
        Self { text, message, syslog, columns: None, date_order: None, wrapper: None }
    }

    /// The host that wrote the line, by its syslog header or by its wrapper; empty if neither names
    /// it. A firewall's or a proxy's is the `observer_name`, a workstation's own is the `host_name`.
    pub(crate) fn host(&self) -> &'l str {
        let host = self.syslog.map_or("", |syslog| syslog.host);
        if host.is_empty() {
            self.wrapped(&HOSTS).and_then(Value::as_str).unwrap_or("")
        } else {
            host
        }
    }

    /// The moment in the syslog header, or else in the wrapper. That there is none is told as an
    /// anomaly.
    pub(crate) fn moment(&self, collector: &mut Collector<'_>) -> Option<i64> {
        if let Some((text, written)) = self.syslog.and_then(|syslog| syslog.time) {
            return collector.moment(text, Some(written));
        }
        let Some(value) = self.wrapped(&TIMES) else {
            collector.anomaly(Anomaly::MissingTimestamp, &beginning(self.text));
            return None;
        };
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let written = time::iso(&text).or_else(|| time::numeric_date(&text, self.date_order));
        match written {
            None => time::epoch(&text).or_else(|| collector.moment(&text, None)),
            written => collector.moment(&text, written),
        }
    }

    /// The first of those values that the wrapper has.
    fn wrapped(&self, names: &[&str]) -> Option<&'l Value> {
        let wrapper = self.wrapper?;
        let values = names.iter().filter_map(|name| wrapper.get(*name));
        values.into_iter().find(|value| value.is_string() || value.is_number())
    }
}

/// Whether a shape knows a line that is the text of a record.
pub(crate) fn is_known(text: &str) -> bool {
    let line = LogLine::of(text);
    !text.contains('\n') && LINE_SHAPES.iter().any(|shape| shape.claims(&line))
}

/// Makes rows of a line that a collector kept as the text of an object; `false` when no shape knows it.
pub(crate) fn rows_of_text(
    text: &str,
    wrapper: &Map<String, Value>,
    collector: &mut Collector<'_>,
) -> Result<bool, Stopped> {
    if text.contains('\n') {
        return Ok(false);
    }
    rows_of_line(&LogLine { wrapper: Some(wrapper), ..LogLine::of(text) }, collector)
}

/// Makes rows of a line that stands alone; `false` when no shape knows it.
pub(crate) fn rows_of_line(
    line: &LogLine<'_>,
    collector: &mut Collector<'_>,
) -> Result<bool, Stopped> {
    let Some(shape) = LINE_SHAPES.iter().find(|shape| shape.claims(line)) else {
        return Ok(false);
    };
    collector.note_shape(shape.name());
    rows_of_shape(*shape, line, collector)?;
    Ok(true)
}

/// Makes rows of a line of a shape, or takes it as it is.
fn rows_of_shape(
    shape: &dyn LineShape,
    line: &LogLine<'_>,
    collector: &mut Collector<'_>,
) -> Result<(), Stopped> {
    match collector.records() {
        Some(records) if records.is_of_format(shape.name()) => collector.take(line),
        Some(_) => Ok(()),
        None if collector.selection().excepts(shape.name()) => Ok(()),
        None => shape.rows(line, collector),
    }
}

/// A line as a record has one field: itself.
impl OwnFields for LogLine<'_> {
    fn own(&self, name: &str) -> Option<Cow<'_, str>> {
        (name == "message").then_some(Cow::Borrowed(self.text))
    }
}

impl Format for LogLines {
    fn name(&self) -> &'static str {
        "log-lines"
    }

    /// Any line of the head may be the first that a shape knows: the file may begin with whatever a
    /// collector had to say.
    fn recognises(&self, head: &[u8]) -> bool {
        let text = String::from_utf8_lossy(head);
        let mut stream = StreamState::default();
        text.lines().any(|line| {
            stream.take(line);
            stream.has_header() || stream.knows(line).is_some()
        })
    }

    fn read(&self, stream: &mut dyn Read, collector: &mut Collector<'_>) -> Result<(), Stopped> {
        read_blocks(self, stream, collector, None)
    }

    fn lines(&self) -> Option<&dyn LineFormat> {
        Some(self)
    }
}

impl LineFormat for LogLines {
    fn begin(&self) -> Box<dyn Following> {
        Box::<Leader>::default()
    }
}

/// Follows what lines say about those behind them.
#[derive(Default)]
struct Leader {
    stream: Arc<StreamState>,
    shape: Option<&'static str>,
    is_begun: bool,
}

impl Following for Leader {
    fn pass(&mut self, block: &Block) -> Arc<dyn BlockReader> {
        if !self.is_begun {
            self.is_begun = true;
            let order = self.first_look(block);
            Arc::make_mut(&mut self.stream).date_order = order;
        }
        let before = Arc::clone(&self.stream);
        for text in texts(block) {
            let is_header =
                self.stream.may_be_header(&text) && Arc::make_mut(&mut self.stream).take(&text);
            if !is_header && self.shape.is_none() {
                self.shape = self.stream.knows(&text);
            }
        }
        before
    }

    fn shape(&self) -> Option<&'static str> {
        self.shape
    }
}

impl Leader {
    /// The order of day and month in the dates of the first lines.
    fn first_look(&self, block: &Block) -> Option<DateOrder> {
        let mut stream = StreamState::default();
        let mut dates = Vec::new();
        for text in texts(block).take(LINES_THAT_TELL) {
            if stream.take(&text) {
                continue;
            }
            let line = LogLine::of(&text);
            let claims = |(place, shape): (usize, &'static dyn LineShape)| {
                let line = LogLine { columns: stream.columns(place), ..line };
                shape.claims(&line).then(|| shape.numeric_date(&line).map(str::to_owned))
            };
            dates.extend(LINE_SHAPES.into_iter().enumerate().find_map(claims).flatten());
        }
        time::date_order(dates.iter().map(String::as_str))
    }
}

/// The lines of a block that are not too long.
fn texts(block: &Block) -> impl Iterator<Item = Cow<'_, str>> {
    block.lines().filter_map(|framed| match framed {
        Framed::Record(line) => Some(String::from_utf8_lossy(line.bytes)),
        Framed::Skipped(_) => None,
    })
}

/// What the lines so far say about those behind them.
#[derive(Clone, Debug, Default)]
struct StreamState {
    /// By the shape's place: the columns that its last header named.
    headers: [Option<Columns>; LINE_SHAPES.len()],
    date_order: Option<DateOrder>,
    /// Whether a line came that is not empty.
    is_begun: bool,
}

impl StreamState {
    fn columns(&self, place: usize) -> Option<&Columns> {
        self.headers.get(place)?.as_ref()
    }

    /// Whether a header came.
    fn has_header(&self) -> bool {
        self.headers.iter().any(Option::is_some)
    }

    /// Whether a line may be a header: a directive, the first line, or one that begins like a header
    /// before it, since logs with headers are joined.
    fn may_be_header(&self, text: &str) -> bool {
        let begins_like = |columns: &Columns| {
            let text = text.trim_start_matches('"');
            columns.names.first().is_some_and(|name| !name.is_empty() && text.starts_with(name))
        };
        !self.is_begun || text.starts_with('#') || self.headers.iter().flatten().any(begins_like)
    }

    /// Takes in a line; whether it is a header or a comment, and no record.
    fn take(&mut self, text: &str) -> bool {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if text.trim_ascii().is_empty() || !self.may_be_header(text) {
            return false;
        }
        self.is_begun = true;
        let mut is_header = false;
        for (header, shape) in self.headers.iter_mut().zip(LINE_SHAPES) {
            if let Some(columns) = shape.header(text, header.as_ref()) {
                *header = Some(columns);
                is_header = true;
            }
        }
        is_header || text.starts_with('#')
    }

    /// The name of the shape that knows a line.
    fn knows(&self, text: &str) -> Option<&'static str> {
        let line = LogLine { date_order: self.date_order, ..LogLine::of(text) };
        match self.shape_of(line, 0) {
            Some((_, shape, _)) => Some(shape.name()),
            None => json::shape_of_text(line.message),
        }
    }

    /// The shape that claims a line, and the line as it is for it. One place is asked first: lines of
    /// one product mostly come one behind the other.
    fn shape_of<'l>(
        &'l self,
        line: LogLine<'l>,
        first: usize,
    ) -> Option<(usize, &'static dyn LineShape, LogLine<'l>)> {
        let places = (first..LINE_SHAPES.len()).chain(0..first);
        places.into_iter().find_map(|place| {
            let shape = *LINE_SHAPES.get(place)?;
            let line = LogLine { columns: self.columns(place), ..line };
            shape.claims(&line).then_some((place, shape, line))
        })
    }
}

impl BlockReader for StreamState {
    fn read(&self, block: &Block, collector: &mut Collector<'_>) -> Result<(), Stopped> {
        let mut stream = Cow::Borrowed(self);
        let mut last = 0;
        for framed in block.lines() {
            match framed {
                Framed::Record(line) => read_line(line, &mut stream, &mut last, collector)?,
                Framed::Skipped(skipped) => skipped.tell(collector),
            }
        }
        Ok(())
    }
}

fn read_line(
    line: Line<'_>,
    stream: &mut Cow<'_, StreamState>,
    last: &mut usize,
    collector: &mut Collector<'_>,
) -> Result<(), Stopped> {
    let text = String::from_utf8_lossy(line.bytes);
    if text.trim_ascii().is_empty() || stream.may_be_header(&text) && stream.to_mut().take(&text) {
        return Ok(());
    }
    if collector.is_old(line.offset) {
        return Ok(());
    }
    collector.whole_record(line.offset, line.whole);
    if !line.terminated {
        collector.unfinished();
    }
    if matches!(text, Cow::Owned(_)) {
        collector.anomaly(Anomaly::InvalidText, &beginning(&text));
    }
    let log_line = LogLine { date_order: stream.date_order, ..LogLine::of(&text) };
    if let Some((place, shape, log_line)) = stream.shape_of(log_line, *last) {
        *last = place;
        return rows_of_shape(shape, &log_line, collector);
    }
    if !json::rows_of_message(log_line.message, collector)? {
        let anomaly = if line.terminated { Anomaly::UnknownLine } else { Anomaly::TruncatedRecord };
        collector.anomaly(anomaly, &beginning(&text));
    }
    Ok(())
}

fn beginning(text: &str) -> String {
    text.chars().take(SHOWN).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use coldtrail_diagnostics::Anomaly;
    use coldtrail_model::Table;
    use proptest::prelude::*;

    use super::{LogLine, LogLines, StreamState};
    use crate::format::Format;
    use crate::json::Json;
    use crate::kept_rows::KeptRows;
    use crate::registry::LINE_SHAPES;

    fn read(text: &str) -> KeptRows {
        KeptRows::read(&LogLines, text.as_bytes())
    }

    fn all(rows: &KeptRows) -> Vec<String> {
        Table::ALL.into_iter().flat_map(|table| rows.all(table)).collect()
    }

    /// Every example is known to exactly one shape, alone and behind a syslog header, so that the order
    /// in which shapes are asked makes no difference.
    #[test]
    fn no_two_shapes_claim_one_line() {
        let mut names = BTreeSet::new();
        for shape in LINE_SHAPES {
            assert!(names.insert(shape.name()), "{}", shape.name());
            assert!(!shape.examples().is_empty(), "{}", shape.name());
            for example in shape.examples() {
                let mut stream = StreamState::default();
                for line in example.lines() {
                    if !stream.take(line) {
                        let claims = LINE_SHAPES.iter().enumerate().filter(|(place, shape)| {
                            let columns = stream.columns(*place);
                            shape.claims(&LogLine { columns, ..LogLine::of(line) })
                        });
                        let claims: Vec<_> = claims.map(|(_, shape)| shape.name()).collect();
                        assert_eq!(claims, [shape.name()], "{line}");
                    }
                }
                assert!(LogLines.recognises(example.as_bytes()), "{example}");
            }
        }
    }

    #[test]
    fn every_example_makes_rows() {
        for shape in LINE_SHAPES {
            for example in shape.examples() {
                let rows = read(&format!("{example}\n"));
                assert!(rows.count() > 0, "{example}: {:?}", rows.anomalies());
            }
        }
    }

    #[test]
    fn products_may_be_mixed_behind_syslog() {
        let rows = read(
            "<134>May  4 2024 10:00:00 proxy squid[7]: 1714816800.123     24 10.0.0.5 TCP_MISS/200 394 GET http://a.example/x - HIER_DIRECT/192.0.2.7 text/html\n\
             <134>May  4 2024 10:00:00 box sshd[7]: Accepted publickey for jane\n\
             <134>May  4 2024 10:00:01 fw CEF:0|V|P|1|1|n|3|src=10.0.0.5 dst=192.0.2.7 rt=1714816801000\n\
             <134>May  4 2024 10:00:02 sensor suricata: {\"_path\":\"conn\",\"ts\":1714816802.5,\"uid\":\"C1\",\"id.orig_h\":\"10.0.0.5\"}\n",
        );
        assert_eq!(rows.all(Table::Web).len(), 1);
        assert_eq!(rows.all(Table::Flow).len(), 2);
        let anomalies: Vec<_> = rows.anomalies().into_iter().map(|(anomaly, ..)| anomaly).collect();
        assert_eq!(anomalies, [Anomaly::UnknownLine]);
    }

    #[test]
    fn a_wrapper_tells_what_its_line_does_not() {
        let line =
            r#"[INFO] 10.0.0.5:49200 - 7 \"A IN a.example. udp 40 false 512\" NOERROR qr 60 0.01s"#;
        for time in [
            r#""time":"2024-05-04T10:00:00Z""#,
            r#""_time":1714816800"#,
            r#""TimeGenerated":"5/14/2024, 10:00:00.000 AM""#,
        ] {
            let text = format!(r#"{{"log":"{line}\n",{time},"host":"Node1"}}"#);
            let row = KeptRows::read(&Json, text.as_bytes()).only(Table::Dns);
            assert!(row.ends_with("observer_name=node1"), "{row}");
            assert!(row.contains("dns_question_name=a.example"), "{row}");
        }
        let rows = KeptRows::read(&Json, format!(r#"{{"log":"{line}"}}"#).as_bytes());
        assert_eq!(rows.anomalies(), [(Anomaly::MissingTimestamp, 1)]);
    }

    #[test]
    fn what_nobody_knows_stays_unknown() {
        for text in [
            "",
            "Dear reader,\n",
            "a,b,c\n1,2,3\n",
            "# a comment\nkey: value\n",
            "May  4 10:00:00 box cron[1]: run\n",
        ] {
            assert!(!LogLines.recognises(text.as_bytes()), "{text}");
        }
    }

    proptest! {
        /// Whatever one line holds, the lines around it make the same rows.
        #[test]
        fn a_damaged_line_harms_no_neighbour(
            damaged in prop::collection::vec(any::<u8>(), 0..60),
            (shape, cut) in (any::<prop::sample::Index>(), any::<prop::sample::Index>()),
        ) {
            let shape = LINE_SHAPES[shape.index(LINE_SHAPES.len())];
            for example in shape.examples() {
                let alone = all(&read(&format!("{example}\n")));
                let half = &example.as_bytes()[..cut.index(example.len())];
                for line in [&damaged[..], half] {
                    // A line that begins with a mark speaks about those behind it.
                    if line.contains(&b'\n') || line.contains(&b'#') || shape.header(&String::from_utf8_lossy(line), None).is_some() {
                        continue;
                    }
                    let log = [example.as_bytes(), b"\n", line, b"\n", example.as_bytes(), b"\n"].concat();
                    let rows = all(&KeptRows::read(&LogLines, &log));
                    for row in &alone {
                        let found = rows.iter().filter(|found| *found == row).count();
                        prop_assert!(found >= 2, "{row} around {:?}", String::from_utf8_lossy(line));
                    }
                }
            }
        }
    }
}
