//! The one door through which every request leaves.
//!
//! It sits below the SDK's retries, as its HTTP client, so that each attempt waits for its turn, has its own time
//! limit, and tells the limiter when AWS says "too fast". Answers are read to their end here: control-plane answers
//! are small, and one that is cut off must be an error and not a shorter list.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextMut;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, Metadata};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use aws_smithy_types::config_bag::ConfigBag;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::limits::{ATTEMPT_TIMEOUT, Limit, Limiter};

/// The API operation that a request carries out; travels with the request as an extension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// The SDK's name of the service: `SQS`.
    pub service: String,
    /// The API's name of the operation: `ListQueues`.
    pub name: String,
}

/// Writes the [`Operation`] on each request, for the log and for tests that answer in AWS's place.
#[derive(Debug, Clone, Copy)]
pub struct LabelRequests;

impl Intercept for LabelRequests {
    fn name(&self) -> &'static str {
        "LabelRequests"
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(metadata) = config.load::<Metadata>() {
            let operation = Operation { service: metadata.service().to_owned(), name: metadata.name().to_owned() };
            context.request_mut().add_extension(operation);
        }
        Ok(())
    }
}

/// An HTTP client that limits, times and counts what another one sends.
#[derive(Debug, Clone)]
pub struct Transport {
    inner: SharedHttpClient,
    gate: Arc<Gate>,
}

#[derive(Debug)]
struct Gate {
    all: Semaphore,
    limiters: Mutex<HashMap<Signed, Arc<Limiter>>>,
    sent: Mutex<BTreeMap<Signed, usize>>,
    limits: fn(&str) -> Limit,
    attempt_timeout: Duration,
}

/// Service and region for which a request is signed.
type Signed = (String, String);

impl Transport {
    /// Wraps a client; at most `parallel` requests are in flight at any time, and each service has its own limit.
    #[must_use]
    pub fn new(inner: SharedHttpClient, parallel: usize, limits: fn(&str) -> Limit) -> Self {
        let gate = Gate {
            all: Semaphore::new(parallel.max(1)),
            limiters: Mutex::default(),
            sent: Mutex::default(),
            limits,
            attempt_timeout: ATTEMPT_TIMEOUT,
        };
        Transport { inner, gate: Arc::new(gate) }
    }

    /// Requests sent so far, retries included, by signing name and region.
    #[must_use]
    pub fn sent(&self) -> BTreeMap<(String, String), usize> {
        lock(&self.gate.sent).clone()
    }
}

impl HttpClient for Transport {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(Connector { inner, gate: self.gate.clone() })
    }
}

struct Connector {
    inner: SharedHttpConnector,
    gate: Arc<Gate>,
}

impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Connector")
    }
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let inner = self.inner.clone();
        let gate = self.gate.clone();
        HttpConnectorFuture::new(async move { gate.pass(&inner, request).await })
    }
}

impl Gate {
    async fn pass(&self, inner: &SharedHttpConnector, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        // IMDS, SSO and the like are not signed: they have limits of their own.
        let Some(signed) = signed_for(&request) else {
            return self.attempt(inner, request).await;
        };
        let label = request.extension::<Operation>().map_or_else(String::new, |operation| operation.name.clone());
        let limiter = self.limiter(&signed);
        // The narrow gate first: a request that waits for its service must not hold a place that others could use.
        let _turn = limiter.turn().await;
        let _place = self.all.acquire().await.map_err(|closed| ConnectorError::other(closed.into(), None))?;
        *lock(&self.sent).entry(signed.clone()).or_default() += 1;
        let start = Instant::now();
        let answer = self.attempt(inner, request).await;
        let (service, region) = &signed;
        let millis = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
        match &answer {
            Ok(response) => {
                let status = response.status().as_u16();
                tracing::debug!(target: "aws", service, region, operation = label, status, millis, "request");
                if is_throttled(response) {
                    limiter.throttled();
                } else if response.status().is_success() {
                    limiter.succeeded();
                }
            }
            Err(error) => {
                tracing::debug!(target: "aws", service, region, operation = label, millis, %error, "request failed");
            }
        }
        answer
    }

    /// Sends one request and reads the whole answer, within the attempt's time.
    async fn attempt(&self, inner: &SharedHttpConnector, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let exchange = async {
            let mut response = inner.call(request).await?;
            let body = std::mem::replace(response.body_mut(), SdkBody::taken());
            let bytes = ByteStream::new(body).collect().await.map_err(|cut| ConnectorError::io(cut.into()))?;
            let bytes = bytes.into_bytes();
            if is_cut_off(&bytes) {
                return Err(ConnectorError::io("the answer ends in the middle".into()));
            }
            *response.body_mut() = SdkBody::from(bytes);
            Ok(response)
        };
        tokio::time::timeout(self.attempt_timeout, exchange)
            .await
            .map_err(|elapsed| ConnectorError::timeout(elapsed.into()))?
    }

    fn limiter(&self, signed: &Signed) -> Arc<Limiter> {
        let mut limiters = lock(&self.limiters);
        if let Some(limiter) = limiters.get(signed) {
            return limiter.clone();
        }
        let limiter = Arc::new(Limiter::new((self.limits)(&signed.0)));
        limiters.insert(signed.clone(), limiter.clone());
        limiter
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Reads service and region from the credential scope of the signature (AWS Signature Version 4):
/// `Credential=AKID/20260105/eu-west-1/sqs/aws4_request`.
fn signed_for(request: &HttpRequest) -> Option<Signed> {
    let (_, scope) = request.headers().get("authorization")?.split_once("Credential=")?;
    let mut parts = scope.split([',', ' ']).next()?.rsplit('/');
    parts.next()?;
    let service = parts.next()?;
    let region = parts.next()?;
    Some((service.to_owned(), region.to_owned()))
}

/// Whether an XML body does not close its root. The SDK's parser takes what it got so far for the whole.
fn is_cut_off(body: &[u8]) -> bool {
    let body = body.trim_ascii();
    if !body.starts_with(b"<") {
        return false;
    }
    let text = String::from_utf8_lossy(body);
    let Some(root) = text.split('<').skip(1).find(|tag| !tag.starts_with(['?', '!'])) else { return true };
    let name = root.split(|end: char| end.is_whitespace() || matches!(end, '>' | '/')).next().unwrap_or_default();
    let closed = text.ends_with(&format!("</{name}>")) || (root.ends_with("/>") && text.ends_with(root));
    !closed
}

/// Whether AWS says "too fast", by status or by code.
fn is_throttled(response: &HttpResponse) -> bool {
    const CODES: [&str; 6] =
        ["Throttl", "TooManyRequests", "RequestLimitExceeded", "SlowDown", "PriorRequestNotComplete", "LimitExceeded"];
    let status = response.status().as_u16();
    if status < 400 {
        return false;
    }
    if status == 429 {
        return true;
    }
    let says = |text: &str| CODES.iter().any(|code| text.contains(code));
    if response.headers().get("x-amzn-errortype").is_some_and(says) {
        return true;
    }
    let body = response.body().bytes().unwrap_or_default();
    says(&String::from_utf8_lossy(&body[..body.len().min(2048)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(authorization: Option<&str>) -> HttpRequest {
        let mut request = HttpRequest::empty();
        if let Some(value) = authorization {
            request.headers_mut().insert("authorization", value.to_owned());
        }
        request
    }

    #[test]
    fn service_and_region_come_from_the_signature() {
        let header =
            "AWS4-HMAC-SHA256 Credential=AK/ID/20260105/eu-west-1/sqs/aws4_request, SignedHeaders=host, Signature=0";
        assert_eq!(signed_for(&request(Some(header))), Some(("sqs".into(), "eu-west-1".into())));
        assert_eq!(signed_for(&request(Some("Bearer x"))), None);
        assert_eq!(signed_for(&request(None)), None);
    }

    #[test]
    fn xml_that_stops_before_its_end_is_cut_off() {
        let prolog = "<?xml version=\"1.0\"?>\n<!-- b -->\n";
        for whole in ["", "{}", "[", "<a x=\"1\"><b>1</b></a>\n", "<a/>", "<!DOCTYPE html>\n<html></html>"] {
            assert!(!is_cut_off(whole.as_bytes()), "{whole}");
            let whole = if whole.starts_with('<') { format!("{prolog}{whole}") } else { continue };
            assert!(!is_cut_off(whole.as_bytes()), "{whole}");
        }
        for cut in ["<", "<a", "<a>", "<a><b/>", "<a><b>1</b>", "<a><b>1</b></a", prolog] {
            assert!(is_cut_off(cut.as_bytes()), "{cut}");
        }
    }

    #[test]
    fn throttling_is_seen_in_status_header_and_body() {
        let response = |status: u16, body: &'static str| {
            HttpResponse::new(status.try_into().expect("a valid status"), SdkBody::from(body))
        };
        assert!(is_throttled(&response(429, "")));
        assert!(is_throttled(&response(503, "<Code>RequestLimitExceeded</Code>")));
        assert!(is_throttled(&response(400, r#"{"__type":"ThrottlingException"}"#)));
        assert!(!is_throttled(&response(400, r#"{"__type":"ValidationException"}"#)));
        assert!(!is_throttled(&response(200, "Throttling")));
    }
}
