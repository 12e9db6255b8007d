//! Rules, ready to be run.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;

use coldtrail_diagnostics::Problem;
use rsigma_eval::{CompiledRule, Engine, EvaluationResult, evaluate_rule};

use super::correlation::Correlation;
use super::event::Record;
use super::{Event, LogSource, Rule, RuleKind, Telemetry};

mod load;
#[cfg(test)]
mod tests;

/// A file of rules.
#[derive(Clone, Debug)]
pub struct RuleText {
    /// The file.
    pub file: PathBuf,
    /// What is in it.
    pub text: String,
    /// Under which terms rules of it may be used if they do not say so themselves; empty if nothing tells.
    pub license: String,
}

/// How much of what people wrote is taken.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Files that are larger are not read, in bytes.
    pub file_bytes: usize,
    /// At most so many documents are loaded.
    pub documents: usize,
    /// At most so many bytes does a regular expression take when it is compiled.
    pub pattern_bytes: usize,
    /// At most so many bytes are read of all files together.
    pub text_bytes: usize,
}

/// Rules, ready to be run.
#[derive(Default)]
pub struct RuleSet {
    rules: Vec<Rule>,
    problems: Vec<Problem>,
    /// What the author of each rule wrote, for whoever explains it.
    texts: Vec<Box<str>>,
    /// Whether each rule is told by itself.
    told: Vec<bool>,
    /// The fields that correlations need of each rule.
    kept: Vec<Vec<String>>,
    /// What each correlation asks for.
    correlations: BTreeMap<usize, Linked>,
    /// The correlations that refer to each rule.
    referring: Vec<Vec<usize>>,
    /// The engines, and where each rule is among them.
    engines: Vec<(LogSource, Engine)>,
    placeholders: HashMap<String, Vec<String>>,
}

/// A correlation whose rules are found.
#[derive(Clone, Debug)]
pub(super) struct Linked {
    pub(super) correlation: Correlation,
    /// The places of the rules that it refers to, in its order.
    pub(super) bases: Vec<usize>,
}

/// Which engines of a rule set a telemetry feeds.
#[derive(Clone, Debug, Default)]
pub struct Feed(pub(crate) Vec<usize>);

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes: 4 << 20,
            documents: 200_000,
            pattern_bytes: 10 << 20,
            text_bytes: 128 << 20,
        }
    }
}

impl RuleSet {
    /// Reads files of rules. Whatever is wrong with one is a problem with its place, and harms no other.
    ///
    /// `wanted` says which rules to load, besides those that a correlation that is loaded refers to; filters are
    /// loaded in any case. `placeholders` are the values of `%name%`.
    ///
    /// Of documents with the same identifier, one that says the same as an earlier one is not loaded; others are,
    /// and whatever refers to the identifier means the first. Both is told.
    pub fn load(
        texts: &[RuleText],
        placeholders: &[(String, Vec<String>)],
        wanted: &dyn Fn(&Rule) -> bool,
        limits: &Limits,
    ) -> Self {
        load::load(texts, placeholders, wanted, limits)
    }

    /// All documents that were loaded, in the order of files and lines; whatever tells of a rule tells its place
    /// here.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// What is wrong with files and documents.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Whether a match of a rule is told by itself: not that of a rule that was loaded, or is kept, for a
    /// correlation alone (`generate: false`).
    pub fn is_told(&self, rule: usize) -> bool {
        self.told.get(rule).copied().unwrap_or_default()
    }

    /// The fields whose values correlations over a rule need of each of its matches, in order of name.
    pub fn kept(&self, rule: usize) -> &[String] {
        self.kept.get(rule).map(Vec::as_slice).unwrap_or_default()
    }

    /// Whether a correlation refers to a rule.
    pub fn is_correlated(&self, rule: usize) -> bool {
        !self.referring(rule).is_empty()
    }

    /// The log sources of the rules, each with how many rules name it.
    pub fn log_sources(&self) -> Vec<(LogSource, usize)> {
        let count =
            |(log_source, engine): &(LogSource, Engine)| (log_source.clone(), engine.rules().len());
        self.engines.iter().map(count).collect()
    }

    /// Which engines a telemetry feeds; it is worth keeping.
    pub fn feed(&self, telemetry: &Telemetry) -> Feed {
        let is_fed = |log_source: &LogSource| {
            telemetry.log_sources.iter().any(|given| log_source.is_fed_by(given))
        };
        let engines = self.engines.iter().enumerate();
        Feed(engines.filter(|(_, (source, _))| is_fed(source)).map(|(place, _)| place).collect())
    }

    /// The rules that an event matches, in order.
    pub fn evaluate(&self, feed: &Feed, event: &Event<'_>) -> Vec<usize> {
        let record = Record::new(event);
        self.asked(feed, |engine| engine.evaluate(&record).iter().filter_map(place).collect())
    }

    /// The same by the slow way that asks every rule, which tests compare with.
    pub fn evaluate_each(&self, feed: &Feed, event: &Event<'_>) -> Vec<usize> {
        let record = Record::new(event);
        self.asked(feed, |engine| {
            let rules = engine.rules().iter();
            rules
                .filter_map(|rule| evaluate_rule(rule, &record))
                .filter_map(|one| place(&one))
                .collect()
        })
    }

    fn asked(&self, feed: &Feed, ask: impl Fn(&Engine) -> Vec<usize>) -> Vec<usize> {
        let engines = feed.0.iter().filter_map(|place| self.engines.get(*place));
        let mut rules: Vec<usize> = engines.flat_map(|(_, engine)| ask(engine)).collect();
        rules.sort_unstable();
        rules
    }

    /// The correlations that refer to a rule, in order.
    pub(super) fn referring(&self, rule: usize) -> &[usize] {
        self.referring.get(rule).map(Vec::as_slice).unwrap_or_default()
    }

    /// What a correlation asks for.
    pub(super) fn correlation(&self, rule: usize) -> Option<&Linked> {
        self.correlations.get(&rule)
    }

    /// What the author of a rule wrote: a document of YAML.
    pub(super) fn text(&self, rule: usize) -> &str {
        self.texts.get(rule).map(AsRef::as_ref).unwrap_or_default()
    }

    /// The values of placeholders.
    pub(super) fn placeholders(&self) -> &HashMap<String, Vec<String>> {
        &self.placeholders
    }

    /// Puts the compiled rules into engines, one for each log source.
    fn add_engines(&mut self, compiled: Vec<(usize, CompiledRule)>) {
        let mut by_source: BTreeMap<LogSource, Vec<CompiledRule>> = BTreeMap::new();
        for (place, mut rule) in compiled {
            rule.id = Some(place.to_string());
            let Some(source) = self.rules.get(place).map(|rule| &rule.log_source) else { continue };
            let source = LogSource {
                category: source.category.to_lowercase(),
                product: source.product.to_lowercase(),
                service: source.service.to_lowercase(),
            };
            by_source.entry(source).or_default().push(rule);
        }
        self.engines = load::side_by_side(by_source.into_iter().collect(), |(source, rules)| {
            let mut engine = Engine::new();
            engine.extend_compiled_rules(rules);
            (source, engine)
        });
    }

    /// Says which rules correlations refer to, what they need of them, and which are told by themselves.
    fn link(&mut self, correlations: BTreeMap<usize, Linked>, wanted: Vec<bool>) {
        let count = self.rules.len();
        self.referring = vec![Vec::new(); count];
        let mut is_generated = vec![false; count];
        for (place, linked) in &correlations {
            for base in linked.bases.iter().collect::<BTreeSet<_>>() {
                if let Some(referring) = self.referring.get_mut(*base) {
                    referring.push(*place);
                }
                if let Some(generated) = is_generated.get_mut(*base) {
                    *generated |= linked.correlation.generate;
                }
            }
        }
        let told = |(place, wanted): (usize, bool)| {
            let is_filter = self.rules.get(place).is_none_or(|rule| rule.kind == RuleKind::Filter);
            let is_generated = is_generated.get(place).copied().unwrap_or_default();
            wanted && !is_filter && (is_generated || self.referring(place).is_empty())
        };
        self.told = wanted.into_iter().enumerate().map(told).collect();
        self.kept = vec![Vec::new(); count];
        let mut needed: Vec<Option<BTreeSet<String>>> = vec![None; count];
        for place in 0..count {
            self.need(place, &correlations, &mut needed);
        }
        for (kept, needed) in self.kept.iter_mut().zip(needed) {
            *kept = needed.unwrap_or_default().into_iter().collect();
        }
        self.correlations = correlations;
    }

    /// What correlations need of a rule, those that refer to correlations over it among them. Correlations do not
    /// go round in circles, and are nested only so deep.
    fn need(
        &self,
        place: usize,
        correlations: &BTreeMap<usize, Linked>,
        needed: &mut Vec<Option<BTreeSet<String>>>,
    ) -> BTreeSet<String> {
        if let Some(Some(known)) = needed.get(place) {
            return known.clone();
        }
        let mut fields = BTreeSet::new();
        for referring in self.referring(place).to_vec() {
            if let (Some(linked), Some(rule)) =
                (correlations.get(&referring), self.rules.get(place))
            {
                fields.extend(linked.correlation.needed(rule));
            }
            fields.extend(self.need(referring, correlations, needed));
        }
        if let Some(slot) = needed.get_mut(place) {
            *slot = Some(fields.clone());
        }
        fields
    }
}

/// The place of a rule that matched.
fn place(result: &EvaluationResult) -> Option<usize> {
    result.header.rule_id.as_deref()?.parse().ok()
}
