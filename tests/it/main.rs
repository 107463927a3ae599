//! The one integration-test binary.

mod contract;
mod deletions;
mod emulator;
mod house;
mod recipes;
mod replay;
mod snapshot;
mod store;
