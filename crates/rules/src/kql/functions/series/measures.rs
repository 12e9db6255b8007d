//! What a series comes to as a whole, alone or with another. All elements must be numbers.

use indexmap::IndexMap;

use super::super::arguments::{Arguments, array, bag, real as real_value};
use super::super::{Accepts, Function, Type, Value};
use super::{complete, finite, mean, real};
use crate::kql::Dynamic;

const DYNAMIC: Accepts = Accepts::Only(Type::Dynamic);
const REAL: Accepts = Accepts::Only(Type::Real);
const BOOL: Accepts = Accepts::Only(Type::Bool);

/// The functions.
pub(in super::super) const FUNCTIONS: &[Function] = &[
    Function::define("series_sum", &[DYNAMIC], Type::Real, |arguments| {
        real_value(complete(arguments, 0).map(|numbers| numbers.iter().sum()))
    }),
    Function::define("series_product", &[DYNAMIC], Type::Real, |arguments| {
        real_value(complete(arguments, 0).map(|numbers| numbers.iter().product()))
    }),
    Function::define("series_magnitude", &[DYNAMIC], Type::Real, |arguments| {
        real_value(complete(arguments, 0).map(|numbers| magnitude(&numbers)))
    }),
    Function::define("series_dot_product", &[Accepts::Any, Accepts::Any], Type::Real, dot_product),
    Function::define(
        "series_cosine_similarity",
        &[DYNAMIC, DYNAMIC, REAL, REAL],
        Type::Real,
        cosine_similarity,
    )
    .with_optional(2),
    Function::define("series_pearson_correlation", &[DYNAMIC, DYNAMIC], Type::Real, |arguments| {
        real_value(pair(arguments).map(|(left, right)| correlation(&left, &right)))
    }),
    Function::define("series_stats", &[DYNAMIC, BOOL], Type::Dynamic, |arguments| {
        array(statistics(arguments).into_iter().take(7).map(|(_, value)| value).collect())
    })
    .with_optional(1),
    Function::define("series_stats_dynamic", &[DYNAMIC, BOOL], Type::Dynamic, |arguments| {
        let named = statistics(arguments).map(|(name, value)| (name.to_owned(), value));
        bag(IndexMap::from(named))
    })
    .with_optional(1),
];

fn magnitude(numbers: &[f64]) -> f64 {
    numbers.iter().map(|number| number * number).sum::<f64>().sqrt()
}

/// Two series of one length.
fn pair(arguments: &[Value]) -> Option<(Vec<f64>, Vec<f64>)> {
    let (left, right) = (complete(arguments, 0)?, complete(arguments, 1)?);
    (left.len() == right.len()).then_some((left, right))
}

fn dot(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).map(|(left, right)| left * right).sum()
}

/// Of two series, or of one with a number that stands for all elements of the other.
fn dot_product(arguments: &[Value]) -> Value {
    let operands = [0, 1].map(|place| complete(arguments, place));
    let numbers = [0, 1].map(|place| arguments.real(place));
    let product = match (operands, numbers) {
        ([Some(left), Some(right)], _) => Some(dot(&left, &right)),
        ([Some(series), None], [_, Some(number)]) | ([None, Some(series)], [Some(number), _]) => {
            Some(series.iter().map(|element| element * number).sum())
        }
        _ => None,
    };
    real_value(product)
}

/// The magnitudes may be given by whoever knows them already.
fn cosine_similarity(arguments: &[Value]) -> Value {
    real_value(pair(arguments).map(|(left, right)| {
        let magnitudes = [
            arguments.real(2).unwrap_or_else(|| magnitude(&left)),
            arguments.real(3).unwrap_or_else(|| magnitude(&right)),
        ];
        dot(&left, &right) / magnitudes.iter().product::<f64>()
    }))
}

fn correlation(left: &[f64], right: &[f64]) -> f64 {
    let from_mean = |numbers: &[f64]| {
        let mean = mean(numbers);
        numbers.iter().map(|number| number - mean).collect::<Vec<f64>>()
    };
    let (left, right) = (from_mean(left), from_mean(right));
    dot(&left, &right) / (magnitude(&left) * magnitude(&right))
}

/// The names of all that is known of a series, and what it comes to: all null if there is an element that is
/// no number, unless it is to be passed over.
fn statistics(arguments: &[Value]) -> [(&'static str, Dynamic); 9] {
    let names = ["min", "min_idx", "max", "max_idx", "avg", "stdev", "variance", "sum", "len"];
    let elements = arguments.array(0).unwrap_or_default();
    let numbers: Vec<(usize, f64)> = elements
        .iter()
        .enumerate()
        .filter_map(|(place, element)| Some((place, finite(element)?)))
        .collect();
    let ignores = arguments.bool(1).unwrap_or(false);
    let mut values = [const { Dynamic::Null }; 9];
    if let Some(first) = numbers.first()
        && (ignores || numbers.len() == elements.len())
    {
        // The first of equal ones counts.
        let least = numbers.iter().fold(*first, |best, at| if at.1 < best.1 { *at } else { best });
        let most = numbers.iter().fold(*first, |best, at| if at.1 > best.1 { *at } else { best });
        let count = numbers.len() as f64;
        let sum: f64 = numbers.iter().map(|(_, number)| number).sum();
        let average = sum / count;
        let squares: f64 = numbers.iter().map(|(_, number)| (number - average).powi(2)).sum();
        let variance = if numbers.len() > 1 { squares / (count - 1.0) } else { 0.0 };
        values = [
            real(least.1),
            Dynamic::Long(least.0 as i64),
            real(most.1),
            Dynamic::Long(most.0 as i64),
            real(average),
            real(variance.sqrt()),
            real(variance),
            real(sum),
            Dynamic::Long(numbers.len() as i64),
        ];
    }
    let mut values = values.into_iter();
    names.map(|name| (name, values.next().unwrap_or(Dynamic::Null)))
}

#[cfg(test)]
mod tests {
    use super::super::tests::check_near;

    #[test]
    fn measures_as_documented() {
        let series = "[23,46,23,87,4,8,3,75,2,56,13,75,32,16,29]";
        check_near(&[
            ("series_sum", &["[1,2.5]"], "3.5"),
            ("series_sum", &["[1,\"a\"]"], "null"),
            ("series_product", &["[1,2,3,4]"], "24.0"),
            ("series_magnitude", &["[3,4]"], "5.0"),
            ("series_dot_product", &["[1,2,4]", "[4,2,1]"], "12.0"),
            ("series_dot_product", &["[1,2,4]", "2"], "14.0"),
            ("series_cosine_similarity", &["[0.1,0.2,0.1,0.2]", "[0.11,0.2,0.11,0.21]"], "0.999"),
            ("series_cosine_similarity", &["[0.1,0.2,0.1,0.2]", "[1,2,3,4]"], "0.924"),
            ("series_cosine_similarity", &["[1]", "[1,2]"], "null"),
            ("series_pearson_correlation", &["[1,2,3,4,5]", "[2,4,6,8,10]"], "1.0"),
            ("series_pearson_correlation", &["[1,1]", "[2,4]"], "null"),
            ("series_stats", &[series], "[2.0,8,87.0,3,32.8,28.504,812.457]"),
            ("series_stats", &["[1,null]"], "[null,null,null,null,null,null,null]"),
            ("series_stats", &["[1,null]", "true"], "[1.0,0,1.0,0,1.0,0.0,0.0]"),
            (
                "series_stats_dynamic",
                &[series],
                r#"{"min":2.0,"min_idx":8,"max":87.0,"max_idx":3,"avg":32.8,"stdev":28.504,"variance":812.457,"sum":492.0,"len":15}"#,
            ),
        ]);
    }
}
