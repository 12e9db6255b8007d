use std::io::Write;

use clap::{Subcommand, ValueEnum};
use coldtrail_catalogue::{Catalogue as Platforms, Entry, Identification, Role};
use coldtrail_model::Endpoint;
use serde_json::{Value, json};

use crate::{Outcome, output};

/// Identify hosts and URLs, and list the platforms that are known.
#[derive(Debug, Subcommand)]
#[command(before_help = "\
Examples:
  coldtrail catalogue identify sync.acme.workers.dev
  coldtrail catalogue identify 'https://script.google.com/macros/s/AKfycb.../exec' --format json
  coldtrail catalogue list | grep -i azure")]
pub(crate) enum Catalogue {
    /// Say what a host or URL is. Nothing is contacted. The exit code is 1 when one is an endpoint.
    Identify {
        /// Host names, hosts with ports, URLs, or addresses.
        #[arg(required = true, value_name = "HOST|URL")]
        hosts: Vec<String>,

        /// How to write the answer.
        #[arg(long, value_enum, default_value_t = AnswerFormat::Text)]
        format: AnswerFormat,
    },
    /// One line for each service that is known to live on a platform legitimately: owner, purpose,
    /// hosts. A finding about one of them is scored lower and says so.
    Known,
    /// One line for each product: provider, product, what it is, host patterns.
    List {
        /// How to write the list.
        #[arg(long, value_enum, default_value_t = AnswerFormat::Text)]
        format: AnswerFormat,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum AnswerFormat {
    /// For reading.
    Text,
    /// One JSON object a line.
    Jsonl,
}

impl Catalogue {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        let platforms = Platforms::builtin();
        let mut outcome = Outcome::Clean;
        output::to(None, |writer| {
            match self {
                Catalogue::Identify { hosts, format } => {
                    for host in &hosts {
                        let identification = identify(platforms, host);
                        if matches!(identification, Identification::Endpoint(_)) {
                            outcome = Outcome::Found;
                        }
                        write_answer(writer, host, &identification, format)?;
                    }
                }
                Catalogue::Known => {
                    for service in platforms.known_services() {
                        let hosts = service.hosts.join(" ");
                        writeln!(writer, "{:20} {:44} {hosts}", service.owner, service.purpose)?;
                    }
                }
                Catalogue::List { format } => {
                    for entry in platforms.entries() {
                        write_entry(writer, entry, format)?;
                    }
                }
            }
            Ok(())
        })?;
        Ok(outcome)
    }
}

/// An address that one platform alone uses names that platform; anything else is a host or URL.
fn identify<'p>(platforms: &'p Platforms, host: &str) -> Identification<'p> {
    let address = host.parse().ok().and_then(|address| platforms.identify_address(address));
    address.map_or_else(|| platforms.identify_url(host), Identification::Endpoint)
}

fn write_answer(
    writer: &mut dyn Write,
    host: &str,
    identification: &Identification<'_>,
    format: AnswerFormat,
) -> anyhow::Result<()> {
    if format == AnswerFormat::Jsonl {
        return Ok(writeln!(writer, "{}", answer_as_json(host, identification))?);
    }
    // A host may have been copied out of a log, with whatever an attacker put there.
    let shown = host.escape_debug();
    match identification {
        Identification::Endpoint(endpoint) => {
            writeln!(writer, "{shown}")?;
            write_endpoint(writer, host, endpoint)?;
        }
        Identification::ControlPlane { provider, product, function } => {
            writeln!(writer, "{shown}\n  control plane of {provider} {product}, no tenant")?;
            if let Some(function) = function {
                writeln!(writer, "  function   {function}")?;
            }
        }
        Identification::Excluded { provider, product, reason } => {
            writeln!(writer, "{shown}\n  {provider} {product}, no serverless endpoint: {reason}")?;
        }
        Identification::Bare { provider, product } => {
            writeln!(writer, "{shown}\n  the domain of {provider} {product} itself, no tenant")?;
        }
        Identification::Unknown => writeln!(writer, "{shown}\n  no serverless platform known")?,
    }
    Ok(())
}

fn write_endpoint(writer: &mut dyn Write, host: &str, endpoint: &Endpoint) -> anyhow::Result<()> {
    writeln!(writer, "  {} {}", endpoint.provider, endpoint.product)?;
    let facts = [
        ("host", Some(endpoint.host.as_str())),
        ("kind", Some(endpoint.kind.name())),
        ("tenant", endpoint.tenant.as_deref()),
        ("group", endpoint.group.as_deref()),
        ("function", endpoint.function.as_deref()),
        ("reach", Some(endpoint.reach.name())),
    ];
    for (name, value) in facts {
        if let Some(value) = value {
            writeln!(writer, "  {name:10} {value}")?;
        }
    }
    if let Some(known) = Platforms::builtin().known(host) {
        writeln!(writer, "  {:10} {} ({})", "known", known.purpose, known.owner)?;
    }
    Ok(())
}

fn answer_as_json(host: &str, identification: &Identification<'_>) -> Value {
    match identification {
        Identification::Endpoint(endpoint) => {
            json!({"input": host, "answer": "endpoint", "endpoint": endpoint})
        }
        Identification::ControlPlane { provider, product, function } => json!({
            "input": host, "answer": "control-plane", "provider": provider, "platform": product,
            "function": function,
        }),
        Identification::Excluded { provider, product, reason } => json!({
            "input": host, "answer": "excluded", "provider": provider, "platform": product,
            "because": reason,
        }),
        Identification::Bare { provider, product } => {
            json!({"input": host, "answer": "bare", "provider": provider, "platform": product})
        }
        Identification::Unknown => json!({"input": host, "answer": "unknown"}),
    }
}

fn write_entry(writer: &mut dyn Write, entry: &Entry, format: AnswerFormat) -> anyhow::Result<()> {
    let role = match entry.role {
        Role::Endpoint(kind) => kind.name(),
        Role::ControlPlane => "control-plane",
        Role::Excluded => "excluded",
        Role::Bare => "bare",
    };
    if format == AnswerFormat::Jsonl {
        let value = json!({
            "provider": entry.provider, "platform": entry.product, "kind": role,
            "hosts": entry.hosts, "paths": entry.paths, "sources": entry.sources,
            "note": entry.note,
        });
        return Ok(writeln!(writer, "{value}")?);
    }
    let hosts = entry.hosts.join(" ");
    Ok(writeln!(writer, "{:24} {:40} {role:18} {hosts}", entry.provider, entry.product)?)
}
