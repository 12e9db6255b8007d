//! What is wrong with files that people wrote, one problem a line, as compilers tell it.

use coldtrail_diagnostics::Problem;

use crate::redacted;

/// One line for a problem of a file in a folder: place, weight, reason, advice.
pub fn problem(folder: &str, problem: &Problem) -> String {
    let Problem { file, line, column, kind, is_used, reason, help } = problem;
    let mut place = match file.as_str() {
        "" => folder.to_owned(),
        file => format!("{}/{file}", folder.trim_end_matches('/')),
    };
    for number in [line, column].into_iter().flatten() {
        place.push_str(&format!(":{number}"));
    }
    let weight = if *is_used { "warning" } else { "error" };
    redacted(&format!("{place}: {weight}: {reason}; {help} [{}]", kind.code()))
}

#[cfg(test)]
mod tests {
    use coldtrail_diagnostics::{Problem, ProblemKind};

    use super::problem;

    #[test]
    fn place_weight_reason_and_advice_stand_on_one_line() {
        let mut told = Problem {
            file: "sanctioned.csv".to_owned(),
            line: Some(4),
            column: Some(12),
            kind: ProblemKind::TooWide,
            is_used: false,
            reason: "`*.workers.dev\u{1b}[2J` is too wide".to_owned(),
            help: "name your own tenant".to_owned(),
        };
        assert_eq!(
            problem("context/", &told),
            "context/sanctioned.csv:4:12: error: `*.workers.dev\\u{1b}[2J` is too wide; name your \
             own tenant [too-wide]"
        );
        (told.file, told.line, told.column) = (String::new(), None, None);
        told.is_used = true;
        assert!(problem("context", &told).starts_with("context: warning: "));
    }
}
