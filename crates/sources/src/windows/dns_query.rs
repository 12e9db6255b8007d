//! What Windows says about a DNS query, in Sysmon's event 22 and in event 3008 of the DNS client:
//! both write `QueryName`, `QueryStatus` and `QueryResults` in the same way.

use std::borrow::Cow;

use coldtrail_model::Field;

use crate::filling::{Filling, address};

/// Sets the name that was asked for, how that ended, and the answers in order.
pub(super) fn columns(filling: &mut Filling<'_, '_, '_>) {
    filling.domain(Field::DnsQuestionName, "QueryName");
    if let Some(status) = filling.value("QueryStatus") {
        filling.row().text(Field::DnsResponseCode, response_code(&status));
    }
    if let Some(results) = filling.value("QueryResults") {
        let answers = answers(&results);
        filling.row().texts(Field::DnsAnswersData, answers.iter().map(String::as_str));
    }
}

/// The response code that a status of the DNS client stands for
/// (<https://learn.microsoft.com/windows/win32/debug/system-error-codes--9000-11999->). Other
/// statuses, such as a time-out, come from the host itself: no response, no code.
fn response_code(status: &str) -> &'static str {
    match status {
        // 9501 says that the name exists without records of the type that was asked for.
        "0" | "9501" => "NOERROR",
        "9001" => "FORMERR",
        "9002" => "SERVFAIL",
        "9003" => "NXDOMAIN",
        "9004" => "NOTIMP",
        "9005" => "REFUSED",
        "9006" => "YXDOMAIN",
        "9007" => "YXRRSET",
        "9008" => "NXRRSET",
        "9009" => "NOTAUTH",
        "9010" => "NOTZONE",
        _ => "",
    }
}

/// The answers of `type:  5 name.example;::ffff:192.0.2.1;`. Addresses stand alone, everything else
/// follows the number of its type.
///
/// Long results are cut in the middle of an answer, so one that has no `;` behind it is left out:
/// the beginning of an address is another address.
fn answers(results: &str) -> Vec<String> {
    let (whole, _cut) = results.rsplit_once(';').unwrap_or_default();
    whole.split(';').map(answer).filter(|answer| !answer.is_empty()).collect()
}

fn answer(text: &str) -> String {
    let text = text.trim_ascii();
    let Some(typed) = text.strip_prefix("type:") else {
        return address(text).map_or_else(|| text.to_owned(), Cow::into_owned);
    };
    let Some((number, data)) = typed.trim_ascii_start().split_once(' ') else {
        return String::new();
    };
    if number == CNAME { data.trim_end_matches('.').to_lowercase() } else { data.to_owned() }
}

/// The type of an alias (RFC 1035, 3.2.2).
const CNAME: &str = "5";

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{answers, response_code};

    #[test]
    fn the_chain_of_names_stays_in_order() {
        let results =
            "type:  5 Edge.Example.;type:  5 e1.example;::ffff:192.0.2.1;2001:db8:0:0::1;";
        assert_eq!(answers(results), ["edge.example", "e1.example", "192.0.2.1", "2001:db8::1"]);
    }

    #[test]
    fn an_answer_that_was_cut_is_left_out() {
        assert_eq!(answers("192.0.2.1;192.0.2.2"), ["192.0.2.1"]);
        assert!(answers("192.0.2.1").is_empty());
    }

    #[test]
    fn other_types_keep_their_data_as_written() {
        let results = "type:  16 v=SPF1 -all;type:  6 ;type: 33;;";
        assert_eq!(answers(results), ["v=SPF1 -all"]);
    }

    #[test]
    fn a_status_without_response_has_no_code() {
        assert_eq!(response_code("9003"), "NXDOMAIN");
        assert_eq!(response_code("9501"), "NOERROR");
        assert_eq!(response_code("1460"), "");
        assert_eq!(response_code("0x0"), "");
    }

    proptest! {
        #[test]
        fn answers_are_never_empty(results in "[ ;:.a-z0-9]{0,60}") {
            prop_assert!(answers(&results).iter().all(|answer| !answer.is_empty()));
        }
    }
}
