//! A rhythm in full: how long the intervals were, what its regularity is made of, what was collapsed.

use coldtrail_model::{Finding, IntervalCount, Rhythm, RhythmTerm};

use super::findings;
use super::measures::{count, number, share};
use super::page::{Bar, Page};
use super::span::Line;

/// From so many periods on, an interval is a row of missed polls, or a pause.
const MISSED_FROM: f64 = 1.5;

/// The strongest rhythm of a finding, where one was measured.
pub(crate) fn rhythm(finding: &Finding, page: &mut Page) {
    let Some(rhythm) = findings::rhythm(finding) else { return };
    intervals(rhythm, page);
    terms(rhythm, page);
    besides(rhythm, page);
}

fn intervals(rhythm: &Rhythm, page: &mut Page) {
    if rhythm.intervals.is_empty() {
        return;
    }
    let bar = |span: &IntervalCount| Bar {
        name: length(span.from_seconds, span.to_seconds),
        count: span.count,
        note: missed(span, rhythm.period_seconds),
    };
    page.blank();
    page.bars("intervals", &rhythm.intervals.iter().map(bar).collect::<Vec<_>>());
}

/// A span of lengths in the unit that a person would use, fine enough to tell its ends apart.
fn length(from: f64, to: f64) -> String {
    let (unit, name) = match to {
        _ if to < 120.0 => (1.0, "s"),
        _ if to < 7_200.0 => (60.0, "min"),
        _ if to < 172_800.0 => (3_600.0, "h"),
        _ => (86_400.0, "d"),
    };
    let decimals = match (to - from) / unit {
        wide if wide >= 2.0 => 0,
        narrow if narrow >= 0.2 => 1,
        _ => 2,
    };
    format!("{:.decimals$} – {:.decimals$} {name}", from / unit, to / unit)
}

/// What an interval of this length means, where it is no single period.
fn missed(span: &IntervalCount, period: f64) -> String {
    if span.from_seconds < MISSED_FROM * period {
        return String::new();
    }
    let width = (span.to_seconds - span.from_seconds) / period;
    if (0.9..1.1).contains(&width) {
        let periods = ((span.from_seconds + span.to_seconds) / 2.0 / period).round();
        return format!("{} missed", count(periods - 1.0, "poll"));
    }
    "pauses".to_owned()
}

fn terms(rhythm: &Rhythm, page: &mut Page) {
    page.blank();
    for (index, name) in ["concentration", "dispersion", "phase"].into_iter().enumerate() {
        let label = if index == 0 { "terms" } else { "" };
        let term = rhythm.terms.iter().find(|term| term.name == name);
        page.labelled_item(label, name, NAME_WIDTH, told(term));
    }
    let Rhythm { regularity, strength, polls, .. } = rhythm;
    let sum = format!("{regularity:.2} is their sum");
    page.labelled_item("", "regularity", NAME_WIDTH, Line::new().plain(sum));
    let evidence = if *regularity > 0.0 { strength / regularity } else { 0.0 };
    let product = format!(
        "{strength:.2} is regularity times {evidence:.2}, what {} are worth",
        count(polls, "poll")
    );
    page.labelled_item("", "strength", NAME_WIDTH, Line::new().plain(product));
}

/// The width of the widest name of a term, and a gap.
const NAME_WIDTH: usize = 15;

fn told(term: Option<&RhythmTerm>) -> Line {
    match term {
        Some(RhythmTerm { value, chance, contribution, .. }) => Line::new()
            .title(format!("+{contribution:.2}"))
            .plain(format!("  {value:.2} of 1"))
            .secondary(format!(", chance reaches {chance:.2}")),
        None => Line::new().title("+0.00").secondary("  no better than chance"),
    }
}

fn besides(rhythm: &Rhythm, page: &mut Page) {
    let Rhythm { miss_rate, gap_share, duty, active_days, requests, polls, .. } = rhythm;
    page.blank();
    page.labelled(
        "besides",
        Line::new().plain(format!(
            "{} of the polls are missing, {} of the intervals are pauses; active on {}, in {} of the \
             hours that could have a poll",
            share(*miss_rate),
            share(*gap_share),
            count(active_days, "day"),
            share(*duty)
        )),
    );
    if let Some(ratio) = rhythm.upload_ratio {
        page.labelled("", Line::new().plain(format!("{} of the bytes went up", share(ratio))));
    }
    let bursts = if requests > polls {
        format!(
            "{} requests are {}: those at most {} s apart are one",
            number(requests),
            count(polls, "poll"),
            trimmed(rhythm.burst_gap_seconds)
        )
    } else {
        "no bursts: each request is a poll".to_owned()
    };
    page.labelled("", Line::new().plain(bursts));
}

/// Seconds without needless decimals: `2`, `5.25`.
fn trimmed(seconds: f64) -> String {
    let text = format!("{seconds:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use coldtrail_model::IntervalCount;

    use super::{length, missed, trimmed};

    #[test]
    fn lengths_have_one_unit_and_distinct_ends() {
        assert_eq!(length(57.0, 63.0), "57 – 63 s");
        assert_eq!(length(14.25, 15.75), "14.2 – 15.8 s");
        assert_eq!(length(285.0, 315.0), "4.8 – 5.2 min");
        assert_eq!(length(93.0, 150.0), "1.6 – 2.5 min");
        assert_eq!(length(270.0, 50_000.0), "0 – 14 h");
        assert_eq!((trimmed(2.0), trimmed(5.25)), ("2".to_owned(), "5.25".to_owned()));
    }

    #[test]
    fn what_is_longer_than_a_period_is_explained() {
        let of = |from_seconds, to_seconds| {
            missed(&IntervalCount { from_seconds, to_seconds, count: 1 }, 60.0)
        };
        assert_eq!(of(57.0, 63.0), "");
        assert_eq!(of(93.0, 150.0), "1 poll missed");
        assert_eq!(of(150.0, 210.0), "2 polls missed");
        assert_eq!(of(270.0, 50_000.0), "pauses");
    }
}
