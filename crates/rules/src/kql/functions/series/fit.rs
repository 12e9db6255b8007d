//! Lines through a series.

use indexmap::IndexMap;

use super::super::arguments::{array, bag, bag_of};
use super::super::{Accepts, Function, Type, Value};
use super::{complete, numbers, real};
use crate::kql::Dynamic;

const DYNAMIC: Accepts = Accepts::Only(Type::Dynamic);

/// The functions.
pub(in super::super) const FUNCTIONS: &[Function] = &[
    Function::define("series_fit_line", &[DYNAMIC], Type::Dynamic, |arguments| {
        let values = fit_line(arguments).map(|(_, value)| value);
        array(values.into())
    }),
    Function::define("series_fit_line_dynamic", &[DYNAMIC], Type::Dynamic, |arguments| {
        bag(IndexMap::from(fit_line(arguments).map(|(name, value)| (name.to_owned(), value))))
    }),
    Function::define("series_fit_2lines", &[DYNAMIC], Type::Dynamic, |arguments| {
        let (whole, right, left) = fit_2lines(arguments);
        let values = whole.into_iter().chain(right).chain(left).map(|(_, value)| value);
        array(values.collect())
    }),
    Function::define("series_fit_2lines_dynamic", &[DYNAMIC], Type::Dynamic, |arguments| {
        let (whole, right, left) = fit_2lines(arguments);
        let sides = [("right", bag_of(right)), ("left", bag_of(left))];
        let named = whole.into_iter().chain(sides).map(|(name, value)| (name.to_owned(), value));
        bag(named.collect())
    }),
];

/// The straight line that is nearest to numbers at places from 0 on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    pub(super) slope: f64,
    pub(super) interception: f64,
    /// The sum of squares of the distances from the mean.
    squares: f64,
    /// The same from the line.
    residual_squares: f64,
    count: f64,
}

impl Line {
    /// The line at that place.
    pub(super) fn at(&self, place: usize) -> f64 {
        self.slope * place as f64 + self.interception
    }

    /// The line through numbers.
    pub(super) fn of(numbers: &[f64]) -> Line {
        Sums::of(numbers).line(0, numbers.len())
    }

    /// The line one place before the first, which is place 1 to whoever asks for the interception.
    fn interception_before(&self) -> f64 {
        self.interception - self.slope
    }

    fn variance(&self) -> f64 {
        self.squares / (self.count - 1.0)
    }

    fn residual_variance(&self) -> f64 {
        self.residual_squares / (self.count - 1.0)
    }

    /// How much of the variance the line explains.
    fn r_square(&self) -> f64 {
        if self.squares > 0.0 { 1.0 - self.residual_squares / self.squares } else { 1.0 }
    }

    fn side(&self) -> [(&'static str, Dynamic); 5] {
        [
            ("rsquare", real(self.r_square())),
            ("slope", real(self.slope)),
            ("interception", real(self.interception_before())),
            ("variance", real(self.variance())),
            ("rvariance", real(self.residual_variance())),
        ]
    }
}

/// Sums up to each place, of which the line through any part is computed at once.
struct Sums {
    /// The number, the number by its place, and the number by itself, less the mean of all.
    up_to: Vec<[f64; 3]>,
    mean: f64,
}

impl Sums {
    fn of(numbers: &[f64]) -> Sums {
        let mean = super::mean(numbers);
        let mut sum = [0.0; 3];
        let mut up_to = vec![sum];
        for (place, number) in numbers.iter().enumerate() {
            let number = number - mean;
            let terms = [number, number * place as f64, number * number];
            sum.iter_mut().zip(terms).for_each(|(sum, term)| *sum += term);
            up_to.push(sum);
        }
        Sums { up_to, mean }
    }

    /// The line through the numbers from one place to before the other; its own places begin at 0.
    fn line(&self, begin: usize, end: usize) -> Line {
        let at = |place: usize| self.up_to.get(place).copied().unwrap_or_default();
        let ([y0, xy0, yy0], [y1, xy1, yy1]) = (at(begin), at(end));
        let count = (end - begin) as f64;
        let (y, yy) = (y1 - y0, yy1 - yy0);
        let xy = (xy1 - xy0) - begin as f64 * y;
        let x_mean = (count - 1.0) / 2.0;
        let x_squares = count * (count * count - 1.0) / 12.0;
        let slope = if count > 1.0 { (xy - x_mean * y) / x_squares } else { 0.0 };
        let squares = (yy - y * y / count).max(0.0);
        let residual_squares = (squares - slope * slope * x_squares).max(0.0);
        let interception = y / count - slope * x_mean + self.mean;
        Line { slope, interception, squares, residual_squares, count }
    }
}

fn fit_line(arguments: &[Value]) -> [(&'static str, Dynamic); 6] {
    let series = complete(arguments, 0).filter(|series| series.len() > 1);
    let line = series.as_deref().map(Line::of);
    let part = |of: fn(&Line) -> f64| line.as_ref().map_or(Dynamic::Null, |line| real(of(line)));
    let fitted = |line: &Line| numbers((0..line.count as usize).map(|place| line.at(place)));
    [
        ("rsquare", part(Line::r_square)),
        ("slope", part(|line| line.slope)),
        ("variance", part(Line::variance)),
        ("rvariance", part(Line::residual_variance)),
        ("interception", part(Line::interception_before)),
        ("line_fit", line.as_ref().map_or(Dynamic::Null, fitted)),
    ]
}

type Part<const N: usize> = [(&'static str, Dynamic); N];

/// The whole, the side right of the best place to split, and the left side.
fn fit_2lines(arguments: &[Value]) -> (Part<5>, Part<5>, Part<5>) {
    let series = complete(arguments, 0).unwrap_or_default();
    let sums = Sums::of(&series);
    let residual = |split: usize| {
        let (left, right) = (sums.line(0, split), sums.line(split, series.len()));
        left.residual_squares + right.residual_squares
    };
    let best = (2..series.len().saturating_sub(1))
        .map(|split| (split, residual(split)))
        .reduce(|best, split| if split.1 < best.1 { split } else { best });
    let Some((split, residual_squares)) = best else {
        let names = ["rsquare", "slope", "interception", "variance", "rvariance"];
        let whole = ["rsquare", "split_idx", "variance", "rvariance", "line_fit"];
        let nothing = |names: [&'static str; 5]| names.map(|name| (name, Dynamic::Null));
        return (nothing(whole), nothing(names), nothing(names));
    };
    let (left, right) = (sums.line(0, split), sums.line(split, series.len()));
    let whole = Line { residual_squares, ..sums.line(0, series.len()) };
    let line_fit = (0..split).map(|place| left.at(place));
    let line_fit = line_fit.chain((split..series.len()).map(|place| right.at(place - split)));
    let parts = [
        ("rsquare", real(whole.r_square())),
        ("split_idx", Dynamic::Long(split as i64)),
        ("variance", real(whole.variance())),
        ("rvariance", real(whole.residual_variance())),
        ("line_fit", numbers(line_fit)),
    ];
    (parts, right.side(), left.side())
}

#[cfg(test)]
mod tests {
    use super::super::tests::check_near;

    #[test]
    fn a_line_as_documented() {
        check_near(&[
            (
                "series_fit_line",
                &["[2,5,6,8,11,15,17,18,25,26,30,30]"],
                "[0.983,2.731,98.629,1.686,-1.667,\
                 [1.064,3.795,6.526,9.256,11.987,14.718,17.449,20.179,22.91,25.641,28.372,31.103]]",
            ),
            ("series_fit_line", &["[1]"], "[null,null,null,null,null,null]"),
            (
                "series_fit_line_dynamic",
                &["[1,3]"],
                r#"{"rsquare":1.0,"slope":2.0,"variance":2.0,"rvariance":0.0,"interception":-1.0,"line_fit":[1.0,3.0]}"#,
            ),
        ]);
    }

    #[test]
    fn two_lines_meet_where_the_series_turns() {
        check_near(&[
            (
                "series_fit_2lines",
                &["[0,1,2,3,2,0,-2]"],
                "[1.0,4,2.81,0.0,[0.0,1.0,2.0,3.0,2.0,0.0,-2.0],1.0,-2.0,4.0,4.0,0.0,1.0,1.0,-1.0,1.667,0.0]",
            ),
            (
                "series_fit_2lines",
                &["[1,2,3]"],
                "[null,null,null,null,null,null,null,null,null,null,null,null,null,null,null]",
            ),
        ]);
    }
}
