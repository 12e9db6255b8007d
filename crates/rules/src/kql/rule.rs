//! Queries as files: KQL alone, and Microsoft Sentinel's analytics rules and hunting queries in YAML.
//!
//! The form of the YAML: <https://github.com/Azure/Azure-Sentinel/wiki/Query-Style-Guide>.

use serde::Deserialize;

/// A query with what its author says about it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rule {
    /// What it is known by: the rule's id, or the file's name.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// What it looks for, in its author's words.
    pub description: String,
    /// How grave a hit is; nothing if the author does not say, as hunting queries do not.
    pub severity: Option<Severity>,
    /// ATT&CK tactics as the rule names them, such as `CommandAndControl`.
    pub tactics: Vec<String>,
    /// ATT&CK techniques, such as `T1071.001`.
    pub techniques: Vec<String>,
    /// Which columns of the answer say who and what.
    pub entities: Vec<Entity>,
    /// The query.
    pub query: String,
    /// The least number of rows that are a hit.
    pub threshold: Threshold,
    /// Who wrote it, and under which terms, where the file says so.
    pub author: String,
}

/// How grave a hit is, in Sentinel's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing, and no more.
    Informational,
    /// Low.
    Low,
    /// Medium.
    Medium,
    /// High.
    High,
}

/// Which column of the answer is which identifier of an entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entity {
    /// The kind, such as `Account`, `Host`, `IP`, `URL`, `DNS`, `Process`, `File`.
    pub kind: String,
    /// The identifier, such as `FullName`, `HostName`, `Address`.
    pub identifier: String,
    /// The column.
    pub column: String,
}

/// How many rows are a hit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Threshold {
    /// More than that.
    MoreThan(u64),
    /// Fewer than that.
    FewerThan(u64),
    /// As many as that.
    Exactly(u64),
    /// Not as many as that.
    Not(u64),
}

impl Default for Threshold {
    fn default() -> Self {
        Threshold::MoreThan(0)
    }
}

impl Threshold {
    /// Whether so many rows are a hit.
    pub fn is_met(self, rows: u64) -> bool {
        match self {
            Threshold::MoreThan(bound) => rows > bound,
            Threshold::FewerThan(bound) => rows < bound,
            Threshold::Exactly(bound) => rows == bound,
            Threshold::Not(bound) => rows != bound,
        }
    }
}

/// Files larger than this are no rules.
const MOST_BYTES: usize = 16 << 20;

impl Rule {
    /// The rule that a file says. `file` is its name; one that ends with `.yaml` or `.yml` is YAML, all else is
    /// KQL.
    ///
    /// # Errors
    ///
    /// Why it is none.
    pub fn of_file(file: &str, text: &str) -> Result<Rule, String> {
        if text.len() > MOST_BYTES {
            return Err(format!("the file is larger than {} MiB", MOST_BYTES >> 20));
        }
        let stem = stem(file);
        if !is_yaml(file) {
            let id = stem.to_owned();
            return Ok(Rule { name: id.clone(), id, query: text.to_owned(), ..Rule::default() });
        }
        let written: Written = yaml_serde::from_str(text)
            .map_err(|error| format!("this is no YAML of a rule: {error}"))?;
        let Some(query) = written.query else {
            return Err("the file has no `query`".to_owned());
        };
        let entities =
            written.entity_mappings.unwrap_or_default().into_iter().flat_map(|mapping| {
                let kind = mapping.entity_type;
                let fields = mapping.field_mappings.into_iter();
                fields.map(move |field| Entity {
                    kind: kind.clone(),
                    identifier: field.identifier,
                    column: field.column_name,
                })
            });
        Ok(Rule {
            id: written.id.unwrap_or_else(|| stem.to_owned()),
            name: written.name.unwrap_or_else(|| stem.to_owned()).trim().to_owned(),
            description: written
                .description
                .unwrap_or_default()
                .trim()
                .trim_matches('\'')
                .trim()
                .to_owned(),
            severity: written.severity.as_deref().and_then(severity),
            tactics: written.tactics.unwrap_or_default().0,
            techniques: written.relevant_techniques.unwrap_or_default().0,
            entities: entities.collect(),
            threshold: threshold(written.trigger_operator.as_deref(), written.trigger_threshold),
            author: written
                .metadata
                .and_then(|metadata| metadata.author)
                .map(|author| author.name)
                .unwrap_or_default(),
            query,
        })
    }
}

/// Functions that a file stores, each as its name and its text, `(parameters) { body }` or a body alone.
///
/// A file of KQL is called as its function is, unless it says `.create function Name(…) {…}` or
/// `let Name = …;` and no more. A parser of Sentinel in YAML has `FunctionName` or `FunctionAlias`, and
/// `FunctionQuery`; one of ASIM has `ParserName`, `EquivalentBuiltInParser`, `ParserParams` and `ParserQuery`.
///
/// # Errors
///
/// Why it stores none.
pub fn stored_functions(file: &str, text: &str) -> Result<Vec<(String, String)>, String> {
    if text.len() > MOST_BYTES {
        return Err(format!("the file is larger than {} MiB", MOST_BYTES >> 20));
    }
    if is_yaml(file) {
        return stored_in_yaml(file, text);
    }
    let body = text.trim();
    if let Some(command) =
        body.strip_prefix(".create-or-alter").or_else(|| body.strip_prefix(".create"))
    {
        return created(command)
            .map(|function| vec![function])
            .ok_or_else(|| "the command names no function".to_owned());
    }
    Ok(vec![(stem(file).to_owned(), text.to_owned())])
}

fn stored_in_yaml(file: &str, text: &str) -> Result<Vec<(String, String)>, String> {
    let written: WrittenFunction = yaml_serde::from_str(text)
        .map_err(|error| format!("this is no YAML of a function: {error}"))?;
    let Some(body) = written.function_query.or(written.parser_query) else {
        return Err("the file has neither `FunctionQuery` nor `ParserQuery`".to_owned());
    };
    let parameters: Vec<String> =
        written.parser_params.unwrap_or_default().into_iter().map(WrittenParameter::text).collect();
    let body = if parameters.is_empty() {
        body
    } else {
        format!("({}) {{\n{body}\n}}", parameters.join(", "))
    };
    let names = [
        written.function_alias,
        written.function_name,
        written.parser_name,
        written.equivalent_built_in_parser,
    ];
    let mut names: Vec<String> =
        names.into_iter().flatten().filter(|name| !name.trim().is_empty()).collect();
    if names.is_empty() {
        names.push(stem(file).to_owned());
    }
    names.sort();
    names.dedup();
    Ok(names.into_iter().map(|name| (name, body.clone())).collect())
}

/// The name and the text behind `.create function with (…) Name(…) {…}`.
fn created(command: &str) -> Option<(String, String)> {
    let mut rest = command.trim_start().strip_prefix("function")?.trim_start();
    for word in ["ifnotexists", "with"] {
        if let Some(behind) = rest.strip_prefix(word) {
            rest = behind.trim_start();
            if word == "with" {
                rest = rest.split_once(')')?.1.trim_start();
            }
        }
    }
    let end = rest.find(|letter: char| letter == '(' || letter == '{' || letter.is_whitespace())?;
    let (name, text) = rest.split_at(end);
    let name = name.trim_matches(['[', ']', '\'', '"']);
    (!name.is_empty()).then(|| (name.to_owned(), text.trim().to_owned()))
}

fn is_yaml(file: &str) -> bool {
    let file = file.to_ascii_lowercase();
    file.ends_with(".yaml") || file.ends_with(".yml")
}

/// A file's name without its folders and its ending.
fn stem(file: &str) -> &str {
    let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

fn severity(text: &str) -> Option<Severity> {
    Some(match text.to_ascii_lowercase().as_str() {
        "informational" => Severity::Informational,
        "low" => Severity::Low,
        "medium" => Severity::Medium,
        "high" => Severity::High,
        _ => return None,
    })
}

fn threshold(operator: Option<&str>, bound: Option<u64>) -> Threshold {
    let bound = bound.unwrap_or(0);
    match operator.map(str::to_ascii_lowercase).as_deref() {
        Some("lt" | "lessthan") => Threshold::FewerThan(bound),
        Some("eq" | "equal") => Threshold::Exactly(bound),
        Some("ne" | "notequal") => Threshold::Not(bound),
        _ => Threshold::MoreThan(bound),
    }
}

/// A rule as it is written.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    id: Option<String>,
    name: Option<String>,
    description: Option<String>,
    severity: Option<String>,
    tactics: Option<Words>,
    relevant_techniques: Option<Words>,
    query: Option<String>,
    entity_mappings: Option<Vec<WrittenEntity>>,
    trigger_operator: Option<String>,
    trigger_threshold: Option<u64>,
    metadata: Option<WrittenMetadata>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WrittenEntity {
    #[serde(default)]
    entity_type: String,
    #[serde(default)]
    field_mappings: Vec<WrittenField>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WrittenField {
    #[serde(default)]
    identifier: String,
    #[serde(default)]
    column_name: String,
}

#[derive(Deserialize)]
struct WrittenMetadata {
    author: Option<WrittenAuthor>,
}

#[derive(Deserialize)]
struct WrittenAuthor {
    #[serde(default)]
    name: String,
}

/// One word or a list of them; a list may hold nothing.
#[derive(Default, Deserialize)]
#[serde(from = "OneOrMany")]
struct Words(Vec<String>);

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    Many(Vec<Option<String>>),
    One(String),
    None(()),
}

impl From<OneOrMany> for Words {
    fn from(written: OneOrMany) -> Self {
        Words(match written {
            OneOrMany::Many(words) => words.into_iter().flatten().collect(),
            OneOrMany::One(word) => vec![word],
            OneOrMany::None(()) => Vec::new(),
        })
    }
}

/// A stored function as it is written.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct WrittenFunction {
    function_name: Option<String>,
    function_alias: Option<String>,
    function_query: Option<String>,
    parser_name: Option<String>,
    equivalent_built_in_parser: Option<String>,
    parser_query: Option<String>,
    parser_params: Option<Vec<WrittenParameter>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct WrittenParameter {
    name: String,
    r#type: String,
    default: Option<yaml_serde::Value>,
}

impl WrittenParameter {
    fn text(self) -> String {
        let default = match self.default {
            Some(yaml_serde::Value::String(text))
                if self.r#type == "string" && !text.starts_with(['\'', '"']) =>
            {
                format!("={}", serde_json::Value::String(text))
            }
            Some(yaml_serde::Value::String(text)) => format!("={text}"),
            Some(yaml_serde::Value::Bool(truth)) => format!("={truth}"),
            Some(yaml_serde::Value::Number(number)) => format!("={number}"),
            _ => String::new(),
        };
        format!("{}:{}{default}", self.name, self.r#type)
    }
}

#[cfg(test)]
mod tests {
    use super::{Rule, Severity, Threshold, stored_functions};

    #[test]
    fn an_analytics_rule_says_how_grave_and_who() {
        let text = "id: 00000000-0000-0000-0000-000000000001\nname: Calls home\ndescription: |\n  'Looks for calls.'\n\
                    severity: High\ntriggerOperator: gt\ntriggerThreshold: 3\ntactics:\n  - CommandAndControl\n\
                    relevantTechniques:\n  - T1071\nquery: |\n  T\n  | take 1\nentityMappings:\n  - entityType: Host\n    \
                    fieldMappings:\n      - identifier: HostName\n        columnName: DeviceName\nkind: Scheduled\n";
        let rule = Rule::of_file("rules/calls.yaml", text).expect("a rule");
        assert_eq!((rule.severity, rule.threshold), (Some(Severity::High), Threshold::MoreThan(3)));
        assert_eq!(
            (rule.name.as_str(), rule.description.as_str()),
            ("Calls home", "Looks for calls.")
        );
        assert_eq!(
            (rule.tactics.as_slice(), rule.query.as_str()),
            (&["CommandAndControl".to_owned()][..], "T\n| take 1\n")
        );
        assert_eq!(
            (rule.entities[0].kind.as_str(), rule.entities[0].column.as_str()),
            ("Host", "DeviceName")
        );
        assert!(!rule.threshold.is_met(3) && rule.threshold.is_met(4));
    }

    #[test]
    fn a_file_of_kql_is_called_as_it_is() {
        let rule = Rule::of_file("hunts/odd.kql", "T | take 1").expect("a rule");
        assert_eq!((rule.id.as_str(), rule.query.as_str()), ("odd", "T | take 1"));
        assert!(Rule::of_file("x.yaml", "name: x").expect_err("no query").contains("no `query`"));
        assert!(Rule::of_file("x.yaml", "a: [").expect_err("broken").contains("no YAML"));
    }

    #[test]
    fn functions_are_stored_in_three_ways() {
        let stored = |file: &str, text: &str| stored_functions(file, text).expect("functions");
        assert_eq!(
            stored("f/Mine.kql", "T | take 1"),
            [("Mine".to_owned(), "T | take 1".to_owned())]
        );
        let command = ".create-or-alter function with (folder = \"x\") Mine(a:string) { T }";
        assert_eq!(stored("x.kql", command), [("Mine".to_owned(), "(a:string) { T }".to_owned())]);
        let yaml = "FunctionName: Mine\nFunctionAlias: Mine\nFunctionQuery: |\n  T\n";
        assert_eq!(stored("x.yaml", yaml), [("Mine".to_owned(), "T\n".to_owned())]);
        let asim = "ParserName: vim\nParserParams:\n  - Name: starttime\n    Type: datetime\n    Default: datetime(null)\n  - Name: pack\n    Type: bool\n    Default: false\nParserQuery: T\n";
        let text = "(starttime:datetime=datetime(null), pack:bool=false) {\nT\n}".to_owned();
        assert_eq!(stored("x.yaml", asim), [("vim".to_owned(), text)]);
    }
}
