//! Why queries fail, the most frequent reason first.

use std::collections::BTreeMap;

/// Failures by what is said about them.
#[derive(Debug, Default)]
pub(super) struct Reasons(BTreeMap<String, Vec<String>>);

impl Reasons {
    /// Counts a failure: why, and an example of it.
    pub(super) fn add(&mut self, reason: &str, example: String) {
        self.0.entry(group(reason)).or_default().push(example);
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.0.values().map(Vec::len).sum()
    }

    /// Prints so many reasons, each with so many examples.
    pub(super) fn print(&self, most: usize, examples: usize) {
        let mut reasons: Vec<(&String, &Vec<String>)> = self.0.iter().collect();
        reasons.sort_by_key(|(_, failures)| std::cmp::Reverse(failures.len()));
        for (reason, failures) in reasons.iter().take(most) {
            println!("  {:>5}  {reason}", failures.len());
            for example in failures.iter().take(examples) {
                println!("           {}", example.replace('\n', "\n             "));
            }
        }
        if let Some(rest) = reasons.get(most..).filter(|rest| !rest.is_empty()) {
            let failures: usize = rest.iter().map(|(_, failures)| failures.len()).sum();
            println!("  {failures:>5}  of {} other reasons", rest.len());
        }
    }
}

/// What failures of one reason have in common: the first line, without where it was.
fn group(reason: &str) -> String {
    let line = reason.lines().find(|line| !line.trim().is_empty()).unwrap_or("nothing is said");
    let line = line.trim().trim_start_matches("error: ");
    let is_place = |word: &str| {
        word.contains(':') && word.chars().all(|letter| letter.is_ascii_digit() || letter == ':')
    };
    let words: Vec<&str> = line.split_whitespace().filter(|word| !is_place(word)).collect();
    let text = words.join(" ");
    match text.char_indices().nth(160) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or(&text)),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::{Reasons, group};

    #[test]
    fn one_reason_is_one_wherever_it_was_met() {
        assert_eq!(group("\nerror: 3:14: no such table `T`\n  | T"), "no such table `T`");
        assert_eq!(group(""), "nothing is said");
        let mut reasons = Reasons::default();
        reasons.add("1:1: no", "a".into());
        reasons.add("2:7: no", "b".into());
        assert_eq!((reasons.0.len(), reasons.len()), (1, 2));
    }
}
