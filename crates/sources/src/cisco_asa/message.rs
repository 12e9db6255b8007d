//! Sentences about connections, by their numbers.

use std::borrow::Cow;

use coldtrail_model::{Field, Table};

use super::Marked;
use super::endpoint::Endpoint;
use crate::filling::{Filling, Values, address, fill};
use crate::log_lines::LogLine;
use crate::{Collector, Stopped};

/// Words before the source and before the destination, by the numbers of messages.
const FORMS: [(&[&str], &str, &str); 6] = [
    (&["106010", "106014", "106023", "313005"], " src ", " dst "),
    (
        &[
            "106001", "106006", "106007", "106015", "106016", "106017", "106020", "106021",
            "106022", "302303", "302304", "303002", "338001", "338002", "338003", "338004",
            "338005", "338006", "338007", "338008", "338101", "338102", "338103", "338104",
            "338201", "338202", "338203", "338204", "419002", "434002", "434004", "507003",
            "710002", "710003", "710005",
        ],
        " from ",
        " to ",
    ),
    (
        &[
            "302013", "302014", "302015", "302016", "302017", "302018", "302022", "302023",
            "302024", "302025", "302026", "302027", "313009",
        ],
        " for ",
        " to ",
    ),
    (&["302020", "302021"], " faddr ", " laddr "),
    (&["313004"], " from laddr ", " to "),
    (&["304002"], " SRC ", " DEST "),
];

/// Numbers of messages about entries of access lists.
const LISTED: [&str; 3] = ["106100", "106102", "106103"];

/// The number of the messages about URLs that were let pass.
const ACCESSED: &str = "304001";

/// Numbers of the messages about the ends of connections, which do not say who began.
const ENDS: [&str; 6] = ["302014", "302016", "302018", "302023", "302025", "302027"];

/// Numbers of the messages about pings, of which the numbers behind addresses are no ports.
const PINGS: [&str; 5] = ["302020", "302021", "302026", "302027", "313009"];

/// Words for what was done, and what that decided.
const DECISIONS: [(&str, &str); 13] = [
    ("built", "allowed"),
    ("teardown", "allowed"),
    ("permitted", "allowed"),
    ("est-allowed", "allowed"),
    ("monitored", "allowed"),
    ("accessed", "allowed"),
    ("deny", "denied"),
    ("denied", "denied"),
    ("dropped", "denied"),
    ("drop", "denied"),
    ("discarded", "denied"),
    ("terminated", "denied"),
    ("bypass", "allowed"),
];

/// How many words may come before what was done.
const WORDS_BEFORE: usize = 16;

/// What a message says.
#[derive(Default)]
struct Message<'l> {
    text: &'l str,
    source: Endpoint<'l>,
    destination: Endpoint<'l>,
    user: Option<&'l str>,
    url: Option<&'l str>,
    direction: Option<&'static str>,
}

/// Makes a row of a message, if it is about a connection.
pub(super) fn row(
    marked: &Marked<'_>,
    line: &LogLine<'_>,
    collector: &mut Collector<'_>,
) -> Result<(), Stopped> {
    let Some(message) = Message::of(marked.number, marked.text) else { return Ok(()) };
    let Some(moment) = line.moment(collector) else { return Ok(()) };
    let table = if message.url.is_some() { Table::Web } else { Table::Flow };
    fill(collector, table, marked.dataset, moment, &message, |row| {
        parties(row, &message);
        row.row().lower(Field::ObserverName, line.host());
        row.transport("transport")
            .text(Field::NetworkDirection, "direction")
            .nanoseconds(Field::EventDuration, "seconds")
            .number(Field::NetworkBytes, "bytes")
            .text(Field::RuleName, "rule")
            .domain(Field::DestinationDomain, "listed name")
            .text(Field::UserName, "user")
            .url("url");
        if let Some((word, decided)) = message.decision() {
            row.row().text(Field::EventAction, word).text(Field::EventType, decided);
        }
    })
}

/// The two ends. Where a name stands in place of an address, it is the name that counts.
fn parties(row: &mut Filling<'_, '_, '_>, message: &Message<'_>) {
    match address(message.source.host) {
        Some(address) => row.row().text(Field::SourceIp, &address),
        None => row.row().lower(Field::HostName, message.source.host),
    };
    row.number(Field::SourcePort, "source port")
        .destination("destination")
        .number(Field::DestinationPort, "destination port");
}

impl<'l> Message<'l> {
    fn of(number: &str, text: &'l str) -> Option<Self> {
        if number == ACCESSED {
            return Self::accessed(text);
        }
        if LISTED.contains(&number) {
            return Self::listed(text);
        }
        let (_, source, destination) =
            FORMS.iter().find(|(numbers, ..)| numbers.contains(&number))?;
        // A sentence may begin with the ends.
        let (_, behind) = text.split_once(source)?;
        let (before, behind) = behind.split_once(destination)?;
        let mut message = Self {
            text,
            source: Endpoint::of(before)?,
            destination: Endpoint::of(behind)?,
            user: user(before).or_else(|| last_user(text)),
            url: word_behind(text, " URL ").filter(|_| number == "304002"),
            ..Self::default()
        };
        if PINGS.contains(&number) {
            (message.source.port, message.destination.port) = ("", "");
        }
        message.turn(number);
        Some(message)
    }

    /// Puts the end that began first. A message about a beginning says which one it was, and of ends of
    /// pings, the one inside is written last. Of other ends nothing is known but their ports: the one
    /// at which a service is found was asked.
    fn turn(&mut self, number: &str) {
        let is_outbound = self.text.starts_with("Built outbound");
        let begins = |beginnings: &[&str]| beginnings.iter().any(|it| self.text.starts_with(it));
        let is_inbound = begins(&["Built inbound", "Deny inbound", "Inbound"]);
        let began_second = match number {
            "302020" => !is_inbound,
            "302021" => true,
            _ if ENDS.contains(&number) => {
                self.source.is_service() && !self.destination.is_service()
            }
            _ => is_outbound,
        };
        if began_second {
            std::mem::swap(&mut self.source, &mut self.destination);
        }
        // What goes out where it came in, as of users of the VPN, goes neither way.
        let turns_round = self.source.interface == self.destination.interface
            && !self.source.interface.is_empty();
        self.direction = match (is_inbound, is_outbound) {
            (true, _) if !turns_round => Some("inbound"),
            (_, true) => Some("outbound"),
            _ => None,
        };
    }

    /// `access-list in permitted tcp inside/10.0.0.5(49200) -> outside/192.0.2.7(443) hit-cnt 1`.
    fn listed(text: &'l str) -> Option<Self> {
        let (before, behind) = text.split_once(" -> ")?;
        let source = before.rsplit(' ').next()?;
        let destination = behind.split(' ').next()?;
        Some(Self {
            text,
            source: Endpoint::listed(source)?,
            destination: Endpoint::listed(destination)?,
            user: user(source).or_else(|| word_behind(text, " for user ")),
            ..Self::default()
        })
    }

    /// `jane@10.0.0.5(LOCAL\jane) Accessed URL 192.0.2.7:http://a.example/`.
    fn accessed(text: &'l str) -> Option<Self> {
        let (source, behind) = text.split_once(" Accessed ")?;
        let (_, target) = behind.split_once("URL ")?;
        let places = [":http", ":ftp", ":/"].into_iter().filter_map(|mark| target.find(mark));
        let (destination, url) = target.split_at_checked(places.min()?)?;
        let place = |text: &'l str| Endpoint::of(text.rsplit_once('@').map_or(text, |(_, at)| at));
        let (before, _) = source.split_once('(').unwrap_or((source, ""));
        Some(Self {
            text,
            source: place(before)?,
            destination: place(destination)?,
            user: user(source).or_else(|| before.split_once('@').map(|(user, _)| user)),
            url: url.strip_prefix(':').and_then(|url| url.split(' ').next()),
            ..Self::default()
        })
    }

    fn decision(&self) -> Option<(&'l str, &'static str)> {
        self.text.split([' ', ':']).take(WORDS_BEFORE).find_map(|word| {
            let known = |(known, _): &&(&str, &str)| known.eq_ignore_ascii_case(word);
            DECISIONS.iter().find(known).map(|(_, decided)| (word, *decided))
        })
    }

    fn transport(&self) -> Option<&'l str> {
        const NAMES: [&str; 7] = ["tcp", "udp", "icmp", "sctp", "gre", "esp", "igmp"];
        let mut words = self.text.split(' ');
        let is_name = |word: &&str| NAMES.iter().any(|name| name.eq_ignore_ascii_case(word));
        word_behind(self.text, " protocol ").or_else(|| words.find(is_name))
    }

    /// `access-group "name"` or `access-list name`.
    fn rule(&self) -> Option<&'l str> {
        let rule = word_behind(self.text, "access-group ");
        let rule = rule.or_else(|| word_behind(self.text, "access-list "))?;
        Some(rule.trim_matches('"'))
    }

    /// The name by which a list of botnets knows the destination.
    fn listed_name(&self) -> Option<&'l str> {
        self.text.contains(", destination ").then_some(())?;
        let name = word_behind(self.text, " resolved from dynamic list: ")?.trim_end_matches(',');
        (!name.contains('/') && address(name).is_none()).then_some(name)
    }
}

impl Values for Message<'_> {
    fn text(&self, name: &'static str) -> Option<Cow<'_, str>> {
        let text = match name {
            "source port" => self.source.port,
            "destination" => match self.listed_name() {
                Some(_) if address(self.destination.host).is_none() => return None,
                _ => self.destination.host,
            },
            "destination port" => self.destination.port,
            "listed name" => self.listed_name()?,
            "user" => self.user?,
            "url" => self.url?,
            "direction" => self.direction?,
            "transport" => self.transport()?,
            "rule" => self.rule()?,
            "bytes" => word_behind(self.text, " bytes ")?,
            "seconds" => return seconds(word_behind(self.text, " duration ")?).map(Cow::Owned),
            _ => return None,
        };
        (!text.is_empty()).then_some(Cow::Borrowed(text))
    }
}

/// The user in brackets behind an end: the domain that stands for the firewall's own users is none.
fn user(text: &str) -> Option<&str> {
    let inside = text.split('(').skip(1).map(|group| group.split(')').next().unwrap_or_default());
    let user = inside.filter(|group| group.contains('\\')).last()?;
    let user = user.split(',').next()?.trim_start_matches("LOCAL").trim_start_matches('\\');
    (!user.is_empty()).then_some(user)
}

/// The user in brackets at the end of a message; a translated end has a slash.
fn last_user(text: &str) -> Option<&str> {
    let (_, user) = text.strip_suffix(')')?.rsplit_once('(')?;
    (!user.is_empty() && !user.contains(['/', ' '])).then_some(user)
}

/// The word that stands behind a text.
fn word_behind<'l>(text: &'l str, mark: &str) -> Option<&'l str> {
    let (_, behind) = text.split_once(mark)?;
    behind.trim_ascii_start().split(' ').next()
}

/// The seconds of `hours:minutes:seconds`, as text.
fn seconds(text: &str) -> Option<String> {
    let mut total: i64 = 0;
    for part in text.split(':') {
        total = total.checked_mul(60)?.checked_add(part.parse().ok()?)?;
    }
    Some(total.to_string())
}

#[cfg(test)]
mod tests {
    use coldtrail_model::Table;

    use crate::kept_rows::KeptRows;
    use crate::log_lines::LogLines;

    fn read(message: &str) -> KeptRows {
        let line = format!("<166>2024-05-04T10:00:00Z FW : {message}\n");
        let rows = KeptRows::read(&LogLines, line.as_bytes());
        assert_eq!(rows.anomalies(), []);
        rows
    }

    #[test]
    fn a_beginning_says_who_began() {
        assert_eq!(
            read(
                "%ASA-6-302013: Built outbound TCP connection 7 for outside:192.0.2.7/443 \
                 (192.0.2.7/443) to inside:10.0.0.5/49200 (192.0.2.1/49200)(LOCAL\\jane, 7) (jane)"
            )
            .only(Table::Flow),
            "timestamp=1714816800000000 event_dataset=cisco_asa user_name=jane source_ip=10.0.0.5 \
             source_port=49200 destination_ip=192.0.2.7 destination_port=443 \
             network_transport=tcp network_direction=outbound event_action=Built \
             event_type=allowed observer_name=fw"
        );
        let row = read(
            "%ASA-6-302013: Built inbound TCP connection 7 for out:198.51.100.2/49200 \
             (198.51.100.2/49200)(LOCAL\\corp\\jane) to out:192.0.2.7/443 (192.0.2.7/443) (corp\\jane)",
        );
        let row = row.only(Table::Flow);
        assert!(row.contains("user_name=corp\\jane source_ip=198.51.100.2"), "{row}");
        assert!(!row.contains("network_direction"), "{row}");
    }

    #[test]
    fn of_an_end_the_service_was_asked() {
        assert_eq!(
            read(
                "%ASA-6-302014: Teardown TCP connection 7 for outside:192.0.2.7/443 to \
                 inside:10.0.0.5/49200 duration 1:01:08 bytes 134781 TCP FINs"
            )
            .only(Table::Flow),
            "timestamp=1714816800000000 event_dataset=cisco_asa source_ip=10.0.0.5 \
             source_port=49200 destination_ip=192.0.2.7 destination_port=443 \
             network_transport=tcp event_duration=3668000000000 event_action=Teardown \
             network_bytes=134781 event_type=allowed observer_name=fw"
        );
    }

    #[test]
    fn rules_decide() {
        let row = read(
            "%ASA-4-106023: Deny udp src inside:10.0.0.5/49200 dst outside:192.0.2.7/53 by \
             access-group \"out\" [0x0, 0x0]",
        );
        let row = row.only(Table::Flow);
        assert!(row.contains("event_action=Deny event_type=denied rule_name=out"), "{row}");
        let row = read(
            "%ASA-session-5-106100: access-list in est-allowed tcp inside/10.0.0.5(49200)(LOCAL\\jane) \
             -> outside/192.0.2.7(443) hit-cnt 1 first hit [0x1, 0x0]",
        );
        let row = row.only(Table::Flow);
        assert!(row.contains("user_name=jane source_ip=10.0.0.5 source_port=49200"), "{row}");
        assert!(row.contains("event_action=est-allowed event_type=allowed rule_name=in"), "{row}");
    }

    #[test]
    fn a_url_is_a_row_of_web() {
        assert_eq!(
            read("%ASA-5-304001: jane@10.0.0.5(LOCAL\\jane) Accessed URL 192.0.2.7:http://A.example/x?y")
                .only(Table::Web),
            "timestamp=1714816800000000 event_dataset=cisco_asa user_name=jane source_ip=10.0.0.5 \
             destination_ip=192.0.2.7 url_full=http://A.example/x?y url_domain=a.example \
             url_path=/x url_query=y event_action=Accessed event_type=allowed observer_name=fw"
        );
        let row = read(
            "%ASA-5-304002: Access denied URL http://a.example/x SRC 10.0.0.5 DEST 192.0.2.7 on interface in",
        );
        let row = row.only(Table::Web);
        assert!(row.contains("source_ip=10.0.0.5 destination_ip=192.0.2.7"), "{row}");
        assert!(row.contains("event_type=denied"), "{row}");
    }

    #[test]
    fn a_list_of_botnets_names_the_destination() {
        let row = read(
            "%ASA-4-338008: Dynamic filter dropped blacklisted TCP traffic from in:10.0.0.5/49200 \
             (192.0.2.1/7890) to out:192.0.2.7/443 (192.0.2.7/443), destination 192.0.2.7 resolved \
             from dynamic list: bad.example, threat-level: high",
        );
        let row = row.only(Table::Flow);
        assert!(row.contains("destination_domain=bad.example"), "{row}");
        assert!(row.contains("event_action=dropped event_type=denied"), "{row}");
    }

    #[test]
    fn pings_have_no_ports_and_names_stand_for_addresses() {
        let row = read(
            "%ASA-6-302021: Teardown ICMP connection for faddr Web.example/10005 gaddr 192.0.2.1/0 \
             laddr 10.0.0.5/0",
        );
        let row = row.only(Table::Flow);
        assert!(row.contains("source_ip=10.0.0.5 destination_domain=web.example"), "{row}");
        assert!(!row.contains("_port"), "{row}");
    }

    #[test]
    fn what_is_no_connection_is_counted_only() {
        let rows = read(
            "%ASA-6-305011: Built dynamic TCP translation from in:10.0.0.5/1 to out:192.0.2.1/2",
        );
        assert_eq!((rows.records(), rows.count()), (1, 0));
    }
}
