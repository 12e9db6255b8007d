//! The gamma, error and beta functions.
//!
//! The beta distribution is computed by the continued fraction of the incomplete beta function, in Lentz's
//! way; its inverse by halving, which always ends.

use super::super::{Accepts, Function, Type, Value};
use super::elementary::number;

const REAL: &[Accepts] = &[Accepts::Only(Type::Real)];
const THREE_REALS: &[Accepts] =
    &[Accepts::Only(Type::Real), Accepts::Only(Type::Real), Accepts::Only(Type::Real)];

/// Steps of the continued fraction; what has not converged by then is as good as it gets.
const MOST_STEPS: u32 = 1_000;
/// Halvings, after which no bits of a real are left.
const HALVINGS: u32 = 200;

/// The functions.
pub(in super::super) const FUNCTIONS: &[Function] = &[
    of_one("gamma", |given| of(given, libm::tgamma)),
    of_one("loggamma", |given| of(given, libm::lgamma)),
    of_one("erf", |given| of(given, libm::erf)),
    of_one("erfc", |given| of(given, libm::erfc)),
    of_beta("beta_cdf", |given| beta(given, cumulative)),
    of_beta("beta_pdf", |given| beta(given, density)),
    of_beta("beta_inv", |given| match number(given, 0) {
        Some(probability) if !(0.0..=1.0).contains(&probability) => Value::Null,
        _ => beta(given, inverse),
    }),
];

const fn of_one(name: &'static str, call: fn(&[Value]) -> Value) -> Function {
    Function::define(name, REAL, Type::Real, call)
}

const fn of_beta(name: &'static str, call: fn(&[Value]) -> Value) -> Function {
    Function::define(name, THREE_REALS, Type::Real, call)
}

fn of(arguments: &[Value], compute: fn(f64) -> f64) -> Value {
    number(arguments, 0).map_or(Value::Null, |number| Value::Real(compute(number)))
}

/// What is beyond the distribution's bounds is not a number.
fn beta(arguments: &[Value], compute: fn(f64, f64, f64) -> f64) -> Value {
    let (Some(x), Some(alpha), Some(beta)) =
        (number(arguments, 0), number(arguments, 1), number(arguments, 2))
    else {
        return Value::Null;
    };
    let is_within = (0.0..=1.0).contains(&x) && alpha > 0.0 && beta > 0.0;
    Value::Real(if is_within { compute(x, alpha, beta) } else { f64::NAN })
}

/// The logarithm of the beta function.
fn log_beta(alpha: f64, beta: f64) -> f64 {
    libm::lgamma(alpha) + libm::lgamma(beta) - libm::lgamma(alpha + beta)
}

fn density(x: f64, alpha: f64, beta: f64) -> f64 {
    x.powf(alpha - 1.0) * (1.0 - x).powf(beta - 1.0) * (-log_beta(alpha, beta)).exp()
}

fn cumulative(x: f64, alpha: f64, beta: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return x;
    }
    let front = (alpha * x.ln() + beta * (-x).ln_1p() - log_beta(alpha, beta)).exp();
    // The fraction converges quickly on this side of the mean alone.
    if x < (alpha + 1.0) / (alpha + beta + 2.0) {
        front * continued_fraction(x, alpha, beta) / alpha
    } else {
        1.0 - front * continued_fraction(1.0 - x, beta, alpha) / beta
    }
}

fn continued_fraction(x: f64, alpha: f64, beta: f64) -> f64 {
    let not_zero =
        |number: f64| if number.abs() < f64::MIN_POSITIVE { f64::MIN_POSITIVE } else { number };
    let mut numerator = 1.0;
    let mut denominator = not_zero(1.0 - (alpha + beta) * x / (alpha + 1.0)).recip();
    let mut fraction = denominator;
    for step in 1..=MOST_STEPS {
        let step = f64::from(step);
        let twice = alpha + 2.0 * step;
        let even = step * (beta - step) * x / ((twice - 1.0) * twice);
        let odd = -(alpha + step) * (alpha + beta + step) * x / (twice * (twice + 1.0));
        let before = fraction;
        for coefficient in [even, odd] {
            denominator = not_zero(1.0 + coefficient * denominator).recip();
            numerator = not_zero(1.0 + coefficient / numerator);
            fraction *= denominator * numerator;
        }
        if (fraction - before).abs() <= f64::EPSILON * fraction.abs() {
            break;
        }
    }
    fraction
}

fn inverse(probability: f64, alpha: f64, beta: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(low, high);
        if cumulative(middle, alpha, beta) < probability {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::super::super::function;
    use super::*;

    fn call(name: &str, numbers: &[f64]) -> f64 {
        let arguments: Vec<Value> = numbers.iter().copied().map(Value::Real).collect();
        match (function(name).unwrap().call)(&arguments) {
            Value::Real(number) => number,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn known_values_come_out() {
        let close = |left: f64, right: f64| (left - right).abs() <= 1e-12 * right.abs().max(1.0);
        assert!(close(call("gamma", &[5.0]), 24.0));
        assert!(close(call("loggamma", &[5.0]), 24_f64.ln()));
        assert!(close(call("erf", &[0.0]), 0.0));
        // The distribution with both parameters 2 has the density 6x(1-x).
        assert!(close(call("beta_pdf", &[0.25, 2.0, 2.0]), 1.125));
        assert!(close(call("beta_cdf", &[0.25, 2.0, 2.0]), 0.15625));
        assert!(close(call("beta_cdf", &[0.75, 2.0, 2.0]), 0.84375));
        assert!(close(call("beta_inv", &[0.15625, 2.0, 2.0]), 0.25));
    }

    #[test]
    fn beyond_the_bounds_there_is_no_number() {
        assert!(call("beta_cdf", &[1.5, 10.0, 20.0]).is_nan());
        assert!(call("beta_pdf", &[0.1, -1.0, 20.0]).is_nan());
        let arguments = [1.5, 10.0, 20.0].map(Value::Real);
        assert_eq!((function("beta_inv").unwrap().call)(&arguments), Value::Null);
    }
}
