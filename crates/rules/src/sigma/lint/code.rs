//! The sorts of findings, each with a code that stays and a line that says what it is.

/// How grave a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Weight {
    /// The rule does not load, can never match, or matches everything.
    Error,
    /// The rule matches too much or too little, or says something that is not so.
    Warning,
    /// It could be written better.
    Note,
}

impl Weight {
    /// The word that is shown for it.
    pub fn name(self) -> &'static str {
        match self {
            Weight::Error => "error",
            Weight::Warning => "warning",
            Weight::Note => "note",
        }
    }
}

/// Names each sort once, with its code, its weight and its description.
macro_rules! lint_codes {
    ($($name:ident, $code:literal, $weight:ident, $description:literal;)+) => {
        /// What sort of thing is wrong. The code is stable.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum LintCode {
            $(#[doc = $description] $name,)+
        }

        impl LintCode {
            /// Every code, in the order in which they are documented.
            pub const ALL: &'static [LintCode] = &[$(LintCode::$name,)+];

            /// The stable code.
            pub fn code(self) -> &'static str {
                match self { $(LintCode::$name => $code,)+ }
            }

            /// What it is, in a line.
            pub fn description(self) -> &'static str {
                match self { $(LintCode::$name => $description,)+ }
            }

            /// How grave it is.
            pub fn weight(self) -> Weight {
                match self { $(LintCode::$name => Weight::$weight,)+ }
            }
        }
    };
}

lint_codes! {
    Invalid, "invalid", Error, "The file is no valid YAML, or no rule.";
    MissingTitle, "missing-title", Error, "A rule without a title.";
    MissingDetection, "missing-detection", Error, "A rule that does not say what it looks for.";
    MissingCondition, "missing-condition", Error, "Detections that nothing puts together.";
    EmptyDetection, "empty-detection", Error, "A detection, or a field in it, without anything to look for.";
    UnknownModifier, "unknown-modifier", Error, "A modifier that Sigma does not have.";
    InvalidCondition, "invalid-condition", Error, "A condition that cannot be read.";
    UnknownDetection, "unknown-detection", Error, "A condition names a detection that is not there.";
    InvalidPattern, "invalid-pattern", Error, "A regular expression that cannot be compiled.";
    InvalidValue, "invalid-value", Error, "A value that its modifier cannot be used with.";
    InvalidCorrelation, "invalid-correlation", Error, "A correlation that lacks something, or says it wrongly.";
    InvalidFilter, "invalid-filter", Error, "A filter that lacks something, or says it wrongly.";
    MatchesEverything, "matches-everything", Error, "The rule matches every event of its log source.";
    OnlyNegations, "only-negations", Warning, "The condition says only what an event must not be.";
    AnyValue, "any-value", Note, "A field may hold anything, as long as it is there.";
    MissingLogSource, "missing-log-source", Warning, "A rule that does not say which log it is about.";
    UnfedLogSource, "unfed-log-source", Warning, "No log that Coldtrail reads is of this log source.";
    AbsentLogSource, "absent-log-source", Note, "None of the logs at hand is of this log source.";
    UnusedDetection, "unused-detection", Warning, "A detection that no condition names.";
    UnknownKey, "unknown-key", Warning, "A key that the specification does not have.";
    InvalidId, "invalid-id", Warning, "The identifier is no UUID.";
    InvalidDate, "invalid-date", Warning, "A date that is none.";
    OldDate, "old-date", Warning, "A date in the form that Sigma used before 2.0.";
    ModifiedBeforeDate, "modified-before-date", Warning, "Changed before it was written.";
    UnknownStatus, "unknown-status", Warning, "A status that the specification does not have.";
    UnknownLevel, "unknown-level", Warning, "A level that the specification does not have.";
    InvalidTag, "invalid-tag", Warning, "A tag that is not a namespace, a dot and a name, in small letters.";
    UnknownTagNamespace, "unknown-tag-namespace", Warning, "A tag of a namespace that the specification does not have.";
    OldTag, "old-tag", Note, "The name of a tactic in the form that Sigma used before 2.0.";
    Repeated, "repeated", Note, "Something that a list says twice.";
    InvalidRelated, "invalid-related", Warning, "A relation to another rule that cannot be followed.";
    TooLong, "too-long", Warning, "A text that is longer than the specification allows.";
    MissingLevel, "missing-level", Note, "A rule that does not say how grave a match is.";
    MissingDescription, "missing-description", Note, "A rule that does not say what it is for.";
    MissingAuthor, "missing-author", Note, "A rule that does not say who wrote it.";
    NotRecommended, "not-recommended", Note, "Something that the specification advises against.";
    SuffixWithoutDot, "suffix-without-dot", Warning, "The end of a host name that also ends other names.";
    ReverseName, "reverse-name", Warning, "A name that Sysmon looked up from the address, not the one that was asked for.";
    CasedName, "cased-name", Warning, "Host names compared by case, which names do not have.";
    UnknownField, "unknown-field", Warning, "A field that no log of this log source has.";
    NumberAsText, "number-as-text", Note, "A number that is looked for as part of a text.";
    MisusedModifier, "misused-modifier", Warning, "A modifier that does nothing, or not what it seems to do.";
    LoneAll, "lone-all", Note, "All of one value.";
    EscapedWildcard, "escaped-wildcard", Warning, "A backslash that takes the meaning of the wildcard behind it.";
    DoubleWildcard, "double-wildcard", Note, "A wildcard where the modifier says the same.";
    PlainPattern, "plain-pattern", Note, "A regular expression where a plain text would do.";
    NullInList, "null-in-list", Warning, "Nothing as one of several values.";
    Base64WithoutOffset, "base64-without-offset", Warning, "Base64 that is found in one of three positions only.";
    NoNameTested, "no-name-tested", Warning, "A technique about infrastructure, in a rule that looks at no name.";
    FewPlatforms, "few-platforms", Note, "A rule about serverless hosts that knows only some of them.";
}

impl LintCode {
    /// Whether the rule does not load, can never match, or matches everything.
    pub fn is_error(self) -> bool {
        self.weight() == Weight::Error
    }

    /// The sort of that code.
    pub fn of_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|lint| lint.code() == code)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn codes_are_unlike_in_kebab_case_and_found_by_name() {
        let codes: BTreeSet<&str> = LintCode::ALL.iter().map(|lint| lint.code()).collect();
        assert_eq!(codes.len(), LintCode::ALL.len());
        for lint in LintCode::ALL {
            let code = lint.code();
            assert!(
                code.bytes().all(|byte| byte == b'-' || byte.is_ascii_alphanumeric()),
                "{code}"
            );
            assert_eq!(code, code.to_lowercase());
            assert!(lint.description().ends_with('.'), "{code}");
            assert_eq!(LintCode::of_code(code), Some(*lint));
        }
        assert!(LintCode::MatchesEverything.is_error() && !LintCode::OldDate.is_error());
    }
}
