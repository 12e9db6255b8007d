//! Geohashes.
//!
//! <https://learn.microsoft.com/kusto/query/geo-point-to-geohash-function>

use super::super::arguments::{Arguments, array, bag_of, text};
use super::super::{Accepts, Function, Type, Value};
use crate::kql::Dynamic;

const REAL: Accepts = Accepts::Only(Type::Real);
const STRING: Accepts = Accepts::Only(Type::String);

/// The functions.
pub(in super::super) const FUNCTIONS: &[Function] = &[
    Function::define(
        "geo_point_to_geohash",
        &[REAL, REAL, Accepts::Only(Type::Long)],
        Type::String,
        |arguments| Value::String(of_point(arguments).unwrap_or_default()),
    )
    .with_optional(1),
    Function::define("geo_geohash_to_central_point", &[STRING], Type::Dynamic, |arguments| {
        cell(arguments.text(0)).map_or(Value::Null, |cell| {
            let middle = cell.map(|[low, high]| Dynamic::Real(f64::midpoint(low, high)));
            Value::Dynamic(shape("Point", Dynamic::Array(middle.into())))
        })
    }),
    Function::define("geo_geohash_to_polygon", &[STRING], Type::Dynamic, |arguments| {
        cell(arguments.text(0)).map_or(Value::Null, |[[west, east], [south, north]]| {
            let corners =
                [[west, south], [east, south], [east, north], [west, north], [west, south]];
            let corners = corners.map(|corner| Dynamic::Array(corner.map(Dynamic::Real).into()));
            let ring = Dynamic::Array(corners.into());
            Value::Dynamic(shape("Polygon", Dynamic::Array(vec![ring])))
        })
    }),
    Function::define("geo_geohash_neighbors", &[STRING], Type::Dynamic, |arguments| {
        neighbours(arguments.text(0)).map_or(Value::Null, array)
    }),
];

/// The letters of a geohash, each worth its place.
const LETTERS: &[u8; 32] = b"0123456789bcdefghjkmnpqrstuvwxyz";

/// The longest geohash.
const MOST_LETTERS: usize = 18;

/// The whole of Earth, from west to east and from south to north.
const EARTH: [[f64; 2]; 2] = [[-180.0, 180.0], [-90.0, 90.0]];

/// Where neighbours lie, in steps to the east and to the north, in the order in which they are given.
const AROUND: [[f64; 2]; 8] = [
    [-1.0, -1.0],
    [-1.0, 1.0],
    [1.0, -1.0],
    [0.0, 1.0],
    [-1.0, 0.0],
    [1.0, 1.0],
    [1.0, 0.0],
    [0.0, -1.0],
];

fn shape(r#type: &str, coordinates: Dynamic) -> Dynamic {
    bag_of([("type", text(r#type)), ("coordinates", coordinates)])
}

/// The geohash of a point, of as many letters as the third argument says; 5 if it is left out.
fn of_point(arguments: &[Value]) -> Option<String> {
    let letters = if arguments.len() > 2 { usize::try_from(arguments.long(2)?).ok()? } else { 5 };
    written([arguments.real(0)?, arguments.real(1)?], letters)
}

/// The geohashes around one: around the Earth, and none beyond a pole.
fn neighbours(geohash: &str) -> Option<Vec<Dynamic>> {
    let [[west, east], [south, north]] = cell(geohash)?;
    let neighbour = |[to_east, to_north]: [f64; 2]| {
        let longitude = f64::midpoint(west, east) + to_east * (east - west);
        let latitude = f64::midpoint(south, north) + to_north * (north - south);
        let around = (longitude + 180.0).rem_euclid(360.0) - 180.0;
        written([around, latitude], geohash.len()).map(text)
    };
    Some(AROUND.into_iter().filter_map(neighbour).collect())
}

/// The geohash of so many letters in which a point lies.
fn written(point: [f64; 2], letters: usize) -> Option<String> {
    let is_on_earth =
        EARTH.iter().zip(point).all(|([low, high], degrees)| (*low..=*high).contains(&degrees));
    if !is_on_earth || !(1..=MOST_LETTERS).contains(&letters) {
        return None;
    }
    let [mut longitude, mut latitude] = EARTH;
    let mut is_of_longitude = true;
    let mut halve = || {
        let ([low, high], degrees) =
            if is_of_longitude { (&mut longitude, point[0]) } else { (&mut latitude, point[1]) };
        is_of_longitude = !is_of_longitude;
        let middle = f64::midpoint(*low, *high);
        let is_upper = degrees >= middle;
        *(if is_upper { low } else { high }) = middle;
        usize::from(is_upper)
    };
    let geohash = (0..letters).map(|_| {
        let place = (0..5).fold(0, |place, _| place * 2 + halve());
        char::from(LETTERS.get(place).copied().unwrap_or(b'0'))
    });
    Some(geohash.collect())
}

/// What a geohash covers, from west to east and from south to north.
fn cell(geohash: &str) -> Option<[[f64; 2]; 2]> {
    if !(1..=MOST_LETTERS).contains(&geohash.len()) {
        return None;
    }
    let mut cell = EARTH;
    let mut axes = [0, 1].into_iter().cycle();
    for letter in geohash.bytes() {
        let place = LETTERS.iter().position(|known| *known == letter.to_ascii_lowercase())?;
        for bit in (0..5).rev() {
            let [low, high] = cell.get_mut(axes.next()?)?;
            let middle = f64::midpoint(*low, *high);
            *(if place >> bit & 1 == 1 { low } else { high }) = middle;
        }
    }
    Some(cell)
}

#[cfg(test)]
mod tests {
    use super::super::super::dynamics::tests::check;

    #[test]
    fn geohashes_as_documented() {
        check(&[
            ("geo_point_to_geohash", &["-80.195829", "25.802215", "8"], "\"dhwfz15h\""),
            ("geo_point_to_geohash", &["-122.303404", "47.570482"], "\"c23n8\""),
            ("geo_point_to_geohash", &["-122.278156", "47.566936"], "\"c23n9\""),
            ("geo_point_to_geohash", &["200", "1", "8"], "\"\""),
            ("geo_point_to_geohash", &["1", "1", "null"], "\"\""),
            (
                "geo_geohash_to_central_point",
                &["\"sunny\""],
                r#"{"type":"Point","coordinates":[42.47314453125,23.70849609375]}"#,
            ),
            ("geo_geohash_to_central_point", &["\"a\""], "null"),
            (
                "geo_geohash_neighbors",
                &["\"sunny\""],
                r#"["sunnt","sunpj","sunnx","sunpn","sunnv","sunpp","sunnz","sunnw"]"#,
            ),
            ("geo_geohash_neighbors", &["\"b\""], r#"["x","9","z","c","8"]"#),
            ("geo_geohash_neighbors", &["\"a\""], "null"),
            (
                "geo_geohash_to_polygon",
                &["\"dr5ru\""],
                r#"{"type":"Polygon","coordinates":[[[-74.00390625,40.7373046875],[-73.9599609375,40.7373046875],[-73.9599609375,40.78125],[-74.00390625,40.78125],[-74.00390625,40.7373046875]]]}"#,
            ),
        ]);
    }
}
