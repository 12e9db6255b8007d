//! Conditions and expressions put together at random.
