//! The six kinds of hosts that look like an implant for a living, and what may be forgiven to each.
//!
//! A profile is a data file in `profiles/`. It speaks only about assets that the user gave its role,
//! about the programs that such hosts run for their work, and about kinds of platforms; it lowers named
//! contributions by so many points, and never below nothing. What it does not name counts fully there.

use std::sync::LazyLock;

use coldtrail_model::Kind;
use serde::Deserialize;

use crate::role::Role;

/// The texts of the shipped profiles, in the order of their names.
const TEXTS: [&str; 6] = [
    include_str!("../profiles/build-agents.toml"),
    include_str!("../profiles/developer-workstations.toml"),
    include_str!("../profiles/it-automation.toml"),
    include_str!("../profiles/monitoring.toml"),
    include_str!("../profiles/rpa.toml"),
    include_str!("../profiles/scanners.toml"),
];

/// What may be forgiven to hosts of a role.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Its name: that of its file.
    pub name: String,
    /// What it is about, in a few words.
    pub title: String,
    /// The roles of assets that it speaks about.
    roles: Vec<String>,
    /// File names of programs, lower case and without `.exe`.
    pub processes: Vec<String>,
    /// Kinds of platforms.
    pub kinds: Vec<Kind>,
    /// Why such hosts look like an implant.
    pub why: String,
    /// What it makes harder to see, and what stays.
    pub blind_spots: String,
    /// What it does.
    pub lower: Vec<Lower>,
}

/// One contribution, and by how much it is lowered.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lower {
    /// The name of the contribution.
    pub contribution: String,
    /// The most points that are taken away.
    pub by: u8,
    /// Why, to stand alone.
    pub because: String,
}

impl Profile {
    /// The profiles that are shipped.
    pub fn shipped() -> &'static [Profile] {
        // A test proves that each of the files can be read, so none is ever missing.
        static SHIPPED: LazyLock<Vec<Profile>> =
            LazyLock::new(|| TEXTS.iter().filter_map(|text| toml::from_str(text).ok()).collect());
        &SHIPPED
    }

    /// The roles of assets that it speaks about.
    pub fn roles(&self) -> impl Iterator<Item = Role> {
        self.roles.iter().filter_map(|name| Role::named(name))
    }

    /// The profile for a program on an asset of a role that talks to a kind of platform.
    pub(crate) fn find(role: Role, process: &str, kind: Kind) -> Option<&'static Profile> {
        let process = process.to_lowercase();
        let process = process.strip_suffix(".exe").unwrap_or(&process);
        Self::shipped().iter().find(|profile| {
            profile.roles().any(|one| one == role)
                && profile.processes.iter().any(|one| one == process)
                && profile.kinds.contains(&kind)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Profile, TEXTS};

    #[test]
    fn the_shipped_files_are_read_and_whole() {
        for text in TEXTS {
            toml::from_str::<Profile>(text).expect("a profile");
        }
        assert!(Profile::shipped().is_sorted_by(|one, other| one.name < other.name));
        for profile in Profile::shipped() {
            assert_eq!(profile.roles().count(), profile.roles.len(), "{}: roles", profile.name);
            assert!(!profile.processes.is_empty() && !profile.kinds.is_empty());
            assert!(!profile.lower.is_empty() && profile.lower.iter().all(|one| one.by > 0));
            let is_bare = |name: &String| *name == name.to_lowercase() && !name.ends_with(".exe");
            assert!(profile.processes.iter().all(is_bare), "{}: processes", profile.name);
        }
    }

    #[test]
    fn a_role_has_one_profile() {
        let mut roles: Vec<_> = Profile::shipped().iter().flat_map(Profile::roles).collect();
        let before = roles.len();
        roles.sort();
        roles.dedup();
        assert_eq!(roles.len(), before);
    }

    #[test]
    fn no_profile_forgives_programs_that_only_proxy_foreign_code() {
        for profile in Profile::shipped() {
            for program in ["mshta", "rundll32", "regsvr32", "certutil", "bitsadmin", "wscript"] {
                assert!(!profile.processes.iter().any(|one| one == program), "{}", profile.name);
            }
        }
    }
}
