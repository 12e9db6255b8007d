//! What a host is for, as inventories call it in many ways.

/// What a host is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// A person's computer.
    Workstation,
    /// A person's computer on which software is built and deployed.
    DeveloperWorkstation,
    /// Serves others; which service is not said or does not matter here.
    Server,
    /// Holds the directory of all accounts.
    DomainController,
    /// Runs pipelines: a self-hosted runner.
    CiRunner,
    /// Builds software for a pipeline.
    BuildAgent,
    /// Runs the scripts by which IT administers other hosts.
    Automation,
    /// Looks for vulnerabilities.
    Scanner,
    /// Watches other systems, or pretends to be their user.
    Monitoring,
    /// Runs robots that use applications like people.
    Rpa,
    /// Controls machines and processes.
    OperationalTechnology,
    /// A router, switch, firewall or printer.
    NetworkDevice,
    /// A telephone or tablet.
    Mobile,
}

/// Each role, its name, and other names for it; spaces stand for dashes and underscores as well.
const NAMES: &[(Role, &str, &[&str])] = &[
    (
        Role::Workstation,
        "workstation",
        &[
            "ws",
            "laptop",
            "desktop",
            "notebook",
            "client",
            "pc",
            "endpoint",
            "user workstation",
            "kiosk",
            "vdi",
        ],
    ),
    (
        Role::DeveloperWorkstation,
        "developer workstation",
        &["developer", "dev", "dev workstation", "developer laptop", "dev laptop", "dev machine"],
    ),
    (
        Role::Server,
        "server",
        &[
            "srv",
            "file server",
            "fileserver",
            "web server",
            "webserver",
            "app server",
            "application server",
            "database",
            "db",
            "database server",
            "db server",
            "mail server",
            "print server",
            "jump host",
            "jump server",
            "bastion",
            "hypervisor",
            "backup",
            "backup server",
            "proxy",
            "dns server",
            "container host",
        ],
    ),
    (
        Role::DomainController,
        "domain controller",
        &["dc", "ad", "active directory", "addc", "rodc"],
    ),
    (
        Role::CiRunner,
        "ci runner",
        &[
            "ci",
            "ci cd",
            "cicd",
            "ci cd runner",
            "ci/cd",
            "ci/cd runner",
            "runner",
            "pipeline runner",
            "github runner",
            "gitlab runner",
            "deployment runner",
            "ci server",
            "ci agent",
        ],
    ),
    (
        Role::BuildAgent,
        "build agent",
        &[
            "build",
            "build server",
            "builder",
            "build host",
            "jenkins",
            "jenkins agent",
            "build node",
        ],
    ),
    (
        Role::Automation,
        "it automation",
        &[
            "automation",
            "automation server",
            "orchestration",
            "orchestrator",
            "configuration management",
            "management",
            "management server",
            "admin server",
            "ansible",
            "scheduler",
        ],
    ),
    (
        Role::Scanner,
        "scanner",
        &[
            "vulnerability scanner",
            "security scanner",
            "vuln scanner",
            "pentest",
            "vulnerability management",
        ],
    ),
    (
        Role::Monitoring,
        "monitoring",
        &[
            "monitor",
            "monitoring server",
            "monitoring agent",
            "observability",
            "synthetic monitoring",
            "nms",
        ],
    ),
    (
        Role::Rpa,
        "rpa",
        &["robotic process automation", "rpa robot", "rpa bot", "robot", "rpa worker", "rpa host"],
    ),
    (
        Role::OperationalTechnology,
        "ot",
        &[
            "operational technology",
            "ics",
            "scada",
            "plc",
            "hmi",
            "engineering workstation",
            "historian",
            "industrial",
        ],
    ),
    (
        Role::NetworkDevice,
        "network device",
        &["router", "switch", "firewall", "printer", "access point", "iot", "appliance", "camera"],
    ),
    (Role::Mobile, "mobile", &["phone", "tablet", "smartphone"]),
];

impl Role {
    /// The role of that name, in any of its spellings.
    pub fn named(name: &str) -> Option<Role> {
        let words = |text: &str| -> String {
            let text = text.to_lowercase().replace(['-', '_'], " ");
            text.split_whitespace().collect::<Vec<_>>().join(" ")
        };
        let name = words(name);
        let is_named = |(_, known, others): &&(Role, &str, &[&str])| {
            *known == name || others.contains(&name.as_str())
        };
        NAMES.iter().find(is_named).map(|(role, _, _)| *role)
    }

    /// Its name, as reports and profiles write it.
    pub fn name(self) -> &'static str {
        NAMES.iter().find(|(role, _, _)| *role == self).map_or("", |(_, name, _)| name)
    }

    /// The names of all roles.
    pub fn names() -> impl Iterator<Item = &'static str> {
        NAMES.iter().map(|(_, name, _)| *name)
    }
}

#[cfg(test)]
mod tests {
    use super::{NAMES, Role};

    #[test]
    fn spellings_of_inventories_are_understood() {
        assert_eq!(Role::named("Domain_Controller"), Some(Role::DomainController));
        assert_eq!(Role::named("DC"), Some(Role::DomainController));
        assert_eq!(Role::named("ci-runner"), Some(Role::CiRunner));
        assert_eq!(Role::named(" Build  Agent "), Some(Role::BuildAgent));
        assert_eq!(Role::named("dcx"), None);
    }

    #[test]
    fn no_spelling_means_two_roles() {
        let mut spellings: Vec<&str> = NAMES
            .iter()
            .flat_map(|(_, name, others)| others.iter().copied().chain([*name]))
            .collect();
        let before = spellings.len();
        spellings.sort_unstable();
        spellings.dedup();
        assert_eq!(spellings.len(), before);
        assert!(NAMES.iter().all(|(role, name, _)| Role::named(name) == Some(*role)));
    }
}
