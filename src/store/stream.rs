//! A stored snapshot that passes by: resource after resource, in the order of their keys.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::{self, JoinHandle};

use chrono::{DateTime, Utc};

use super::StoreError;
use super::lines::{Reader, Row};
use crate::model::{Coverage, Header, Resource, ResourceKey, Snapshot};

/// Resources that change threads together.
const BATCH: usize = 256;
/// Batches that wait: enough that neither side stands still, few enough to take no memory.
const WAITING: usize = 4;

/// A stored snapshot that passes by.
///
/// Nothing of it is proved, header and coverage included, before the last resource was taken: the error that says so
/// comes where the end would be.
pub struct Stream {
    /// Who took it, of what, when.
    pub header: Header,
    /// How looking at each cell went.
    pub coverage: Coverage,
    source: Source,
}

enum Source {
    /// Read, and proved, as a whole.
    Whole(std::vec::IntoIter<Resource>),
    /// Read, unpacked and hashed in a thread of its own.
    Lines { current: std::vec::IntoIter<Line>, batches: Receiver<Vec<Line>>, reader: Option<Reading> },
}

type Reading = JoinHandle<Result<String, StoreError>>;

/// A resource of a [`Stream`]: enough to tell whether it changed, and the means to get all of it.
#[derive(Debug)]
pub struct Passing(Kind);

#[derive(Debug)]
enum Kind {
    Whole(Resource),
    Line(Line),
}

#[derive(Debug)]
struct Line {
    // One text for thousands of resources.
    type_name: Arc<str>,
    region: Arc<str>,
    id: String,
    created_at: Option<DateTime<Utc>>,
    whole: bool,
    hash: String,
    text: String,
}

impl From<Snapshot> for Stream {
    fn from(Snapshot { header, coverage, resources }: Snapshot) -> Self {
        Stream { header, coverage, source: Source::Whole(resources.into_iter()) }
    }
}

impl Stream {
    pub(super) fn of_lines(reader: Reader) -> Self {
        let (header, coverage) = (reader.head().header.clone(), reader.head().coverage.clone());
        let (sender, batches) = sync_channel(WAITING);
        let reader = thread::spawn(move || {
            let mut batch: Vec<Line> = Vec::with_capacity(BATCH);
            let proved = reader.walk(|row, line, renewed| {
                let next = Line::new(&row, line, renewed, batch.last());
                batch.push(next);
                // When nobody takes them any more, there is no need to read on.
                batch.len() < BATCH || sender.send(std::mem::replace(&mut batch, Vec::with_capacity(BATCH))).is_ok()
            });
            // Dropped by whoever does not want them.
            let _ = sender.send(batch);
            proved
        });
        let current = Vec::new().into_iter();
        Stream { header, coverage, source: Source::Lines { current, batches, reader: Some(reader) } }
    }
}

impl Iterator for Stream {
    type Item = Result<Passing, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.source {
            Source::Whole(resources) => resources.next().map(|resource| Ok(Passing(Kind::Whole(resource)))),
            Source::Lines { current, batches, reader } => loop {
                if let Some(line) = current.next() {
                    return Some(Ok(Passing(Kind::Line(line))));
                }
                match batches.recv() {
                    Ok(batch) => *current = batch.into_iter(),
                    Err(_) => return proof(reader.take()?).err().map(Err),
                }
            },
        }
    }
}

/// What the reader came to; its panic is ours.
fn proof(reader: Reading) -> Result<String, StoreError> {
    reader.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

impl Line {
    fn new(row: &Row<'_>, text: &str, renewed: Option<String>, last: Option<&Line>) -> Self {
        let key = row.key();
        let shared = |text: &str, last: Option<&Arc<str>>| match last {
            Some(last) if **last == *text => last.clone(),
            _ => text.into(),
        };
        Line {
            type_name: shared(key.type_name, last.map(|last| &last.type_name)),
            region: shared(key.region, last.map(|last| &last.region)),
            id: key.id.to_owned(),
            created_at: row.created_at,
            whole: row.is_whole(),
            hash: renewed.unwrap_or_else(|| row.hash().to_owned()),
            text: text.to_owned(),
        }
    }
}

impl Passing {
    /// The key by which streams are sorted.
    #[must_use]
    pub fn key(&self) -> ResourceKey<'_> {
        match &self.0 {
            Kind::Whole(resource) => resource.key(),
            Kind::Line(line) => ResourceKey { type_name: &line.type_name, region: &line.region, id: &line.id },
        }
    }

    /// When AWS says it was created.
    #[must_use]
    pub fn created_at(&self) -> Option<DateTime<Utc>> {
        match &self.0 {
            Kind::Whole(resource) => resource.created_at,
            Kind::Line(line) => line.created_at,
        }
    }

    /// Whether all of its properties could be read.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        match &self.0 {
            Kind::Whole(resource) => resource.unreadable.is_empty(),
            Kind::Line(line) => line.whole,
        }
    }

    /// The hash over properties and tags, of this program's normaliser.
    #[must_use]
    pub fn hash(&self) -> &str {
        match &self.0 {
            Kind::Whole(resource) => &resource.hash,
            Kind::Line(line) => &line.hash,
        }
    }

    /// All of it.
    #[must_use]
    #[expect(clippy::missing_panics_doc, reason = "the line was read once already")]
    pub fn into_resource(self) -> Resource {
        match self.0 {
            Kind::Whole(resource) => resource,
            Kind::Line(line) => {
                let row = Row::read(&line.text).expect("what was readable stays readable");
                Resource { hash: line.hash, ..row.into_resource() }
            }
        }
    }
}
