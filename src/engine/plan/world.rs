//! The live inventory as the planner looks at it.

use std::collections::HashMap;

use super::PlanInput;
use crate::catalog::references::References;
use crate::catalog::{Delete, Recipe, TypeSpec};
use crate::model::{Resource, ResourceKey};

/// Every live resource by number, its spec, and who refers to whom. The numbers are those of the reference graph.
pub(super) struct World<'a> {
    pub resources: &'a [Resource],
    pub references: References<'a>,
    /// Place of each resource among all, sorted by key: comparing numbers is comparing keys.
    pub place: Vec<usize>,
    /// What was added since the baseline.
    pub added: Vec<bool>,
    specs: Vec<Option<&'static TypeSpec>>,
    by_type: HashMap<&'a str, Vec<usize>>,
    by_key: HashMap<ResourceKey<'a>, usize>,
}

impl<'a> World<'a> {
    pub fn new(input: &PlanInput<'a>) -> Self {
        let resources = &input.live.resources[..];
        let mut by_type: HashMap<&str, Vec<usize>> = HashMap::new();
        for (at, resource) in resources.iter().enumerate() {
            by_type.entry(&resource.type_name).or_default().push(at);
        }
        let mut specs = vec![None; resources.len()];
        for (type_name, of_type) in &by_type {
            let spec = (input.spec_of)(type_name);
            for at in of_type {
                specs[*at] = spec;
            }
        }
        let mut sorted: Vec<usize> = (0..resources.len()).collect();
        sorted.sort_by(|a, b| resources[*a].key().cmp(&resources[*b].key()));
        let mut place = vec![0; resources.len()];
        for (at, resource) in sorted.iter().enumerate() {
            place[*resource] = at;
        }
        let by_key: HashMap<_, _> = resources.iter().enumerate().map(|(at, resource)| (resource.key(), at)).collect();
        let mut added = vec![false; resources.len()];
        for resource in input.delta.newcomers() {
            if let Some(at) = by_key.get(&resource.key()) {
                added[*at] = true;
            }
        }
        let references = References::find(resources, input.spec_of);
        World { resources, references, place, added, specs, by_type, by_key }
    }

    /// Looks a resource up.
    pub fn find(&self, key: ResourceKey<'_>) -> Option<usize> {
        self.by_key.get(&key).copied()
    }

    /// How a resource is deleted; `None` if the program does not know its type.
    pub fn delete(&self, at: usize) -> Option<Delete> {
        self.specs[at].map(|spec| spec.delete)
    }

    /// The recipe by which a resource is deleted.
    pub fn recipe(&self, at: usize) -> Option<Recipe> {
        match self.delete(at)? {
            Delete::Call(recipe) => Some(recipe),
            Delete::Never(_) => None,
        }
    }

    /// All resources of a type.
    pub fn of_type(&self, type_name: &str) -> impl Iterator<Item = usize> {
        self.by_type.get(type_name).into_iter().flatten().copied()
    }
}
