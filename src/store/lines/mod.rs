//! The form of large snapshots: lines of JSON, compressed, read one after the other.
//!
//! ```text
//! {"schema":1,"header":{…},"coverage":[…],"resources":2,"unreadable":0}
//! {"type":"AWS::S3::Bucket","id":"assets",…}
//! {"type":"AWS::SQS::Queue","id":"https://…",…}
//! {"digest":"b3d1:…"}
//! ```
//!
//! Each of the three parts is a zstd frame of its own, so that a list reads the first and the last line without
//! unpacking what is between. The content and the digest are those of the YAML form.

mod exact;
mod row;

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::audit::Audit;
use super::error::{At, Damage, StoreError};
use super::format::{FORMAT, Preamble, Refused};
use super::{LEVEL, Summary, SyntaxError, explain};
use crate::model::{Coverage, Header, Snapshot, SnapshotName};
pub(super) use row::Row;

/// What a zstd frame begins with (RFC 8878, 3.1.1).
const MAGIC: [u8; 4] = [0x28, 0xB5, 0x2F, 0xFD];
/// More than the packed last line can take.
const TAIL: u64 = 512;

#[derive(Serialize)]
struct WrittenHead<'a> {
    schema: u64,
    header: &'a Header,
    coverage: &'a Coverage,
    resources: usize,
    unreadable: usize,
}

/// The first line. The numbers let a list do without the rest; the digest covers the first, [`Reader::walk`] checks both.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    #[serde(rename = "schema")]
    _schema: u64,
    pub header: Header,
    pub coverage: Coverage,
    /// Lines between the first and the last.
    pub resources: usize,
    /// Those with properties that could not be read.
    pub unreadable: usize,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Tail<'a> {
    digest: Cow<'a, str>,
}

/// What the last line begins with, and no other.
const TAIL_START: &str = "{\"digest\":";

/// Writes a snapshot.
pub fn write(mut writer: impl Write, snapshot: &Snapshot, digest: &str) -> io::Result<()> {
    let Snapshot { header, coverage, resources } = snapshot;
    let unreadable = resources.iter().filter(|resource| !resource.unreadable.is_empty()).count();
    let head = WrittenHead { schema: FORMAT, header, coverage, resources: resources.len(), unreadable };
    frame(&mut writer, std::iter::once(&head))?;
    frame(&mut writer, resources)?;
    frame(&mut writer, std::iter::once(&Tail { digest: digest.into() }))
}

fn frame<'a, T: Serialize + 'a>(writer: impl Write, lines: impl IntoIterator<Item = &'a T>) -> io::Result<()> {
    let mut packer = zstd::Encoder::new(writer, LEVEL)?;
    packer.include_checksum(true)?;
    let mut line = Vec::new();
    for value in lines {
        line.clear();
        serde_json::to_writer(&mut line, value)?;
        line.push(b'\n');
        packer.write_all(&line)?;
    }
    packer.finish().map(drop)
}

/// Reads a snapshot from its first line to its last.
pub struct Reader {
    path: PathBuf,
    name: SnapshotName,
    head: Head,
    lines: Lines,
}

impl Reader {
    /// Opens a snapshot and reads its first line.
    ///
    /// The format's version comes first: a newer file is refused before anything else in it is judged.
    pub fn open(path: &Path, name: &SnapshotName) -> Result<Self, StoreError> {
        let mut lines = Lines::open(path)?;
        let head = lines.head().map_err(|error| error.at(path))?;
        Ok(Reader { path: path.to_owned(), name: name.clone(), head, lines })
    }

    /// The first line, which is not proved before [`Reader::walk`] has come to the end.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// Shows each resource, with its line and its hash, and then proves that what was shown is what was stored.
    ///
    /// Ends early, and proves nothing, when `show` says no. Returns the digest.
    pub fn walk(mut self, mut show: impl FnMut(Row<'_>, &str, Option<String>) -> bool) -> Result<String, StoreError> {
        self.lines.walk(&self.head, &self.name, &mut show).map_err(|error| error.at(&self.path))
    }

    /// Reads it all into memory; hashes of other normalisers are renewed.
    pub fn load(self) -> Result<(Snapshot, String), StoreError> {
        let mut resources = Vec::new();
        let Head { header, coverage, .. } = &self.head;
        let (header, coverage) = (header.clone(), coverage.clone());
        let digest = self.walk(|row, _, renewed| {
            let mut resource = row.into_resource();
            if let Some(hash) = renewed {
                resource.hash = hash;
            }
            resources.push(resource);
            true
        })?;
        Ok((Snapshot { header, coverage, resources }, digest))
    }

    /// Reads it all, keeps nothing.
    pub fn verify(self) -> Result<Summary, StoreError> {
        let Head { header, coverage, resources, unreadable, .. } = &self.head;
        let (header, gaps) = (header.clone(), coverage.gaps().count());
        let (resources, unreadable) = (*resources, *unreadable);
        let digest = self.walk(|_, _, _| true)?;
        Ok(Summary { header, resources, gaps, unreadable, digest })
    }
}

/// Whether a newer program wrote this; what cannot be read at all is not newer.
pub fn newer(path: &Path) -> Result<Option<StoreError>, StoreError> {
    match Lines::open(path).and_then(|mut lines| lines.head().map_err(|error| error.at(path))) {
        Ok(_) | Err(StoreError::Corrupt { .. }) => Ok(None),
        Err(newer @ StoreError::NewerFormat { .. }) => Ok(Some(newer)),
        Err(other) => Err(other),
    }
}

/// What a list shows: first and last line. `None` where they are not where [`write`] puts them.
pub fn glance(path: &Path, name: &SnapshotName) -> Result<Option<Summary>, StoreError> {
    let mut file = File::open(path).at("read", path)?;
    let length = file.seek(SeekFrom::End(0)).at("read", path)?;
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL))).at("read", path)?;
    let mut end = Vec::new();
    file.read_to_end(&mut end).at("read", path)?;
    let Some(digest) = last_line(&end) else { return Ok(None) };
    let Head { header, coverage, resources, unreadable, .. } = match Reader::open(path, name) {
        Ok(reader) => reader.head,
        Err(StoreError::Corrupt { .. }) => return Ok(None),
        Err(error) => return Err(error),
    };
    let ours = header.name == *name;
    Ok(ours.then(|| Summary { gaps: coverage.gaps().count(), header, resources, unreadable, digest }))
}

/// The digest in the last frame of a file.
fn last_line(end: &[u8]) -> Option<String> {
    let start = end.windows(MAGIC.len()).rposition(|window| window == MAGIC)?;
    let line = zstd::decode_all(&end[start..]).ok()?;
    Some(serde_json::from_slice::<Tail<'_>>(&line).ok()?.digest.into_owned())
}

/// What may go wrong while a file is read; the path is added where it is known.
enum Trouble {
    Io(io::Error),
    Refused(Refused),
}

impl Trouble {
    fn at(self, path: &Path) -> StoreError {
        match self {
            Trouble::Io(source) => StoreError::Io { doing: "read", path: path.to_owned(), source },
            Trouble::Refused(refused) => explain(refused, path),
        }
    }
}

impl From<Damage> for Trouble {
    fn from(damage: Damage) -> Self {
        Trouble::Refused(damage.into())
    }
}

impl From<Refused> for Trouble {
    fn from(refused: Refused) -> Self {
        Trouble::Refused(refused)
    }
}

/// The lines of a compressed file.
struct Lines {
    input: BufReader<zstd::Decoder<'static, BufReader<File>>>,
    line: Vec<u8>,
    /// Of the line that was read last, counted from 1.
    number: usize,
    /// Bytes before that line.
    offset: usize,
}

impl Lines {
    fn open(path: &Path) -> Result<Self, StoreError> {
        let mut file = BufReader::with_capacity(1 << 17, File::open(path).at("read", path)?);
        // What a crash of the machine may leave.
        let start = file.fill_buf().at("read", path)?;
        if start.is_empty() || start.starts_with(&[0; MAGIC.len()]) {
            return Err(explain(Damage::Empty.into(), path));
        }
        let unpacker = zstd::Decoder::with_buffer(file).at("read", path)?;
        Ok(Lines { input: BufReader::with_capacity(1 << 17, unpacker), line: Vec::new(), number: 0, offset: 0 })
    }

    /// The next line, `None` after the last one.
    fn next(&mut self) -> Result<Option<&str>, Trouble> {
        self.offset += self.line.len();
        self.number += 1;
        self.line.clear();
        match self.input.read_until(b'\n', &mut self.line) {
            Ok(0) => return Ok(None),
            Ok(_) => {}
            // What the system reports has a number, what the unpacker finds has none.
            Err(error) if error.raw_os_error().is_some() => return Err(Trouble::Io(error)),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Err(Damage::Truncated(None).into()),
            Err(error) => return Err(Damage::Zstd(error).into()),
        }
        match std::str::from_utf8(&self.line) {
            Ok(line) => Ok(Some(line)),
            Err(error) => Err(Damage::NotText { at: self.offset + error.valid_up_to() }.into()),
        }
    }

    fn head(&mut self) -> Result<Head, Trouble> {
        let line = match self.next()? {
            None => return Err(Damage::Empty.into()),
            Some(line) if line.bytes().all(|byte| byte == 0 || byte.is_ascii_whitespace()) => {
                return Err(Damage::Empty.into());
            }
            Some(line) => line,
        };
        preamble(line)?.check()?;
        Ok(serde_json::from_str(line).map_err(|error| broken(line, 1, &error))?)
    }

    fn walk(
        &mut self,
        head: &Head,
        name: &SnapshotName,
        show: &mut impl FnMut(Row<'_>, &str, Option<String>) -> bool,
    ) -> Result<String, Trouble> {
        let mut audit = Audit::new(&head.header, &head.coverage, head.resources, name);
        let (mut resources, mut unreadable) = (0, 0);
        let stored = loop {
            let number = self.number + 1;
            let line = self.next()?.ok_or(Damage::Truncated(None))?;
            if line.starts_with(TAIL_START) {
                let tail: Tail<'_> = serde_json::from_str(line).map_err(|error| broken(line, number, &error))?;
                break tail.digest.into_owned();
            }
            let row = Row::read(line).map_err(|error| broken(line, number, &error))?;
            let renewed = audit.resource(&row.parts());
            resources += 1;
            unreadable += usize::from(!row.is_whole());
            if !show(row, line, renewed) {
                return Ok(String::new());
            }
        };
        if self.next()?.is_some() {
            let error = SyntaxError::at_line(self.number, "something stands after the digest");
            return Err(Damage::Shape(error).into());
        }
        let counts = [
            ("resources", head.resources, resources),
            ("resources with unreadable properties", head.unreadable, unreadable),
        ];
        for (what, stored, found) in counts {
            if stored != found {
                return Err(Damage::Count { what, stored, found }.into());
            }
        }
        Ok(audit.finish(Some(&stored))?)
    }
}

/// What is wrong with a line that cannot be read. Only the last line of a file that was cut off has no end.
fn broken(line: &str, number: usize, error: &serde_json::Error) -> Damage {
    if line.ends_with('\n') { Damage::Shape(SyntaxError::in_line(number, error)) } else { Damage::Truncated(None) }
}

fn preamble(line: &str) -> Result<Preamble, Damage> {
    // A list would do as well for the fields of a struct.
    if !line.starts_with('{') {
        return Err(Damage::Foreign);
    }
    let error = match serde_json::from_str::<Preamble>(line) {
        Ok(found) => return Ok(found),
        Err(error) => error,
    };
    // The number alone tells a newer format, whatever that has made of the rest.
    let digits = line.strip_prefix("{\"schema\":").map(|rest| rest.split(|c: char| !c.is_ascii_digit()).next());
    match digits.flatten().and_then(|digits| digits.parse().ok()) {
        Some(schema) if schema > FORMAT => Ok(Preamble { schema: Some(schema), ..Preamble::default() }),
        Some(FORMAT) => Err(broken(line, 1, &error)),
        _ => Err(Damage::Foreign),
    }
}
