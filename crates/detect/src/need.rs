//! What detections need of telemetry: tables and columns, any one of which will do.

use coldtrail_model::{Field, Table};

/// Something that a detection cannot do without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Need {
    /// What it is, in a few words, such as `process names`.
    pub what: &'static str,
    /// Where it may come from; one place is enough.
    pub any_of: &'static [Place],
    /// Columns of conversations that show whether it is met: one of them is filled somewhere. None
    /// where conversations cannot tell, and the detection says itself what is missing.
    pub shown_by: &'static [&'static str],
    /// What to add where it is not met, to follow "add".
    pub add: &'static str,
}

/// Columns of a table, all of which are needed there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The table.
    pub table: Table,
    /// Its columns.
    pub columns: &'static [Field],
}

impl Place {
    /// Columns of a table.
    pub const fn new(table: Table, columns: &'static [Field]) -> Self {
        Self { table, columns }
    }
}

impl Need {
    /// A name of what was contacted. Every detection about conversations needs it.
    pub const NAMES: Need = Need {
        what: "contacted names",
        any_of: &[
            Place::new(Table::Dns, &[Field::DnsQuestionName]),
            Place::new(Table::Tls, &[Field::TlsClientServerName]),
            Place::new(Table::Web, &[Field::UrlDomain]),
            Place::new(Table::Flow, &[Field::DestinationDomain]),
        ],
        shown_by: &[],
        add: "DNS, TLS, proxy or endpoint network logs",
    };

    /// Which process acted.
    pub const PROCESSES: Need = Need {
        what: "process names",
        any_of: &[
            Place::new(Table::Flow, &[Field::ProcessName]),
            Place::new(Table::Dns, &[Field::ProcessName]),
            Place::new(Table::Web, &[Field::ProcessName]),
        ],
        shown_by: &[],
        add: "Sysmon (events 3 and 22), Windows Security or Defender logs",
    };

    /// Where the image of the process lies.
    pub const IMAGES: Need = Need {
        what: "paths of images",
        any_of: &[
            Place::new(Table::Flow, &[Field::ProcessExecutable]),
            Place::new(Table::Dns, &[Field::ProcessExecutable]),
        ],
        shown_by: &[],
        add: "Sysmon (events 3 and 22), Windows Security or Defender logs",
    };

    /// How many bytes went each way.
    pub const BYTES: Need = Need {
        what: "bytes each way",
        any_of: &[
            Place::new(Table::Flow, &[Field::SourceBytes, Field::DestinationBytes]),
            Place::new(Table::Web, &[Field::HttpRequestBytes, Field::HttpResponseBytes]),
            Place::new(Table::Web, &[Field::HttpRequestBodyBytes, Field::HttpResponseBodyBytes]),
        ],
        shown_by: &["sent", "request_bytes"],
        add: "Zeek conn, firewall, VPC flow or proxy logs",
    };

    /// How long connections lasted, and how much they carried.
    pub const DURATIONS: Need = Need {
        what: "durations of connections",
        any_of: &[Place::new(Table::Flow, &[Field::EventDuration, Field::SourceBytes])],
        shown_by: &["longest_duration"],
        add: "Zeek conn, Suricata flow or firewall logs",
    };

    /// Which names were asked for.
    pub const DNS: Need = Need {
        what: "DNS queries",
        any_of: &[Place::new(Table::Dns, &[Field::DnsQuestionName])],
        shown_by: &[],
        add: "DNS logs of a sensor, a resolver or the endpoint",
    };

    /// What names an endpoint before anything is sent.
    pub const MENTIONS: Need = Need {
        what: "command lines or scripts",
        any_of: &[
            Place::new(Table::Process, &[Field::ProcessCommandLine]),
            Place::new(Table::Script, &[Field::ScriptBlockText]),
        ],
        shown_by: &[],
        add: "Sysmon (event 1), Windows Security (4688), PowerShell (4104) or Defender logs",
    };

    /// What was done on a cloud's control plane, and to which function.
    pub const CLOUD: Need = Need {
        what: "records of a control plane",
        any_of: &[Place::new(Table::Cloud, &[Field::EventAction, Field::CloudResourceId])],
        shown_by: &[],
        add: "CloudTrail, Google Cloud audit, Azure activity or Cloudflare audit logs",
    };

    /// Why a detection cannot run, where this need is not met.
    pub(crate) fn unmet(&self) -> String {
        format!("no record of a serverless endpoint has {}: add {}", self.what, self.add)
    }

    /// The places in words: `flow (source_bytes, destination_bytes) or web (…)`.
    pub fn places(&self) -> String {
        let place = |Place { table, columns }: &Place| {
            let names: Vec<&str> = columns.iter().map(|column| column.name()).collect();
            format!("{} ({})", table.name(), names.join(", "))
        };
        self.any_of.iter().map(place).collect::<Vec<_>>().join(" or ")
    }
}
