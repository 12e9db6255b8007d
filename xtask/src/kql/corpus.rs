//! Hunting queries that people published: how many are understood, and how many run.

use std::time::Duration;

use coldtrail_rules::kql::{Gravity, Problem, bind, parser};
use serde::Deserialize;

use super::options::Options;
use super::program::{self, Program};
use super::reasons::Reasons;
use super::surroundings::Surroundings;
use super::{generate, records, share, tables};

/// How many reasons are told.
const REASONS: usize = 25;

/// What is said of queries that name data of another service (`workspace("…")`, `arg("")`), with which they name
/// more than tables that we have.
const ELSEWHERE: &str = "it names data of another service";

/// How long a query may take on generated rows.
const PATIENCE: Duration = Duration::from_secs(20);

/// How many of the slowest queries are told.
const SLOWEST: usize = 10;

#[derive(Debug, Deserialize)]
struct Hunt {
    path: String,
    query: String,
    clean: bool,
    tables: Vec<String>,
}

/// The texts of all queries; nothing if they are absent.
pub(super) fn queries() -> anyhow::Result<Option<Vec<String>>> {
    let hunts = records::<Hunt>("hunting-queries.jsonl")?;
    Ok(hunts.map(|hunts| hunts.into_iter().map(|hunt| hunt.query).collect()))
}

/// Counts, and prints what came of it.
pub(super) fn run(options: &Options) -> anyhow::Result<()> {
    let Some(hunts) = records::<Hunt>("hunting-queries.jsonl")? else { return Ok(()) };
    let clean: Vec<&Hunt> =
        hunts.iter().filter(|hunt| hunt.clean && options.takes(&hunt.path)).collect();
    println!("{} hunting queries, {} of them clean", hunts.len(), clean.len());
    let (mut parsing, mut binding) = (Reasons::default(), Reasons::default());
    let (mut ours, mut elsewhere) = (Vec::new(), 0);
    for &hunt in &clean {
        if let Err(problems) = parser::parse(&hunt.query) {
            parsing.add(&first(&problems).0, hunt.at(&problems));
        }
        if !hunt.names_ours() {
            continue;
        }
        match bind::bind(&hunt.query, &Surroundings::default()) {
            Err(problems) if first(&problems).0.contains(ELSEWHERE) => elsewhere += 1,
            Err(problems) => {
                ours.push(hunt);
                binding.add(&first(&problems).0, hunt.at(&problems));
            }
            Ok(_) => ours.push(hunt),
        }
    }
    println!(
        "{elsewhere} of them name tables of ours and of another service, and are not counted below"
    );
    println!("parsed: {}", share(clean.len() - parsing.len(), clean.len()));
    let reasons = REASONS.max(options.examples);
    parsing.print(reasons, options.examples);
    println!(
        "planned, of those that name only tables we have: {}",
        share(ours.len() - binding.len(), ours.len())
    );
    binding.print(reasons, options.examples);
    if options.evaluates {
        println!("run: skipped, for that takes a `coldtrail`");
        return Ok(());
    }
    execute(&ours, options)
}

/// Runs the queries on generated rows.
fn execute(hunts: &[&Hunt], options: &Options) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let generated = generate::write(folder.path(), options.rows, options.seed)?;
    let mut program = Program::of(options, PATIENCE)?;
    program.behind = generated.arguments();
    let results = program::by_twos(hunts, |hunt| program.run(&hunt.query));
    let mut reasons = Reasons::default();
    let mut slowest = Vec::new();
    let (mut with_rows, mut seconds) = (0, 0.0);
    for (hunt, ran) in hunts.iter().zip(results) {
        let ran = ran?;
        seconds += ran.seconds;
        slowest.push((ran.seconds, &hunt.path));
        match ran.answer {
            Ok(answer) => with_rows += usize::from(!answer.rows.is_empty()),
            Err(reason) => reasons.add(&reason, format!("{}: {reason}", hunt.path)),
        }
    }
    println!(
        "run on {} generated rows of each table: {}, {with_rows} of them with rows, {:.2} s each",
        options.rows,
        share(hunts.len() - reasons.len(), hunts.len()),
        seconds / hunts.len().max(1) as f64
    );
    reasons.print(REASONS, options.examples);
    slowest.sort_by(|one, other| other.0.total_cmp(&one.0));
    println!("the slowest:");
    for (seconds, path) in slowest.iter().take(SLOWEST) {
        println!("  {seconds:>5.1} s  {path}");
    }
    Ok(())
}

impl Hunt {
    /// Whether each table that it names is one of ours, or one that it defines itself.
    fn names_ours(&self) -> bool {
        self.tables.iter().all(|table| {
            let name = bare(table);
            let is_list = ["_GetWatchlist", "_GetWatchlistAlias", "*"].contains(&name);
            is_list || name.contains('*') || tables::is_known(name) || self.defines(name)
        })
    }

    /// Whether it gives that name to something.
    fn defines(&self, name: &str) -> bool {
        let mut texts = self.query.split(name);
        let mut before = texts.next().unwrap_or_default();
        for behind in texts {
            let is_let = before.trim_end().ends_with("let");
            let is_as = before.trim_end().ends_with("as") && before.ends_with(char::is_whitespace);
            if (is_let && behind.trim_start().starts_with('=')) || is_as {
                return true;
            }
            before = behind;
        }
        false
    }

    /// Where its first problem is.
    fn at(&self, problems: &[Problem]) -> String {
        let (_, at) = first(problems);
        let (line, column) = at.line_and_column(&self.query);
        format!("{}:{line}:{column}", self.path)
    }
}

/// A table's name without the comments before it.
fn bare(table: &str) -> &str {
    let line = table.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or(table);
    line.trim().trim_start_matches("['").trim_end_matches("']")
}

/// The first error, and where it is.
fn first(problems: &[Problem]) -> (String, coldtrail_rules::kql::Span) {
    let error = problems.iter().find(|problem| problem.gravity == Gravity::Error);
    match error.or(problems.first()) {
        Some(problem) => (problem.reason.clone(), problem.span),
        None => ("nothing is said".to_owned(), coldtrail_rules::kql::Span::default()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Hunt, bare};

    #[test]
    fn a_table_is_ours_or_the_querys_own() {
        let names_ours = |query: &str, tables: &[&str]| {
            let tables = tables.iter().map(|table| (*table).to_owned()).collect();
            Hunt { path: String::new(), query: query.to_owned(), clean: true, tables }.names_ours()
        };
        assert!(names_ours("", &["// all\nDeviceEvents", "*"]));
        assert!(names_ours("let  Known = print 1; Known", &["Known"]));
        assert!(!names_ours("let Other = Known; Known", &["Known"]));
        assert!(!names_ours("", &["Nothing_CL"]));
        assert_eq!(bare("// a\n['b c']"), "b c");
    }
}
