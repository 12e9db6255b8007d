//! Runs every detection over the conversations, and reads rows back as signals.

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, ArrayRef, RecordBatch, StringArray};
use coldtrail_engine::functions::parse_record_reference;
use coldtrail_engine::plan::{Expr, LogicalPlan, LogicalPlanBuilder, coalesce, column, count, lit};
use coldtrail_engine::{Engine, EngineError};
use coldtrail_model::{
    Actor, Conversation, Endpoint, Kind, NotRun, Reach, RecordReference, Rhythm, Signal, Timestamp,
    Via,
};

use crate::clients::clients;
use crate::told_rhythm::told_rhythm;
use crate::{Baseline, DETECTIONS, DetectError, Detection, Need, Settings, View, Views};

/// What the detections said, and which of them could not run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Detected {
    /// Signals, in order of detection, host, process and tenant.
    pub signals: Vec<Signal>,
    /// Detections that could not run, and why.
    pub not_run: Vec<NotRun>,
}

/// Runs every detection over the views.
///
/// # Errors
///
/// When the engine cannot run a detection's plan.
pub async fn detect<E: Engine>(
    engine: &E,
    views: &Views,
    baseline: &Baseline,
    settings: &Settings,
) -> Result<Detected, DetectError> {
    let mut detected = Detected::default();
    let unmet = unmet(engine, &views.conversations).await?;
    let baseline = &Baseline { clients: clients(engine, &views.conversations).await?, ..*baseline };
    for detection in DETECTIONS {
        let unnamed = no_names(baseline).filter(|_| detection.reads() == View::Conversations);
        let lacks = || detection.needs().iter().find(|need| unmet.contains(need)).map(Need::unmet);
        let missing = unnamed.or_else(|| detection.missing(baseline, settings)).or_else(lacks);
        if let Some(because) = missing {
            detected.not_run.push(NotRun { detection: detection.id().to_owned(), because });
            continue;
        }
        let plan = detection.plan(views, baseline, settings)?;
        let mut signals = Vec::new();
        for batch in engine.collect(plan).await? {
            read_signals(*detection, &batch, (baseline, settings), &mut signals)?;
        }
        signals.sort_by(|one, other| order(one).cmp(&order(other)));
        detected.signals.append(&mut signals);
    }
    Ok(detected)
}

fn no_names(baseline: &Baseline) -> Option<String> {
    let add = Need::NAMES.add;
    (baseline.name_rows == 0).then(|| format!("no record names what was contacted: add {add}"))
}

/// The needs of detections that conversations show not to be met. Where nothing was contacted, there
/// is nothing to miss.
async fn unmet<E: Engine>(
    engine: &E,
    conversations: &LogicalPlan,
) -> Result<Vec<&'static Need>, DetectError> {
    let mut needs: Vec<&Need> = DETECTIONS.iter().flat_map(|one| one.needs()).collect();
    needs.retain(|need| !need.shown_by.is_empty());
    let shown = |need: &Need| need.shown_by.iter().map(|name| column(name)).collect();
    let counts = (0..)
        .zip(&needs)
        .map(|(index, need): (u32, _)| count(coalesce(shown(need))).alias(format!("need_{index}")));
    let counts = counts.chain([count(lit(1_i64)).alias("conversations")]);
    let plan = counted(conversations.clone(), counts)?;
    let mut filled = vec![0; needs.len() + 1];
    for batch in engine.collect(plan).await? {
        for (sum, column) in filled.iter_mut().zip(batch.columns()) {
            *sum += column.as_primitive::<Int64Type>().values().iter().sum::<i64>();
        }
    }
    let is_empty = filled.pop().unwrap_or_default() == 0;
    let unmet = needs.into_iter().zip(filled).filter(|(_, count)| *count == 0 && !is_empty);
    Ok(unmet.map(|(need, _)| need).collect())
}

fn counted(
    conversations: LogicalPlan,
    counts: impl Iterator<Item = Expr>,
) -> Result<LogicalPlan, EngineError> {
    let no_keys: Vec<Expr> = Vec::new();
    Ok(LogicalPlanBuilder::from(conversations).aggregate(no_keys, counts)?.build()?)
}

/// Rows come in any order; signals are told in one.
fn order(signal: &Signal) -> (&str, Option<&str>, &str, &str, Option<&str>) {
    let Conversation { actor, endpoint, .. } = &signal.conversation;
    (
        &actor.host,
        actor.process.as_deref(),
        &endpoint.provider,
        &endpoint.product,
        endpoint.tenant.as_deref().or(Some(&endpoint.host)),
    )
}

fn read_signals(
    detection: &dyn Detection,
    batch: &RecordBatch,
    (baseline, settings): (&Baseline, &Settings),
    signals: &mut Vec<Signal>,
) -> Result<(), DetectError> {
    let rows = Rows { batch };
    for row in 0..batch.num_rows() {
        let conversation = rows.conversation(row, baseline)?;
        let rhythm = rows.rhythm(row, &conversation, settings)?;
        signals.push(Signal {
            detection: detection.id().to_owned(),
            attack: detection.attack().iter().map(|id| (*id).to_owned()).collect(),
            strength: rows.strength(row)?,
            summary: detection.summary(&conversation, rhythm.as_ref()),
            records: rows.records(row)?,
            axis: detection.axis(),
            weight: detection.weight(),
            conversation,
            rhythm,
            rule: None,
        });
    }
    Ok(())
}

/// Reads typed values out of a batch of a detection's result.
struct Rows<'b> {
    batch: &'b RecordBatch,
}

impl Rows<'_> {
    fn conversation(&self, row: usize, baseline: &Baseline) -> Result<Conversation, DetectError> {
        let endpoint = self.endpoint(row)?;
        let first = |texts: Vec<String>| texts.into_iter().next();
        Ok(Conversation {
            actor: Actor {
                host: self.text("host", row)?.unwrap_or_default(),
                ip: first(self.texts("addresses", row)?),
                user: first(self.texts("users", row)?),
                process: self.text("process_name", row)?,
                parent_process: first(self.texts("parents", row)?),
            },
            executable: first(self.texts("executables", row)?),
            command_line: first(self.texts("command_lines", row)?),
            endpoint,
            first_seen: self.time("first_seen", row)?,
            last_seen: self.time("last_seen", row)?,
            events: self.number("events", row)?.unwrap_or_default(),
            // Whoever counts connections counts all that is inside.
            bytes: self
                .number("sent", row)?
                .zip(self.number("received", row)?)
                .max(self.number("request_bytes", row)?.zip(self.number("response_bytes", row)?)),
            longest_nanoseconds: self.number("longest_duration", row)?,
            channels: self.texts("channels", row)?,
            datasets: self.texts("datasets", row)?,
            user_agents: self.texts("user_agents", row)?,
            fingerprints: self.texts("fingerprints", row)?,
            fronts: self.texts("fronts", row)?,
            endpoint_telemetry: self.column("endpoint_telemetry")?.as_boolean().value(row),
            tenant_hosts: self.number("tenant_hosts", row)?.unwrap_or_default(),
            active_hosts: baseline.active_hosts,
            tenant_first_seen: self.time("tenant_first_seen", row)?,
            tenant_pollers: self.number("tenant_pollers", row)?.unwrap_or_default(),
            tenant_processes: self.texts("tenant_processes", row)?,
            process_hosts: self.number("process_hosts", row)?.unwrap_or_default(),
            sensor_hosts: self.number("sensor_hosts", row)?.unwrap_or_default(),
            counted: self.number("counted", row).ok().flatten(),
        })
    }

    fn endpoint(&self, row: usize) -> Result<Endpoint, DetectError> {
        let hosts = self.texts("endpoint_hosts", row)?;
        let aliases = self.texts("aliases", row)?;
        let reach = self.text("endpoint_reach", row)?.as_deref().and_then(Reach::from_name);
        let reach = reach.ok_or(DetectError::Column("endpoint_reach"))?;
        let kind = self.text("endpoint_kind", row)?.as_deref().and_then(Kind::from_name);
        // Being named directly is better evidence than being led there.
        let vias = self.texts("vias", row)?;
        let via = Via::ALL.iter().copied().find(|via| vias.iter().any(|name| name == via.name()));
        let tenant = self.text("tenant", row)?;
        let host = hosts.first().cloned().unwrap_or_default();
        Ok(Endpoint {
            provider: self.text("endpoint_provider", row)?.unwrap_or_default(),
            product: self.text("endpoint_platform", row)?.unwrap_or_default(),
            kind: kind.ok_or(DetectError::Column("endpoint_kind"))?,
            tenant: tenant.filter(|_| reach == Reach::Tenant),
            group: self.text("endpoint_group", row)?,
            function: self.texts("functions", row)?.into_iter().next(),
            reach,
            via: via.ok_or(DetectError::Column("vias"))?,
            related_hosts: hosts.into_iter().skip(1).chain(aliases).collect(),
            host,
        })
    }

    /// The rhythm with all that it is made of, where the detection is about timing. Plans carry the few
    /// measures that they select by; of the few conversations that they selected, it is measured again.
    fn rhythm(
        &self,
        row: usize,
        conversation: &Conversation,
        settings: &Settings,
    ) -> Result<Option<Rhythm>, DetectError> {
        let selected_by = self.batch.column_by_name("rhythm");
        if selected_by.is_none_or(|rhythm| rhythm.is_null(row)) {
            return Ok(None);
        }
        let moments = self.column("moments")?.as_list_opt::<i32>();
        let moments = moments.ok_or(DetectError::Column("moments"))?.value(row);
        let moments = moments.as_primitive_opt::<Int64Type>();
        let moments = moments.ok_or(DetectError::Column("moments"))?;
        Ok(told_rhythm(moments.values(), conversation, settings))
    }

    fn strength(&self, row: usize) -> Result<f64, DetectError> {
        let column = self.column("strength")?.as_primitive_opt::<Float64Type>();
        Ok(column.ok_or(DetectError::Column("strength"))?.value(row).clamp(0.0, 1.0))
    }

    fn records(&self, row: usize) -> Result<Vec<RecordReference>, DetectError> {
        let texts = self.texts("records", row)?;
        Ok(texts.iter().filter_map(|text| parse_record_reference(text)).collect())
    }

    fn column(&self, name: &'static str) -> Result<&ArrayRef, DetectError> {
        self.batch.column_by_name(name).ok_or(DetectError::Column(name))
    }

    fn text(&self, name: &'static str, row: usize) -> Result<Option<String>, DetectError> {
        let column = self.column(name)?.as_string_opt::<i32>().ok_or(DetectError::Column(name))?;
        Ok(column.is_valid(row).then(|| column.value(row).to_owned()))
    }

    fn texts(&self, name: &'static str, row: usize) -> Result<Vec<String>, DetectError> {
        let column = self.column(name)?.as_list_opt::<i32>().ok_or(DetectError::Column(name))?;
        if column.is_null(row) {
            return Ok(Vec::new());
        }
        let texts = column.value(row);
        let texts: &StringArray = texts.as_string_opt().ok_or(DetectError::Column(name))?;
        Ok(texts.iter().flatten().map(str::to_owned).collect())
    }

    fn number(&self, name: &'static str, row: usize) -> Result<Option<u64>, DetectError> {
        let column = self.column(name)?.as_primitive_opt::<Int64Type>();
        let column = column.ok_or(DetectError::Column(name))?;
        Ok(column.is_valid(row).then(|| u64::try_from(column.value(row)).unwrap_or_default()))
    }

    fn time(&self, name: &'static str, row: usize) -> Result<Timestamp, DetectError> {
        let column = self.column(name)?.as_primitive_opt::<TimestampMicrosecondType>();
        Ok(Timestamp(column.ok_or(DetectError::Column(name))?.value(row)))
    }
}
