use std::sync::{Arc, LazyLock};

use arrow_schema::{DataType, Field as ArrowField, Schema, SchemaRef, TimeUnit};

/// A normalised table of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Table {
    /// A network connection or session summary.
    Flow,
    /// A DNS query with its answers, the CNAME chain kept in order.
    Dns,
    /// An HTTP request at URL level.
    Web,
    /// A TLS handshake.
    Tls,
    /// A process start.
    Process,
    /// A file creation.
    File,
    /// A script block.
    Script,
    /// An action on a cloud's control plane, or the run of a function.
    Cloud,
}

impl Table {
    /// Every table, in the order of their names in reports.
    pub const ALL: [Table; 8] = [
        Table::Flow,
        Table::Dns,
        Table::Web,
        Table::Tls,
        Table::Process,
        Table::File,
        Table::Script,
        Table::Cloud,
    ];

    /// The table's name in plans, stores and reports.
    pub fn name(self) -> &'static str {
        match self {
            Table::Flow => "flow",
            Table::Dns => "dns",
            Table::Web => "web",
            Table::Tls => "tls",
            Table::Process => "process",
            Table::File => "file",
            Table::Script => "script",
            Table::Cloud => "cloud",
        }
    }

    /// The table with that name.
    pub fn from_name(name: &str) -> Option<Table> {
        Table::ALL.into_iter().find(|table| table.name() == name)
    }

    /// The columns of the table: those common to all, then its own.
    pub fn fields(self) -> &'static [Field] {
        static FIELDS: LazyLock<[Vec<Field>; Table::ALL.len()]> =
            LazyLock::new(|| Table::ALL.map(|table| [COMMON, own_fields(table)].concat()));
        &FIELDS[self as usize]
    }

    /// The table's Arrow schema. Only [`Field::Timestamp`] and the reference to the original
    /// record are never null.
    pub fn schema(self) -> SchemaRef {
        static SCHEMAS: LazyLock<[SchemaRef; Table::ALL.len()]> = LazyLock::new(|| {
            Table::ALL.map(|table| {
                let columns = table.fields().iter().map(|field| {
                    let required = matches!(
                        field,
                        Field::Timestamp
                            | Field::EventDataset
                            | Field::RecordSource
                            | Field::RecordOffset
                            | Field::RecordLength
                    );
                    ArrowField::new(field.name(), field.field_type().arrow(), !required)
                });
                Arc::new(Schema::new(columns.collect::<Vec<_>>()))
            })
        });
        SCHEMAS[self as usize].clone()
    }
}

/// The Arrow shape of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldType {
    /// Microseconds since 1970 in UTC.
    Time,
    /// UTF-8 text.
    Text,
    /// Text with few distinct values in a batch: a dictionary of 32-bit keys.
    Keyword,
    /// A signed 64-bit number.
    Number,
    /// True or false.
    Truth,
    /// A list of texts, in the order of the record.
    Texts,
    /// A list of signed 64-bit numbers, in the order of the record.
    Numbers,
    /// Bytes as they were.
    Bytes,
}

impl FieldType {
    /// The Arrow type of a column of this shape.
    pub fn arrow(self) -> DataType {
        let list = |item| DataType::List(Arc::new(ArrowField::new("item", item, true)));
        match self {
            FieldType::Time => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            FieldType::Text => DataType::Utf8,
            FieldType::Keyword => {
                DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
            }
            FieldType::Number => DataType::Int64,
            FieldType::Truth => DataType::Boolean,
            FieldType::Texts => list(DataType::Utf8),
            FieldType::Numbers => list(DataType::Int64),
            FieldType::Bytes => DataType::Binary,
        }
    }
}

macro_rules! fields {
    ($($(#[doc = $doc:literal])+ $variant:ident $name:literal $shape:ident;)+) => {
        /// A column of an event table: an ECS field name with dots as underscores.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(usize)]
        pub enum Field { $($(#[doc = $doc])+ $variant,)+ }

        impl Field {
            /// How many fields there are over all tables.
            pub const COUNT: usize = [$(Field::$variant),+].len();

            /// The column's name.
            pub fn name(self) -> &'static str {
                match self { $(Field::$variant => $name,)+ }
            }

            /// The column's shape.
            pub fn field_type(self) -> FieldType {
                match self { $(Field::$variant => FieldType::$shape,)+ }
            }

            /// What the column holds.
            pub fn description(self) -> &'static str {
                match self { $(Field::$variant => concat!($($doc),+).trim_ascii(),)+ }
            }
        }
    };
}

fields! {
    /// When it happened, UTC.
    Timestamp "timestamp" Time;
    /// Which format the record came in, such as `zeek.ssl` or `sysmon`.
    EventDataset "event_dataset" Keyword;
    /// The host that acted: its name, lower case; absent when only an address is known.
    HostName "host_name" Text;
    /// The user that acted, as written: `DOMAIN\name` or `name`.
    UserName "user_name" Text;
    /// The file of the original record.
    RecordSource "record_source" Keyword;
    /// Byte offset of the original record in the decompressed file.
    RecordOffset "record_offset" Number;
    /// Length of the original record in bytes.
    RecordLength "record_length" Number;
    /// The original record's bytes, in stores and there for records that can matter.
    RecordOriginal "record_original" Bytes;

    /// The address that acted.
    SourceIp "source_ip" Text;
    /// Its port.
    SourcePort "source_port" Number;
    /// The address that was contacted; for DNS, the resolver.
    DestinationIp "destination_ip" Text;
    /// Its port.
    DestinationPort "destination_port" Number;
    /// The name that was contacted. Sysmon 3 fills it from reverse DNS, which rarely is that name.
    DestinationDomain "destination_domain" Text;
    /// `tcp`, `udp`, `icmp`.
    NetworkTransport "network_transport" Text;
    /// The application protocol, such as `tls`.
    NetworkProtocol "network_protocol" Text;
    /// `inbound` or `outbound`, where the record says so.
    NetworkDirection "network_direction" Text;
    /// Joins the views of one connection: Zeek's uid.
    NetworkSessionId "network_session_id" Text;
    /// Nanoseconds from first to last packet, from request to answer, or that a function ran.
    EventDuration "event_duration" Number;
    /// What happened, in the product's words: the ActionType, the event's name, the connection
    /// state, what a firewall or proxy did.
    EventAction "event_action" Text;
    /// `allowed` or `denied`, where the product decides about what it sees.
    EventType "event_type" Keyword;
    /// `success`, `failure` or `unknown`.
    EventOutcome "event_outcome" Keyword;
    /// Who says that it happened: the service, such as `lambda.amazonaws.com`.
    EventProvider "event_provider" Text;
    /// The firewall, proxy or resolver that wrote the record; it is not the host that acted.
    ObserverName "observer_name" Text;
    /// The rule or policy that decided.
    RuleName "rule_name" Text;
    /// The application as the product tells it from others, such as `google-base`.
    NetworkApplication "network_application" Text;
    /// Bytes of both sides, where the record does not tell them apart.
    NetworkBytes "network_bytes" Number;
    /// Packets of both sides, where the record does not tell them apart.
    NetworkPackets "network_packets" Number;
    /// Bytes sent by the source, with headers where the format counts them.
    SourceBytes "source_bytes" Number;
    /// Bytes sent by the destination.
    DestinationBytes "destination_bytes" Number;
    /// Packets sent by the source.
    SourcePackets "source_packets" Number;
    /// Packets sent by the destination.
    DestinationPackets "destination_packets" Number;

    /// The name that was asked for, lower case, without trailing dot.
    DnsQuestionName "dns_question_name" Text;
    /// The type that was asked for: `A`, `AAAA`, `CNAME`, `TXT` …
    DnsQuestionType "dns_question_type" Text;
    /// `NOERROR`, `NXDOMAIN` …
    DnsResponseCode "dns_response_code" Text;
    /// The answers' data in order: names of the CNAME chain, then addresses.
    DnsAnswersData "dns_answers_data" Texts;
    /// The answers' times to live in seconds, in the same order, where the format has them.
    DnsAnswersTtl "dns_answers_ttl" Numbers;

    /// The request's method.
    HttpRequestMethod "http_request_method" Text;
    /// The status of the answer.
    HttpResponseStatusCode "http_response_status_code" Number;
    /// The whole URL as written, where the format has it whole.
    UrlFull "url_full" Text;
    /// The host of the URL or the Host header, without port.
    UrlDomain "url_domain" Text;
    /// The path, beginning with `/`, without the query.
    UrlPath "url_path" Text;
    /// The query, without `?`; it may hold bearer secrets, so display redacts it.
    UrlQuery "url_query" Text;
    /// The User-Agent header.
    UserAgentOriginal "user_agent_original" Text;
    /// The Referer header.
    HttpRequestReferrer "http_request_referrer" Text;
    /// Bytes of the request's body.
    HttpRequestBodyBytes "http_request_body_bytes" Number;
    /// Bytes of the answer's body.
    HttpResponseBodyBytes "http_response_body_bytes" Number;
    /// Bytes of the request with its headers.
    HttpRequestBytes "http_request_bytes" Number;
    /// Bytes of the answer with its headers.
    HttpResponseBytes "http_response_bytes" Number;
    /// The media type of the answer.
    HttpResponseMimeType "http_response_mime_type" Text;
    /// What was asked for: the request's parameters as JSON.
    HttpRequestBodyContent "http_request_body_content" Text;
    /// What came of it: the answer's elements as JSON.
    HttpResponseBodyContent "http_response_body_content" Text;

    /// The server name of the ClientHello.
    TlsClientServerName "tls_client_server_name" Text;
    /// The agreed version.
    TlsVersion "tls_version" Text;
    /// Whether the handshake ended well.
    TlsEstablished "tls_established" Truth;
    /// The client's JA3 hash.
    TlsClientJa3 "tls_client_ja3" Text;
    /// The client's JA4 fingerprint.
    TlsClientJa4 "tls_client_ja4" Text;
    /// The server's JA3S hash.
    TlsServerJa3s "tls_server_ja3s" Text;
    /// The agreed cipher suite.
    TlsCipher "tls_cipher" Text;
    /// The subject of the server's certificate.
    TlsServerSubject "tls_server_subject" Text;
    /// The issuer of the server's certificate.
    TlsServerIssuer "tls_server_issuer" Text;
    /// The names in the certificate's subject alternative name.
    X509AlternativeNames "x509_alternative_names" Texts;

    /// The image's file name, lower case.
    ProcessName "process_name" Text;
    /// The image's whole path as written.
    ProcessExecutable "process_executable" Text;
    /// The process's number.
    ProcessPid "process_pid" Number;
    /// Identifies the process over all records: Sysmon's ProcessGuid.
    ProcessEntityId "process_entity_id" Text;
    /// The command line as written.
    ProcessCommandLine "process_command_line" Text;
    /// SHA-256 of the image.
    ProcessHashSha256 "process_hash_sha256" Text;
    /// The parent's file name, lower case.
    ProcessParentName "process_parent_name" Text;
    /// The parent's whole path as written.
    ProcessParentExecutable "process_parent_executable" Text;
    /// The parent's command line as written.
    ProcessParentCommandLine "process_parent_command_line" Text;

    /// The whole path of the file.
    FilePath "file_path" Text;
    /// SHA-256 of the file.
    FileHashSha256 "file_hash_sha256" Text;
    /// The text of the script block; long ones come in parts.
    ScriptBlockText "powershell_file_script_block_text" Text;
    /// Joins the parts of one script block.
    ScriptBlockId "powershell_file_script_block_id" Text;
    /// The part's place, from 1.
    ScriptSequence "powershell_sequence" Number;
    /// The number of parts.
    ScriptTotal "powershell_total" Number;

    /// `aws`, `azure`, `gcp`, `cloudflare`, `google_workspace`, `microsoft_365`.
    CloudProvider "cloud_provider" Keyword;
    /// The account or subscription that was acted on.
    CloudAccountId "cloud_account_id" Text;
    /// The project, where accounts have such.
    CloudProjectId "cloud_project_id" Text;
    /// The region.
    CloudRegion "cloud_region" Text;
    /// The cloud's service, such as `lambda`.
    CloudServiceName "cloud_service_name" Text;
    /// What was acted on: its ARN, resource path or name. The name is that of OpenTelemetry, since
    /// ECS has none.
    CloudResourceId "cloud_resource_id" Text;
    /// Identifies who acted: an ARN, a principal, an address of mail.
    UserId "user_id" Text;
    /// The name of the function.
    FaasName "faas_name" Text;
    /// Identifies one run of the function.
    FaasExecution "faas_execution" Text;
    /// What the function was run by: `http`, `pubsub`, `datasource`, `timer` or `other`.
    FaasTriggerType "faas_trigger_type" Keyword;
    /// Whether the function had to be started first.
    FaasColdstart "faas_coldstart" Truth;
    /// Why an action failed, in a word of the service.
    ErrorCode "error_code" Text;
}

const COMMON: &[Field] = &[
    Field::Timestamp,
    Field::EventDataset,
    Field::HostName,
    Field::UserName,
    Field::RecordSource,
    Field::RecordOffset,
    Field::RecordLength,
    Field::RecordOriginal,
];

const PROCESS: &[Field] = &[
    Field::ProcessName,
    Field::ProcessExecutable,
    Field::ProcessPid,
    Field::ProcessEntityId,
    Field::ProcessCommandLine,
    Field::ProcessHashSha256,
    Field::ProcessParentName,
    Field::ProcessParentExecutable,
    Field::ProcessParentCommandLine,
];

const NETWORK: &[Field] = &[
    Field::SourceIp,
    Field::SourcePort,
    Field::DestinationIp,
    Field::DestinationPort,
    Field::NetworkSessionId,
];

/// Who saw it, and what it decided.
const OBSERVER: &[Field] = &[Field::EventType, Field::RuleName, Field::ObserverName];

fn own_fields(table: Table) -> &'static [Field] {
    static OWN: LazyLock<[Vec<Field>; Table::ALL.len()]> = LazyLock::new(|| {
        let flow: &[Field] = &[
            Field::DestinationDomain,
            Field::NetworkTransport,
            Field::NetworkProtocol,
            Field::NetworkDirection,
            Field::EventDuration,
            Field::EventAction,
            Field::SourceBytes,
            Field::DestinationBytes,
            Field::SourcePackets,
            Field::DestinationPackets,
            Field::NetworkBytes,
            Field::NetworkPackets,
            Field::NetworkApplication,
            Field::UserAgentOriginal,
        ];
        let dns: &[Field] = &[
            Field::DnsQuestionName,
            Field::DnsQuestionType,
            Field::DnsResponseCode,
            Field::DnsAnswersData,
            Field::DnsAnswersTtl,
            Field::EventAction,
        ];
        let web: &[Field] = &[
            Field::HttpRequestMethod,
            Field::HttpResponseStatusCode,
            Field::UrlFull,
            Field::UrlDomain,
            Field::UrlPath,
            Field::UrlQuery,
            Field::UserAgentOriginal,
            Field::HttpRequestReferrer,
            Field::HttpRequestBodyBytes,
            Field::HttpResponseBodyBytes,
            Field::HttpRequestBytes,
            Field::HttpResponseBytes,
            Field::HttpResponseMimeType,
            Field::NetworkApplication,
            Field::EventDuration,
            Field::EventAction,
        ];
        let tls: &[Field] = &[
            Field::TlsClientServerName,
            Field::TlsVersion,
            Field::TlsEstablished,
            Field::TlsClientJa3,
            Field::TlsClientJa4,
            Field::TlsServerJa3s,
            Field::TlsCipher,
            Field::TlsServerSubject,
            Field::TlsServerIssuer,
            Field::X509AlternativeNames,
            Field::EventAction,
        ];
        let file: &[Field] = &[Field::FilePath, Field::FileHashSha256];
        let script: &[Field] = &[
            Field::ScriptBlockText,
            Field::ScriptBlockId,
            Field::ScriptSequence,
            Field::ScriptTotal,
            Field::FilePath,
        ];
        let cloud: &[Field] = &[
            Field::SourceIp,
            Field::UserId,
            Field::UserAgentOriginal,
            Field::EventAction,
            Field::EventOutcome,
            Field::EventProvider,
            Field::EventDuration,
            Field::ErrorCode,
            Field::CloudProvider,
            Field::CloudAccountId,
            Field::CloudProjectId,
            Field::CloudRegion,
            Field::CloudServiceName,
            Field::CloudResourceId,
            Field::FaasName,
            Field::FaasExecution,
            Field::FaasTriggerType,
            Field::FaasColdstart,
            Field::UrlFull,
            Field::UrlDomain,
            Field::HttpRequestMethod,
            Field::HttpResponseStatusCode,
            Field::HttpRequestBodyContent,
            Field::HttpResponseBodyContent,
        ];
        Table::ALL.map(|table| match table {
            Table::Flow => [NETWORK, PROCESS, flow, OBSERVER].concat(),
            Table::Dns => [NETWORK, PROCESS, dns, OBSERVER].concat(),
            Table::Web => [NETWORK, PROCESS, web, OBSERVER].concat(),
            Table::Tls => [NETWORK, PROCESS, tls, OBSERVER].concat(),
            Table::Process => PROCESS.to_vec(),
            Table::File => [PROCESS, file].concat(),
            Table::Script => [PROCESS, script].concat(),
            Table::Cloud => cloud.to_vec(),
        })
    });
    &OWN[table as usize]
}

#[cfg(test)]
mod tests {
    use super::{Field, Table};

    #[test]
    fn every_table_begins_with_the_common_columns() {
        for table in Table::ALL {
            assert_eq!(table.fields()[0], Field::Timestamp, "{}", table.name());
            assert_eq!(Table::from_name(table.name()), Some(table));
            assert_eq!(table.schema().fields().len(), table.fields().len());
        }
    }

    #[test]
    fn a_field_describes_itself() {
        assert_eq!(Field::ErrorCode as usize + 1, Field::COUNT);
        assert_eq!(Field::SourceIp.description(), "The address that acted.");
    }
}
