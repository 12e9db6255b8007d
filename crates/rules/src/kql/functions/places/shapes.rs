//! Lines and polygons, as GeoJSON says them; their edges are the shortest ways between points.
//!
//! <https://learn.microsoft.com/kusto/query/geo-point-in-polygon-function>

use super::super::arguments::{Arguments, bool, real};
use super::super::{Accepts, Function, Type, Value};
use super::point::{Point, cross, dot};
use crate::kql::Dynamic;

const REAL: Accepts = Accepts::Only(Type::Real);
const DYNAMIC: Accepts = Accepts::Only(Type::Dynamic);

/// The functions.
pub(in super::super) const FUNCTIONS: &[Function] = &[
    Function::define("geo_point_in_polygon", &[REAL, REAL, DYNAMIC], Type::Bool, |arguments| {
        let point = Point::at(arguments, 0);
        bool(
            point
                .zip(polygons(arguments.at(2)))
                .map(|(point, polygons)| polygons.iter().any(|polygon| is_in(point, polygon))),
        )
    }),
    Function::define("geo_line_length", &[DYNAMIC], Type::Real, |arguments| {
        real(lines(arguments.at(0)).map(|lines| lines.iter().map(|line| length(line)).sum()))
    }),
    Function::define("geo_polygon_perimeter", &[DYNAMIC], Type::Real, |arguments| {
        let polygons = polygons(arguments.at(0));
        real(polygons.map(|polygons| polygons.iter().flatten().map(|ring| length(ring)).sum()))
    }),
];

/// A shell, then the holes in it; the first point of each is also its last.
type Polygon = Vec<Vec<Point>>;

/// The kind of a shape and its coordinates.
fn shape(value: &Value) -> Option<(&str, &[Dynamic])> {
    let Value::Dynamic(Dynamic::Bag(shape)) = value else { return None };
    match (shape.get("type")?, shape.get("coordinates")?) {
        (Dynamic::String(kind), Dynamic::Array(coordinates)) => Some((kind, coordinates)),
        _ => None,
    }
}

fn polygons(value: &Value) -> Option<Vec<Polygon>> {
    match shape(value)? {
        ("Polygon", rings) => Some(vec![polygon(rings)?]),
        ("MultiPolygon", polygons) if !polygons.is_empty() => {
            polygons.iter().map(|rings| polygon(elements(rings)?)).collect()
        }
        _ => None,
    }
}

fn polygon(rings: &[Dynamic]) -> Option<Polygon> {
    let rings: Option<Polygon> = rings.iter().map(|ring| self::ring(elements(ring)?)).collect();
    rings.filter(|rings| !rings.is_empty())
}

/// A ring of at least three points, no two of which that follow each other are one.
fn ring(positions: &[Dynamic]) -> Option<Vec<Point>> {
    let points: Option<Vec<Point>> = positions.iter().map(Point::of_position).collect();
    let is_ring = |points: &Vec<Point>| {
        points.len() > 3
            && points.first() == points.last()
            && points.windows(2).all(|pair| pair.first() != pair.last())
    };
    points.filter(is_ring)
}

fn lines(value: &Value) -> Option<Vec<Vec<Point>>> {
    match shape(value)? {
        ("LineString", positions) => Some(vec![line(positions)?]),
        ("MultiLineString", lines) if !lines.is_empty() => {
            lines.iter().map(|positions| line(elements(positions)?)).collect()
        }
        _ => None,
    }
}

fn line(positions: &[Dynamic]) -> Option<Vec<Point>> {
    let points: Option<Vec<Point>> = positions.iter().map(Point::of_position).collect();
    points.filter(|points| points.len() > 1)
}

fn elements(dynamic: &Dynamic) -> Option<&[Dynamic]> {
    match dynamic {
        Dynamic::Array(elements) => Some(elements),
        _ => None,
    }
}

fn length(points: &[Point]) -> f64 {
    points.windows(2).filter_map(|pair| Some(pair.first()?.distance(*pair.last()?))).sum()
}

fn is_in(point: Point, polygon: &Polygon) -> bool {
    let Some((shell, holes)) = polygon.split_first() else { return false };
    goes_around(shell, point) && !holes.iter().any(|hole| goes_around(hole, point))
}

/// Whether the angles under which a point sees the edges of a ring add up to a full turn. The side that is
/// smaller than half the Earth is the inside.
fn goes_around(ring: &[Point], point: Point) -> bool {
    let from = point.vector();
    let turns = ring.windows(2).filter_map(|pair| {
        let (begin, end) = (pair.first()?.vector(), pair.last()?.vector());
        // Both as seen from the point, in the plane that touches the sphere there.
        let (begin, end) = (cross(from, begin), cross(from, end));
        Some(dot(from, cross(begin, end)).atan2(dot(begin, end)))
    });
    turns.sum::<f64>().abs() > std::f64::consts::PI
}

#[cfg(test)]
mod tests {
    use super::super::super::dynamics::tests::{call, check, dynamic};
    use super::*;

    #[test]
    fn points_are_in_polygons_or_not() {
        let square = r#"{"type":"Polygon","coordinates":[[[0,0],[10,0],[10,10],[0,10],[0,0]],[[4,4],[6,4],[6,6],[4,6],[4,4]]]}"#;
        let two = r#"{"type":"MultiPolygon","coordinates":[[[[0,0],[1,0],[1,1],[0,0]]],[[[20,20],[22,20],[22,22],[20,20]]]]}"#;
        check(&[
            ("geo_point_in_polygon", &["1", "1", square], "true"),
            ("geo_point_in_polygon", &["5", "5", square], "false"),
            ("geo_point_in_polygon", &["-1", "1", square], "false"),
            ("geo_point_in_polygon", &["-175", "-5", square], "false"),
            ("geo_point_in_polygon", &["21.5", "20.5", two], "true"),
            ("geo_point_in_polygon", &["10", "10", two], "false"),
            ("geo_point_in_polygon", &["200", "1", square], "null"),
            (
                "geo_point_in_polygon",
                &["1", "1", r#"{"type":"Polygon","coordinates":[[[0,0],[10,10],[10,10],[0,0]]]}"#],
                "null",
            ),
            ("geo_point_in_polygon", &["1", "1", r#"{"type":"Polygon"}"#], "null"),
        ]);
    }

    #[test]
    fn lengths_are_in_metres() {
        let park = r#"{"type":"Polygon","coordinates":[[[-73.9495,40.7969],[-73.95807266235352,40.80068603561921],[-73.98201942443848,40.76825672305777],[-73.97317886352539,40.76455136505513],[-73.9495,40.7969]]]}"#;
        let perimeter =
            [call("geo_polygon_perimeter", &[dynamic(park)])].real(0).unwrap_or(f64::NAN);
        assert!((perimeter - 9_930.301_496_049_38).abs() < 1e-3, "{perimeter}");
        let line = r#"{"type":"LineString","coordinates":[[0,0],[0,90]]}"#;
        let length = [call("geo_line_length", &[dynamic(line)])].real(0).unwrap_or(f64::NAN);
        assert!((length - 10_007_559.1).abs() < 0.1, "{length}");
        assert_eq!(
            call("geo_line_length", &[dynamic(r#"{"type":"LineString","coordinates":[[1,1]]}"#)]),
            Value::Null
        );
    }
}
