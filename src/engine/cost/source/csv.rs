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
        let count = |wanted: u8| first.iter().filter(|byte| **byte == wanted).count();
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
        let newlines = before.iter().filter(|byte| **byte == b'\n').count() as u64;
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
                    self.unescape();
                    return Ok(true);
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
        let mut inner_lines = 0_u64;
        if columns.is_none() {
            self.spans.clear();
        }
        loop {
            let quoted = text.get(at) == Some(&b'"');
            let (start, stop, escaped, next) = if quoted {
                let (close, escaped) = closing_quote(text, at + 1).ok_or_else(|| {
                    if self.drained || text.len() >= LONGEST {
                        Stop::At(at, "a quote is opened here and never closed: is the file cut off?".to_owned())
                    } else {
                        Stop::More
                    }
                })?;
                inner_lines += text[at..close].iter().filter(|byte| **byte == b'\n').count() as u64;
                (at + 1, close, escaped, close + 1)
            } else {
                let next = find2(text, at, delimiter, b'\n').unwrap_or(text.len());
                (at, next, false, next)
            };
            // What ends the field?
            let (ends_row, stop, after) = match text.get(next) {
                Some(byte) if *byte == delimiter => (false, stop, next + 1),
                Some(b'\n') => {
                    let cut = !quoted && stop > start && text[stop - 1] == b'\r';
                    (true, stop - usize::from(cut), next + 1)
                }
                Some(b'\r') if text.get(next + 1) == Some(&b'\n') => (true, stop, next + 2),
                Some(b'\r') if next + 1 == text.len() && !self.drained => return Err(Stop::More),
                Some(_) => {
                    let what = "text follows a closing quote: is a quote in a field not doubled?".to_owned();
                    return Err(Stop::At(next, what));
                }
                None if !self.drained => return Err(Stop::More),
                None => {
                    // Nobody can tell 12.3 from the first half of 12.34.
                    let used = self.slots.get(column).is_some_and(|slot| *slot != IGNORED);
                    if used && !quoted && columns.is_none_or(|columns| column + 1 == columns) {
                        let what = "the file ends without a line end: is it cut off?".to_owned();
                        return Err(Stop::At(next, what));
                    }
                    (true, stop, next)
                }
            };
            let span = Span::new(start, stop, escaped);
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
                return Ok(Scanned { consumed: after, length: next, lines: inner_lines + 1, blank });
            }
            at = after;
        }
    }

    /// Copies the fields with doubled quotes.
    fn unescape(&mut self) {
        self.scratch.clear();
        let text = std::str::from_utf8(&self.buffer[self.row.0..self.row.1]).unwrap_or_default();
        for span in self.spans.iter_mut().filter(|span| span.escaped) {
            let raw = &text[span.start as usize..span.end as usize];
            let from = self.scratch.len();
            let mut parts = raw.split("\"\"");
            self.scratch.push_str(parts.next().unwrap_or_default());
            for part in parts {
                self.scratch.push('"');
                self.scratch.push_str(part);
            }
            *span = Span::copied(from, self.scratch.len(), span.start);
        }
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

/// The quote that closes a field, and whether quotes inside are doubled.
fn closing_quote(text: &[u8], from: usize) -> Option<(usize, bool)> {
    let mut escaped = false;
    let mut at = from;
    loop {
        let quote = find2(text, at, b'"', b'"')?;
        if text.get(quote + 1) == Some(&b'"') {
            escaped = true;
            at = quote + 2;
        } else if quote + 1 == text.len() {
            // The next byte decides whether this one closes; `scan` asks for more, or is at the end.
            return Some((quote, escaped));
        } else {
            return Some((quote, escaped));
        }
    }
}

/// The first of two bytes, eight at a time: set bits mark bytes that became zero.
#[inline]
fn find2(text: &[u8], from: usize, a: u8, b: u8) -> Option<usize> {
    const LOW: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let (a8, b8) = (LOW * u64::from(a), LOW * u64::from(b));
    let zeros = |word: u64| word.wrapping_sub(LOW) & !word & HIGH;
    let (words, rest) = text.get(from..)?.as_chunks::<8>();
    for (at, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let found = zeros(word ^ a8) | zeros(word ^ b8);
        if found != 0 {
            return Some(from + at * 8 + (found.trailing_zeros() / 8) as usize);
        }
    }
    let done = from + words.len() * 8;
    rest.iter().position(|byte| *byte == a || *byte == b).map(|at| done + at)
}
