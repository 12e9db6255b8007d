//! Indicators in a table, or one a line.

use coldtrail_diagnostics::ProblemKind;

use super::{Given, GivenKind, Spot};
use crate::moment::Moment;
use crate::problems::{Place, Problems, quoted};
use crate::sheet::{Column, header, rows};

const INDICATOR: usize = 0;
const TYPE: usize = 1;
const DESCRIPTION: usize = 2;
const VALID_UNTIL: usize = 3;

const COLUMNS: [Column; 4] = [
    Column { name: "indicator", is_needed: true },
    Column { name: "type", is_needed: false },
    Column { name: "description", is_needed: false },
    Column { name: "valid_until", is_needed: false },
];

/// The indicators of a file.
pub(super) fn indicators(text: &str, problems: &mut Problems) -> Vec<Given> {
    let is_list = header(text).len() < 2 && !header(text).iter().any(|name| name == "indicator");
    if is_list {
        return list(text);
    }
    let mut given = Vec::new();
    for row in rows(text, &COLUMNS, problems) {
        let Some(value) = row.filled(INDICATOR) else {
            let reason = "there is no indicator".to_owned();
            let help = "write a host, a URL or an address";
            problems.error(row.place(INDICATOR), ProblemKind::MissingValue, reason, help);
            continue;
        };
        let kind = match row.text(TYPE).to_lowercase().as_str() {
            "" => None,
            "domain" => Some(GivenKind::Domain),
            "hostname" | "host" | "fqdn" => Some(GivenKind::Host),
            "url" | "uri" => Some(GivenKind::Url),
            "ip" | "ipv4" | "ipv6" | "address" => Some(GivenKind::Address),
            other => {
                let reason = format!("{} is no type that is looked for", quoted(other));
                let help = "types are domain, hostname, url and ip";
                problems.error(row.place(TYPE), ProblemKind::Unsupported, reason, help);
                continue;
            }
        };
        let valid_until = row.filled(VALID_UNTIL).and_then(|text| {
            let moment = Moment::read(text);
            if moment.is_none() {
                let reason = format!("{} is no day and no time", quoted(text));
                let help = "write 2026-12-31; the indicator was taken to be valid for ever";
                problems.warning(row.place(VALID_UNTIL), ProblemKind::InvalidValue, reason, help);
            }
            moment.map(Moment::ends)
        });
        given.push(Given {
            kind,
            value: value.to_owned(),
            description: row.filled(DESCRIPTION).map(str::to_owned),
            valid_until,
            spot: Spot::At(row.place(INDICATOR)),
        });
    }
    given
}

fn list(text: &str) -> Vec<Given> {
    let lines = (1..).zip(text.lines()).map(|(line, text)| (line, text.trim()));
    let lines = lines.filter(|(_, text)| !text.is_empty() && !text.starts_with('#'));
    lines
        .map(|(line, text)| Given {
            kind: None,
            value: text.trim_matches('"').to_owned(),
            description: None,
            valid_until: None,
            spot: Spot::At(Place::at(line, 1)),
        })
        .collect()
}
