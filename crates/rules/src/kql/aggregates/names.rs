//! What the columns of an aggregate are called where the query does not say, and what they hold.
//!
//! <https://learn.microsoft.com/kusto/query/schema-entities/columns> leaves the names to the functions; they
//! are those of Microsoft's own parser, and those which the functions' pages print.

use super::super::functions::ResultType;
use super::super::{Column, Type, Value};
use super::AggregateFunction;

/// How an aggregate's columns are called; each word is one that the names begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Naming {
    /// One column: the word and the first argument, as `sum_Bytes`, or `count_`.
    Word(&'static str),
    /// One column: the word and the first two arguments, as `covariance_x_y`.
    Words(&'static str),
    /// One column, named by the argument alone.
    Argument,
    /// A column for each argument, named by it; others are `any_arg0` and so on.
    Taken,
    /// A column for each argument, as `any_x`; others are `any_arg0` and so on, or `any_`.
    Any,
    /// A column for each argument, named by it; the first is else `max_`, others are `max_x_arg1` and so on.
    Extreme(&'static str),
    /// A column for each argument, as `max_x`, `max_x_y`, `max_x_arg1`.
    OldExtreme(&'static str),
    /// A column for each percentile, as `percentile_x_99_9`; they begin at that argument.
    Percentiles(usize),
}

/// The names of an aggregate's columns, as many as it has.
///
/// Takes the name that each argument would have as a column, nothing where it would have none, and the
/// constants among the arguments, by place. A column that is called by its place in the answer, `Column1`, has
/// the empty name.
pub fn default_names(
    function: &AggregateFunction,
    arguments: &[Option<&str>],
    constants: &[Value],
) -> Vec<String> {
    let first = arguments.first().copied().flatten().unwrap_or_default();
    let second = arguments.get(1).copied().flatten().unwrap_or_default();
    match function.naming {
        Naming::Word(word) => vec![format!("{word}_{first}")],
        Naming::Words(word) => vec![format!("{word}_{first}_{second}")],
        Naming::Argument => vec![first.to_owned()],
        Naming::Taken => each(arguments, str::to_owned, |place| format!("any_arg{place}")),
        Naming::Any if arguments.len() < 2 => vec![format!("any_{first}")],
        Naming::Any => {
            each(arguments, |name| format!("any_{name}"), |place| format!("any_arg{place}"))
        }
        Naming::Extreme(word) => each(arguments, str::to_owned, |place| match place {
            0 => format!("{word}_"),
            place => format!("{word}_{first}_arg{place}"),
        }),
        Naming::OldExtreme(word) => {
            let carried = each(
                arguments.get(1..).unwrap_or_default(),
                |name| format!("{word}_{first}_{name}"),
                |place| format!("{word}_{first}_arg{}", place + 1),
            );
            std::iter::once(format!("{word}_{first}")).chain(carried).collect()
        }
        Naming::Percentiles(begin) => constants
            .get(begin..)
            .unwrap_or_default()
            .iter()
            .map(|percentile| format!("percentile_{first}_{}", digits(percentile)))
            .collect(),
    }
}

/// An aggregate's columns with their types; nothing if it does not accept arguments of such types.
///
/// Takes what [`default_names`] takes, and the types of the arguments as they are accepted.
pub fn columns(
    function: &AggregateFunction,
    arguments: &[Option<&str>],
    types: &[Type],
    constants: &[Value],
) -> Option<Vec<Column>> {
    let names = default_names(function, arguments, constants);
    let one = match function.result {
        ResultType::Only(one) => Some(one),
        ResultType::Argument(place) => types.get(place).copied(),
        ResultType::Common(place) => types.get(place).copied(),
        ResultType::Computed(compute) => compute(types),
    }?;
    let is_carried = matches!(
        function.naming,
        Naming::Taken | Naming::Any | Naming::Extreme(_) | Naming::OldExtreme(_)
    );
    let types = (0..names.len()).map(|place| match types.get(place) {
        Some(carried) if is_carried => *carried,
        _ => one,
    });
    Some(names.iter().zip(types).map(|(name, r#type)| Column::new(name, r#type)).collect())
}

fn each(
    arguments: &[Option<&str>],
    named: impl Fn(&str) -> String,
    unnamed: impl Fn(usize) -> String,
) -> Vec<String> {
    let name = |(place, name): (usize, &Option<&str>)| match name {
        Some(name) => named(name),
        None => unnamed(place),
    };
    arguments.iter().enumerate().map(name).collect()
}

/// A percentile as part of a name: `50`, `99_9`.
fn digits(percentile: &Value) -> String {
    match percentile {
        Value::Int(number) => number.to_string(),
        Value::Long(number) => number.to_string(),
        Value::Real(number) => number.to_string().replace('.', "_"),
        Value::Decimal(number) => number.normalize().to_string().replace('.', "_"),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::aggregate;
    use super::*;

    fn names(function: &str, arguments: &[Option<&str>]) -> String {
        default_names(aggregate(function).unwrap(), arguments, &[]).join(" ")
    }

    #[test]
    fn a_column_is_named_by_a_word_and_an_argument() {
        assert_eq!(names("count", &[]), "count_");
        assert_eq!(names("countif", &[None]), "countif_");
        assert_eq!(names("sum", &[Some("Bytes")]), "sum_Bytes");
        assert_eq!(names("make_set_if", &[Some("Host"), None]), "set_Host");
        assert_eq!(names("make_list_with_nulls", &[None]), "list_");
        assert_eq!(names("dcountif", &[Some("Host"), None]), "dcountif_Host");
        assert_eq!(names("covariance", &[Some("x"), Some("y")]), "covariance_x_y");
        assert_eq!(names("tdigest_merge", &[Some("d")]), "merge_tdigests_d");
    }

    #[test]
    fn columns_that_are_carried_keep_their_names() {
        assert_eq!(names("arg_max", &[Some("x"), Some("s")]), "x s");
        assert_eq!(names("arg_max", &[Some("x"), Some("y"), None]), "x y max_x_arg2");
        assert_eq!(names("arg_min", &[None, Some("y"), None]), "min_ y min__arg2");
        assert_eq!(names("argmax", &[Some("x"), Some("s"), None]), "max_x max_x_s max_x_arg2");
        assert_eq!(names("take_any", &[Some("x"), None]), "x any_arg1");
        assert_eq!(names("take_any", &[None]), "any_arg0");
        assert_eq!(names("any", &[None]), "any_");
        assert_eq!(names("any", &[Some("x"), None]), "any_x any_arg1");
        assert_eq!(names("take_anyif", &[Some("x"), None]), "x");
        assert_eq!(names("binary_all_or", &[None]), "");
    }

    #[test]
    fn there_is_a_column_for_each_percentile() {
        let constants = [Value::Null, Value::Long(5), Value::Real(99.9), Value::Real(50.0)];
        let percentiles = aggregate("percentiles").unwrap();
        let columns = columns(percentiles, &[Some("x")], &[Type::Int], &constants).unwrap();
        let expected = ["percentile_x_5", "percentile_x_99_9", "percentile_x_50"];
        assert_eq!(columns, expected.map(|name| Column::new(name, Type::Long)));
    }

    #[test]
    fn columns_have_the_types_of_what_they_repeat() {
        let arg_max = aggregate("arg_max").unwrap();
        let names = [Some("t"), Some("s")];
        let columns = columns(arg_max, &names, &[Type::DateTime, Type::String], &[]).unwrap();
        assert_eq!(columns, [Column::new("t", Type::DateTime), Column::new("s", Type::String)]);
    }

    #[test]
    fn what_cannot_be_summed_is_refused() {
        let sum = aggregate("sum").unwrap();
        assert_eq!(columns(sum, &[Some("s")], &[Type::String], &[]), None);
    }
}
