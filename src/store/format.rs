//! What stands in a snapshot file, and when it can be trusted. `docs/snapshot-format.md` is the promise to users.
//!
//! Before changing anything here, answer for the change: old reader and new data, new reader and old data, old
//! writer and new data. `tests/golden/snapshot-v1.yaml` must load for ever.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::error::Damage;
use super::{Summary, yaml};
use crate::catalog::canon;
use crate::model::{Coverage, Header, Properties, Resource, Snapshot, SnapshotName};

/// The newest format that this program reads, and the only one that it writes.
pub const FORMAT: u64 = 1;

/// Algorithm and version of the digest over a whole snapshot.
const DIGEST: &str = "b3d1";

/// Deepest nesting of a property. The reader gives up at 128 levels, so what is deeper must not be written.
const DEPTH: usize = 100;

#[derive(Serialize)]
struct Written<'a> {
    schema: u64,
    header: &'a Header,
    coverage: &'a Coverage,
    resources: &'a [Resource],
    digest: &'a str,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Read {
    #[serde(rename = "schema")]
    _schema: u64,
    header: Header,
    coverage: Coverage,
    resources: Vec<Resource>,
    digest: Option<String>,
}

/// What every format since the first one starts with, and promises to go on doing.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Preamble {
    schema: Option<u64>,
    header: Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Top {
    schema: u64,
    header: Header,
    coverage: Coverage,
}

/// A snapshot and what was found out while reading it.
pub(super) struct Parsed {
    pub snapshot: Snapshot,
    pub digest: String,
}

/// Why a text is not taken for a snapshot.
pub(super) enum Refused {
    Damaged(Damage),
    Newer { found: u64, written_by: Option<String> },
}

impl From<Damage> for Refused {
    fn from(damage: Damage) -> Self {
        Refused::Damaged(damage)
    }
}

/// Writes a snapshot as YAML text.
pub(super) fn write(writer: impl std::io::Write, snapshot: &Snapshot, digest: &str) -> std::io::Result<()> {
    let Snapshot { header, coverage, resources } = snapshot;
    yaml::to_writer(writer, &Written { schema: FORMAT, header, coverage, resources, digest })
        .map_err(yaml::YamlError::into_io)
}

/// Reads a snapshot and checks all that can be checked without an account.
///
/// The format's version comes first: a newer file is refused before anything else in it is judged.
pub(super) fn read(bytes: &[u8], name: &SnapshotName) -> Result<Parsed, Refused> {
    let text = text(bytes)?;
    check_version(text)?;
    let Read { header, coverage, resources, digest, .. } = yaml::from_str(text).map_err(|error| shape(text, error))?;
    let Some(stored) = digest else { return Err(Damage::Truncated(None).into()) };
    let mut snapshot = Snapshot { header, coverage, resources };
    let computed = self::digest(&snapshot);
    if stored != computed {
        return Err(Damage::Digest { stored, computed }.into());
    }
    check(&snapshot, name)?;
    rehash(&mut snapshot);
    Ok(Parsed { snapshot, digest: stored })
}

/// What a list shows, without parsing the resources and without checking anything that needs them.
///
/// This relies on the layout that [`write`] gives a file; `None` sends the caller to [`read`], which relies on nothing.
pub(super) fn glance(bytes: &[u8], name: &SnapshotName) -> Option<Summary> {
    let (top, rest) = text(bytes).ok()?.split_once("\nresources:")?;
    let Top { schema, header, coverage } = yaml::from_str(top).ok()?;
    let mut lines = rest.lines();
    let none = lines.next()?.trim() == "[]";
    // The text of a value is always indented deeper than the keys of a resource.
    let count = |found: fn(&&str) -> bool| lines.clone().filter(found).count();
    let resources = count(|line| line.starts_with("- "));
    let unreadable = count(|line| *line == "  unreadable:");
    let digest = lines.next_back()?.strip_prefix("digest: ")?.to_owned();
    let ours = schema == FORMAT && header.name == *name && none == (resources == 0);
    ours.then(|| Summary { gaps: coverage.gaps().count(), header, resources, unreadable, digest })
}

/// The format's number and the writer's version, or why there are none.
fn check_version(text: &str) -> Result<(), Refused> {
    let Preamble { schema, header } = preamble(text)?;
    match schema {
        None | Some(0) => Err(Damage::Foreign.into()),
        Some(FORMAT) => Ok(()),
        Some(found) => {
            let written_by = header.pointer("/tool/version").and_then(Value::as_str).map(str::to_owned);
            Err(Refused::Newer { found, written_by })
        }
    }
}

/// Whether a newer program wrote this; what cannot be read at all is not newer.
pub(super) fn newer(bytes: &[u8]) -> Option<Refused> {
    let refused = check_version(text(bytes).ok()?).err()?;
    matches!(refused, Refused::Newer { .. }).then_some(refused)
}

fn text(bytes: &[u8]) -> Result<&str, Damage> {
    if bytes.iter().all(|byte| *byte == 0 || byte.is_ascii_whitespace()) {
        return Err(Damage::Empty);
    }
    std::str::from_utf8(bytes).map_err(|error| Damage::NotText { at: error.valid_up_to() })
}

fn preamble(text: &str) -> Result<Preamble, Damage> {
    // Schema and header come first, so that the rest of a large file need not be parsed to judge them; and the
    // first line alone tells a newer format, whatever that has made of the rest.
    let header = text.find("\ncoverage:").map_or(text, |end| &text[..=end]);
    let line = text.split_inclusive('\n').next().unwrap_or_default();
    for start in [header, line] {
        if let Ok(found) = yaml::from_str::<Preamble>(start)
            && found.schema.is_some_and(|schema| schema > 0)
        {
            return Ok(found);
        }
    }
    match yaml::from_str::<Preamble>(text) {
        Ok(found) => Ok(found),
        // Well-formed YAML of another kind is foreign; the rest is damaged.
        Err(error) => Err(match yaml::from_str::<serde::de::IgnoredAny>(text) {
            Ok(_) => Damage::Foreign,
            Err(_) => shape(text, error),
        }),
    }
}

fn shape(text: &str, error: yaml::YamlError) -> Damage {
    let last = text.trim_end().lines().next_back().unwrap_or_default();
    if last.starts_with("digest:") { Damage::Shape(error) } else { Damage::Truncated(Some(error)) }
}

/// Checks what must hold of any stored snapshot.
pub(super) fn check(snapshot: &Snapshot, name: &SnapshotName) -> Result<(), Damage> {
    let Header { name: inside, account, .. } = &snapshot.header;
    if inside != name {
        return Err(Damage::OtherName { inside: inside.clone(), expected: name.clone() });
    }
    if account.len() != 12 || !account.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Damage::Account(account.clone()));
    }
    for pair in snapshot.resources.windows(2) {
        match pair[0].key().cmp(&pair[1].key()) {
            std::cmp::Ordering::Less => {}
            std::cmp::Ordering::Equal => return Err(Damage::Twice(pair[1].key().to_string())),
            std::cmp::Ordering::Greater => {
                return Err(Damage::Unsorted(format!("{} stands before {}", pair[0].key(), pair[1].key())));
            }
        }
    }
    let too_deep = |fields: &Properties| fields.values().any(|value| !is_within(value, DEPTH));
    if let Some(resource) = snapshot.resources.iter().find(|it| too_deep(&it.properties) || too_deep(&it.observed)) {
        return Err(Damage::TooDeep(resource.key().to_string()));
    }
    for resource in snapshot.resources.iter().filter(|resource| is_current(resource)) {
        let computed = canon::rehash(resource);
        if resource.hash != computed {
            let (key, stored) = (resource.key().to_string(), resource.hash.clone());
            return Err(Damage::Hash { key, stored, computed });
        }
    }
    Ok(())
}

fn is_within(value: &Value, depth: usize) -> bool {
    match value {
        Value::Array(items) => depth > 0 && items.iter().all(|item| is_within(item, depth - 1)),
        Value::Object(fields) => depth > 0 && fields.values().all(|field| is_within(field, depth - 1)),
        _ => true,
    }
}

fn is_current(resource: &Resource) -> bool {
    resource.hash.split_once(':').is_some_and(|(prefix, _)| prefix == canon::NORMALISER)
}

/// Hashes anew what another normaliser hashed, so that all hashes in memory compare.
fn rehash(snapshot: &mut Snapshot) {
    for resource in snapshot.resources.iter_mut().filter(|resource| !is_current(resource)) {
        resource.hash = canon::rehash(resource);
    }
}

/// The digest of a whole snapshot: every field of header, coverage and resources, in canonical encoding.
#[must_use]
#[expect(clippy::missing_panics_doc, reason = "plain data with text keys always has a JSON form")]
pub fn digest(snapshot: &Snapshot) -> String {
    let mut hasher = blake3::Hasher::new_derive_key("aws-baseline 2026 snapshot digest b3d1");
    let mut part = |value: Result<Value, serde_json::Error>| {
        canon::update(&mut hasher, &value.expect("plain data has a JSON form"));
    };
    part(serde_json::to_value(&snapshot.header));
    part(serde_json::to_value(&snapshot.coverage));
    part(Ok(Value::from(snapshot.resources.len())));
    for resource in &snapshot.resources {
        part(serde_json::to_value(resource));
    }
    format!("{DIGEST}:{}", hasher.finalize().to_hex())
}
