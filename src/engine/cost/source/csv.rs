//! CSV, row by row and strictly: what RFC 4180 does not allow is refused with its line and column.
//!
//! The `csv` crate forgives (a quote that never closes is the rest of the file) and copies every field. A bill has
//! fifty columns of which some twenty are looked at, so this reader only remembers where those stand.

use std::io::{self, Read};

use super::cells::{Cells, Span};

const CHUNK: usize = 1 << 18;
/// The longest row. AWS's have a few kilobytes; a longer one is a quote that never closes.
const LONGEST: usize = 1 << 24;
/// The slot of columns that nobody looks at.
pub const IGNORED: u16 = u16::MAX;

const FOLLOWS: &str = "text follows a closing quote: is a quote in a field not doubled?";

/// What is wrong with a file, and where: line and column from 1, the column in characters.
#[derive(Debug)]
pub enum Trouble {
    /// The operating system, or the decompressor.
    Io(u64, io::Error),
    /// The text.
    Text {
        /// Line, from 1.
        line: u64,
        /// Column, from 1.
        column: u64,
        /// What is wrong.
        what: String,
    },
}

/// Rows of a CSV text.
pub struct Rows<R> {
    input: R,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    drained: bool,
    delimiter: u8,
    // Line on which the row in front of us starts, and lines that the current one takes.
    line: u64,
    lines: u64,
    // Where the text of the current row stands in the buffer.
    row: (usize, usize),
    // Slot of each column; empty until the header is known.
    slots: Vec<u16>,
    spans: Vec<Span>,
    scratch: String,
}

/// One row as it was found.
struct Scanned {
    /// Bytes to the next row.
    consumed: usize,
    /// Bytes of text.
    length: usize,
    lines: u64,
    blank: bool,
}

enum Stop {
    /// The row goes on beyond what was read.
    More,
    /// The byte at this offset of the row is wrong.
    At(usize, String),
}

impl<R: Read> Rows<R> {
    /// Reads the first bytes and tells the delimiter: comma, semicolon or tab.
    pub fn new(input: R) -> Result<Self, Trouble> {
        let mut rows = Rows {
            input,
            buffer: vec![0; CHUNK],
            start: 0,
            end: 0,
            drained: false,
            delimiter: b',',
            line: 1,
            lines: 0,
            row: (0, 0),
            slots: Vec::new(),
            spans: Vec::new(),
            scratch: String::new(),
        };
        rows.fill()?;
        let text = &rows.buffer[..rows.end];
        if text.starts_with(&[0xff, 0xfe]) || text.starts_with(&[0xfe, 0xff]) {
            return Err(rows.trouble(0, "the text is UTF-16; save it as UTF-8".to_owned()));
        }
        if text.starts_with(&[0xef, 0xbb, 0xbf]) {
            rows.start = 3;
        }
        let first = text[rows.start..].split(|byte| *byte == b'\n').next().unwrap_or_default();
        let count = |wanted: u8| first.split(|byte| *byte == wanted).count();
        // The first of equals wins: a comma where there is no delimiter at all.
        rows.delimiter = [b'\t', b';', b','].into_iter().max_by_key(|byte| count(*byte)).unwrap_or(b',');
        Ok(rows)
    }

    /// The fields of the first row, whole.
    pub fn header(&mut self) -> Result<Vec<String>, Trouble> {
        if !self.advance(None)? {
            return Err(self.trouble(0, "the file is empty".to_owned()));
        }
        let cells = self.cells();
        Ok((0..self.spans.len()).map(|at| cells.raw(at).trim().to_owned()).collect())
    }

    /// Says which columns are looked at: the slot of each, below `count`, or [`IGNORED`].
    pub fn select(&mut self, slots: Vec<u16>, count: usize) {
        self.slots = slots;
        self.spans = vec![Span::default(); count];
    }

    /// Lets slots of the current row show the same column as others: pairs of the slot that is there and the other.
    #[inline]
    pub fn share(&mut self, pairs: &[(usize, usize)]) {
        for (from, to) in pairs {
            self.spans[*to] = self.spans[*from];
        }
    }

    /// Goes to the next row; `false` at the end.
    #[inline]
    pub fn advance_row(&mut self) -> Result<bool, Trouble> {
        let columns = self.slots.len();
        self.advance(Some(columns))
    }

    /// The current row.
    #[inline]
    pub fn cells(&self) -> Cells<'_> {
        // `advance` checked that this is UTF-8; checking again costs less than an unsafe block.
        let text = std::str::from_utf8(&self.buffer[self.row.0..self.row.1]).unwrap_or_default();
        Cells::new(text, &self.scratch, &self.spans)
    }

    /// Line and column at which a slot of the current row starts.
    pub fn place(&self, slot: usize) -> (u64, u64) {
        let offset = match self.spans.get(slot) {
            Some(span) if !span.copied => span.start as usize,
            Some(span) => span.origin as usize,
            None => 0,
        };
        self.position(self.line - self.lines, offset)
    }

    fn position(&self, line: u64, offset: usize) -> (u64, u64) {
        let before = &self.buffer[self.row.0..(self.row.0 + offset).min(self.end)];
        let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let newlines = before.split(|byte| *byte == b'\n').count() as u64 - 1;
        let column = String::from_utf8_lossy(&before[line_start..]).chars().count() as u64;
        (line + newlines, column + 1)
    }

    /// A trouble in the row that is being read.
    fn trouble(&self, offset: usize, what: String) -> Trouble {
        let (line, column) = self.position(self.line, offset);
        Trouble::Text { line, column, what }
    }

    fn advance(&mut self, columns: Option<usize>) -> Result<bool, Trouble> {
        loop {
            self.row = (self.start, self.start);
            if self.start == self.end && self.drained {
                return Ok(false);
            }
            match self.scan(columns) {
                Ok(found) => {
                    self.row = (self.start, self.start + found.length);
                    self.start += found.consumed;
                    if found.blank {
                        self.line += found.lines;
                        continue;
                    }
                    let text = &self.buffer[self.row.0..self.row.1];
                    if let Err(error) = std::str::from_utf8(text) {
                        let what = "the text is not UTF-8".to_owned();
                        return Err(self.trouble(error.valid_up_to(), what));
                    }
                    self.line += found.lines;
                    self.lines = found.lines;
                    return match self.unescape() {
                        Ok(()) => Ok(true),
                        Err(offset) => {
                            self.line -= found.lines;
                            Err(self.trouble(offset, FOLLOWS.to_owned()))
                        }
                    };
                }
                Err(Stop::More) if !self.drained => self.fill()?,
                Err(Stop::More) => {
                    return Err(self.trouble(self.end - self.start, "the file ends inside of a row".to_owned()));
                }
                Err(Stop::At(offset, what)) => return Err(self.trouble(offset, what)),
            }
        }
    }

    /// Finds the end of the row in front of us and where its fields stand.
    fn scan(&mut self, columns: Option<usize>) -> Result<Scanned, Stop> {
        let text = &self.buffer[self.start..self.end];
        let delimiter = self.delimiter;
        let mut column = 0_usize;
        let mut at = 0_usize;
        let mut ends = Ends::new(text, delimiter);
        if columns.is_none() {
            self.spans.clear();
        }
        loop {
            let quoted = text.get(at) == Some(&b'"');
            let next = match ends.next() {
                Some(next) => next,
                None if ends.quoted != 0 && (self.drained || text.len() >= LONGEST) => {
                    let what = "a quote is opened here and never closed: is the file cut off?".to_owned();
                    return Err(Stop::At(at, what));
                }
                None if !self.drained => return Err(Stop::More),
                None => {
                    // Nobody can tell 12.3 from the first half of 12.34.
                    let used = self.slots.get(column).is_some_and(|slot| *slot != IGNORED);
                    if used && !quoted && columns.is_none_or(|columns| column + 1 == columns) {
                        let what = "the file ends without a line end: is it cut off?".to_owned();
                        return Err(Stop::At(text.len(), what));
                    }
                    text.len()
                }
            };
            let ends_row = text.get(next) != Some(&delimiter);
            let after = (next + 1).min(text.len());
            let cut = ends_row && next > at && text[next - 1] == b'\r';
            let (mut start, mut stop) = (at, next - usize::from(cut));
            if quoted {
                (start, stop) = (at + 1, stop.saturating_sub(1));
                if stop < start || text[stop] != b'"' {
                    return Err(Stop::At(stop, FOLLOWS.to_owned()));
                }
            }
            let span = Span::new(start, stop, quoted);
            match columns {
                None => self.spans.push(span),
                Some(_) => {
                    if let Some(slot) = self.slots.get(column)
                        && *slot != IGNORED
                    {
                        self.spans[usize::from(*slot)] = span;
                    }
                }
            }
            column += 1;
            if ends_row {
                let blank = column == 1 && stop == start && !quoted;
                if let Some(columns) = columns
                    && columns != column
                    && !blank
                {
                    let what = format!("the row has {column} fields and the header {columns}");
                    return Err(Stop::At(start, what));
                }
                // Line ends inside of quotes are rare, but what else stands there is not.
                let inner = if ends.skipped { text[..next].split(|byte| *byte == b'\n').count() as u64 } else { 1 };
                return Ok(Scanned { consumed: after, length: next, lines: inner, blank });
            }
            at = after;
        }
    }

    /// Copies the fields with doubled quotes, and undoubles them; or says where a quote is not doubled.
    fn unescape(&mut self) -> Result<(), usize> {
        self.scratch.clear();
        let row = &self.buffer[self.row.0..self.row.1];
        for span in self.spans.iter_mut().filter(|span| span.quoted) {
            let (start, end) = (span.start as usize, span.end as usize);
            if !row[start..end].contains(&b'"') {
                continue;
            }
            let Ok(mut raw) = std::str::from_utf8(&row[start..end]) else { return Err(start) };
            let from = self.scratch.len();
            while let Some(quote) = raw.bytes().position(|byte| byte == b'"') {
                if raw.as_bytes().get(quote + 1) != Some(&b'"') {
                    return Err(end - raw.len() + quote + 1);
                }
                self.scratch.push_str(&raw[..=quote]);
                raw = &raw[quote + 2..];
            }
            self.scratch.push_str(raw);
            *span = Span::copied(from, self.scratch.len(), span.start);
        }
        Ok(())
    }

    /// Reads on, behind what is not used up yet.
    fn fill(&mut self) -> Result<(), Trouble> {
        self.buffer.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        self.row = (0, 0);
        if self.end == self.buffer.len() {
            if self.buffer.len() >= LONGEST {
                return Err(self.trouble(0, "the row is longer than any row of a bill".to_owned()));
            }
            self.buffer.resize(self.buffer.len() * 2, 0);
        }
        while self.end < self.buffer.len() {
            match self.input.read(&mut self.buffer[self.end..]) {
                Ok(0) => {
                    self.drained = true;
                    break;
                }
                Ok(count) => self.end += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Trouble::Io(self.line, error)),
            }
        }
        Ok(())
    }
}

/// Where fields end: at delimiters and line ends that do not stand between quotes.
///
/// Sixty-four bytes are compared at a time, which the compiler turns into vector instructions. A doubled quote closes and
/// opens again, so that a bit tells for each byte whether an odd number of quotes stands before it.
struct Ends<'t> {
    text: &'t [u8],
    delimiter: u8,
    block: usize,
    mask: u64,
    /// All ones inside of quotes, else zero.
    quoted: u64,
    /// Something was skipped because it stands between quotes.
    skipped: bool,
}

impl<'t> Ends<'t> {
    #[inline]
    fn new(text: &'t [u8], delimiter: u8) -> Self {
        let mut ends = Ends { text, delimiter, block: 0, mask: 0, quoted: 0, skipped: false };
        ends.look();
        ends
    }

    #[inline]
    fn look(&mut self) {
        let rest = self.text.get(self.block..).unwrap_or_default();
        let (found, quotes) = if let Some(chunk) = rest.first_chunk::<64>() {
            masks(chunk, self.delimiter)
        } else {
            let mut chunk = [0_u8; 64];
            chunk[..rest.len()].copy_from_slice(rest);
            masks(&chunk, self.delimiter)
        };
        // Each bit becomes the parity of the quotes up to it.
        let mut inside = quotes;
        for shift in [1, 2, 4, 8, 16, 32] {
            inside ^= inside << shift;
        }
        inside ^= self.quoted;
        self.quoted = if inside >> 63 == 1 { u64::MAX } else { 0 };
        self.mask = found & !inside;
        self.skipped |= found & inside != 0;
    }
}

impl Iterator for Ends<'_> {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        while self.mask == 0 {
            self.block += 64;
            if self.block >= self.text.len() {
                return None;
            }
            self.look();
        }
        let at = self.block + self.mask.trailing_zeros() as usize;
        self.mask &= self.mask - 1;
        Some(at)
    }
}

/// One bit for each byte that is a delimiter or a line end, and one for each quote.
#[inline]
fn masks(chunk: &[u8; 64], delimiter: u8) -> (u64, u64) {
    let ends = chunk.map(|byte| u8::from(byte == delimiter) | u8::from(byte == b'\n'));
    let quotes = chunk.map(|byte| u8::from(byte == b'"'));
    (pack(&ends), pack(&quotes))
}

/// The lowest bits of sixty-four bytes.
#[inline]
fn pack(bytes: &[u8; 64]) -> u64 {
    let (words, _) = bytes.as_chunks::<8>();
    // The multiplication moves the lowest bit of byte i to bit 56 + i.
    let bits = |word: &[u8; 8]| u64::from_le_bytes(*word).wrapping_mul(0x0102_0408_1020_4080) >> 56;
    words.iter().rev().fold(0, |mask, word| mask << 8 | bits(word))
}
