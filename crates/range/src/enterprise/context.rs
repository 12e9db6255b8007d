//! What the enterprise knows about itself and gives to a hunt: `context/sanctioned.csv` and
//! `context/assets.csv`.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::families::Nature;
use super::truth::Instance;
use super::workforce::Role;
use crate::{Host, RenderedFile};

/// The files, with an entry for each sanctioned instance and each computer.
pub(super) fn files(instances: &[Instance], workforce: &[(Role, Arc<Host>)]) -> Vec<RenderedFile> {
    vec![
        RenderedFile {
            path: "context/assets.csv".to_owned(),
            contents: assets(workforce).into_bytes(),
        },
        RenderedFile {
            path: "context/sanctioned.csv".to_owned(),
            contents: sanctioned(instances).into_bytes(),
        },
    ]
}

fn assets(workforce: &[(Role, Arc<Host>)]) -> String {
    let mut text = "name,address,role,os,criticality,owner\n".to_owned();
    for (role, host) in workforce {
        let os = if role.has_people() { "Windows 11" } else { "Windows Server 2022" };
        let criticality = if *role == Role::Server { "high" } else { "normal" };
        text.push_str(&format!(
            "{},{},{},{os},{criticality},{}\n",
            host.full_name(),
            host.address,
            role.name(),
            host.user
        ));
    }
    text
}

fn sanctioned(instances: &[Instance]) -> String {
    let mut lines = BTreeSet::new();
    // What an account does in a cloud is no contact of a host.
    let of_hosts = instances.iter().filter(|instance| instance.address.is_some());
    for instance in of_hosts.filter(|it| it.nature == Nature::Sanctioned) {
        for endpoint in &instance.endpoints {
            lines.insert(format!(
                "{},{},,{},IT operations,{},2026-12-31\n",
                endpoint.host, instance.host, instance.process, instance.family
            ));
        }
    }
    let header = "endpoint,host,user,process,owner,reason,expires\n".to_owned();
    lines.into_iter().fold(header, |text, line| text + &line)
}
