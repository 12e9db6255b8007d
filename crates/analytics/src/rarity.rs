//! How rare a tenant is among the hosts that were active.
//!
//! ```text
//! prevalence = hosts that reached the tenant / active hosts
//! ```
//!
//! Software that many hosts run talks to the same tenant from all of them; an implant's tenant is
//! reached by one host or a few. Prevalence says nothing on a network of three machines: the caller
//! has both counts and must decide how many hosts are enough.

/// The share of active hosts that reached the tenant, from 0 to 1; `None` when no host was active.
///
/// More hosts on the tenant than active ones, which only inconsistent counting can give, is 1.
///
/// ```
/// assert_eq!(coldtrail_analytics::prevalence(2, 400), Some(0.005));
/// ```
pub fn prevalence(hosts_on_tenant: u64, active_hosts: u64) -> Option<f64> {
    (active_hosts > 0).then(|| (hosts_on_tenant as f64 / active_hosts as f64).min(1.0))
}

#[cfg(test)]
mod tests {
    use super::prevalence;

    #[test]
    fn everybody_is_one_and_nobody_is_unknown() {
        assert_eq!(prevalence(7, 7), Some(1.0));
        assert_eq!(prevalence(9, 7), Some(1.0));
        assert_eq!(prevalence(0, 0), None);
    }
}
