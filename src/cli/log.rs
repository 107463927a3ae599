//! The structured log: `-v` on stderr, `--log-file` in a file. Each run has an id.

use std::fs::OpenOptions;
use std::sync::Arc;

use tracing::Level;
use tracing::span::EnteredSpan;
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::{LevelFilter, Targets};
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
    let file = match &settings.log_file {
        Some(path) => {
            let file = OpenOptions::new().create(true).append(true).open(path).map_err(|error| {
                let mut failed = CliError::new(Exit::Error, format!("cannot write the log file {}", path.display()));
                failed.causes.push(error.to_string());
                failed.hint("name a file in a folder that is there and that you may write to")
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

/// Only what we write ourselves: the events of the SDK can hold request bodies and the id of the access key.
///
/// A target is chosen by how its name begins, and the longest beginning counts: the crates of the SDK are all `aws_…`.
fn ours() -> Targets {
    Targets::new()
        .with_target("aws", Level::DEBUG)
        .with_target("aws_", LevelFilter::OFF)
        .with_target("aws_baseline", Level::DEBUG)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sdk_is_not_heard() {
        for target in ["aws", "aws_baseline", "aws_baseline::engine::collect"] {
            assert!(ours().would_enable(target, &Level::DEBUG), "{target}");
        }
        for target in
            ["aws_config::profile", "aws_smithy_runtime::client", "aws_sdk_ec2", "aws_runtime", "hyper", "rustls"]
        {
            assert!(!ours().would_enable(target, &Level::ERROR), "{target}");
        }
    }
}
