//! The first paragraph: what was found, and what it was found in.

use std::collections::{BTreeMap, BTreeSet};

use coldtrail_model::{Finding, Report, Severity, Window};

use super::faults::concerns_file;
use super::measures::{count, second, span};
use super::page::Page;
use super::seen::extent;
use super::span::Line;

/// `3 findings: 1 high, 2 low · 7 files, 12,345 records, 2026-04-13 08:00 – 16:00 UTC`.
pub(crate) fn headline(report: &Report, page: &mut Page) {
    let mut phrases = vec![found(&report.findings), Line::new().plain(input(report))];
    phrases.extend(shortfalls(report).iter().map(|shortfall| Line::new().plain(shortfall)));
    page.phrases(phrases);
    if let Some(limits) = limits(&report.window) {
        page.paragraph(Line::new().secondary(limits));
    }
    if let (Some(since), Some(back)) = (report.window.since, report.baseline.reaches_back_to)
        && back < since
    {
        let history = format!("What is usual comes from history since {} UTC.", second(back));
        page.paragraph(Line::new().secondary(history));
    }
    if report.findings.is_empty() {
        page.blank();
        let caution = if records(report) == 0 { NO_RECORD } else { NO_FINDING };
        page.paragraph(Line::new().plain(caution));
    }
}

const NO_FINDING: &str = "No finding does not mean no attack. It means that nothing in the records \
     below looked like command and control behind a serverless platform, as far as they can show \
     it. Read on for what was looked at, and for what could not be seen.";

const NO_RECORD: &str = "No record was read, so nothing can be said: neither that there was an \
     attack nor that there was none.";

fn found(findings: &[Finding]) -> Line {
    if findings.is_empty() {
        return Line::new().title("No findings");
    }
    let mut by_severity: BTreeMap<Severity, u64> = BTreeMap::new();
    for finding in findings {
        *by_severity.entry(finding.severity).or_default() += 1;
    }
    let mut line = Line::new().title(count(findings.len(), "finding")).plain(": ");
    for (index, (severity, amount)) in by_severity.into_iter().rev().enumerate() {
        let separator = if index > 0 { ", " } else { "" };
        line = line.plain(separator).severity(severity, format!("{amount} {}", severity.name()));
    }
    line
}

fn input(report: &Report) -> String {
    let files = count(report.seen.len(), "file");
    let input = format!("{files}, {}", count(records(report), "record"));
    match extent(&report.seen) {
        Some((first, last)) => format!("{input}, {} UTC", span(first, last)),
        None => input,
    }
}

fn records(report: &Report) -> u64 {
    report.seen.iter().fold(0, |sum, seen| sum.saturating_add(seen.records))
}

/// What the answer lacks, so that nobody reads the first number without it.
fn shortfalls(report: &Report) -> Vec<String> {
    let faulty = report.faults.iter().filter(|fault| concerns_file(&fault.code));
    let files: BTreeSet<_> = faulty.map(|fault| &fault.source).collect();
    let detections: BTreeSet<_> = report.not_run.iter().map(|one| &one.detection).collect();
    let mut shortfalls = Vec::new();
    if !files.is_empty() {
        shortfalls.push(format!("{} not read, or not to the end", count(files.len(), "file")));
    }
    if !detections.is_empty() {
        let detections = count(detections.len(), "detection");
        shortfalls.push(format!("{detections} not run, or not on everything"));
    }
    shortfalls
}

/// The window that was asked for, if any.
fn limits(window: &Window) -> Option<String> {
    let since = window.since.map(|since| format!("since {} UTC", second(since)));
    let until = window.until.map(|until| format!("before {} UTC", second(until)));
    let limits: Vec<_> = since.into_iter().chain(until).collect();
    (!limits.is_empty()).then(|| format!("Only events {} were looked at.", limits.join(" and ")))
}
