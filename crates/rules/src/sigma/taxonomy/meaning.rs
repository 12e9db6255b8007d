//! What a field says about an event, whatever it is called.

use serde::Deserialize;

/// What a field says about an event, whatever it is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Meaning {
    /// The host that acted, or was acted on, by name.
    Host,
    /// The address that acted.
    Address,
    /// Who acted.
    User,
    /// The image of the process that acted.
    Process,
    /// The image of its parent.
    Parent,
    /// What was run: a command line or a script.
    CommandLine,
    /// What was reached, by name or URL.
    Remote,
    /// What was reached, by address.
    RemoteAddress,
}
