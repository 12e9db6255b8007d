//! Units of measure, each worth so many of its quantity's own unit.
//!
//! <https://learn.microsoft.com/kusto/query/scalar-functions#conversion-functions>

mod scales;

use super::arguments::{Arguments, real};
use super::{Accepts, Function, Type, Value};
use scales::{ANGLE, ENERGY, FORCE, LENGTH, MASS, SPEED_DISTANCE, SPEED_TIME, Scale, VOLUME};

const fn conversion(name: &'static str, call: fn(&[Value]) -> Value) -> Function {
    Function::define(
        name,
        &[Accepts::Only(Type::Real), Accepts::Only(Type::String), Accepts::Only(Type::String)],
        Type::Real,
        call,
    )
}

/// The functions. Units that are not known give a null.
pub(super) const FUNCTIONS: &[Function] = &[
    conversion("convert_angle", |arguments| convert(arguments, |unit| worth(ANGLE, unit))),
    conversion("convert_energy", |arguments| convert(arguments, |unit| worth(ENERGY, unit))),
    conversion("convert_force", |arguments| convert(arguments, |unit| worth(FORCE, unit))),
    conversion("convert_length", |arguments| convert(arguments, |unit| worth(LENGTH, unit))),
    conversion("convert_mass", |arguments| convert(arguments, |unit| worth(MASS, unit))),
    conversion("convert_speed", |arguments| convert(arguments, speed)),
    conversion("convert_temperature", temperature),
    conversion("convert_volume", |arguments| convert(arguments, |unit| worth(VOLUME, unit))),
];

fn convert(arguments: &[Value], worth: impl Fn(&str) -> Option<f64>) -> Value {
    let (from, to) = (worth(arguments.text(1)), worth(arguments.text(2)));
    real(arguments.real(0).zip(from.zip(to)).map(|(value, (from, to))| value * from / to))
}

fn worth(scale: Scale, unit: &str) -> Option<f64> {
    scale.iter().find(|(name, _)| *name == unit).map(|(_, worth)| *worth)
}

/// A speed is a distance in a time; a knot is one as well.
fn speed(unit: &str) -> Option<f64> {
    if unit == "Knot" {
        return Some(1852.0 / 3600.0);
    }
    let (distance, time) = unit.split_once("Per")?;
    Some(worth(SPEED_DISTANCE, distance)? / worth(SPEED_TIME, time)?)
}

/// Degrees of a scale: how many kelvins one is worth, and how many kelvins its zero is.
fn degree(unit: &str) -> Option<(f64, f64)> {
    const FREEZING: f64 = 273.15;
    Some(match unit {
        "Kelvin" => (1.0, 0.0),
        "DegreeCelsius" => (1.0, FREEZING),
        "MillidegreeCelsius" => (0.001, FREEZING),
        "DegreeFahrenheit" => (5.0 / 9.0, 459.67 * 5.0 / 9.0),
        "DegreeRankine" => (5.0 / 9.0, 0.0),
        "DegreeDelisle" => (-2.0 / 3.0, FREEZING + 100.0),
        "DegreeNewton" => (100.0 / 33.0, FREEZING),
        "DegreeReaumur" => (1.25, FREEZING),
        "DegreeRoemer" => (40.0 / 21.0, FREEZING - 7.5 * 40.0 / 21.0),
        "SolarTemperature" => (5778.0, 0.0),
        _ => return None,
    })
}

fn temperature(arguments: &[Value]) -> Value {
    let degrees = degree(arguments.text(1)).zip(degree(arguments.text(2)));
    real(
        arguments
            .real(0)
            .zip(degrees)
            .map(|(value, (from, to))| (value * from.0 + from.1 - to.1) / to.0),
    )
}

#[cfg(test)]
mod tests {
    use super::super::dynamics::tests::call;
    use super::*;

    #[test]
    fn conversions_as_documented() {
        for (function, value, from, to, expected) in [
            ("convert_angle", 1.2, "Degree", "Arcminute", 72.0),
            ("convert_energy", 1.2, "Joule", "BritishThermalUnit", 0.001_137_380_5),
            ("convert_force", 1.2, "Newton", "Decanewton", 0.12),
            ("convert_length", 1.2, "Meter", "Foot", 3.937_007_874),
            ("convert_mass", 1.2, "Kilogram", "Pound", 2.645_547_146),
            ("convert_speed", 1.2, "MeterPerSecond", "CentimeterPerHour", 432_000.0),
            ("convert_speed", 1.0, "Knot", "KilometerPerHour", 1.852),
            ("convert_temperature", 1.2, "Kelvin", "DegreeCelsius", -271.95),
            ("convert_temperature", 212.0, "DegreeFahrenheit", "DegreeDelisle", 0.0),
            ("convert_temperature", 60.0, "DegreeRoemer", "DegreeNewton", 33.0),
            ("convert_volume", 1.2, "CubicMeter", "AcreFoot", 0.000_972_856_8),
            ("convert_volume", 1.0, "UsGallon", "UsCustomaryCup", 16.0),
        ] {
            let texts = [from, to].map(|unit| Value::String(unit.to_owned()));
            let [first, second] = texts;
            let given = [call(function, &[Value::Real(value), first, second])].real(0);
            let given = given.unwrap_or(f64::NAN);
            assert!(
                (given - expected).abs() <= 1e-6 * expected.abs().max(1e-6),
                "{function} {from} {to}: {given}"
            );
        }
        let unknown = ["Meter", "Parrot"].map(|unit| Value::String(unit.to_owned()));
        let [from, to] = unknown;
        assert_eq!(call("convert_length", &[Value::Real(1.0), from, to]), Value::Null);
    }

    #[test]
    fn no_unit_is_named_twice() {
        for scale in [ANGLE, ENERGY, FORCE, LENGTH, MASS, SPEED_DISTANCE, SPEED_TIME, VOLUME] {
            for (place, (name, _)) in scale.iter().enumerate() {
                assert!(scale.iter().skip(place + 1).all(|(other, _)| other != name), "{name}");
            }
        }
    }
}
