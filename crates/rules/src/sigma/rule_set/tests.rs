//! Tests of loading and asking whole sets of rules, hostile ones among them.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::time::Instant;

use coldtrail_diagnostics::ProblemKind;
use proptest::prelude::*;
use serde_json::json;

use super::super::tests::{load, load_with, matches, telemetry};
use super::*;

/// SigmaHQ's rules, where they lie beside the repository.
fn sigmahq() -> Option<Vec<RuleText>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/sigmahq");
    let folder = match folder.canonicalize() {
        Ok(folder) => folder,
        Err(_) => {
            eprintln!("skipped: {} is not there", folder.display());
            return None;
        }
    };
    let mut files = Vec::new();
    let mut left: Vec<PathBuf> = vec![folder];
    while let Some(folder) = left.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                left.push(path);
            } else if path.extension().is_some_and(|extension| extension == "yml") {
                files.push(path);
            }
        }
    }
    files.sort();
    let text = |file: PathBuf| RuleText {
        text: std::fs::read_to_string(&file).unwrap(),
        file,
        license: String::new(),
    };
    Some(files.into_iter().map(text).collect())
}

fn placeholders() -> Vec<(String, Vec<String>)> {
    vec![("known_cdcs".to_owned(), vec!["dc1".to_owned(), "dc2".to_owned()])]
}

fn process_creation() -> Telemetry {
    let word = |word: &str| word.to_owned();
    let log_sources = vec![
        LogSource {
            category: word("process_creation"),
            product: word("windows"),
            service: word("sysmon"),
        },
        LogSource {
            category: word("network_connection"),
            product: word("windows"),
            service: word(""),
        },
    ];
    let aliases = vec![("Image".to_owned(), vec!["NewProcessName".to_owned()])];
    Telemetry { name: word("Sysmon 1"), log_sources, aliases, ..Telemetry::default() }
}

#[test]
fn every_rule_of_sigmahq_is_loaded() {
    let Some(texts) = sigmahq() else { return };
    let start = Instant::now();
    let set = RuleSet::load(&texts, &placeholders(), &|_| true, &Limits::default());
    eprintln!("{} rules of {} files in {:?}", set.rules().len(), texts.len(), start.elapsed());
    for problem in set.problems().iter().take(10) {
        eprintln!("{}:{:?} {} {}", problem.file, problem.line, problem.reason, problem.is_used);
    }
    let not_indexed = set.engines.iter().flat_map(|(_, engine)| engine.rules()).filter(|rule| {
        matches!(&rule.conditions[0], rsigma_parser::ConditionExpr::Not(inner)
            if matches!(**inner, rsigma_parser::ConditionExpr::Not(_)))
    });
    // Long lists of digests of drivers are searched by themselves.
    assert!(not_indexed.count() <= 5);
    let not_used = set.problems().iter().filter(|problem| !problem.is_used).count();
    assert_eq!(not_used, 0);
    assert!(set.rules().len() >= texts.len());
    let places: Vec<(&Path, u64)> =
        set.rules().iter().map(|rule| (rule.file.as_path(), rule.line)).collect();
    assert!(places.is_sorted());
    // Without values for their placeholders, rules are told.
    let set = RuleSet::load(&texts, &[], &|_| true, &Limits::default());
    let told: Vec<_> = set.problems().iter().map(|one| (one.kind, one.is_used)).collect();
    assert_eq!(told, vec![(ProblemKind::UnknownReference, true); 2]);
}

/// Records of processes made of words that rules look for.
fn processes() -> impl Strategy<Value = Vec<(String, String)>> {
    let word = prop::sample::select(vec![
        "C:\\Windows\\System32\\",
        "cmd.exe",
        "powershell.exe",
        " -enc ",
        " /c ",
        "\\curl.exe",
        " http://",
        "rundll32.exe",
        "C:\\Users\\Public\\",
        " -Exec bypass",
        "whoami",
        " /all",
        "reg.exe",
        " add ",
        "HKLM\\",
        "\n",
        "é",
        "-",
        "",
        "schtasks",
        " /create",
        "javascript:",
        "mshtml",
        ".dll,#1",
        "net1.exe",
        " user ",
        "vssadmin",
        " delete shadows",
        "certutil",
        " -urlcache",
    ]);
    let text = prop::collection::vec(word, 0..6).prop_map(|words| words.concat());
    let name = prop::sample::select(vec![
        "Image",
        "CommandLine",
        "ParentImage",
        "ParentCommandLine",
        "OriginalFileName",
        "User",
        "NewProcessName",
        "EventID",
        "DestinationIp",
        "DestinationPort",
        "Initiated",
        "Hashes",
        "CurrentDirectory",
        "IntegrityLevel",
        "Company",
    ]);
    let name = name.prop_map(str::to_owned);
    let number = (0_u32..70_000).prop_map(|number| number.to_string());
    let address = any::<[u8; 4]>().prop_map(|part| std::net::Ipv4Addr::from(part).to_string());
    let value = prop_oneof![6 => text, 1 => number, 1 => address, 1 => Just("true".to_owned())];
    prop::collection::vec((name, value), 0..12)
}

#[test]
fn the_index_leaves_no_rule_out() {
    let Some(texts) = sigmahq() else { return };
    let set = RuleSet::load(&texts, &placeholders(), &|_| true, &Limits::default());
    let telemetry = process_creation();
    let feed = set.feed(&telemetry);
    let asked = std::cell::Cell::new(0_usize);
    let mut runner = proptest::test_runner::TestRunner::new_with_rng(
        ProptestConfig { cases: 150, ..ProptestConfig::default() },
        proptest::test_runner::TestRng::deterministic_rng(
            proptest::test_runner::RngAlgorithm::ChaCha,
        ),
    );
    let run = runner.run(&processes(), |pairs| {
        let object: serde_json::Map<_, _> =
            pairs.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
        let pair = |(name, value): (String, String)| (Cow::Owned(name), Cow::Owned(value));
        let event = Event {
            pairs: pairs.into_iter().map(pair).collect(),
            object: None,
            telemetry: Some(&telemetry),
        };
        let fast = set.evaluate(&feed, &event);
        prop_assert_eq!(&fast, &set.evaluate_each(&feed, &event));
        let nested =
            Event { object: Some(&object), telemetry: Some(&telemetry), ..Event::default() };
        prop_assert_eq!(set.evaluate(&feed, &nested), set.evaluate_each(&feed, &nested));
        asked.set(asked.get() + fast.len());
        Ok(())
    });
    run.unwrap();
    assert!(asked.get() > 50, "only {} matches", asked.get());
}

#[test]
#[ignore = "it measures how fast rules are evaluated"]
fn how_fast_rules_are_evaluated() {
    let Some(texts) = sigmahq() else { return };
    let start = Instant::now();
    let set = RuleSet::load(&texts, &placeholders(), &|_| true, &Limits::default());
    eprintln!("loaded {} rules in {:?}", set.rules().len(), start.elapsed());
    let telemetry = process_creation();
    let feed = set.feed(&telemetry);
    let fields = [
        ("UtcTime", "2024-05-06 07:08:09.123"),
        ("ProcessGuid", "{a23eae89-bd28-5903-0000-00102f345d00}"),
        ("ProcessId", "6228"),
        ("Image", "C:\\Program Files\\Vendor\\Product\\updater.exe"),
        ("FileVersion", "10.0.1"),
        ("Description", "Updater"),
        ("Product", "Product"),
        ("Company", "Vendor"),
        ("OriginalFileName", "updater.exe"),
        (
            "CommandLine",
            "\"C:\\Program Files\\Vendor\\Product\\updater.exe\" --type=renderer --field-trial-handle=1844,i,1443,2621 --lang=en-US",
        ),
        ("CurrentDirectory", "C:\\Program Files\\Vendor\\"),
        ("User", "DESKTOP\\user"),
        ("LogonGuid", "{a23eae89-b357-5903-0000-002005eb0700}"),
        ("LogonId", "0x7eb05"),
        ("TerminalSessionId", "1"),
        ("IntegrityLevel", "Medium"),
        (
            "Hashes",
            "SHA1=1234567890abcdef1234567890abcdef12345678,MD5=1234567890abcdef1234567890abcdef,IMPHASH=1234567890abcdef1234567890abcdef",
        ),
        ("ParentProcessGuid", "{a23eae89-bd28-5903-0000-00102f345d00}"),
        ("ParentProcessId", "1228"),
        ("ParentImage", "C:\\Windows\\explorer.exe"),
        ("ParentCommandLine", "C:\\WINDOWS\\Explorer.EXE"),
        ("ParentUser", "DESKTOP\\user"),
        ("EventID", "1"),
        ("Channel", "Microsoft-Windows-Sysmon/Operational"),
        ("Computer", "desktop.example.org"),
        ("Provider_Name", "Microsoft-Windows-Sysmon"),
    ];
    let pair = |(name, value): &(&'static str, &'static str)| {
        (Cow::Borrowed(*name), Cow::Borrowed(*value))
    };
    let event = Event {
        pairs: fields.iter().map(pair).collect(),
        object: None,
        telemetry: Some(&telemetry),
    };
    for (name, count, each) in [("with the index", 20_000, false), ("each rule", 300, true)] {
        let start = Instant::now();
        let mut hits = 0;
        for _ in 0..count {
            hits +=
                if each { set.evaluate_each(&feed, &event) } else { set.evaluate(&feed, &event) }
                    .len();
        }
        let seconds = start.elapsed().as_secs_f64();
        eprintln!("{name}: {:.0} events a second, {hits} matches", f64::from(count) / seconds);
    }
}

fn rule(id: &str, field: &str) -> String {
    format!(
        "title: {id}\nid: {id}\nlogsource: {{category: c}}\ndetection: {{s: {{{field}: x}}, condition: s}}\n"
    )
}

#[test]
fn rules_are_fed_by_their_log_source() {
    let rule = |source: &str| {
        format!("title: t\nlogsource: {source}\ndetection: {{s: {{A: x}}, condition: s}}\n")
    };
    let sources = [
        "{category: C}",
        "{category: c, product: p}",
        "{category: d}",
        "{product: P, service: s}",
        "{}",
    ];
    let texts = sources.map(rule);
    let set = load(&texts.each_ref().map(String::as_str));
    assert_eq!(set.log_sources().len(), 5);
    assert_eq!(matches(&set, &[("A", "x")]), [0, 1, 4]);
    let nothing = Telemetry::default();
    assert_eq!(set.feed(&nothing).0.len(), 0);
}

#[test]
fn places_are_those_of_files_and_documents() {
    let one = format!("{}---\n{}", rule("a", "A"), rule("b", "B"));
    let set = load(&[&one, &rule("c", "C")]);
    let ids: Vec<&str> = set.rules().iter().map(|rule| rule.id.as_str()).collect();
    assert_eq!(ids, ["a", "b", "c"]);
    assert_eq!(set.rules()[1].line, 6);
    assert_eq!(matches(&set, &[("B", "x"), ("C", "x"), ("A", "x")]), [0, 1, 2]);
    assert!((0..3).all(|place| set.is_told(place) && !set.is_correlated(place)));
}

#[test]
fn a_repeated_identifier_is_told() {
    let (same, other) = (rule("a", "A"), rule("a", "B"));
    let set = load(&[&same, &same, &other]);
    assert_eq!(set.rules().len(), 2);
    let told: Vec<_> = set
        .problems()
        .iter()
        .map(|one| (one.file.as_str(), one.line, one.kind, one.is_used))
        .collect();
    assert_eq!(
        told,
        [
            ("1.yml", Some(2), ProblemKind::Repeated, false),
            ("2.yml", Some(2), ProblemKind::Repeated, true)
        ]
    );
    assert_eq!(matches(&set, &[("A", "x"), ("B", "x")]), [0, 1]);
}

#[test]
fn rules_a_correlation_refers_to_are_loaded_and_not_told() {
    let correlation = "title: c\nid: c\ncorrelation: {type: event_count, rules: [a, b], group-by: [U], timespan: 1m, \
                       condition: {gte: 2}}\n";
    let set =
        load_with(&[&rule("a", "A"), &rule("b", "B"), &rule("d", "D"), correlation], &|rule| {
            ["c", "b"].contains(&rule.id.as_str())
        });
    assert_eq!(set.problems(), []);
    let ids: Vec<&str> = set.rules().iter().map(|rule| rule.id.as_str()).collect();
    assert_eq!(ids, ["a", "b", "c"]);
    assert_eq!([0, 1, 2].map(|place| set.is_told(place)), [false, false, true]);
    assert_eq!([0, 1, 2].map(|place| set.is_correlated(place)), [true, true, false]);
    assert_eq!(set.kept(0), ["U"]);
    let generated = correlation.replace("title: c", "title: c\ngenerate: true");
    let set = load_with(&[&rule("a", "A"), &rule("b", "B"), &generated], &|rule| {
        ["c", "b"].contains(&rule.id.as_str())
    });
    assert_eq!([0, 1, 2].map(|place| set.is_told(place)), [false, true, true]);
}

#[test]
fn a_correlation_without_ground_is_told_and_lets_its_rules_go() {
    let correlation = |id: &str, rules: &str| {
        format!(
            "title: {id}\nid: {id}\ncorrelation:\n  type: temporal\n  rules: [{rules}]\n  timespan: 1m\n"
        )
    };
    let broken = "title: bad\nid: bad\ndetection: {s: {A|near: x}, condition: s}\n";
    let texts = [
        rule("a", "A"),
        broken.to_owned(),
        correlation("self", "self"),
        correlation("one", "two"),
        correlation("two", "one"),
        correlation("over", "one, a"),
        correlation("needs_bad", "a, bad"),
        correlation("needs_none", "nobody"),
        correlation("good", "a"),
        correlation("higher", "good, a"),
    ];
    let set = load(&texts.each_ref().map(String::as_str));
    let ids: Vec<&str> = set.rules().iter().map(|rule| rule.id.as_str()).collect();
    assert_eq!(ids, ["a", "good", "higher"]);
    let told: Vec<(&str, ProblemKind)> =
        set.problems().iter().map(|one| (one.file.as_str(), one.kind)).collect();
    let (missing, wrong) = (ProblemKind::UnknownReference, ProblemKind::InvalidValue);
    assert_eq!(
        told,
        [
            ("1.yml", ProblemKind::Unsupported),
            ("2.yml", wrong),
            ("3.yml", wrong),
            ("4.yml", wrong),
            ("5.yml", missing),
            ("6.yml", missing),
            ("7.yml", missing)
        ]
    );
    assert!(set.problems()[2].reason.contains("leads back"));
    assert!(set.problems()[4].reason.contains("`one`"), "{:?}", set.problems()[4]);
    let set = load_with(&texts.each_ref().map(String::as_str), &|rule| rule.id == "needs_bad");
    assert_eq!(set.rules().len(), 0, "{:?}", set.rules());
}

#[test]
fn files_and_sets_that_are_too_large_are_told() {
    let text = |number: usize| RuleText {
        file: format!("{number}").into(),
        text: rule(&format!("r{number}"), "A"),
        license: String::new(),
    };
    let mut texts: Vec<RuleText> = (0..4).map(text).collect();
    texts[1].text.push_str(&" ".repeat(1_000));
    let length = texts[0].text.len();
    let limits = Limits { file_bytes: 500, ..Limits::default() };
    let set = RuleSet::load(&texts, &[], &|_| true, &limits);
    assert_eq!((set.rules().len(), set.problems()[0].kind), (3, ProblemKind::TooLarge));
    let limits = Limits { text_bytes: 2 * length, file_bytes: 500, ..Limits::default() };
    let set = RuleSet::load(&texts, &[], &|_| true, &limits);
    assert_eq!((set.rules().len(), set.problems().len()), (2, 2));
    let limits = Limits { documents: 2, ..Limits::default() };
    let set = RuleSet::load(&texts, &[], &|_| true, &limits);
    assert_eq!((set.rules().len(), set.problems()[0].kind), (2, ProblemKind::TooMany));
}

#[test]
fn a_list_of_very_many_values_can_be_searched() {
    for key in ["A", "A|contains", "A|endswith"] {
        let values: String = (0..200_000).map(|number| format!("    - v{number}-\n")).collect();
        let text = format!(
            "title: t\nlogsource: {{category: c}}\ndetection:\n  s:\n   {key}:\n{values}  condition: s\n"
        );
        let set = load(&[&text]);
        assert_eq!(set.problems(), [], "{key}");
        let feed = set.feed(&telemetry());
        let event = Event { pairs: vec![("A".into(), "v199999-".into())], ..Event::default() };
        assert_eq!(set.evaluate(&feed, &event), [0], "{key}");
    }
}

#[test]
fn very_many_rules_can_be_loaded() {
    let texts: Vec<RuleText> = (0..100)
        .map(|file| RuleText {
            file: format!("{file}").into(),
            text: (0..200)
                .map(|number| rule(&format!("{file}-{number}"), "A|contains") + "---\n")
                .collect(),
            license: String::new(),
        })
        .collect();
    let set = RuleSet::load(&texts, &[], &|_| true, &Limits::default());
    assert_eq!(set.rules().len(), 20_000);
    assert_eq!(matches(&set, &[("A", "yxz")]).len(), 20_000);
}

#[test]
fn attributes_of_a_rule_change_nothing() {
    let text = "title: t\nlogsource: {category: c}\nrsigma.include_event: 'true'\ncustom_attributes: {x: y}\n\
                sigma-version: 3\ndetection: {s: {'A[any]': x}, condition: s}\n";
    let set = load(&[text]);
    assert_eq!(matches(&set, &[("A[any]", "x")]), [0]);
    assert_eq!(matches(&set, &[("A", "x")]), [] as [usize; 0]);
}

#[test]
fn loading_is_the_same_each_time() {
    let texts: Vec<String> = (0..50)
        .map(|number| {
            if number % 3 == 0 {
                "title: x\n".to_owned()
            } else {
                rule(&format!("{}", number % 20), "A")
            }
        })
        .collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let first = load(&texts);
    for _ in 0..3 {
        let again = load(&texts);
        assert_eq!((again.rules(), again.problems()), (first.rules(), first.problems()));
    }
}

#[test]
fn expressions_that_take_too_much_together_are_told() {
    let list = |count: usize| {
        let values: String =
            (0..count).map(|number| format!("    - '{number}(\\w{{60}}|x)'\n")).collect();
        format!(
            "title: t\nlogsource: {{category: c}}\ndetection:\n  s:\n   A|re:\n{values}  condition: s\n"
        )
    };
    let set = load(&[&list(900), &list(2), &rule("a", "A")]);
    assert_eq!((set.rules().len(), set.problems().len()), (2, 1));
    assert_eq!((set.problems()[0].kind, set.problems()[0].line), (ProblemKind::TooLarge, Some(5)));
}
