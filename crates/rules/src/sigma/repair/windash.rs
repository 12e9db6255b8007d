//! `windash` exchanges every sign that begins an option of a command, not only `-`.
//!
//! The library exchanges each `-` of a value, also within words, and no `/`. Sigma means the signs at the start of a
//! word: in `/c-d`, the first one and not the second.

use coldtrail_diagnostics::ProblemKind;
use rsigma_parser::StringPart;

use super::super::document::Fault;

/// What stands for each other: hyphen, slash, en dash, em dash, horizontal bar.
const SIGNS: [char; 5] = ['-', '/', '\u{2013}', '\u{2014}', '\u{2015}'];

/// At most so many signs of a value are exchanged, each for each.
const MOST: usize = 3;

/// The patterns that a pattern stands for.
pub(in super::super) fn variants(pattern: &[StringPart]) -> Result<Vec<Vec<StringPart>>, Fault> {
    let count: usize = pattern.iter().map(|part| places(part).len()).sum();
    if count > MOST {
        let reason = format!("`windash` has {count} signs to exchange in one value");
        let help =
            format!("use it for values with at most {MOST} of them, or write a regular expression");
        return Err(Fault::new(ProblemKind::TooLarge, reason, help));
    }
    let mut variants = vec![Vec::new()];
    for part in pattern {
        let texts = match part {
            StringPart::Plain(text) => exchanged(text, &places(part)),
            StringPart::Special(_) => {
                variants.iter_mut().for_each(|variant| variant.push(part.clone()));
                continue;
            }
        };
        let next = variants.iter().flat_map(|variant: &Vec<StringPart>| {
            texts.iter().map(move |text| {
                let mut variant = variant.clone();
                variant.push(StringPart::Plain(text.clone()));
                variant
            })
        });
        variants = next.collect();
    }
    Ok(variants)
}

/// Where a text has a sign that no word goes before and one follows.
fn places(part: &StringPart) -> Vec<usize> {
    let StringPart::Plain(text) = part else { return Vec::new() };
    let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    let mut before = None;
    let mut letters = text.char_indices().peekable();
    let mut places = Vec::new();
    while let Some((place, letter)) = letters.next() {
        let begins = !before.is_some_and(is_word);
        let is_followed = letters.peek().is_some_and(|(_, next)| is_word(*next));
        if matches!(letter, '-' | '/') && begins && is_followed {
            places.push(place);
        }
        before = Some(letter);
    }
    places
}

/// A text with each of the signs at some places.
fn exchanged(text: &str, places: &[usize]) -> Vec<String> {
    let Some((&last, others)) = places.split_last() else { return vec![text.to_owned()] };
    let (before, after) = (text.get(..last), text.get(last + 1..));
    let (before, after) = (before.unwrap_or_default(), after.unwrap_or_default());
    let mut all = Vec::new();
    for before in exchanged(before, others) {
        all.extend(SIGNS.iter().map(|sign| format!("{before}{sign}{after}")));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::{holds, problem};
    use super::*;

    #[test]
    fn each_sign_stands_for_each_other_at_the_start_of_a_word() {
        let detection =
            "{selection: {C|contains|windash: [' -enc', ' /c-d']}, condition: selection}";
        for text in
            ["x -enc", "x /ENC", "x \u{2013}enc", "x \u{2014}enc", "x \u{2015}enc", "x -c-d"]
        {
            assert!(holds(detection, &[("C", text)]), "{text}");
        }
        for text in ["x enc", "x +enc", "x /c/d", "x -c\u{2013}d"] {
            assert!(!holds(detection, &[("C", text)]), "{text}");
        }
    }

    #[test]
    fn signs_are_exchanged_independently_and_beside_wildcards() {
        let detection = "{selection: {C|windash: '*-a*/b'}, condition: selection}";
        assert!(holds(detection, &[("C", "x /a y -b")]));
        assert!(holds(detection, &[("C", "\u{2014}a\u{2015}b")]));
        assert!(!holds(detection, &[("C", "x /a y -bc")]));
    }

    #[test]
    fn too_many_signs_are_told() {
        let told = problem("{selection: {C|windash: '-a -b -c -d'}, condition: selection}");
        assert_eq!(told.kind, ProblemKind::TooLarge);
    }
}
