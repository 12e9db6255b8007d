//! Globally unique identifiers.

use std::fmt;

/// A globally unique identifier, its bytes in the order they are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Guid(pub u128);

impl Guid {
    /// The identifier that a text says: 32 hexadecimal digits, with or without braces, and with hyphens
    /// wherever they stand.
    ///
    /// <https://learn.microsoft.com/kusto/query/toguid-function> reads groups of other lengths as well.
    pub fn parse(text: &str) -> Option<Guid> {
        let text = text.trim();
        let bare = match text.strip_prefix('{') {
            Some(rest) => rest.strip_suffix('}')?,
            None => text,
        };
        let digits = bare.replace('-', "");
        let is_hexadecimal = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        if digits.len() != 32 || !is_hexadecimal {
            return None;
        }
        u128::from_str_radix(&digits, 16).ok().map(Guid)
    }
}

impl fmt::Display for Guid {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Guid(bits) = *self;
        write!(
            formatter,
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            bits >> 96,
            (bits >> 80) & 0xffff,
            (bits >> 64) & 0xffff,
            (bits >> 48) & 0xffff,
            bits & 0xffff_ffff_ffff
        )
    }
}

#[cfg(test)]
mod tests {
    use super::Guid;

    #[test]
    fn every_spelling_is_written_back_alike() {
        let written = "74be27de-1e4e-49d9-b579-fe0b331d3642";
        for text in [
            written,
            "74BE27DE-1E4E-49D9-B579-FE0B331D3642",
            "{74be27de-1e4e-49d9-b579-fe0b331d3642}",
            " 74be27de1e4e49d9b579fe0b331d3642 ",
            "74be27de1e4e-49d9-b579-fe0b-331d3642",
        ] {
            assert_eq!(Guid::parse(text).unwrap().to_string(), written);
        }
        for text in [
            "",
            "74be27de",
            "74be27de-1e4e-49d9-b579-fe0b331d364z",
            "{74be27de1e4e49d9b579fe0b331d3642",
        ] {
            assert_eq!(Guid::parse(text), None);
        }
    }
}
