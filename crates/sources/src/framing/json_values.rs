//! Cuts a stream into JSON objects: one on a line, several on a line, spread over lines, or the
//! elements of an array.
//!
//! Objects are told apart by their braces, with an eye on strings; whether they are valid JSON is
//! for a real parser to say. Damage is noticed where the structure breaks: a line ends inside a
//! string, a brace closes a bracket, an object begins where none can. Then the scan goes back to the
//! first place inside the broken object where another one may have begun, so that a damaged record
//! costs nothing but itself.
//!
//! An export may be one object with all records in an array under a well-known name (an *envelope*).
//! When such an object cannot be had whole, because it is too large or broken, its array is entered
//! and the elements are yielded one by one; a whole one is left to the caller, who may know the
//! object, and can enter it with [`envelope`].

use std::io::Read;

use coldtrail_diagnostics::Anomaly;

use super::window::Window;
use super::{Framed, LONGEST_RECORD, Skipped};

/// The names under which products put the records of an export.
pub(crate) const ENVELOPES: [&str; 12] = [
    "records",
    "Records",
    "events",
    "value",
    "expected",
    "results",
    "Results",
    // APIs: Cloudflare's audit log, Google's activities and log entries, CloudTrail's LookupEvents.
    "result",
    "items",
    "entries",
    "Events",
    // Subscriptions of CloudWatch.
    "logEvents",
];

/// The most commas, brackets and braces of one object. Parsed values take far more memory than their
/// text, up to some 600 bytes for the nine of `[{"":1},…`, so length alone would not bound it.
const MOST_VALUES: usize = 100_000;

/// The deepest nesting, which is also the deepest that serde_json follows.
const DEEPEST: usize = 127;

/// How many bytes may be looked at again for each byte read, and in advance. After damage the scan
/// goes back; a hostile stream must not make that quadratic.
const PATIENCE: u64 = 8;
const PATIENCE_IN_ADVANCE: u64 = 64 << 20;

/// Arrays of objects may have an element that is none.
const NOTHING: &[u8] = b"null";

/// The objects of a stream.
pub(crate) struct JsonValues<'r> {
    window: Window<'r>,
    /// How many envelopes were entered and not left.
    entered: usize,
    patience: u64,
}

/// One object, from its first brace to its last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct JsonValue<'v> {
    /// Where it begins in the stream.
    pub(crate) offset: u64,
    /// Its bytes, which need not be valid JSON.
    pub(crate) bytes: &'v [u8],
}

/// Where the array of an envelope begins: the place behind its `[`, if the object has one.
pub(crate) fn envelope(object: &[u8]) -> Option<usize> {
    let mut scan = Scan::new(Vec::new(), usize::MAX);
    scan.run(object);
    scan.envelope
}

impl<'r> JsonValues<'r> {
    /// The objects of a stream whose first byte has the given offset.
    pub(crate) fn new(stream: &'r mut dyn Read, offset: u64) -> Self {
        Self { window: Window::new(stream, offset), entered: 0, patience: PATIENCE_IN_ADVANCE }
    }

    /// The objects of an envelope's array; `stream` begins behind the array's `[`.
    pub(crate) fn entered(stream: &'r mut dyn Read, offset: u64) -> Self {
        Self { entered: 1, ..Self::new(stream, offset) }
    }

    /// The next object, or a stretch that holds none.
    pub(crate) fn next(&mut self) -> Option<Framed<JsonValue<'_>>> {
        loop {
            match self.skip_separators()? {
                b'{' => {}
                b']' if self.entered > 0 => {
                    self.entered -= 1;
                    self.window.take(1);
                    // The rest of the envelope's members says nothing.
                    let rest = self.scan(vec![Container::Object]);
                    self.leave(rest);
                    continue;
                }
                b']' | b'}' => {
                    self.window.take(1);
                    continue;
                }
                _ => return Some(self.skip(0, Anomaly::InvalidJson)),
            }
            let outcome = self.scan(Vec::new());
            let offset = self.window.offset();
            match outcome {
                Outcome::Whole { length } => {
                    self.patience += PATIENCE * length as u64;
                    return Some(Framed::Record(JsonValue {
                        offset,
                        bytes: self.window.take(length),
                    }));
                }
                Outcome::Envelope { elements } => {
                    self.window.take(elements);
                    self.entered += 1;
                }
                Outcome::Broken { resume, anomaly } => return Some(self.skip(resume, anomaly)),
                Outcome::TooLong(scan) => return Some(self.skip_whole(scan)),
            }
        }
    }

    /// Moves past what may stand between objects; the byte behind it.
    fn skip_separators(&mut self) -> Option<u8> {
        loop {
            let bytes = self.window.bytes();
            let separators = bytes.iter().take_while(|byte| is_separator(**byte)).count();
            self.window.take(separators);
            if self.window.bytes().len() < NOTHING.len() && self.window.fill() {
                continue;
            }
            if self.window.bytes().starts_with(NOTHING) {
                self.window.take(NOTHING.len());
                continue;
            }
            return self.window.bytes().first().copied();
        }
    }

    /// Looks for the end of the object that the window begins with, or that is already open.
    fn scan(&mut self, open: Vec<Container>) -> Outcome {
        let mut scan = Scan::new(open, MOST_VALUES);
        loop {
            let stop = scan.run(self.window.bytes());
            let stop = match stop {
                Stop::Hungry if scan.place > LONGEST_RECORD => Stop::TooLong,
                Stop::Hungry if self.window.fill() => continue,
                stop => stop,
            };
            return self.judge(scan, stop);
        }
    }

    /// Decides what becomes of an object whose scan stopped, and where to go on.
    fn judge(&mut self, scan: Scan, stop: Stop) -> Outcome {
        let anomaly = match stop {
            Stop::Closed => return Outcome::Whole { length: scan.place },
            Stop::TooLong => Anomaly::RecordTooLong,
            Stop::Broken => Anomaly::InvalidJson,
            Stop::Hungry => Anomaly::TruncatedRecord,
        };
        let back = scan.envelope.or(scan.candidate);
        let again = back.map_or(0, |place| (scan.place - place) as u64);
        let Some(place) = back.filter(|_| again <= self.patience) else {
            return match stop {
                Stop::TooLong => Outcome::TooLong(scan),
                _ => Outcome::Broken { resume: scan.place, anomaly },
            };
        };
        self.patience -= again;
        match scan.envelope {
            Some(elements) => Outcome::Envelope { elements },
            // What ends early here is the object behind the candidate, not this one.
            None if anomaly == Anomaly::TruncatedRecord => {
                Outcome::Broken { resume: place, anomaly: Anomaly::InvalidJson }
            }
            None => Outcome::Broken { resume: place, anomaly },
        }
    }

    /// Moves past the rest of an envelope.
    fn leave(&mut self, rest: Outcome) {
        match rest {
            Outcome::Whole { length } => {
                self.window.take(length);
            }
            Outcome::Envelope { elements } => {
                self.window.take(elements);
                self.entered += 1;
            }
            Outcome::Broken { resume, .. } => {
                self.window.take(resume);
            }
            Outcome::TooLong(scan) => {
                self.skip_whole(scan);
            }
        }
    }

    /// Leaves out an object up to its end, without keeping it in memory.
    fn skip_whole(&mut self, mut scan: Scan) -> Framed<JsonValue<'_>> {
        let offset = self.window.offset();
        scan.budget = usize::MAX;
        loop {
            let stop = scan.run(self.window.bytes());
            self.window.take(scan.place);
            // Names, envelopes and candidates of the scan lose their meaning here, and are not used.
            scan.place = 0;
            if !matches!(stop, Stop::Hungry) || !self.window.fill() {
                let length = self.window.offset() - offset;
                self.patience += PATIENCE * length;
                return Framed::Skipped(Skipped {
                    offset,
                    length,
                    anomaly: Anomaly::RecordTooLong,
                });
            }
        }
    }

    /// Leaves out so many bytes, and whatever follows them up to the next brace.
    fn skip(&mut self, length: usize, anomaly: Anomaly) -> Framed<JsonValue<'_>> {
        let offset = self.window.offset();
        self.window.take(length);
        loop {
            let bytes = self.window.bytes();
            let brace = memchr::memchr(b'{', bytes);
            let junk = brace.unwrap_or(bytes.len());
            self.window.take(junk);
            if brace.is_some() || !self.window.fill() {
                let length = self.window.offset() - offset;
                self.patience += PATIENCE * length;
                return Framed::Skipped(Skipped { offset, length, anomaly });
            }
        }
    }
}

/// White space, the commas and opening brackets of arrays, the record separator of RFC 7464, and the
/// bytes of the byte order mark that concatenated files have in their middle.
fn is_separator(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, b',' | b'[' | 0x1e | 0xef | 0xbb | 0xbf)
}

/// What became of an object.
enum Outcome {
    /// It is there.
    Whole { length: usize },
    /// It is not to be had whole, but its records are.
    Envelope { elements: usize },
    /// It is not to be had; reading resumes at the first brace from `resume` on.
    Broken { resume: usize, anomaly: Anomaly },
    /// It is longer than is kept; the scan can go on to its end.
    TooLong(Scan),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Container {
    Object,
    Array,
}

/// Why a scan stopped.
#[derive(Clone, Copy)]
enum Stop {
    /// The object is closed; its last brace is the last byte that was scanned.
    Closed,
    /// All bytes were scanned.
    Hungry,
    /// It has more than [`MOST_VALUES`].
    TooLong,
    /// The structure breaks here.
    Broken,
}

/// A scan of one object's structure, which goes on when there are more bytes.
struct Scan {
    /// The next byte to look at.
    place: usize,
    open: Vec<Container>,
    /// How many more commas, brackets and braces it may have.
    budget: usize,
    /// Where the string begins that the scan is in, behind its quote.
    string: Option<usize>,
    /// The last string outside of arrays and inner objects: perhaps the name of an envelope.
    name: (usize, usize),
    /// The last byte outside of strings that is no white space.
    last: u8,
    /// Where the array begins that the scan is in, behind its bracket, if its name is that of an
    /// envelope.
    named: Option<usize>,
    /// Where the array of an envelope begins: one that is named so, and has objects or nothing.
    envelope: Option<usize>,
    /// The first place where another object may have begun, should this one turn out to be broken:
    /// a brace at the beginning of a line, or behind `},` at the end of what looks like a string.
    candidate: Option<usize>,
}

impl Scan {
    fn new(open: Vec<Container>, budget: usize) -> Self {
        let (place, string, name, last) = (0, None, (0, 0), 0);
        let (named, envelope, candidate) = (None, None, None);
        Self { place, open, budget, string, name, last, named, envelope, candidate }
    }

    /// Scans on; `bytes` begins where it began before, and may have become longer.
    fn run(&mut self, bytes: &[u8]) -> Stop {
        while let Some(byte) = bytes.get(self.place) {
            let stop = match self.string {
                Some(start) => self.in_string(bytes, start),
                None => self.structure(bytes, *byte),
            };
            if let Some(stop) = stop {
                return stop;
            }
        }
        Stop::Hungry
    }

    /// Moves to the end of a string.
    fn in_string(&mut self, bytes: &[u8], start: usize) -> Option<Stop> {
        let rest = bytes.get(self.place..).unwrap_or_default();
        let Some(distance) = memchr::memchr3(b'"', b'\\', b'\n', rest) else {
            self.place = bytes.len();
            return None;
        };
        let end = self.place + distance;
        match bytes.get(end) {
            Some(b'\\') if end + 1 == bytes.len() => {
                // What is escaped is not there yet; the backslash is looked at again with it.
                self.place = end;
                return Some(Stop::Hungry);
            }
            // An escaped line end is no JSON either.
            Some(b'\\') if bytes.get(end + 1) != Some(&b'\n') => self.place = end + 2,
            Some(b'"') => self.end_string(bytes, start, end),
            _ => {
                self.place = end;
                return Some(Stop::Broken);
            }
        }
        None
    }

    fn end_string(&mut self, bytes: &[u8], start: usize, end: usize) {
        let string = bytes.get(start..end).unwrap_or_default();
        if string.ends_with(b"},{") {
            self.candidate.get_or_insert(end - 1);
        }
        if self.open.len() == 1 {
            self.name = (start, end);
        }
        self.string = None;
        self.last = b'"';
        self.place = end + 1;
    }

    /// Looks at one byte outside of strings.
    fn structure(&mut self, bytes: &[u8], byte: u8) -> Option<Stop> {
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' => {
                self.place += 1;
                return None;
            }
            b'"' => self.string = Some(self.place + 1),
            b'{' => {
                if !self.may_begin_object() {
                    return Some(Stop::Broken);
                }
                let first_of_line = self.place.checked_sub(1).and_then(|before| bytes.get(before));
                if first_of_line == Some(&b'\n') {
                    self.candidate.get_or_insert(self.place);
                }
                if self.open.len() == 2 && self.envelope.is_none() {
                    self.envelope = self.named;
                }
                self.open.push(Container::Object);
            }
            b'[' => {
                if self.open.len() == 1 {
                    let is_named = self.last == b':' && self.is_envelope(bytes);
                    self.named = is_named.then_some(self.place + 1);
                }
                self.open.push(Container::Array);
            }
            b'}' | b']' => {
                if self.open.len() == 2 {
                    let named = self.named.take();
                    if self.last == b'[' && self.envelope.is_none() {
                        self.envelope = named;
                    }
                }
                let closed = if byte == b'}' { Container::Object } else { Container::Array };
                if self.open.pop() != Some(closed) {
                    return Some(Stop::Broken);
                }
            }
            _ => {}
        }
        self.last = byte;
        self.place += 1;
        if self.open.is_empty() {
            return Some(Stop::Closed);
        }
        if self.open.len() > DEEPEST {
            return Some(Stop::Broken);
        }
        if matches!(byte, b'{' | b'[' | b',') {
            let Some(budget) = self.budget.checked_sub(1) else { return Some(Stop::TooLong) };
            self.budget = budget;
        }
        None
    }

    /// Whether an object may begin here, as the outermost or as a value. In a stream of lines, one
    /// that may not is the next record behind a cut one.
    fn may_begin_object(&self) -> bool {
        match self.open.last() {
            None => self.place == 0,
            Some(Container::Object) => self.last == b':',
            Some(Container::Array) => matches!(self.last, b'[' | b','),
        }
    }

    fn is_envelope(&self, bytes: &[u8]) -> bool {
        let name = bytes.get(self.name.0..self.name.1).unwrap_or_default();
        ENVELOPES.iter().any(|envelope| envelope.as_bytes() == name)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Read};

    use coldtrail_diagnostics::Anomaly;
    use proptest::prelude::*;
    use proptest::sample::Index;

    use super::{Framed, JsonValues, envelope};

    /// Every object as (offset, text), every skipped stretch as (offset, its anomaly's code).
    fn all(stream: &mut dyn Read) -> Vec<(u64, String)> {
        let mut values = JsonValues::new(stream, 0);
        let mut found = Vec::new();
        while let Some(framed) = values.next() {
            found.push(match framed {
                Framed::Record(value) => {
                    (value.offset, String::from_utf8_lossy(value.bytes).into_owned())
                }
                Framed::Skipped(skipped) => (skipped.offset, skipped.anomaly.code().to_owned()),
            });
        }
        found
    }

    fn texts(input: &str) -> Vec<String> {
        all(&mut input.as_bytes()).into_iter().map(|(_, text)| text).collect()
    }

    const INVALID: &str = "invalid-json";
    const TRUNCATED: &str = "truncated-record";

    #[test]
    fn objects_come_out_of_any_arrangement() {
        let expected = [r#"{"a":"}{\"\\"}"#, r#"{"b":[{"c":{}}]}"#];
        let [first, second] = expected;
        for input in [
            format!("{first}\n{second}\n"),
            format!("{first}\r\n\r\n{second}"),
            format!("{first}{second}"),
            format!("[{first},{second}]"),
            format!("[\n  {first},\n  {second}\n]\n"),
            format!("[{first}]\n[{second}]"),
            format!("[null, {first},\nnull,{second},null]"),
            format!("\u{feff}{first}\n\u{feff}{second}"),
            format!("\u{1e}{first}\n\u{1e}{second}\n"),
        ] {
            assert_eq!(texts(&input), expected, "{input}");
        }
        let pretty = "{\n  \"a\": {\n    \"b\": 1\n  }\n}\n{\n  \"c\": [\n{\n} ]\n}";
        assert_eq!(texts(pretty).len(), 2);
        assert!(texts("").is_empty());
        assert!(texts("[ ]\n").is_empty());
    }

    #[test]
    fn offsets_are_those_of_the_first_brace() {
        assert_eq!(
            all(&mut &b" {\"a\":1}\n {\"b\":2}"[..])
                .into_iter()
                .map(|(offset, _)| offset)
                .collect::<Vec<_>>(),
            [1, 10]
        );
    }

    #[test]
    fn half_a_line_costs_only_itself() {
        assert_eq!(texts("{\"a\":\"x\n{\"b\":2}\n"), [INVALID, r#"{"b":2}"#]);
        assert_eq!(texts("{\"a\":1\n{\"b\":2}\n"), [INVALID, r#"{"b":2}"#]);
        assert_eq!(texts("{\"a\":\n{\"b\":2}\n{\"c\":3}"), [INVALID, r#"{"b":2}"#, r#"{"c":3}"#]);
        assert_eq!(texts("{\"a\":[1,\n{\"b\":2}\n"), [INVALID, r#"{"b":2}"#]);
        assert_eq!(texts("{\"a\":1{\"b\":2}\n"), [INVALID, r#"{"b":2}"#]);
        assert_eq!(texts("{\"a\":1}\n{\"b\":"), [r#"{"a":1}"#, TRUNCATED]);
    }

    #[test]
    fn damage_inside_one_long_line_costs_only_itself() {
        let found = texts(r#"[{"a":"x},{"b":2},{"c":3}]"#);
        assert_eq!(found, [INVALID, r#"{"b":2}"#, r#"{"c":3}"#]);
        let found = texts(r#"[{"a":[1},{"b":2},{"c":3}]"#);
        assert_eq!(found, [INVALID, r#"{"b":2}"#, r#"{"c":3}"#]);
    }

    #[test]
    fn junk_is_counted_once_a_stretch() {
        assert_eq!(texts("junk\nmore junk\n{\"a\":1}\njunk"), [INVALID, r#"{"a":1}"#, INVALID]);
    }

    #[test]
    fn a_whole_envelope_is_left_to_the_caller() {
        let object = r#"{"count":1,"records":[{"a":1}]}"#;
        assert_eq!(texts(object), [object]);
        assert_eq!(envelope(object.as_bytes()), Some(22));
        assert_eq!(envelope(br#"{"value":[]}"#), Some(10));
        assert_eq!(envelope(br#"{"events":[1],"records":[null,{"a":1}]}"#), Some(25));
        assert_eq!(envelope(br#"{"value":[1],"a":{"b":{}}}"#), None);
        assert_eq!(envelope(br#"{"a":{"records":[]},"b":["value",[]],"events":["c"]}"#), None);
    }

    #[test]
    fn a_cut_envelope_gives_its_elements() {
        let found = texts("{\"count\":3,\"value\":[{\"a\":1},\n{\"b\":2},{\"c\":");
        assert_eq!(found, [r#"{"a":1}"#, r#"{"b":2}"#, TRUNCATED]);
    }

    #[test]
    fn a_large_envelope_gives_its_elements_and_ends_quietly() {
        let element = format!("{{\"text\":\"{}\"}},\n", "x".repeat(1000));
        let mut input = element.repeat(20_000).into_bytes();
        input.truncate(input.len() - 2);
        let mut stream = (&b"{\"context\":{},\"Results\":["[..])
            .chain(&input[..])
            .chain(&b"],\"Schema\":[{\"name\":\"x\"}]}{\"next\":1}"[..]);
        let found = all(&mut stream);
        assert_eq!(found.len(), 20_001);
        assert_eq!(found[20_000].1, r#"{"next":1}"#);
    }

    #[test]
    fn an_object_of_too_many_values_is_left_out() {
        let input = format!("{{\"a\":[{}1]}}\n{{\"b\":2}}", "1,".repeat(200_000));
        assert_eq!(texts(&input), ["record-too-long", r#"{"b":2}"#]);
    }

    #[test]
    fn a_string_of_100_megabytes_is_left_out_without_being_kept() {
        let mut input = (&b"{\"a\":\""[..])
            .chain(io::repeat(b'{').take(100 << 20))
            .chain(&b"\"}\n{\"b\":2}"[..]);
        let mut values = JsonValues::new(&mut input, 0);
        let Some(Framed::Skipped(skipped)) = values.next() else { panic!("it is too long") };
        assert_eq!(skipped.anomaly, Anomaly::RecordTooLong);
        let Some(Framed::Record(value)) = values.next() else { panic!("the next one survives") };
        assert_eq!(value.bytes, br#"{"b":2}"#);
        assert!(values.window.capacity() <= 2 * super::LONGEST_RECORD);
    }

    #[test]
    fn going_back_is_paid_for() {
        // Each candidate looks like a record that never ends, which is the worst case.
        let input = r#"{"a":"},{"b":""#.repeat(300_000);
        assert!(!texts(&input).is_empty());
        let deep = "{\"a\":[\n".repeat(300_000);
        assert!(!texts(&deep).is_empty());
    }

    /// What happens to one line.
    #[derive(Clone, Debug)]
    enum Damage {
        Cut(Index),
        Replace(Index, u8),
    }

    fn damage() -> impl Strategy<Value = Damage> {
        let byte = prop::sample::select(&b"\0 \"\\{}[],:x1\xff"[..]);
        prop_oneof![
            any::<Index>().prop_map(Damage::Cut),
            (any::<Index>(), byte).prop_map(|(place, byte)| Damage::Replace(place, byte)),
        ]
    }

    fn line() -> impl Strategy<Value = String> {
        let value = prop_oneof![
            Just("1".to_owned()),
            "[a-z\\[\\]{}:,]{0,6}".prop_map(|text| format!("\"{text}\"")),
            Just(r#""C:\\Windows\\ \"x\" },{""#.to_owned()),
            Just(r#"{"x":[1,{"y":"z"}]}"#.to_owned()),
            Just("[]".to_owned()),
        ];
        prop::collection::vec(value, 1..5).prop_map(|values| {
            let members: Vec<String> =
                (0..).zip(values).map(|(key, value)| format!("\"k{key}\":{value}")).collect();
            format!("{{{}}}", members.join(","))
        })
    }

    proptest! {
        #[test]
        fn damage_to_one_line_spares_all_others(
            lines in prop::collection::vec(line(), 1..8),
            which in any::<Index>(),
            damage in damage(),
        ) {
            let victim = which.index(lines.len());
            let mut input = Vec::new();
            for (place, line) in lines.iter().enumerate() {
                let mut line = line.clone().into_bytes();
                if place == victim {
                    match damage {
                        Damage::Cut(at) => line.truncate(at.index(line.len())),
                        Damage::Replace(at, byte) => {
                            let at = at.index(line.len());
                            line[at] = byte;
                        }
                    }
                }
                input.extend(line);
                input.push(b'\n');
            }
            let found = all(&mut &input[..]);
            let mut found = found.iter().map(|(_, text)| text);
            for (place, line) in lines.iter().enumerate() {
                if place != victim {
                    prop_assert!(found.any(|text| text == line), "line {} of {:?}", place, String::from_utf8_lossy(&input));
                }
            }
        }

        #[test]
        fn any_bytes_are_covered_in_order(input in prop::collection::vec(prop::sample::select(&b"{}[]\"\\,: \na1"[..]), 0..300)) {
            let mut stream = &input[..];
            let mut values = JsonValues::new(&mut stream, 0);
            let mut end = 0;
            while let Some(framed) = values.next() {
                let (offset, length) = match framed {
                    Framed::Record(value) => (value.offset, value.bytes.len() as u64),
                    Framed::Skipped(skipped) => (skipped.offset, skipped.length),
                };
                prop_assert!(offset >= end && length > 0);
                end = offset + length;
            }
            prop_assert!(end <= input.len() as u64);
        }
    }
}
