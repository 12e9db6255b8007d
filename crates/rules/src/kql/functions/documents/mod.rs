//! Text of a known form, taken apart: addresses of the web, paths, command lines, XML and the like.

pub(super) mod command_line;
pub(super) mod csv;
pub(super) mod path;
pub(super) mod url;
pub(super) mod user_agent;
pub(super) mod version;
pub(super) mod xml;
