//! Facts from the `CloudFormation` resource schemas: which properties there are, of which shape, and which of them are
//! read-only, write-only or create-only.
//!
//! The facts file is extracted by `tests/tools/schema_facts.py` from the schemas that AWS publishes.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::Value;

/// Facts about one type. Paths are dotted, with `*` for the elements of a list or the keys of a map.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Facts {
    /// The properties that identify a resource, in order.
    pub primary_identifier: Vec<String>,
    /// Set by AWS only.
    pub read_only: Vec<String>,
    /// Never answered by AWS; treated as secret.
    pub write_only: Vec<String>,
    /// A change means replacement.
    pub create_only: Vec<String>,
    /// A change may mean replacement.
    pub conditional_create_only: Vec<String>,
    /// No longer supported.
    pub deprecated: Vec<String>,
    /// How the type is tagged.
    pub tagging: Tagging,
    properties: BTreeMap<String, Shape>,
    definitions: BTreeMap<String, Shape>,
}

/// Whether and where a type has tags.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Tagging {
    /// Whether it can be tagged.
    pub taggable: bool,
    /// The property that holds the tags in the schema.
    pub property: Option<String>,
}

/// One node of a schema, without texts, patterns and lengths.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Shape {
    #[serde(rename = "type")]
    kind: Option<OneOrMany>,
    properties: BTreeMap<String, Shape>,
    items: Option<Box<Shape>>,
    additional_properties: Option<Value>,
    pattern_properties: Option<Value>,
    #[serde(rename = "$ref")]
    reference: Option<String>,
    one_of: Vec<Shape>,
    any_of: Vec<Shape>,
    all_of: Vec<Shape>,
    insertion_order: Option<bool>,
}

/// `"type": "string"` or `"type": ["object", "string"]`.
#[derive(Debug, Clone)]
struct OneOrMany(Vec<String>);

impl<'de> Deserialize<'de> for OneOrMany {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(one) => Ok(OneOrMany(vec![one])),
            Value::Array(many) => {
                Ok(OneOrMany(many.iter().filter_map(|kind| Some(kind.as_str()?.to_owned())).collect()))
            }
            _ => Err(serde::de::Error::custom("a type is text or a list of texts")),
        }
    }
}

static FACTS: LazyLock<BTreeMap<String, Facts>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("schema-facts.json")).expect("the facts file is checked by a test")
});

/// The facts about a type; `None` for pseudo-types that `CloudFormation` does not have.
#[must_use]
pub fn facts(type_name: &str) -> Option<&'static Facts> {
    FACTS.get(type_name)
}

/// What is wrong with a value, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    /// Dotted path.
    pub path: String,
    /// What was expected.
    pub problem: String,
}

/// The depth to which nested shapes are followed; some schemas (WAF statements) contain themselves.
const MAX_DEPTH: usize = 12;

impl Facts {
    /// Compares properties with the schema. Our folded sub-resources (lower case) are not the schema's business.
    #[must_use]
    pub fn misfits(&self, properties: &crate::model::Properties) -> Vec<Misfit> {
        let mut misfits = Vec::new();
        for (name, value) in properties {
            if name.starts_with(|first: char| first.is_ascii_lowercase()) && !self.properties.contains_key(name) {
                continue;
            }
            match self.properties.get(name) {
                Some(shape) => self.check(shape, value, name, 0, &mut misfits),
                None => misfits.push(Misfit { path: name.clone(), problem: "the schema has no such property".into() }),
            }
        }
        misfits
    }

    fn check(&self, shape: &Shape, value: &Value, path: &str, depth: usize, misfits: &mut Vec<Misfit>) {
        let shapes = self.alternatives(shape, 0);
        if depth > MAX_DEPTH
            || super::mask::is_masked(value)
            || shapes.iter().any(|shape| self.fits(shape, value, depth))
        {
            return;
        }
        // Name the innermost place when there is only one way to read the schema.
        let mut inner = Vec::new();
        match (shapes.as_slice(), value) {
            ([only], Value::Object(fields)) if only.accepts("object") && !only.properties.is_empty() => {
                for (key, field) in fields {
                    let path = format!("{path}.{key}");
                    match only.properties.get(key) {
                        Some(shape) => self.check(shape, field, &path, depth + 1, &mut inner),
                        None if only.is_map() => {}
                        None => inner.push(Misfit { path, problem: "the schema has no such property".into() }),
                    }
                }
            }
            ([only], Value::Array(items)) if only.accepts("array") => {
                for item in items {
                    if let Some(shape) = &only.items {
                        self.check(shape, item, &format!("{path}.*"), depth + 1, &mut inner);
                    }
                }
            }
            _ => {}
        }
        if inner.is_empty() {
            let wanted: Vec<String> = shapes.iter().flat_map(Shape::kinds).collect();
            inner.push(Misfit { path: path.to_owned(), problem: format!("{value} is no {}", wanted.join(" or ")) });
        }
        misfits.extend(inner);
    }

    fn fits(&self, shape: &Shape, value: &Value, depth: usize) -> bool {
        if depth > MAX_DEPTH || super::mask::is_masked(value) {
            return true;
        }
        let fits = |shape: &Shape, value: &Value| {
            self.alternatives(shape, 0).iter().any(|shape| self.fits(shape, value, depth + 1))
        };
        match value {
            Value::Object(fields) => {
                shape.accepts("object")
                    && fields.iter().all(|(key, field)| match shape.properties.get(key) {
                        Some(shape) => fits(shape, field),
                        None => shape.is_map(),
                    })
            }
            Value::Array(items) => {
                shape.accepts("array")
                    && shape.items.as_ref().is_none_or(|shape| items.iter().all(|item| fits(shape, item)))
            }
            Value::String(_) => shape.accepts("string"),
            Value::Bool(_) => shape.accepts("boolean"),
            Value::Number(number) => {
                shape.accepts("number")
                    || (shape.accepts("integer") && number.as_f64().is_some_and(|n| n.fract() == 0.0))
            }
            Value::Null => false,
        }
    }

    /// The shapes that a node stands for, references and alternatives resolved; properties of parts are merged.
    fn alternatives(&self, shape: &Shape, depth: usize) -> Vec<Shape> {
        if depth > MAX_DEPTH {
            return vec![shape.clone()];
        }
        if let Some(target) = shape.reference.as_ref().and_then(|name| self.definitions.get(name)) {
            return self.alternatives(target, depth + 1);
        }
        let parts: Vec<Shape> = [&shape.one_of, &shape.any_of, &shape.all_of]
            .into_iter()
            .flatten()
            .flat_map(|part| self.alternatives(part, depth + 1))
            .collect();
        if parts.is_empty() {
            return vec![shape.clone()];
        }
        if shape.properties.is_empty() && shape.kind.is_none() {
            return parts;
        }
        let mut merged = shape.clone();
        for part in parts {
            merged.properties.extend(part.properties);
        }
        vec![merged]
    }

    /// The settable leaves of the schema, as dotted paths: neither read-only nor the tags.
    #[must_use]
    pub fn settable(&self) -> Vec<String> {
        let mut leaves = Vec::new();
        for (name, shape) in &self.properties {
            if self.tagging.property.as_ref() != Some(name) {
                self.leaves(shape, name, &mut Vec::new(), &mut leaves);
            }
        }
        leaves.retain(|leaf| !covers(&self.read_only, leaf));
        leaves.sort();
        leaves.dedup();
        leaves
    }

    fn leaves(&self, shape: &Shape, path: &str, seen: &mut Vec<String>, leaves: &mut Vec<String>) {
        if let Some(name) = &shape.reference {
            if seen.contains(name) {
                return;
            }
            seen.push(name.clone());
        }
        let before = leaves.len();
        for shape in self.alternatives(shape, 0) {
            if let Some(items) = &shape.items {
                // The key schema of a table gives its list fields as well, by mistake.
                self.leaves(items, &format!("{path}.*"), seen, leaves);
                continue;
            }
            for (key, field) in &shape.properties {
                self.leaves(field, &format!("{path}.{key}"), seen, leaves);
            }
        }
        if leaves.len() == before {
            // A list of plain values is one leaf, whichever way it is spelled.
            leaves.push(path.trim_end_matches(".*").to_owned());
        }
        if shape.reference.is_some() {
            seen.pop();
        }
    }

    /// The lists whose order the schema declares to be without meaning.
    #[must_use]
    pub fn unordered(&self) -> Vec<String> {
        let mut sets = Vec::new();
        for (name, shape) in &self.properties {
            self.find_unordered(shape, name, 0, &mut sets);
        }
        sets.sort();
        sets.dedup();
        sets
    }

    fn find_unordered(&self, shape: &Shape, path: &str, depth: usize, sets: &mut Vec<String>) {
        if depth > MAX_DEPTH / 2 {
            return;
        }
        for shape in self.alternatives(shape, 0) {
            if let Some(items) = &shape.items {
                if shape.insertion_order == Some(false) {
                    sets.push(path.to_owned());
                }
                self.find_unordered(items, &format!("{path}.*"), depth + 1, sets);
            }
            for (key, field) in &shape.properties {
                self.find_unordered(field, &format!("{path}.{key}"), depth + 1, sets);
            }
        }
    }

    /// Whether the schema has a property at a dotted path.
    #[must_use]
    pub fn has(&self, path: &str) -> bool {
        let mut steps = path.split('.');
        let Some(mut shapes) =
            steps.next().and_then(|name| self.properties.get(name)).map(|shape| self.alternatives(shape, 0))
        else {
            return false;
        };
        for step in steps {
            shapes = shapes
                .iter()
                .filter_map(|shape| if step == "*" { shape.items.as_deref() } else { shape.properties.get(step) })
                .flat_map(|shape| self.alternatives(shape, 0))
                .collect();
            if shapes.is_empty() {
                return false;
            }
        }
        true
    }

    /// Whether a change at this path means that the resource would be replaced.
    #[must_use]
    pub fn is_create_only(&self, path: &str) -> bool {
        covers(&self.create_only, path)
    }

    /// Whether a path is read-only.
    #[must_use]
    pub fn is_read_only(&self, path: &str) -> bool {
        covers(&self.read_only, path)
    }
}

/// Whether one of the declared paths is the given one or stands above it.
fn covers(declared: &[String], path: &str) -> bool {
    declared.iter().any(|declared| {
        path.strip_prefix(declared.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    })
}

impl Shape {
    fn kinds(&self) -> Vec<String> {
        self.kind.as_ref().map(|kinds| kinds.0.clone()).unwrap_or_default()
    }

    fn accepts(&self, kind: &str) -> bool {
        match &self.kind {
            Some(kinds) => kinds.0.iter().any(|known| known == kind),
            // Some schemas leave the type out where properties say it.
            None => self.properties.is_empty() || kind == "object",
        }
    }

    /// Whether keys of the user's choice are allowed: a map, or free JSON.
    fn is_map(&self) -> bool {
        let closed = matches!(self.additional_properties, Some(Value::Bool(false)) | None);
        self.pattern_properties.is_some() || !closed || self.properties.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn misfits(value: Value) -> Vec<String> {
        let Value::Object(properties) = value else { panic!("not an object") };
        let facts = facts("AWS::SQS::Queue").expect("queues have a schema");
        facts.misfits(&properties).into_iter().map(|misfit| misfit.path).collect()
    }

    #[test]
    fn a_queue_in_the_schemas_shape_fits() {
        assert!(misfits(json!({"QueueName": "q", "DelaySeconds": 5, "FifoQueue": true, "queuePolicy": {}})).is_empty());
    }

    #[test]
    fn wrong_names_and_types_are_named() {
        assert_eq!(misfits(json!({"QueName": "q"})), ["QueName"]);
        assert_eq!(misfits(json!({"DelaySeconds": "5"})), ["DelaySeconds"]);
    }

    #[test]
    fn settable_leaves_exclude_what_aws_sets_and_tags() {
        let settable = facts("AWS::SQS::Queue").expect("queues have a schema").settable();
        assert!(settable.contains(&"DelaySeconds".to_owned()));
        assert!(!settable.iter().any(|path| path == "Arn" || path.starts_with("Tags")));
    }
}
