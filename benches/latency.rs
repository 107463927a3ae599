//! How long an empty account takes when every answer takes 50 ms: what of it is the network, what is us.
//!
//! A server of ours answers every list with an empty one, 50 ms after it was asked, for 17 regions and every type of the
//! catalog. `make bench` prints requests and times; a cell that is not complete and empty fails the run.

#![expect(clippy::print_stdout, reason = "a benchmark reports on stdout")]

use std::collections::{BTreeMap, HashMap};
use std::error::Error;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use aws_baseline::aws::limits::{DEFAULT_PARALLEL, Limit, limit_of};
use aws_baseline::aws::{Aws, AwsOptions};
use aws_baseline::catalog;
use aws_baseline::catalog::mask::Masker;
use aws_baseline::engine::collect::{Event, Target, collect};
use aws_baseline::model::Outcome;
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, oneshot};

type Failure = Box<dyn Error + Send + Sync>;

/// Time from a request to its answer.
const LATENCY: Duration = Duration::from_millis(50);
/// The longest chain of calls that need each other's answers in an empty account, estimated: identity, regions, a list,
/// and what some lists need to know first.
const CHAIN: u32 = 4;
/// The server goes away after this time, whatever happens.
const LIFETIME: Duration = Duration::from_mins(3);
/// Connections that the server keeps at a time; further ones wait.
const CONNECTIONS: usize = 300;
/// The longest request, head or body, that the server reads.
const LONGEST: u64 = 1 << 20;
/// The regions that are enabled by default.
const REGIONS: [&str; 17] = [
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];

/// One way to read the account.
struct Case {
    name: &'static str,
    regions: usize,
    parallel: usize,
    limits: fn(&str) -> Limit,
}

/// What reading the account took.
struct Measured {
    cells: usize,
    requests: u32,
    /// Identity and regions.
    before: Duration,
    /// From the first call to the last answer.
    wall: Duration,
    /// Requests by service and region.
    sent: BTreeMap<(String, String), usize>,
}

fn unlimited(_: &str) -> Limit {
    Limit { per_second: 1e9, burst: 1e9, in_flight: 1000 }
}

fn main() -> Result<(), Failure> {
    // `cargo test --all-targets` starts benchmarks too, without this argument.
    if !std::env::args().any(|argument| argument == "--bench") {
        return Ok(());
    }
    let cases = [
        Case { name: "as shipped", regions: REGIONS.len(), parallel: DEFAULT_PARALLEL, limits: limit_of },
        Case { name: "no service limits", regions: REGIONS.len(), parallel: DEFAULT_PARALLEL, limits: unlimited },
        Case { name: "no limits, 256 at once", regions: REGIONS.len(), parallel: 256, limits: unlimited },
        Case { name: "one region, as shipped", regions: 1, parallel: DEFAULT_PARALLEL, limits: limit_of },
        Case { name: "one region, one at a time", regions: 1, parallel: 1, limits: limit_of },
    ];
    let server = Server::start()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    println!(
        "An empty account, {} types, {} ms per call, {CHAIN} calls in a row",
        catalog::all().len(),
        millis(LATENCY)
    );
    println!();
    println!(
        "{:<26} {:>7} {:>6} {:>9} {:>9} {:>9} {:>9} {:>11} {:>11} {:>9}",
        "", "regions", "cells", "requests", "connect", "wall", "floor", "wall/floor", "sequential", "speed-up"
    );
    let mut shipped = None;
    for case in &cases {
        let measured = runtime.block_on(measure(&server, case))?;
        println!("{}", row(case, &measured));
        shipped.get_or_insert(measured);
    }
    println!();
    println!("connect: identity and regions, part of wall. sequential: requests x latency, computed; the last row");
    println!("measures it for one region.");
    if let Some(shipped) = shipped {
        println!();
        print!("{}", bounds(&shipped));
    }
    server.stop()
}

async fn measure(server: &Server, case: &Case) -> Result<Measured, Failure> {
    let before = server.asked();
    let start = Instant::now();
    let options = AwsOptions {
        endpoint_url: Some(format!("http://{}", server.address)),
        parallel: Some(case.parallel),
        credentials: Some(SharedCredentialsProvider::new(Credentials::new("AKIDTEST", "secret", None, None, "test"))),
        limits: Some(case.limits),
        ..AwsOptions::default()
    };
    let aws = Arc::new(Aws::connect(options).await?);
    let regions = aws.regions().await?;
    if regions.len() != REGIONS.len() {
        return Err(format!("{} regions in place of {}", regions.len(), REGIONS.len()).into());
    }
    let connected = start.elapsed();
    let regions = regions.into_iter().take(case.regions).collect();
    let target = Target { types: catalog::all(), regions };
    let (mut cells, mut finished, mut wrong) = (0, 0, String::new());
    let collected = collect(aws.clone(), target.places(), &Masker::new([7; 32]), |event| match event {
        Event::Started { cells: number } => cells = number,
        Event::Finished { type_name, region, outcome } => {
            finished += 1;
            if outcome != (Outcome::Complete { count: 0 }) {
                let _ = write!(wrong, "\n  {type_name} in {region}: {outcome}");
            }
        }
    })
    .await;
    let wall = start.elapsed();
    if finished != cells || !wrong.is_empty() || !collected.resources.is_empty() {
        return Err(format!("{}: {finished} of {cells} cells read; not complete and empty:{wrong}", case.name).into());
    }
    let sent = aws.requests();
    let requests = server.asked() - before;
    if usize::try_from(requests)? != sent.values().sum::<usize>() {
        return Err(format!("{}: {requests} requests arrived, others were counted", case.name).into());
    }
    Ok(Measured { cells, requests, before: connected, wall, sent })
}

fn row(case: &Case, measured: &Measured) -> String {
    let floor = LATENCY * CHAIN;
    let sequential = LATENCY * measured.requests;
    format!(
        "{:<26} {:>7} {:>6} {:>9} {:>6} ms {:>6} ms {:>6} ms {:>11.1} {:>8} ms {:>8.1}x",
        case.name,
        case.regions,
        measured.cells,
        measured.requests,
        millis(measured.before),
        millis(measured.wall),
        millis(floor),
        measured.wall.div_duration_f64(floor),
        millis(sequential),
        sequential.div_duration_f64(measured.wall),
    )
}

/// The least time that our own bounds allow for what was asked.
fn bounds(measured: &Measured) -> String {
    let mut services: Vec<_> = measured
        .sent
        .iter()
        .map(|((service, region), count)| {
            let limit = limit_of(service);
            let count = u32::try_from(*count).unwrap_or(u32::MAX);
            let bucket = ((f64::from(count) - limit.burst) / limit.per_second).max(0.0);
            let in_flight = u32::try_from(limit.in_flight).unwrap_or(u32::MAX);
            let places = LATENCY * count.div_ceil(in_flight);
            (Duration::from_secs_f64(bucket).max(places), count, service, region)
        })
        .collect();
    services.sort_unstable_by(|a, b| b.cmp(a));
    let places = u32::try_from(DEFAULT_PARALLEL).unwrap_or(u32::MAX);
    let mut text = "What our bounds alone cost in the first row:\n".to_owned();
    let all = LATENCY * measured.requests.div_ceil(places);
    let _ = writeln!(text, "{:>6} ms  {} requests, {places} at once", millis(all), measured.requests);
    for (least, count, service, region) in services.iter().take(3) {
        let _ = writeln!(text, "{:>6} ms  {count} requests to {service} in {region}", millis(*least));
    }
    text
}

fn millis(time: Duration) -> u128 {
    time.as_millis()
}

/// Answers in AWS's place, with empty lists.
struct Server {
    address: SocketAddr,
    asked: Arc<AtomicU32>,
    stop: oneshot::Sender<()>,
    thread: std::thread::JoinHandle<()>,
}

impl Server {
    /// Starts it in a thread of its own, so that it does not compete with the client for a runtime.
    fn start() -> Result<Self, Failure> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let listener = runtime.block_on(TcpListener::bind(("127.0.0.1", 0)))?;
        let address = listener.local_addr()?;
        let asked = Arc::new(AtomicU32::new(0));
        let (stop, stopped) = oneshot::channel();
        let counter = asked.clone();
        let thread = std::thread::Builder::new().name("server".to_owned()).spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    () = accept(listener, counter) => {}
                    _ = stopped => {}
                    () = tokio::time::sleep(LIFETIME) => {}
                }
            });
        })?;
        Ok(Server { address, asked, stop, thread })
    }

    fn asked(&self) -> u32 {
        self.asked.load(Ordering::SeqCst)
    }

    fn stop(self) -> Result<(), Failure> {
        // A closed channel says that it has stopped by itself.
        let _ = self.stop.send(());
        self.thread.join().map_err(|_| "the server panicked".into())
    }
}

async fn accept(listener: TcpListener, asked: Arc<AtomicU32>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    while let (Ok(place), Ok((stream, _))) = (places.clone().acquire_owned().await, listener.accept().await) {
        let asked = asked.clone();
        tokio::spawn(async move {
            // The client closes when it likes; what it misses it will report.
            let _ = serve(stream, &asked).await;
            drop(place);
        });
    }
}

/// Answers the requests of one connection until the client closes it.
async fn serve(stream: TcpStream, asked: &AtomicU32) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut stream = BufReader::new(stream);
    while let Some(request) = Request::read(&mut stream).await? {
        asked.fetch_add(1, Ordering::SeqCst);
        tokio::time::sleep(LATENCY).await;
        let (headers, body) = request.answer();
        let mut bytes = format!("HTTP/1.1 200 OK\r\n{headers}content-length: {}\r\n\r\n", body.len()).into_bytes();
        bytes.extend(body);
        stream.get_mut().write_all(&bytes).await?;
    }
    Ok(())
}

struct Request {
    /// Without the query.
    path: String,
    headers: HashMap<String, String>,
    body: String,
}

impl Request {
    /// The next request, `None` when the connection was closed.
    async fn read(stream: &mut BufReader<TcpStream>) -> std::io::Result<Option<Self>> {
        let mut head = (&mut *stream).take(LONGEST);
        let (mut headers, mut line) = (HashMap::new(), String::new());
        if head.read_line(&mut line).await? == 0 {
            return Ok(None);
        }
        let path = line.split([' ', '?']).nth(1).unwrap_or_default().to_owned();
        loop {
            line.clear();
            if head.read_line(&mut line).await? == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            let Some((name, value)) = line.trim_end().split_once(':') else { break };
            headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
        }
        let length: u64 = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        let mut body = Vec::new();
        stream.take(length.min(LONGEST)).read_to_end(&mut body).await?;
        // A CBOR question is no text; it is told by its header.
        Ok(Some(Request { path, headers, body: String::from_utf8_lossy(&body).into_owned() }))
    }

    /// Headers and body of an empty answer, in the protocol of the question.
    fn answer(&self) -> (&'static str, Vec<u8>) {
        if self.headers.contains_key("x-amz-target") {
            return ("content-type: application/x-amz-json-1.1\r\n", b"{}".to_vec());
        }
        if self.headers.contains_key("smithy-protocol") {
            return ("content-type: application/cbor\r\nsmithy-protocol: rpc-v2-cbor\r\n", vec![0xA0]);
        }
        let action = self.body.split('&').find_map(|field| field.strip_prefix("Action="));
        if let Some(action) = action {
            let result = match action {
                "GetCallerIdentity" => "<Arn>arn:aws:iam::123456789012:user/reader</Arn><UserId>AIDAREADER</UserId>\
                    <Account>123456789012</Account>"
                    .to_owned(),
                "DescribeRegions" => return ("content-type: text/xml\r\n", regions().into_bytes()),
                _ => String::new(),
            };
            let body =
                format!("<{action}Response xmlns=\"\"><{action}Result>{result}</{action}Result></{action}Response>");
            return ("content-type: text/xml\r\n", body.into_bytes());
        }
        if self.headers.get("authorization").is_some_and(|signed| signed.contains("/s3/aws4_request")) {
            let body = "<ListAllMyBucketsResult xmlns=\"\"><Buckets/></ListAllMyBucketsResult>";
            return ("content-type: application/xml\r\n", body.into());
        }
        if let Some(root) = self.list_in_xml() {
            // One name or the other counts the elements; the SDK leaves alone what it does not know.
            let body = format!(
                "<{root}><Quantity>0</Quantity><HostedZones/><IsTruncated>false</IsTruncated><MaxItems>100</MaxItems></{root}>"
            );
            return ("content-type: text/xml\r\n", body.into_bytes());
        }
        ("content-type: application/json\r\n", b"{}".to_vec())
    }

    /// The root element of a list of the services that speak XML in paths.
    fn list_in_xml(&self) -> Option<&'static str> {
        let signed = self.headers.get("authorization")?;
        match self.path.rsplit('/').next()? {
            "hostedzone" if signed.contains("/route53/") => Some("ListHostedZonesResponse"),
            "distribution" if signed.contains("/cloudfront/") => Some("DistributionList"),
            "function" if signed.contains("/cloudfront/") => Some("FunctionList"),
            "origin-access-control" if signed.contains("/cloudfront/") => Some("OriginAccessControlList"),
            _ => None,
        }
    }
}

/// The answer of EC2's `DescribeRegions`, whose protocol has no result element.
fn regions() -> String {
    let item = |region: &&str| {
        format!("<item><regionName>{region}</regionName><optInStatus>opt-in-not-required</optInStatus></item>")
    };
    let items: String = REGIONS.iter().map(item).collect();
    format!("<DescribeRegionsResponse xmlns=\"\"><regionInfo>{items}</regionInfo></DescribeRegionsResponse>")
}
