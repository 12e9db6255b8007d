//! The range's only source of chance: a seeded generator that gives the same numbers everywhere.
//!
//! It is SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators",
//! OOPSLA 2014): small, documented, and good enough for timings and sizes. It must never be used
//! for anything secret.
//!
//! Streams are split by label, not by order: each activity on each host draws from a stream of its
//! own, so adding one activity to a scenario leaves the records of the others alone. Only the
//! operations that IEEE 754 rounds exactly are used on fractions (no logarithm, no sine), so that a
//! seed gives the same bytes on every platform.

use std::ops::RangeInclusive;

/// A stream of pseudo-random numbers.
#[derive(Clone, Debug)]
pub struct Random {
    state: u64,
}

impl Random {
    /// The stream of a seed.
    pub fn new(seed: u64) -> Random {
        Random { state: mix(seed) }
    }

    /// A stream that depends on this one's seed and the label, and on nothing drawn from either.
    pub fn fork(&self, label: &str) -> Random {
        let mut hash = 0xCBF2_9CE4_8422_2325_u64;
        for byte in label.bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3);
        }
        Random { state: mix(self.state ^ mix(hash)) }
    }

    /// Any number, all equally likely.
    pub fn number(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix(self.state)
    }

    /// A fraction in `0.0..1.0`.
    pub fn fraction(&mut self) -> f64 {
        (self.number() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// True with that probability.
    pub fn chance(&mut self, probability: f64) -> bool {
        self.fraction() < probability
    }

    /// A number of the range, all equally likely up to a bias of less than one in 2⁵³ per value.
    pub fn between(&mut self, range: &RangeInclusive<u64>) -> u64 {
        spread(range, self.fraction())
    }

    /// A number of the range, small ones far likelier: sizes of web answers are like that.
    pub fn skewed(&mut self, range: &RangeInclusive<u64>) -> u64 {
        let fraction = self.fraction();
        spread(range, fraction * fraction * fraction)
    }

    /// A heavy-tailed factor with mean 1, the pauses of people: Pareto of the second kind with
    /// shape 2 (Barabási, "The origin of bursts and heavy tails in human dynamics", 2005), cut at
    /// 12 so that nobody leaves for the day in mid-morning.
    pub fn pause(&mut self) -> f64 {
        let remaining = 1.0 - self.fraction();
        (1.0 / remaining.sqrt() - 1.0).min(12.0)
    }

    /// One of the items, the first ones likelier; none of an empty slice.
    pub fn favourite<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        let fraction = self.fraction();
        items.get((fraction * fraction * items.len() as f64) as usize)
    }

    /// That many hexadecimal digits, lower case.
    pub fn hexadecimal(&mut self, digits: usize) -> String {
        self.text(digits, b"0123456789abcdef")
    }

    /// That many characters of the alphabet.
    pub fn text(&mut self, length: usize, alphabet: &[u8]) -> String {
        let mut text = String::with_capacity(length);
        for _ in 0..length {
            let index = (self.fraction() * alphabet.len() as f64) as usize;
            if let Some(byte) = alphabet.get(index) {
                text.push(char::from(*byte));
            }
        }
        text
    }
}

/// The number that lies at a fraction of the range.
fn spread(range: &RangeInclusive<u64>, fraction: f64) -> u64 {
    let width = range.end().saturating_sub(*range.start()).saturating_add(1);
    range.start().saturating_add((fraction * width as f64) as u64).min(*range.end())
}

/// The finaliser of SplitMix64.
fn mix(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    number ^ (number >> 31)
}

#[cfg(test)]
mod tests {
    use super::Random;

    /// The first outputs of the reference implementation for state 1234567.
    #[test]
    fn it_is_splitmix64() {
        let mut random = Random { state: 1_234_567 };
        assert_eq!(random.number(), 6_457_827_717_110_365_317);
        assert_eq!(random.number(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn streams_depend_on_their_label_only() {
        let mut root = Random::new(1);
        let before = root.fork("a").number();
        root.number();
        assert_ne!(root.fork("a").number(), root.fork("b").number());
        assert_eq!(before, Random::new(1).fork("a").number());
    }

    #[test]
    fn draws_stay_in_their_range() {
        let mut random = Random::new(7);
        for _ in 0..10_000 {
            assert!((3..=5).contains(&random.between(&(3..=5))));
            assert!((100..=9000).contains(&random.skewed(&(100..=9000))));
            assert!((0.0..=12.0).contains(&random.pause()));
        }
        assert_eq!(random.between(&(4..=4)), 4);
    }

    #[test]
    fn pauses_average_less_than_their_scale_and_have_a_tail() {
        let mut random = Random::new(7);
        let pauses: Vec<f64> = (0..10_000).map(|_| random.pause()).collect();
        let mean = pauses.iter().sum::<f64>() / pauses.len() as f64;
        assert!((0.7..1.0).contains(&mean), "{mean}");
        assert!(pauses.iter().any(|pause| *pause > 10.0));
    }
}
