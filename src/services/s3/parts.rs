//! A bucket's configuration in parts: each comes from a call of its own and becomes one property.

use aws_sdk_s3::types::Tag;
use serde_json::Value;

use crate::aws::CallError;
use crate::catalog::{Draft, IntoProperty, Props, each};

/// One property, or why it could not be read.
pub(super) type Part = (&'static str, Result<Option<Value>, CallError>);

/// Makes a property of an answer. `None` stands for "not configured".
pub(super) fn part<T, P: IntoProperty>(
    name: &'static str,
    answer: &Result<Option<T>, CallError>,
    map: impl FnOnce(&T) -> P,
) -> Part {
    let value = match answer {
        Ok(answer) => Ok(answer.as_ref().and_then(|answer| map(answer).into_property())),
        Err(error) => Err(error.clone()),
    };
    (name, value)
}

/// Puts all parts into a draft.
pub(super) fn join(draft: Draft, parts: impl IntoIterator<Item = Part>) -> Result<Draft, CallError> {
    parts.into_iter().try_fold(draft, |draft, (name, read)| draft.sub(name, read))
}

/// A filter by tags, as every kind of rule has it.
pub(super) fn tag_filters<'a>(tags: impl IntoIterator<Item = &'a Tag>) -> Vec<Props> {
    tags.into_iter().map(tag_filter).collect()
}

/// One tag of a filter.
pub(super) fn tag_filter(tag: &Tag) -> Props {
    Props::new().with("Key", tag.key()).with("Value", tag.value())
}

/// `{"Status": "Enabled"}`.
pub(super) fn status(status: &str) -> Props {
    Props::new().with("Status", status)
}

/// Maps a list that may be absent.
pub(super) fn all<T>(items: Option<&Vec<T>>, map: impl Fn(&T) -> Props) -> Vec<Props> {
    each(items.map(Vec::as_slice).unwrap_or_default(), map)
}
