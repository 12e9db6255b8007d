//! Tables over log files, scanned as plans of queries do.

#![allow(clippy::expect_used, reason = "it is all tests")]

use std::io::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

use coldtrail_model::Table;
use coldtrail_sources::{Input, KnownKinds, Origin, Records};
use datafusion::catalog::TableProvider;
use futures::StreamExt;

use coldtrail_engine::plan::{
    Column, Expr, JoinType, LogicalPlanBuilder, column, count, lit, scan,
};
use coldtrail_engine::{Engine, EventTable, LogFiles, RecordTable, Session};

const HEADER: &str = "Timestamp,DeviceName,ActionType,RemoteIP,RemotePort,RemoteUrl\n";

/// An export of so many connections, of which every tenth names an endpoint, and as many files of it.
fn export(rows: usize, files: usize) -> (tempfile::TempDir, LogFiles) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut inputs = Vec::new();
    for number in 0..files {
        let path = folder.path().join(format!("{number}.csv"));
        let mut file = std::io::BufWriter::new(std::fs::File::create(&path).expect("a file"));
        file.write_all(HEADER.as_bytes()).expect("it is written");
        for row in 0..rows {
            let name = if row % 10 == 0 { "a.workers.dev" } else { "b.example" };
            writeln!(file, "2024-05-04T00:00:00Z,ws{row},ConnectionSuccess,192.0.2.7,443,{name}")
                .expect("it is written");
        }
        inputs.push(Input { name: path.display().to_string(), origin: Origin::File(path) });
    }
    (folder, LogFiles::new(inputs, 2))
}

fn connections(files: &LogFiles) -> RecordTable {
    let columns = HEADER.trim_end().split(',').map(str::to_owned).collect::<Vec<_>>();
    let known = KnownKinds::new([("DeviceNetworkEvents", columns.clone())]);
    let records = Records::new("DeviceNetworkEvents", &columns).among(Arc::new(known));
    RecordTable::new(files.clone(), records)
}

fn run(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build();
    runtime.expect("a runtime").block_on(test);
}

async fn rows(session: &Session, plan: LogicalPlanBuilder) -> usize {
    let plan = plan.build().expect("a plan");
    let batches = session.collect(plan).await.expect("it runs");
    batches.iter().map(|batch| batch.num_rows()).sum()
}

#[test]
fn a_table_is_scanned_as_often_as_a_plan_likes() {
    run(async {
        let (_folder, files) = export(5000, 3);
        let session = Session::new(2).expect("a session");
        let plan = |name: &str| {
            LogicalPlanBuilder::from(scan(name, Arc::new(connections(&files))).expect("a plan"))
        };
        assert_eq!(rows(&session, plan("r")).await, 15_000);
        let other = plan("s").project([column("DeviceName")]).expect("a plan");
        let other = other.distinct().expect("a plan").build().expect("a plan");
        let key = |table: &str| vec![Column::new(Some(table), "DeviceName")];
        let joined = plan("r").join(other, JoinType::LeftSemi, (key("r"), key("s")), None);
        assert_eq!(rows(&session, joined.expect("a plan")).await, 15_000);
        let needles = connections(&files).with_needles("RemoteUrl", &["Workers.DEV".to_owned()]);
        let found = LogicalPlanBuilder::from(scan("r", Arc::new(needles)).expect("a plan"));
        assert_eq!(rows(&session, found).await, 1500);
        let counted: u64 = files.tallies().iter().map(|source| source.tally.records).sum();
        assert_eq!((files.tallies().len(), counted), (3, 15_000));
    });
}

#[test]
fn rows_without_columns_are_counted() {
    run(async {
        let (_folder, files) = export(5000, 1);
        let session = Session::new(2).expect("a session");
        for table in [
            scan("r", Arc::new(connections(&files))),
            scan("e", Arc::new(EventTable::new(files.clone(), Table::Flow))),
        ] {
            let plan = LogicalPlanBuilder::from(table.expect("a plan"))
                .aggregate(Vec::<Expr>::new(), [count(lit(1))]);
            let plan = plan.expect("a plan").build().expect("a plan");
            let batches = session.collect(plan).await.expect("it runs");
            let counts = batches[0].column(0);
            assert_eq!(
                arrow_array::cast::AsArray::as_primitive::<arrow_array::types::Int64Type>(counts)
                    .value(0),
                5000
            );
        }
        let without = EventTable::new(files, Table::Flow).except_formats(&["defender"]);
        let plan = LogicalPlanBuilder::from(scan("e", Arc::new(without)).expect("a plan"));
        assert_eq!(rows(&session, plan).await, 0);
    });
}

#[test]
fn a_plan_that_has_enough_ends_the_reading() {
    run(async {
        let (_folder, files) = export(400_000, 2);
        let session = Session::new(2).expect("a session");
        let begin = Instant::now();
        let plan =
            LogicalPlanBuilder::from(scan("r", Arc::new(connections(&files))).expect("a plan"));
        assert_eq!(rows(&session, plan.limit(0, Some(3)).expect("a plan")).await, 3);
        // Reading whole takes far longer, and would have been counted.
        assert!(begin.elapsed() < Duration::from_secs(20));
        assert!(files.tallies().is_empty());
    });
}

#[test]
fn partitions_may_be_drained_one_behind_the_other() {
    run(async {
        let (_folder, files) = export(50_000, 2);
        let context = datafusion::prelude::SessionContext::new();
        let table = connections(&files);
        let physical = table.scan(&context.state(), None, &[], None).await.expect("a plan");
        let mut rows = 0;
        for partition in 0..2 {
            let mut stream = physical.execute(partition, context.task_ctx()).expect("it runs");
            while let Some(batch) = stream.next().await {
                rows += batch.expect("a batch").num_rows();
            }
        }
        assert_eq!(rows, 100_000);
    });
}
