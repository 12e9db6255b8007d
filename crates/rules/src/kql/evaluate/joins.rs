//! Joins: pairs of rows with equal keys, where a null equals a null.

use std::collections::{HashMap, HashSet};

use super::order::group_key;
use super::{EvaluateError, each};
use crate::kql::Value;
use crate::kql::plan::{Expression, JoinKind};

/// What is joined.
pub(super) struct Sides {
    pub(super) left: Vec<Vec<Value>>,
    pub(super) right: Vec<Vec<Value>>,
    /// A left row of nothing.
    pub(super) empty_left: Vec<Value>,
    /// A right row of nothing.
    pub(super) empty_right: Vec<Value>,
}

/// The joined rows, in the order of the left side and then of the right one. `within` is asked, with the
/// number of rows made so far, whether there may be so many.
pub(super) fn join(
    sides: &Sides,
    kind: JoinKind,
    on: &[(Expression, Expression)],
    within: &dyn Fn(usize) -> Result<(), EvaluateError>,
) -> Result<Vec<Vec<Value>>, EvaluateError> {
    let (left_on, right_on): (Vec<_>, Vec<_>) = on.iter().cloned().unzip();
    let left_keys = keys(&sides.left, &left_on);
    let right_keys = keys(&sides.right, &right_on);
    if let Some(rows) = of_one_side(sides, kind, &left_keys, &right_keys) {
        return Ok(rows);
    }
    let mut places: HashMap<&[u8], Vec<usize>> = HashMap::new();
    for (place, key) in right_keys.iter().enumerate() {
        places.entry(key).or_default().push(place);
    }
    let mut met = vec![false; sides.right.len()];
    let mut seen = HashSet::new();
    let mut rows = Vec::new();
    for (left, key) in sides.left.iter().zip(&left_keys) {
        if kind == JoinKind::InnerUnique && !seen.insert(key.as_slice()) {
            continue;
        }
        let partners = places.get(key.as_slice()).map_or(&[][..], Vec::as_slice);
        for place in partners {
            if let (Some(met), Some(right)) = (met.get_mut(*place), sides.right.get(*place)) {
                *met = true;
                rows.push(both(left, right));
            }
        }
        if partners.is_empty() && matches!(kind, JoinKind::LeftOuter | JoinKind::FullOuter) {
            rows.push(both(left, &sides.empty_right));
        }
        within(rows.len())?;
    }
    if matches!(kind, JoinKind::RightOuter | JoinKind::FullOuter) {
        let alone = sides.right.iter().zip(met).filter(|(_, met)| !met);
        rows.extend(alone.map(|(right, _)| both(&sides.empty_left, right)));
    }
    Ok(rows)
}

/// The rows of a semi or anti join; nothing of other kinds.
fn of_one_side(
    sides: &Sides,
    kind: JoinKind,
    left_keys: &[Vec<u8>],
    right_keys: &[Vec<u8>],
) -> Option<Vec<Vec<Value>>> {
    let (rows, keys, others, is_semi) = match kind {
        JoinKind::LeftSemi => (&sides.left, left_keys, right_keys, true),
        JoinKind::LeftAnti => (&sides.left, left_keys, right_keys, false),
        JoinKind::RightSemi => (&sides.right, right_keys, left_keys, true),
        JoinKind::RightAnti => (&sides.right, right_keys, left_keys, false),
        _ => return None,
    };
    let others: HashSet<&[u8]> = others.iter().map(Vec::as_slice).collect();
    let kept = rows.iter().zip(keys).filter(|(_, key)| others.contains(key.as_slice()) == is_semi);
    Some(kept.map(|(row, _)| row.clone()).collect())
}

fn keys(rows: &[Vec<Value>], on: &[Expression]) -> Vec<Vec<u8>> {
    rows.iter().map(|row| group_key(&each(on, row))).collect()
}

fn both(left: &[Value], right: &[Value]) -> Vec<Value> {
    left.iter().chain(right).cloned().collect()
}
