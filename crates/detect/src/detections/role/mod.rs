//! Whether a host is of the kind that talks to other people's platforms.

pub(crate) mod unusual;
