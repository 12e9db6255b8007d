//! The answers of a DNS message as it went over the wire (RFC 1035, 4.1).

use std::net::{Ipv4Addr, Ipv6Addr};

/// The answers of a response.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Answers {
    /// The response code.
    pub(super) code: u16,
    /// Names of the CNAME chain, then addresses, in order.
    pub(super) data: Vec<String>,
    /// Their times to live in seconds.
    pub(super) ttl: Vec<i64>,
}

/// The longest message.
const LONGEST: usize = 65_535;

/// How many labels a name may have: more than fit, so that pointers in a circle end.
const MOST_LABELS: usize = 128;

/// The bytes of a message written as `0x62F9…`.
pub(super) fn bytes(hexadecimal: &str) -> Option<Vec<u8>> {
    let digits = hexadecimal.strip_prefix("0x").unwrap_or(hexadecimal).as_bytes();
    if digits.is_empty() || digits.len() > 2 * LONGEST {
        return None;
    }
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let pairs = digits.chunks_exact(2).map(|pair| {
        let [high, low] = pair else { return None };
        u8::try_from(digit(*high)? * 16 + digit(*low)?).ok()
    });
    pairs.collect()
}

/// The answers of a message; none if it is a question. A message that ends early has those before.
pub(super) fn answers(message: &[u8]) -> Option<Answers> {
    let number = |place: usize| number(message, place);
    let flags = number(2)?;
    if flags & 0x8000 == 0 {
        return None;
    }
    let mut answers = Answers { code: flags & 0xf, ..Answers::default() };
    let mut place = 12;
    for _ in 0..number(4)? {
        place = name(message, place)?.1 + 4;
    }
    for _ in 0..number(6)? {
        let Some(behind) = answer(message, place, &mut answers) else { break };
        place = behind;
    }
    Some(answers)
}

/// Takes an answer; the place behind it.
fn answer(message: &[u8], place: usize, answers: &mut Answers) -> Option<usize> {
    let (_, place) = name(message, place)?;
    let kind = number(message, place)?;
    let ttl = i64::from(number(message, place + 4)?) << 16 | i64::from(number(message, place + 6)?);
    let length = usize::from(number(message, place + 8)?);
    let begin = place + 10;
    let data = message.get(begin..begin + length)?;
    let text = match kind {
        1 => <[u8; 4]>::try_from(data).ok().map(|bytes| Ipv4Addr::from(bytes).to_string()),
        28 => <[u8; 16]>::try_from(data).ok().map(|bytes| Ipv6Addr::from(bytes).to_string()),
        5 => name(message, begin).map(|(name, _)| name.to_lowercase()),
        _ => None,
    };
    if let Some(text) = text {
        answers.data.push(text);
        answers.ttl.push(ttl);
    }
    Some(begin + length)
}

/// The name at a place, and the place behind it.
fn name(message: &[u8], begin: usize) -> Option<(String, usize)> {
    let (mut name, mut place, mut behind) = (String::new(), begin, None);
    for _ in 0..MOST_LABELS {
        let length = *message.get(place)?;
        match length {
            0 => return Some((name, behind.unwrap_or(place + 1))),
            0xc0.. => {
                behind.get_or_insert(place + 2);
                place = usize::from(number(message, place)? & 0x3fff);
            }
            length => {
                let end = place + 1 + usize::from(length);
                if !name.is_empty() {
                    name.push('.');
                }
                name.push_str(&String::from_utf8_lossy(message.get(place + 1..end)?));
                place = end;
            }
        }
    }
    None
}

fn number(message: &[u8], place: usize) -> Option<u16> {
    let bytes = message.get(place..place.checked_add(2)?)?;
    Some(u16::from_be_bytes(bytes.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{answers, bytes};

    /// `a.example` is an alias of `b.example`, which has an address.
    const MESSAGE: &str = "0x0001818000010002000000000161076578616D706C650000010001\
        C00C000500010000003C00040162C00EC0270001000100000005000 4C0000207";

    #[test]
    fn aliases_and_addresses_are_answers() {
        let message = bytes(&MESSAGE.replace(' ', "")).expect("digits");
        let answers = answers(&message).expect("a response");
        assert_eq!(answers.data, ["b.example", "192.0.2.7"]);
        assert_eq!((answers.ttl, answers.code), (vec![60, 5], 0));
    }

    #[test]
    fn a_name_that_points_to_itself_ends() {
        assert_eq!(answers(b"\0\x01\x80\0\0\x01\0\0\0\0\0\0\xc0\x0c"), None);
        assert_eq!(bytes("0x0"), Some(Vec::new()));
        assert_eq!(bytes("zz"), None);
    }

    proptest! {
        #[test]
        fn no_message_makes_it_fall_over(message in prop::collection::vec(any::<u8>(), 0..80)) {
            let mut message = message;
            if let Some(flags) = message.get_mut(2) {
                *flags |= 0x80;
            }
            let _any = answers(&message);
        }
    }
}
