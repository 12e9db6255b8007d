//! Prints results as Markdown.

use super::options::Options;
use super::reasons::Reasons;
use super::results::{Counts, Difference, GOALS, Results};

/// How much is shown of a value.
const SHOWN: usize = 120;

/// The table of formats, and what is wrong where that is asked for.
pub(super) fn print(results: &Results, options: &Options) {
    print_unread(results);
    if options.verbose || options.format.is_some() {
        print_wrong(results, options.examples);
        print_extra(results);
        print_without_row(results);
        print_faults(results);
    }
    println!(
        "| format | files | unread | records | no row | compared | equal | explained | wrong | extra \
         | % equal | % equal or explained |"
    );
    println!("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|");
    for (format, counts) in &results.formats {
        println!("{}", line(format, counts));
    }
    println!("{}", line("**all**", &results.total()));
    println!("\ngoals: {GOALS}");
}

/// The reasons that explained something, and those that did not.
pub(super) fn print_stale(reasons: &Reasons, results: &Results) {
    for line in results.stale(reasons) {
        println!("stale, since it explains nothing: {line}");
    }
}

fn line(format: &str, counts: &Counts) -> String {
    let share =
        |share: Option<f64>| share.map_or_else(|| "–".to_owned(), |share| format!("{share:.1}"));
    let Counts { files, unread, records, without_row, equal, explained, wrong, extra } = counts;
    format!(
        "| {format} | {files} | {unread} | {records} | {without_row} | {} | {equal} | {explained} \
         | {wrong} | {extra} | {} | {} |",
        counts.compared(),
        share(counts.share_equal()),
        share(counts.share_in_order()),
    )
}

fn print_unread(results: &Results) {
    if !results.unread.is_empty() {
        println!("{} files are of no format that is known:\n", results.unread.len());
    }
    for (file, looks) in &results.unread {
        println!("* {file}: {}", shown(looks));
    }
    for file in &results.unaligned {
        println!("* {file}: as many documents as neither lines nor values");
    }
    println!();
}

fn print_wrong(results: &Results, examples: usize) {
    for ((format, field), differences) in &results.wrong {
        println!("{format} {}: {} wrong", field.name(), differences.len());
        for difference in differences.iter().take(examples) {
            let Difference { table, file, offset, ours, theirs, .. } = difference;
            println!("    {file} at {offset} ({})", table.name());
            println!("        ours   {}", shown(ours));
            println!("        theirs {}", shown(theirs));
        }
    }
    println!();
}

fn print_extra(results: &Results) {
    for ((format, field), count) in &results.extra {
        println!("{format} {}: {count} that only we have", field.name());
    }
    println!();
}

fn print_without_row(results: &Results) {
    for ((format, kind), count) in &results.without_row {
        println!("{format}: {count} records without a row are {}", shown(kind));
    }
    println!();
}

fn print_faults(results: &Results) {
    for (format, faults) in &results.faults {
        for fault in faults.iter() {
            let (code, count) = (fault.anomaly.code(), fault.count);
            println!("{format} {code} × {count}: {} ({})", shown(&fault.detail), fault.source);
        }
    }
    println!();
}

/// The beginning of a value, on one line.
fn shown(text: &str) -> String {
    let line: String = text.chars().map(|it| if it.is_control() { ' ' } else { it }).collect();
    match line.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::{SHOWN, line, shown};
    use crate::conformance::results::Counts;

    #[test]
    fn a_line_says_both_shares() {
        let counts =
            Counts { files: 1, records: 2, equal: 8, explained: 1, wrong: 1, ..Counts::default() };
        assert_eq!(
            line("a/b", &counts),
            "| a/b | 1 | 0 | 2 | 0 | 10 | 8 | 1 | 1 | 0 | 80.0 | 90.0 |"
        );
        assert!(line("a/b", &Counts::default()).ends_with("| – | – |"));
    }

    #[test]
    fn long_values_are_cut_and_stay_on_a_line() {
        assert_eq!(shown("a\nb"), "a b");
        assert_eq!(shown(&"ä".repeat(SHOWN + 1)).chars().count(), SHOWN + 1);
    }
}
