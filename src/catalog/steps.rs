//! What recipes read from a resource to say which steps its deletion takes.

use serde_json::Value;

use crate::model::{Properties, Resource, Step};

/// The target of a step that names all parts of a kind, because the snapshot does not know them one by one. The step
/// lists them when it is made.
pub const EVERY: &str = "*";

/// Whether a field is `true`.
#[must_use]
pub fn flag(fields: &Properties, name: &str) -> bool {
    fields.get(name).and_then(Value::as_bool) == Some(true)
}

/// A field that is text.
#[must_use]
pub fn text<'a>(fields: &'a Properties, name: &str) -> Option<&'a str> {
    fields.get(name)?.as_str()
}

/// The elements of a list of texts.
pub fn texts<'a>(fields: &'a Properties, name: &str) -> impl Iterator<Item = &'a str> {
    elements(fields, name).filter_map(Value::as_str)
}

/// One field of each element of a list.
pub fn texts_of<'a>(fields: &'a Properties, name: &str, field: &str) -> impl Iterator<Item = &'a str> {
    elements(fields, name).filter_map(move |element| element.get(field)?.as_str())
}

/// The elements of a list.
pub fn elements<'a>(fields: &'a Properties, name: &str) -> impl Iterator<Item = &'a Value> {
    fields.get(name).and_then(Value::as_array).into_iter().flatten()
}

/// The same call on each of several parts.
pub fn each_of<'a>(call: &'a str, targets: impl IntoIterator<Item = &'a str> + 'a) -> impl Iterator<Item = Step> + 'a {
    targets.into_iter().map(move |target| Step::on(call, target))
}

/// The same call on each part of a kind; one step for [`EVERY`] part where the list could not be read.
#[must_use]
pub fn each_known(call: &str, resource: &Resource, list: &str, field: &str) -> Vec<Step> {
    if resource.unreadable.contains_key(list) {
        return vec![Step::on(call, EVERY)];
    }
    each_of(call, texts_of(&resource.properties, list, field)).collect()
}
