//! What the program does: collect an inventory, filter it, compare two. Pure where possible; events out, never text.

pub mod collect;
pub mod diff;
pub mod filter;
pub mod plan;
