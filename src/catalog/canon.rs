//! The canonical form of a value, and its hash.
//!
//! Two readings of the same configuration must give the same bytes: AWS answers lists in any order, writes a
//! policy's single action as text or as a list, and numbers as `1` or `1.0`. The form is fixed here, away from any
//! serialiser, because a hash outlives the library that printed the text.

use serde_json::{Map, Value};

use crate::model::{Properties, Resource};
use std::collections::BTreeMap;

/// Algorithm and normaliser version, the prefix of every hash. A change to the canonical form raises it.
pub const NORMALISER: &str = "b3v1";

/// Hashes what is configured: properties and tags.
///
/// Masked values take part by their digest, so a changed secret changes the hash although its value is unknown.
#[must_use]
pub fn hash(properties: &Properties, tags: &BTreeMap<String, String>) -> String {
    hash_without(properties, tags, &[])
}

/// The [`hash`] of what is left when some properties are taken away.
#[must_use]
pub fn hash_without(properties: &Properties, tags: &BTreeMap<String, String>, left_out: &[String]) -> String {
    // Most resources fit; growing step by step would cost as much as hashing.
    let mut encoder = Encoder(Vec::with_capacity(2048));
    encoder.fields_where(properties, |name| !left_out.iter().any(|out| out == name));
    encoder.texts(tags);
    named(&blake3::hash(encoder.bytes()))
}

/// Hashes a resource again from what it stores.
#[must_use]
pub fn rehash(resource: &Resource) -> String {
    hash(&resource.properties, &resource.tags)
}

/// The [`hash`] of properties and tags that are in canonical encoding already.
#[must_use]
pub fn hash_encoded(properties: &[u8], tags: &[u8]) -> String {
    named(&blake3::Hasher::new().update(properties).update(tags).finalize())
}

fn named(hash: &blake3::Hash) -> String {
    let hex = hash.to_hex();
    let mut text = String::with_capacity(NORMALISER.len() + 1 + hex.len());
    text.push_str(NORMALISER);
    text.push(':');
    text.push_str(&hex);
    text
}

/// Feeds a value in canonical encoding to a running hash.
pub fn update(hasher: &mut blake3::Hasher, value: &Value) {
    let mut encoder = Encoder::default();
    encoder.value(value);
    hasher.update(encoder.bytes());
}

/// Writes values in canonical encoding: type tag, then length, then content, so that no two different values encode to
/// the same bytes.
///
/// The bytes are gathered and hashed together: BLAKE3 is several times faster on long pieces than on many short ones.
#[derive(Debug, Default)]
pub struct Encoder(Vec<u8>);

impl Encoder {
    /// What was written so far.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Forgets what was written.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    fn tag(&mut self, tag: u8, len: usize) {
        let mut head = [tag; 9];
        head[1..].copy_from_slice(&(len as u64).to_le_bytes());
        self.0.extend_from_slice(&head);
    }

    /// Writes a text.
    pub fn text(&mut self, text: &str) {
        self.tag(b's', text.len());
        self.0.extend_from_slice(text.as_bytes());
    }

    /// Begins an object of so many fields. Each follows as [`Encoder::text`] and value, sorted by the bytes of its name.
    pub fn object(&mut self, fields: usize) {
        self.tag(b'{', fields);
    }

    /// Begins a list of so many values.
    pub fn list(&mut self, items: usize) {
        self.tag(b'[', items);
    }

    /// Writes nothing at all, as a value.
    pub fn null(&mut self) {
        self.tag(b'n', 0);
    }

    /// Writes a truth value.
    pub fn bool(&mut self, flag: bool) {
        self.tag(b'b', usize::from(flag));
    }

    /// Writes a number; `1` and `1.0` are one.
    pub fn number(&mut self, number: &serde_json::Number) {
        if let Some(integer) = integer(number) {
            self.tag(b'i', 16);
            self.0.extend_from_slice(&integer.to_le_bytes());
        } else {
            self.tag(b'd', 8);
            self.0.extend_from_slice(&number.as_f64().unwrap_or(f64::NAN).to_bits().to_le_bytes());
        }
    }

    /// Writes an object.
    pub fn fields(&mut self, fields: &Properties) {
        self.fields_where(fields, |_| true);
    }

    /// Writes an object of some fields of another.
    fn fields_where(&mut self, fields: &Properties, keep: impl Fn(&str) -> bool) {
        let kept = || fields.iter().filter(|(key, _)| keep(key));
        self.object(kept().count());
        // Whether `serde_json::Map` is sorted depends on a feature that any dependency can switch on.
        if fields.keys().is_sorted() {
            for (key, value) in kept() {
                self.text(key);
                self.value(value);
            }
            return;
        }
        let mut sorted: Vec<_> = kept().collect();
        sorted.sort_unstable_by_key(|(key, _)| *key);
        for (key, value) in sorted {
            self.text(key);
            self.value(value);
        }
    }

    /// Writes an object whose values are texts.
    pub fn texts(&mut self, texts: &BTreeMap<String, String>) {
        self.object(texts.len());
        for (key, value) in texts {
            self.text(key);
            self.text(value);
        }
    }

    /// Writes any value.
    pub fn value(&mut self, value: &Value) {
        match value {
            Value::Null => self.null(),
            Value::Bool(flag) => self.bool(*flag),
            Value::Number(number) => self.number(number),
            Value::String(text) => self.text(text),
            Value::Array(items) => {
                self.list(items.len());
                for item in items {
                    self.value(item);
                }
            }
            Value::Object(fields) => self.fields(fields),
        }
    }
}

/// The integer that a number is, also when it is written `1.0`.
fn integer(number: &serde_json::Number) -> Option<i128> {
    if let Some(integer) = number.as_i64() {
        return Some(integer.into());
    }
    if let Some(integer) = number.as_u64() {
        return Some(integer.into());
    }
    let float = number.as_f64()?;
    // Beyond 2^53 a float no longer names one integer.
    #[expect(clippy::cast_possible_truncation, reason = "whole and below 2^53, so exact")]
    (float.fract() == 0.0 && float.abs() <= 9_007_199_254_740_992.0).then_some(float as i128)
}

/// A number in one form: `1.0` becomes `1`.
fn number_form(number: &serde_json::Number) -> Value {
    match integer(number) {
        Some(whole) => i64::try_from(whole).map_or_else(|_| Value::Number(number.clone()), Value::from),
        None => Value::Number(number.clone()),
    }
}

/// Brings a resource's properties into canonical form: numbers in one form, nulls gone, declared sets sorted.
///
/// `sets` are dotted paths, with `*` for any element or key.
pub fn normalise(properties: &mut Properties, sets: &[&str]) {
    let mut path = Vec::new();
    normalise_object(properties, sets, &mut path);
}

fn normalise_object(fields: &mut Map<String, Value>, sets: &[&str], path: &mut Vec<String>) {
    fields.retain(|_, value| !value.is_null());
    for (key, value) in fields.iter_mut() {
        path.push(key.clone());
        normalise_value(value, sets, path);
        path.pop();
    }
}

fn normalise_value(value: &mut Value, sets: &[&str], path: &mut Vec<String>) {
    match value {
        Value::Object(fields) => normalise_object(fields, sets, path),
        Value::Array(items) => {
            path.push("*".to_owned());
            for item in items.iter_mut() {
                normalise_value(item, sets, path);
            }
            path.pop();
            if sets.iter().any(|set| path_matches(set, path)) {
                sort_set(items);
            }
        }
        Value::Number(number) => *value = number_form(number),
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}

/// Whether a declared path (`Rules.*.Ids`) names this place; `*` in the declaration stands for one step.
#[must_use]
pub fn path_matches(declared: &str, path: &[impl AsRef<str>]) -> bool {
    let mut steps = declared.split('.');
    path.iter().all(|step| steps.next().is_some_and(|pattern| pattern == "*" || pattern == step.as_ref()))
        && steps.next().is_none()
}

/// Sorts a set and drops what stands twice.
///
/// Masked values differ from store to store, so they decide the order only between elements that are otherwise equal.
pub fn sort_set(items: &mut Vec<Value>) {
    items.sort_by_cached_key(|item| {
        let mut hasher = blake3::Hasher::new();
        update(&mut hasher, item);
        // The readable keys give people a natural order, the hash makes it total.
        (order_key(item, true), order_key(item, false), *hasher.finalize().as_bytes())
    });
    items.dedup();
}

fn order_key(value: &Value, blank_masks: bool) -> String {
    match value {
        Value::Object(fields) if blank_masks && fields.contains_key(super::mask::MASKED) => String::new(),
        Value::Object(fields) => {
            let mut sorted: Vec<_> = fields.iter().collect();
            sorted.sort_unstable_by_key(|(key, _)| *key);
            sorted.iter().fold(String::new(), |mut text, (key, value)| {
                text.push('\u{1}');
                text.push_str(key);
                text.push('\u{2}');
                text.push_str(&order_key(value, blank_masks));
                text
            })
        }
        Value::Array(items) => items.iter().map(|item| order_key(item, blank_masks) + "\u{3}").collect(),
        Value::String(text) => text.clone(),
        // Numbers of one sign sort by size when padded; sets of numbers only need *an* order.
        Value::Number(number) => format!("{:0>24}", number.to_string()),
        Value::Bool(flag) => flag.to_string(),
        Value::Null => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn object(value: Value) -> Properties {
        let Value::Object(fields) = value else { panic!("not an object") };
        fields
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            (-1e9..1e9f64).prop_map(Value::from),
            ".{0,8}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                proptest::collection::btree_map("[a-z]{1,3}", inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    fn properties() -> impl Strategy<Value = Properties> {
        proptest::collection::btree_map("[A-Z][a-z]{0,3}", value(), 0..5).prop_map(|map| map.into_iter().collect())
    }

    fn reversed_keys(value: &Value) -> Value {
        match value {
            Value::Object(fields) => {
                fields.iter().rev().map(|(key, value)| (key.clone(), reversed_keys(value))).collect()
            }
            Value::Array(items) => items.iter().map(reversed_keys).collect(),
            other => other.clone(),
        }
    }

    proptest! {
        #[test]
        fn key_order_does_not_matter(properties in properties()) {
            let turned = object(reversed_keys(&Value::Object(properties.clone())));
            prop_assert_eq!(hash(&properties, &BTreeMap::new()), hash(&turned, &BTreeMap::new()));
        }

        #[test]
        fn normalising_twice_is_normalising_once(mut properties in properties()) {
            normalise(&mut properties, &["A", "B.*"]);
            let once = properties.clone();
            normalise(&mut properties, &["A", "B.*"]);
            prop_assert_eq!(once, properties);
        }

        #[test]
        fn a_set_hashes_the_same_in_any_order(mut items in proptest::collection::vec(value(), 0..6), turn in 0usize..6) {
            let mut first = object(json!({"Set": items}));
            let by = turn.min(items.len());
            items.rotate_left(by);
            items.reverse();
            let mut second = object(json!({"Set": items}));
            normalise(&mut first, &["Set"]);
            normalise(&mut second, &["Set"]);
            prop_assert_eq!(hash(&first, &BTreeMap::new()), hash(&second, &BTreeMap::new()));
        }

        #[test]
        fn different_values_hash_differently(a in properties(), b in properties()) {
            let same = a == b;
            // Only number forms may make unequal JSON equal, and `normalise` removes those.
            let (mut a, mut b) = (a, b);
            normalise(&mut a, &[]);
            normalise(&mut b, &[]);
            prop_assert_eq!(same || a == b, hash(&a, &BTreeMap::new()) == hash(&b, &BTreeMap::new()));
        }
    }

    #[test]
    fn number_forms_are_one() {
        let tags = BTreeMap::new();
        assert_eq!(hash(&object(json!({"A": 1})), &tags), hash(&object(json!({"A": 1.0})), &tags));
        assert_ne!(hash(&object(json!({"A": 1})), &tags), hash(&object(json!({"A": "1"})), &tags));
        assert_ne!(hash(&object(json!({"A": 1})), &tags), hash(&object(json!({"A": 1.5})), &tags));
    }

    #[test]
    fn a_list_that_is_no_set_keeps_its_order() {
        let mut first = object(json!({"Layers": ["a", "b"]}));
        let mut second = object(json!({"Layers": ["b", "a"]}));
        normalise(&mut first, &["Other"]);
        normalise(&mut second, &["Other"]);
        assert_ne!(hash(&first, &BTreeMap::new()), hash(&second, &BTreeMap::new()));
    }

    #[test]
    fn tags_and_properties_do_not_mix() {
        let tags = BTreeMap::from([("A".to_owned(), "1".to_owned())]);
        let none = BTreeMap::new();
        assert_ne!(hash(&object(json!({})), &tags), hash(&object(json!({"A": "1"})), &none));
    }

    #[test]
    fn the_hash_is_fixed_for_ever() {
        // A changed value here means that every stored snapshot reads as drift: raise `NORMALISER` instead.
        let properties = object(json!({"QueueName": "orders", "DelaySeconds": 5, "Fifo": true, "List": [1.5, null]}));
        let tags = BTreeMap::from([("Team".to_owned(), "payments".to_owned())]);
        insta::assert_snapshot!(hash(&properties, &tags), @"b3v1:cd356cf61c6e6fe6f542a0d6c44bc96ad500e24156f4f03b3df0ad9c3fc8c905");
    }
}
