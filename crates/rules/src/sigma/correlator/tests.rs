use super::super::tests::load;
use super::*;

const SECOND: i64 = 1_000_000;

/// Two rules and a correlation over them, which is the third.
fn set(correlation: &str) -> RuleSet {
    let rule = |name: &str| {
        format!("title: {name}\nname: {name}\ndetection: {{s: {{A: x}}, condition: s}}\n---\n")
    };
    let set = load(&[&format!("{}{}title: c\ncorrelation: {correlation}\n", rule("a"), rule("b"))]);
    assert_eq!(set.problems(), []);
    assert_eq!(set.rules().len(), 3);
    set
}

/// A match of a rule by a user with a value, whose number is its time in microseconds.
fn at(timestamp: i64, rule: usize, user: &str, value: &str) -> BaseMatch {
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let mut values = Vec::new();
    if !user.is_empty() {
        values.push(pair("U", user));
    }
    if !value.is_empty() {
        values.push(pair("V", value));
    }
    BaseMatch { timestamp, rule, values, event: timestamp.unsigned_abs() }
}

/// When a correlation was told, and what was counted.
fn told(set: &RuleSet, mut matches: Vec<BaseMatch>) -> Vec<(i64, f64)> {
    matches.sort();
    let mut correlator = Correlator::new(set);
    let told = matches.iter().flat_map(|matched| correlator.take(matched));
    let told = told.map(|one| (one.timestamp, one.value)).collect();
    assert_eq!((correlator.late(), correlator.forgotten()), (0, 0));
    told
}

fn seconds(times: &[i64], rule: usize) -> Vec<BaseMatch> {
    times.iter().map(|time| at(time * SECOND, rule, "u", "")).collect()
}

#[test]
fn events_are_counted_within_the_time() {
    let set = set(
        "{type: event_count, rules: [a, b], group-by: [U], timespan: 10s, condition: {gte: 3}}",
    );
    assert_eq!(told(&set, seconds(&[0, 5, 10], 0)), [(10 * SECOND, 3.0)]);
    assert_eq!(told(&set, seconds(&[0, 6, 11, 17], 0)), []);
    let mut shuffled = seconds(&[10, 0, 5], 0);
    assert_eq!(told(&set, shuffled.clone()), [(10 * SECOND, 3.0)]);
    shuffled[1].timestamp = -1;
    assert_eq!(told(&set, shuffled), []);
    let mixed = vec![at(0, 0, "u", ""), at(1, 1, "u", ""), at(2, 0, "v", ""), at(3, 0, "u", "")];
    assert_eq!(told(&set, mixed), [(3, 3.0)]);
    let without_group = vec![at(0, 0, "", ""), at(1, 0, "", ""), at(2, 0, "", "")];
    assert_eq!(told(&set, without_group), []);
}

#[test]
fn an_event_counts_once_though_it_matches_two_rules() {
    let set = set("{type: event_count, rules: [a, b], timespan: 10s, condition: {gte: 3}}");
    let twice = vec![at(0, 0, "", ""), at(0, 1, "", ""), at(1, 0, "", ""), at(1, 1, "", "")];
    assert_eq!(told(&set, twice), []);
}

#[test]
fn what_goes_on_is_told_once_in_each_time_span() {
    let set = set("{type: event_count, rules: a, timespan: 10s, condition: {gte: 3}}");
    let times: Vec<i64> = (0..25).collect();
    let when: Vec<i64> = told(&set, seconds(&times, 0)).iter().map(|one| one.0 / SECOND).collect();
    assert_eq!(when, [2, 12, 22]);
}

#[test]
fn bounds_may_be_several() {
    let of = |bounds: &str| {
        let set =
            set(&format!("{{type: event_count, rules: a, timespan: 1m, condition: {{{bounds}}}}}"));
        told(&set, seconds(&[0, 1, 2, 3], 0)).iter().map(|one| one.0 / SECOND).collect::<Vec<_>>()
    };
    assert_eq!(of("gt: 2"), [2]);
    assert_eq!(of("gt: 2, lte: 2"), [] as [i64; 0]);
    assert_eq!(of("eq: 4"), [3]);
    assert_eq!(of("lt: 2"), [0]);
    assert_eq!(of("neq: 1"), [1]);
}

#[test]
fn values_are_counted_once_each() {
    let set = set(
        "{type: value_count, rules: a, group-by: [U], timespan: 10s, condition: {field: V, gte: 3}}",
    );
    let of = |values: &[&str]| {
        let matches =
            values.iter().zip(0..).map(|(value, time)| at(time * 4 * SECOND, 0, "u", value));
        told(&set, matches.collect())
    };
    assert_eq!(of(&["x", "y", "z"]), [(8 * SECOND, 3.0)]);
    assert_eq!(of(&["x", "y", "x", "y"]), []);
    assert_eq!(of(&["x", "y", "", "z"]), []);
    assert_eq!(of(&["x", "y", "y", "z", "x"]), [(16 * SECOND, 3.0)]);
}

#[test]
fn values_are_worked_out() {
    let of = |kind: &str, condition: &str, values: &[&str]| {
        let set = set(&format!(
            "{{type: {kind}, rules: a, timespan: 10s, condition: {{field: V, {condition}}}}}"
        ));
        let matches =
            values.iter().zip(0..).map(|(value, time)| at(time * 4 * SECOND, 0, "", value));
        told(&set, matches.collect())
    };
    assert_eq!(of("value_sum", "gt: 10", &["5", "x", "5", "1"]), []);
    assert_eq!(of("value_sum", "gt: 10", &["5", "5.5"]), [(4 * SECOND, 10.5)]);
    assert_eq!(of("value_avg", "gte: 10", &["8", "9", "13"]), [(8 * SECOND, 10.0)]);
    assert_eq!(of("value_avg", "gte: 10", &["8", "9", "inf"]), []);
    assert_eq!(of("value_median", "gte: 4", &["1", "9", "4"]), [(4 * SECOND, 5.0)]);
    assert_eq!(of("value_median", "gte: 6", &["1", "9", "4"]), []);
    assert_eq!(of("value_median", "lte: 0", &["", "x"]), []);
    assert_eq!(
        of("value_percentile", "gte: 9, percentile: 100", &["1", "8", "9"]),
        [(8 * SECOND, 9.0)]
    );
    assert_eq!(of("value_percentile", "gte: 9, percentile: 50", &["1", "8", "9"]), []);
    assert_eq!(of("value_percentile", "gte: 4, percentile: 25", &["2", "10"]), [(4 * SECOND, 4.0)]);
}

#[test]
fn all_rules_have_to_match_in_any_order() {
    let set = set("{type: temporal, rules: [a, b], group-by: [U], timespan: 10s}");
    assert_eq!(told(&set, vec![at(0, 0, "u", ""), at(1, 0, "u", "")]), []);
    assert_eq!(
        told(&set, vec![at(0, 1, "u", ""), at(10 * SECOND, 0, "u", "")]),
        [(10 * SECOND, 2.0)]
    );
    assert_eq!(told(&set, vec![at(0, 1, "u", ""), at(10 * SECOND + 1, 0, "u", "")]), []);
    assert_eq!(told(&set, vec![at(0, 1, "u", ""), at(1, 0, "v", "")]), []);
}

#[test]
fn a_condition_says_which_rules_have_to_match() {
    let of = |condition: &str| {
        let set = set(&format!(
            "{{type: temporal, rules: [a, b], timespan: 10s, condition: {condition}}}"
        ));
        told(&set, vec![at(0, 0, "", ""), at(1, 1, "", "")])
            .iter()
            .map(|one| one.0)
            .collect::<Vec<_>>()
    };
    assert_eq!(of("a or b"), [0]);
    assert_eq!(of("a and b"), [1]);
    assert_eq!(of("b and not a"), [] as [i64; 0]);
    assert_eq!(of("{gte: 2}"), [1]);
    assert_eq!(of("1 of them"), [0]);
}

#[test]
fn the_order_of_rules_matters_to_the_microsecond() {
    let set = set("{type: temporal_ordered, rules: [a, b], group-by: [U], timespan: 10s}");
    assert_eq!(told(&set, vec![at(1, 0, "u", ""), at(2, 1, "u", "")]), [(2, 2.0)]);
    assert_eq!(told(&set, vec![at(1, 1, "u", ""), at(2, 0, "u", "")]), []);
    assert_eq!(
        told(&set, vec![at(0, 0, "u", ""), at(10 * SECOND, 1, "u", "")]),
        [(10 * SECOND, 2.0)]
    );
    assert_eq!(told(&set, vec![at(0, 0, "u", ""), at(10 * SECOND + 1, 1, "u", "")]), []);
    // The later beginning counts.
    let again = vec![at(0, 0, "u", ""), at(8 * SECOND, 0, "u", ""), at(15 * SECOND, 1, "u", "")];
    assert_eq!(told(&set, again), [(15 * SECOND, 2.0)]);
    let backwards = vec![at(1, 1, "u", ""), at(2, 0, "u", ""), at(3, 1, "v", "")];
    assert_eq!(told(&set, backwards), []);
}

#[test]
fn events_of_one_moment_have_no_order() {
    let set = set("{type: temporal_ordered, rules: [b, a], timespan: 10s}");
    let mut one = at(5, 0, "", "");
    one.event = 1;
    assert_eq!(told(&set, vec![one, at(5, 1, "", "")]), [(5, 2.0)]);
    // One event does not make two steps.
    let rule = "{type: temporal_ordered, rules: [a, b, a], timespan: 10s}";
    let set = super::tests::set(rule);
    assert_eq!(told(&set, vec![at(5, 0, "", ""), at(6, 1, "", "")]), []);
    assert_eq!(told(&set, vec![at(5, 0, "", ""), at(6, 1, "", ""), at(7, 0, "", "")]), [(7, 3.0)]);
}

#[test]
fn fields_may_have_other_names_in_other_rules() {
    let set = set(
        "{type: temporal, rules: [a, b], group-by: [who], timespan: 10s, aliases: {who: {a: U, b: V}}}",
    );
    assert_eq!((set.kept(0), set.kept(1)), (&["U".to_owned()][..], &["V".to_owned()][..]));
    assert_eq!(told(&set, vec![at(0, 0, "x", "y"), at(1, 1, "y", "x")]), [(1, 2.0)]);
    assert_eq!(told(&set, vec![at(0, 0, "x", "y"), at(1, 1, "x", "y")]), []);
}

#[test]
fn a_correlation_may_be_over_correlations() {
    let rule = |name: &str| {
        format!("title: {name}\nname: {name}\ndetection: {{s: {{A: x}}, condition: s}}\n---\n")
    };
    let set = load(&[&format!(
        "{}{}title: many\nname: many\ncorrelation: {{type: event_count, rules: a, group-by: [V], timespan: 1m, \
         condition: {{gte: 3}}}}\n---\ntitle: then\ncorrelation: {{type: temporal_ordered, rules: [many, b], \
         group-by: [U], timespan: 5m}}\n",
        rule("a"),
        rule("b")
    )]);
    assert_eq!(set.problems(), []);
    assert_eq!([0, 1, 2, 3].map(|place| set.is_told(place)), [false, false, false, true]);
    assert_eq!((set.kept(0).len(), set.kept(1)), (2, &["U".to_owned()][..]));
    let failures = (0..3).map(|time| at(time, 0, "u", "host"));
    let mut matches: Vec<BaseMatch> = failures.collect();
    matches.push(at(9, 1, "u", "other"));
    let mut correlator = Correlator::new(&set);
    let told: Vec<Correlated> =
        matches.iter().flat_map(|matched| correlator.take(matched)).collect();
    let places: Vec<(usize, i64)> = told.iter().map(|one| (one.rule, one.timestamp)).collect();
    assert_eq!(places, [(2, 2), (3, 9)]);
    assert_eq!(told[1].events, [0, 1, 2, 9]);
    assert_eq!(told[1].group, [("U".to_owned(), "u".to_owned())]);
    assert_eq!(told[0].seconds, 60);
    // An attack that goes on still comes before what happens within five minutes of its last failure.
    let mut long: Vec<BaseMatch> =
        (0..100).map(|time| at(time * 10 * SECOND, 0, "u", "host")).collect();
    long.push(at(1_200 * SECOND, 1, "u", "other"));
    let mut correlator = Correlator::new(&set);
    let told: Vec<Correlated> = long.iter().flat_map(|matched| correlator.take(matched)).collect();
    assert_eq!(told.iter().filter(|one| one.rule == 3).count(), 1);
}

#[test]
fn many_events_are_told_by_a_sample() {
    let set = set("{type: event_count, rules: a, timespan: 1h, condition: {gte: 1000}}");
    let mut correlator = Correlator::new(&set);
    let matches: Vec<BaseMatch> = (0..1_000).map(|time| at(time, 0, "", "")).collect();
    let told: Vec<Correlated> =
        matches.iter().flat_map(|matched| correlator.take(matched)).collect();
    assert_eq!(told.len(), 1);
    let expected: Vec<u64> = (0..50).chain(950..1_000).collect();
    assert_eq!(told[0].events, expected);
}

#[test]
fn what_comes_late_is_taken_for_the_latest_moment() {
    let set = set("{type: temporal_ordered, rules: [a, b], timespan: 10s}");
    let mut correlator = Correlator::new(&set);
    assert!(correlator.take(&at(100 * SECOND, 0, "", "")).is_empty());
    let told = correlator.take(&at(50 * SECOND, 1, "", ""));
    assert_eq!((told.len(), told[0].timestamp, correlator.late()), (1, 100 * SECOND, 1));
}

#[test]
fn what_is_remembered_is_bounded() {
    let set =
        set("{type: event_count, rules: a, group-by: [U], timespan: 1h, condition: {gte: 3}}");
    let mut correlator = Correlator::new(&set);
    correlator.most_weight = 1_000;
    for time in 0..10_000 {
        let matched = at(time, 0, &format!("u{time}"), "");
        assert!(correlator.take(&matched).is_empty());
        assert!(correlator.weight <= 1_000 && correlator.groups.len() <= 200);
    }
    assert!(correlator.forgotten() > 9_000);
    let weight: usize =
        correlator.groups.values().map(|group| group.window.weight() + group.own_weight).sum();
    assert_eq!(weight, correlator.weight);
    // What is over is let go of without a word.
    let mut correlator = Correlator::new(&set);
    correlator.most_weight = 1_000;
    for time in 0..10_000 {
        correlator.take(&at(time * 100 * SECOND, 0, &format!("u{time}"), ""));
    }
    assert_eq!(correlator.forgotten(), 0);
}

#[test]
fn extreme_times_are_no_danger() {
    for kind in ["event_count", "value_sum", "temporal", "temporal_ordered", "value_median"] {
        let set = set(&format!(
            "{{type: {kind}, rules: a, timespan: 1y, condition: {{field: V, gte: 1}}}}"
        ));
        let mut correlator = Correlator::new(&set);
        for time in [i64::MIN, -1, 0, i64::MAX] {
            correlator.take(&at(time, 0, "u", "1e300"));
            correlator.take(&at(time, 0, "u", "7"));
        }
    }
}

#[test]
fn many_ways_to_a_correlation_are_no_danger() {
    let mut text = "title: r\nname: r\ndetection: {s: {A: x}, condition: s}\n".to_owned();
    let mut below = vec!["r".to_owned()];
    for layer in 0..9 {
        let layer: Vec<String> = (0..12).map(|number| format!("c{layer}-{number}")).collect();
        for name in &layer {
            text.push_str(&format!(
                "---\ntitle: {name}\nname: {name}\ncorrelation: {{type: temporal, rules: [{}], timespan: 1m}}\n",
                below.join(", ")
            ));
        }
        below = layer;
    }
    let set = load(&[&text]);
    assert_eq!((set.problems(), set.rules().len()), (&[][..], 109));
    let mut correlator = Correlator::new(&set);
    assert_eq!(correlator.take(&at(0, 0, "", "")).len(), 108);
}

#[test]
fn long_values_are_told_apart() {
    let set = set("{type: value_count, rules: a, timespan: 1m, condition: {field: V, gte: 3}}");
    let long = "x".repeat(10_000);
    let of = |ends: [&str; 3]| {
        let values = ends.map(|end| format!("{long}{end}"));
        told(&set, values.iter().zip(0..).map(|(value, time)| at(time, 0, "", value)).collect())
    };
    assert_eq!(of(["a", "b", "c"]), [(2, 3.0)]);
    assert_eq!(of(["a", "b", "a"]), []);
}
