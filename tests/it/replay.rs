//! An HTTP client that answers in AWS's place, from the complete synthetic answers in `tests/answers/`.
//!
//! It sits where the network would be, so that the SDK's own serialisation and parsing are exercised. Each leaf of an
//! answer is known by its path and has a second value, so a test can change one field at a time.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex};

use aws_baseline::aws::limits::Limit;
use aws_baseline::aws::transport::Operation;
use aws_baseline::aws::{Aws, AwsOptions};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use serde::Deserialize;
use serde_json::Value;

/// The answers of one service.
#[derive(Debug, Deserialize)]
pub struct Service {
    /// Name of the service, as botocore has it.
    #[serde(rename = "service")]
    pub name: String,
    /// Wire protocol.
    pub protocol: String,
    /// By operation name.
    pub operations: BTreeMap<String, Answer>,
}

/// The answer of one operation: one page, or two.
#[derive(Debug, Deserialize)]
pub struct Answer {
    pages: Vec<Page>,
    /// Every field of all pages.
    pub leaves: Vec<Leaf>,
}

#[derive(Debug, Deserialize)]
struct Page {
    status: u16,
    headers: BTreeMap<String, String>,
    encoding: String,
    body: String,
}

/// One field of an answer.
#[derive(Debug, Deserialize)]
pub struct Leaf {
    /// `Vpcs[].State`, with the API's member names.
    pub path: String,
    /// Zero-based page.
    pub page: usize,
    value: String,
    alt: String,
    /// `string`, `integer`, `boolean`, `timestamp`, …
    pub kind: String,
    /// Whether a test should change it.
    pub probe: bool,
}

/// All answers, by botocore's service name.
pub static ANSWERS: LazyLock<BTreeMap<String, Service>> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/answers");
    let mut services = BTreeMap::new();
    for entry in std::fs::read_dir(folder).expect("tests/answers is there") {
        let path = entry.expect("a readable folder").path();
        if path.extension().is_some_and(|extension| extension == "json") {
            let text = std::fs::read_to_string(&path).expect("a readable file");
            let service: Service = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
            services.insert(service.name.clone(), service);
        }
    }
    services
});

/// An operation by service and name, as in `ANSWERS`.
pub type OperationId = (String, String);

/// A change to what is answered.
#[derive(Debug, Clone)]
pub enum Twist {
    /// Answer this leaf's second value.
    Alt(OperationId, usize),
    /// Answer this text in place of a string leaf.
    Text(OperationId, usize, &'static str),
    /// Answer this operation with an error code.
    Error(OperationId, &'static str, u16),
    /// Answer this operation with a page of HTML and status 500.
    Html(OperationId),
    /// Break the connection when this operation is asked.
    Reset(OperationId),
    /// Answer this operation with half a body.
    Truncate(OperationId),
}

/// The client that answers.
#[derive(Debug, Clone, Default)]
pub struct Replay(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    twist: Option<Twist>,
    asked: BTreeSet<(OperationId, usize)>,
    requests: Vec<(String, String)>,
    times: BTreeMap<(String, String), usize>,
    missing: BTreeSet<String>,
}

impl Replay {
    /// A session that talks to this client, without limits and without retries.
    pub async fn session(&self) -> Arc<Aws> {
        session(SharedHttpClient::new(self.clone())).await
    }

    /// Sets what is answered differently from now on.
    pub fn twist(&self, twist: Option<Twist>) {
        self.state().twist = twist;
    }

    /// Operations and pages asked since the last call.
    pub fn asked(&self) -> BTreeSet<(OperationId, usize)> {
        std::mem::take(&mut self.state().asked)
    }

    /// Operations with all that was said to ask them, since the last call.
    pub fn requests(&self) -> Vec<(String, String)> {
        std::mem::take(&mut self.state().requests)
    }

    /// Requests that were made more than once: operation, address and body, and how often.
    pub fn repeated(&self) -> BTreeMap<(String, String), usize> {
        let times = std::mem::take(&mut self.state().times);
        times.into_iter().filter(|(_, times)| *times > 1).collect()
    }

    /// Operations for which there is no answer.
    pub fn missing(&self) -> BTreeSet<String> {
        self.state().missing.clone()
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn answer(&self, request: &HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let operation = request.extension::<Operation>().expect("requests are labelled").clone();
        let id = (botocore_name(&operation.service), operation.name);
        if id.1 == "GetCallerIdentity" {
            return Ok(response(200, &BTreeMap::new(), IDENTITY.as_bytes().to_vec()));
        }
        let Some((service, answer)) =
            ANSWERS.get(&id.0).and_then(|service| Some((service, service.operations.get(&id.1)?)))
        else {
            self.state().missing.insert(format!("{} {}", id.0, id.1));
            return Err(ConnectorError::user(format!("no answer for {} {}", id.0, id.1).into()));
        };
        let asked =
            format!("{} {}", request.uri(), String::from_utf8_lossy(request.body().bytes().unwrap_or_default()));
        // A name may hold the token as well, where a page begins after the last name of the one before.
        let number = usize::from(answer.pages.len() > 1 && asked.contains("page-token-2"));
        let page = &answer.pages[number];
        let twist = {
            let mut state = self.state();
            state.asked.insert((id.clone(), number));
            *state.times.entry((id.1.clone(), asked.clone())).or_default() += 1;
            let headers = request.headers().iter().map(|(_, value)| value);
            let text = headers.chain([asked.as_str()]).collect::<Vec<_>>().join(" ");
            state.requests.push((id.1.clone(), percent_decoded(&text)));
            state.twist.clone()
        };
        let whole = |twist: Option<&Twist>| {
            let fill = |template: &str| filled(template, &answer.leaves, &id, twist, &service.protocol);
            let headers = page.headers.iter().map(|(name, value)| (name.clone(), fill(value))).collect();
            let body = fill(&page.body);
            let bytes = if page.encoding == "cbor" { cbor(&body) } else { body.into_bytes() };
            (headers, bytes)
        };
        match &twist {
            Some(Twist::Error(at, code, status)) if *at == id => Ok(error(&service.protocol, &id.0, code, *status)),
            Some(Twist::Html(at)) if *at == id => Ok(response(
                500,
                &BTreeMap::new(),
                b"<html><body><h1>Internal Server Error</h1></body></html>".to_vec(),
            )),
            Some(Twist::Reset(at)) if *at == id => Err(ConnectorError::io("connection reset by peer".into())),
            Some(Twist::Truncate(at)) if *at == id => {
                let (headers, mut bytes) = whole(None);
                bytes.truncate(bytes.len() / 2);
                Ok(response(page.status, &headers, bytes))
            }
            other => {
                let (headers, bytes) = whole(other.as_ref());
                Ok(response(page.status, &headers, bytes))
            }
        }
    }
}

/// A session that talks to a client of ours, without limits and without retries.
pub async fn session(http: SharedHttpClient) -> Arc<Aws> {
    let credentials = Credentials::new("AKIDTEST", "secret", None, None, "test");
    let options = AwsOptions {
        credentials: Some(SharedCredentialsProvider::new(credentials)),
        attempts: Some(1),
        limits: Some(|_| Limit { per_second: 1e9, burst: 1e9, in_flight: 1000 }),
        http: Some(http),
        ..AwsOptions::default()
    };
    Arc::new(Aws::connect(options).await.expect("the replayed identity"))
}

impl HttpClient for Replay {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Replay {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::ready(self.answer(&request))
    }
}

/// Text without the escapes of URLs and forms.
fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let escaped = (*first == b'%').then(|| after.get(..2)).flatten();
        let escaped = escaped.and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        bytes.push(escaped.unwrap_or(*first));
        rest = if escaped.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

const IDENTITY: &str = "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
    <GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/reader</Arn><UserId>AIDAREADER</UserId>\
    <Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>";

fn response(status: u16, headers: &BTreeMap<String, String>, body: Vec<u8>) -> HttpResponse {
    let mut response = HttpResponse::new(status.try_into().expect("a valid status"), SdkBody::from(body));
    for (name, value) in headers {
        response.headers_mut().insert(name.clone(), value.clone());
    }
    response
}

fn error(protocol: &str, service: &str, code: &str, status: u16) -> HttpResponse {
    refusal(protocol, service, code, "said so", status)
}

/// An error in the wire form of a protocol.
pub fn refusal(protocol: &str, service: &str, code: &str, message: &str, status: u16) -> HttpResponse {
    let xml = |text: String| response(status, &BTreeMap::new(), text.into_bytes());
    let header = |name: &str, value: &str| BTreeMap::from([(name.to_owned(), value.to_owned())]);
    match protocol {
        "ec2" => xml(format!(
            "<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors>\
             <RequestID>r</RequestID></Response>"
        )),
        // Only S3 leaves the wrapper out.
        "rest-xml" if service == "s3" => {
            xml(format!("<Error><Code>{code}</Code><Message>{message}</Message><RequestId>r</RequestId></Error>"))
        }
        "query" | "rest-xml" => xml(format!(
            "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>\
             <RequestId>r</RequestId></ErrorResponse>"
        )),
        "smithy-rpc-v2-cbor" => {
            let body = cbor(&format!(r#"{{"__type":"{code}","message":"{message}"}}"#));
            response(status, &header("smithy-protocol", "rpc-v2-cbor"), body)
        }
        _ => {
            let body = format!(r#"{{"__type":"{code}","message":"{message}"}}"#);
            response(status, &header("x-amzn-errortype", code), body.into_bytes())
        }
    }
}

/// Puts the leaves' values into a template.
fn filled(template: &str, leaves: &[Leaf], id: &OperationId, twist: Option<&Twist>, protocol: &str) -> String {
    let mut text = String::with_capacity(template.len() * 2);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        text.push_str(before);
        let (number, after) = after.split_once("}}").expect("a placeholder ends");
        let index: usize = number.parse().expect("a placeholder holds an index");
        let leaf = &leaves[index];
        match twist {
            Some(Twist::Alt(at, changed)) if at == id && *changed == index => text.push_str(&leaf.alt),
            Some(Twist::Text(at, changed, words)) if at == id && *changed == index => match protocol {
                "ec2" | "query" | "rest-xml" => text.push_str(words),
                _ => write!(text, "\"{words}\"").expect("writing to text"),
            },
            _ => text.push_str(&leaf.value),
        }
        rest = after;
    }
    text.push_str(rest);
    text
}

/// An answer that says nothing but that all is well.
pub fn success(protocol: &str, operation: &str) -> HttpResponse {
    let (headers, body) = match protocol {
        "ec2" => (None, format!("<{operation}Response><return>true</return></{operation}Response>").into_bytes()),
        "query" => {
            (None, format!("<{operation}Response><{operation}Result></{operation}Result></{operation}Response>").into())
        }
        "rest-xml" if operation == "DeleteObjects" => (None, b"<DeleteResult></DeleteResult>".to_vec()),
        "rest-xml" => (None, Vec::new()),
        "smithy-rpc-v2-cbor" => (Some(("smithy-protocol", "rpc-v2-cbor")), cbor("{}")),
        _ => (None, b"{}".to_vec()),
    };
    let headers = headers.into_iter().map(|(name, value): (&str, &str)| (name.to_owned(), value.to_owned())).collect();
    response(200, &headers, body)
}

/// Encodes JSON as CBOR; `{"$time": n}` is an epoch timestamp, `{"$bytes": …}` a blob (RFC 8949).
fn cbor(json: &str) -> Vec<u8> {
    fn encode(value: &Value) -> ciborium::Value {
        match value {
            Value::Null => ciborium::Value::Null,
            Value::Bool(flag) => ciborium::Value::Bool(*flag),
            Value::Number(number) => match number.as_i64() {
                Some(whole) => ciborium::Value::Integer(whole.into()),
                None => ciborium::Value::Float(number.as_f64().expect("a number")),
            },
            Value::String(text) => ciborium::Value::Text(text.clone()),
            Value::Array(items) => ciborium::Value::Array(items.iter().map(encode).collect()),
            Value::Object(fields) => match fields.get("$time") {
                Some(time) => ciborium::Value::Tag(1, Box::new(encode(time))),
                None => ciborium::Value::Map(
                    fields.iter().map(|(key, value)| (ciborium::Value::Text(key.clone()), encode(value))).collect(),
                ),
            },
        }
    }
    let value: Value = serde_json::from_str(json).unwrap_or_else(|e| panic!("{e} in {json}"));
    let mut bytes = Vec::new();
    ciborium::into_writer(&encode(&value), &mut bytes).expect("writing to memory");
    bytes
}

/// botocore's name of a service by the SDK's.
pub fn botocore_name(sdk: &str) -> String {
    match sdk {
        "Application Auto Scaling" => "application-autoscaling",
        "Auto Scaling" => "autoscaling",
        "CloudWatch Logs" => "logs",
        "Cognito Identity Provider" => "cognito-idp",
        "Elastic Load Balancing" => "elb",
        "Config Service" => "config",
        "Elastic Load Balancing v2" => "elbv2",
        "EventBridge" => "events",
        "SFN" => "stepfunctions",
        "Secrets Manager" => "secretsmanager",
        other => return other.to_ascii_lowercase().replace(' ', ""),
    }
    .to_owned()
}
