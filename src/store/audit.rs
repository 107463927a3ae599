//! What must hold of any stored snapshot, whatever its form: its digest, and that it does not contradict itself.
//!
//! A snapshot is checked resource by resource, so that it need not be in memory as a whole. Each resource is encoded
//! once: the digest takes all of the encoding, the resource's own hash the parts for properties and tags.

use std::collections::BTreeMap;
use std::ops::Range;

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::Value;

use super::error::Damage;
use crate::catalog::canon::{self, Encoder};
use crate::model::{Coverage, Header, Properties, Resource, ResourceKey, Snapshot, SnapshotName};

/// Algorithm and version of the digest over a whole snapshot.
const DIGEST: &str = "b3d1";

/// Deepest nesting of a property. Readers give up at 128 levels, so what is deeper must not be written.
const DEPTH: usize = 100;

/// Encoded bytes that are hashed together: long enough for BLAKE3 to use its wide instructions.
const PIECE: usize = 1 << 16;

/// Something that can stand in a resource as an object: maps of values or of texts.
pub(super) trait Content {
    fn is_empty(&self) -> bool;
    fn encode(&self, encoder: &mut Encoder);
    /// Whether no value is nested deeper than this.
    fn is_within(&self, depth: usize) -> bool;
}

impl Content for Properties {
    fn is_empty(&self) -> bool {
        self.is_empty()
    }
    fn encode(&self, encoder: &mut Encoder) {
        encoder.fields(self);
    }
    fn is_within(&self, depth: usize) -> bool {
        fn within(value: &Value, depth: usize) -> bool {
            match value {
                Value::Array(items) => depth > 0 && items.iter().all(|item| within(item, depth - 1)),
                Value::Object(fields) => depth > 0 && fields.values().all(|field| within(field, depth - 1)),
                _ => true,
            }
        }
        self.values().all(|value| within(value, depth))
    }
}

impl Content for BTreeMap<String, String> {
    fn is_empty(&self) -> bool {
        self.is_empty()
    }
    fn encode(&self, encoder: &mut Encoder) {
        encoder.texts(self);
    }
    fn is_within(&self, _: usize) -> bool {
        true
    }
}

/// All fields of a resource, borrowed from whatever holds it. `V` maps to values, `T` to texts.
pub(super) struct Parts<'a, V, T> {
    pub key: ResourceKey<'a>,
    pub arn: Option<&'a str>,
    pub name: Option<&'a str>,
    pub created_at: Option<DateTime<Utc>>,
    pub tags: &'a T,
    pub properties: &'a V,
    pub unreadable: &'a T,
    pub observed: &'a V,
    pub owner: Option<(&'a str, &'a str)>,
    pub aws_made: Option<&'a str>,
    pub undetermined: bool,
    pub hash: &'a str,
}

impl<'a> From<&'a Resource> for Parts<'a, Properties, BTreeMap<String, String>> {
    fn from(resource: &'a Resource) -> Self {
        // Without `..`: a new field must take part in the digest.
        let Resource {
            type_name,
            id,
            arn,
            name,
            region,
            created_at,
            tags,
            properties,
            unreadable,
            observed,
            owner,
            aws_made,
            undetermined,
            hash,
        } = resource;
        Parts {
            key: ResourceKey { type_name, region, id },
            arn: arn.as_deref(),
            name: name.as_deref(),
            created_at: *created_at,
            tags,
            properties,
            unreadable,
            observed,
            owner: owner.as_ref().map(|owner| (owner.kind.as_str(), owner.id.as_str())),
            aws_made: aws_made.as_deref(),
            undetermined: *undetermined,
            hash,
        }
    }
}

impl<V: Content, T: Content> Parts<'_, V, T> {
    /// Writes what `serde` makes of a resource, in canonical encoding; returns where properties and tags stand.
    fn encode(&self, encoder: &mut Encoder) -> (Range<usize>, Range<usize>) {
        let created_at = self.created_at.map(|at| at.to_rfc3339_opts(SecondsFormat::AutoSi, true));
        let optional = [
            self.arn.is_some(),
            self.aws_made.is_some(),
            created_at.is_some(),
            self.name.is_some(),
            !self.observed.is_empty(),
            self.owner.is_some(),
            !self.tags.is_empty(),
            self.undetermined,
            !self.unreadable.is_empty(),
        ];
        encoder.object(5 + optional.iter().filter(|present| **present).count());
        // In the order of the names.
        text(encoder, "arn", self.arn);
        text(encoder, "aws_made", self.aws_made);
        text(encoder, "created_at", created_at.as_deref());
        text(encoder, "hash", Some(self.hash));
        text(encoder, "id", Some(self.key.id));
        text(encoder, "name", self.name);
        if !self.observed.is_empty() {
            content(encoder, "observed", self.observed);
        }
        if let Some((kind, id)) = self.owner {
            encoder.text("owner");
            encoder.object(2);
            text(encoder, "id", Some(id));
            text(encoder, "kind", Some(kind));
        }
        let properties = content(encoder, "properties", self.properties);
        text(encoder, "region", Some(self.key.region));
        let tags = if self.tags.is_empty() { 0..0 } else { content(encoder, "tags", self.tags) };
        text(encoder, "type", Some(self.key.type_name));
        if self.undetermined {
            encoder.text("undetermined");
            encoder.bool(true);
        }
        if !self.unreadable.is_empty() {
            content(encoder, "unreadable", self.unreadable);
        }
        (properties, tags)
    }
}

fn text(encoder: &mut Encoder, name: &str, value: Option<&str>) {
    if let Some(value) = value {
        encoder.text(name);
        encoder.text(value);
    }
}

fn content(encoder: &mut Encoder, name: &str, value: &impl Content) -> Range<usize> {
    encoder.text(name);
    let start = encoder.bytes().len();
    value.encode(encoder);
    start..encoder.bytes().len()
}

/// A check under way.
///
/// What is wrong is noted and told at the end: of a file that does not match its digest nothing else is said.
pub(super) struct Audit {
    hasher: blake3::Hasher,
    encoder: Encoder,
    no_tags: Encoder,
    last: Option<[String; 3]>,
    wrong: Option<Damage>,
}

impl Audit {
    /// Begins with what comes before the resources, and with their number.
    pub fn new(header: &Header, coverage: &Coverage, resources: usize, name: &SnapshotName) -> Self {
        let mut no_tags = Encoder::default();
        no_tags.object(0);
        let wrong = wrong_header(header, name);
        Audit { hasher: begin(header, coverage, resources), encoder: Encoder::default(), no_tags, last: None, wrong }
    }

    /// Goes on with the next resource. Returns its hash where that is of another normaliser and was computed anew.
    pub fn resource<V: Content, T: Content>(&mut self, parts: &Parts<'_, V, T>) -> Option<String> {
        self.order(&parts.key);
        if !(parts.properties.is_within(DEPTH) && parts.observed.is_within(DEPTH)) {
            self.note(|| Damage::TooDeep(parts.key.to_string()));
        }
        if self.encoder.bytes().len() >= PIECE {
            self.hasher.update(self.encoder.bytes());
            self.encoder.clear();
        }
        let (properties, tags) = parts.encode(&mut self.encoder);
        let bytes = self.encoder.bytes();
        let tags = if tags.is_empty() { self.no_tags.bytes() } else { &bytes[tags] };
        let computed = canon::hash_encoded(&bytes[properties], tags);
        if !is_current(parts.hash) {
            return Some(computed);
        }
        if parts.hash != computed {
            let (key, stored) = (parts.key.to_string(), parts.hash.to_owned());
            self.note(|| Damage::Hash { key, stored, computed });
        }
        None
    }

    /// The digest, if nothing contradicted itself and it is the stored one.
    pub fn finish(mut self, stored: Option<&str>) -> Result<String, Damage> {
        self.hasher.update(self.encoder.bytes());
        let computed = end(&self.hasher);
        if let Some(stored) = stored
            && stored != computed
        {
            return Err(Damage::Digest { stored: stored.to_owned(), computed });
        }
        self.wrong.map_or(Ok(computed), Err)
    }

    /// Keeps the first thing that is wrong.
    pub fn note(&mut self, damage: impl FnOnce() -> Damage) {
        if self.wrong.is_none() {
            self.wrong = Some(damage());
        }
    }

    fn order(&mut self, key: &ResourceKey<'_>) {
        let Some([type_name, region, id]) = &mut self.last else {
            self.last = Some([key.type_name.to_owned(), key.region.to_owned(), key.id.to_owned()]);
            return;
        };
        let last = ResourceKey { type_name, region, id };
        let wrong = match last.cmp(key) {
            std::cmp::Ordering::Less => None,
            std::cmp::Ordering::Equal => Some(Damage::Twice(key.to_string())),
            std::cmp::Ordering::Greater => Some(Damage::Unsorted(format!("{last} stands before {key}"))),
        };
        for (kept, now) in [(type_name, key.type_name), (region, key.region), (id, key.id)] {
            if kept != now {
                kept.clear();
                kept.push_str(now);
            }
        }
        if let Some(wrong) = wrong {
            self.note(|| wrong);
        }
    }
}

/// Checks a snapshot that is whole in memory, and renews its hashes of other normalisers.
pub(super) fn check(snapshot: &mut Snapshot, name: &SnapshotName, stored: &str) -> Result<String, Damage> {
    let mut audit = Audit::new(&snapshot.header, &snapshot.coverage, snapshot.resources.len(), name);
    for resource in &mut snapshot.resources {
        let renewed = audit.resource(&Parts::from(&*resource));
        if let Some(hash) = renewed {
            resource.hash = hash;
        }
    }
    audit.finish(Some(stored))
}

/// Checks a snapshot that is to be stored; returns its digest.
pub(super) fn examine(snapshot: &Snapshot) -> Result<String, Damage> {
    let Snapshot { header, coverage, resources } = snapshot;
    let mut audit = Audit::new(header, coverage, resources.len(), &header.name);
    for resource in resources {
        audit.resource(&Parts::from(resource));
    }
    audit.finish(None)
}

/// The digest of a whole snapshot: every field of header, coverage and resources, in canonical encoding.
#[must_use]
pub fn digest(snapshot: &Snapshot) -> String {
    let mut hasher = begin(&snapshot.header, &snapshot.coverage, snapshot.resources.len());
    let mut encoder = Encoder::default();
    for resource in &snapshot.resources {
        Parts::from(resource).encode(&mut encoder);
        if encoder.bytes().len() >= PIECE {
            hasher.update(encoder.bytes());
            encoder.clear();
        }
    }
    end(hasher.update(encoder.bytes()))
}

fn begin(header: &Header, coverage: &Coverage, resources: usize) -> blake3::Hasher {
    let mut hasher = blake3::Hasher::new_derive_key("aws-baseline 2026 snapshot digest b3d1");
    for part in [serde_json::to_value(header), serde_json::to_value(coverage), Ok(Value::from(resources))] {
        canon::update(&mut hasher, &part.expect("plain data has a JSON form"));
    }
    hasher
}

fn end(hasher: &blake3::Hasher) -> String {
    format!("{DIGEST}:{}", hasher.finalize().to_hex())
}

fn wrong_header(header: &Header, name: &SnapshotName) -> Option<Damage> {
    let Header { name: inside, account, .. } = header;
    if inside != name {
        return Some(Damage::OtherName { inside: inside.clone(), expected: name.clone() });
    }
    let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    (!is_account).then(|| Damage::Account(account.clone()))
}

/// Whether a hash was computed as this program computes it.
pub(super) fn is_current(hash: &str) -> bool {
    hash.split_once(':').is_some_and(|(prefix, _)| prefix == canon::NORMALISER)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::model::Owner;

    fn some<S: Strategy>(strategy: S) -> impl Strategy<Value = Option<S::Value>> {
        proptest::option::of(strategy)
    }

    fn fields() -> impl Strategy<Value = Properties> {
        let value = prop_oneof![
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            ".{0,4}".prop_map(Value::from),
            Just(json!({"B": [null, true], "A": {}})),
        ];
        proptest::collection::btree_map(".{0,3}", value, 0..3).prop_map(|map| map.into_iter().collect())
    }

    fn texts() -> impl Strategy<Value = BTreeMap<String, String>> {
        proptest::collection::btree_map(".{0,3}", ".{0,3}", 0..3)
    }

    fn resource() -> impl Strategy<Value = Resource> {
        let words = (".{0,3}", ".{0,3}", some(".{0,3}"), some(".{0,3}"), some(".{0,3}"), some(("a?", "b?")));
        let at = some((0i64..4_000_000_000, prop_oneof![Just(0u32), 0..1_000_000_000u32]));
        (words, at, texts(), texts(), fields(), fields(), any::<bool>()).prop_map(
            |(
                (type_name, id, arn, name, aws_made, owner),
                at,
                tags,
                unreadable,
                properties,
                observed,
                undetermined,
            )| {
                Resource {
                    region: id.clone(),
                    created_at: at.and_then(|(seconds, nanos)| DateTime::from_timestamp(seconds, nanos)),
                    owner: owner.map(|(kind, id)| Owner { kind, id }),
                    hash: canon::hash(&properties, &tags),
                    ..Resource {
                        type_name,
                        id,
                        arn,
                        name,
                        region: String::new(),
                        created_at: None,
                        tags,
                        properties,
                        unreadable,
                        observed,
                        owner: None,
                        aws_made,
                        undetermined,
                        hash: String::new(),
                    }
                }
            },
        )
    }

    proptest! {
        #[test]
        fn a_resource_is_encoded_as_serde_writes_it(resource in resource()) {
            let (mut ours, mut generic) = (Encoder::default(), Encoder::default());
            let (properties, tags) = Parts::from(&resource).encode(&mut ours);
            generic.value(&serde_json::to_value(&resource).expect("plain data"));
            prop_assert_eq!(ours.bytes(), generic.bytes());
            if !resource.tags.is_empty() {
                prop_assert_eq!(canon::hash_encoded(&ours.bytes()[properties], &ours.bytes()[tags]), resource.hash);
            }
        }
    }
}
