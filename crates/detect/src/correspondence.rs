//! How detections correspond to the analytics of ATT&CK.

/// One of MITRE's analytics that looks for the same, and how its way to be tuned is called here.
///
/// Analytics name elements that each place has to set for itself. Where one of our settings does what
/// such an element is for, a report, a file of settings and an auditor can use either name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Correspondence {
    /// The analytic's identifier, such as `AN0076`.
    pub analytic: &'static str,
    /// Its mutable element, such as `BeaconIntervalWindow`; none where the analytic as a whole is meant.
    pub element: Option<&'static str>,
    /// The name of our setting; none where ours cannot be set.
    pub setting: Option<&'static str>,
}

impl Correspondence {
    /// An analytic that looks for the same by other means.
    pub const fn to(analytic: &'static str) -> Self {
        Self { analytic, element: None, setting: None }
    }

    /// An element for which we have no setting, but a way of our own.
    pub const fn element(analytic: &'static str, element: &'static str) -> Self {
        Self { analytic, element: Some(element), setting: None }
    }

    /// An element that one of our settings stands for.
    pub const fn setting(
        analytic: &'static str,
        element: &'static str,
        setting: &'static str,
    ) -> Self {
        Self { analytic, element: Some(element), setting: Some(setting) }
    }

    /// The analytic and its element in one: `AN0076.BeaconIntervalWindow`.
    pub fn name(&self) -> String {
        match self.element {
            Some(element) => format!("{}.{element}", self.analytic),
            None => self.analytic.to_owned(),
        }
    }
}
