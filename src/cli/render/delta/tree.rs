//! Children under their owners.

use std::collections::{BTreeMap, BTreeSet};

use super::{Item, items};
use crate::model::{Delta, Parent};

/// One resource with what belongs to it.
#[derive(Debug)]
pub struct Node<'a> {
    /// What stands here.
    pub what: What<'a>,
    /// Differences among what it owns, sorted.
    pub children: Vec<Node<'a>>,
}

/// A resource that differs, or an owner that does not and has children that do.
#[derive(Debug, Clone, Copy)]
pub enum What<'a> {
    /// It differs.
    Differs(Item<'a>),
    /// It stands here for its children.
    Owner(&'a Parent),
}

impl<'a> What<'a> {
    /// `CloudFormation` type name.
    pub fn type_name(&self) -> &'a str {
        match self {
            What::Differs(item) => &item.resource.type_name,
            What::Owner(parent) => &parent.type_name,
        }
    }
}

/// Everything that differs, as a forest: what no known owner has stands at the top.
pub fn forest(delta: &Delta) -> Vec<Node<'_>> {
    let items: BTreeMap<String, Item<'_>> =
        items(delta).into_iter().map(|item| (item.resource.key().to_string(), item)).collect();
    // Owners that do not differ themselves, up to the top.
    let mut owners: BTreeMap<&str, &Parent> = BTreeMap::new();
    for key in items.keys() {
        let mut at = key.as_str();
        while let Some(parent) = delta.owners.get(at) {
            if !items.contains_key(&parent.key) && owners.insert(&parent.key, parent).is_some() {
                break;
            }
            at = &parent.key;
            if at == key {
                break;
            }
        }
    }
    let mut children: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut roots: Vec<&str> = Vec::new();
    for key in items.keys().map(String::as_str).chain(owners.keys().copied()) {
        match delta.owners.get(key) {
            Some(parent) if parent.key != key => children.entry(parent.key.as_str()).or_default().push(key),
            _ => roots.push(key),
        }
    }
    let what = |key: &str| match items.get(key) {
        Some(item) => Some(What::Differs(*item)),
        None => owners.get(key).map(|parent| What::Owner(parent)),
    };
    let mut shown = BTreeSet::new();
    let mut nodes: Vec<Node<'_>> = roots.iter().filter_map(|key| node(key, &what, &children, &mut shown)).collect();
    // Owners that own each other have no top; nothing gets lost for that.
    let lost: Vec<&str> = items.keys().map(String::as_str).filter(|key| !shown.contains(*key)).collect();
    for key in lost {
        nodes.extend(node(key, &what, &children, &mut shown));
    }
    sort(&mut nodes);
    nodes
}

fn node<'a>(
    key: &str,
    what: &impl Fn(&str) -> Option<What<'a>>,
    children: &BTreeMap<&str, Vec<&str>>,
    shown: &mut BTreeSet<String>,
) -> Option<Node<'a>> {
    if !shown.insert(key.to_owned()) {
        return None;
    }
    let what_here = what(key)?;
    let below = children.get(key).into_iter().flatten();
    let mut children: Vec<Node<'a>> = below.filter_map(|child| node(child, what, children, shown)).collect();
    sort(&mut children);
    Some(Node { what: what_here, children })
}

fn sort(nodes: &mut [Node<'_>]) {
    nodes.sort_by_cached_key(|node| match node.what {
        What::Differs(item) => (item.resource.type_name.clone(), Some(item.kind), item.resource.key().to_string()),
        What::Owner(parent) => (parent.type_name.clone(), None, parent.key.clone()),
    });
}
