//! The part of a rule that says what it looks for, read for the library.
//!
//! A detection is a mapping whose entries all have to hold, a list of mappings of which one has to, or a list of
//! keywords. What an entry means is decided here, so that the library is handed comparisons of which it is known to
//! be right; what it gets wrong is put right by [`super::repair`], fault by fault.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use coldtrail_diagnostics::ProblemKind;
use rsigma_ir::{
    IrCondition, IrDetection, IrDetectionItem, IrMatcher, IrNumber, IrStrOp, IrTimePart,
};
use rsigma_parser::{Modifier, SigmaString, StringPart, parse_field_spec};
use yaml_serde::{Mapping, Value};

use super::cost::{Cost, RULE_PATTERNS};
use super::document::Fault;
use super::repair;

/// Detections by name, and the conditions over them, of which one has to hold.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Detections {
    pub(super) named: BTreeMap<String, IrDetection>,
    pub(super) conditions: Vec<IrCondition>,
    /// What they take.
    pub(super) cost: Cost,
}

/// What reading a rule may use and how much.
#[derive(Clone, Debug)]
pub(super) struct Means<'m> {
    /// The values of `%name%`.
    pub(super) placeholders: &'m HashMap<String, Vec<String>>,
    /// Whether one that has no value matches nothing, and is no fault.
    pub(super) is_lenient: bool,
    /// At most so many bytes does a regular expression take when it is compiled.
    pub(super) pattern_bytes: usize,
}

/// So many modifiers may change a value before it is searched for: each may make several of it.
const MOST_ENCODINGS: usize = 3;

/// How a value is compared with that of the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Text(IrStrOp),
    Regex,
    Network,
    Exists,
    Field(IrStrOp),
    Order(Modifier),
    Time(IrTimePart),
}

/// What the modifiers behind the name of a field say.
struct Manner<'m> {
    means: &'m Means<'m>,
    comparison: Comparison,
    is_cased: bool,
    is_expanded: bool,
    needs_all: bool,
    is_negated: bool,
    flags: String,
    /// What its regular expressions may take yet, in bytes.
    patterns_left: Cell<usize>,
    /// What is done to a text before it is compared, in the order in which the rule names it.
    encodings: Vec<Modifier>,
}

/// Reads the detections of a rule, or of a filter, whose own keys are left out.
pub(super) fn read(
    section: &Mapping,
    means: &Means<'_>,
    own: &[&str],
) -> Result<Detections, Fault> {
    let mut named = BTreeMap::new();
    let mut cost = Cost::default();
    for (key, value) in section {
        let name = key.as_str().unwrap_or_default();
        if own.contains(&name) {
            continue;
        }
        let detection = detection(value, means).map_err(|fault| fault.below(name))?;
        if !cost.add(&detection, means.pattern_bytes) {
            return Err(too_many_patterns().below(name));
        }
        named.insert(name.to_owned(), detection);
    }
    let conditions = match section.get("condition") {
        Some(Value::String(text)) => vec![text.as_str()],
        Some(Value::Sequence(texts)) if texts.iter().all(Value::is_string) => {
            texts.iter().filter_map(Value::as_str).collect()
        }
        Some(_) => {
            let reason = "`condition` is neither a text nor a list of texts";
            let help = "write which detections have to hold, such as `selection and not filter`";
            let fault = Fault::new(ProblemKind::InvalidValue, reason, help);
            return Err(fault.below("condition"));
        }
        None => Vec::new(),
    };
    if conditions.is_empty() {
        let help = "add `condition:`, such as `condition: selection`";
        return Err(Fault::new(ProblemKind::MissingValue, "there is no `condition`", help));
    }
    let mut read = Vec::new();
    for condition in conditions {
        let condition = repair::condition::read(condition, &mut named);
        read.push(condition.map_err(|fault| fault.below("condition"))?);
    }
    Ok(Detections { named, conditions: read, cost })
}

/// The names of all fields that detections speak of, in order.
pub(super) fn fields(section: &Mapping) -> Vec<String> {
    let mut names = BTreeSet::new();
    let mut left: Vec<&Value> = section.values().collect();
    while let Some(value) = left.pop() {
        match value {
            Value::Sequence(members) => left.extend(members),
            Value::Mapping(entries) => {
                for (key, value) in entries {
                    let key = key.as_str().unwrap_or_default();
                    let (name, modifiers) = key.split_once('|').unwrap_or((key, ""));
                    if !name.is_empty() {
                        names.insert(name.to_owned());
                    }
                    if modifiers.split('|').any(|modifier| modifier == "fieldref") {
                        names.extend(texts(value));
                    }
                }
            }
            _ => {}
        }
    }
    names.into_iter().collect()
}

/// The texts of a value that is one, or a list of them.
pub(super) fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Sequence(members) => members.iter().filter_map(scalar).collect(),
        other => scalar(other).into_iter().collect(),
    }
}

/// A scalar as a text.
pub(super) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}

/// Reads one detection.
pub(super) fn detection(value: &Value, means: &Means<'_>) -> Result<IrDetection, Fault> {
    match value {
        Value::Mapping(entries) => {
            let mut all = Vec::new();
            for (key, value) in entries {
                let key = key.as_str().unwrap_or_default();
                all.push(item(key, value, means).map_err(|fault| fault.below(key))?);
            }
            all_of(all).ok_or_else(empty)
        }
        Value::Sequence(members) if members.iter().all(|one| !is_nested(one)) => {
            item("", value, means)
        }
        Value::Sequence(members) => {
            let mut any = Vec::new();
            for member in members {
                any.push(detection(member, means)?);
            }
            Ok(any_of(any))
        }
        _ => item("", value, means),
    }
}

fn is_nested(value: &Value) -> bool {
    value.is_mapping() || value.is_sequence()
}

fn empty() -> Fault {
    let help = "name a field and what it must hold, such as `Image|endswith: '\\curl.exe'`";
    Fault::new(ProblemKind::MissingValue, "the detection is empty", help)
}

/// Reads one entry of a detection: a field with modifiers and what it is compared with.
pub(super) fn item(key: &str, value: &Value, means: &Means<'_>) -> Result<IrDetection, Fault> {
    let manner = Manner::read(key, means)?;
    let field = key.split('|').next().unwrap_or_default();
    let values = match value {
        Value::Sequence(members) => members.as_slice(),
        other => std::slice::from_ref(other),
    };
    if values.is_empty() {
        return Err(empty());
    }
    if values.iter().any(is_nested) {
        let reason =
            format!("`{key}` holds something that is neither a value nor a list of values");
        let help = "write a text, a number, or a list of them";
        return Err(Fault::new(ProblemKind::InvalidValue, reason, help));
    }
    let matchers: Result<Vec<_>, _> = values.iter().map(|value| manner.matcher(value)).collect();
    let matchers = matchers?;
    let positive = if field.is_empty() {
        repair::keywords::detection(matchers, manner.needs_all)
    } else {
        let field = rsigma_parser::fieldpath::escape_brackets(field).into_owned();
        match manner.comparison {
            Comparison::Exists => {
                let wanted = matchers.iter().all(|matcher| *matcher == IrMatcher::Exists(true));
                repair::presence::detection(field, wanted)
            }
            _ => repair::null::detection(field, matchers, manner.needs_all),
        }
    };
    Ok(if manner.is_negated { not(positive) } else { positive })
}

/// All of some detections; `None` where there are none.
pub(super) fn all_of(detections: Vec<IrDetection>) -> Option<IrDetection> {
    let mut items = Vec::new();
    let mut others = Vec::new();
    for detection in detections {
        match detection {
            IrDetection::AllOf(more) => items.extend(more),
            other => others.push(other),
        }
    }
    if !items.is_empty() {
        others.insert(0, IrDetection::AllOf(items));
    }
    match others.len() {
        0 => None,
        1 => others.pop(),
        _ => Some(IrDetection::And(others)),
    }
}

/// One of some detections.
pub(super) fn any_of(mut detections: Vec<IrDetection>) -> IrDetection {
    match detections.pop() {
        Some(only) if detections.is_empty() => only,
        last => {
            detections.extend(last);
            IrDetection::AnyOf(detections)
        }
    }
}

/// A comparison of a field.
pub(super) fn one(field: &str, matcher: IrMatcher) -> IrDetection {
    let item = IrDetectionItem { field: Some(field.to_owned()), matcher, exists: None };
    IrDetection::AllOf(vec![item])
}

/// What holds where a detection does not, a field that is absent among it.
pub(super) fn not(detection: IrDetection) -> IrDetection {
    let name = "negated".to_owned();
    let condition = IrCondition::Not(Box::new(IrCondition::Detection(name.clone())));
    IrDetection::Conditional { named: HashMap::from([(name, detection)]), condition }
}

impl<'m> Manner<'m> {
    /// Reads the modifiers of a key.
    fn read(key: &str, means: &'m Means<'m>) -> Result<Self, Fault> {
        let specification = parse_field_spec(key).map_err(|error| {
            let help = "see the Sigma specification, appendix modifiers, for those that there are";
            Fault::new(ProblemKind::Unsupported, format!("`{key}`: {error}"), help)
        })?;
        let mut manner = Self {
            means,
            comparison: Comparison::Text(IrStrOp::Exact),
            is_cased: false,
            is_expanded: false,
            needs_all: false,
            is_negated: false,
            flags: String::new(),
            patterns_left: Cell::new(means.pattern_bytes.saturating_mul(RULE_PATTERNS)),
            encodings: Vec::new(),
        };
        let is_keyword = specification.name.is_none();
        let mut operators: Vec<Comparison> = Vec::new();
        for modifier in specification.modifiers {
            match modifier {
                Modifier::Contains => operators.push(Comparison::Text(IrStrOp::Contains)),
                Modifier::StartsWith => operators.push(Comparison::Text(IrStrOp::StartsWith)),
                Modifier::EndsWith => operators.push(Comparison::Text(IrStrOp::EndsWith)),
                Modifier::Re => operators.push(Comparison::Regex),
                Modifier::Cidr => operators.push(Comparison::Network),
                Modifier::Exists => operators.push(Comparison::Exists),
                Modifier::FieldRef => operators.push(Comparison::Field(IrStrOp::Exact)),
                Modifier::Gt | Modifier::Gte | Modifier::Lt | Modifier::Lte => {
                    operators.push(Comparison::Order(modifier));
                }
                Modifier::Minute => operators.push(Comparison::Time(IrTimePart::Minute)),
                Modifier::Hour => operators.push(Comparison::Time(IrTimePart::Hour)),
                Modifier::Day => operators.push(Comparison::Time(IrTimePart::Day)),
                Modifier::Week => operators.push(Comparison::Time(IrTimePart::Week)),
                Modifier::Month => operators.push(Comparison::Time(IrTimePart::Month)),
                Modifier::Year => operators.push(Comparison::Time(IrTimePart::Year)),
                Modifier::Cased => manner.is_cased = true,
                Modifier::Expand => manner.is_expanded = true,
                Modifier::All => manner.needs_all = true,
                Modifier::Neq => manner.is_negated = true,
                Modifier::IgnoreCase => manner.flags.push('i'),
                Modifier::Multiline => manner.flags.push('m'),
                Modifier::DotAll => manner.flags.push('s'),
                Modifier::Base64
                | Modifier::Base64Offset
                | Modifier::Wide
                | Modifier::Utf16
                | Modifier::Utf16be
                | Modifier::WindAsh => {
                    if manner.encodings.len() == MOST_ENCODINGS {
                        let reason =
                            format!("more than {MOST_ENCODINGS} modifiers change the value");
                        let help = "each of them multiplies what is searched for: leave some out";
                        return Err(Fault::new(ProblemKind::TooLarge, reason, help));
                    }
                    manner.encodings.push(modifier);
                }
            }
        }
        manner.comparison = joined(&operators).ok_or_else(|| conflict(key))?;
        if is_keyword && manner.comparison == Comparison::Text(IrStrOp::Exact) {
            manner.comparison = Comparison::Text(repair::keywords::COMPARISON);
        }
        manner.agree(key)?;
        Ok(manner)
    }

    /// Whether what the modifiers say goes together.
    fn agree(&self, key: &str) -> Result<(), Fault> {
        let is_keyword = key.starts_with('|');
        let is_text = matches!(self.comparison, Comparison::Text(_));
        let is_regex = self.comparison == Comparison::Regex;
        let has_encodings = !self.encodings.is_empty();
        if (has_encodings && !is_text)
            || (!self.flags.is_empty() && !is_regex)
            || (self.is_expanded && !is_text && !is_regex && self.comparison != Comparison::Network)
        {
            return Err(conflict(key));
        }
        if is_keyword && !is_text && !is_regex {
            let reason = format!("`{key}` needs the name of a field before it");
            let help = "write the name of the field, such as `SourceIp|cidr`";
            return Err(Fault::new(ProblemKind::MissingValue, reason, help));
        }
        Ok(())
    }

    /// What a value is compared with.
    fn matcher(&self, value: &Value) -> Result<IrMatcher, Fault> {
        match self.comparison {
            Comparison::Text(operation) => self.text(operation, value),
            Comparison::Regex => {
                let patterns = self.expanded(&needed(value)?)?;
                let mut matchers = Vec::new();
                for pattern in &patterns {
                    let most = self.means.pattern_bytes;
                    let (matcher, bytes) = repair::regex::matcher(pattern, &self.flags, most)?;
                    let left = self.patterns_left.get().checked_sub(bytes);
                    self.patterns_left.set(left.ok_or_else(too_many_patterns)?);
                    matchers.push(matcher);
                }
                Ok(any_matcher(matchers))
            }
            Comparison::Network => {
                let networks = self.expanded(&needed(value)?)?;
                let matchers: Result<Vec<_>, _> =
                    networks.iter().map(|network| repair::network::matcher(network)).collect();
                Ok(any_matcher(matchers?))
            }
            Comparison::Exists => match value {
                Value::Bool(wanted) => Ok(IrMatcher::Exists(*wanted)),
                _ => Err(unfit(value, "`exists` needs `true` or `false`")),
            },
            Comparison::Field(op) => {
                let name = SigmaString::new(&needed(value)?);
                let Some(name) = name.as_plain().filter(|name| !name.is_empty()) else {
                    return Err(unfit(value, "`fieldref` needs the name of a field"));
                };
                let field = rsigma_parser::fieldpath::escape_brackets(&name).into_owned();
                Ok(IrMatcher::FieldRef { field, op, case_insensitive: !self.is_cased })
            }
            Comparison::Order(modifier) => repair::number::order(modifier, self.number(value)?),
            Comparison::Time(part) => Ok(repair::time::matcher(part, self.number(value)?)),
        }
    }

    fn number(&self, value: &Value) -> Result<f64, Fault> {
        let number = match value {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => text.parse().ok(),
            _ => None,
        };
        let number = number.filter(|number: &f64| number.is_finite());
        number.ok_or_else(|| unfit(value, "a number is needed"))
    }

    /// A comparison with a text, or with what stands for one.
    fn text(&self, op: IrStrOp, value: &Value) -> Result<IrMatcher, Fault> {
        let text = match value {
            Value::Null => return Ok(IrMatcher::Null),
            Value::Bool(truth) if op == IrStrOp::Exact => return Ok(IrMatcher::BoolEq(*truth)),
            Value::Number(number) if op == IrStrOp::Exact && self.encodings.is_empty() => {
                return Ok(repair::number::equal(number));
            }
            Value::Bool(_) | Value::Number(_) => scalar(value).unwrap_or_default(),
            Value::String(text) => text.clone(),
            Value::Sequence(_) | Value::Mapping(_) | Value::Tagged(_) => {
                return Err(unfit(value, "a text or a number is needed"));
            }
        };
        let mut any = Vec::new();
        for text in self.expanded(&text)? {
            let mut patterns = vec![SigmaString::new(&text).parts];
            for encoding in &self.encodings {
                let mut next = Vec::new();
                for pattern in &patterns {
                    next.extend(self.encoded(*encoding, pattern)?);
                }
                patterns = next;
            }
            for pattern in patterns {
                any.push(repair::wildcard::matcher(&pattern, op, self.is_cased)?);
            }
        }
        Ok(any_matcher(any))
    }

    fn encoded(
        &self,
        encoding: Modifier,
        pattern: &[StringPart],
    ) -> Result<Vec<Vec<StringPart>>, Fault> {
        match encoding {
            Modifier::WindAsh => repair::windash::variants(pattern),
            Modifier::Base64 => repair::base64::encoded(pattern),
            Modifier::Base64Offset => repair::base64::anywhere(pattern),
            wide => Ok(vec![repair::base64::wide(wide, pattern)]),
        }
    }

    /// The texts that a text stands for, if the rule says that placeholders are in it.
    fn expanded(&self, text: &str) -> Result<Vec<String>, Fault> {
        if !self.is_expanded {
            return Ok(vec![text.to_owned()]);
        }
        match repair::placeholder::expanded(text, self.means.placeholders) {
            Err(fault) if self.means.is_lenient && fault.kind == ProblemKind::UnknownReference => {
                Ok(Vec::new())
            }
            expanded => expanded,
        }
    }
}

/// The one comparison that operators make together.
fn joined(operators: &[Comparison]) -> Option<Comparison> {
    match operators {
        [] => Some(Comparison::Text(IrStrOp::Exact)),
        [only] => Some(*only),
        // A regular expression matches anywhere in a text, so that these say nothing new.
        [Comparison::Regex, Comparison::Text(_)] => Some(Comparison::Regex),
        [Comparison::Field(_), Comparison::Text(op)] => Some(Comparison::Field(*op)),
        _ => None,
    }
}

/// Any of some comparisons.
pub(super) fn any_matcher(mut matchers: Vec<IrMatcher>) -> IrMatcher {
    match matchers.pop() {
        Some(only) if matchers.is_empty() => only,
        last => {
            matchers.extend(last);
            IrMatcher::AnyOf(matchers)
        }
    }
}

/// A number for the library.
pub(super) fn literal(number: f64) -> IrNumber {
    IrNumber::Literal(number)
}

fn too_many_patterns() -> Fault {
    let reason = "the regular expressions of the rule take too much memory";
    Fault::new(ProblemKind::TooLarge, reason, "write fewer or smaller ones")
}

fn conflict(key: &str) -> Fault {
    let reason = format!("the modifiers of `{key}` do not go together");
    let help =
        "use one comparison for a field, and what changes a text only with comparisons of texts";
    Fault::new(ProblemKind::InvalidValue, reason, help)
}

fn needed(value: &Value) -> Result<String, Fault> {
    scalar(value).ok_or_else(|| unfit(value, "a text is needed"))
}

fn unfit(value: &Value, needed: &str) -> Fault {
    let told = match value {
        Value::Null => "nothing".to_owned(),
        other => match scalar(other) {
            Some(text) => format!("`{}`", beginning(&text)),
            None => "a list or mapping".to_owned(),
        },
    };
    let reason = format!("{needed}, and there is {told}");
    Fault::new(ProblemKind::InvalidValue, reason, "write a value that the modifiers can use")
}

/// The beginning of a text, for telling.
pub(super) fn beginning(text: &str) -> String {
    const MOST: usize = 120;
    if text.chars().count() <= MOST {
        return text.to_owned();
    }
    text.chars().take(MOST).chain(['…']).collect()
}
