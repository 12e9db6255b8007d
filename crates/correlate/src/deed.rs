//! What somebody did to a function in a cloud, in words.

use coldtrail_model::{Conversation, Signal};

/// What was done, the gravest of a finding's signals first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    /// A function was opened to everybody.
    Exposed,
    /// Its code or settings were changed in an unusual way.
    Changed,
    /// It was called at a new rate.
    Invoked,
    /// Somebody deployed it who usually does not.
    Deployed,
    /// It was made.
    Prepared,
}

/// The deeds and the detections that tell them, the gravest first.
const DEEDS: [(&str, Deed); 5] = [
    ("cloud.exposed", Deed::Exposed),
    ("cloud.changed", Deed::Changed),
    ("cloud.invoked", Deed::Invoked),
    ("cloud.unusual_deployer", Deed::Deployed),
    ("cloud.prepared", Deed::Prepared),
];

impl Deed {
    /// What the signals of a finding are about, if it is something done in a cloud.
    pub(crate) fn of(signals: &[&Signal]) -> Option<Self> {
        let tells = |id: &str| signals.iter().any(|signal| signal.detection == id);
        DEEDS.iter().find(|(id, _)| tells(id)).map(|(_, deed)| *deed)
    }

    /// One line that can be understood alone.
    pub(crate) fn title(self, conversation: &Conversation) -> String {
        let (who, what) = (identity(conversation), function(conversation));
        let platform = &conversation.endpoint.product;
        match self {
            Deed::Exposed => format!("{who} opened the function {what} to everybody ({platform})"),
            Deed::Changed => {
                format!("{who} changed the function {what}, as it usually is not ({platform})")
            }
            Deed::Invoked => {
                format!("{who} calls the function {what} far more often than ever ({platform})")
            }
            Deed::Deployed => {
                format!("{who} deployed the function {what}, and usually does not ({platform})")
            }
            Deed::Prepared => format!("{who} prepared the function {what} ({platform})"),
        }
    }
}

/// Who acted, by the name that people know.
pub(crate) fn identity(conversation: &Conversation) -> &str {
    let actor = &conversation.actor;
    actor.user.as_deref().unwrap_or(&actor.host)
}

/// The name of the function.
pub(crate) fn function(conversation: &Conversation) -> &str {
    let endpoint = &conversation.endpoint;
    endpoint.function.as_deref().unwrap_or(&endpoint.host)
}
