use std::collections::{BTreeMap, BTreeSet};

/// The columns of tables, by which records are told apart that do not say which table they are from.
#[derive(Clone, Debug, Default)]
pub struct KnownKinds {
    kinds: BTreeMap<String, BTreeSet<String>>,
}

impl KnownKinds {
    /// Kinds by name, each with the names of its columns.
    pub fn new<K, C>(kinds: impl IntoIterator<Item = (K, C)>) -> Self
    where
        K: Into<String>,
        C: IntoIterator<Item: Into<String>>,
    {
        let kinds = kinds.into_iter().map(|(kind, columns)| {
            (kind.into(), columns.into_iter().map(Into::into).collect::<BTreeSet<String>>())
        });
        Self { kinds: kinds.collect() }
    }

    /// Whether there is such a kind.
    pub(crate) fn has(&self, kind: &str) -> bool {
        self.kinds.contains_key(kind)
    }

    /// The kind that has most of those names, of several the one with the fewest others. `None` where two
    /// fit alike, or the best does not have at least three of the names and half of them all.
    pub(crate) fn best_fit(&self, names: &[&str]) -> Option<Fitting<'_>> {
        let fits = self.kinds.iter().map(|(kind, columns)| {
            let common = names.iter().filter(|name| columns.contains(**name)).count();
            Fitting { kind, common, others: columns.len() - common.min(columns.len()) }
        });
        let key = |fit: &Fitting<'_>| (fit.common, std::cmp::Reverse(fit.others));
        let mut fits: Vec<_> = fits.collect();
        fits.sort_by_key(|fit| std::cmp::Reverse(key(fit)));
        let mut fits = fits.into_iter();
        let best = fits.next()?;
        let is_alone = fits.next().is_none_or(|second| key(&second) != key(&best));
        (is_alone && best.common >= 3 && best.common * 2 >= names.len()).then_some(best)
    }
}

/// How well names fit the columns of a kind.
pub(crate) struct Fitting<'k> {
    /// The kind.
    pub(crate) kind: &'k str,
    /// How many of the names it has.
    pub(crate) common: usize,
    /// How many columns it has besides.
    pub(crate) others: usize,
}
