//! Names per second of the catalogue, beside those of a public suffix list.
//!
//! The list is the yardstick because each tool of this trade looks names up in one, and because it
//! answers a simpler question: where the registrable domain begins, not whose function it is. Both
//! see the same names in the same run, in turns, so that a busy machine slows both.

use std::hint::black_box;
use std::time::{Duration, Instant};

use anyhow::ensure;
use coldtrail_catalogue::{Catalogue, Role};

const NAMES: usize = 1_000_000;
const ROUNDS: usize = 5;

/// One name in so many belongs to a platform, which is more than a busy network shows.
const ONE_SERVERLESS_IN: usize = 100;

/// Measures both and prints them with their ratio.
///
/// # Errors
///
/// If the catalogue does not find the platforms among the names.
#[expect(clippy::print_stdout, reason = "the measurement is this command's output")]
pub(crate) fn run() -> anyhow::Result<()> {
    let catalogue = Catalogue::builtin();
    let names = names(catalogue);

    let found = names.iter().filter(|name| catalogue.lookup(name).is_some()).count();
    let expected = names.len() / ONE_SERVERLESS_IN;
    ensure!(found >= expected * 8 / 10, "only {found} of about {expected} platforms were found");

    let mut ours = Duration::MAX;
    let mut list = Duration::MAX;
    for _ in 0..ROUNDS {
        ours = ours.min(time(&names, |name| catalogue.lookup(name).is_some()));
        list = list.min(time(&names, |name| psl::domain(name.as_bytes()).is_some()));
    }

    let per_second = |elapsed: Duration| names.len() as f64 / elapsed.as_secs_f64();
    let rows = [("catalogue lookup", ours), ("public suffix list", list)];
    println!("{} names, {found} on a platform, best of {ROUNDS} rounds", names.len());
    for (what, elapsed) in rows {
        println!("{what:<20} {:>12.0} names/s", per_second(elapsed));
    }
    println!("ratio {:.2} (above 1: the catalogue is faster)", per_second(ours) / per_second(list));
    Ok(())
}

fn time(names: &[String], look_up: impl Fn(&str) -> bool) -> Duration {
    let start = Instant::now();
    for name in names {
        black_box(look_up(black_box(name)));
    }
    start.elapsed()
}

/// The same names in every run: ordinary ones of varied depth, and now and then an example of one
/// of the catalogue's patterns, all of them in turn.
fn names(catalogue: &Catalogue) -> Vec<String> {
    let patterns: Vec<&str> = catalogue
        .entries()
        .filter(|entry| matches!(entry.role, Role::Endpoint(_)) && !entry.path_required)
        .flat_map(|entry| entry.hosts.iter().map(String::as_str))
        .collect();
    let mut patterns = patterns.into_iter().cycle();
    let mut random = Random(0xC01D_7A11);
    let mut name = |number: usize| match patterns.next() {
        Some(pattern) if number.is_multiple_of(ONE_SERVERLESS_IN) => example(pattern, &mut random),
        _ => ordinary(&mut random),
    };
    (0..NAMES).map(&mut name).collect()
}

/// A name such as resolvers see all day.
fn ordinary(random: &mut Random) -> String {
    const ENDS: [&str; 16] = [
        "com", "com", "com", "com", "com", "com", "net", "net", "net", "org", "io", "de", "co.uk",
        "com.br", "dev", "app",
    ];
    let mut name = String::new();
    for _ in 0..1 + random.below(4) {
        let length = 3 + random.below(12);
        name.push_str(&random.characters(LETTERS, length));
        name.push('.');
    }
    let end = random.below(ENDS.len());
    name.extend(ENDS.iter().skip(end).take(1).copied());
    name
}

/// A host that fits a pattern.
fn example(pattern: &str, random: &mut Random) -> String {
    let mut host = String::new();
    let mut rest = pattern;
    while let Some((literal, behind)) = rest.split_once('{') {
        let (placeholder, behind) = behind.split_once('}').unwrap_or((behind, ""));
        let shape = placeholder.split_once(':').map_or("", |(_, shape)| shape);
        host.push_str(literal);
        host.push_str(&stand_in(shape, random));
        rest = behind;
    }
    host + rest
}

/// A text of a shape, in the notation of the data files.
fn stand_in(shape: &str, random: &mut Random) -> String {
    if let Some((word, _)) = shape.split_once('|') {
        return word.to_owned();
    }
    let class = shape.trim_end_matches(|c: char| c.is_ascii_digit() || c == '-');
    let lengths = shape.trim_start_matches(class);
    let length = lengths.split('-').next().and_then(|length| length.parse().ok()).unwrap_or(10);
    match class {
        "aws-region" => "eu-west-1".to_owned(),
        "google-region" => "europe-west1".to_owned(),
        "digits" => random.characters(DIGITS, length),
        "hex" => random.characters(HEX, length),
        "mixed" => "a1".chars().cycle().take(length).collect(),
        _ => random.characters(LETTERS, length),
    }
}

const LETTERS: &str = "abcdefghijklmnopqrstuvwxyz";
const DIGITS: &str = "0123456789";
const HEX: &str = "0123456789abcdef";

/// Sebastiano Vigna's SplitMix64: small, and the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut state = self.0;
        state = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        state = (state ^ (state >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        state ^ (state >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    fn characters(&mut self, alphabet: &str, length: usize) -> String {
        let pick = |random: &mut Self| alphabet.chars().nth(random.below(alphabet.len()));
        (0..length).filter_map(|_| pick(self)).collect()
    }
}
