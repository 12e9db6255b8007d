//! Zeek's logs as tab-separated values.
//!
//! A header of lines that begin with `#` says how the rows are written and which columns they have.
//! Rotated logs are joined by whoever archives them, so a header may come again at any place, and
//! with other columns. The header's words and the escapes are those of Zeek's ASCII writer:
//! <https://docs.zeek.org/en/master/log-formats.html>.

use std::borrow::Cow;
use std::cell::Cell;
use std::io::Read;
use std::sync::Arc;

use coldtrail_diagnostics::Anomaly;
use memchr::{memchr, memmem};
use serde_json::{Number, Value};

use crate::filling::Values;
use crate::format::Format;
use crate::framing::Framed;
use crate::framing::blocks::Block;
use crate::framing::lines::Line;
use crate::line_format::{BlockReader, Following, LineFormat, read_blocks};
use crate::records::OwnFields;
use crate::selection::{Filter, Pass, Selection};
use crate::whole::{Contents, Pairs};
use crate::{Collector, Stopped};

use super::Log;
use super::glance::{Glance, Seen};

/// No log has that many fields; a line that has is damaged, and its names would fill the memory.
const MOST_FIELDS: usize = 4096;

/// More names than any certificate or answer has. What lies beyond is left out.
const MOST_ELEMENTS: usize = 65_536;

/// Zeek's logs as tab-separated values.
pub(crate) struct ZeekTsv;

impl Format for ZeekTsv {
    fn name(&self) -> &'static str {
        "zeek-tsv"
    }

    /// Any line of the head may begin the header: the file may be the tail of a log with the next
    /// one behind it.
    fn recognises(&self, head: &[u8]) -> bool {
        without_mark(head)
            .split(|byte| *byte == b'\n')
            .any(|line| line.starts_with(b"#separator ") || line.starts_with(b"#fields\t"))
    }

    fn read(&self, stream: &mut dyn Read, collector: &mut Collector<'_>) -> Result<(), Stopped> {
        read_blocks(self, stream, collector, None)
    }

    fn lines(&self) -> Option<&dyn LineFormat> {
        Some(self)
    }
}

impl LineFormat for ZeekTsv {
    fn begin(&self) -> Box<dyn Following> {
        Box::<Arc<Header>>::default()
    }
}

impl Following for Arc<Header> {
    fn pass(&mut self, block: &Block) -> Arc<dyn BlockReader> {
        let before = Self::clone(self);
        for line in directives(block) {
            // Whoever reads the block tells what is wrong with it.
            let _makes_sense = Self::make_mut(self).take(&String::from_utf8_lossy(line));
        }
        before
    }
}

/// The header lines of a block, without their `#`.
fn directives(block: &Block) -> impl Iterator<Item = &[u8]> {
    let bytes = without_mark(block.bytes());
    let first = bytes.first().filter(|byte| **byte == b'#').map(|_| 0);
    let others = memmem::find_iter(bytes, b"\n#").map(|end| end + 1);
    first.into_iter().chain(others).filter_map(move |place| {
        let line = bytes.get(place + 1..)?;
        let line = line.get(..memchr(b'\n', line).unwrap_or(line.len()))?;
        Some(line.strip_suffix(b"\r").unwrap_or(line))
    })
}

impl BlockReader for Header {
    fn read(&self, block: &Block, collector: &mut Collector<'_>) -> Result<(), Stopped> {
        let selection = Arc::clone(collector.selection());
        let mut header = Cow::Borrowed(self);
        let mut places = Places::default();
        let mut ends = Vec::new();
        for framed in block.lines() {
            let line = match framed {
                Framed::Record(line) => line,
                Framed::Skipped(skipped) => {
                    skipped.tell(collector);
                    continue;
                }
            };
            let bytes = without_mark(line.bytes);
            if let Some(directive) = bytes.strip_prefix(b"#") {
                let directive = String::from_utf8_lossy(directive);
                places = Places::default();
                if !header.to_mut().take(&directive) {
                    let detail = format!("#{directive}");
                    collector.anomaly_at(Anomaly::InvalidHeader, Some(line.offset), &detail);
                }
            } else if !collector.is_old(line.offset) && !bytes.trim_ascii().is_empty() {
                header.line(line, bytes, &selection, (&places, &mut ends), collector)?;
            }
        }
        Ok(())
    }
}

/// The byte order mark that editors on Windows put before the first line.
fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

/// What the header lines said so far.
#[derive(Clone)]
struct Header {
    separator: char,
    set_separator: String,
    empty_field: String,
    unset_field: String,
    path: Option<String>,
    /// Empty as long as no `#fields` line was understood.
    fields: Vec<String>,
    /// The types of the fields, as far as the header has them.
    types: Vec<String>,
    log: Option<Log>,
    glance: Option<Glance>,
}

impl Default for Header {
    fn default() -> Self {
        Self {
            separator: '\t',
            set_separator: ",".to_owned(),
            empty_field: "(empty)".to_owned(),
            unset_field: "-".to_owned(),
            path: None,
            fields: Vec::new(),
            types: Vec::new(),
            log: None,
            glance: None,
        }
    }
}

impl Header {
    /// Takes in a header line, given without its `#`; `false` if it makes no sense.
    fn take(&mut self, directive: &str) -> bool {
        let end = directive.find([' ', self.separator]).unwrap_or(directive.len());
        let (word, rest) = directive.split_at(end);
        let value = rest.strip_prefix([' ', self.separator]).unwrap_or_default();
        match word {
            // The first line of a header; what an earlier header said is over.
            "separator" => {
                *self = Self::default();
                let Some(separator) = single_character(value) else { return false };
                self.separator = separator;
            }
            "set_separator" if value.is_empty() => return false,
            "set_separator" => value.clone_into(&mut self.set_separator),
            "empty_field" => value.clone_into(&mut self.empty_field),
            "unset_field" => value.clone_into(&mut self.unset_field),
            "path" => self.path = (value != self.unset_field).then(|| value.to_owned()),
            "fields" => {
                let names = value.trim_end_matches(self.separator).split(self.separator);
                let names = names.take(MOST_FIELDS);
                self.fields = names.map(str::to_owned).collect();
                self.types.clear();
                if self.fields.iter().any(String::is_empty) || self.fields.len() == MOST_FIELDS {
                    self.fields.clear();
                    return false;
                }
            }
            "types" => {
                let names = value.split(self.separator).take(MOST_FIELDS);
                self.types = names.map(str::to_owned).collect();
            }
            // Times of opening and closing, and comments of whoever keeps the log.
            _ => {}
        }
        let has = |name: &str| self.fields.iter().any(|field| field == name);
        self.log = Log::of(self.path.as_deref(), has);
        let is_usual = self.separator == '\t'
            && self.set_separator == ","
            && self.empty_field == "(empty)"
            && self.unset_field == "-";
        self.glance = self.log.filter(|_| is_usual).and_then(|log| Glance::of(log, &self.fields));
        true
    }

    /// Reads a line that is neither empty nor a directive.
    fn line(
        &self,
        line: Line<'_>,
        bytes: &[u8],
        selection: &Selection,
        scratch: (&Places, &mut Vec<usize>),
        collector: &mut Collector<'_>,
    ) -> Result<(), Stopped> {
        match (collector.pass(), self.log == Some(Log::Conn)) {
            (Pass::First, true) => {
                collector.put_aside();
                return Ok(());
            }
            (Pass::Second, is_connection) => collector.count(is_connection),
            _ => {}
        }
        collector.record(line.offset, line.whole.len() as u64);
        let filter = selection.filter();
        if !matches!(filter, Filter::Everything)
            && !selection.wants_whole(ZeekTsv.name())
            && let Some(glance) = self.glance.as_ref().filter(|_| line.terminated)
            && let Seen::Passed = glance.at(bytes, filter, collector)
        {
            return Ok(());
        }
        collector.original(line.whole);
        if !line.terminated {
            collector.unfinished();
        }
        let text = match str::from_utf8(bytes) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => {
                collector.anomaly(Anomaly::InvalidText, "");
                String::from_utf8_lossy(bytes)
            }
        };
        self.row(&text, line.terminated, scratch, collector)
    }

    /// Makes a row of a line.
    fn row(
        &self,
        line: &str,
        terminated: bool,
        (places, ends): (&Places, &mut Vec<usize>),
        collector: &mut Collector<'_>,
    ) -> Result<(), Stopped> {
        if self.fields.is_empty() {
            collector.anomaly(Anomaly::InvalidHeader, "there is no header before this row");
            return Ok(());
        }
        if !self.find_cells(line, ends) {
            let cells = line.matches(self.separator).count() + 1;
            let cut = !terminated && cells < self.fields.len();
            let anomaly = if cut { Anomaly::TruncatedRecord } else { Anomaly::WrongColumnCount };
            let detail = format!("{cells} columns instead of {}", self.fields.len());
            collector.anomaly(anomaly, &detail);
            return Ok(());
        }
        let has_escapes = memchr(b'\\', line.as_bytes()).is_some();
        let record = TsvRecord { header: self, places, line, ends, has_escapes };
        let path = self.path.as_deref().or(self.log.map(Log::path));
        if collector.wants_whole(ZeekTsv.name()) {
            return record.pass_on(path, collector);
        }
        match (collector.records(), self.log) {
            (Some(records), _) => {
                let is_wanted = records.is_of_format(ZeekTsv.name())
                    || path.is_some() && path == records.zeek_path();
                if is_wanted { collector.take(&record) } else { Ok(()) }
            }
            (None, Some(log)) if !collector.selection().excepts(ZeekTsv.name()) => {
                log.row(&record, collector)
            }
            (None, _) => Ok(()),
        }
    }

    /// Finds where the line's cells end; `false` if they are not as many as the header has fields.
    /// Some writers end each row with more separators, which are no cells.
    fn find_cells(&self, line: &str, ends: &mut Vec<usize>) -> bool {
        ends.clear();
        if self.separator == '\t' {
            find_tabs(line.as_bytes(), ends);
        } else {
            ends.extend(line.match_indices(self.separator).map(|(end, _)| end));
        }
        ends.push(line.len());
        let beyond = ends.get(self.fields.len().saturating_sub(1)).copied();
        let beyond = beyond.and_then(|end| line.get(end..));
        beyond.is_some_and(|rest| rest.chars().all(|character| character == self.separator))
    }
}

/// Finds the tabs of a line. Cells are short, so that it pays to look at eight bytes at a time and
/// at nothing else.
fn find_tabs(line: &[u8], tabs: &mut Vec<usize>) {
    const LOW: u64 = u64::from_ne_bytes([0x7f; 8]);
    const TABS: u64 = u64::from_ne_bytes([b'\t'; 8]);
    let (words, rest) = line.as_chunks::<8>();
    for (number, word) in words.iter().enumerate() {
        // The highest bit of each byte that is a tab, and no other bit: a byte is zero if neither
        // it nor, with 127 added, its lower bits have the highest bit set.
        let unlike = u64::from_le_bytes(*word) ^ TABS;
        let mut found = !(((unlike & LOW) + LOW) | unlike | LOW);
        while found != 0 {
            tabs.push(number * 8 + found.trailing_zeros() as usize / 8);
            found &= found - 1;
        }
    }
    let begin = line.len() - rest.len();
    tabs.extend((begin..).zip(rest).filter(|(_, byte)| **byte == b'\t').map(|(place, _)| place));
}

/// `\x09`, `\t`, or the character itself.
fn single_character(written: &str) -> Option<char> {
    let text = if written == "\\t" { Cow::Borrowed("\t") } else { unescape(written) };
    let mut characters = text.chars();
    let first = characters.next()?;
    characters.next().is_none().then_some(first)
}

/// Where the columns of a header are, by the literals that readers ask with.
///
/// Every row of a log is asked for the same few dozen names, and each name is a literal, so where it
/// lies in memory says which one it is. Two names that share a slot are looked up each time.
struct Places {
    slots: [Cell<Option<Place>>; SLOTS],
}

/// So many that few of the names that one log is asked for share one.
const SLOTS: usize = 256;

/// The column of a literal, which is known by its address and its length: literals may overlap.
#[derive(Clone, Copy)]
struct Place {
    address: usize,
    length: usize,
    column: Option<usize>,
}

impl Default for Places {
    fn default() -> Self {
        Self { slots: [const { Cell::new(None) }; SLOTS] }
    }
}

impl Places {
    /// The place of a column under the header that this was made for.
    fn of(&self, name: &'static str, fields: &[String]) -> Option<usize> {
        let literal = name.as_ptr() as usize;
        let search = || fields.iter().position(|field| field == name);
        // Literals lie close together; the golden ratio spreads them (Knuth, TAOCP 3, 6.4).
        let spread = (literal as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56;
        let Some(slot) = self.slots.get(spread as usize % SLOTS) else { return search() };
        match slot.get() {
            Some(known) if known.address == literal && known.length == name.len() => known.column,
            _ => {
                let column = search();
                slot.set(Some(Place { address: literal, length: name.len(), column }));
                column
            }
        }
    }
}

/// A row that has the columns of its header.
struct TsvRecord<'r> {
    header: &'r Header,
    places: &'r Places,
    line: &'r str,
    /// Where the cells end, each before a separator or the line's end.
    ends: &'r [usize],
    /// Whether there is an escape anywhere in the line.
    has_escapes: bool,
}

impl TsvRecord<'_> {
    /// The cell as written, if it is neither unset nor empty.
    fn cell(&self, name: &'static str) -> Option<&str> {
        let place = self.places.of(name, &self.header.fields)?;
        self.at(place).filter(|cell| self.is_set(cell))
    }

    /// The cell at a place, as written.
    fn at(&self, place: usize) -> Option<&str> {
        let end = *self.ends.get(place)?;
        let begin = match place.checked_sub(1) {
            Some(before) => *self.ends.get(before)? + self.header.separator.len_utf8(),
            None => 0,
        };
        self.line.get(begin..end)
    }

    fn is_set(&self, cell: &str) -> bool {
        !is_same(cell, &self.header.unset_field) && !is_same(cell, &self.header.empty_field)
    }

    fn unescape<'c>(&self, written: &'c str) -> Cow<'c, str> {
        if self.has_escapes { unescape(written) } else { Cow::Borrowed(written) }
    }
}

impl Values for TsvRecord<'_> {
    fn text(&self, name: &'static str) -> Option<Cow<'_, str>> {
        self.cell(name).map(|cell| self.unescape(cell))
    }

    /// Elements are told apart before their escapes are undone: a comma inside one is `\x2c`.
    fn texts(&self, name: &'static str) -> Option<Vec<Cow<'_, str>>> {
        let elements = self.cell(name)?.split(self.header.set_separator.as_str());
        let element =
            |element| if self.is_set(element) { self.unescape(element) } else { "".into() };
        Some(elements.map(element).take(MOST_ELEMENTS).collect())
    }
}

/// Fields as Zeek would have written them as JSON.
impl OwnFields for TsvRecord<'_> {
    fn own(&self, name: &str) -> Option<Cow<'_, str>> {
        self.own_at(self.header.fields.iter().position(|field| field == name)?)
    }
}

impl TsvRecord<'_> {
    /// Passes on the record with all its fields, and the path of its log.
    fn pass_on(&self, path: Option<&str>, collector: &mut Collector<'_>) -> Result<(), Stopped> {
        let mut pairs = Pairs::with_capacity(self.header.fields.len() + 1);
        if let Some(path) = path {
            pairs.push("_path", path);
        }
        for (place, name) in self.header.fields.iter().enumerate() {
            if let Some(value) = self.own_at(place) {
                pairs.push(name.as_str(), value);
            }
        }
        let moment = super::moment(self, path.unwrap_or("the log"), collector);
        collector.pass_on(ZeekTsv.name(), Contents { moment, pairs, ..Contents::default() })
    }

    /// The field at a place, as Zeek would have written it as JSON.
    fn own_at(&self, place: usize) -> Option<Cow<'_, str>> {
        let cell = self.at(place).filter(|cell| *cell != self.header.unset_field)?;
        let kind = self.header.types.get(place).map_or("", String::as_str);
        match kind.split_once('[') {
            Some(("set" | "vector", of)) => {
                Some(self.list(cell, of.strip_suffix(']').unwrap_or(of)).into())
            }
            _ if cell == self.header.empty_field => Some("".into()),
            _ if kind == "bool" => Some(truth(cell).into()),
            _ => Some(self.unescape(cell)),
        }
    }
}

fn truth(written: &str) -> &str {
    match written {
        "T" => "true",
        "F" => "false",
        other => other,
    }
}

impl TsvRecord<'_> {
    /// A list as JSON.
    fn list(&self, cell: &str, kind: &str) -> String {
        if cell == self.header.empty_field {
            return "[]".to_owned();
        }
        let is_number = matches!(kind, "count" | "int" | "double" | "interval" | "time" | "port");
        let element = |written: &str| match kind {
            _ if written == self.header.unset_field => Value::Null,
            "bool" => Value::Bool(written == "T"),
            _ if is_number => {
                let number = serde_json::from_str::<Number>(written).ok();
                number.map_or_else(|| Value::String(written.to_owned()), Value::Number)
            }
            _ => Value::String(self.unescape(written).into_owned()),
        };
        let elements = cell.split(self.header.set_separator.as_str()).take(MOST_ELEMENTS);
        Value::Array(elements.map(element).collect()).to_string()
    }
}

/// Whether two texts are the same. Most differ in their first byte, which is cheaper to look at than
/// all of them.
fn is_same(one: &str, other: &str) -> bool {
    one.as_bytes().first() == other.as_bytes().first() && one == other
}

/// Undoes `\x2c` and `\\`. Bytes that are no text stay escaped, as they are worth more than U+FFFD.
fn unescape(written: &str) -> Cow<'_, str> {
    if !written.contains('\\') {
        return Cow::Borrowed(written);
    }
    let mut bytes = Vec::with_capacity(written.len());
    let mut rest = written.as_bytes();
    while let Some(first) = rest.first() {
        let (byte, length) = escape(rest).unwrap_or((*first, 1));
        bytes.push(byte);
        rest = rest.get(length..).unwrap_or_default();
    }
    String::from_utf8(bytes).map_or(Cow::Borrowed(written), Cow::Owned)
}

/// The byte that an escape at the beginning stands for, and how long the escape is.
fn escape(text: &[u8]) -> Option<(u8, usize)> {
    match text {
        [b'\\', b'\\', ..] => Some((b'\\', 2)),
        [b'\\', b'x', high, low, ..] => Some((digit(*high)? << 4 | digit(*low)?, 4)),
        _ => None,
    }
}

fn digit(hexadecimal: u8) -> Option<u8> {
    char::from(hexadecimal).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use coldtrail_diagnostics::Anomaly;
    use coldtrail_model::Table;
    use proptest::prelude::*;

    use super::{ZeekTsv, single_character, unescape};
    use crate::format::Format;
    use crate::kept_rows::KeptRows;

    const CONN: &str = "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n\
        #unset_field\t-\n#path\tconn\n#open\t2024-05-04-00-00-00\n\
        #fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tservice\tduration\t\
        orig_bytes\tresp_bytes\tconn_state\tlocal_orig\tlocal_resp\torig_ip_bytes\n\
        #types\ttime\tstring\taddr\tport\taddr\tport\tenum\tstring\tinterval\tcount\tcount\tstring\
        \tbool\tbool\tcount\n";

    const ROW: &str = "1379288667.706265\tCuid1\t10.0.0.5\t49200\t192.0.2.7\t443\ttcp\tssl\t\
        1.500000\t210\t990\tSF\tT\tF\t330\n";

    fn read(text: &str) -> KeptRows {
        KeptRows::read(&ZeekTsv, text.as_bytes())
    }

    #[test]
    fn a_connection_is_a_row_of_flow() {
        let rows = read(&format!("{CONN}{ROW}#close\t2024-05-04-01-00-00\n"));
        assert_eq!(rows.anomalies(), []);
        assert_eq!(
            rows.only(Table::Flow),
            "timestamp=1379288667706265 event_dataset=zeek.conn source_ip=10.0.0.5 \
             source_port=49200 destination_ip=192.0.2.7 destination_port=443 \
             network_session_id=Cuid1 network_transport=tcp network_protocol=tls \
             network_direction=outbound event_duration=1500000000 event_action=SF \
             source_bytes=330 destination_bytes=990"
        );
    }

    /// Hourly logs are joined by whoever archives them; scripts and versions add fields and move them.
    #[test]
    fn fields_may_move_between_the_logs_of_two_hours() {
        let rows = read(&format!(
            "{CONN}{ROW}#close\t2024-05-04-01-00-00\n\
             #separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n\
             #path\topen_conn\n#fields\tnew_field\tid.resp_h\tuid\tid.orig_h\tts\tconn_state\n\
             a,b\t192.0.2.9\tCuid2\t10.0.0.9\t1379288668.0\tOTH\n"
        ));
        assert_eq!(rows.anomalies(), []);
        let rows = rows.all(Table::Flow);
        assert_eq!(rows.len(), 2);
        assert_eq!(
            rows[1],
            "timestamp=1379288668000000 event_dataset=zeek.conn source_ip=10.0.0.9 \
             destination_ip=192.0.2.9 network_session_id=Cuid2 event_action=OTH"
        );
    }

    #[test]
    fn a_query_keeps_its_answers_in_order() {
        let rows = read(
            "#separator \\x09\n#path\tdns\n\
             #fields\tts\tuid\tquery\tqtype_name\trcode_name\tanswers\tTTLs\n\
             1379288667.706265\tCuid1\tWWW.a.example\tA\tNOERROR\t\
             b.azurewebsites.net,TXT 3 a\\x2cb,192.0.2.7\t60.000000,-,5.000000\n",
        );
        assert_eq!(
            rows.only(Table::Dns),
            "timestamp=1379288667706265 event_dataset=zeek.dns network_session_id=Cuid1 \
             dns_question_name=www.a.example dns_question_type=A dns_response_code=NOERROR \
             dns_answers_data=[b.azurewebsites.net|TXT 3 a,b|192.0.2.7] dns_answers_ttl=[60||5]"
        );
    }

    #[test]
    fn a_request_names_its_host_in_four_ways() {
        let header = "#fields\tts\ttrans_depth\tmethod\thost\turi\tresponse_body_len\n";
        let request = |method: &str, host: &str, uri: &str| {
            read(&format!("{header}1.5\t1\t{method}\t{host}\t{uri}\t0\n")).only(Table::Web)
        };
        let common = "timestamp=1500000 event_dataset=zeek.http http_request_method=";
        let body = "http_response_body_bytes=0";
        assert_eq!(
            request("GET", "A.example:8080", "/x?y=1#z"),
            format!("{common}GET url_domain=a.example url_path=/x url_query=y=1 {body}")
        );
        assert_eq!(
            request("GET", "-", "http://A.example:8080/x?y=1"),
            format!(
                "{common}GET url_full=http://A.example:8080/x?y=1 url_domain=a.example \
                 url_path=/x url_query=y=1 {body}"
            )
        );
        assert_eq!(
            request("CONNECT", "-", "a.example:443"),
            format!("{common}CONNECT url_domain=a.example {body}")
        );
        assert_eq!(
            request("OPTIONS", "a.example", "*"),
            format!("{common}OPTIONS url_domain=a.example {body}")
        );
    }

    #[test]
    fn a_handshake_and_its_certificate() {
        let rows = read(
            "#separator \\x09\n#path\tssl\n#fields\tts\tuid\tversion\tserver_name\testablished\
             \tsubject\tja3\n1.0\tC1\tTLSv12\ta.workers.dev\tT\tCN=a,O=A\\\\, Inc.\t00ff\n\
             #separator \\x09\n#path\tx509\n#fields\tts\tid\tcertificate.subject\tsan.dns\n\
             2.0\tF1\tCN=a\ta.workers.dev,*.a.workers.dev\n",
        );
        assert_eq!(
            rows.all(Table::Tls),
            [
                "timestamp=1000000 event_dataset=zeek.ssl network_session_id=C1 \
                 tls_client_server_name=a.workers.dev tls_version=1.2 tls_established=true \
                 tls_client_ja3=00ff tls_server_subject=CN=a,O=A\\, Inc.",
                "timestamp=2000000 event_dataset=zeek.x509 network_session_id=F1 \
                 tls_server_subject=CN=a x509_alternative_names=[a.workers.dev|*.a.workers.dev]",
            ]
        );
    }

    #[test]
    fn a_header_may_come_again_with_other_words() {
        let rows = read(
            "1.0\tlost\n#separator \\x7c\n#unset_field|nil\n#fields|uid|missed_bytes|orig_pkts|ts\n\
             C1|0|1|2.0\nnil|0|1|3.0|\n#separator\n4.0\tlost\n#separator \\t\n#fields\tts\t\tuid\n\
             5.0\tlost\n#fields\tts\tconn_state\t\n6.0\tS0\n",
        );
        let flow = rows.all(Table::Flow);
        assert_eq!(flow.len(), 3);
        assert!(flow[1].starts_with("timestamp=3000000 event_dataset=zeek.conn"), "{flow:?}");
        assert_eq!(flow[2], "timestamp=6000000 event_dataset=zeek.conn event_action=S0");
        // Two headers and the three rows behind no header.
        assert_eq!(rows.anomalies(), [(Anomaly::InvalidHeader, 5)]);
        assert_eq!(rows.records(), 6);
    }

    #[test]
    fn what_is_wrong_with_a_row_is_named() {
        let rows = read(&format!(
            "{CONN}{ROW}\
             1.0\tC2\tshort\n\
             x\tC3\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\n\
             -\tC4\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\n\
             1.0\tC5\t-\thigh\t-\t-\t-\t-\tlong\t-\t-\t-\t-\t-\t-\t\t\n\
             1.0\tC6\t10.0"
        ));
        assert_eq!(rows.all(Table::Flow).len(), 2);
        assert_eq!(
            rows.anomalies(),
            [
                (Anomaly::TruncatedRecord, 1),
                (Anomaly::WrongColumnCount, 1),
                (Anomaly::InvalidTimestamp, 1),
                (Anomaly::MissingTimestamp, 1),
                (Anomaly::InvalidValue, 2),
            ]
        );
    }

    #[test]
    fn other_logs_are_counted_only() {
        let rows = read("#separator \\x09\n#path\tweird\n#fields\tts\tname\n1.0\tbad_TCP\n");
        assert_eq!((rows.records(), rows.anomalies().len()), (1, 0));
        assert_eq!(rows.all(Table::Flow).len(), 0);
    }

    #[test]
    fn the_head_tells_the_format() {
        assert!(ZeekTsv.recognises(CONN.as_bytes()));
        assert!(ZeekTsv.recognises(b"\xef\xbb\xbf#separator \\x09\n"));
        assert!(ZeekTsv.recognises(format!("{ROW}{CONN}").as_bytes()));
        assert!(!ZeekTsv.recognises(ROW.as_bytes()));
        assert!(!ZeekTsv.recognises(b"#Fields: date time c-ip\n"));
    }

    #[test]
    fn escapes() {
        assert_eq!(unescape("a\\x2cb\\x09\\\\x"), "a,b\t\\x");
        assert_eq!(unescape("\\xc3\\xa4"), "\u{e4}");
        assert_eq!(unescape("\\xff\\x2c"), "\\xff\\x2c");
        assert_eq!(unescape("\\x2\\"), "\\x2\\");
        assert_eq!(single_character("\\x09"), Some('\t'));
        assert_eq!(single_character("\\x09\\x09"), None);
    }

    proptest! {
        #[test]
        fn a_damaged_line_changes_no_other(
            rows in 2..12_usize,
            damaged in any::<prop::sample::Index>(),
            from in any::<prop::sample::Index>(),
            to in any::<prop::sample::Index>(),
            instead in prop::collection::vec(any::<u8>().prop_filter("one line", |byte| *byte != b'\n'), 0..20),
        ) {
            let lines: Vec<String> = (0..rows).map(|row| ROW.replace("Cuid1", &format!("C{row}"))).collect();
            let damaged = damaged.index(rows);
            // A line that begins with # speaks about those behind it, so the first byte stays.
            let length = lines[damaged].len() - 1;
            let (from, to) = (1 + from.index(length - 1), 1 + to.index(length - 1));
            let (from, to) = (from.min(to), from.max(to));
            let mut bytes = CONN.as_bytes().to_vec();
            for (row, line) in lines.iter().enumerate() {
                let line = line.as_bytes();
                if row == damaged {
                    bytes.extend_from_slice(&line[..from]);
                    bytes.extend_from_slice(&instead);
                    bytes.extend_from_slice(&line[to..]);
                } else {
                    bytes.extend_from_slice(line);
                }
            }
            let whole = KeptRows::read(&ZeekTsv, format!("{CONN}{}", lines.concat()).as_bytes());
            let rest = KeptRows::read(&ZeekTsv, &bytes).all(Table::Flow);
            for (row, expected) in whole.all(Table::Flow).into_iter().enumerate() {
                prop_assert!(row == damaged || rest.contains(&expected));
            }
        }
    }
}
