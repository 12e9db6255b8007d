//! Where records come from, in the words of rules.

use serde::Deserialize;

/// Where records come from, in the words of rules. Empty stands for "any".
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogSource {
    /// What records tell, such as `process_creation`.
    pub category: String,
    /// Whose records they are, such as `windows`.
    pub product: String,
    /// Which of the product's logs, such as `security`.
    pub service: String,
}

impl LogSource {
    /// Whether a rule of this log source is fed by a record of that one.
    pub fn is_fed_by(&self, other: &LogSource) -> bool {
        let is =
            |wanted: &str, given: &str| wanted.is_empty() || wanted.eq_ignore_ascii_case(given);
        is(&self.category, &other.category)
            && is(&self.product, &other.product)
            && is(&self.service, &other.service)
    }
}

impl std::fmt::Display for LogSource {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let words = [&self.product, &self.category, &self.service];
        let words: Vec<&str> =
            words.into_iter().map(String::as_str).filter(|word| !word.is_empty()).collect();
        formatter.write_str(&if words.is_empty() { "any".to_owned() } else { words.join("/") })
    }
}

#[cfg(test)]
mod tests {
    use super::LogSource;

    fn log_source(category: &str, product: &str, service: &str) -> LogSource {
        LogSource {
            category: category.to_owned(),
            product: product.to_owned(),
            service: service.to_owned(),
        }
    }

    #[test]
    fn each_word_of_a_rule_has_to_fit() {
        let record = log_source("dns_query", "windows", "sysmon");
        assert!(log_source("", "", "").is_fed_by(&record));
        assert!(log_source("DNS_Query", "Windows", "").is_fed_by(&record));
        assert!(!log_source("dns_query", "linux", "").is_fed_by(&record));
        assert!(!log_source("dns_query", "windows", "dns-client").is_fed_by(&record));
        assert!(!record.is_fed_by(&log_source("dns_query", "windows", "")));
    }

    #[test]
    fn it_shows_the_words_that_it_has() {
        assert_eq!(log_source("dns", "", "").to_string(), "dns");
        assert_eq!(log_source("", "aws", "cloudtrail").to_string(), "aws/cloudtrail");
        assert_eq!(log_source("", "", "").to_string(), "any");
    }
}
