//! CSV, row by row and strictly: what RFC 4180 does not allow is refused with its line and column.
//!
//! The `csv` crate forgives (a quote that never closes is the rest of the file) and copies every field. A bill has
//! fifty columns of which some twenty are looked at, so this reader only remembers where those stand.

use std::io::{self, Read};

use super::cells::{Cells, Span};

const CHUNK: usize = 1 << 18;
/// The longest row. AWS's have a few kilobytes; a longer one is a quote that never closes.
const LONGEST: usize = 1 << 24;

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
    columns: usize,
    // Column and slot of each field that is looked at.
    wanted: Vec<(usize, usize)>,
    // Where the fields of the current row end.
    ends: Vec<u32>,
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
            columns: 0,
            wanted: Vec::new(),
            ends: Vec::new(),
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

    /// Says which columns are looked at: pairs of a column and its slot, below `count`.
    pub fn select(&mut self, columns: usize, wanted: Vec<(usize, usize)>, count: usize) {
        self.columns = columns;
        self.wanted = wanted;
        self.spans = vec![Span::default(); count];
    }

    /// Goes to the next row; `false` at the end.
    #[inline]
    pub fn advance_row(&mut self) -> Result<bool, Trouble> {
        self.advance(Some(self.columns))
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

    /// Finds the end of the row in front of us and where the fields that are looked at stand.
    fn scan(&mut self, columns: Option<usize>) -> Result<Scanned, Stop> {
        let text = &self.buffer[self.start..self.end];
        self.ends.clear();
        let mut blocks = Blocks::new(text, self.delimiter);
        if !blocks.row(&mut self.ends) {
            if blocks.quoted != 0 && (self.drained || text.len() >= LONGEST) {
                let what = "a quote is opened here and never closed: is the file cut off?".to_owned();
                return Err(Stop::At(self.ends.last().map_or(0, |end| *end as usize + 1), what));
            }
            if !self.drained {
                return Err(Stop::More);
            }
            // The last row has no line end. Nobody can tell 12.3 from the first half of 12.34.
            let last = self.ends.len();
            let used = self.wanted.iter().any(|(column, _)| *column == last);
            if used && text.last() != Some(&b'"') && columns.is_none_or(|columns| last + 1 == columns) {
                let what = "the file ends without a line end: is it cut off?".to_owned();
                return Err(Stop::At(text.len(), what));
            }
            self.ends.push(u32::try_from(text.len()).unwrap_or(u32::MAX));
        }
        let found = self.ends.len();
        let end = self.ends[found - 1] as usize;
        let consumed = (end + 1).min(text.len());
        let length = end - usize::from(end > 0 && text[end - 1] == b'\r');
        let lines = if blocks.lines_inside { text[..end].split(|byte| *byte == b'\n').count() as u64 } else { 1 };
        if found == 1 && length == 0 {
            return Ok(Scanned { consumed, length, lines, blank: true });
        }
        let start_of = |column: usize| if column == 0 { 0 } else { self.ends[column - 1] as usize + 1 };
        match columns {
            Some(columns) if columns != found => {
                let what = format!("the row has {found} fields and the header {columns}");
                return Err(Stop::At(start_of(found - 1), what));
            }
            Some(_) => {}
            None => {
                self.wanted = (0..found).map(|column| (column, column)).collect();
                self.spans = vec![Span::default(); found];
            }
        }
        for (column, slot) in &self.wanted {
            let (mut start, mut stop) = (start_of(*column), (self.ends[*column] as usize).min(length));
            let quoted = text.get(start) == Some(&b'"');
            if quoted {
                (start, stop) = (start + 1, stop.saturating_sub(1));
                if stop < start || text[stop] != b'"' {
                    return Err(Stop::At(stop, FOLLOWS.to_owned()));
                }
            }
            self.spans[*slot] = Span::new(start, stop, quoted);
        }
        Ok(Scanned { consumed, length, lines, blank: false })
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
struct Blocks<'t> {
    text: &'t [u8],
    delimiter: u8,
    block: usize,
    mask: u64,
    /// All ones inside of quotes, else zero.
    quoted: u64,
    /// There may be line ends between quotes.
    lines_inside: bool,
}

impl<'t> Blocks<'t> {
    fn new(text: &'t [u8], delimiter: u8) -> Self {
        Blocks { text, delimiter, block: 0, mask: 0, quoted: 0, lines_inside: false }
    }

    /// Where the fields of the first row end; `false` when the text ends before the row does.
    fn row(&mut self, ends: &mut Vec<u32>) -> bool {
        while self.block < self.text.len() {
            self.look();
            while self.mask != 0 {
                let at = self.block + self.mask.trailing_zeros() as usize;
                self.mask &= self.mask - 1;
                // A row is shorter than four gigabytes.
                ends.push(u32::try_from(at).unwrap_or(u32::MAX));
                if self.text[at] == b'\n' {
                    return true;
                }
            }
            self.block += 64;
        }
        false
    }

    #[inline]
    fn look(&mut self) {
        let rest = self.text.get(self.block..).unwrap_or_default();
        let mut last = [0_u8; 64];
        let chunk = rest.first_chunk::<64>().unwrap_or_else(|| {
            last[..rest.len()].copy_from_slice(rest);
            &last
        });
        let found = pack(&chunk.map(|byte| u8::from(byte == self.delimiter) | u8::from(byte == b'\n')));
        let quotes = pack(&chunk.map(|byte| u8::from(byte == b'"')));
        // Each bit becomes the parity of the quotes up to it.
        let mut inside = quotes;
        for shift in [1, 2, 4, 8, 16, 32] {
            inside ^= inside << shift;
        }
        inside ^= self.quoted;
        self.quoted = if inside >> 63 == 1 { u64::MAX } else { 0 };
        self.mask = found & !inside;
        if found & inside != 0 {
            self.lines_inside |= pack(&chunk.map(|byte| u8::from(byte == b'\n'))) & inside != 0;
        }
    }
}

/// The lowest bits of sixty-four bytes.
#[inline]
fn pack(bytes: &[u8; 64]) -> u64 {
    let (words, _) = bytes.as_chunks::<8>();
    // The multiplication moves the lowest bit of byte i to bit 56 + i.
    let bits = |word: &[u8; 8]| u64::from_le_bytes(*word).wrapping_mul(0x0102_0408_1020_4080) >> 56;
    words.iter().rev().fold(0, |mask, word| mask << 8 | bits(word))
}
