//! The engine's riskiest assumption: one plan, two engines, the same rows.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use arrow_array::RecordBatch;
use coldtrail_cluster::{Store, standalone, write_store};
use coldtrail_detect::{
    Baseline, InOnePlan, Settings, Views, cloud, detect, links, mentions, with_names_of_hosts,
    with_others,
};
use coldtrail_engine::plan::LogicalPlan;
use coldtrail_engine::{Engine, EngineError, Rows, Session, functions};
use coldtrail_model::{Table, Timestamp, Window};
use coldtrail_pipeline::{Hunt, Read, StoreTables, all_conversations, discover};
use datafusion::execution::SessionStateBuilder;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::prelude::{SessionConfig, SessionContext};
use datafusion_proto::physical_plan::{AsExecutionPlan, DefaultPhysicalExtensionCodec};
use datafusion_proto::protobuf::PhysicalPlanNode;

const EXAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples");

/// Every detection's plan, from Parquet to signals, with our scalar and aggregate functions.
#[tokio::test(flavor = "multi_thread")]
async fn detections_say_the_same_on_ballista_as_embedded() {
    let folder = tempfile::tempdir().expect("a folder");
    let (inputs, _) = discover(&[EXAMPLES.to_owned()]);
    write_store(&inputs, Timestamp(0), folder.path()).expect("a store");

    let embedded = Embedded::start();
    let ballista = standalone(2).await.expect("a scheduler and an executor");
    let store = Store::at(&folder.path().to_string_lossy()).expect("a store");
    let snapshot = store.snapshot().await.expect("a snapshot");
    let (root, window) = (store.root(), Window::default());
    let tables = StoreTables { snapshot: &snapshot, root, window };
    for session in [&embedded.session, &ballista] {
        tables.register(session, Rows::Contacts).expect("tables");
        tables.register(session, Rows::Linked).expect("tables");
    }
    let read = tables.read(&embedded.session, &embedded).await.expect("who was active");
    let one = signals(&embedded, &embedded.session, &read).await;
    let other = signals(&ballista, &ballista, &read).await;
    assert!(one.iter().any(|signal| signal.contains("rhythm.beacon")), "no beacon: {one:#?}");
    assert!(one.len() >= 8, "the examples hold more than {} signals", one.len());
    assert_eq!(one, other);
}

/// An embedded engine that looks at what becomes of its plans on the way to another machine.
struct Embedded {
    context: SessionContext,
    session: Session,
}

impl Embedded {
    fn start() -> Self {
        let config = Session::config(SessionConfig::new(), 2);
        let builder = SessionStateBuilder::new().with_config(config).with_default_features();
        let mut state = builder.build();
        functions::register(&mut state).expect("our functions");
        let context = SessionContext::new_with_state(state);
        Self { session: Session::over(context.clone()), context }
    }
}

impl Engine for Embedded {
    async fn table(&self, table: Table, rows: Rows) -> Result<LogicalPlan, EngineError> {
        self.session.table(table, rows).await
    }

    async fn activity(&self) -> Result<Option<LogicalPlan>, EngineError> {
        self.session.activity().await
    }

    async fn collect(&self, plan: LogicalPlan) -> Result<Vec<RecordBatch>, EngineError> {
        let planned = self.context.state().create_physical_plan(&plan).await.expect("a plan");
        let codec = DefaultPhysicalExtensionCodec {};
        let message = PhysicalPlanNode::try_from_physical_plan(Arc::clone(&planned), &codec);
        let message = message.expect("a message");
        let arrived = message.try_into_physical_plan(&self.context.task_ctx(), &codec);
        are_same(planned.as_ref(), arrived.expect("a plan").as_ref());
        self.session.collect(plan).await
    }
}

/// Plans arrive as they were sent, down to whether columns may be null. Where they do not, nothing
/// happens for a while; but rows of another schema than their plan's end a hunt once they come in big
/// batches.
fn are_same(sent: &dyn ExecutionPlan, arrived: &dyn ExecutionPlan) {
    assert_eq!(sent.name(), arrived.name());
    assert_eq!(sent.schema(), arrived.schema(), "of {}", sent.name());
    assert_eq!(sent.children().len(), arrived.children().len());
    for (sent, arrived) in sent.children().into_iter().zip(arrived.children()) {
        are_same(sent.as_ref(), arrived.as_ref());
    }
}

/// The signals of an engine. What a hunt on a cluster brings home between its steps lies in Parquet files
/// here, so that each step, and each detection, is a plan for the engine.
async fn signals(engine: &impl Engine, session: &Session, read: &Read) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a folder");
    let aside = async |name: &str, plan: LogicalPlan| {
        engine.collect(plan.clone()).await.expect("rows");
        let path = folder.path().join(format!("{name}.parquet"));
        session.put_aside(name, plan, path, 0).await.expect("a file")
    };
    let links = links(engine, Window::default()).await.expect("links");
    assert!(!links.is_empty(), "the examples hold names with their addresses");
    let conversations = all_conversations(engine, Window::default(), &links).await.expect("a plan");
    let conversations = aside("conversation", conversations).await;
    let history = conversations.clone();
    let settings = Settings::default();
    let named = with_names_of_hosts(conversations, &read.census, &settings, &InOnePlan).await;
    let named = named.expect("a plan");
    let named = aside("named", named).await;
    let among_others = with_others(named, history, &read.census, &settings).expect("a plan");
    let baseline = Baseline {
        active_hosts: read.census.active_hosts(),
        first_seen: Some(Timestamp(0)),
        last_seen: None,
        process_rows: read.census.process_rows(),
        name_rows: read.census.name_rows(),
        ..Baseline::default()
    };
    let all = Window::default();
    let views = Views {
        conversations: aside("among_others", among_others).await,
        mentions: mentions(engine, all).await.expect("a plan"),
        cloud: cloud(engine, all, all).await.expect("a plan"),
    };
    let detected = detect(engine, &views, &baseline, &settings).await.expect("signals");
    detected.signals.iter().map(|signal| format!("{signal:?}")).collect()
}

/// The binary's own promise: its report has the same findings as the embedded one.
#[test]
fn the_binary_reports_what_the_embedded_hunt_reports() {
    let output = Command::new(env!("CARGO_BIN_EXE_coldtrail-cluster"))
        .args(["hunt", EXAMPLES, "--now", "2026-04-14T00:00:00Z"])
        .output()
        .expect("the binary runs");
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    let distributed: serde_json::Value = serde_json::from_slice(&output.stdout).expect("a report");

    let hunt = Hunt::over(&[EXAMPLES.to_owned()], Timestamp(0)).expect("examples");
    let embedded = coldtrail_pipeline::hunt(hunt).expect("a report");
    let embedded = serde_json::to_value(&embedded.findings).expect("JSON");
    assert!(Path::new(EXAMPLES).is_dir());
    assert_eq!(distributed["findings"], embedded);
}
