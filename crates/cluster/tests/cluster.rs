//! A cluster as it is run: a scheduler, executors and hunts as processes, and an object store.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod nodes;
mod object_server;

use std::net::TcpListener;
use std::path::Path;
use std::time::{Duration, Instant};

use coldtrail_cluster::{Key, Store, embedded, hunt};
use coldtrail_diagnostics::Faults;
use coldtrail_engine::Rows;
use coldtrail_model::{Timestamp, Window};
use coldtrail_pipeline::{Context, Hunt, Settings, StoreTables, Terms, discover};

use nodes::{Cluster, Node, begin, binary, finish, run};
use object_server::ObjectServer;

const EXAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples");

/// Nobody waits longer than this for bad news.
const BAD_NEWS: Duration = Duration::from_secs(20);

/// The time within which a hunt gets over the loss of an executor, beside the hunts themselves: one
/// that is broken off, one by the survivor alone.
const LOSS: Duration = Duration::from_secs(30);

/// Writes the examples as a store into a folder.
async fn write_store(folder: &Path) {
    write_store_of(EXAMPLES, folder);
}

fn write_store_of(logs: &str, folder: &Path) {
    let (inputs, _) = discover(&[logs.to_owned()]);
    coldtrail_cluster::write_store(&inputs, Timestamp(0), folder).expect("a store");
}

/// The findings of the embedded engine over a store, as they stand in a report.
async fn findings_embedded(folder: &Path) -> String {
    let store = Store::at(&folder.to_string_lossy()).expect("a store");
    let snapshot = store.snapshot().await.expect("a snapshot");
    let session = embedded(2).expect("a session");
    let (root, window) = (store.root(), Window::default());
    let tables = StoreTables { snapshot: &snapshot, root, window };
    tables.register(&session, Rows::Contacts).expect("tables");
    tables.register(&session, Rows::Linked).expect("tables");
    let read = tables.read(&session, &session).await.expect("who was active");
    let terms = Terms {
        faults: Faults::default(),
        window: Window::default(),
        now: Timestamp(0),
        settings: Settings::default(),
        context: Context::default(),
        context_faults: Vec::new(),
        told: Default::default(),
    };
    let report = hunt(&session, read, terms, 2).await.expect("a report");
    assert!(report.findings.len() >= 5, "the examples hold more than {}", report.findings.len());
    serde_json::to_value(&report.findings).expect("JSON").to_string()
}

/// Commits copies of the names that were asked for, so that a hunt takes a while. Copies of
/// connections as well would be joined with all of those.
fn multiply(folder: &Path, copies: usize) {
    let entry = |number: usize| folder.join(format!("log/{number:020}.json"));
    let text = std::fs::read_to_string(entry(1)).expect("a commit");
    let mut commit: serde_json::Value = serde_json::from_str(&text).expect("a commit");
    let mut added = Vec::new();
    for file in commit["added"].as_array().expect("files") {
        let path = file["path"].as_str().expect("a path");
        for copy in (0..copies).filter(|_| path.starts_with("table=dns/")) {
            let target = path.replace(".parquet", &format!("-{copy}.parquet"));
            std::fs::copy(folder.join(path), folder.join(&target)).expect("a copy");
            let mut file = file.clone();
            file["path"] = target.into();
            added.push(file);
        }
    }
    commit["number"] = 2.into();
    commit["added"] = added.into();
    commit["readings"] = serde_json::Value::Array(Vec::new());
    std::fs::write(entry(2), commit.to_string()).expect("a commit");
}

/// Two executors, an object store, and no folder in common: the same findings to the byte.
#[tokio::test(flavor = "multi_thread")]
async fn findings_on_an_object_store_are_those_of_the_embedded_engine() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = folder.path().join("logs/coldtrail");
    write_store(&store).await;
    let server = ObjectServer::over(folder.path()).await;
    let environment = ObjectServer::environment(&server.endpoint, ObjectServer::SECRET);
    let cluster = Cluster::start(2, &environment, None);

    let mut command = cluster.hunt("s3://logs/coldtrail");
    let hunted = run(command.envs(environment));
    assert_eq!(hunted.code, Some(1), "{hunted:?}");
    assert_eq!(hunted.findings(), findings_embedded(&store).await);

    let logs = Hunt::over(&[EXAMPLES.to_owned()], Timestamp(0)).expect("examples");
    let from_logs = tokio::task::spawn_blocking(|| coldtrail_pipeline::hunt(logs));
    let from_logs = from_logs.await.expect("a thread").expect("a report").findings;
    assert_eq!(hunted.findings(), serde_json::to_value(&from_logs).expect("JSON").to_string());
}

/// A table without files is empty on a cluster, too, and not an error; a folder that is no store is.
#[tokio::test(flavor = "multi_thread")]
async fn a_store_may_lack_tables() {
    let folder = tempfile::tempdir().expect("a folder");
    write_store_of(&format!("{EXAMPLES}/zeek/ssl.log.gz"), folder.path());
    let cluster = Cluster::start(1, &[], None);
    let hunted = run(&mut cluster.hunt(&folder.path().to_string_lossy()));
    assert_eq!(hunted.code, Some(1), "{hunted:?}");
    assert_eq!(hunted.findings(), findings_embedded(folder.path()).await);

    let empty = tempfile::tempdir().expect("a folder");
    let hunted = run(&mut cluster.hunt(&empty.path().to_string_lossy()));
    assert_eq!(hunted.code, Some(2), "{hunted:?}");
    assert!(hunted.stderr.contains("is no store"), "{hunted:?}");
}

/// SIGKILL for one of two executors while it works: the other one does the rest.
#[tokio::test(flavor = "multi_thread")]
async fn a_hunt_outlives_an_executor() {
    let folder = tempfile::tempdir().expect("a folder");
    write_store(folder.path()).await;
    multiply(folder.path(), 200);
    let mut cluster = Cluster::start(2, &[], None);
    let store = folder.path().to_string_lossy().into_owned();
    let undisturbed = run(&mut cluster.hunt(&store));
    assert_eq!(undisturbed.code, Some(1), "{undisturbed:?}");

    let hunting = begin(&mut cluster.hunt(&store));
    // Only folding takes three stages and more. Now some parts of one are done, and others are not,
    // which is where Ballista's own recovery would count rows twice.
    wait_until("a third stage", || has_stage(&cluster.work_of(0), 3));
    cluster.executors[0].kill();
    let disturbed = finish(hunting);
    println!(
        "undisturbed {:?}, with the loss of one of two executors {:?}, exit code {:?}",
        undisturbed.took, disturbed.took, disturbed.code
    );
    assert!(disturbed.took < undisturbed.took * 3 + LOSS, "{disturbed:?}");
    assert_eq!(disturbed.code, Some(1), "{disturbed:?}");
    assert_eq!(disturbed.findings(), undisturbed.findings());

    let repeated = run(&mut cluster.hunt(&store));
    assert_eq!(repeated.findings(), undisturbed.findings(), "the survivor alone");
}

fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let end = Instant::now() + BAD_NEWS;
    while !is_so() {
        assert!(Instant::now() < end, "waited for {what} in vain");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Whether an executor has rows of that stage of a plan, or of a later one. They lie in
/// `executor/job/stage/part` below its folder.
fn has_stage(folder: &Path, least: u32) -> bool {
    let inside = |path: &Path| std::fs::read_dir(path).into_iter().flatten().flatten();
    let jobs = inside(folder).flat_map(|executor| inside(&executor.path()));
    let mut stages = jobs.flat_map(|job| inside(&job.path()));
    stages.any(|stage| {
        let number = stage.file_name().to_str().and_then(|name| name.parse::<u32>().ok());
        number.is_some_and(|number| number >= least) && inside(&stage.path()).next().is_some()
    })
}

/// Nobody is left to do the work: the hunt says so, and is done.
#[tokio::test(flavor = "multi_thread")]
async fn a_hunt_without_executors_says_so() {
    let folder = tempfile::tempdir().expect("a folder");
    write_store(folder.path()).await;
    let cluster = Cluster::start(0, &[], None);
    let hunted = run(&mut cluster.hunt(&folder.path().to_string_lossy()));
    assert_eq!(hunted.code, Some(2), "{hunted:?}");
    assert!(hunted.stderr.contains("no executor serves the scheduler at df://"), "{hunted:?}");
    assert!(hunted.took < BAD_NEWS, "{hunted:?}");
}

/// The scheduler dies in the middle of a hunt, or was never there.
#[tokio::test(flavor = "multi_thread")]
async fn a_hunt_without_a_scheduler_says_so() {
    let folder = tempfile::tempdir().expect("a folder");
    write_store(folder.path()).await;
    multiply(folder.path(), 40);
    let mut cluster = Cluster::start(1, &[], None);
    let store = folder.path().to_string_lossy().into_owned();
    let hunting = begin(&mut cluster.hunt(&store));
    wait_until("rows", || has_stage(&cluster.work_of(0), 1));
    cluster.scheduler.kill();
    let hunted = finish(hunting);
    assert_eq!(hunted.code, Some(2), "{hunted:?}");
    assert!(hunted.stderr.contains(&cluster.address), "{hunted:?}");
    assert!(hunted.took < BAD_NEWS, "{hunted:?}");

    let again = run(&mut cluster.hunt(&store));
    assert_eq!(again.code, Some(2), "{again:?}");
    let expected = format!("cannot reach the scheduler at {}", cluster.address);
    assert!(again.stderr.contains(&expected), "{again:?}");
    assert!(again.took < BAD_NEWS, "{again:?}");
}

/// A node of another build is refused, and both builds are named on both sides.
#[tokio::test(flavor = "multi_thread")]
async fn another_build_is_refused_by_name() {
    let folder = tempfile::tempdir().expect("a folder");
    write_store(folder.path()).await;
    let mut cluster = Cluster::start(1, &[], None);
    let line = cluster.scheduler.wait_for("scheduler of build ");
    let own = line.split(' ').nth(3).expect("a build").to_owned();

    let mut executor = Node::start(cluster.executor(9).env("COLDTRAIL_BUILD_ID", "0.0.9-older"));
    assert_eq!(executor.end(), Some(2), "{}", executor.said());
    assert!(executor.said().contains("0.0.9-older"), "{}", executor.said());
    assert!(executor.said().contains(&format!("is of build {own}")), "{}", executor.said());

    let mut client = cluster.hunt(&folder.path().to_string_lossy());
    let hunted = run(client.env("COLDTRAIL_BUILD_ID", "0.0.9-older"));
    assert_eq!(hunted.code, Some(2), "{hunted:?}");
    assert!(hunted.stderr.contains("refuses build 0.0.9-older"), "{hunted:?}");
    assert!(hunted.stderr.contains(&format!("is of build {own}")), "{hunted:?}");
    assert!(hunted.took < BAD_NEWS, "{hunted:?}");
    let refusals = cluster.scheduler.said().matches("0.0.9-older").count();
    assert_eq!(refusals, 2, "{}", cluster.scheduler.said());
}

/// With a key, nodes talk over TLS, and who has another key or none is not let in.
#[tokio::test(flavor = "multi_thread")]
async fn only_holders_of_the_key_come_in() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = folder.path().join("store");
    write_store(&store).await;
    let key = |name: &str| {
        let path = folder.path().join(name);
        Key::make().expect("a key").write(&path).expect("a file");
        path
    };
    let (ours, theirs) = (key("ours.pem"), key("theirs.pem"));
    let cluster = Cluster::start(2, &[], Some(&ours));
    let store = store.to_string_lossy().into_owned();
    let hunted = run(&mut cluster.hunt(&store));
    assert_eq!(hunted.code, Some(1), "{hunted:?}");
    assert_eq!(hunted.findings(), findings_embedded(Path::new(&store)).await);

    let arguments = ["hunt", "--cluster", &cluster.address, "--store", &store];
    let keyless = run(binary().args(arguments));
    assert_eq!(keyless.code, Some(2), "{keyless:?}");
    let stranger = run(binary().args(arguments).arg("--key").arg(theirs));
    assert_eq!(stranger.code, Some(2), "{stranger:?}");
    for refused in [keyless, stranger] {
        assert!(refused.stderr.contains("cannot reach the scheduler"), "{refused:?}");
        assert!(refused.took < BAD_NEWS, "{refused:?}");
    }

    let line = &cluster.executors[0].said();
    let flight = line.split(' ').nth(5).expect("an address");
    let plain = std::net::TcpStream::connect(flight).and_then(|mut stream| {
        use std::io::{Read, Write};
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0")?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        Ok(answer)
    });
    let answer = plain.unwrap_or_default();
    assert!(
        answer.first().is_none_or(|byte| *byte == 0x15),
        "a TLS alert, if anything: {answer:?}"
    );
}

/// An open port needs a key, or the word of somebody who knows what he does.
#[test]
fn nothing_listens_on_a_network_unasked() {
    let scheduler = run(binary().args(["scheduler", "--listen", "0.0.0.0:0"]));
    assert_eq!(scheduler.code, Some(2), "{scheduler:?}");
    assert!(scheduler.stderr.contains("--open-to-network"), "{scheduler:?}");
    let arguments = ["executor", "--scheduler", "df://127.0.0.1:1", "--listen", "0.0.0.0:0"];
    let executor = run(binary().args(arguments));
    assert_eq!(executor.code, Some(2), "{executor:?}");
    assert!(executor.stderr.contains("--open-to-network"), "{executor:?}");
}

/// An object store that refuses, is not there, or never answers: what was tried, and where.
#[tokio::test(flavor = "multi_thread")]
async fn an_object_store_that_fails_is_named_in_time() {
    let folder = tempfile::tempdir().expect("a folder");
    write_store(&folder.path().join("logs/coldtrail")).await;
    let server = ObjectServer::over(folder.path()).await;
    let closed = TcpListener::bind("127.0.0.1:0").expect("a port");
    let nobody = format!("http://{}", closed.local_addr().expect("an address"));
    drop(closed);
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let mute = format!("http://{}", silent.local_addr().expect("an address"));

    let cases = [
        ("refuses", ObjectServer::environment(&server.endpoint, "wrong")),
        ("is not there", ObjectServer::environment(&nobody, ObjectServer::SECRET)),
        ("never answers", ObjectServer::environment(&mute, ObjectServer::SECRET)),
    ];
    for (case, environment) in cases {
        let arguments = ["hunt", "--store", "s3://logs/coldtrail"];
        let hunted = run(binary().args(arguments).envs(environment));
        println!("a store that {case}: {:?}, {}", hunted.took, hunted.stderr);
        assert_eq!(hunted.code, Some(2), "{hunted:?}");
        let expected = "cannot list the files below s3://logs/coldtrail";
        assert!(hunted.stderr.contains(expected), "{hunted:?}");
        assert!(hunted.took < BAD_NEWS, "{hunted:?}");
    }
}

/// The client sees the store, and the nodes do not: the hunt fails, and tells why.
#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_that_is_refused_by_the_store_is_heard() {
    let folder = tempfile::tempdir().expect("a folder");
    write_store(&folder.path().join("logs/coldtrail")).await;
    let server = ObjectServer::over(folder.path()).await;
    let cluster = Cluster::start(1, &ObjectServer::environment(&server.endpoint, "wrong"), None);
    let mut command = cluster.hunt("s3://logs/coldtrail");
    let hunted =
        run(command.envs(ObjectServer::environment(&server.endpoint, ObjectServer::SECRET)));
    assert_eq!(hunted.code, Some(2), "{hunted:?}");
    assert!(hunted.stderr.contains("the hunt in s3://logs/coldtrail on df://"), "{hunted:?}");
    assert!(hunted.stderr.contains("403 Forbidden"), "{hunted:?}");
}
