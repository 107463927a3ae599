//! What a collector builds: a resource before masking, canonical form and hash.

use std::collections::BTreeMap;

use aws_smithy_types::DateTime as AwsTime;
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::canon;
use super::mask::{Masker, Place};
use super::policy;
use super::spec::{Scope, TypeSpec};
use crate::aws::{CallError, ErrorClass};
use crate::model::{GLOBAL, Owner, Properties, Resource};

/// A resource as a collector maps it from AWS's answers.
///
/// Only what a collector names gets in: an allow-list, so that a new field of the SDK never changes a hash.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    id: String,
    arn: Option<String>,
    name: Option<String>,
    created_at: Option<DateTime<Utc>>,
    tags: BTreeMap<String, String>,
    system_tags: BTreeMap<String, String>,
    properties: Map<String, Value>,
    observed: Map<String, Value>,
    unreadable: BTreeMap<String, String>,
    aws_made: Option<String>,
    owner: Option<Owner>,
}

impl Draft {
    /// A draft with its `CloudFormation` primary identifier.
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        Draft { id: id.into(), ..Draft::default() }
    }

    /// Sets the ARN.
    #[must_use]
    pub fn arn<'a>(mut self, arn: impl Into<Option<&'a str>>) -> Self {
        self.arn = arn.into().map(str::to_owned);
        self
    }

    /// Sets the name that people know it by.
    #[must_use]
    pub fn name<'a>(mut self, name: impl Into<Option<&'a str>>) -> Self {
        self.name = name.into().filter(|name| !name.is_empty()).map(str::to_owned);
        self
    }

    /// Sets the creation time that AWS reports.
    #[must_use]
    pub fn created<'a>(mut self, at: impl Into<Option<&'a AwsTime>>) -> Self {
        self.created_at = at.into().and_then(utc);
        self
    }

    /// Sets the creation time from text (RFC 3339) or seconds since 1970, for APIs that answer text.
    #[must_use]
    pub fn created_text(mut self, at: Option<&str>) -> Self {
        // Seconds may carry a fraction; whole seconds are enough to tell two creations of one name apart.
        self.created_at = at.and_then(|at| match at.split('.').next().unwrap_or(at).parse::<i64>() {
            Ok(seconds) => DateTime::from_timestamp(seconds, 0),
            Err(_) => DateTime::parse_from_rfc3339(at)
                // Lambda writes the zone without a colon.
                .or_else(|_| DateTime::parse_from_str(at, "%Y-%m-%dT%H:%M:%S%.f%z"))
                .ok()
                .map(|at| at.to_utc()),
        });
        self
    }

    /// Sets the creation time from milliseconds since 1970.
    #[must_use]
    pub fn created_millis(mut self, at: Option<i64>) -> Self {
        self.created_at = at.and_then(DateTime::from_timestamp_millis);
        self
    }

    /// Adds tags. Those of AWS's own (`aws:*`) are kept apart: they mark owners and are not configuration.
    #[must_use]
    pub fn tags<K: Into<String>, V: Into<String>>(mut self, tags: impl IntoIterator<Item = (K, V)>) -> Self {
        for (key, value) in tags {
            let key = key.into();
            let into = if key.starts_with("aws:") { &mut self.system_tags } else { &mut self.tags };
            into.insert(key, value.into());
        }
        self
    }

    /// Sets a property; an absent or empty value sets nothing.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl IntoProperty) -> Self {
        put(&mut self.properties, name, value);
        self
    }

    /// Sets what is shown and never hashed.
    #[must_use]
    pub fn observed(mut self, name: &str, value: impl IntoProperty) -> Self {
        put(&mut self.observed, name, value);
        self
    }

    /// Sets properties from a call of their own.
    ///
    /// What the caller may not read, or what does not exist in this place, becomes `unreadable(code)`. Any other
    /// error is the caller's: half an answer must not look like a whole one.
    pub fn sub<T: IntoProperty>(mut self, name: &str, read: Result<T, CallError>) -> Result<Self, CallError> {
        match read {
            Ok(value) => put(&mut self.properties, name, value),
            Err(error) if matches!(error.class, ErrorClass::Denied | ErrorClass::NotOffered) => {
                self.unreadable.insert(name.to_owned(), format!("{}: {}", error.code, error.action));
            }
            Err(error) => return Err(error),
        }
        Ok(self)
    }

    /// As [`Draft::sub`], for tags; unreadable tags are marked under `tags`.
    pub fn sub_tags<K: Into<String>, V: Into<String>>(
        self,
        read: Result<impl IntoIterator<Item = (K, V)>, CallError>,
    ) -> Result<Self, CallError> {
        match read {
            Ok(tags) => Ok(self.tags(tags)),
            Err(error) => self.sub::<()>("tags", Err(error)),
        }
    }

    /// Marks a property whose value AWS itself does not tell at this moment, with the reason.
    #[must_use]
    pub fn unreadable(mut self, name: &str, why: &str) -> Self {
        self.unreadable.insert(name.to_owned(), why.to_owned());
        self
    }

    /// Marks it as made by AWS, with the reason.
    #[must_use]
    pub fn aws_made(mut self, made: bool, why: &str) -> Self {
        if made {
            self.aws_made = Some(why.to_owned());
        }
        self
    }

    /// Names the controller that made it, where a field says so. Tags are looked at later, for all types alike.
    #[must_use]
    pub fn owner(mut self, kind: &str, id: Option<&str>) -> Self {
        if let Some(id) = id {
            self.owner = Some(Owner { kind: kind.to_owned(), id: id.to_owned() });
        }
        self
    }

    /// Turns the draft into a resource: secrets masked, canonical form, hash.
    #[must_use]
    pub fn finish(mut self, spec: &TypeSpec, region: &str, masker: &Masker) -> Resource {
        let place = Place { type_name: spec.name, id: &self.id };
        if !self.system_tags.is_empty() {
            put(&mut self.observed, "systemTags", std::mem::take(&mut self.system_tags));
        }
        masker.properties(place, spec.secrets, &mut self.properties);
        masker.properties(place, spec.secrets, &mut self.observed);
        masker.tags(place, &mut self.tags);
        canon::normalise(&mut self.properties, spec.sets);
        canon::normalise(&mut self.observed, spec.sets);
        let hash = canon::hash(&self.properties, &self.tags);
        Resource {
            type_name: spec.name.to_owned(),
            region: if spec.scope == Scope::Global { GLOBAL.to_owned() } else { region.to_owned() },
            id: self.id,
            arn: self.arn,
            name: self.name,
            created_at: self.created_at,
            tags: self.tags,
            properties: self.properties,
            unreadable: self.unreadable,
            observed: self.observed,
            owner: self.owner,
            aws_made: self.aws_made,
            undetermined: false,
            hash,
        }
    }
}

fn put(fields: &mut Properties, name: &str, value: impl IntoProperty) {
    if let Some(value) = value.into_property() {
        fields.insert(name.to_owned(), value);
    }
}

fn utc(at: &AwsTime) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(at.secs(), at.subsec_nanos())
}

/// A nested object of properties, built field by field.
#[derive(Debug, Clone, Default)]
pub struct Props(Map<String, Value>);

impl Props {
    /// An empty object.
    #[must_use]
    pub fn new() -> Self {
        Props::default()
    }

    /// Sets a field; an absent or empty value sets nothing.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl IntoProperty) -> Self {
        put(&mut self.0, name, value);
        self
    }
}

/// Maps each element of an SDK list to an object.
pub fn each<T>(items: &[T], map: impl Fn(&T) -> Props) -> Vec<Props> {
    items.iter().map(map).collect()
}

/// Maps each entry of an SDK map to an object under its key.
pub fn keyed<T, S: std::hash::BuildHasher>(
    items: Option<&std::collections::HashMap<String, T, S>>,
    map: impl Fn(&T) -> Props,
) -> Props {
    items.into_iter().flatten().fold(Props::new(), |props, (key, item)| props.with(key, map(item)))
}

/// A policy document in canonical form (see [`policy::parse`]).
#[must_use]
pub fn policy_document(text: Option<&str>) -> Option<Value> {
    text.filter(|text| !text.is_empty()).map(policy::parse)
}

/// A policy document that the API answers URL-encoded, as IAM does.
#[must_use]
pub fn encoded_policy(text: Option<&str>) -> Option<Value> {
    text.filter(|text| !text.is_empty()).map(policy::parse_encoded)
}

/// A JSON document that the API answers as text; what is no JSON stays text.
#[must_use]
pub fn json_document(text: Option<&str>) -> Option<Value> {
    text.filter(|text| !text.is_empty()).map(|text| serde_json::from_str(text).unwrap_or_else(|_| Value::from(text)))
}

/// What can stand as a property. `None` means that there is nothing to store: absent, an empty list, an empty object.
///
/// AWS answers "no element" as an absent list or as an empty one, so both are stored as absent. An empty text and
/// `false` are values.
pub trait IntoProperty {
    /// The value, unless there is none.
    fn into_property(self) -> Option<Value>;
}

macro_rules! scalar {
    ($($type:ty),*) => {$(
        impl IntoProperty for $type {
            fn into_property(self) -> Option<Value> {
                Some(Value::from(self))
            }
        }
    )*};
}
scalar!(&str, String, bool, i32, i64, u64, u32, f64, f32);

impl IntoProperty for () {
    fn into_property(self) -> Option<Value> {
        None
    }
}

impl IntoProperty for &String {
    fn into_property(self) -> Option<Value> {
        Some(Value::from(self.as_str()))
    }
}

impl IntoProperty for Value {
    fn into_property(self) -> Option<Value> {
        (!self.is_null()).then_some(self)
    }
}

impl IntoProperty for Props {
    fn into_property(self) -> Option<Value> {
        (!self.0.is_empty()).then_some(Value::Object(self.0))
    }
}

impl IntoProperty for &AwsTime {
    fn into_property(self) -> Option<Value> {
        let at = utc(self)?;
        Some(Value::from(at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)))
    }
}

impl<T: IntoProperty> IntoProperty for Option<T> {
    fn into_property(self) -> Option<Value> {
        self.and_then(IntoProperty::into_property)
    }
}

impl<T: IntoProperty> IntoProperty for Vec<T> {
    fn into_property(self) -> Option<Value> {
        let items: Vec<Value> = self.into_iter().filter_map(IntoProperty::into_property).collect();
        (!items.is_empty()).then_some(Value::Array(items))
    }
}

impl IntoProperty for &[String] {
    fn into_property(self) -> Option<Value> {
        (!self.is_empty()).then(|| self.iter().map(String::as_str).collect())
    }
}

impl IntoProperty for &Vec<String> {
    fn into_property(self) -> Option<Value> {
        self.as_slice().into_property()
    }
}

impl IntoProperty for BTreeMap<String, String> {
    fn into_property(self) -> Option<Value> {
        (!self.is_empty()).then(|| self.into_iter().map(|(key, value)| (key, Value::from(value))).collect())
    }
}

impl<S: std::hash::BuildHasher> IntoProperty for &std::collections::HashMap<String, String, S> {
    fn into_property(self) -> Option<Value> {
        self.iter().map(|(key, value)| (key.clone(), value.clone())).collect::<BTreeMap<_, _>>().into_property()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::services::sqs;

    fn denied() -> CallError {
        CallError::new(ErrorClass::Denied, "AccessDenied", "no", "sqs:ListQueueTags")
    }

    #[test]
    fn absent_and_empty_lists_are_the_same() {
        let draft = |items: Option<Vec<String>>| {
            Draft::new("q").with("A", items).finish(&sqs::queue::SPEC, "eu-west-1", &Masker::new([0; 32]))
        };
        assert_eq!(draft(None).hash, draft(Some(Vec::new())).hash);
    }

    #[test]
    fn times_in_text_have_many_spellings() {
        let of = |text| Draft::new("q").created_text(Some(text)).created_at.map(|at| at.timestamp());
        for text in ["1767607200", "2026-01-05T10:00:00Z", "2026-01-05T10:00:00.000+0000", "2026-01-05T11:00:00+01:00"]
        {
            assert_eq!(of(text), Some(1_767_607_200), "{text}");
        }
        assert_eq!(of("yesterday"), None);
    }

    #[test]
    fn what_may_not_be_read_is_neither_value_nor_absent() {
        let draft = Draft::new("q").sub::<&str>("Policy", Err(denied())).expect("denied costs one property");
        let resource = draft.finish(&sqs::queue::SPEC, "eu-west-1", &Masker::new([0; 32]));
        assert_eq!(resource.unreadable["Policy"], "AccessDenied: sqs:ListQueueTags");
        assert!(!resource.properties.contains_key("Policy"));
    }

    #[test]
    fn any_other_error_costs_the_cell() {
        let error = CallError::new(ErrorClass::Throttled, "Throttling", "slow down", "sqs:ListQueueTags");
        assert!(Draft::new("q").sub::<&str>("Policy", Err(error)).is_err());
    }

    #[test]
    fn system_tags_are_no_configuration() {
        let plain = Draft::new("q").finish(&sqs::queue::SPEC, "eu-west-1", &Masker::new([0; 32]));
        let owned = Draft::new("q").tags([("aws:cloudformation:stack-name", "s")]);
        let owned = owned.finish(&sqs::queue::SPEC, "eu-west-1", &Masker::new([0; 32]));
        assert_eq!(plain.hash, owned.hash);
        assert_eq!(owned.observed["systemTags"]["aws:cloudformation:stack-name"], "s");
    }
}
