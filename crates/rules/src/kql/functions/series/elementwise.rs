//! Functions of each element. What is no number gives a null, and so does what has no partner.

use super::super::arguments::{Arguments, array, number};
use super::super::{Accepts, Function, Type, Value};
use super::real;
use crate::kql::Dynamic;

const DYNAMIC: Accepts = Accepts::Only(Type::Dynamic);

const fn one(name: &'static str, call: fn(&[Value]) -> Value) -> Function {
    Function::define(name, &[DYNAMIC], Type::Dynamic, call)
}

/// An array and another, or one number for all.
const fn two(name: &'static str, call: fn(&[Value]) -> Value) -> Function {
    Function::define(name, &[Accepts::Any, Accepts::Any], Type::Dynamic, call)
}

/// The functions.
pub(in super::super) const FUNCTIONS: &[Function] = &[
    one("series_abs", |arguments| {
        map(
            arguments,
            |number| match number {
                Dynamic::Long(number) => number.checked_abs().map(Dynamic::Long),
                _ => None,
            },
            f64::abs,
        )
    }),
    one("series_sign", |arguments| {
        map(
            arguments,
            |number| match number {
                Dynamic::Long(number) => Some(Dynamic::Long(number.signum())),
                _ => None,
            },
            |number| if number == 0.0 { 0.0 } else { number.signum() },
        )
    }),
    one("series_acos", |arguments| map_reals(arguments, f64::acos)),
    one("series_asin", |arguments| map_reals(arguments, f64::asin)),
    one("series_atan", |arguments| map_reals(arguments, f64::atan)),
    one("series_ceiling", |arguments| map_reals(arguments, f64::ceil)),
    one("series_cos", |arguments| map_reals(arguments, f64::cos)),
    one("series_exp", |arguments| map_reals(arguments, f64::exp)),
    one("series_floor", |arguments| map_reals(arguments, f64::floor)),
    one("series_log", |arguments| map_reals(arguments, f64::ln)),
    one("series_sin", |arguments| map_reals(arguments, f64::sin)),
    one("series_tan", |arguments| map_reals(arguments, f64::tan)),
    two("series_add", |arguments| {
        combine(arguments, calculated(i64::checked_add, |left, right| left + right))
    }),
    two("series_subtract", |arguments| {
        combine(arguments, calculated(i64::checked_sub, |left, right| left - right))
    }),
    two("series_multiply", |arguments| {
        combine(arguments, calculated(i64::checked_mul, |left, right| left * right))
    }),
    two("series_divide", |arguments| {
        combine(arguments, calculated(|_, _| None, |left, right| left / right))
    }),
    two("series_pow", |arguments| combine(arguments, calculated(|_, _| None, f64::powf))),
    two("series_equals", |arguments| combine(arguments, compared(|left, right| left == right))),
    two("series_not_equals", |arguments| combine(arguments, compared(|left, right| left != right))),
    two("series_less", |arguments| combine(arguments, compared(|left, right| left < right))),
    two("series_less_equals", |arguments| {
        combine(arguments, compared(|left, right| left <= right))
    }),
    two("series_greater", |arguments| combine(arguments, compared(|left, right| left > right))),
    two("series_greater_equals", |arguments| {
        combine(arguments, compared(|left, right| left >= right))
    }),
];

fn map_reals(arguments: &[Value], of: fn(f64) -> f64) -> Value {
    map(arguments, |_| None, of)
}

/// Each element by the function of whole numbers, or by that of others if it gives nothing.
fn map(arguments: &[Value], whole: fn(&Dynamic) -> Option<Dynamic>, of: fn(f64) -> f64) -> Value {
    let Some(elements) = arguments.array(0) else { return Value::Null };
    let mapped = elements.iter().map(|element| {
        whole(element)
            .or_else(|| number(element).map(|number| real(of(number))))
            .unwrap_or(Dynamic::Null)
    });
    array(mapped.collect())
}

/// Whole numbers give whole numbers, unless they are too big or the function gives none.
fn calculated(
    whole: fn(i64, i64) -> Option<i64>,
    of: fn(f64, f64) -> f64,
) -> impl Fn(&Dynamic, &Dynamic) -> Option<Dynamic> {
    move |left, right| {
        if let (Dynamic::Long(left), Dynamic::Long(right)) = (left, right)
            && let Some(number) = whole(*left, *right)
        {
            return Some(Dynamic::Long(number));
        }
        Some(real(of(number(left)?, number(right)?)))
    }
}

fn compared(holds: fn(f64, f64) -> bool) -> impl Fn(&Dynamic, &Dynamic) -> Option<Dynamic> {
    move |left, right| Some(Dynamic::Bool(holds(number(left)?, number(right)?)))
}

fn combine(arguments: &[Value], of: impl Fn(&Dynamic, &Dynamic) -> Option<Dynamic>) -> Value {
    let lengths = [arguments.array(0), arguments.array(1)].map(|elements| elements.map(<[_]>::len));
    let Some(length) = lengths.into_iter().flatten().max() else { return Value::Null };
    let [left, right] = [0, 1].map(|place| arguments.dynamic(place));
    let combined = (0..length)
        .map(|place| of(element(&left, place)?, element(&right, place)?))
        .map(|combined| combined.unwrap_or(Dynamic::Null));
    array(combined.collect())
}

/// The element at that place, or the one number that stands for all.
fn element(operand: &Dynamic, place: usize) -> Option<&Dynamic> {
    match operand {
        Dynamic::Array(elements) => elements.get(place),
        one => Some(one),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::dynamics::tests::check;

    #[test]
    fn functions_of_elements_as_documented() {
        check(&[
            ("series_abs", &["[-6.5,0,8.2,\"a\"]"], "[6.5,0,8.2,null]"),
            ("series_sign", &["[-6,0,8]"], "[-1,0,1]"),
            ("series_acos", &["[-1,1,2]"], "[3.141592653589793,0.0,null]"),
            ("series_ceiling", &["[-1.5,1,2.5]"], "[-1.0,1.0,3.0]"),
            ("series_floor", &["[-1.5,1,2.5]"], "[-2.0,1.0,2.0]"),
            ("series_exp", &["[0]"], "[1.0]"),
            ("series_log", &["[1,0]"], "[0.0,null]"),
            ("series_add", &["[1,2,4]", "[4,2,1]"], "[5,4,5]"),
            ("series_add", &["[1,2.5,4]", "[4,2]"], "[5,4.5,null]"),
            ("series_subtract", &["[1,2,4]", "[4,2,1]"], "[-3,0,3]"),
            ("series_multiply", &["10", "[1,null]"], "[10,null]"),
            ("series_divide", &["[1,2,4]", "[4,2,0]"], "[0.25,1.0,null]"),
            ("series_pow", &["[1,2,3,4]", "[1,2,3,0.5]"], "[1.0,4.0,27.0,2.0]"),
            ("series_equals", &["[1,2,4]", "[4,2,1]"], "[false,true,false]"),
            ("series_not_equals", &["[1,2]", "[1]"], "[false,null]"),
            ("series_less", &["[1,2,4]", "[4,2,1]"], "[true,false,false]"),
            ("series_less_equals", &["[1,2,4]", "[4,2,1]"], "[true,true,false]"),
            ("series_greater", &["[1,2,4]", "2"], "[false,false,true]"),
            ("series_greater_equals", &["[1,2,4]", "[4,2,1]"], "[false,true,true]"),
            ("series_add", &["1", "2"], "null"),
        ]);
    }
}
