//! What is usual for a host, from the hours that a store summed up.

use std::collections::{BTreeMap, BTreeSet};

use arrow_array::cast::AsArray;
use arrow_array::types::{Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, RecordBatch};
use coldtrail_engine::plan::{LogicalPlan, LogicalPlanBuilder, column, in_list, lit, min, sum};
use coldtrail_engine::{Census, Engine, EngineError};
use coldtrail_model::{HostProfile, Timestamp};

const HOUR: i64 = 3_600_000_000;
const HOURS_A_DAY: i64 = 24;

/// The profiles of hosts. `activity` is the summary of a store: one hour of one host a row, or more.
///
/// A host is known by its name and by the addresses that the census saw with that name alone.
///
/// # Errors
///
/// When the engine cannot run the plan.
pub(crate) async fn profiles<E: Engine>(
    engine: &E,
    activity: LogicalPlan,
    hosts: &BTreeSet<String>,
    census: &Census,
) -> Result<BTreeMap<String, HostProfile>, EngineError> {
    if hosts.is_empty() {
        return Ok(BTreeMap::new());
    }
    let of_host = |name: &str| hosts.contains(name).then(|| name.to_owned());
    let owner: BTreeMap<&str, String> = census
        .names()
        .filter_map(|(address, name)| Some((address, of_host(name)?)))
        .chain(hosts.iter().map(|host| (host.as_str(), host.clone())))
        .collect();
    let known = || owner.keys().map(|name| lit(*name)).collect::<Vec<_>>();
    let by_name = in_list(column("host_name"), known(), false);
    let by_address =
        column("host_name").is_null().and(in_list(column("source_ip"), known(), false));
    let hours = LogicalPlanBuilder::from(activity).filter(by_name.or(by_address))?.aggregate(
        ["host_name", "source_ip", "timestamp"].map(column),
        [
            sum(column("events")).alias("events"),
            sum(column("sent_bytes")).alias("sent_bytes"),
            min(column("first")).alias("first"),
        ],
    )?;
    let mut sums: BTreeMap<String, Sums> = BTreeMap::new();
    for batch in engine.collect(hours.build()?).await? {
        add(&batch, &owner, &mut sums);
    }
    Ok(sums.into_iter().map(|(host, sums)| (host, sums.profile())).collect())
}

/// What one host did, by hour.
struct Sums {
    since: i64,
    /// Hours since 1970 in which it was active.
    hours: BTreeSet<i64>,
    events: i64,
    sent_bytes: i64,
}

impl Sums {
    fn profile(self) -> HostProfile {
        let days: BTreeSet<i64> =
            self.hours.iter().map(|hour| hour.div_euclid(HOURS_A_DAY)).collect();
        let days = days.len().max(1) as i64;
        let mut active = [0_i64; HOURS_A_DAY as usize];
        for hour in &self.hours {
            if let Some(count) = active.get_mut(hour.rem_euclid(HOURS_A_DAY) as usize) {
                *count += 1;
            }
        }
        let usual = (0..).zip(active).filter(|(_, count)| *count > 0 && count * 2 >= days);
        HostProfile {
            since: Timestamp(self.since),
            days: days.unsigned_abs(),
            hours: usual.map(|(hour, _)| hour).collect(),
            events_a_day: (self.events / days).unsigned_abs(),
            sent_bytes_a_day: (self.sent_bytes / days).unsigned_abs(),
        }
    }
}

fn add(batch: &RecordBatch, owner: &BTreeMap<&str, String>, sums: &mut BTreeMap<String, Sums>) {
    let [names, addresses, hours, events, sent_bytes, first] = batch.columns() else { return };
    let (names, addresses) = (names.as_string::<i32>(), addresses.as_string::<i32>());
    let hours = hours.as_primitive::<TimestampMicrosecondType>();
    let (events, sent_bytes) =
        (events.as_primitive::<Int64Type>(), sent_bytes.as_primitive::<Int64Type>());
    let first = first.as_primitive::<TimestampMicrosecondType>();
    for row in 0..batch.num_rows() {
        let name = if names.is_valid(row) { names.value(row) } else { addresses.value(row) };
        let Some(host) = owner.get(name) else { continue };
        let sum = sums.entry(host.clone()).or_insert_with(|| Sums {
            since: i64::MAX,
            hours: BTreeSet::new(),
            events: 0,
            sent_bytes: 0,
        });
        sum.since = sum.since.min(first.value(row));
        sum.hours.insert(hours.value(row).div_euclid(HOUR));
        sum.events = sum.events.saturating_add(events.value(row));
        sum.sent_bytes = sum.sent_bytes.saturating_add(sent_bytes.value(row));
    }
}
