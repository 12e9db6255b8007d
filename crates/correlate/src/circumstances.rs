//! What is known about a conversation beside the logs: all that the people of the place and the lists
//! that are shipped say about it.

use coldtrail_model::Conversation;
use coldtrail_triage::{Asset, Change, Contact, Context, Indicator, Profile, Sanction, Sanctioned};

use crate::KnownService;

/// What is known about one conversation.
#[derive(Debug)]
pub(crate) struct Circumstances<'c> {
    /// The process is a browser.
    pub(crate) is_browser: bool,
    /// The endpoint is a service of the shipped list.
    pub(crate) known: Option<KnownService>,
    /// Somebody of the place answers for it.
    pub(crate) sanctioned: Option<Sanctioned<'c>>,
    /// Somebody did, until the permission expired.
    pub(crate) lapsed: Option<&'c Sanction>,
    /// The host that acted.
    pub(crate) asset: Option<&'c Asset>,
    /// What was being changed when it began.
    pub(crate) change: Option<&'c Change>,
    /// Others have seen an attacker use the endpoint.
    pub(crate) indicator: Option<&'c Indicator>,
    /// What may be forgiven to such a host.
    pub(crate) profile: Option<&'static Profile>,
    /// Whether there was a list of sanctioned uses to look into.
    pub(crate) lists_sanctions: bool,
    /// Whether there was a list of changes to look into.
    pub(crate) lists_changes: bool,
}

impl<'c> Circumstances<'c> {
    /// Looks everything up. Of a conversation that rotates over tenants, only one is named.
    pub(crate) fn of(
        conversation: &Conversation,
        context: &'c Context,
        is_browser: bool,
        known: Option<KnownService>,
        rotates: bool,
    ) -> Self {
        let contact = Contact::of(conversation);
        let indicator = context.indicator(&contact);
        Self {
            is_browser,
            known,
            sanctioned: context
                .sanctioned(&contact)
                .filter(|found| covers(found.sanction, rotates)),
            lapsed: context.lapsed(&contact),
            asset: context.asset_of(&conversation.actor),
            change: context.change(conversation),
            indicator,
            // What an attacker is known to use is forgiven to nobody.
            profile: context.profile(&contact).filter(|_| indicator.is_none()),
            lists_sanctions: context.lists_sanctions(),
            lists_changes: context.lists_changes(),
        }
    }

    /// Who answers for the use, why and until when, as the list says it.
    pub(crate) fn sanction_in_words(&self) -> Option<String> {
        let Sanctioned { sanction, unseen } = self.sanctioned.as_ref()?;
        let mut words = in_words(sanction);
        if !unseen.is_empty() {
            words.push_str(&format!("; these logs do not show the {}", unseen.join(" and the ")));
        }
        Some(words)
    }
}

/// Whether an entry speaks about all of a conversation. Who answers for one tenant of a rotation does not
/// answer for the others.
pub(crate) fn covers(sanction: &Sanction, rotates: bool) -> bool {
    !rotates || sanction.endpoint().starts_with("*.")
}

/// An entry of `sanctioned.csv`: its line, reason, owner and end.
pub(crate) fn in_words(sanction: &Sanction) -> String {
    let mut words = format!("sanctioned.csv line {}: `{}`", sanction.line, sanction.endpoint());
    if let Some(reason) = &sanction.reason {
        words.push_str(&format!(" for {reason}"));
    }
    if let Some(owner) = &sanction.owner {
        words.push_str(&format!(", owner {owner}"));
    }
    if let Some(expires) = sanction.expires {
        words.push_str(&format!(", until {expires}"));
    }
    words
}
