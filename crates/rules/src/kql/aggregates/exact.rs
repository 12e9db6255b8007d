//! Sums of reals that do not depend on the order of what is summed.
//!
//! The rows of a group come in any order and are put together in any grouping, and floating-point addition
//! rounds differently in each. So a sum is kept whole, as numbers that do not overlap and whose sum is exactly
//! that of all that was added, and rounded once when it is asked for.
//!
//! J. R. Shewchuk, *Adaptive Precision Floating-Point Arithmetic and Fast Robust Geometric Predicates*, 1997.

use super::super::{Dynamic, Value};

/// A sum, as exact as its numbers.
#[derive(Clone, Debug, Default)]
pub(super) struct ExactSum {
    /// By rising magnitude, no two with bits of the same weight.
    parts: Vec<f64>,
    /// The sum of what is no finite number; zero if there was none.
    beyond: f64,
}

impl ExactSum {
    /// How many values [`ExactSum::state`] gives.
    pub(super) const STATES: usize = 2;

    /// The sum of that one number.
    pub(super) fn of(value: f64) -> Self {
        let mut sum = Self::default();
        sum.add(value);
        sum
    }

    /// Adds a number.
    pub(super) fn add(&mut self, value: f64) {
        let mut rest = value;
        self.parts.retain_mut(|part| {
            let (sum, error) = two_sum(rest, *part);
            rest = sum;
            *part = error;
            error != 0.0 && sum.is_finite()
        });
        if !rest.is_finite() {
            self.beyond += rest;
        } else if rest != 0.0 {
            self.parts.push(rest);
        }
    }

    /// Adds another sum, or takes it away if the factor is -1.
    pub(super) fn add_all(&mut self, other: &ExactSum, factor: f64) {
        other.parts.iter().for_each(|part| self.add(factor * part));
        self.beyond += factor * other.beyond;
    }

    /// Adds the product of two numbers, without rounding it.
    pub(super) fn add_product(&mut self, left: f64, right: f64) {
        let product = left * right;
        self.add(product);
        if product.is_finite() {
            self.add(left.mul_add(right, -product));
        }
    }

    /// The product of two sums, without rounding it.
    pub(super) fn product(&self, other: &ExactSum) -> ExactSum {
        let mut product = ExactSum::default();
        for left in &self.parts {
            other.parts.iter().for_each(|right| product.add_product(*left, *right));
        }
        if self.beyond != 0.0 || other.beyond != 0.0 {
            product.beyond = f64::NAN;
        }
        product
    }

    /// The sum, rounded once.
    pub(super) fn value(&self) -> f64 {
        if self.beyond != 0.0 {
            return self.beyond;
        }
        let mut parts = self.parts.iter().rev().copied();
        let mut sum = parts.next().unwrap_or_default();
        while let Some(part) = parts.next() {
            let (rounded, error) = two_sum(sum, part);
            sum = rounded;
            if error != 0.0 {
                return round_tie(sum, error, parts.next());
            }
        }
        sum
    }

    /// What another takes over.
    pub(super) fn state(&self) -> [Value; Self::STATES] {
        let parts = self.parts.iter().map(|part| Dynamic::Real(*part)).collect();
        [Value::Dynamic(Dynamic::Array(parts)), Value::Real(self.beyond)]
    }

    /// Takes over what another knows.
    pub(super) fn merge(&mut self, state: &[Value]) {
        for part in super::elements(state, 0) {
            match part {
                Dynamic::Real(part) => self.add(*part),
                Dynamic::Long(part) => self.add(*part as f64),
                _ => {}
            }
        }
        if let Some(Value::Real(beyond)) = state.get(1) {
            self.beyond += beyond;
        }
    }

    /// Bytes held.
    pub(super) fn size(&self) -> usize {
        size_of::<Self>() + self.parts.capacity() * size_of::<f64>()
    }
}

/// A sum as rounded, and what rounding lost.
fn two_sum(left: f64, right: f64) -> (f64, f64) {
    let sum = left + right;
    let of_right = sum - left;
    let of_left = sum - of_right;
    (sum, (left - of_left) + (right - of_right))
}

/// A sum of which the error is just half of the last digit was rounded to even; what comes below tells whether
/// that was right.
fn round_tie(sum: f64, error: f64, below: Option<f64>) -> f64 {
    let is_same_way = below.is_some_and(|below| (below > 0.0) == (error > 0.0));
    let farther = sum + 2.0 * error;
    if is_same_way && farther - sum == 2.0 * error { farther } else { sum }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sum(values: &[f64]) -> f64 {
        let mut sum = ExactSum::default();
        values.iter().for_each(|value| sum.add(*value));
        sum.value()
    }

    #[test]
    fn nothing_is_lost_between_large_numbers() {
        assert_eq!(sum(&[1e100, 1.0, -1e100]), 1.0);
        assert_eq!(sum(&[0.1; 10]), 1.0);
        assert_eq!(sum(&[]), 0.0);
    }

    #[test]
    fn a_tie_is_broken_by_what_comes_below() {
        let half_digit = 2f64.powi(-53);
        assert_eq!(sum(&[1.0, half_digit]), 1.0);
        assert_eq!(sum(&[1.0, half_digit, 2f64.powi(-110)]), 1.0 + f64::EPSILON);
        assert_eq!(sum(&[1.0, half_digit, -2f64.powi(-110)]), 1.0);
    }

    #[test]
    fn what_is_not_finite_stays_so() {
        assert_eq!(sum(&[1.0, f64::INFINITY, -5.0]), f64::INFINITY);
        assert!(sum(&[f64::INFINITY, f64::NEG_INFINITY]).is_nan());
        assert_eq!(sum(&[f64::MAX, f64::MAX, 1.0]), f64::INFINITY);
    }

    proptest! {
        #[test]
        fn the_order_of_numbers_does_not_matter(
            mut values in prop::collection::vec(-1e12..1e12, 0..40),
        ) {
            let forth = sum(&values);
            values.reverse();
            prop_assert_eq!(forth, sum(&values));
            values.sort_by(f64::total_cmp);
            prop_assert_eq!(forth, sum(&values));
        }
    }
}
