//! What the library is known to get wrong, and is put right before it sees a rule.
