//! What published queries taught: each test is a rule that one of them needs.

use crate::kql::plan::{Node, Plan};
use crate::kql::{Column, DateTime, Environment, Schema, Type, Value, bind, evaluate};

/// Tables without rows, and a list of one column.
struct Hunt;

impl Environment for Hunt {
    fn now(&self) -> DateTime {
        DateTime(638_000_000_000_000_000)
    }

    fn table(&self, name: &str) -> Option<Schema> {
        let names: &[&str] = match name {
            "DeviceNetworkEvents" => {
                &["DeviceName", "InitiatingProcessAccountName", "InitiatingProcessFileName"]
            }
            "DeviceEvents" => &["DeviceName", "ActionType"],
            _ => return None,
        };
        let mut schema = vec![Column::new("Timestamp", Type::DateTime)];
        schema.extend(names.iter().map(|name| Column::new(*name, Type::String)));
        Some(schema)
    }

    fn tables(&self) -> Vec<String> {
        ["DeviceEvents", "DeviceNetworkEvents"].map(str::to_owned).to_vec()
    }

    fn everything(&self) -> Vec<String> {
        self.tables()
    }

    fn function(&self, _: &str) -> Option<String> {
        None
    }

    fn functions(&self) -> Vec<String> {
        Vec::new()
    }

    fn external_data(
        &self,
        _: &Schema,
        _: &[String],
        _: &[(String, Value)],
    ) -> Result<Plan, String> {
        Err("there is no such file".to_owned())
    }

    fn watchlist(&self, name: &str) -> Result<Plan, String> {
        let node = Node::Table { name: name.to_owned() };
        Ok(Plan { node, schema: vec![Column::new("SearchKey", Type::String)] })
    }

    fn rows(&self, plan: &Plan, _: usize) -> Result<Vec<Vec<Value>>, String> {
        evaluate::rows(plan, None, &|_, _| Ok(Vec::new()), 1_000).map_err(|error| error.to_string())
    }
}

/// The columns of an answer, each with its type, and what was warned of.
fn bound(query: &str) -> (String, Vec<String>) {
    let bound = bind::bind(query, &Hunt).unwrap_or_else(|problems| panic!("{query}\n{problems:?}"));
    let columns = bound.plan.schema.iter();
    let columns: Vec<String> =
        columns.map(|column| format!("{}:{}", column.name, column.r#type.name())).collect();
    let told = bound.warnings.iter().map(|problem| format!("{problem:?}")).collect();
    (columns.join(", "), told)
}

fn columns(query: &str) -> String {
    bound(query).0
}

fn rows(query: &str) -> Vec<Vec<Value>> {
    let bound = bind::bind(query, &Hunt).unwrap_or_else(|problems| panic!("{query}\n{problems:?}"));
    Hunt.rows(&bound.plan, 100).unwrap()
}

#[test]
fn a_column_that_a_table_lacks_is_told_with_the_one_that_is_meant() {
    let (_, told) = bound("DeviceNetworkEvents | where AccountName == 'system'");
    assert_eq!(told.len(), 1);
    assert!(told[0].contains("no column `AccountName`"), "{}", told[0]);
    assert!(told[0].contains("did you mean `InitiatingProcessAccountName`?"), "{}", told[0]);
}

#[test]
fn a_column_that_a_table_lacks_is_of_the_type_that_its_use_asks_for() {
    let query =
        "DeviceEvents | summarize Sent = sum(Bytes), n = countif(Port > 5), t = max(_TimeReceived)";
    assert_eq!(columns(query), "Sent:real, n:long, t:datetime");
    let query = "DeviceEvents | project a = iff(true, Depth, 5), b = Timestamp - Begin, c = strcat(Name, '')";
    assert_eq!(columns(query), "a:long, b:timespan, c:string");
    // Where nothing tells, it is a text.
    assert_eq!(columns("DeviceEvents | project Depth"), "Depth:string");
}

#[test]
fn a_key_that_an_open_table_lacks_is_empty() {
    let (columns, told) = bound("DeviceEvents | join _GetWatchlist('Known') on DeviceName");
    assert!(columns.ends_with("SearchKey:string, DeviceName1:string"), "{columns}");
    assert!(told[0].contains("no column `DeviceName`"), "{told:?}");
    let query = "DeviceEvents | join (_GetWatchlist('Known')) on $left.DeviceName == $right.Asset";
    assert!(columns_end(query, "Asset:string"));
    // Columns that the query itself chose are another matter.
    let query = "DeviceEvents | join (DeviceEvents | project ActionType) on DeviceName";
    assert!(bind::bind(query, &Hunt).is_err());
}

fn columns_end(query: &str, end: &str) -> bool {
    columns(query).ends_with(end)
}

#[test]
fn columns_that_depend_on_rows_may_be_absent() {
    let pivoted = "DeviceEvents | evaluate pivot(ActionType, count(), DeviceName)";
    assert_eq!(columns(&format!("{pivoted} | where Created > 2")), "DeviceName:string");
    let unpacked = "DeviceEvents | project d = parse_json(ActionType) | evaluate bag_unpack(d) | where Image has 'x'";
    assert_eq!(columns(unpacked), "");
    let declared =
        "print d = dynamic({\"a\": 1}) | evaluate bag_unpack(d) : (a: long) | where b > 1";
    assert!(bind::bind(declared, &Hunt).is_err());
}

#[test]
fn a_pattern_stands_for_tables_and_views_and_not_for_other_names_of_the_query() {
    let sources = |query: &str| {
        let rows = rows(&format!("{query} | distinct source"));
        rows.into_iter().flatten().map(|value| value.text()).collect::<Vec<_>>()
    };
    let lets = "let known = print a = 1; let seen = view () { print a = 2 };";
    assert_eq!(sources(&format!("{lets} union withsource = source *")), ["seen"]);
}

#[test]
fn a_search_for_a_star_finds_everything() {
    assert!(columns("search * | where Timestamp > ago(1d)").starts_with("$table:string"));
}

#[test]
fn find_keeps_the_columns_that_all_its_tables_have() {
    let query = "find in (DeviceEvents, DeviceNetworkEvents) where ActionType == 'x'";
    let expected = "source_:string, Timestamp:datetime, DeviceName:string, ActionType:string";
    assert!(columns(query).starts_with(expected), "{}", columns(query));
}

#[test]
fn a_functions_body_runs_with_the_defaults_of_its_parameters() {
    let query = "let parser = (disabled: bool = false) { DeviceEvents | where not(disabled) };";
    for call in ["parser(disabled)", "parser(disabled = disabled)"] {
        let (_, told) = bound(&format!("{query} {call}"));
        assert!(told[0].contains("the default of that parameter is taken"), "{told:?}");
    }
    assert!(bind::bind(&format!("{query} parser(other)"), &Hunt).is_err());
    let (_, told) = bound(&format!("let disabled = true; {query} parser(disabled)"));
    assert!(told.is_empty(), "{told:?}");
}

#[test]
fn a_name_alone_renames_nothing() {
    let (columns, told) = bound("DeviceEvents | project-rename DeviceName");
    assert!(columns.contains("DeviceName:string") && told[0].contains("renames nothing"));
}

#[test]
fn places_of_addresses_need_a_database() {
    let (columns, told) = bound("DeviceEvents | project p = geo_info_from_ip_address(DeviceName)");
    assert_eq!(columns, "p:dynamic");
    assert!(told[0].contains("no database") && told[0].contains("--geo FILE.mmdb"), "{told:?}");
}

#[test]
fn an_argument_that_is_named_names_the_column() {
    let query = "DeviceEvents | summarize tolong(Sum = count()) by bin(Day = Timestamp, 1d)";
    assert_eq!(columns(query), "Day:datetime, Sum:long");
}

#[test]
fn a_join_has_all_columns_of_an_open_table() {
    let query = "DeviceEvents | join (DeviceNetworkEvents | project DeviceName) on DeviceName | where Later == 1";
    assert_eq!(bound(query).1.len(), 1);
    let query = "DeviceEvents | project DeviceName | join kind=leftsemi (DeviceNetworkEvents) on DeviceName | where Later == 1";
    assert!(bind::bind(query, &Hunt).is_err());
}

#[test]
fn activity_is_counted_by_window_and_what_it_is_sliced_by() {
    let lets = "let T = datatable(Who: string, When: datetime, Kind: string) [
        'a', datetime(2024-01-01 05:00), 'x', 'a', datetime(2024-01-01 06:00), 'x',
        'b', datetime(2024-01-02), 'x', 'a', datetime(2024-01-02), 'x', 'a', datetime(2024-01-02), 'y',
        'c', datetime(2024-01-09), 'x'];";
    let call = "T | evaluate activity_counts_metrics(Who, When, datetime(2024-01-01), datetime(2024-01-03), 1d";
    let answer = |query: String| {
        let rows = rows(&query).into_iter();
        let row =
            |row: Vec<Value>| row.iter().skip(1).map(Value::text).collect::<Vec<_>>().join(" ");
        rows.map(row).collect::<Vec<_>>()
    };
    assert_eq!(answer(format!("{lets} {call})")), ["2 1 1 1", "3 2 1 2"]);
    let sliced = ["x 2 1 1 1", "x 2 2 1 2", "y 1 1 1 1"];
    assert_eq!(answer(format!("{lets} {call}, Kind)")), sliced);
}

#[test]
fn what_is_carried_along_keeps_its_name_and_what_the_table_lacks() {
    let query =
        "DeviceEvents | summarize arg_max(Last = Timestamp, What = ActionType) by DeviceName";
    assert_eq!(columns(query), "DeviceName:string, Last:datetime, What:string");
    let query = "DeviceEvents | summarize arg_max(Timestamp, *) by DeviceName | project Later";
    assert_eq!(bound(query).1.len(), 1);
    let query =
        "DeviceEvents | summarize arg_max(Timestamp, ActionType) by DeviceName | project Later";
    assert!(bind::bind(query, &Hunt).is_err());
}

#[test]
fn a_function_over_other_rows_may_read_another() {
    let query = "datatable(x: long, y: string) [1, 'a', 2, 'a', 4, 'b']
        | serialize s = row_cumsum(x, y != prev(y)) | project s";
    let sums = rows(query).into_iter().flatten().map(|value| value.text());
    assert_eq!(sums.collect::<Vec<_>>(), ["1", "3", "4"]);
}
