//! What stands in a snapshot file of YAML. `docs/snapshot-format.md` is the promise to users.
//!
//! Before changing anything here, answer for the change: old reader and new data, new reader and old data, old
//! writer and new data. `tests/golden/snapshot-v1.yaml` must load for ever.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::error::Damage;
use super::{Summary, SyntaxError, audit, yaml};
use crate::model::{Coverage, Header, Resource, Snapshot, SnapshotName};

/// The newest format that this program reads, and the only one that it writes.
pub const FORMAT: u64 = 1;

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
pub(super) struct Preamble {
    pub schema: Option<u64>,
    pub header: Value,
}

impl Preamble {
    /// Whether this program may read on.
    pub fn check(&self) -> Result<(), Refused> {
        match self.schema {
            None | Some(0) => Err(Damage::Foreign.into()),
            Some(FORMAT) => Ok(()),
            Some(found) => {
                let written_by = self.header.pointer("/tool/version").and_then(Value::as_str).map(str::to_owned);
                Err(Refused::Newer { found, written_by })
            }
        }
    }
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
        .map_err(SyntaxError::into_io)
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
    let digest = audit::check(&mut snapshot, name, &stored)?;
    Ok(Parsed { snapshot, digest })
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
    preamble(text)?.check()
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

fn shape(text: &str, error: SyntaxError) -> Damage {
    let last = text.trim_end().lines().next_back().unwrap_or_default();
    if last.starts_with("digest:") { Damage::Shape(error) } else { Damage::Truncated(Some(error)) }
}
