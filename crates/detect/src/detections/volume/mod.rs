//! What the amount and the direction of data tell.

pub(super) mod upload_heavy;
