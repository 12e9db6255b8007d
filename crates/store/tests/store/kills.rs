//! A program that is killed at any moment leaves a store that opens, with nothing lost and nothing
//! there twice.
//!
//! A child ingests, compacts or expires, and is killed at a random moment, again and again; the store
//! is looked through after each kill. `COLDTRAIL_KILLS` says how often; the moments come from a seed.

use std::collections::BTreeSet;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use coldtrail_sources::discover;
use coldtrail_store::{Expiry, Ingest, Store};

use crate::logs::{CONN, DNS, NOW, Row, Scene, connections, queries, rows, summed};

/// How often a child is killed unless the environment says otherwise.
const KILLS: u32 = 50;

const EXPIRY: Expiry = Expiry { older_than_days: Some(1), larger_than_bytes: None };

#[test]
fn nothing_is_lost_and_nothing_doubled() {
    let wanted = std::env::var("COLDTRAIL_KILLS").ok().and_then(|kills| kills.parse().ok());
    let wanted = wanted.unwrap_or(KILLS);
    let mut chance = Chance(0x5eed_c01d);
    let undisturbed = Undisturbed::new();
    let mut kills = [0_u32; 3];
    while kills.iter().sum::<u32>() < wanted {
        let scene = logs();
        // Often enough that the end is reached only at the end.
        kills[0] += disturb(&scene, "ingest", undisturbed.ingest, &mut chance, |found| {
            assert!(found.is_subset(&undisturbed.whole), "only what the logs hold");
        });
        assert_eq!(unique(&scene.store()), undisturbed.whole, "after the last ingest");
        assert_eq!(summed(&scene.store()), undisturbed.sums);
        kills[1] += disturb(&scene, "compact", undisturbed.compact, &mut chance, |found| {
            assert_eq!(found, &undisturbed.whole, "while it is compacted");
        });
        assert_eq!(summed(&scene.store()), undisturbed.sums);
        kills[2] += disturb(&scene, "expire", undisturbed.expire, &mut chance, |found| {
            assert!(*found == undisturbed.whole || *found == undisturbed.kept, "while days go");
        });
        assert_eq!(unique(&scene.store()), undisturbed.kept, "after the last expire");
        assert!(scene.store().status().unwrap().orphans.is_empty());
    }
    println!(
        "killed {} times in ingest, {} in compact, {} in expire",
        kills[0], kills[1], kills[2]
    );
}

/// What comes of it when nobody is killed, and how long it takes.
struct Undisturbed {
    whole: BTreeSet<Row>,
    kept: BTreeSet<Row>,
    sums: std::collections::BTreeMap<String, i64>,
    ingest: Duration,
    compact: Duration,
    expire: Duration,
}

impl Undisturbed {
    fn new() -> Self {
        let scene = logs();
        let run = |step| {
            let begin = Instant::now();
            assert!(child(&scene, step).wait().unwrap().success());
            begin.elapsed()
        };
        let ingest = run("ingest");
        let whole = unique(&scene.store());
        let sums = summed(&scene.store());
        let (compact, expire) = (run("compact"), run("expire"));
        let kept = unique(&scene.store());
        assert!(whole.len() == 9000 && kept.len() < whole.len() && !kept.is_empty());
        Self { whole, kept, sums, ingest, compact, expire }
    }
}

/// Three days of queries in six logs, and connections in six more.
fn logs() -> Scene {
    let scene = Scene::new();
    for part in 0..6 {
        let lines = part * 750..part * 750 + 750;
        scene.write(&format!("dns-{part}.log"), format!("{DNS}{}", queries(lines.clone())));
        scene.write(&format!("conn-{part}.log"), format!("{CONN}{}", connections(lines)));
    }
    drop(scene.store());
    scene
}

/// Runs a step, and kills it up to eight times on the way; the last run is left alone. Rows in a
/// scene carry the path of its logs, so they are compared without it.
fn disturb(
    scene: &Scene,
    step: &str,
    takes: Duration,
    chance: &mut Chance,
    check: impl Fn(&BTreeSet<Row>),
) -> u32 {
    let mut kills = 0;
    for _ in 0..8 {
        let mut child = child(scene, step);
        std::thread::sleep(takes.mul_f64(chance.next()));
        child.kill().unwrap();
        let killed = !child.wait().unwrap().success();
        kills += u32::from(killed);
        check(&unique(&scene.store()));
        if !killed {
            break;
        }
    }
    assert!(child(scene, step).wait().unwrap().success());
    check(&unique(&scene.store()));
    kills
}

fn child(scene: &Scene, step: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "kills::step_in_a_child", "--ignored"])
        .env("COLDTRAIL_STEP", step)
        .env("COLDTRAIL_SCENE", scene.folder())
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

#[test]
#[ignore = "runs as a child of nothing_is_lost_and_nothing_doubled"]
fn step_in_a_child() {
    let (Some(step), Some(folder)) =
        (std::env::var_os("COLDTRAIL_STEP"), std::env::var_os("COLDTRAIL_SCENE"))
    else {
        return;
    };
    let folder = std::path::PathBuf::from(folder);
    let store = Store::open(&folder.join("store")).unwrap();
    match step.to_str().unwrap() {
        "ingest" => {
            let (inputs, _) = discover(&[folder.join("logs").display().to_string()]);
            let ingest = Ingest { bytes_a_commit: 1, threads: 2, ..Ingest::at(NOW) };
            store.ingest(&inputs, &ingest, &|_| {}).unwrap();
        }
        "compact" => {
            store.compact_with_grace(NOW, 0).unwrap();
        }
        _ => {
            store.expire_with_grace(&EXPIRY, NOW, 0).unwrap();
        }
    }
}

/// All rows, which have to be there once each. The folder of the logs is left out of their names.
fn unique(store: &Store) -> BTreeSet<Row> {
    let all = rows(store);
    let count = all.len();
    let unique: BTreeSet<Row> = all.into_iter().map(without_folder).collect();
    assert_eq!(unique.len(), count, "no row is there twice");
    unique
}

fn without_folder(row: Row) -> Row {
    let name = row.source.rsplit('/').next().unwrap_or_default().to_owned();
    Row { source: name, ..row }
}

/// Numbers from 0 to 1 that come out the same in every run (xorshift, Marsaglia 2003).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
}
