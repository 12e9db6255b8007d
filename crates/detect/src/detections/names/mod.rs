//! What the contacted names tell.

pub(super) mod rare_tenant;
