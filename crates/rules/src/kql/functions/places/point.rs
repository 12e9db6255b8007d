//! A point on the sphere.

use super::super::Value;
use super::super::arguments::{Arguments, number};
use crate::kql::Dynamic;

/// Metres from the middle of the Earth, on average.
const RADIUS: f64 = 6_371_010.0;

/// A point on the sphere, in radians.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Point {
    longitude: f64,
    latitude: f64,
}

impl Point {
    /// Metres to the opposite side of the Earth; but for what is lost in rounding.
    pub(super) const FARTHEST: f64 = RADIUS * std::f64::consts::PI - 1e-3;

    /// The point of degrees; nothing if there is none.
    pub(super) fn of(longitude: f64, latitude: f64) -> Option<Point> {
        let is_on_earth =
            (-180.0..=180.0).contains(&longitude) && (-90.0..=90.0).contains(&latitude);
        is_on_earth
            .then(|| Point { longitude: longitude.to_radians(), latitude: latitude.to_radians() })
    }

    /// The point that two arguments say.
    pub(super) fn at(arguments: &[Value], place: usize) -> Option<Point> {
        Point::of(arguments.real(place)?, arguments.real(place + 1)?)
    }

    /// The point that a position of GeoJSON is.
    pub(super) fn of_position(position: &Dynamic) -> Option<Point> {
        let Dynamic::Array(position) = position else { return None };
        Point::of(number(position.first()?)?, number(position.get(1)?)?)
    }

    /// Metres to another point, by the shortest way.
    pub(super) fn distance(self, other: Point) -> f64 {
        let half = |difference: f64| (difference / 2.0).sin().powi(2);
        let across =
            self.latitude.cos() * other.latitude.cos() * half(other.longitude - self.longitude);
        let haversine = half(other.latitude - self.latitude) + across;
        2.0 * RADIUS * haversine.sqrt().min(1.0).asin()
    }

    /// Radians from north, clockwise, in which the other point lies.
    pub(super) fn azimuth(self, other: Point) -> Option<f64> {
        let across = other.longitude - self.longitude;
        let east = across.sin() * other.latitude.cos();
        let north = self.latitude.cos() * other.latitude.sin()
            - self.latitude.sin() * other.latitude.cos() * across.cos();
        (self != other).then(|| east.atan2(north).rem_euclid(std::f64::consts::TAU))
    }

    /// Where on the unit sphere it is.
    pub(super) fn vector(self) -> [f64; 3] {
        let (latitude_sine, latitude_cosine) = self.latitude.sin_cos();
        let (longitude_sine, longitude_cosine) = self.longitude.sin_cos();
        [latitude_cosine * longitude_cosine, latitude_cosine * longitude_sine, latitude_sine]
    }
}

/// The vector that stands upright on both.
pub(super) fn cross(left: [f64; 3], right: [f64; 3]) -> [f64; 3] {
    let ([a, b, c], [x, y, z]) = (left, right);
    [b * z - c * y, c * x - a * z, a * y - b * x]
}

/// How far one goes along the other.
pub(super) fn dot(left: [f64; 3], right: [f64; 3]) -> f64 {
    left.iter().zip(right).map(|(left, right)| left * right).sum()
}
