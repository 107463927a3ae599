//! Credentials, identity and regions, resolved once per run.

use std::any::{Any, TypeId};
use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;

use aws_config::BehaviorVersion;
use aws_config::environment::EnvironmentVariableRegionProvider;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::ProfileFileRegionProvider;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_http_client::tls;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_types::SdkConfig;
use aws_types::region::Region;

use super::limits::{
    CONNECT_TIMEOUT, DEFAULT_PARALLEL, INITIAL_BACKOFF, Limit, MAX_ATTEMPTS, MAX_BACKOFF, OPERATION_TIMEOUT, limit_of,
};
use super::transport::Transport;
use super::{Call, CallError, ServiceClient};
use crate::model::{Arn, Caller};

/// How to reach AWS.
#[derive(Debug, Clone, Default)]
pub struct AwsOptions {
    /// Profile of the shared configuration files.
    pub profile: Option<String>,
    /// An endpoint for all services, as `AWS_ENDPOINT_URL`.
    pub endpoint_url: Option<String>,
    /// Requests in flight; [`DEFAULT_PARALLEL`] when `None`.
    pub parallel: Option<usize>,
    /// Credentials to use in place of the standard chain.
    pub credentials: Option<SharedCredentialsProvider>,
    /// Attempts per call; `AWS_MAX_ATTEMPTS` or [`MAX_ATTEMPTS`] when `None`.
    pub attempts: Option<u32>,
    /// Limits by signing name; [`limit_of`] when `None`.
    pub limits: Option<fn(&str) -> Limit>,
    /// What sends the requests, for tests that answer in AWS's place.
    pub http: Option<SharedHttpClient>,
}

/// Why there is no session.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The first call, `GetCallerIdentity`, failed.
    #[error("cannot find out who is calling")]
    Identity(#[source] CallError),
    /// STS answered without an account or with an ARN that is none.
    #[error("STS answered without a usable identity")]
    NoIdentity,
    /// The regions of the account could not be listed.
    #[error("cannot list the regions of the account")]
    Regions(#[source] CallError),
}

/// A session: one identity in one account, clients for any region.
#[derive(Debug)]
pub struct Aws {
    config: SdkConfig,
    transport: Transport,
    account: String,
    partition: String,
    caller: Caller,
    clients: Clients,
}

#[derive(Default)]
struct Clients(Mutex<HashMap<(TypeId, String), Box<dyn Any + Send + Sync>>>);

impl std::fmt::Debug for Clients {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Clients")
    }
}

/// Whether the account can use a region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegionState {
    /// Enabled, by default or by opting in.
    Enabled,
    /// The account has not opted in.
    Disabled,
}

#[expect(clippy::missing_panics_doc, reason = "what is expected here holds by construction")]
impl Aws {
    /// Resolves credentials by the standard chain (environment, profile, SSO, assumed role, process, container,
    /// IMDS) and asks STS who is calling.
    pub async fn connect(options: AwsOptions) -> Result<Self, ConnectError> {
        let inner = options.http.unwrap_or_else(https_client);
        let limits = options.limits.unwrap_or(limit_of);
        let transport = Transport::new(inner, options.parallel.unwrap_or(DEFAULT_PARALLEL), limits);
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .region(configured_region(options.profile.as_deref()))
            .http_client(transport.clone())
            .retry_config(retries(options.attempts.or_else(configured_attempts).unwrap_or(MAX_ATTEMPTS)))
            .timeout_config(
                TimeoutConfig::builder().connect_timeout(CONNECT_TIMEOUT).operation_timeout(OPERATION_TIMEOUT).build(),
            )
            .app_name(aws_types::app_name::AppName::new("aws-baseline").expect("a constant of allowed characters"));
        if let Some(credentials) = options.credentials {
            loader = loader.credentials_provider(credentials);
        }
        if let Some(profile) = options.profile {
            loader = loader.profile_name(profile);
        }
        if let Some(url) = options.endpoint_url {
            loader = loader.endpoint_url(url);
        }
        let config = loader.load().await;
        let (account, partition, caller) = identity(&config).await?;
        Ok(Aws { config, transport, account, partition, caller, clients: Clients::default() })
    }

    /// The account, twelve digits.
    #[must_use]
    pub fn account(&self) -> &str {
        &self.account
    }

    /// The partition, `aws`.
    #[must_use]
    pub fn partition(&self) -> &str {
        &self.partition
    }

    /// Who is calling.
    #[must_use]
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// The region in which this partition keeps its global services.
    #[must_use]
    pub fn home_region(&self) -> &'static str {
        home_region(&self.partition)
    }

    /// A client for a region; made once.
    #[must_use]
    pub fn client<C: ServiceClient>(&self, region: &str) -> C {
        let key = (TypeId::of::<C>(), region.to_owned());
        let mut clients = self.clients.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let client = clients.entry(key).or_insert_with(|| {
            let config = self.config.to_builder().region(Region::new(region.to_owned())).build();
            Box::new(C::build(&config))
        });
        client.downcast_ref::<C>().expect("the key holds the client's type").clone()
    }

    /// All regions of the partition and whether the account can use them (EC2 `DescribeRegions`).
    pub async fn regions(&self) -> Result<BTreeMap<String, RegionState>, ConnectError> {
        let region = self.config.region().map_or("us-east-1", Region::as_ref).to_owned();
        let answer = self
            .client::<aws_sdk_ec2::Client>(&region)
            .describe_regions()
            .all_regions(true)
            .send()
            .await
            .at("ec2:DescribeRegions")
            .map_err(ConnectError::Regions)?;
        let state = |status: Option<&str>| match status {
            Some("not-opted-in") => RegionState::Disabled,
            _ => RegionState::Enabled,
        };
        let regions = answer.regions().iter();
        Ok(regions.filter_map(|at| Some((at.region_name()?.to_owned(), state(at.opt_in_status())))).collect())
    }

    /// Requests sent so far, retries included, by signing name and region.
    #[must_use]
    pub fn requests(&self) -> BTreeMap<(String, String), usize> {
        self.transport.sent()
    }
}

/// `AWS_MAX_ATTEMPTS`, which every SDK honours.
fn configured_attempts() -> Option<u32> {
    std::env::var("AWS_MAX_ATTEMPTS").ok()?.parse().ok().filter(|attempts| *attempts > 0)
}

fn retries(attempts: u32) -> RetryConfig {
    if attempts < 2 {
        return RetryConfig::disabled();
    }
    RetryConfig::adaptive()
        .with_max_attempts(attempts)
        .with_initial_backoff(INITIAL_BACKOFF)
        .with_max_backoff(MAX_BACKOFF)
}

/// The region of the environment or the profile, else us-east-1.
///
/// Only STS and `DescribeRegions` are asked there; what is collected never depends on it. IMDS is left out of the chain:
/// away from EC2 it costs seconds to find that nobody answers.
fn configured_region(profile: Option<&str>) -> RegionProviderChain {
    let mut files = ProfileFileRegionProvider::builder();
    if let Some(profile) = profile {
        files = files.profile_name(profile);
    }
    RegionProviderChain::first_try(EnvironmentVariableRegionProvider::new())
        .or_else(files.build())
        .or_else(Region::from_static("us-east-1"))
}

fn https_client() -> SharedHttpClient {
    aws_smithy_http_client::Builder::new()
        .tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::AwsLc))
        .build_https()
}

async fn identity(config: &SdkConfig) -> Result<(String, String, Caller), ConnectError> {
    let answer = aws_sdk_sts::Client::build(config)
        .get_caller_identity()
        .send()
        .await
        .at("sts:GetCallerIdentity")
        .map_err(ConnectError::Identity)?;
    let (Some(account), Some(arn)) = (answer.account(), answer.arn()) else {
        return Err(ConnectError::NoIdentity);
    };
    let parsed: Arn = arn.parse().map_err(|_| ConnectError::NoIdentity)?;
    let user_id = answer.user_id().unwrap_or_default().to_owned();
    Ok((account.to_owned(), parsed.partition, Caller { arn: arn.to_owned(), user_id }))
}

/// The region in which a partition keeps its global services (IAM, Route 53, `CloudFront`).
///
/// Source: AWS General Reference, IAM endpoints.
#[must_use]
pub fn home_region(partition: &str) -> &'static str {
    match partition {
        "aws-cn" => "cn-north-1",
        "aws-us-gov" => "us-gov-west-1",
        "aws-iso" => "us-iso-east-1",
        "aws-iso-b" => "us-isob-east-1",
        "aws-iso-e" => "eu-isoe-west-1",
        "aws-iso-f" => "us-isof-south-1",
        "aws-eusc" => "eusc-de-east-1",
        _ => "us-east-1",
    }
}
