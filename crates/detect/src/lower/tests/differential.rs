//! Conditions and expressions put together at random: what the engine computes a column at a time is what the
//! language computes a row at a time.

use super::surroundings::{Dice, Surroundings};

const WHOLE: [&str; 6] = ["l", "k", "i", "-1", "2", "long(null)"];
const TEXT: [&str; 8] =
    ["s", "t", "'a'", "'workers.dev'", "''", "tolower(s)", "iff(b, s, t)", "tostring(t)"];
const MOMENT: [&str; 5] = ["d", "e", "datetime(1970-01-02)", "bin(d, 7h)", "coalesce(d, e)"];
const NEEDLES: [&str; 7] = [
    "'workers.dev'",
    "'a'",
    "'', 'b'",
    "'WORKERS.dev', 'a_'",
    "'éa', 'on.aws'",
    "'lambda-url', 'dev', 'b', 'x', 'EVIL.'",
    "dynamic(['path', 'a', 'on.aws', 'evil', 'my'])",
];

/// A condition, of conditions if there is depth left.
fn condition(dice: &mut Dice, depth: u32) -> String {
    if depth > 0 {
        let (one, other) = (condition(dice, depth - 1), condition(dice, depth - 1));
        return match dice.below(5) {
            0 | 1 => format!("({one} and {other})"),
            2 | 3 => format!("({one} or {other})"),
            _ => format!("not({one})"),
        };
    }
    let sign = *dice.of(&["==", "!=", "<", "<=", ">", ">="]);
    match dice.below(12) {
        0 => format!("{} {sign} {}", dice.of(&WHOLE), dice.of(&WHOLE)),
        1 => format!("{} {sign} {}", dice.of(&TEXT), dice.of(&TEXT)),
        2 => format!("{} {sign} {}", dice.of(&MOMENT), dice.of(&MOMENT)),
        3 => format!("r {sign} {}", dice.of(&["r", "0.0", "2", "l", "real(null)"])),
        4 => format!("{} {} ('a', 'workers.dev', '')", dice.of(&TEXT), dice.of(&["in", "!in"])),
        5 => format!("{} {} (1, -2, 0)", dice.of(&["l", "i"]), dice.of(&["in", "!in"])),
        6 => format!(
            "{} {} ({})",
            dice.of(&TEXT),
            dice.of(&["in~", "!in~", "has_any", "has_all"]),
            dice.of(&NEEDLES)
        ),
        7 => {
            let operators = [
                "has",
                "!has",
                "has_cs",
                "hasprefix",
                "!hassuffix",
                "contains",
                "!contains_cs",
                "startswith",
                "endswith_cs",
                "!endswith",
                "=~",
                "!~",
            ];
            format!("{} {} {}", dice.of(&TEXT), dice.of(&operators), dice.of(&NEEDLES[..2]))
        }
        8 => format!(
            "{}({})",
            dice.of(&["isempty", "isnotempty", "isnull", "isnotnull"]),
            dice.of(&["s", "l", "d", "y", "r", "b"])
        ),
        9 => {
            format!("{} {} (-1 .. 2)", dice.of(&["l", "k", "i"]), dice.of(&["between", "!between"]))
        }
        10 => format!(
            "d between (datetime(1970-01-01) .. {})",
            dice.of(&["1d", "datetime(1970-01-02)"])
        ),
        _ => format!("y.a {} 1", dice.of(&["==", "!="])),
    }
}

#[test]
fn conditions_hold_for_the_same_rows() {
    let surroundings = Surroundings::new(4, 80);
    let mut dice = Dice::new(5);
    let queries = (0..250).map(|round| {
        let condition = condition(&mut dice, round % 3);
        format!("T | where {condition} | project s, l, d, i")
    });
    surroundings.check(&queries.collect::<Vec<_>>());
}

#[test]
fn answers_of_conditions_tell_null_from_false() {
    let surroundings = Surroundings::new(6, 80);
    let mut dice = Dice::new(7);
    let queries = (0..250).map(|round| {
        let (one, other) = (condition(&mut dice, round % 2), condition(&mut dice, 1));
        format!(
            "T | project x = {one}, y = iff({other}, l, k), z = case({other}, s, {one}, t, 'z')"
        )
    });
    surroundings.check(&queries.collect::<Vec<_>>());
}

#[test]
fn groups_come_to_the_same() {
    let surroundings = Surroundings::new(8, 120);
    let mut dice = Dice::new(9);
    let aggregates = [
        "count()",
        "countif(b)",
        "countif(l > k)",
        "sum(l)",
        "sum(i)",
        "sum(p)",
        "sum(r)",
        "min(l)",
        "max(d)",
        "min(s)",
        "max(t)",
        "min(r)",
        "dcount(s)",
        "dcount(l)",
        "count_distinct(d)",
        "avg(k)",
        "percentile(l, 50)",
        "dcountif(s, b)",
    ];
    let keys = ["s", "l", "r", "b", "bin(d, 12h)", "t, i", "y"];
    let queries = (0..60).map(|round| {
        let (one, other) = (dice.of(&aggregates), dice.of(&aggregates));
        match round % 4 {
            0 => format!("T | summarize x = {one}, y = {other}"),
            _ => format!("T | summarize x = {one}, y = {other} by {}", dice.of(&keys)),
        }
    });
    surroundings.check(&queries.collect::<Vec<_>>());
    surroundings
        .check(&keys.map(|key| format!("T | distinct {}", key.replace("bin(d, 12h)", "d"))));
}
