//! The bits that all, any or an odd number of the values have.
//!
//! <https://learn.microsoft.com/kusto/query/binary-all-and-aggregation-function>

use super::super::functions::{Accepts, ResultType};
use super::super::{Type, Value};
use super::names::Naming;
use super::{Accumulator, AggregateFunction, long};

/// The aggregates.
pub(super) const AGGREGATES: &[AggregateFunction] = &[
    bits("binary_all_and", |_, _| Bits::begin(|left, right| left & right)),
    bits("binary_all_or", |_, _| Bits::begin(|left, right| left | right)),
    bits("binary_all_xor", |_, _| Bits::begin(|left, right| left ^ right)),
];

const fn bits(
    name: &'static str,
    begin: fn(&[Type], &[Value]) -> Box<dyn Accumulator>,
) -> AggregateFunction {
    const LONG: ResultType = ResultType::Only(Type::Long);
    const PARAMETERS: &[Accepts] = &[Accepts::Only(Type::Long)];
    AggregateFunction::define(name, PARAMETERS, Naming::Argument, LONG, begin)
}

/// Values put together bit by bit; nulls are none.
#[derive(Debug)]
struct Bits {
    combine: fn(i64, i64) -> i64,
    bits: Option<i64>,
}

impl Bits {
    fn begin(combine: fn(i64, i64) -> i64) -> Box<dyn Accumulator> {
        Box::new(Self { combine, bits: None })
    }
}

impl Accumulator for Bits {
    fn update(&mut self, arguments: &[Value]) {
        if let Some(value) = long(arguments, 0) {
            self.bits = Some(self.bits.map_or(value, |bits| (self.combine)(bits, value)));
        }
    }

    fn state(&self) -> Vec<Value> {
        vec![self.bits.map_or(Value::Null, Value::Long)]
    }

    fn merge(&mut self, state: &[Value]) {
        self.update(state);
    }

    fn finish(&mut self) -> Vec<Value> {
        self.state()
    }

    fn size(&self) -> usize {
        size_of::<Self>()
    }
}

#[cfg(test)]
mod tests {
    use super::super::trials::{longs, one, rows};
    use super::*;

    #[test]
    fn bits_are_put_together() {
        let values = longs(&[0b1100, 0b1010, 0b1111]);
        assert_eq!(one("binary_all_and", &[Type::Long], &rows(&values)), Value::Long(0b1000));
        assert_eq!(one("binary_all_or", &[Type::Long], &rows(&values)), Value::Long(0b1111));
        assert_eq!(one("binary_all_xor", &[Type::Long], &rows(&values)), Value::Long(0b1001));
        assert_eq!(one("binary_all_xor", &[Type::Long], &[&[Value::Null]]), Value::Null);
    }
}
