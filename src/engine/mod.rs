//! What the program does: collect an inventory, filter it, compare two. Pure where possible; events out, never text.

pub mod collect;
pub mod cost;
pub mod creators;
pub mod diff;
pub mod execute;
pub mod filter;
pub mod ignore;
pub mod live;
pub mod narrow;
pub mod plan;
pub mod stream;
