//! Random operators and expressions of the core that both engines know, over tricky values.
//!
//! Where the language leaves something open, nothing is asked: sets and lists are sorted, order is by a
//! column that is unique. Nor is anything asked that ends a tick before the next, since DuckDB keeps microseconds.

use coldtrail_range::Random;

/// A column at hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) kind: Kind,
    /// Whether no two rows have the same.
    pub(super) is_unique: bool,
}

/// The type of a column or expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Bool,
    Long,
    Real,
    String,
    DateTime,
    TimeSpan,
    Dynamic,
}

impl Kind {
    /// The columns of every table.
    pub(super) const ALL: [(&str, Kind); 9] = [
        ("id", Kind::Long),
        ("s", Kind::String),
        ("t", Kind::String),
        ("n", Kind::Long),
        ("r", Kind::Real),
        ("b", Kind::Bool),
        ("d", Kind::DateTime),
        ("p", Kind::TimeSpan),
        ("j", Kind::Dynamic),
    ];

    /// As it is declared.
    pub(super) fn name(self) -> &'static str {
        match self {
            Kind::Bool => "bool",
            Kind::Long => "long",
            Kind::Real => "real",
            Kind::String => "string",
            Kind::DateTime => "datetime",
            Kind::TimeSpan => "timespan",
            Kind::Dynamic => "dynamic",
        }
    }
}

const TEXTS: [&str; 18] = [
    "",
    "a",
    "A",
    "ab",
    "a_b",
    "a b",
    "éa",
    "e",
    "É",
    "x ab y",
    "a.b.example",
    "10",
    "-3",
    "2.5",
    "true",
    "{\\\"k\\\":1}",
    "powershell.exe -enc A",
    "ß-ab",
];
const NEEDLES: [&str; 11] = ["", "a", "ab", "A", " a", "b", "_", "é", ".", "example", "a b"];
const LONGS: [&str; 9] = ["long(null)", "0", "1", "-1", "2", "3", "7", "-8", "4611686018427387904"];
const REALS: [&str; 7] = ["real(null)", "0.0", "1.5", "-2.25", "100.0", "0.1", "1e10"];
const MOMENTS: [&str; 6] = [
    "datetime(null)",
    "datetime(2024-02-29)",
    "datetime(2024-02-29 23:59:59.999)",
    "datetime(2023-12-31T12:30:00Z)",
    "datetime(2024-01-07 00:00:01)",
    "datetime(1999-05-05 05:05:05.5)",
];
const LENGTHS: [&str; 7] = ["timespan(null)", "0s", "1d", "time(-01:00:00)", "90s", "1.5h", "26h"];
const DOCUMENTS: [&str; 9] = [
    "dynamic(null)",
    "dynamic([1, 2, 3])",
    "dynamic([])",
    "dynamic({\"k\": 1, \"m\": {\"x\": \"y\"}})",
    "dynamic({\"k\": \"a_b\", \"l\": [1, \"a\", null]})",
    "dynamic([\"a\", \"b\", \"a\"])",
    "dynamic({})",
    "dynamic([[1], {\"k\": 2}])",
    "dynamic(\"a\")",
];
const STRING_OPERATORS: [&str; 24] = [
    "==",
    "!=",
    "=~",
    "!~",
    "has",
    "!has",
    "has_cs",
    "!has_cs",
    "hasprefix",
    "!hasprefix",
    "hassuffix",
    "!hassuffix",
    "contains",
    "!contains",
    "contains_cs",
    "!contains_cs",
    "startswith",
    "!startswith",
    "startswith_cs",
    "!startswith_cs",
    "endswith",
    "!endswith",
    "endswith_cs",
    "!endswith_cs",
];
const COMPARISONS: [&str; 6] = ["==", "!=", "<", "<=", ">", ">="];

/// Writes queries, by chance.
#[derive(Debug)]
pub(super) struct Writer {
    random: Random,
    /// How many names were made.
    names: usize,
}

impl Writer {
    pub(super) fn new(random: Random) -> Self {
        Self { random, names: 0 }
    }

    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.random.between(&(0..=end.saturating_sub(1)))
    }

    pub(super) fn one(&mut self, of: &[&str]) -> String {
        let at = self.below(of.len() as u64) as usize;
        of.get(at).copied().unwrap_or_default().to_owned()
    }

    fn name(&mut self) -> String {
        self.names += 1;
        format!("x{}", self.names)
    }

    fn text(&mut self) -> String {
        format!("\"{}\"", self.one(&TEXTS))
    }

    fn needle(&mut self) -> String {
        format!("\"{}\"", self.one(&NEEDLES))
    }

    /// A constant.
    pub(super) fn value(&mut self, kind: Kind) -> String {
        match kind {
            Kind::Bool => self.one(&["true", "false", "bool(null)"]),
            Kind::Long => self.one(&LONGS),
            Kind::Real => self.one(&REALS),
            Kind::String => self.text(),
            Kind::DateTime => self.one(&MOMENTS),
            Kind::TimeSpan => self.one(&LENGTHS),
            Kind::Dynamic => self.one(&DOCUMENTS),
        }
    }

    /// An operator, and the columns behind it.
    pub(super) fn operator(&mut self, columns: &[Column]) -> (String, Vec<Column>) {
        match self.below(14) {
            0..=2 => (format!("where {}", self.expression(Kind::Bool, columns, 2)), columns.into()),
            3..=5 => self.extend(columns),
            6 => self.project(columns),
            7..=8 => self.summarize(columns),
            9 => self.join(columns),
            10 => self.expand(columns),
            11 => self.distinct(columns),
            12 => self.parse(columns),
            _ => self.union(columns),
        }
    }

    fn extend(&mut self, columns: &[Column]) -> (String, Vec<Column>) {
        let mut after = columns.to_vec();
        let mut parts = Vec::new();
        for _ in 0..1 + self.below(2) {
            let kind = self.kind();
            let name = self.name();
            parts.push(format!("{name} = {}", self.expression(kind, columns, 2)));
            after.push(Column { name, kind, is_unique: false });
        }
        (format!("extend {}", parts.join(", ")), after)
    }

    fn project(&mut self, columns: &[Column]) -> (String, Vec<Column>) {
        let mut after: Vec<Column> = columns.to_vec();
        after.retain(|column| column.name == "id" || self.below(3) > 0);
        if after.is_empty() {
            after.extend(columns.first().cloned());
        }
        let names: Vec<&str> = after.iter().map(|column| column.name.as_str()).collect();
        (format!("project {}", names.join(", ")), after)
    }

    fn summarize(&mut self, columns: &[Column]) -> (String, Vec<Column>) {
        let mut after = Vec::new();
        let mut keys = Vec::new();
        for _ in 0..self.below(3) {
            let Some(column) = self.column(columns) else { continue };
            if column.kind != Kind::Dynamic && !after.contains(&column) {
                keys.push(column.name.clone());
                after.push(Column { is_unique: false, ..column });
            }
        }
        let mut aggregates = Vec::new();
        for _ in 0..1 + self.below(3) {
            let (aggregate, kind) = self.aggregate(columns);
            let name = self.name();
            aggregates.push(format!("{name} = {aggregate}"));
            after.push(Column { name, kind, is_unique: false });
        }
        let by = if keys.is_empty() { String::new() } else { format!(" by {}", keys.join(", ")) };
        (format!("summarize {}{by}", aggregates.join(", ")), after)
    }

    fn aggregate(&mut self, columns: &[Column]) -> (String, Kind) {
        let long = self.expression(Kind::Long, columns, 1);
        let real = self.expression(Kind::Real, columns, 1);
        let text = self.expression(Kind::String, columns, 1);
        let moment = self.expression(Kind::DateTime, columns, 1);
        let holds = self.expression(Kind::Bool, columns, 1);
        let small = format!("({long}) % 100");
        match self.below(14) {
            0 => ("count()".to_owned(), Kind::Long),
            1 => (format!("countif({holds})"), Kind::Long),
            2 => (format!("sum({small})"), Kind::Long),
            3 => (format!("avg({real})"), Kind::Real),
            4 => (format!("min({moment})"), Kind::DateTime),
            5 => (format!("max({long})"), Kind::Long),
            6 => (format!("dcount({text})"), Kind::Long),
            7 => (format!("array_sort_asc(make_set({text}))"), Kind::Dynamic),
            8 => (format!("array_sort_asc(make_list({long}))"), Kind::Dynamic),
            9 => (format!("sumif({small}, {holds})"), Kind::Long),
            10 => (format!("dcountif({text}, {holds})"), Kind::Long),
            11 => (format!("max({real})"), Kind::Real),
            12 => (format!("array_sort_asc(make_set_if({long}, {holds}))"), Kind::Dynamic),
            _ => (format!("percentile({small}, 50)"), Kind::Long),
        }
    }

    fn join(&mut self, columns: &[Column]) -> (String, Vec<Column>) {
        const KEYS: [&str; 5] = ["s", "t", "n", "b", "id"];
        let shared = |column: &&Column| {
            let known = Kind::ALL.contains(&(column.name.as_str(), column.kind));
            known && KEYS.contains(&column.name.as_str())
        };
        let keys: Vec<&str> =
            columns.iter().filter(shared).map(|column| column.name.as_str()).collect();
        if keys.is_empty() {
            return self.distinct(columns);
        }
        let key = self.one(&keys);
        let kind = self.one(&[
            "inner",
            "leftouter",
            "rightouter",
            "fullouter",
            "leftsemi",
            "rightsemi",
            "leftanti",
            "rightanti",
        ]);
        let operator = match self.below(4) {
            0 => {
                let kind = self.one(&["kind=inner ", "", "kind=leftouter "]);
                format!("lookup {kind}(U | project {key}, y = id) on {key}")
            }
            1 => format!("project {key} | distinct {key} | join (U) on {key}"),
            _ => format!("join kind={kind} (U) on {key}"),
        };
        // What is called what behind it is the matter of another test: here the names end.
        (operator, Vec::new())
    }

    fn expand(&mut self, columns: &[Column]) -> (String, Vec<Column>) {
        let lists: Vec<&str> = columns
            .iter()
            .filter(|column| column.kind == Kind::Dynamic)
            .map(|column| column.name.as_str())
            .collect();
        if lists.is_empty() {
            return self.extend(columns);
        }
        let list = self.one(&lists);
        let mut after: Vec<Column> = columns.to_vec();
        after.iter_mut().for_each(|column| column.is_unique = false);
        let (to, kind) = match self.below(3) {
            0 => (" to typeof(long)", Kind::Long),
            1 => (" to typeof(string)", Kind::String),
            _ => ("", Kind::Dynamic),
        };
        if let Some(column) = after.iter_mut().find(|column| column.name == list) {
            column.kind = kind;
        }
        (format!("mv-expand {list}{to}"), after)
    }

    fn distinct(&mut self, columns: &[Column]) -> (String, Vec<Column>) {
        let mut after: Vec<Column> =
            columns.iter().filter(|column| column.kind != Kind::Dynamic).cloned().collect();
        after.retain(|_| self.below(3) == 0);
        if after.is_empty() {
            return (
                "count".to_owned(),
                vec![Column { name: "Count".to_owned(), kind: Kind::Long, is_unique: false }],
            );
        }
        after.iter_mut().for_each(|column| column.is_unique = false);
        let names: Vec<&str> = after.iter().map(|column| column.name.as_str()).collect();
        (format!("distinct {}", names.join(", ")), after)
    }

    fn parse(&mut self, columns: &[Column]) -> (String, Vec<Column>) {
        let of = self.expression(Kind::String, columns, 0);
        let (first, second) = (self.name(), self.name());
        let pattern = match self.below(3) {
            0 => format!("{first} \"a\" {second}"),
            1 => format!("* \"a\" {first} \"b\" {second}"),
            _ => format!("{first} \".\" {second} \".\" *"),
        };
        let of = if of.starts_with('"') { format!("strcat({of})") } else { of };
        let name = self.name();
        let mut after = columns.to_vec();
        for name in [&name, &first, &second] {
            let name = name.clone();
            after.push(Column { name, kind: Kind::String, is_unique: false });
        }
        (format!("extend {name} = {of} | parse {name} with {pattern}"), after)
    }

    fn union(&mut self, columns: &[Column]) -> (String, Vec<Column>) {
        let is_whole = Kind::ALL
            .iter()
            .all(|(name, kind)| columns.iter().any(|it| it.name == *name && it.kind == *kind));
        if !is_whole {
            return self.project(columns);
        }
        let mut after = columns.to_vec();
        after.iter_mut().for_each(|column| column.is_unique = false);
        (self.one(&["union U", "union (U | where n > 0)"]), after)
    }

    fn kind(&mut self) -> Kind {
        let at = self.below(Kind::ALL.len() as u64) as usize;
        Kind::ALL.get(at).map_or(Kind::Long, |(_, kind)| *kind)
    }

    fn column(&mut self, columns: &[Column]) -> Option<Column> {
        let at = self.below(columns.len() as u64) as usize;
        columns.get(at).cloned()
    }

    /// An expression of a type, nested at most so deeply.
    fn expression(&mut self, kind: Kind, columns: &[Column], depth: usize) -> String {
        let names: Vec<&str> = columns
            .iter()
            .filter(|column| column.kind == kind)
            .map(|column| column.name.as_str())
            .collect();
        if depth == 0 || self.below(4) == 0 {
            return if names.is_empty() { self.value(kind) } else { self.one(&names) };
        }
        let of = |writer: &mut Writer, kind| writer.expression(kind, columns, depth - 1);
        match kind {
            Kind::Bool => self.condition(columns, depth),
            Kind::Long => {
                let (long, text) = (of(self, Kind::Long), of(self, Kind::String));
                let (moment, list) = (of(self, Kind::DateTime), of(self, Kind::Dynamic));
                let few = self.one(&["1", "2", "3", "-2", "7"]);
                match self.below(12) {
                    0 => format!("strlen({text})"),
                    1 => format!("({long}) % 50 + {few}"),
                    2 => format!("({long}) % 50 * {few}"),
                    3 => format!("({long}) / {few}"),
                    4 => format!("({long}) % {few}"),
                    5 => format!("tolong({text})"),
                    6 => format!("bin({long}, 3)"),
                    7 => format!("array_length({list})"),
                    8 => format!("indexof({text}, {})", self.needle()),
                    9 => format!(
                        "datetime_part('{}', {moment})",
                        self.one(&["year", "month", "hour"])
                    ),
                    10 => format!("iff({}, {long}, {few})", of(self, Kind::Bool)),
                    _ => format!("coalesce({long}, {few})"),
                }
            }
            Kind::Real => {
                let (real, text) = (of(self, Kind::Real), of(self, Kind::String));
                let long = of(self, Kind::Long);
                match self.below(6) {
                    0 => format!("({real}) * 2.0"),
                    1 => format!("todouble({text})"),
                    2 => format!("round({real}, 1)"),
                    3 => format!("({long}) % 50 / 4.0"),
                    4 => format!("bin({real}, 0.5)"),
                    _ => format!("abs({real})"),
                }
            }
            Kind::String => self.string(columns, depth),
            Kind::DateTime => {
                let moment = of(self, Kind::DateTime);
                match self.below(6) {
                    0 => format!("({moment}) + ({})", of(self, Kind::TimeSpan)),
                    1 => format!("bin({moment}, {})", self.one(&["1d", "1h", "7d", "90s"])),
                    2 => format!("startofweek({moment})"),
                    3 => format!("startofmonth({moment})"),
                    4 => format!("datetime_add('month', 1, {moment})"),
                    _ => format!("startofday({moment}, -1)"),
                }
            }
            Kind::TimeSpan => {
                let length = of(self, Kind::TimeSpan);
                match self.below(4) {
                    0 => format!("({}) - datetime(2024-01-01)", of(self, Kind::DateTime)),
                    1 => format!("({length}) + 1h"),
                    2 => format!("bin({length}, 1h)"),
                    _ => format!("-({length})"),
                }
            }
            Kind::Dynamic => {
                let list = of(self, Kind::Dynamic);
                match self.below(7) {
                    0 => format!(
                        "split({}, {})",
                        of(self, Kind::String),
                        self.one(&["\"a\"", "\".\"", "\" \""])
                    ),
                    1 if !names.is_empty() => format!("{}.k", self.one(&names)),
                    2 if !names.is_empty() => format!("{}[1]", self.one(&names)),
                    3 if !names.is_empty() => format!("{}['m']['x']", self.one(&names)),
                    4 => {
                        format!("pack_array({}, {})", of(self, Kind::Long), of(self, Kind::String))
                    }
                    5 => format!("parse_json({})", of(self, Kind::String)),
                    _ => format!("array_slice({list}, 0, 1)"),
                }
            }
        }
    }

    fn condition(&mut self, columns: &[Column], depth: usize) -> String {
        let of = |writer: &mut Writer, kind| writer.expression(kind, columns, depth - 1);
        match self.below(14) {
            0..=3 => {
                let operator = self.one(&STRING_OPERATORS);
                format!("{} {operator} {}", of(self, Kind::String), self.needle())
            }
            4 => {
                format!("{} {} {}", of(self, Kind::Long), self.one(&COMPARISONS), self.one(&LONGS))
            }
            5 => {
                format!("{} {} {}", of(self, Kind::Real), self.one(&COMPARISONS), self.one(&REALS))
            }
            6 => format!(
                "{} {} {}",
                of(self, Kind::DateTime),
                self.one(&COMPARISONS),
                self.one(&MOMENTS)
            ),
            7 => {
                let operator = self.one(&["in", "!in", "in~", "!in~", "has_any", "has_all"]);
                let list = format!("{}, {}", self.needle(), self.needle());
                format!("{} {operator} ({list})", of(self, Kind::String))
            }
            8 => format!("isempty({})", of(self, Kind::String)),
            9 => format!("isnull({})", of(self, Kind::Long)),
            10 => format!("({}) and ({})", of(self, Kind::Bool), of(self, Kind::Bool)),
            11 => format!("({}) or ({})", of(self, Kind::Bool), of(self, Kind::Bool)),
            12 => format!("not({})", of(self, Kind::Bool)),
            _ => format!("{} between (-1 .. 3)", of(self, Kind::Long)),
        }
    }

    fn string(&mut self, columns: &[Column], depth: usize) -> String {
        let of = |writer: &mut Writer, kind| writer.expression(kind, columns, depth - 1);
        let text = of(self, Kind::String);
        match self.below(14) {
            0 => format!("tolower({text})"),
            1 => format!("toupper({text})"),
            2 => format!("strcat({text}, {}, {})", self.needle(), of(self, Kind::Long)),
            3 => format!("substring({text}, 1, 2)"),
            4 => format!(
                "replace_string({text}, {}, \"_\")",
                self.one(&["\"a\"", "\".\"", "\"ab\""])
            ),
            5 => format!("tostring({})", of(self, Kind::Long)),
            6 => format!("tostring({})", of(self, Kind::DateTime)),
            7 => format!("tostring({})", of(self, Kind::TimeSpan)),
            8 => format!("tostring({})", of(self, Kind::Bool)),
            9 => format!("tostring({})", of(self, Kind::Dynamic)),
            10 => format!("extract(@\"([a-z]+)\\W\", 1, {text})"),
            11 => format!(
                "case({}, {text}, {}, \"b\", \"c\")",
                of(self, Kind::Bool),
                of(self, Kind::Bool)
            ),
            12 => format!("trim(@\"\\s+\", {text})"),
            _ => format!("format_datetime({}, 'yyyy-MM-dd HH:mm')", of(self, Kind::DateTime)),
        }
    }
}
