//! The built-in catalogue, as the files of a context are read with it.

use coldtrail_catalogue::Catalogue;
use coldtrail_model::Endpoint;
use coldtrail_triage::Platforms;

/// The platforms of the built-in catalogue.
#[derive(Clone, Copy, Debug, Default)]
pub struct BuiltinPlatforms;

impl Platforms for BuiltinPlatforms {
    fn endpoint(&self, host: &str, path: Option<&str>) -> Option<Endpoint> {
        Catalogue::builtin().platform(host, path)
    }

    fn is_above_tenants(&self, name: &str) -> bool {
        Catalogue::builtin().is_above_tenants(name)
    }
}
