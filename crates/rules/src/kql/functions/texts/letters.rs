//! The letters of a text: their case, their order and their numbers.

use idna::punycode;

use super::super::{Accepts, Function, Type, Value};
use crate::kql::Dynamic;
use crate::kql::functions::arguments::{Arguments, array};

const TEXT: &[Accepts] = &[Accepts::Only(Type::String)];
/// The most code points that become a text.
const MOST_LETTERS: usize = 1 << 20;
/// What marks a label of a host name that is written in Punycode.
const MARK: &str = "xn--";

/// A function of one text; a macro, since a constant function takes no other in.
macro_rules! of_text {
    ($name:literal, $compute:expr) => {
        Function::define($name, TEXT, Type::String, |arguments| {
            let compute: fn(&str) -> String = $compute;
            Value::String(compute(arguments.text(0)))
        })
    };
}

const FROM_CODE_POINTS: Function = Function::define(
    "unicode_codepoints_to_string",
    &[Accepts::Any],
    Type::String,
    from_code_points,
)
.with_rest(Accepts::Any);

const TO_CODE_POINTS: Function =
    Function::define("unicode_codepoints_from_string", TEXT, Type::Dynamic, |arguments| {
        let letters = arguments.text(0).chars();
        array(letters.map(|letter| Dynamic::Long(u32::from(letter).into())).collect())
    });

/// The functions.
pub(in super::super) const FUNCTIONS: &[Function] = &[
    of_text!("tolower", |text| text.to_lowercase()),
    of_text!("toupper", |text| text.to_uppercase()),
    of_text!("reverse", |text| text.chars().rev().collect()),
    Function::define(
        "translate",
        &[Accepts::Only(Type::String), Accepts::Only(Type::String), Accepts::Only(Type::String)],
        Type::String,
        translate,
    ),
    TO_CODE_POINTS,
    TO_CODE_POINTS.also("to_utf8"),
    FROM_CODE_POINTS,
    FROM_CODE_POINTS.also("make_string"),
    of_text!("punycode_from_string", encoded),
    of_text!("punycode_to_string", |text| punycode::decode_to_string(text).unwrap_or_default()),
    of_text!("punycode_domain_from_string", |text| {
        labels(text, |label| {
            if label.is_ascii() { label.to_owned() } else { format!("{MARK}{}", encoded(label)) }
        })
    }),
    of_text!("punycode_domain_to_string", |text| {
        labels(text, |label| {
            let decoded = label.strip_prefix(MARK).and_then(punycode::decode_to_string);
            decoded.unwrap_or_else(|| label.to_owned())
        })
    }),
];

fn encoded(text: &str) -> String {
    punycode::encode_str(text).unwrap_or_default()
}

fn labels(host: &str, convert: fn(&str) -> String) -> String {
    host.split('.').map(convert).collect::<Vec<_>>().join(".")
}

/// Each letter of the first list replaced by that of the second, or by its last where it is shorter.
fn translate(arguments: &[Value]) -> Value {
    let searched: Vec<char> = arguments.text(0).chars().collect();
    let replacements: Vec<char> = arguments.text(1).chars().collect();
    let replaced = |letter: char| match searched.iter().position(|known| *known == letter) {
        Some(place) => replacements.get(place).or(replacements.last()).copied(),
        None => Some(letter),
    };
    Value::String(arguments.text(2).chars().filter_map(replaced).collect())
}

/// The text of code points, which may come in arrays; what is none is left out.
fn from_code_points(arguments: &[Value]) -> Value {
    let points = arguments.iter().flat_map(|argument| match argument {
        Value::Dynamic(Dynamic::Array(points)) => {
            points.iter().cloned().map(Value::of_dynamic).collect()
        }
        point => vec![point.clone()],
    });
    let letter = |point: Value| match point.convert(Type::Long) {
        Value::Long(point) => u32::try_from(point).ok().and_then(char::from_u32),
        _ => None,
    };
    Value::String(points.filter_map(letter).take(MOST_LETTERS).collect())
}

#[cfg(test)]
mod tests {
    use super::super::super::function;
    use super::*;

    fn call(name: &str, texts: &[&str]) -> String {
        let texts: Vec<Value> =
            texts.iter().map(|text| Value::String((*text).to_owned())).collect();
        (function(name).unwrap().call)(&texts).text()
    }

    #[test]
    fn letters_are_translated_one_by_one() {
        assert_eq!(call("translate", &["abc", "x", "abcd"]), "xxxd");
        assert_eq!(call("translate", &["abc", "", "ab"]), "");
        assert_eq!(call("translate", &["dlrow", "world", "dlrow"]), "world");
    }

    #[test]
    fn code_points_are_numbers_in_arrays_or_not() {
        assert_eq!(call("unicode_codepoints_from_string", &["aé"]), "[97,233]");
        let array = Value::of_dynamic(Dynamic::of_json("[75,117]").unwrap());
        let text = (function("make_string").unwrap().call)(&[array, Value::Long(115)]);
        assert_eq!(text.text(), "Kus");
    }

    #[test]
    fn punycode_goes_there_and_back() {
        for (text, written) in [("bücher", "bcher-kva"), ("ä", "4ca"), ("例え", "r8jz45g")] {
            assert_eq!(call("punycode_from_string", &[text]), written);
            assert_eq!(call("punycode_to_string", &[written]), text);
        }
        assert_eq!(
            call("punycode_domain_from_string", &["bücher.example"]),
            "xn--bcher-kva.example"
        );
        assert_eq!(call("punycode_domain_to_string", &["xn--bcher-kva.example"]), "bücher.example");
    }

    #[test]
    fn case_and_order_are_those_of_letters() {
        assert_eq!(call("toupper", &["straße"]), "STRASSE");
        assert_eq!(call("tolower", &["ÄB"]), "äb");
        assert_eq!(call("reverse", &["aéb"]), "béa");
    }
}
