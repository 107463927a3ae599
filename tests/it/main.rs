//! The one integration-test binary.

mod contract;
mod cost;
mod emulator;
mod house;
mod replay;
mod snapshot;
mod store;
