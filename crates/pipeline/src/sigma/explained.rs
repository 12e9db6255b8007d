//! Why a rule matches the event at a place of a log, or does not.

use std::sync::Arc;

use arrow_array::RecordBatch;
use coldtrail_model::{Field, RecordReference, Table};
use coldtrail_rules::sigma::{Event, Explanation, LogSource, RuleSet, Taxonomy, explain};
use coldtrail_sources::{
    Input, Mapping, ReaderDied, Receiver, Selection, Stopped, WholeRecord, read_all,
};

use super::classes::{Class, Classes};
use super::hit::Place;
use super::rows::Rows;

/// What a rule makes of an event.
#[derive(Clone, Debug)]
pub struct ExplainedEvent {
    /// Where the event is.
    pub record: RecordReference,
    /// What it is called.
    pub telemetry: String,
    /// The log sources that it is of.
    pub log_sources: Vec<LogSource>,
    /// Whether it is of the rule's log source; if not, the rule is never shown such an event.
    pub is_shown: bool,
    /// Why it matches, or does not.
    pub explanation: Explanation,
}

/// Explains what a rule makes of the events of logs: of the one whose record begins at an offset, or of so many
/// from the beginning.
///
/// # Errors
///
/// When a thread dies.
pub fn explained(
    rules: &RuleSet,
    rule: usize,
    inputs: &[Input],
    mappings: Arc<[Mapping]>,
    offset: Option<u64>,
    most: usize,
) -> Result<Vec<ExplainedEvent>, ReaderDied> {
    let taxonomy = Taxonomy::builtin();
    let selection = Selection::everything().whole(&taxonomy.whole_formats()).mapped(mappings);
    let classes = Classes::new(rules, taxonomy);
    let explainer = Explainer { rules, rule, offset, most, classes, explained: Vec::new() };
    let read = read_all(inputs, &Arc::new(selection), vec![explainer], &|_bytes| {})?;
    Ok(read.receivers.into_iter().flat_map(|it| it.explained).collect())
}

struct Explainer<'r> {
    rules: &'r RuleSet,
    rule: usize,
    offset: Option<u64>,
    most: usize,
    classes: Classes<'r>,
    explained: Vec<ExplainedEvent>,
}

impl Explainer<'_> {
    fn is_wanted(&self, offset: u64) -> bool {
        self.offset.is_none_or(|wanted| wanted == offset)
    }

    fn explain(&mut self, class: &Class, event: &Event<'_>, place: &Place) -> Result<(), Stopped> {
        let Some(rule) = self.rules.rules().get(self.rule) else { return Err(Stopped) };
        let Some(explanation) = explain(self.rules, self.rule, event) else { return Err(Stopped) };
        let log_sources = class.telemetry.log_sources.clone();
        self.explained.push(ExplainedEvent {
            record: place.reference(),
            telemetry: class.telemetry.name.clone(),
            is_shown: log_sources.iter().any(|given| rule.log_source.is_fed_by(given)),
            log_sources,
            explanation,
        });
        if self.explained.len() < self.most { Ok(()) } else { Err(Stopped) }
    }
}

impl Receiver for Explainer<'_> {
    fn receive(&mut self, table: Table, batch: RecordBatch) -> Result<(), Stopped> {
        let rows = Rows::of(table, &batch);
        for row in 0..batch.num_rows() {
            let place = rows.place(row);
            let dataset = rows.text(Field::EventDataset, row).unwrap_or_default();
            let class =
                self.classes.of_row(table, dataset).filter(|_| self.is_wanted(place.offset));
            let Some(class) = class else { continue };
            let event = class.event_of_row(&rows, row);
            self.explain(&class, &event, &place)?;
        }
        Ok(())
    }

    fn receive_whole(&mut self, record: WholeRecord<'_>) -> Result<(), Stopped> {
        if !self.is_wanted(record.offset) {
            return Ok(());
        }
        let class = match &record.windows {
            Some(of) => Some(self.classes.of_windows(&of.channel, &of.provider, of.event_id)),
            None => self.classes.of_record(&record),
        };
        let Some(class) = class else { return Ok(()) };
        let place = Place::of(&record);
        let event = class.event(record);
        self.explain(&class, &event, &place)
    }
}
