//! Tags as EC2 answers them: a list inside each resource.

use aws_sdk_ec2::types::Tag;

/// The tags as pairs.
pub(super) fn pairs(tags: &[Tag]) -> impl Iterator<Item = (String, String)> {
    tags.iter().filter_map(|tag| Some((tag.key()?.to_owned(), tag.value().unwrap_or_default().to_owned())))
}

/// The `Name` tag, which the console shows as the name.
pub(super) fn name_tag(tags: &[Tag]) -> Option<&str> {
    tags.iter().find(|tag| tag.key() == Some("Name"))?.value()
}
