//! Reading files of rules into a rule set.
//!
//! Files are read side by side, then one thread decides which documents are loaded and what refers to what, then
//! rules are compiled side by side. What comes out depends on the texts alone.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::num::NonZero;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use coldtrail_diagnostics::{Problem, ProblemKind};
use rsigma_eval::{CompiledRule, compile_to_compiled};
use rsigma_ir::{IrRule, IrRuleMetadata};
use yaml_serde::{Mapping, Value};

use super::super::correlation::Correlation;
use super::super::cost::{Budget, Fate, unindexed};
use super::super::detection::{self, Detections, Means, beginning};
use super::super::document::{self, Document, Fault};
use super::super::repair::filter::Filter;
use super::super::{Rule, RuleKind};
use super::{Limits, Linked, RuleSet, RuleText};

/// Correlations over correlations are nested at most so deep.
const DEPTH: usize = 10;

/// Filters are put into rules at most so often, all together.
const FILTERED: usize = 200_000;

/// So many documents are compiled before it is looked at what is left for the others.
const PORTION: usize = 512;

/// At most so many problems are told one by one.
const PROBLEMS: usize = 10_000;

/// A document that may be loaded.
struct Draft<'t> {
    rule: Rule,
    file: String,
    document: Document<'t>,
    is_wanted: bool,
    is_chosen: bool,
}

impl Draft<'_> {
    fn problem(&self, fault: Fault) -> Problem {
        fault.problem(&self.file, &self.document)
    }
}

pub(super) fn load(
    texts: &[RuleText],
    placeholders: &[(String, Vec<String>)],
    wanted: &dyn Fn(&Rule) -> bool,
    limits: &Limits,
) -> RuleSet {
    let placeholders: HashMap<String, Vec<String>> = placeholders.iter().cloned().collect();
    let pattern_bytes = limits.pattern_bytes;
    let means = Means { placeholders: &placeholders, is_lenient: false, pattern_bytes };
    let (mut drafts, mut problems) = drafts(texts, limits);
    drop_repeated(&mut drafts, &mut problems);
    for draft in &mut drafts {
        draft.is_wanted = wanted(&draft.rule);
        draft.is_chosen = draft.is_wanted || draft.rule.kind == RuleKind::Filter;
    }
    let known = Known::of(&drafts);
    let mut correlations = correlations(&mut drafts, &known, &mut problems);
    let filters = filters(&mut drafts, &means, &mut problems);
    problems.extend(drafts.iter().filter_map(|draft| lacks_values(draft, &means)));
    let mut budget = Budget::new(limits.pattern_bytes);
    let mut compiled = Vec::new();
    let places: Vec<usize> = (0..drafts.len()).collect();
    // By portions, so that what is refused has not all been tried before.
    for places in places.chunks(PORTION) {
        let pattern_bytes = if budget.has_no_patterns() { 0 } else { limits.pattern_bytes };
        let means = Means { pattern_bytes, is_lenient: true, ..means.clone() };
        let lowered = side_by_side(places.to_vec(), |place| {
            let draft = drafts.get(place)?;
            let is_rule = draft.is_chosen && draft.rule.kind == RuleKind::Detection;
            is_rule.then(|| lower(draft, filters.of(place), &means))
        });
        let fated = lowered.into_iter().map(|lowered| {
            let spend = |detections: Detections| {
                let fate = budget.spend(detections.cost, limits.pattern_bytes);
                (detections, fate)
            };
            lowered.map(|lowered| lowered.map(spend))
        });
        compiled.extend(side_by_side(fated.collect(), |fated| {
            fated.map(|fated| fated.and_then(|(detections, fate)| compile(detections, fate)))
        }));
    }
    let mut rules: BTreeMap<usize, CompiledRule> = BTreeMap::new();
    for (place, compiled) in compiled.into_iter().enumerate() {
        match (compiled, drafts.get_mut(place)) {
            (Some(Ok(rule)), _) => {
                rules.insert(place, rule);
            }
            (Some(Err(fault)), Some(draft)) => {
                problems.push(draft.problem(fault));
                draft.is_chosen = false;
            }
            _ => {}
        }
    }
    drop_unfounded(&mut drafts, &mut correlations, &mut problems);
    assemble(drafts, problems, correlations, rules, placeholders)
}

/// Every document of every file, and what is wrong with others.
fn drafts<'t>(texts: &'t [RuleText], limits: &Limits) -> (Vec<Draft<'t>>, Vec<Problem>) {
    let mut left = limits.text_bytes;
    let mut problems = Vec::new();
    let mut readable = Vec::new();
    for text in texts {
        let bytes = text.text.len();
        let file = text.file.display().to_string();
        let (is_fit, reason) = if bytes > limits.file_bytes {
            (false, format!("the file has {bytes} bytes, more than {}", limits.file_bytes))
        } else {
            let reason = format!("the rules have more than {} bytes together", limits.text_bytes);
            (left.checked_sub(bytes).inspect(|rest| left = *rest).is_some(), reason)
        };
        if is_fit {
            readable.push((text, file));
        } else {
            problems.push(of_file(
                file,
                ProblemKind::TooLarge,
                reason,
                "split it, or leave rules out",
            ));
        }
    }
    let most = limits.documents;
    let read = side_by_side(readable, |(text, file)| {
        let (documents, mut problems) = document::read(&file, &text.text, most);
        let mut drafts = Vec::new();
        for document in documents {
            match Rule::read(&document.value, &text.file, document.first_line(), &text.license) {
                Ok((rule, faults)) => {
                    let used = faults
                        .into_iter()
                        .map(|fault| Problem { is_used: true, ..fault.problem(&file, &document) });
                    problems.extend(used);
                    let file = file.clone();
                    drafts.push(Draft { rule, file, document, is_wanted: false, is_chosen: false });
                }
                Err(fault) => problems.push(fault.problem(&file, &document)),
            }
        }
        (drafts, problems)
    });
    let mut drafts = Vec::new();
    for (more, told) in read {
        drafts.extend(more);
        problems.extend(told);
    }
    if let Some(first) = drafts.get(most) {
        let reason = format!("there are {} documents, and at most {most} are loaded", drafts.len());
        let help = "leave rules out";
        problems.push(first.problem(Fault::new(ProblemKind::TooMany, reason, help)));
        drafts.truncate(most);
    }
    (drafts, problems)
}

fn of_file(file: String, kind: ProblemKind, reason: String, help: &str) -> Problem {
    let help = help.to_owned();
    Problem { file, line: None, column: None, kind, is_used: false, reason, help }
}

/// Tells documents whose identifier another has, and leaves out those that say the same as that one.
fn drop_repeated(drafts: &mut Vec<Draft<'_>>, problems: &mut Vec<Problem>) {
    let mut firsts: HashMap<String, usize> = HashMap::new();
    let mut is_repeated = vec![false; drafts.len()];
    for (place, draft) in drafts.iter().enumerate() {
        if draft.rule.id.is_empty() {
            continue;
        }
        let first = *firsts.entry(draft.rule.id.clone()).or_insert(place);
        let Some(original) = drafts.get(first).filter(|_| first != place) else { continue };
        let is_same = original.document.value == draft.document.value;
        if let Some(slot) = is_repeated.get_mut(place) {
            *slot = is_same;
        }
        let what = if is_same { "the same rule" } else { "another rule with this identifier" };
        let reason = format!("{what} is in `{}`, line {}", original.file, original.rule.line);
        let help =
            if is_same { "leave one of them out" } else { "give it an identifier of its own" };
        let fault = Fault::new(ProblemKind::Repeated, reason, help).below("id");
        problems.push(Problem { is_used: !is_same, ..draft.problem(fault) });
    }
    let mut is_repeated = is_repeated.into_iter();
    drafts.retain(|_| !is_repeated.next().unwrap_or_default());
}

/// Where documents are found by identifier and by name: the first of each.
struct Known {
    by_id: HashMap<String, usize>,
    by_name: HashMap<String, usize>,
}

impl Known {
    fn of(drafts: &[Draft<'_>]) -> Self {
        let mut known = Self { by_id: HashMap::new(), by_name: HashMap::new() };
        for (place, Draft { rule, .. }) in drafts.iter().enumerate() {
            if rule.kind == RuleKind::Filter {
                continue;
            }
            for (names, name) in [(&mut known.by_id, &rule.id), (&mut known.by_name, &rule.name)] {
                if !name.is_empty() {
                    names.entry(name.clone()).or_insert(place);
                }
            }
        }
        known
    }

    fn find(&self, reference: &str) -> Option<usize> {
        self.by_id.get(reference).or_else(|| self.by_name.get(reference)).copied()
    }
}

/// Reads the correlations that are loaded, and chooses the documents that they refer to.
fn correlations(
    drafts: &mut [Draft<'_>],
    known: &Known,
    problems: &mut Vec<Problem>,
) -> BTreeMap<usize, Linked> {
    let mut correlations = BTreeMap::new();
    let is_correlation = |draft: &Draft<'_>| draft.rule.kind == RuleKind::Correlation;
    let mut left: BTreeSet<usize> = BTreeSet::new();
    for (place, draft) in drafts.iter().enumerate() {
        if draft.is_chosen && is_correlation(draft) {
            left.insert(place);
        }
    }
    while let Some(place) = left.pop_first() {
        let Some(draft) = drafts.get_mut(place) else { continue };
        match linked(draft, known) {
            Ok(linked) => {
                for base in &linked.bases {
                    let Some(base_draft) = drafts.get_mut(*base) else { continue };
                    base_draft.is_chosen = true;
                    let is_new = !correlations.contains_key(base) && *base != place;
                    if is_correlation(base_draft) && is_new {
                        left.insert(*base);
                    }
                }
                correlations.insert(place, linked);
            }
            Err(fault) => {
                problems.push(draft.problem(fault));
                draft.is_chosen = false;
            }
        }
    }
    correlations
}

fn linked(draft: &Draft<'_>, known: &Known) -> Result<Linked, Fault> {
    let correlation = Correlation::read(&draft.document.value)?;
    let mut bases = Vec::new();
    for reference in &correlation.rules {
        let Some(base) = known.find(reference) else {
            return Err(unknown(reference).below("rules").below("correlation"));
        };
        bases.push(base);
    }
    Ok(Linked { correlation, bases })
}

fn unknown(reference: &str) -> Fault {
    let reason = format!("no rule is called `{}`", beginning(reference));
    let help = "write the `id` or `name` of a rule that is loaded with it";
    Fault::new(ProblemKind::UnknownReference, reason, help)
}

/// Leaves out correlations whose rules are not loaded, those that lead back to themselves among them, and rules that
/// were chosen for these alone.
fn drop_unfounded(
    drafts: &mut [Draft<'_>],
    correlations: &mut BTreeMap<usize, Linked>,
    problems: &mut Vec<Problem>,
) {
    let mut depths: BTreeMap<usize, usize> = BTreeMap::new();
    // Rules first, then the correlations over them, level by level: what is left over at the end has no ground.
    for level in 1..=DEPTH {
        let is_sound = |base: &usize, depths: &BTreeMap<usize, usize>| {
            let is_rule = drafts
                .get(*base)
                .is_some_and(|draft| draft.is_chosen && draft.rule.kind == RuleKind::Detection);
            is_rule || depths.contains_key(base)
        };
        let sound: Vec<usize> = correlations
            .iter()
            .filter(|(place, _)| !depths.contains_key(place))
            .filter(|(_, linked)| linked.bases.iter().all(|base| is_sound(base, &depths)))
            .map(|(place, _)| *place)
            .collect();
        if sound.is_empty() {
            break;
        }
        depths.extend(sound.into_iter().map(|place| (place, level)));
    }
    let unfounded: Vec<usize> =
        correlations.keys().filter(|place| !depths.contains_key(place)).copied().collect();
    for place in unfounded {
        let Some(linked) = correlations.get(&place) else { continue };
        let missing = linked.bases.iter().zip(&linked.correlation.rules).find(|(base, _)| {
            !depths.contains_key(base)
                && drafts.get(**base).is_none_or(|draft| {
                    !draft.is_chosen || draft.rule.kind == RuleKind::Correlation
                })
        });
        let name = missing.map_or("", |(_, name)| name.as_str());
        let leads_back = leads_back(place, correlations);
        let (kind, reason, help) = if leads_back {
            let reason =
                format!("by way of `{}` the correlation leads back to itself", beginning(name));
            (ProblemKind::InvalidValue, reason, "let no correlation refer to one that refers to it")
        } else {
            let reason = format!("`{}`, to which it refers, is not loaded", beginning(name));
            (ProblemKind::UnknownReference, reason, "see what is wrong with that one")
        };
        if let Some(draft) = drafts.get_mut(place) {
            let fault = Fault::new(kind, reason, help).below("rules").below("correlation");
            problems.push(draft.problem(fault));
            draft.is_chosen = false;
        }
    }
    correlations.retain(|place, _| depths.contains_key(place));
    // Backwards over the levels, so that a correlation that is needed by nothing lets go of its own rules.
    let mut is_needed = vec![false; drafts.len()];
    let mut by_depth: Vec<(usize, usize)> =
        depths.into_iter().map(|(place, depth)| (depth, place)).collect();
    by_depth.sort_unstable();
    for (_, place) in by_depth.into_iter().rev() {
        let is_wanted = drafts.get(place).is_some_and(|draft| draft.is_wanted);
        let is_kept = is_wanted || is_needed.get(place).copied().unwrap_or_default();
        if !is_kept {
            correlations.remove(&place);
            continue;
        }
        for base in correlations.get(&place).map(|linked| linked.bases.clone()).unwrap_or_default()
        {
            if let Some(slot) = is_needed.get_mut(base) {
                *slot = true;
            }
        }
    }
    for (draft, is_needed) in drafts.iter_mut().zip(is_needed) {
        draft.is_chosen &= draft.is_wanted || is_needed || draft.rule.kind == RuleKind::Filter;
    }
}

/// Whether a correlation can be reached from itself.
fn leads_back(place: usize, correlations: &BTreeMap<usize, Linked>) -> bool {
    let mut seen = BTreeSet::new();
    let mut left = vec![place];
    while let Some(next) = left.pop() {
        for base in correlations.get(&next).into_iter().flat_map(|linked| &linked.bases) {
            if *base == place {
                return true;
            }
            if seen.insert(*base) {
                left.push(*base);
            }
        }
    }
    false
}

/// The filters that are loaded, and the rules for which each is.
#[derive(Default)]
struct Filters {
    filters: Vec<Filter>,
    by_rule: HashMap<usize, Vec<usize>>,
}

impl Filters {
    fn of(&self, rule: usize) -> impl Iterator<Item = &Filter> {
        let places = self.by_rule.get(&rule).into_iter().flatten();
        places.filter_map(|place| self.filters.get(*place))
    }
}

fn filters(drafts: &mut [Draft<'_>], means: &Means<'_>, problems: &mut Vec<Problem>) -> Filters {
    let mut filters = Filters::default();
    let mut left = FILTERED;
    for place in 0..drafts.len() {
        let Some(draft) = drafts.get(place).filter(|draft| draft.rule.kind == RuleKind::Filter)
        else {
            continue;
        };
        let read = Filter::read(&draft.document.value, &draft.rule.log_source, means);
        let filtered = read.and_then(|filter| {
            let rules = drafts.iter().enumerate();
            let rules = rules.filter(|(_, one)| one.is_chosen && filter.is_for(&one.rule));
            let rules: Vec<usize> = rules.map(|(place, _)| place).collect();
            match left.checked_sub(rules.len()) {
                Some(rest) => left = rest,
                None => {
                    let reason = format!("filters are for more than {FILTERED} rules together");
                    return Err(Fault::new(ProblemKind::TooMany, reason, "leave filters out"));
                }
            }
            Ok((filter, rules))
        });
        match filtered {
            Ok((filter, rules)) => {
                let is_there = |name: &&String| {
                    drafts.iter().any(|Draft { rule, .. }| {
                        rule.kind == RuleKind::Detection
                            && (rule.id == **name || rule.name == **name || rule.title == **name)
                    })
                };
                for name in filter.named().iter().filter(|name| !is_there(name)).take(10) {
                    let fault = unknown(name).below("rules").below("filter");
                    problems.push(Problem { is_used: true, ..draft.problem(fault) });
                }
                for rule in rules {
                    filters.by_rule.entry(rule).or_default().push(filters.filters.len());
                }
                filters.filters.push(filter);
            }
            Err(fault) => {
                problems.push(draft.problem(fault));
                if let Some(draft) = drafts.get_mut(place) {
                    draft.is_chosen = false;
                }
            }
        }
    }
    filters
}

/// Reads what a rule looks for, with the filters that are for it.
/// What is told of a rule with a placeholder that has no value. It is loaded all the same, since what it says
/// besides holds: the placeholder matches nothing.
fn lacks_values(draft: &Draft<'_>, means: &Means<'_>) -> Option<Problem> {
    let may = draft.is_chosen
        && draft.rule.kind == RuleKind::Detection
        && draft.document.text.contains("expand");
    let fault = may.then(|| lower(draft, std::iter::empty(), means).err()).flatten()?;
    (fault.kind == ProblemKind::UnknownReference)
        .then(|| Problem { is_used: true, ..draft.problem(fault) })
}

fn lower<'f>(
    draft: &Draft<'_>,
    filters: impl Iterator<Item = &'f Filter>,
    means: &Means<'_>,
) -> Result<Detections, Fault> {
    let section = draft.document.value.get("detection").and_then(Value::as_mapping);
    let empty = Mapping::new();
    let read = detection::read(section.unwrap_or(&empty), means, &["condition", "timeframe"]);
    let mut detections = read.map_err(|fault| fault.below("detection"))?;
    for (number, filter) in filters.enumerate() {
        filter.apply(number, &mut detections);
    }
    Ok(detections)
}

/// Compiles detections. What is told of a rule is kept elsewhere, so that a match is cheap, and no attribute of a
/// rule can change how the library works.
fn compile(detections: Detections, fate: Fate) -> Result<CompiledRule, Fault> {
    if fate == Fate::Refused {
        let reason = "its regular expressions take more memory than is left for them";
        let help = "write smaller ones, or leave rules out";
        return Err(Fault::new(ProblemKind::TooLarge, reason, help).below("detection"));
    }
    let rule = IrRule {
        metadata: IrRuleMetadata::default(),
        logsource: rsigma_parser::LogSource::default(),
        sigma_version: None,
        detections: detections.named.into_iter().collect(),
        conditions: detections.conditions,
    };
    let mut compiled = compile_to_compiled(&rule).map_err(|error| {
        let told = error.to_string();
        let reason = told.lines().last().unwrap_or_default().to_owned();
        let help = "change what the rule looks for";
        Fault::new(ProblemKind::InvalidValue, reason, help).below("detection")
    })?;
    if fate == Fate::Asked {
        let conditions = std::mem::take(&mut compiled.conditions);
        compiled.conditions = conditions.into_iter().map(unindexed).collect();
    }
    Ok(compiled)
}

/// Puts together what is loaded.
fn assemble(
    drafts: Vec<Draft<'_>>,
    mut problems: Vec<Problem>,
    correlations: BTreeMap<usize, Linked>,
    mut compiled: BTreeMap<usize, CompiledRule>,
    placeholders: HashMap<String, Vec<String>>,
) -> RuleSet {
    let mut set = RuleSet { placeholders, ..RuleSet::default() };
    let mut places: HashMap<usize, usize> = HashMap::new();
    let mut wanted = Vec::new();
    let mut ready = Vec::new();
    for (number, draft) in drafts.into_iter().enumerate() {
        if !draft.is_chosen {
            continue;
        }
        let place = set.rules.len();
        places.insert(number, place);
        if let Some(rule) = compiled.remove(&number) {
            ready.push((place, rule));
        }
        wanted.push(draft.is_wanted);
        let text = match draft.document.is_merged {
            true => yaml_serde::to_string(&draft.document.value).unwrap_or_default(),
            false => draft.document.text.to_owned(),
        };
        set.texts.push(text.into_boxed_str());
        set.rules.push(draft.rule);
    }
    let moved = correlations.into_iter().filter_map(|(number, linked)| {
        let bases: Option<Vec<usize>> =
            linked.bases.iter().map(|base| places.get(base).copied()).collect();
        Some((*places.get(&number)?, Linked { bases: bases?, ..linked }))
    });
    let moved = moved.collect();
    set.add_engines(ready);
    set.link(moved, wanted);
    problems.sort();
    problems.dedup();
    if problems.len() > PROBLEMS {
        let reason = format!("{} more problems are not told", problems.len() - PROBLEMS);
        problems.truncate(PROBLEMS);
        let file = problems.last().map(|last| last.file.clone()).unwrap_or_default();
        let help = "mend the first ones, and look again";
        problems.push(of_file(file, ProblemKind::TooMany, reason, help));
    }
    set.problems = problems;
    set
}

/// Does something with each of some things on as many threads as the machine has, and gives the results in order.
pub(super) fn side_by_side<T: Send, R: Send>(
    things: Vec<T>,
    work: impl Fn(T) -> R + Sync,
) -> Vec<R> {
    let count = things.len();
    let threads = std::thread::available_parallelism().map_or(1, NonZero::get).min(count);
    if threads < 2 {
        return things.into_iter().map(work).collect();
    }
    let things: Vec<Mutex<Option<T>>> =
        things.into_iter().map(|thing| Mutex::new(Some(thing))).collect();
    let next = AtomicUsize::new(0);
    let run = || {
        let mut done = Vec::new();
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some(thing) = things.get(place) else { return done };
            let thing = thing.lock().ok().and_then(|mut thing| thing.take());
            if let Some(thing) = thing {
                done.push((place, work(thing)));
            }
        }
    };
    let mut done: Vec<(usize, R)> = std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(run)).collect();
        let mut done = run();
        for other in others {
            match other.join() {
                Ok(more) => done.extend(more),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        done
    });
    done.sort_unstable_by_key(|(place, _)| *place);
    done.into_iter().map(|(_, result)| result).collect()
}
