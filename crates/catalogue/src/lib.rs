//! The platforms of Coldtrail: functions, edge workers, scripts, tunnels and their like.
//!
//! The [`Catalogue`] says which platform a host belongs to and which customer's function it is.
//! Everything it knows is data, in files that people read and edit (`data/*.toml`): host patterns,
//! how to write tenant and group, which paths say more, and how well all this is established.
//!
//! ```
//! use coldtrail_catalogue::{Catalogue, Identification};
//!
//! let catalogue = Catalogue::builtin();
//!
//! // One account of Workers, one worker of it.
//! let found = catalogue.lookup("calm-wildflower-1349.hellohiall.workers.dev").unwrap();
//! let endpoint = found.endpoint(None);
//! assert_eq!(endpoint.product, "Workers");
//! assert_eq!(endpoint.tenant.as_deref(), Some("calm-wildflower-1349.hellohiall"));
//! assert_eq!(endpoint.group.as_deref(), Some("hellohiall"));
//!
//! // A host that everybody shares has no tenant until a path names it.
//! let hook = "https://hooks.zapier.com/hooks/catch/1234567/abcdef/";
//! let Identification::Endpoint(endpoint) = catalogue.identify_url(hook) else { panic!() };
//! assert_eq!(endpoint.tenant.as_deref(), Some("abcdef"));
//!
//! // Labels, not substrings.
//! assert!(catalogue.lookup("evil-workers.dev.example.com").is_none());
//! ```
//!
//! # How a host is read
//!
//! Labels are compared from the right. Control plane and neighbours of another trade come first,
//! then the most specific pattern. Labels further left than a pattern reaches belong to the same
//! customer, except on fixed and shared hosts. A platform's domain without a customer is
//! [`Identification::Bare`]. Regions and ids are accepted by their shape, and the tenant follows
//! the product's own rule, never the registrable domain.
//!
//! # The notation of the data files
//!
//! `{worker}.{account}.workers.dev` takes any label for a placeholder in braces; `{hash:alnum16}`
//! takes one of that shape: `letters`, `digits`, `hex`, `alnum`, `mixed` (letters and digits, at
//! least one of each), `slug` (no double dash), each with a length (`hex32`) or a range of lengths
//! (`digits6-14`), `uuid`, `aws-region`, `google-region`, or words (`exec|dev`). Paths are written
//! likewise and compared from their beginning. `tenant`, `group` and `function` say how to write
//! the answer from the placeholders; of several forms the first that is complete is used, and
//! without any form the placeholder of that name is the answer. `chosen` names the placeholders that
//! customers fill as they like. A tenant is unique within its product. What is secret in a URL never becomes part of an answer, unless it is the only name the
//! tenant has.

mod catalogue;
mod data;
mod entry;
mod error;
mod host;
mod known;
mod location;
mod path;
mod prefilter;
mod product;
mod shape;
mod template;
mod trie;

pub use catalogue::{Catalogue, Identification, Match};
pub use entry::{Entry, Evidence, Role};
pub use error::CatalogueError;
pub use known::KnownService;
pub use location::{Location, split_url};
pub use template::TemplateError;
