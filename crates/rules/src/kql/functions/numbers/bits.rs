//! Whole numbers bit by bit.

use super::super::{Accepts, Function, Type, Value};
use crate::kql::functions::arguments::{Arguments, long};

const LONG: &[Accepts] = &[Accepts::Only(Type::Long)];
const TWO_LONGS: &[Accepts] = &[Accepts::Only(Type::Long), Accepts::Only(Type::Long)];

/// The functions.
pub(in super::super) const FUNCTIONS: &[Function] = &[
    of_two("binary_and", |given| both(given, |left, right| Some(left & right))),
    of_two("binary_or", |given| both(given, |left, right| Some(left | right))),
    of_two("binary_xor", |given| both(given, |left, right| Some(left ^ right))),
    of_two("binary_shift_left", |given| both(given, |value, by| Some(value << shift(by)?))),
    of_two("binary_shift_right", |given| both(given, |value, by| Some(value >> shift(by)?))),
    Function::define("binary_not", LONG, Type::Long, |given| {
        long(given.long(0).map(|value| !value))
    }),
    Function::define("bitset_count_ones", LONG, Type::Long, |given| {
        long(given.long(0).map(|value| value.count_ones().into()))
    }),
];

const fn of_two(name: &'static str, call: fn(&[Value]) -> Value) -> Function {
    Function::define(name, TWO_LONGS, Type::Long, call)
}

fn both(arguments: &[Value], compute: fn(i64, i64) -> Option<i64>) -> Value {
    let computed = arguments.long(0).zip(arguments.long(1));
    long(computed.and_then(|(left, right)| compute(left, right)))
}

/// Shifts go around after 64 bits; there are none by less than nothing.
fn shift(by: i64) -> Option<u32> {
    u32::try_from(by.checked_rem(64)?).ok()
}

#[cfg(test)]
mod tests {
    use super::super::super::function;
    use super::*;

    #[test]
    fn bits_are_those_of_longs() {
        let call = |name: &str, left, right| {
            (function(name).unwrap().call)(&[Value::Long(left), Value::Long(right)])
        };
        assert_eq!(call("binary_shift_left", 5, 40), Value::Long(5_497_558_138_880));
        assert_eq!(call("binary_shift_left", 5, 64), Value::Long(5));
        assert_eq!(call("binary_shift_right", 5, -1), Value::Null);
        assert_eq!(call("binary_xor", 5, 3), Value::Long(6));
        let ones = (function("bitset_count_ones").unwrap().call)(&[Value::Long(42)]);
        assert_eq!(ones, Value::Long(3));
    }
}
