//! What frequencies a series is made of, and the series that frequencies make.
//!
//! <https://learn.microsoft.com/kusto/query/series-fft-function>,
//! <https://learn.microsoft.com/kusto/query/series-ifft-function>

use std::f64::consts::TAU;

use super::super::arguments::{MOST_ELEMENTS, array};
use super::super::{Accepts, Function, Type, Value};
use super::{complete, numbers};

const DYNAMIC: Accepts = Accepts::Only(Type::Dynamic);

/// The most products that one call computes.
const MOST_PRODUCTS: usize = MOST_ELEMENTS * 64;

/// The functions. Each takes the real parts and perhaps the imaginary ones, and gives both.
pub(in super::super) const FUNCTIONS: &[Function] = &[
    Function::define("series_fft", &[DYNAMIC, DYNAMIC], Type::Dynamic, |arguments| {
        transform(arguments, Direction::ToFrequencies).unwrap_or(Value::Null)
    })
    .with_optional(1),
    Function::define("series_ifft", &[DYNAMIC, DYNAMIC], Type::Dynamic, |arguments| {
        transform(arguments, Direction::ToSeries).unwrap_or(Value::Null)
    })
    .with_optional(1),
];

#[derive(Clone, Copy)]
enum Direction {
    ToFrequencies,
    ToSeries,
}

/// A real and an imaginary part.
type Complex = (f64, f64);

fn transform(arguments: &[Value], direction: Direction) -> Option<Value> {
    let real = complete(arguments, 0)?;
    let imaginary =
        if arguments.len() > 1 { complete(arguments, 1)? } else { vec![0.0; real.len()] };
    let odd = real.len() >> real.len().trailing_zeros().min(usize::BITS - 1);
    if real.len() != imaginary.len() || real.len().saturating_mul(odd) > MOST_PRODUCTS {
        return None;
    }
    let signal: Vec<Complex> = real.into_iter().zip(imaginary).collect();
    let (turn, scale) = match direction {
        Direction::ToFrequencies => (-TAU, 1.0),
        Direction::ToSeries => (TAU, 1.0 / signal.len() as f64),
    };
    let (real, imaginary): (Vec<f64>, Vec<f64>) =
        transformed(&signal, turn).into_iter().map(|(a, b)| (a * scale, b * scale)).unzip();
    Some(array(vec![numbers(real), numbers(imaginary)]))
}

/// Halves the signal as long as it goes, and adds up what is left.
fn transformed(signal: &[Complex], turn: f64) -> Vec<Complex> {
    let length = signal.len();
    if length < 2 || !length.is_multiple_of(2) {
        return (0..length).map(|frequency| added_up(signal, frequency, turn)).collect();
    }
    let half = |from: usize| -> Vec<Complex> {
        transformed(&signal.iter().skip(from).step_by(2).copied().collect::<Vec<_>>(), turn)
    };
    let pairs: Vec<(Complex, Complex)> = half(0)
        .into_iter()
        .zip(half(1))
        .enumerate()
        .map(|(place, (even, odd))| (even, turned(odd, turn * place as f64 / length as f64)))
        .collect();
    let sums = pairs.iter().map(|(even, odd)| (even.0 + odd.0, even.1 + odd.1));
    let differences = pairs.iter().map(|(even, odd)| (even.0 - odd.0, even.1 - odd.1));
    sums.chain(differences).collect()
}

fn added_up(signal: &[Complex], frequency: usize, turn: f64) -> Complex {
    let length = signal.len();
    signal.iter().enumerate().fold((0.0, 0.0), |sum, (place, part)| {
        let part = turned(*part, turn * (place * frequency % length) as f64 / length as f64);
        (sum.0 + part.0, sum.1 + part.1)
    })
}

/// A number turned about zero by an angle in radians.
fn turned((real, imaginary): Complex, angle: f64) -> Complex {
    let (sine, cosine) = angle.sin_cos();
    (real * cosine - imaginary * sine, real * sine + imaginary * cosine)
}

#[cfg(test)]
mod tests {
    use super::super::tests::check_near;

    #[test]
    fn a_series_comes_apart_into_frequencies_and_together_again() {
        check_near(&[
            ("series_fft", &["[1,0,0,0]"], "[[1.0,1.0,1.0,1.0],[0.0,0.0,0.0,0.0]]"),
            ("series_fft", &["[0,1,0,-1]"], "[[0.0,0.0,0.0,0.0],[0.0,-2.0,0.0,2.0]]"),
            ("series_fft", &["[1,2,3]"], "[[6.0,-1.5,-1.5],[0.0,0.866,-0.866]]"),
            (
                "series_ifft",
                &["[6.0,-1.5,-1.5]", "[0.0,0.8660254,-0.8660254]"],
                "[[1.0,2.0,3.0],[0.0,0.0,0.0]]",
            ),
            ("series_fft", &["[1,2]", "[1]"], "null"),
            ("series_fft", &["[1,null]"], "null"),
        ]);
    }
}
