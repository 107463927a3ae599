//! The emulator as tests see it: started on a free port, controlled over HTTP, stopped with the test process.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

/// A running emulator. It ends when this value is dropped, or when the test process dies: its standard input closes.
pub struct Emulator {
    /// One at a time: several would starve each other on a small machine.
    _turn: std::sync::MutexGuard<'static, ()>,
    child: Child,
    /// `http://127.0.0.1:PORT`
    pub url: String,
}

/// The output of one run of the binary.
pub struct Run {
    /// What went to stdout.
    pub stdout: String,
    /// What went to stderr.
    pub stderr: String,
    /// Exit code.
    pub code: i32,
}

/// The interpreter of the emulator's environment, which `make` builds.
pub fn python() -> PathBuf {
    if let Some(python) = std::env::var_os("AWS_BASELINE_EMULATOR_PYTHON") {
        return PathBuf::from(python);
    }
    let binary = Path::new(env!("CARGO_BIN_EXE_aws-baseline"));
    let target = binary.ancestors().nth(2).expect("target/debug/aws-baseline");
    target.join("emulator-venv/bin/python")
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/emulator")
}

/// Tests that need the whole machine take turns: an emulator that waits for a processor answers too late.
pub fn turn() -> std::sync::MutexGuard<'static, ()> {
    static TURN: std::sync::Mutex<()> = std::sync::Mutex::new(());
    TURN.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

impl Emulator {
    /// Starts one and waits until it is ready.
    pub fn start() -> Self {
        let turn = turn();
        let mut child = Command::new(python())
            .arg(folder().join("launcher.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // Its tracebacks are about what moto lacks, and drown what a test says. Start it by hand to see them.
            .stderr(Stdio::null())
            .spawn()
            .expect("the emulator's environment is there: run `make emulator`");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut line).expect("the emulator answers");
        let ready: Value = serde_json::from_str(&line).expect("one line of JSON");
        let url = ready["url"].as_str().expect("a URL").to_owned();
        Emulator { _turn: turn, child, url }
    }

    /// Fills three regions with a landing zone.
    pub fn seed(&self) {
        self.seed_as(&[]);
    }

    /// Fills it as the options of the seeding script say.
    pub fn seed_as(&self, options: &[&str]) {
        let status = Command::new(python())
            .arg(folder().join("seed.py"))
            .args(["--endpoint", &self.url])
            .args(options)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .expect("the seeding script runs");
        assert!(status.success());
    }

    /// Runs a script beside the launcher and returns what it prints.
    pub fn script(&self, name: &str, args: &[&str]) -> String {
        let mut command = Command::new(python());
        let output = command.arg(folder().join(name)).args(args).args(["--endpoint", &self.url]).output();
        let output = output.expect("the script runs");
        assert!(output.status.success(), "{name} {args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    /// Runs Python with `url` and `client(service, region)` at hand.
    pub fn python(&self, script: &str) {
        let prelude = "import boto3\ndef client(name, region='eu-west-1'):\n    return boto3.client(name, region_name=region, \
             endpoint_url=url, aws_access_key_id='testing', aws_secret_access_key='testing')\n";
        let script = format!("url = {:?}\n{prelude}{script}", self.url);
        let status = Command::new(python()).args(["-c", &script]).status().expect("python runs");
        assert!(status.success(), "{script}");
    }

    /// A call to the emulator's control interface.
    pub fn control(&self, method: &str, path: &str, body: &Value) -> Value {
        let host = self.url.trim_start_matches("http://");
        let mut stream = TcpStream::connect(host).expect("the emulator listens");
        let body = if body.is_null() { String::new() } else { body.to_string() };
        write!(
            stream,
            "{method} /_emulator/{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .expect("the emulator reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("the emulator answers");
        assert!(answer.starts_with("HTTP/1.1 2"), "{answer}");
        let (_, body) = answer.split_once("\r\n\r\n").expect("a body");
        serde_json::from_str(body.trim()).unwrap_or(Value::Null)
    }

    /// Runs the binary against this emulator.
    pub fn run(&self, store: &Path, args: &[&str]) -> Run {
        run(store, &[&["--endpoint-url", &self.url], args].concat())
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// Runs the binary in an empty environment, in the store's parent directory.
pub fn run(store: &Path, args: &[&str]) -> Run {
    finish(command(store).args(args))
}

/// Runs a command to its end.
pub fn finish(command: &mut Command) -> Run {
    let output = command.output().expect("the binary runs");
    Run {
        stdout: String::from_utf8(output.stdout).expect("UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("UTF-8"),
        code: output.status.code().unwrap_or(-1),
    }
}

/// The binary with credentials of its own and nothing else of the environment.
pub fn command(store: &Path) -> Command {
    let home = store.parent().expect("a parent");
    let mut command = Command::new(env!("CARGO_BIN_EXE_aws-baseline"));
    command
        .env_clear()
        .current_dir(home)
        .env("HOME", home)
        .env("AWS_ACCESS_KEY_ID", "testing")
        .env("AWS_SECRET_ACCESS_KEY", "testing")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        // Faults that never pass are not worth eight attempts of a test's time.
        .env("AWS_MAX_ATTEMPTS", "3")
        .env("AWS_BASELINE_STORE", store);
    command
}
