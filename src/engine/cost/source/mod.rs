//! Bills from files, as a stream of [`LineItem`]s: never a whole file in memory.
//!
//! ```text
//! argument -> input (which files, how packed) -> csv | columnar (rows) -> layout (which column is what)
//!          -> mapping (row -> LineItem) -> visitor
//! ```

pub mod cells;
mod columnar;
mod csv;
mod input;
mod layout;
mod mapping;

use std::io::Read;

use parquet::errors::ParquetError;

use super::error::{CostError, Place};
use crate::model::cost::{Format, LineItem};
use columnar::Table;
use csv::{Rows, Trouble};
use input::Opened;
use layout::{Layout, TAG_SLOTS};
use mapping::{BadCell, Mapper};

pub use input::{Input, find};
pub use layout::Wanted;

/// What became of one input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// What it was.
    pub format: Format,
    /// Rows that were read.
    pub rows: u64,
    /// Negotiated discounts were asked for, and the source has no columns for them.
    pub no_net_columns: bool,
}

/// Why the one who looks at the lines does not want to go on.
#[derive(Debug)]
pub enum Refusal {
    /// The tags of the line are not what they should be.
    Tags(String),
    /// Something that has no place in the file.
    Error(CostError),
}

/// Who looks at the lines.
pub type Visitor<'v> = &'v mut dyn FnMut(&LineItem<'_>) -> Result<(), Refusal>;

/// Reads one input and shows each of its lines to the visitor, in order.
pub fn read(input: &Input, wanted: &Wanted, visit: Visitor<'_>) -> Result<Done, CostError> {
    match input::open(input)? {
        Opened::Text(text) => read_text(&input.name(), text, wanted, visit),
        Opened::Parquet(file) => read_table(&input.name(), file, wanted, visit),
    }
}

/// Reads CSV text.
pub fn read_text(name: &str, text: impl Read, wanted: &Wanted, visit: Visitor<'_>) -> Result<Done, CostError> {
    let troubled = |trouble| match trouble {
        Trouble::Io(line, source) => CostError::Read { name: name.to_owned(), line, source },
        Trouble::Text { line, column, what } => {
            CostError::Bad { name: name.to_owned(), place: Place { line, column, field: None }, what }
        }
    };
    let mut rows = Rows::new(text).map_err(troubled)?;
    let header = rows.header().map_err(troubled)?;
    let layout = Layout::detect(name, &header, wanted)?;
    // Two slots may share a column: where a report has no name of a service, its code stands for it.
    let wanted = (0..layout.slots()).filter_map(|slot| Some((layout.column(slot)?, slot))).collect();
    rows.select(header.len(), wanted, layout.slots());
    let mut mapper = Mapper::new(&layout);
    let mut count = 0;
    while rows.advance_row().map_err(troubled)? {
        let mut pairs = [("", ""); TAG_SLOTS];
        let result = match mapper.line(rows.cells(), &mut pairs) {
            Ok(line) => visit(&line),
            Err(bad) => Err(place(name, &layout, &bad, rows.place(bad.slot as usize))),
        };
        result.map_err(|refusal| tags_at(name, &layout, refusal, |slot| rows.place(slot)))?;
        count += 1;
    }
    Ok(Done { format: layout.format, rows: count, no_net_columns: layout.no_net_columns })
}

fn read_table(name: &str, file: std::fs::File, wanted: &Wanted, visit: Visitor<'_>) -> Result<Done, CostError> {
    struct Failed(CostError);
    impl From<ParquetError> for Failed {
        fn from(error: ParquetError) -> Self {
            let source = std::io::Error::other(error);
            Failed(CostError::Read { name: String::new(), line: 0, source })
        }
    }
    let mut row = 0;
    let run = || -> Result<Done, Failed> {
        let table = Table::open(file)?;
        let layout = Layout::detect(name, &table.header(), wanted).map_err(Failed)?;
        let mut mapper = Mapper::new(&layout);
        table.each::<Failed>(&layout, |number, cells| {
            row = number;
            let column = |slot: usize| (number, layout.column(slot).map_or(0, |column| column as u64 + 1));
            let mut pairs = [("", ""); TAG_SLOTS];
            let result = match mapper.line(cells, &mut pairs) {
                Ok(line) => visit(&line),
                Err(bad) => Err(place(name, &layout, &bad, column(bad.slot as usize))),
            };
            result.map_err(|refusal| Failed(tags_at(name, &layout, refusal, column)))
        })?;
        Ok(Done { format: layout.format, rows: row, no_net_columns: layout.no_net_columns })
    };
    run().map_err(|Failed(error)| match error {
        CostError::Read { name: empty, source, .. } if empty.is_empty() => {
            CostError::Read { name: name.to_owned(), line: row, source }
        }
        other => other,
    })
}

fn place(name: &str, layout: &Layout, bad: &BadCell, (line, column): (u64, u64)) -> Refusal {
    let field = layout.column_name(bad.slot as usize).map(str::to_owned);
    let place = Place { line, column, field };
    Refusal::Error(CostError::Bad { name: name.to_owned(), place, what: bad.what.clone() })
}

fn tags_at(name: &str, layout: &Layout, refusal: Refusal, at: impl Fn(usize) -> (u64, u64)) -> CostError {
    match refusal {
        Refusal::Error(error) => error,
        Refusal::Tags(what) => {
            let slot = layout::Slot::Tags as usize;
            let (line, column) = at(slot);
            let place = Place { line, column, field: layout.column_name(slot).map(str::to_owned) };
            CostError::Bad { name: name.to_owned(), place, what }
        }
    }
}
