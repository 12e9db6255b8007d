//! The lower median: always one of the values, never the mean of two.
//!
//! With about half of the polls missing, the two middle intervals are one period and two periods
//! long; their mean would be a length that never occurred.

/// The lower median of `values`, in their unit; `None` of nothing.
pub(crate) fn median(values: &[f64]) -> Option<f64> {
    let middle = values.len().checked_sub(1)? / 2;
    let mut values = values.to_vec();
    let (_, median, _) = values.select_nth_unstable_by(middle, f64::total_cmp);
    Some(*median)
}

#[cfg(test)]
mod tests {
    use super::median;

    #[test]
    fn is_one_of_the_values() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[60.0, 120.0, 120.0, 60.0]), Some(60.0));
        assert_eq!(median(&[]), None);
    }
}
