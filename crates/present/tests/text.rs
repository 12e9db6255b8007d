//! What an analyst reads: snapshots of whole pages, and the promises that hold on every page.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod example;

use coldtrail_model::Report;
use coldtrail_present::{TextOptions, text};
use proptest::prelude::*;
use unicode_width::UnicodeWidthStr;

#[test]
fn at_60_columns() {
    insta::assert_snapshot!(page(&example::report(), 60, 1));
}

#[test]
fn at_80_columns() {
    insta::assert_snapshot!(page(&example::report(), 80, 3));
}

#[test]
fn at_120_columns() {
    insta::assert_snapshot!(page(&example::report(), 120, 3));
}

#[test]
fn at_200_columns_nothing_is_cut() {
    let page = page(&example::report(), 200, 0);
    let table: Vec<&str> =
        page.lines().skip_while(|line| !line.contains("SEVERITY")).take(4).collect();
    insta::assert_snapshot!(table.join("\n"));
}

#[test]
fn a_rhythm_in_full() {
    for width in [60, 100] {
        let options = TextOptions { width, colour: false, top: 1, rhythms: true };
        let mut page = Vec::new();
        text(&example::report(), &options, &mut page).unwrap();
        let page = String::from_utf8(page).unwrap();
        let rhythm = page.lines().skip_while(|line| !line.starts_with("  rhythm"));
        let rhythm = rhythm.take_while(|line| !line.starts_with("  signals"));
        let rhythm: Vec<&str> = rhythm.collect();
        assert!(rhythm.iter().all(|line| line.width() <= width));
        insta::assert_snapshot!(format!("a_rhythm_at_{width}_columns"), rhythm.join("\n"));
    }
}

#[test]
fn nothing_found() {
    insta::assert_snapshot!(page(&example::empty(), 80, 3));
}

#[test]
fn nothing_read() {
    let report = Report { seen: Vec::new(), not_run: Vec::new(), ..example::empty() };
    insta::assert_snapshot!(page(&report, 80, 3));
}

#[test]
fn colours_change_no_letter() {
    let mut coloured = Vec::new();
    let options = TextOptions { width: 80, colour: true, top: 3, ..TextOptions::default() };
    text(&example::report(), &options, &mut coloured).unwrap();
    let coloured = String::from_utf8(coloured).unwrap();
    assert!(coloured.contains("\u{1b}[31mHIGH 82\u{1b}[0m"), "{coloured}");
    assert_eq!(without_colours(&coloured), page(&example::report(), 80, 3));
}

#[test]
fn a_sum_beyond_the_bounds_is_told() {
    let mut report = example::report();
    report.findings[0].contributions[0].points = 90;
    report.findings[0].score = 100;
    let page = page(&report, 80, 1);
    assert!(page.contains("             the sum, +138, is bounded to 0 – 100\n"), "{page}");
}

#[test]
fn secrets_stay_in_the_log() {
    let page = page(&example::report(), 120, 3);
    assert!(!page.contains("5f2c1e") && !page.contains("Zm9vYmFy"), "{page}");
}

fn page(report: &Report, width: usize, top: usize) -> String {
    let mut page = Vec::new();
    text(report, &TextOptions { width, colour: false, top, rhythms: false }, &mut page).unwrap();
    String::from_utf8(page).unwrap()
}

/// Removes what lies between an escape character and the letter `m`.
fn without_colours(text: &str) -> String {
    let mut pieces = text.split('\u{1b}');
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |plain, piece| plain + piece.split_once('m').unwrap().1)
}

proptest! {
    #[test]
    fn no_line_is_too_wide_and_nothing_hidden_leaks(
        strings in proptest::collection::vec(any_text(), 1..12),
        width in 40_usize..200,
        top in 0_usize..4,
        events in any::<u64>(),
        points in any::<i16>(),
    ) {
        let mut report = example::report();
        overwrite(&mut report, &strings);
        for finding in &mut report.findings {
            finding.events = events;
            for contribution in &mut finding.contributions {
                contribution.points = points;
            }
        }
        for line in page(&report, width, top).lines() {
            prop_assert!(line.width() <= width, "{} columns of {width}: {line}", line.width());
            prop_assert!(!line.contains(leaks), "{}", line.escape_debug());
        }
    }
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[a-z0-9.]{0,120}",
        "(文|é|a|\u{1b}\\[31m|\n|\u{202e}|\u{200b}|\u{301}|\u{1f468}\u{200d}\u{1f469}|👍🏽|لا|\u{ad}| ){0,60}",
    ]
}

/// Control characters, bidirectional controls and letters without a shape.
fn leaks(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
        )
}

/// Puts the strings, over and over, wherever a log could have put its own.
fn overwrite(report: &mut Report, strings: &[String]) {
    let mut strings = strings.iter().cycle().cloned();
    let mut next = || strings.next().unwrap_or_default();
    for finding in &mut report.findings {
        finding.id = next();
        finding.title = next();
        finding.actor.host = next();
        finding.actor.process = Some(next());
        finding.actor.parent_process = Some(next());
        finding.actor.user = Some(next());
        finding.actor.ip = Some(next());
        finding.endpoint.host = next();
        finding.endpoint.provider = next();
        finding.endpoint.product = next();
        finding.endpoint.tenant = Some(next());
        finding.endpoint.group = Some(next());
        finding.endpoint.function = Some(next());
        finding.endpoint.related_hosts = vec![next(), next()];
        finding.escalation.because = next();
        for signal in &mut finding.signals {
            signal.detection = next();
            signal.attack = vec![next()];
            signal.summary = next();
            for record in &mut signal.records {
                record.source = next();
                record.sha256 = Some(next());
            }
        }
        for contribution in &mut finding.contributions {
            contribution.name = next();
            contribution.because = next();
        }
        for question in &mut finding.questions {
            question.question = next();
            question.because = next();
        }
        for action in &mut finding.actions {
            action.action = next();
        }
    }
    for seen in &mut report.seen {
        seen.source = next();
        seen.format = Some(next());
        seen.tables = [(next(), 7), (next(), u64::MAX)].into();
    }
    for fault in &mut report.faults {
        fault.source = next();
        fault.message = next();
        fault.help = next();
    }
    report.faults[0].code = next();
    for not_run in &mut report.not_run {
        not_run.detection = next();
        not_run.because = next();
    }
}
