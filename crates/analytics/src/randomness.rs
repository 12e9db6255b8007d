//! Whether a label was drawn rather than chosen.
//!
//! People name things with words, and programs draw names from an alphabet. Both ways of writing a
//! label have a cost in bits; what the words cost more than the draw is evidence for the draw:
//!
//! ```text
//! words   = sum over neighbours of -log2 P(second | first)
//! draw    = log2 of the smallest alphabet that has all characters, for each neighbour
//! bits    = words - draw
//! ```
//!
//! `P` comes from the distinct words in this repository, each by the root of its count, in whole bits
//! from 1 to 10. Evidence grows with length; parts of fewer than eight characters, such as the short hash
//! that deployments put behind a name, say nothing. The parts of a
//! label between dashes are judged apart, and the most telling one counts, since a drawn part behind a
//! word is as common as a drawn label. Digits among themselves cost what a draw of digits costs, so
//! numbers, dates and account numbers say nothing.
//!
//! Words of other languages cost a bit or two more than English ones and stay below a draw; initials
//! and abbreviations are too short to matter.

/// Bits of each letter behind each letter, less one: row and column are letters from `a`.
const LETTERS: [&[u8; 26]; 26] = [
    b"74338649495232939232566746",
    b"26561686349289289335289838",
    b"28562792493368169352489979",
    b"25741556289564359434468859",
    b"36325557597342856123745469",
    b"28663359199377298354396959",
    b"36691853297453349234378976",
    b"16781899298857189453499859",
    b"46333549797341249432949696",
    b"39761797395996297917297777",
    b"46740477278573558724467979",
    b"29731599297286269834368949",
    b"14771999297545329947499989",
    b"37322528495674369721557968",
    b"65447549585331449244353789",
    b"29662795397277239243378969",
    b"79659799799465799475077997",
    b"27441757295545268433448949",
    b"49371783395566347621366959",
    b"27461693199576359334495849",
    b"54442559499332649222999997",
    b"28660889199979469785797979",
    b"29772672289783289227785799",
    b"35352576397638819671998648",
    b"54473665579343428511764796",
    b"36650576279797299739299754",
];

/// Bits of a digit behind a digit: the same as in a draw of digits.
const DIGITS: f64 = std::f64::consts::LOG2_10;

/// Bits of a digit behind a letter, or the other way round. Words end in a number, and seldom have two.
const CHANGE: f64 = 7.0;

/// Shorter parts say nothing.
const LEAST_CHARACTERS: usize = 8;

/// How much more a label costs as words than as a draw, in bits; at most of any of its parts, and below
/// 0 for words.
///
/// ```
/// use coldtrail_analytics::randomness;
///
/// assert!(randomness("weather-dashboard-2024") < 0.0);
/// assert!(randomness("q7xkz0vw3jpd") > 20.0);
/// ```
pub fn randomness(label: &str) -> f64 {
    let parts = label.split(['-', '_', '.']).filter(|part| part.len() >= LEAST_CHARACTERS);
    parts.map(of_part).max_by(f64::total_cmp).unwrap_or_default()
}

fn of_part(part: &str) -> f64 {
    let bytes = part.as_bytes();
    let draw = bits_of_a_draw(bytes);
    bytes.windows(2).map(|pair| bits_in_words(pair) - draw).sum()
}

/// What one more character costs, drawn from the smallest of the usual alphabets.
fn bits_of_a_draw(part: &[u8]) -> f64 {
    let all = |is: fn(&u8) -> bool| part.iter().all(is);
    let size: f64 = match () {
        () if all(u8::is_ascii_digit) => 10.0,
        () if all(u8::is_ascii_hexdigit) => 16.0,
        () if all(u8::is_ascii_alphabetic) => 26.0,
        () => 36.0,
    };
    size.log2()
}

fn bits_in_words(pair: &[u8]) -> f64 {
    let [first, second] = pair else { return 0.0 };
    match (letter(*first), letter(*second)) {
        (Some(first), Some(second)) => {
            let bits = LETTERS.get(first).and_then(|row| row.get(second)).copied();
            f64::from(bits.unwrap_or(b'9') - b'0') + 1.0
        }
        (None, None) => DIGITS,
        _ => CHANGE,
    }
}

/// A letter's place in the alphabet. What is neither letter nor digit is no part of an ASCII label.
fn letter(byte: u8) -> Option<usize> {
    let byte = byte.to_ascii_lowercase();
    byte.is_ascii_lowercase().then(|| usize::from(byte - b'a'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{LETTERS, randomness};

    #[test]
    fn names_that_people_give_are_no_draws() {
        let names = [
            "frontend",
            "prod-api",
            "my-webhook-handler",
            "kundenportal",
            "rechnungsdienst",
            "facturacion-electronica",
            "zhongguo-dianshi",
            "przepisy-kuchnia",
            "bmw-connect",
            "kubectl-proxy",
            "myfirstazurewebapp",
            "accounting2024",
            "project-105304738",
            "serene-caverns-82714",
            "release-20240513",
            "brilliant-kitten-a1b2c3",
        ];
        for name in names {
            assert!(randomness(name) < 12.0, "{name}: {}", randomness(name));
        }
    }

    #[test]
    fn draws_are_known_by_their_length() {
        for drawn in ["q7xkz0vw3jpd", "xvqjzkwpbhfd", "9b36ff1a0e6c47d2", "edge-4kvt3r9p8zq1"] {
            assert!(randomness(drawn) >= 15.0, "{drawn}: {}", randomness(drawn));
        }
        assert!(randomness("x7q") < 12.0);
    }

    #[test]
    fn every_cell_is_a_digit() {
        assert!(LETTERS.iter().all(|row| row.iter().all(u8::is_ascii_digit)));
    }

    proptest! {
        #[test]
        fn any_text_has_a_number(text in ".{0,80}") {
            prop_assert!(randomness(&text).is_finite());
        }
    }
}
