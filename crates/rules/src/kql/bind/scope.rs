//! What names mean, besides columns.

use std::sync::Arc;

use super::relation::Relation;
use crate::kql::plan::Expression;
use crate::kql::syntax::Function;

/// What a name stands for.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "names are few, and their values are cloned anyway")]
pub(super) enum Entity {
    /// A scalar. One with columns belongs to the row of that number, and is an argument of a function.
    Scalar { expression: Expression, row: Option<usize> },
    /// A table.
    Table(Relation),
    /// A function or view, with the names around its text.
    Function { function: Arc<Function>, scope: Arc<Scope> },
}

impl Entity {
    /// What sort of thing it is, in words.
    pub(super) fn what(&self) -> &'static str {
        match self {
            Entity::Scalar { .. } => "a scalar",
            Entity::Table(_) => "a table",
            Entity::Function { .. } => "a function",
        }
    }
}

/// One name, and those that were known before it.
#[derive(Debug)]
pub(super) struct Scope {
    named: Option<(String, Entity)>,
    outer: Option<Arc<Scope>>,
}

impl Scope {
    /// No names.
    pub(super) fn root() -> Arc<Scope> {
        Arc::new(Scope { named: None, outer: None })
    }

    /// One name more, which hides what was called so before.
    pub(super) fn with(outer: &Arc<Scope>, name: &str, entity: Entity) -> Arc<Scope> {
        Arc::new(Scope { named: Some((name.to_owned(), entity)), outer: Some(Arc::clone(outer)) })
    }

    /// What a name stands for.
    pub(super) fn find(&self, name: &str) -> Option<&Entity> {
        self.entries().find(|(known, _)| *known == name).map(|(_, entity)| entity)
    }

    /// Every name, the latest first.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&str, &Entity)> {
        std::iter::successors(Some(self), |scope| scope.outer.as_deref())
            .filter_map(|scope| scope.named.as_ref())
            .map(|(name, entity)| (name.as_str(), entity))
    }
}

impl Drop for Scope {
    // A chain of many names would be dropped by recursion as deep as it is long.
    fn drop(&mut self) {
        let mut outer = self.outer.take();
        while let Some(mut scope) = outer.and_then(Arc::into_inner) {
            outer = scope.outer.take();
        }
    }
}
