//! A stored snapshot that passes by: resource after resource, in the order of their keys.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::{self, JoinHandle};

use chrono::{DateTime, Utc};

use super::StoreError;
use super::lines::{Reader, Row};
use crate::model::{Coverage, Header, Resource, ResourceKey, Snapshot};

/// Bytes of lines that change threads together.
const BATCH: usize = 1 << 17;
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
    Lines { text: Arc<String>, lines: std::vec::IntoIter<Line>, batches: Receiver<Batch>, reader: Option<Reading> },
}

type Reading = JoinHandle<Result<String, StoreError>>;

/// A resource of a [`Stream`]: enough to tell whether it changed, and the means to get all of it.
#[derive(Debug)]
pub struct Passing(Kind);

#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "one at a time passes by, and a box for each would cost more")]
enum Kind {
    Whole(Resource),
    Line(Arc<String>, Line),
}

/// Lines with what is needed to compare them; all texts stand in one, so that none of them costs an allocation.
#[derive(Default)]
struct Batch {
    text: String,
    lines: Vec<Line>,
}

#[derive(Debug)]
struct Line {
    type_name: Span,
    region: Span,
    id: Span,
    hash: Span,
    text: Span,
    created_at: Option<DateTime<Utc>>,
    whole: bool,
}

/// A part of a batch's text.
#[derive(Debug, Clone, Copy)]
struct Span(usize, usize);

impl Span {
    fn of(self, text: &str) -> &str {
        &text[self.0..self.1]
    }
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
            let mut batch = Batch::default();
            let proved = reader.walk(|row, line, renewed| {
                batch.push(&row, line, renewed.as_deref());
                // When nobody takes them any more, there is no need to read on.
                batch.text.len() < BATCH || sender.send(batch.renew()).is_ok()
            });
            // Dropped by whoever does not want them.
            let _ = sender.send(batch);
            proved
        });
        let (text, lines) = (Arc::default(), Vec::new().into_iter());
        Stream { header, coverage, source: Source::Lines { text, lines, batches, reader: Some(reader) } }
    }
}

impl Iterator for Stream {
    type Item = Result<Passing, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.source {
            Source::Whole(resources) => resources.next().map(|resource| Ok(Passing(Kind::Whole(resource)))),
            Source::Lines { text, lines, batches, reader } => loop {
                if let Some(line) = lines.next() {
                    return Some(Ok(Passing(Kind::Line(text.clone(), line))));
                }
                match batches.recv() {
                    Ok(batch) => (*text, *lines) = (Arc::new(batch.text), batch.lines.into_iter()),
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

impl Batch {
    fn push(&mut self, row: &Row<'_>, line: &str, renewed: Option<&str>) {
        let key = row.key();
        let line = Line {
            type_name: self.span(key.type_name),
            region: self.span(key.region),
            id: self.span(key.id),
            hash: self.span(renewed.unwrap_or(row.hash())),
            text: self.span(line),
            created_at: row.created_at,
            whole: row.is_whole(),
        };
        self.lines.push(line);
    }

    fn span(&mut self, text: &str) -> Span {
        let start = self.text.len();
        self.text.push_str(text);
        Span(start, self.text.len())
    }

    /// Takes the batch away and begins the next, which will be about as large.
    fn renew(&mut self) -> Batch {
        let next = Batch {
            text: String::with_capacity(self.text.capacity()),
            lines: Vec::with_capacity(self.lines.capacity()),
        };
        std::mem::replace(self, next)
    }
}

impl Passing {
    /// The key by which streams are sorted.
    #[must_use]
    pub fn key(&self) -> ResourceKey<'_> {
        match &self.0 {
            Kind::Whole(resource) => resource.key(),
            Kind::Line(text, line) => {
                ResourceKey { type_name: line.type_name.of(text), region: line.region.of(text), id: line.id.of(text) }
            }
        }
    }

    /// When AWS says it was created.
    #[must_use]
    pub fn created_at(&self) -> Option<DateTime<Utc>> {
        match &self.0 {
            Kind::Whole(resource) => resource.created_at,
            Kind::Line(_, line) => line.created_at,
        }
    }

    /// Whether all of its properties could be read.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        match &self.0 {
            Kind::Whole(resource) => resource.unreadable.is_empty(),
            Kind::Line(_, line) => line.whole,
        }
    }

    /// The hash over properties and tags, of this program's normaliser.
    #[must_use]
    pub fn hash(&self) -> &str {
        match &self.0 {
            Kind::Whole(resource) => &resource.hash,
            Kind::Line(text, line) => line.hash.of(text),
        }
    }

    /// All of it.
    #[must_use]
    #[expect(clippy::missing_panics_doc, reason = "the line was read once already")]
    pub fn into_resource(self) -> Resource {
        match self.0 {
            Kind::Whole(resource) => resource,
            Kind::Line(text, line) => {
                let row = Row::read(line.text.of(&text)).expect("what was readable stays readable");
                Resource { hash: line.hash.of(&text).to_owned(), ..row.into_resource() }
            }
        }
    }
}
