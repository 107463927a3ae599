//! The one integration-test binary.

mod contract;
mod house;
mod replay;
