//! How strong a rhythm is, for families of timers and for traffic without a timer.
//!
//! Each family is simulated with 200 seeds. The bounds hold with a margin; the number beside each
//! is what was measured when they were set, so that a change of the measures shows what it costs.
//! The seeds of this file calibrate; an evaluation needs others.

use coldtrail_analytics::{Rhythm, RhythmSettings, rhythm};

const SEEDS: u64 = 200;
const MINUTE: f64 = 60.0;
const HOUR: f64 = 3600.0;
const DAY: f64 = 86_400.0;

/// What passes for "no rhythm".
const WEAK: f64 = 0.35;

#[test]
fn a_fixed_period_is_strong() {
    let family = Family::simulate(|_| Timer::every(MINUTE).watch(HOUR));
    assert!(family.lowest() >= 0.9, "{}", family.lowest()); // 0.910
    assert!(family.all(|rhythm| rhythm.period_seconds == MINUTE));
}

#[test]
fn jitter_weakens_gently() {
    let timer = |jitter| Timer { jitter, ..Timer::every(MINUTE) };
    let strength = |jitter| Family::simulate(|random| timer(jitter).sleep(random, HOUR));

    let fifth = strength(0.2);
    assert!(fifth.quantile(0.05) >= 0.75, "{}", fifth.quantile(0.05)); // 0.78
    assert!(fifth.lowest() >= 0.7, "{}", fifth.lowest()); // 0.763

    let half = strength(0.5);
    assert!(half.median() >= 0.58, "{}", half.median()); // 0.613
    assert!(half.quantile(0.05) >= 0.5, "{}", half.quantile(0.05)); // 0.529

    let nearly_all = strength(0.9);
    assert!(nearly_all.median() >= 0.25, "{}", nearly_all.median()); // 0.322
}

#[test]
fn slow_periods_need_days_not_many_polls() {
    let hourly = Timer { jitter: 0.1, ..Timer::every(HOUR) };
    let family = Family::simulate(|random| hourly.sleep(random, 3.0 * DAY));
    assert!(family.lowest() >= 0.85, "{}", family.lowest()); // 0.872

    let daily = Family::simulate(|_| Timer::every(DAY).watch(7.0 * DAY));
    assert!(daily.lowest() >= 0.55, "{}", daily.lowest()); // 0.571
}

#[test]
fn missed_polls_are_folded_away() {
    let fifth = Timer { missed: 0.2, ..Timer::every(5.0 * MINUTE) };
    let family = Family::simulate(|random| fifth.sleep(random, 2.0 * HOUR));
    assert!(family.lowest() >= 0.65, "{}", family.lowest()); // 0.71
    assert!(family.all(|rhythm| rhythm.period_seconds == 5.0 * MINUTE));

    let jittered = Timer { jitter: 0.2, ..fifth };
    let family = Family::simulate(|random| jittered.sleep(random, 6.0 * HOUR));
    assert!(family.quantile(0.05) >= 0.55, "{}", family.quantile(0.05)); // 0.600

    let most = Timer { missed: 0.6, ..fifth };
    let family = Family::simulate(|random| most.sleep(random, 6.0 * HOUR));
    assert!(family.median() >= 0.75, "{}", family.median()); // 0.82
    let right = family.share(|rhythm| rhythm.period_seconds == 5.0 * MINUTE);
    assert!(right >= 0.75, "{right}"); // 0.82
}

#[test]
fn cron_keeps_its_phase() {
    let on_time = Timer { late: 5.0, ..Timer::every(5.0 * MINUTE) };
    let family = Family::simulate(|random| on_time.tick(random, 6.0 * HOUR));
    assert!(family.all(|rhythm| rhythm.phase.is_some_and(|phase| phase > 0.95)));
    assert!(family.lowest() >= 0.9, "{}", family.lowest()); // 0.924

    // Up to 200 s late on a grid of 300 s: a rhythm that evenness hardly hears.
    let late = Timer { late: 200.0, missed: 0.2, ..on_time };
    let family = Family::simulate(|random| late.tick(random, 6.0 * HOUR));
    let with_phase = family.share(|rhythm| rhythm.phase.is_some());
    assert!(with_phase >= 0.5, "{with_phase}"); // 0.67
}

#[test]
fn nights_and_weekends_are_gaps_not_misses() {
    let poller = Timer { jitter: 0.2, ..Timer::every(15.0 * MINUTE) };
    let family = Family::simulate(|random| {
        let mut polls = poller.sleep(random, 7.0 * DAY);
        polls.retain(|second| (9.0..17.0).contains(&(second / HOUR % 24.0)) && *second < 5.0 * DAY);
        polls
    });
    assert!(family.lowest() >= 0.75, "{}", family.lowest()); // 0.82
    assert!(family.all(|rhythm| rhythm.miss_rate < 0.01 && rhythm.gap_share > 0.02));
}

#[test]
fn five_even_events_are_little_evidence() {
    let family = Family::simulate(|_| Timer::every(MINUTE).watch(4.0 * MINUTE));
    assert!(family.all(|rhythm| rhythm.regularity == 1.0 && rhythm.strength == 5.0 / 11.0));
}

#[test]
fn arrivals_without_memory_are_weak() {
    for (events, at_least) in [(20, 0.95), (50, 0.98), (200, 1.0)] {
        let family = Family::simulate(|random| random.arrivals(MINUTE, events));
        assert!(family.weak() >= at_least, "{events}: {}", family.weak()); // 0.98, 1.00, 1.00
    }
    // Random arrivals nearly as fast as the burst floor, where dead time spaces them out.
    let family = Family::simulate(|random| random.arrivals(3.0, 1000));
    assert!(family.weak() >= 0.98, "{}", family.weak()); // 1.00
}

#[test]
fn the_measures_of_arrivals_without_memory_are_at_their_chance() {
    let family = Family::simulate(|random| random.arrivals(MINUTE, 1000));
    for term in ["dispersion", "concentration"] {
        let terms = || family.terms(term);
        let count = terms().count() as f64;
        let value = terms().map(|term| term.value).sum::<f64>() / count;
        let chance = terms().map(|term| term.chance).sum::<f64>() / count;
        assert!((value - chance).abs() < 0.01, "{term}: {value} by chance {chance}"); // 0.002
    }
    let with_phase = family.share(|rhythm| rhythm.phase.is_some());
    assert!(with_phase <= 0.02, "{with_phase}"); // 0.00
}

#[test]
fn browsing_is_weak() {
    for (pause, spread, pages, at_least) in [
        (30.0, 1.0, 30, 0.95),  // 0.965
        (30.0, 1.0, 100, 0.97), // 1.00
        (30.0, 1.5, 30, 0.97),  // 0.99
        (8.0, 1.0, 100, 0.95),  // 0.98
        (8.0, 1.5, 30, 0.95),   // 0.97
    ] {
        let family = Family::simulate(|random| random.browsing(pause, spread, pages));
        assert!(family.weak() >= at_least, "{pause} {spread} {pages}: {}", family.weak());
    }
}

/// The rhythms of one family of traffic, one for each seed.
struct Family {
    rhythms: Vec<Rhythm>,
}

impl Family {
    /// Measures what `traffic` (seconds of requests) gives for each seed.
    fn simulate(traffic: impl Fn(&mut Random) -> Vec<f64>) -> Family {
        let rhythms: Vec<Rhythm> = (0..SEEDS)
            .filter_map(|seed| {
                let seconds = traffic(&mut Random { state: seed * 7919 + 1 });
                let timestamps: Vec<i64> =
                    seconds.iter().map(|second| (second * 1e6) as i64).collect();
                rhythm(&timestamps, &RhythmSettings::default())
            })
            .collect();
        assert_eq!(rhythms.len() as u64, SEEDS, "too few polls to measure");
        Family { rhythms }
    }

    fn quantile(&self, share: f64) -> f64 {
        let mut strengths: Vec<f64> = self.rhythms.iter().map(|rhythm| rhythm.strength).collect();
        strengths.sort_by(f64::total_cmp);
        strengths[((strengths.len() - 1) as f64 * share) as usize]
    }

    fn lowest(&self) -> f64 {
        self.quantile(0.0)
    }

    fn median(&self) -> f64 {
        self.quantile(0.5)
    }

    fn share(&self, holds: impl Fn(&Rhythm) -> bool) -> f64 {
        let holding = self.rhythms.iter().filter(|rhythm| holds(rhythm)).count();
        holding as f64 / self.rhythms.len() as f64
    }

    fn all(&self, holds: impl Fn(&Rhythm) -> bool) -> bool {
        self.rhythms.iter().all(holds)
    }

    fn weak(&self) -> f64 {
        self.share(|rhythm| rhythm.strength < WEAK)
    }

    fn terms(&self, name: &str) -> impl Iterator<Item = &coldtrail_analytics::Term> {
        self.rhythms.iter().flat_map(|rhythm| &rhythm.terms).filter(move |term| term.name == name)
    }
}

/// A program that polls.
#[derive(Clone, Copy)]
struct Timer {
    period: f64,
    /// The sleep varies uniformly by this part of the period, either way.
    jitter: f64,
    /// The share of polls that leave no trace.
    missed: f64,
    /// The most seconds by which a tick is late.
    late: f64,
}

impl Timer {
    fn every(period: f64) -> Timer {
        Timer { period, jitter: 0.0, missed: 0.0, late: 0.0 }
    }

    /// Exact polls, first and last included.
    fn watch(self, span: f64) -> Vec<f64> {
        (0..=(span / self.period) as u32).map(|poll| f64::from(poll) * self.period).collect()
    }

    /// Polls with a sleep between them, as implants do.
    fn sleep(self, random: &mut Random, span: f64) -> Vec<f64> {
        let mut polls = Vec::new();
        let mut time = 0.0;
        while time <= span {
            if random.uniform() >= self.missed {
                polls.push(time);
            }
            time += self.period * (1.0 + self.jitter * (2.0 * random.uniform() - 1.0));
        }
        polls
    }

    /// Polls on a grid, as cron does.
    fn tick(self, random: &mut Random, span: f64) -> Vec<f64> {
        let mut polls = self.watch(span);
        polls.retain(|_| random.uniform() >= self.missed);
        polls.iter().map(|poll| poll + self.late * random.uniform()).collect()
    }
}

/// A generator of the splitmix64 kind: the same numbers everywhere and always.
struct Random {
    state: u64,
}

impl Random {
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Between 0 and 1, both excluded.
    fn uniform(&mut self) -> f64 {
        ((self.next() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    fn exponential(&mut self, mean: f64) -> f64 {
        -mean * self.uniform().ln()
    }

    fn normal(&mut self) -> f64 {
        (-2.0 * self.uniform().ln()).sqrt() * (std::f64::consts::TAU * self.uniform()).cos()
    }

    /// A Poisson process.
    fn arrivals(&mut self, mean_interval: f64, events: usize) -> Vec<f64> {
        let mut time = 0.0;
        (0..events)
            .map(|_| {
                time += self.exponential(mean_interval);
                time
            })
            .collect()
    }

    /// A person reading: each page is a burst of requests, then comes a lognormal pause.
    fn browsing(&mut self, median_pause: f64, spread: f64, pages: usize) -> Vec<f64> {
        let mut requests = Vec::new();
        let mut time = 0.0;
        for _ in 0..pages {
            let assets = 1 + (self.uniform() * 20.0) as usize;
            let mut request = time;
            for _ in 0..assets {
                requests.push(request);
                request += self.exponential(0.2);
            }
            time = request + median_pause * (spread * self.normal()).exp();
        }
        requests
    }
}
