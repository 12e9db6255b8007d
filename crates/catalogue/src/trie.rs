//! Host patterns, found label by label from the right.
//!
//! Every pattern ends with a domain of two literal labels, which is the first step; a literal label
//! is a step of its own. Such a step is one probe of a hash table, keyed by the node it starts from
//! and the text, so an ordinary name costs one probe and no allocation. Labels with placeholders are
//! few per node and tried one after the other. Where several patterns fit, the one with the lowest rank wins; see
//! [`HostPattern`] for how patterns are ranked.

use std::cmp::Reverse;

use crate::template::{Captures, Template, TemplateError};

/// A host pattern: a domain, labels in front of it, and whether more labels may stand in front of
/// those.
#[derive(Debug)]
pub(crate) struct HostPattern {
    labels: Vec<Template>,
    /// The last two labels, which are literal.
    domain: String,
    /// Whether further labels to the left belong to the same customer.
    open: bool,
}

/// How a pattern compares with others that fit the same host. Smaller is preferred.
pub(crate) type Specificity = (Reverse<usize>, Reverse<usize>, Reverse<usize>);

impl HostPattern {
    /// Reads `{tenant}.pages.dev`.
    pub(crate) fn parse(text: &str, open: bool) -> Result<Self, TemplateError> {
        let LastLabels { rest, text: domain, .. } = split_last_labels(text, 2);
        if !domain.contains('.') || domain.contains(['{', '}']) {
            return Err(TemplateError::NoDomain(text.to_owned()));
        }
        let labels = match rest {
            Some(rest) => rest.split('.').map(Template::label).collect::<Result<_, _>>()?,
            None => Vec::new(),
        };
        Ok(Self { labels, domain: domain.to_owned(), open })
    }

    /// The more labels the more specific; then the more fixed bytes; then the more placeholders
    /// with a shape.
    pub(crate) fn specificity(&self) -> Specificity {
        let (mut fixed, mut shaped) = (self.domain.len(), 0);
        for label in &self.labels {
            let (bytes, shapes) = label.specificity();
            fixed += bytes;
            shaped += shapes;
        }
        (Reverse(self.labels.len()), Reverse(fixed), Reverse(shaped))
    }

    /// The names of all placeholders.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.labels.iter().flat_map(Template::names)
    }

    /// Whether hosts of this pattern are each one customer's, which is what the label at the very
    /// left says.
    pub(crate) fn names_a_customer(&self) -> bool {
        self.labels.first().is_some_and(|label| label.literal().is_none())
    }

    /// Whether this pattern fits `host`: the slow and obvious way, against which the trie is tested.
    #[cfg(test)]
    pub(crate) fn matches(&self, host: &str) -> bool {
        let labels: Vec<&str> = host.split('.').collect();
        let Some(surplus) = labels.len().checked_sub(self.labels.len() + 2) else { return false };
        let (front, domain) = labels[surplus..].split_at(self.labels.len());
        (surplus == 0 || self.open)
            && front.iter().zip(&self.labels).all(|(label, t)| t.matches(label))
            && domain.join(".").eq_ignore_ascii_case(&self.domain)
    }

    /// The placeholders that the labels of `name` fill, where hosts of this pattern lie below it.
    pub(crate) fn filled_by(&self, name: &str) -> Option<Vec<&str>> {
        let mut domain = self.domain.rsplit('.');
        let mut front = self.labels.iter().rev();
        let mut filled = Vec::new();
        for label in name.rsplit('.') {
            match domain.next() {
                Some(literal) if literal.eq_ignore_ascii_case(label) => {}
                Some(_) => return None,
                None => {
                    let template = front.next().filter(|template| template.matches(label))?;
                    filled.extend(template.names());
                }
            }
        }
        let is_below = domain.next().is_some() || front.next().is_some();
        is_below.then_some(filled)
    }

    /// What the placeholders stand for in a host that this pattern fits.
    pub(crate) fn capture<'p, 't>(&'p self, host: &'t str, captures: &mut Captures<'p, 't>) {
        let front = host.rsplit('.').skip(2);
        for (template, label) in self.labels.iter().rev().zip(front) {
            template.capture(label, captures);
        }
    }
}

/// All patterns. A pattern is named by its rank, which is its position in the list given.
#[derive(Debug)]
pub(crate) struct Trie {
    nodes: Vec<Node>,
    /// Where literal labels lead: open addressing with linear probing, a quarter full at most.
    table: Vec<Slot>,
}

/// A place in the table. The hash is kept so that a probe rarely has to look at a node in vain.
#[derive(Clone, Copy, Debug)]
struct Slot {
    hash: u32,
    node: u32,
}

#[derive(Debug, Default)]
struct Node {
    /// The node to the right and the literal text that leads here from it.
    edge: Option<(u32, Box<str>)>,
    /// Whether any literal label leads on from here.
    has_literals: bool,
    /// Labels with placeholders that lead on from here.
    shaped: Vec<(Template, u32)>,
    /// Patterns that end here, best rank first.
    ends: Vec<End>,
}

#[derive(Clone, Copy, Debug)]
struct End {
    rank: u32,
    open: bool,
}

const ROOT: u32 = 0;

/// Ends a probe: no literal label leads to the root.
const EMPTY: Slot = Slot { hash: 0, node: ROOT };

impl Trie {
    /// Builds the trie from patterns in order of preference.
    pub(crate) fn new<'p>(patterns: impl IntoIterator<Item = &'p HostPattern>) -> Self {
        let mut trie = Self { nodes: vec![Node::default()], table: Vec::new() };
        for (rank, pattern) in (0..).zip(patterns) {
            trie.insert(pattern, rank);
        }
        trie.index();
        trie
    }

    /// The best pattern that fits `host` and that `accept` agrees to.
    #[inline]
    pub(crate) fn find(&self, host: &str, accept: impl Fn(usize) -> bool) -> Option<usize> {
        let domain = split_last_labels(host, 2);
        let node = self.literal_child(ROOT, &domain)?;
        let mut search = Search { trie: self, accept, best: None };
        search.visit(node, domain.rest);
        search.best.map(|rank| rank as usize)
    }

    fn insert(&mut self, pattern: &HostPattern, rank: u32) {
        let mut at = self.make_literal_child(ROOT, &pattern.domain);
        for label in pattern.labels.iter().rev() {
            at = match label.literal() {
                Some(literal) => self.make_literal_child(at, literal),
                None => self.make_shaped_child(at, label),
            };
        }
        if let Some(node) = self.nodes.get_mut(at as usize) {
            node.ends.push(End { rank, open: pattern.open });
        }
    }

    /// The node behind a literal text, made if it is not there yet. Slow: the table is filled when
    /// all nodes are made.
    fn make_literal_child(&mut self, parent: u32, literal: &str) -> u32 {
        let leads_here =
            |node: &Node| node.edge.as_ref().is_some_and(|(p, l)| *p == parent && **l == *literal);
        if let Some(known) = self.nodes.iter().position(leads_here) {
            return known as u32;
        }
        if let Some(node) = self.nodes.get_mut(parent as usize) {
            node.has_literals = true;
        }
        self.add(Node { edge: Some((parent, literal.into())), ..Node::default() })
    }

    /// The same for a label with placeholders.
    fn make_shaped_child(&mut self, parent: u32, label: &Template) -> u32 {
        let made = self.nodes.len() as u32;
        if let Some(node) = self.nodes.get_mut(parent as usize) {
            if let Some((_, known)) = node.shaped.iter().find(|(known, _)| known == label) {
                return *known;
            }
            node.shaped.push((label.clone(), made));
        }
        self.add(Node::default())
    }

    fn add(&mut self, node: Node) -> u32 {
        self.nodes.push(node);
        (self.nodes.len() - 1) as u32
    }

    fn index(&mut self) {
        self.table = vec![EMPTY; (self.nodes.len() * 4).next_power_of_two()];
        let mask = self.table.len() - 1;
        for (node, content) in (0..).zip(&self.nodes) {
            let Some((parent, label)) = &content.edge else { continue };
            let hash = edge_hash(*parent, hash(label));
            let mut place = hash as usize & mask;
            while self.table.get(place).is_some_and(|taken| taken.node != ROOT) {
                place = (place + 1) & mask;
            }
            if let Some(free) = self.table.get_mut(place) {
                *free = Slot { hash, node };
            }
        }
    }

    #[inline]
    fn literal_child(&self, parent: u32, label: &LastLabels<'_>) -> Option<u32> {
        let mask = self.table.len() - 1;
        let hash = edge_hash(parent, label.hash);
        let mut place = hash as usize & mask;
        loop {
            let slot = self.table.get(place)?;
            if slot.node == ROOT {
                return None;
            }
            if slot.hash == hash {
                let (origin, known) = self.nodes.get(slot.node as usize)?.edge.as_ref()?;
                if *origin == parent && known.eq_ignore_ascii_case(label.text) {
                    return Some(slot.node);
                }
            }
            place = (place + 1) & mask;
        }
    }
}

/// One walk through the trie.
struct Search<'t, A> {
    trie: &'t Trie,
    accept: A,
    best: Option<u32>,
}

impl<A: Fn(usize) -> bool> Search<'_, A> {
    /// Looks on from a node, with the labels that are left, if any. Depth is bounded by the longest
    /// pattern.
    fn visit(&mut self, at: u32, rest: Option<&str>) {
        let Some(node) = self.trie.nodes.get(at as usize) else { return };
        for end in &node.ends {
            let better = self.best.is_none_or(|best| end.rank < best);
            if better && (rest.is_none() || end.open) && (self.accept)(end.rank as usize) {
                self.best = Some(end.rank);
            }
        }
        let Some(rest) = rest else { return };
        let label = split_last_labels(rest, 1);
        if node.has_literals
            && let Some(child) = self.trie.literal_child(at, &label)
        {
            self.visit(child, label.rest);
        }
        for (template, child) in &node.shaped {
            if template.matches(label.text) {
                self.visit(*child, label.rest);
            }
        }
    }
}

/// One or more labels furthest to the right, and what stands left of their dot.
struct LastLabels<'h> {
    rest: Option<&'h str>,
    text: &'h str,
    /// See [`hash`].
    hash: u64,
}

/// Splits `a.b.c` into `a` and `b.c` if two labels are wanted, and hashes these in the same pass.
#[inline]
fn split_last_labels(host: &str, mut wanted: usize) -> LastLabels<'_> {
    let mut hash = 0;
    for (place, byte) in host.bytes().enumerate().rev() {
        if byte == b'.' {
            wanted -= 1;
            if wanted == 0 {
                let text = host.get(place + 1..).unwrap_or_default();
                return LastLabels { rest: host.get(..place), text, hash };
            }
        }
        hash = hash_with(hash, byte);
    }
    LastLabels { rest: None, text: host, hash }
}

/// A hash that folds the case of letters. Other characters that fold together only cost a
/// comparison, and so do texts made to collide: what is in the table does not depend on them.
fn hash(text: &str) -> u64 {
    text.bytes().rev().fold(0, hash_with)
}

#[inline]
fn hash_with(hash: u64, byte: u8) -> u64 {
    hash.rotate_left(7) ^ u64::from(byte | 0x20)
}

/// Where a text leads depends on the node it starts from.
#[inline]
fn edge_hash(parent: u32, label: u64) -> u32 {
    // Two odd numbers of good repute: the golden ratio, and a multiplier of MurmurHash.
    let mixed = (label ^ u64::from(parent).wrapping_mul(0x9E37_79B9_7F4A_7C15))
        .wrapping_mul(0xFF51_AFD7_ED55_8CCD);
    (mixed >> 32) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trie(patterns: &[&str]) -> Trie {
        let patterns: Vec<_> =
            patterns.iter().map(|text| HostPattern::parse(text, true).expect("valid")).collect();
        Trie::new(&patterns)
    }

    #[test]
    fn labels_match_whole_and_in_any_case() {
        let trie = trie(&["{tenant}.workers.dev"]);
        assert_eq!(trie.find("A.Workers.DEV", |_| true), Some(0));
        assert_eq!(trie.find("a.b.workers.dev", |_| true), Some(0));
        for other in
            ["workers.dev", "a.myworkers.dev", "a.workers.dev.example.com", "dev", "", ".", ".."]
        {
            assert_eq!(trie.find(other, |_| true), None, "{other}");
        }
    }

    #[test]
    fn the_first_pattern_wins_unless_it_is_refused() {
        let trie = trie(&["{app}.scm.azurewebsites.net", "{app}.azurewebsites.net"]);
        assert_eq!(trie.find("x.scm.azurewebsites.net", |_| true), Some(0));
        assert_eq!(trie.find("x.scm.azurewebsites.net", |rank| rank != 0), Some(1));
    }
}
