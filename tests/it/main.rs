//! The one integration-test binary.

mod collect;
mod contract;
mod cost;
mod deletions;
mod delta;
mod emulator;
mod house;
mod lines;
mod recipes;
mod replay;
mod restore;
mod snapshot;
mod store;
