//! Places on Earth, by longitude and latitude in degrees.
//!
//! The cells of S2 and H3 are not known here, nor is what cuts polygons and lines or joins them.
//!
//! <https://learn.microsoft.com/kusto/query/geospatial-grid-systems>

pub mod geography;
pub(super) mod geohash;
mod point;
pub(super) mod points;
pub(super) mod shapes;
