//! The structured log: `-v` on stderr, `--log-file` in a file. Each run has an id.

use std::fs::OpenOptions;
use std::sync::Arc;

use tracing::span::EnteredSpan;
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt as _;

use super::args::LogFormat;
use super::error::CliError;
use super::exit::Exit;
use super::settings::Settings;
use super::ui;

/// Starts the log and opens the span of this run.
pub fn start(settings: &Settings) -> Result<EnteredSpan, CliError> {
    // Only what we write ourselves: the SDK's own events can hold request bodies.
    let ours =
        || Targets::new().with_target("aws", tracing::Level::DEBUG).with_target("aws_baseline", tracing::Level::DEBUG);
    let file = match &settings.log_file {
        Some(path) => {
            let file = OpenOptions::new().create(true).append(true).open(path).map_err(|error| {
                let mut failed = CliError::new(Exit::Error, format!("cannot write the log file {}", path.display()));
                failed.causes.push(error.to_string());
                failed
            })?;
            Some(Arc::new(file))
        }
        None => None,
    };
    let file = file.map(|file| layer(settings.log_format, file).with_filter(ours()));
    let stderr = settings.verbose.then(|| layer(settings.log_format, ui::log_target()).with_filter(ours()));
    // A second start (in tests) keeps the first log.
    let _ = tracing_subscriber::registry().with(file).with(stderr).try_init();
    std::panic::set_hook(Box::new(|panic| tracing::error!(target: "aws_baseline", %panic, "panic")));
    let run = format!("{}-{}", chrono::Utc::now().format("%Y%m%dT%H%M%S"), std::process::id());
    Ok(tracing::info_span!(target: "aws_baseline", "run", id = run).entered())
}

fn layer<S, W>(format: LogFormat, writer: W) -> Box<dyn tracing_subscriber::Layer<S> + Send + Sync>
where
    S: tracing::Subscriber + for<'a> LookupSpan<'a>,
    W: for<'w> tracing_subscriber::fmt::MakeWriter<'w> + Send + Sync + 'static,
{
    let layer = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(writer);
    match format {
        LogFormat::Text => layer.with_target(false).boxed(),
        LogFormat::Json => layer.json().boxed(),
    }
}
