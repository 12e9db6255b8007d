//! Keywords are looked for in the whole record, numbers too.
//!
//! The library wants all keywords of `'|all'` in one value of the record, though each may stand in another; and it
//! never finds a keyword that is a number.

use rsigma_ir::{IrDetection, IrMatcher, IrStrOp};

use super::super::detection::{all_of, any_matcher};

/// What a keyword is compared by, if the rule does not say it: it may stand anywhere in a value.
pub(in super::super) const COMPARISON: IrStrOp = IrStrOp::Contains;

/// The detection that keywords are.
pub(in super::super) fn detection(keywords: Vec<IrMatcher>, needs_all: bool) -> IrDetection {
    if needs_all {
        let all = keywords.iter().cloned().map(IrDetection::Keywords).collect();
        if let Some(all) = all_of(all) {
            return all;
        }
    }
    IrDetection::Keywords(any_matcher(keywords))
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::holds;

    #[test]
    fn a_keyword_is_found_in_any_value() {
        let detection = "{keywords: [mimi*katz, 4625], condition: keywords}";
        assert!(holds(detection, &[("A", "x"), ("B", "a mimi\nKATZ b")]));
        assert!(holds(detection, &[("EventID", "4625")]));
        assert!(!holds(detection, &[("A", "mimi"), ("B", "katz")]));
        assert!(holds("{k: needle, condition: k}", &[("A", "a NEEDLE in")]));
        assert!(holds("{k: {'|re': 'a.c$'}, condition: k}", &[("A", "xx"), ("B", "abc")]));
    }

    #[test]
    fn all_keywords_may_stand_in_different_values() {
        let detection = "{k: {'|all': [one, t*o, 3]}, condition: k}";
        assert!(holds(detection, &[("A", "one"), ("B", "3 two")]));
        assert!(!holds(detection, &[("A", "one"), ("B", "two")]));
        let detection = "{k: {'|contains|all': [one, two]}, condition: not k}";
        assert!(!holds(detection, &[("A", "one"), ("B", "two")]));
        assert!(holds(detection, &[("A", "one")]));
    }

    #[test]
    fn a_list_may_mix_keywords_and_mappings() {
        let detection = "{k: [{A: one}, needle], condition: k}";
        assert!(holds(detection, &[("A", "one")]));
        assert!(holds(detection, &[("B", "a needle")]));
        assert!(!holds(detection, &[("B", "one")]));
    }
}
