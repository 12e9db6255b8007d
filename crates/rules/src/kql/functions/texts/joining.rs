//! Texts put together.

use super::super::{Accepts, Function, Type, Value};
use crate::kql::functions::arguments::Arguments;

const TEXT: Accepts = Accepts::Only(Type::String);
/// The most times that a text is repeated.
const MOST_REPEATED: i64 = 1_024;

/// The functions.
pub(in super::super) const FUNCTIONS: &[Function] = &[
    Function::define("strcat", &[TEXT], Type::String, |arguments| {
        Value::String(arguments.iter().map(Value::text).collect())
    })
    .with_rest(TEXT),
    Function::define("strcat_delim", &[TEXT, TEXT], Type::String, |arguments| {
        let texts: Vec<String> = arguments.iter().skip(1).map(Value::text).collect();
        Value::String(texts.join(arguments.text(0)))
    })
    .with_rest(TEXT),
    Function::define("strrep", &[TEXT, Accepts::Only(Type::Long), TEXT], Type::String, repeat)
        .with_optional(1),
];

fn repeat(arguments: &[Value]) -> Value {
    let times = arguments.long(1).unwrap_or(0).clamp(0, MOST_REPEATED);
    let texts = vec![arguments.text(0); usize::try_from(times).unwrap_or_default()];
    Value::String(texts.join(arguments.text(2)))
}

#[cfg(test)]
mod tests {
    use super::super::super::function;
    use super::*;

    #[test]
    fn the_empty_text_keeps_its_place_between_delimiters() {
        let call = |name: &str, texts: &[&str]| {
            let texts: Vec<Value> =
                texts.iter().map(|text| Value::String((*text).to_owned())).collect();
            (function(name).unwrap().call)(&texts).text()
        };
        assert_eq!(call("strcat", &["a", "", "b"]), "ab");
        assert_eq!(call("strcat_delim", &["-", "a", "", "b"]), "a--b");
        let [text, comma] = ["ab", ","].map(|text| Value::String(text.to_owned()));
        let repeat = function("strrep").unwrap().call;
        assert_eq!(repeat(&[text.clone(), Value::Long(2), comma]).text(), "ab,ab");
        assert_eq!(repeat(&[text.clone(), Value::Long(-1)]).text(), "");
        assert_eq!(repeat(&[text, Value::Long(i64::MAX)]).text().len(), 2_048);
    }
}
