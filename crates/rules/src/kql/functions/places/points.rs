//! How points lie to one another.

use super::super::arguments::{Arguments, bool, real};
use super::super::{Accepts, Function, Type, Value};
use super::point::Point;

const REAL: Accepts = Accepts::Only(Type::Real);

/// The functions. Points that are not on Earth give a null.
pub(in super::super) const FUNCTIONS: &[Function] = &[
    Function::define("geo_distance_2points", &[REAL; 4], Type::Real, |arguments| {
        real(pair(arguments).map(|(from, to)| from.distance(to)))
    }),
    Function::define("geo_azimuth", &[REAL; 4], Type::Real, |arguments| {
        real(pair(arguments).and_then(|(from, to)| from.azimuth(to)))
    }),
    Function::define("geo_angle", &[REAL; 6], Type::Real, |arguments| real(angle(arguments))),
    Function::define("geo_point_in_circle", &[REAL; 5], Type::Bool, |arguments| {
        let radius = arguments.real(4).filter(|radius| *radius >= 0.0);
        bool(
            pair(arguments)
                .zip(radius)
                .map(|((point, middle), radius)| middle.distance(point) <= radius),
        )
    }),
];

fn pair(arguments: &[Value]) -> Option<(Point, Point)> {
    Some((Point::at(arguments, 0)?, Point::at(arguments, 2)?))
}

/// Radians, clockwise, from the way back to the first point to the way on to the third, at the second.
fn angle(arguments: &[Value]) -> Option<f64> {
    let (from, at) = pair(arguments)?;
    let to = Point::at(arguments, 4)?;
    let is_opposite = |other: Point| at.distance(other) >= Point::FARTHEST;
    if is_opposite(from) || is_opposite(to) {
        return None;
    }
    Some((at.azimuth(to)? - at.azimuth(from)?).rem_euclid(std::f64::consts::TAU))
}

#[cfg(test)]
mod tests {
    use super::super::super::dynamics::tests::{call, check};
    use super::*;

    #[test]
    fn points_as_documented() {
        check(&[
            (
                "geo_point_in_circle",
                &["-122.143564", "47.535677", "-122.100896", "47.527351", "3500"],
                "true",
            ),
            (
                "geo_point_in_circle",
                &["-122.137575", "47.630683", "-122.100896", "47.527351", "3500"],
                "false",
            ),
            ("geo_point_in_circle", &["200", "1", "1", "1", "1"], "null"),
            ("geo_point_in_circle", &["1", "1", "1", "1", "-1"], "null"),
            ("geo_azimuth", &["5", "10", "5", "10"], "null"),
            ("geo_distance_2points", &["300", "1", "1", "1"], "null"),
        ]);
        let turn = [0.0, 10.0, 0.0, 5.0, 3.0, -10.0].map(Value::Real);
        let turn = [call("geo_angle", &turn)].real(0).unwrap_or(f64::NAN);
        assert!((turn - 2.944_938_434_068_82).abs() < 1e-9, "{turn}");
        check(&[
            ("geo_angle", &["0", "10", "0", "10", "3", "-10"], "null"),
            ("geo_angle", &["0", "0", "180", "0", "3", "-10"], "null"),
        ]);
        let number = |name: &str, degrees: [f64; 4]| {
            [call(name, &degrees.map(Value::Real))].real(0).unwrap_or(f64::NAN)
        };
        let azimuth = number("geo_azimuth", [5.0, 10.0, 10.0, -40.0]);
        assert!((azimuth - 3.054_599_397_964_49).abs() < 1e-9, "{azimuth}");
        let distance = number("geo_distance_2points", [0.0, 0.0, 0.0, 90.0]);
        assert!((distance - 10_007_559.1).abs() < 0.1, "a quarter of the way around: {distance}");
    }
}
