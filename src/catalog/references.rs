//! Who refers to whom.
//!
//! Most references can be found without knowing the type: a string in the properties that is the ARN, the prefixed id
//! or the URL of another resource. Names are looked up only where a spec declares it, because a name alone can mean
//! anything. Every reference says why it exists and what it means for deletion.

use std::collections::HashMap;

use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;
use serde_json::Value;

use super::canon::path_matches;
use super::{Edge, Order, TypeSpec, edges};
use crate::model::{GLOBAL, Resource};

/// One reference from a resource to another.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Reference {
    /// Dotted path in the holder's properties.
    pub path: String,
    /// What it means for deletion.
    pub order: Order,
    /// Why the edge exists.
    pub why: String,
}

/// The references between the resources of one inventory.
#[derive(Debug)]
pub struct References<'a> {
    graph: DiGraph<&'a Resource, Reference>,
    nodes: HashMap<*const Resource, NodeIndex>,
}

/// Fields that mention things without using them.
const MENTIONS: &[&str] =
    &["Comment", "Description", "Environment", "EventPattern", "GroupDescription", "UserData", "dashboardBody"];

impl<'a> References<'a> {
    /// Finds all references. `spec_of` gives the declared ones of a type, beside those of [`edges`].
    ///
    /// The nodes of the graph are the resources in the order in which they stand.
    #[must_use]
    pub fn find(resources: &'a [Resource], spec_of: impl Fn(&str) -> Option<&'static TypeSpec>) -> Self {
        let mut graph = DiGraph::new();
        let mut nodes = HashMap::new();
        for resource in resources {
            nodes.insert(std::ptr::from_ref(resource), graph.add_node(resource));
        }
        let index = Index::new(&graph);
        let mut found = Vec::new();
        let mut declared: HashMap<&str, Vec<&'static Edge>> = HashMap::new();
        for holder in graph.node_indices() {
            let resource: &Resource = graph[holder];
            let declared = declared.entry(resource.type_name.as_str()).or_insert_with(|| {
                let own = spec_of(&resource.type_name).map_or(&[][..], |spec| spec.edges);
                own.iter().chain(edges::more(&resource.type_name)).collect()
            });
            for (name, value) in &resource.properties {
                let mut path = vec![name.as_str()];
                walk(value, &mut path, &mut |path, text| {
                    for (target, reference) in index.resolve(resource, declared, path, text) {
                        if target != holder {
                            found.push((holder, target, reference));
                        }
                    }
                });
            }
        }
        for (holder, target, reference) in found {
            graph.add_edge(holder, target, reference);
        }
        References { graph, nodes }
    }

    /// What a resource refers to, sorted.
    #[must_use]
    pub fn from(&self, resource: &Resource) -> Vec<(&'a Resource, &Reference)> {
        self.edges(resource, petgraph::Direction::Outgoing)
    }

    /// What refers to a resource, sorted.
    #[must_use]
    pub fn to(&self, resource: &Resource) -> Vec<(&'a Resource, &Reference)> {
        self.edges(resource, petgraph::Direction::Incoming)
    }

    fn edges(&self, resource: &Resource, direction: petgraph::Direction) -> Vec<(&'a Resource, &Reference)> {
        let Some(&node) = self.nodes.get(&std::ptr::from_ref(resource)) else { return Vec::new() };
        let other = |edge: petgraph::graph::EdgeReference<'_, Reference>| match direction {
            petgraph::Direction::Outgoing => edge.target(),
            petgraph::Direction::Incoming => edge.source(),
        };
        let mut edges: Vec<_> =
            self.graph.edges_directed(node, direction).map(|edge| (self.graph[other(edge)], edge.weight())).collect();
        edges.sort_by(|a, b| (a.0.key(), &a.1.path).cmp(&(b.0.key(), &b.1.path)));
        edges.dedup();
        edges
    }

    /// The graph itself: an edge goes from the holder to what it refers to.
    #[must_use]
    pub fn graph(&self) -> &DiGraph<&'a Resource, Reference> {
        &self.graph
    }
}

/// Every identifier of every resource.
struct Index<'a> {
    /// ARNs, ids and URLs, good from anywhere.
    unique: HashMap<&'a str, Vec<NodeIndex>>,
    /// Names, ids and ARNs by type, for declared references.
    typed: HashMap<(&'a str, &'a str), Vec<NodeIndex>>,
    places: Vec<(&'a str, &'a str)>,
}

impl<'a> Index<'a> {
    fn new(graph: &DiGraph<&'a Resource, Reference>) -> Self {
        let mut index = Index { unique: HashMap::new(), typed: HashMap::new(), places: Vec::new() };
        for node in graph.node_indices() {
            let resource: &'a Resource = graph[node];
            // Parts of an id may be another resource's id, so only a declaration that names the type may use them.
            for part in resource.id.split('|').filter(|part| *part != resource.id) {
                index.typed.entry((resource.type_name.as_str(), part)).or_default().push(node);
            }
            let names = [Some(resource.id.as_str()), resource.arn.as_deref(), resource.name.as_deref()];
            for name in names.into_iter().flatten() {
                let typed = index.typed.entry((resource.type_name.as_str(), name)).or_default();
                // A node's names come in one go, so it can only be the last: names are many people's choice.
                if typed.last() != Some(&node) {
                    typed.push(node);
                }
                if is_unambiguous(name) {
                    let unique = index.unique.entry(name).or_default();
                    if unique.last() != Some(&node) {
                        unique.push(node);
                    }
                }
            }
            index.places.push((resource.type_name.as_str(), resource.region.as_str()));
        }
        index
    }

    fn resolve(&self, holder: &Resource, declared: &[&Edge], path: &[&str], text: &str) -> Vec<(NodeIndex, Reference)> {
        let mut found = Vec::new();
        for edge in declared.iter().filter(|edge| path_matches(edge.path, path)) {
            let wanted = edge.target.replace("{}", text);
            let nodes = self.typed.get(&(edge.to, wanted.as_str()));
            for &node in nodes.into_iter().flatten().filter(|node| self.reachable(holder, **node)) {
                found.push((node, Reference { path: path.join("."), order: edge.order, why: edge.why.to_owned() }));
            }
        }
        if is_unambiguous(text) {
            let mention = path.iter().any(|step| MENTIONS.contains(step) || is_policy(step));
            let order = if mention { Order::None } else { Order::HolderFirst };
            let why = if mention { "mentioned" } else { "refers to it" };
            for node in spellings(text).find_map(|text| self.unique.get(text)).into_iter().flatten() {
                let known = found.iter().any(|(other, _)| other == node);
                if !known && self.reachable(holder, *node) {
                    found.push((*node, Reference { path: path.join("."), order, why: why.to_owned() }));
                }
            }
        }
        found
    }

    /// A reference stays in its region, unless one of the two is global or the text is an ARN that says otherwise.
    fn reachable(&self, holder: &Resource, node: NodeIndex) -> bool {
        let (type_name, region) = self.places[node.index()];
        let anywhere = region == GLOBAL || holder.region == GLOBAL || type_name == "AWS::S3::Bucket";
        anywhere || region == holder.region
    }
}

/// Policies mention what they allow; that is no use of it.
fn is_policy(step: &str) -> bool {
    ["Policy", "PolicyDocument", "Statement", "policy", "permissions"].iter().any(|end| step.ends_with(end))
        && step != "ScalingPolicy"
}

/// ARNs, ids with a service's prefix, and URLs mean one thing wherever they stand. Names do not.
#[must_use]
pub fn is_unambiguous(text: &str) -> bool {
    if text.starts_with("arn:") || text.starts_with("https://") {
        return true;
    }
    let Some((prefix, id)) = text.rsplit_once('-') else { return false };
    let hex = (8..=17).contains(&id.len()) && id.chars().all(|c| c.is_ascii_hexdigit() && !c.is_ascii_uppercase());
    hex && !prefix.is_empty() && prefix.chars().all(|c| c.is_ascii_lowercase() || c == '-')
}

/// The text itself, then the same ARN without version, qualifier or `:*`, then the bucket of an S3 object or prefix.
fn spellings(text: &str) -> impl Iterator<Item = &str> {
    let shorter = text
        .strip_suffix(":*")
        .or_else(|| text.starts_with("arn:").then(|| text.rsplit_once(':'))?.map(|(head, _)| head));
    let bucket = text.split_once('/').map(|(head, _)| head).filter(|head| head.contains(":s3:::"));
    [Some(text), shorter, bucket].into_iter().flatten()
}

fn walk<'v>(value: &'v Value, path: &mut Vec<&'v str>, visit: &mut impl FnMut(&[&str], &str)) {
    match value {
        Value::String(text) => visit(path, text),
        Value::Array(items) => {
            path.push("*");
            for item in items {
                walk(item, path, visit);
            }
            path.pop();
        }
        Value::Object(fields) => {
            for (key, value) in fields {
                path.push(key);
                walk(value, path, visit);
                path.pop();
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::mask::Masker;
    use crate::catalog::{Draft, Props, policy_document};
    use crate::services::sqs::queue;

    fn resource(type_name: &str, draft: Draft) -> Resource {
        let resource = draft.finish(&queue::SPEC, "eu-west-1", &Masker::new([0; 32]));
        Resource { type_name: type_name.to_owned(), ..resource }
    }

    fn edges(resources: &[Resource]) -> Vec<String> {
        let references = References::find(resources, |_| None);
        let all = resources.iter().flat_map(|holder| {
            references
                .from(holder)
                .into_iter()
                .map(|(target, r)| format!("{} -> {} {:?}", holder.id, target.id, r.order))
        });
        all.collect()
    }

    #[test]
    fn ids_and_arns_are_found_wherever_they_stand() {
        let arn = "arn:aws:lambda:eu-west-1:123456789012:function:f";
        let resources = [
            resource("AWS::EC2::Subnet", Draft::new("subnet-0123456789abcdef0").with("VpcId", "vpc-0123456789abcdef0")),
            resource("AWS::EC2::VPC", Draft::new("vpc-0123456789abcdef0")),
            resource("AWS::Lambda::Function", Draft::new("f").arn(arn)),
            resource("X", Draft::new("x").with("Target", Props::new().with("Arn", format!("{arn}:live")))),
        ];
        assert_eq!(
            edges(&resources),
            ["subnet-0123456789abcdef0 -> vpc-0123456789abcdef0 HolderFirst", "x -> f HolderFirst"]
        );
    }

    #[test]
    fn a_bucket_is_found_by_what_lies_in_it() {
        let log = Draft::new("log").with("LogDestination", "arn:aws:s3:::logs/vpc/");
        let resources = [resource("A", log), resource("AWS::S3::Bucket", Draft::new("logs").arn("arn:aws:s3:::logs"))];
        assert_eq!(edges(&resources), ["log -> logs HolderFirst"]);
    }

    #[test]
    fn a_part_of_an_id_is_found_only_by_declaration() {
        let gateway = Draft::new("nat-0123456789abcdef0").with("AllocationId", "eipalloc-0123456789abcdef0");
        let resources = [
            resource("AWS::EC2::NatGateway", gateway),
            resource("AWS::EC2::EIP", Draft::new("203.0.113.1|eipalloc-0123456789abcdef0")),
        ];
        assert!(edges(&resources).is_empty());
        let references = References::find(&resources, crate::catalog::find);
        assert_eq!(references.from(&resources[0])[0].0.id, resources[1].id);
    }

    #[test]
    fn a_policy_only_mentions() {
        let policy = r#"{"Statement":[{"Resource":"arn:aws:sqs:eu-west-1:123456789012:q"}]}"#;
        let resources = [
            resource("A", Draft::new("a").with("queuePolicy", policy_document(Some(policy)))),
            resource("AWS::SQS::Queue", Draft::new("q").arn("arn:aws:sqs:eu-west-1:123456789012:q")),
        ];
        assert_eq!(edges(&resources), ["a -> q None"]);
    }

    #[test]
    fn bare_names_mean_nothing_without_a_declaration() {
        let resources = [resource("A", Draft::new("a").with("Name", "orders")), resource("B", Draft::new("orders"))];
        assert!(edges(&resources).is_empty());
    }

    #[test]
    fn another_regions_id_is_another_thing() {
        let mut there = resource("AWS::EC2::VPC", Draft::new("vpc-0123456789abcdef0"));
        there.region = "us-east-1".to_owned();
        let resources = [resource("A", Draft::new("a").with("VpcId", "vpc-0123456789abcdef0")), there];
        assert!(edges(&resources).is_empty());
    }
}
