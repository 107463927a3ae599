//! The one integration-test binary.

mod collect;
mod contract;
mod delta;
mod emulator;
mod house;
mod replay;
mod snapshot;
mod store;
