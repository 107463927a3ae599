//! Texts as numbers: a bill repeats the same few accounts, services and tags millions of times.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher};

/// A text that was seen before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Symbol(u32);

impl Symbol {
    /// The empty text, in every [`Interner`].
    pub const EMPTY: Symbol = Symbol(0);

    /// Its position among the texts of its interner.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// Gives the same [`Symbol`] for the same text.
#[derive(Debug)]
pub struct Interner {
    texts: Vec<Box<str>>,
    symbols: HashMap<Box<str>, Symbol, Quick>,
    // The few texts that a bill repeats in every line are found here without a look into the map.
    recent: [Symbol; RECENT],
}

const RECENT: usize = 256;

impl Default for Interner {
    fn default() -> Self {
        let mut interner = Interner { texts: Vec::new(), symbols: HashMap::default(), recent: [Symbol::EMPTY; RECENT] };
        interner.insert("");
        interner
    }
}

impl Interner {
    /// The symbol of a text.
    #[inline]
    pub fn intern(&mut self, text: &str) -> Symbol {
        if text.is_empty() {
            return Symbol::EMPTY;
        }
        let slot = slot(text);
        let recent = self.recent[slot];
        if self.text(recent) == text {
            return recent;
        }
        let symbol = match self.symbols.get(text) {
            Some(symbol) => *symbol,
            None => self.insert(text),
        };
        self.recent[slot] = symbol;
        symbol
    }

    #[cold]
    fn insert(&mut self, text: &str) -> Symbol {
        // Four billion different texts do not fit into memory; the last symbol would stand for all further ones.
        let symbol = Symbol(u32::try_from(self.texts.len()).unwrap_or(u32::MAX));
        self.texts.push(text.into());
        self.symbols.insert(text.into(), symbol);
        symbol
    }

    /// The text of a symbol of this interner.
    #[must_use]
    pub fn text(&self, symbol: Symbol) -> &str {
        self.texts.get(symbol.index()).map_or("", AsRef::as_ref)
    }
}

/// A number below [`RECENT`] from the end of a text, where accounts, regions and services differ most.
#[inline]
fn slot(text: &str) -> usize {
    let tail = text.as_bytes().iter().rev().take(6);
    tail.fold(text.len(), |slot, byte| slot.wrapping_mul(31).wrapping_add(usize::from(*byte))) % RECENT
}

/// A quick hash with a seed of this process. Bills are long and their keys short, where the standard hash takes half
/// of the time; the seed keeps a crafted file from filling one slot.
#[derive(Debug, Clone, Copy)]
pub struct Quick {
    seed: u64,
}

impl Default for Quick {
    fn default() -> Self {
        Quick { seed: std::hash::RandomState::new().hash_one(0_u8) | 1 }
    }
}

impl BuildHasher for Quick {
    type Hasher = QuickHasher;

    fn build_hasher(&self) -> QuickHasher {
        QuickHasher { state: self.seed }
    }
}

/// Folded multiplication of eight bytes at a time.
#[derive(Debug)]
pub struct QuickHasher {
    state: u64,
}

impl QuickHasher {
    #[inline]
    fn mix(&mut self, word: u64) {
        let product = u128::from(self.state ^ word) * 0x9e37_79b9_7f4a_7c15_u128;
        #[expect(clippy::cast_possible_truncation, reason = "the two halves are folded")]
        let folded = (product as u64) ^ ((product >> 64) as u64);
        self.state = folded.rotate_left(23).wrapping_add(0x2545_f491_4f6c_dd1d);
    }
}

impl Hasher for QuickHasher {
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.mix(u64::from_le_bytes(*word));
        }
        let mut last = [0_u8; 8];
        last[..rest.len()].copy_from_slice(rest);
        self.mix(u64::from_le_bytes(last) ^ ((bytes.len() as u64) << 56));
    }

    #[inline]
    fn write_i32(&mut self, value: i32) {
        self.mix(u64::from(value.cast_unsigned()));
    }

    #[inline]
    fn write_isize(&mut self, value: isize) {
        self.mix(value.cast_unsigned() as u64);
    }

    #[inline]
    fn write_u8(&mut self, value: u8) {
        self.mix(u64::from(value));
    }

    #[inline]
    fn write_u32(&mut self, value: u32) {
        self.mix(u64::from(value));
    }

    #[inline]
    fn write_u64(&mut self, value: u64) {
        self.mix(value);
    }

    #[inline]
    fn write_usize(&mut self, value: usize) {
        self.mix(value as u64);
    }

    #[inline]
    fn finish(&self) -> u64 {
        self.state ^ (self.state >> 32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_text_is_the_same_symbol() {
        let mut interner = Interner::default();
        let symbols: Vec<Symbol> = ["a", "b", "a", "", "b"].iter().map(|text| interner.intern(text)).collect();
        assert_eq!(symbols[0], symbols[2]);
        assert_eq!(symbols[1], symbols[4]);
        assert_ne!(symbols[0], symbols[1]);
        assert_eq!(symbols[3], Symbol::EMPTY);
        assert_eq!(interner.text(symbols[1]), "b");
    }
}
