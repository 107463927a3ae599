//! The cells of one row, borrowed.

/// Where a cell stands.
#[derive(Debug, Clone, Copy, Default)]
pub struct Span {
    /// First byte, in the row or in the copies.
    pub start: u32,
    /// First byte that is not in it.
    pub end: u32,
    /// Where it stood in the row, when it was copied.
    pub origin: u32,
    /// It stood between quotes, so that quotes in it are doubled.
    pub quoted: bool,
    /// It stands in the copies.
    pub copied: bool,
}

impl Span {
    /// A cell in the row. Rows are shorter than four gigabytes.
    #[inline]
    #[must_use]
    pub fn new(start: usize, end: usize, quoted: bool) -> Self {
        Span { start: short(start), end: short(end), origin: short(start), quoted, copied: false }
    }

    /// A cell among the copies.
    #[must_use]
    pub fn copied(start: usize, end: usize, origin: u32) -> Self {
        Span { start: short(start), end: short(end), origin, quoted: false, copied: true }
    }
}

#[inline]
fn short(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}

/// The cells of one row, by slot.
#[derive(Debug, Clone, Copy)]
pub struct Cells<'a> {
    row: &'a str,
    copies: &'a str,
    spans: &'a [Span],
}

impl<'a> Cells<'a> {
    /// Cells of a row, some of them copied.
    #[inline]
    #[must_use]
    pub fn new(row: &'a str, copies: &'a str, spans: &'a [Span]) -> Self {
        Cells { row, copies, spans }
    }

    /// The text of a cell as it stands there; empty for one that the source does not have.
    #[inline]
    #[must_use]
    pub fn raw(&self, slot: usize) -> &'a str {
        let Some(span) = self.spans.get(slot) else { return "" };
        let text = if span.copied { self.copies } else { self.row };
        text.get(span.start as usize..span.end as usize).unwrap_or_default()
    }

    /// The text of a cell; empty for null, which exporters write as `NULL` or `\N`, too.
    #[inline]
    #[must_use]
    pub fn get(&self, slot: usize) -> &'a str {
        let text = self.raw(slot);
        let null = match text.len() {
            4 => text.eq_ignore_ascii_case("null"),
            2 => text == "\\N",
            _ => false,
        };
        if null { "" } else { text }
    }
}
