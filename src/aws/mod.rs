//! The way to AWS: credentials, clients, request limits and what an error means.
//!
//! [`Aws::connect`] resolves credentials and identity once. A [`Cx`] is what a collector gets: one account, one region,
//! cached clients. Every request of every client, retries included, passes [`transport`], so no collector can get
//! around the limits in [`limits`].

mod clients;
mod connect;
mod cx;
mod errors;
mod hands;
pub mod limits;
pub mod transport;

pub use clients::ServiceClient;
pub use connect::{Aws, AwsOptions, ConnectError, RegionState, home_region};
pub use cx::{Absent, Call, Cx, gone_unless, gone_with, pages, vanished};
pub use errors::{CallError, ErrorClass, classify};
pub use hands::{Fate, Hands, Journal};
