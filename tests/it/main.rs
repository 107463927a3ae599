//! The one integration-test binary.

mod contract;
mod emulator;
mod house;
mod lines;
mod replay;
mod snapshot;
mod store;
