//! The command line: arguments in, one of the [`commands`] run, one exit code out.

mod account;
mod args;
mod commands;
mod error;
mod exit;
mod log;
mod parse;
mod progress;
mod render;
mod sanitise;
mod settings;
mod ui;

use std::process::ExitCode;

use clap::Parser as _;

use args::{Cli, Command};
use error::CliError;
use exit::Exit;
use settings::Settings;
use ui::{Level, Ui};

/// Runs the program with the process's arguments and environment.
#[must_use]
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        // Help and version are data on stdout; a usage error is exit 2. clap knows which is which.
        Err(error) => {
            let code = if error.use_stderr() { Exit::Usage } else { Exit::Done };
            return if error.print().is_ok() { code.into() } else { Exit::Error.into() };
        }
    };
    let level = if cli.global.quiet { Level::Quiet } else { Level::Normal };
    let ui = Ui::new(cli.global.color.unwrap_or_default(), level);
    match std::panic::catch_unwind(|| run(cli, ui)) {
        Ok(Ok(exit)) => exit.into(),
        Ok(Err(error)) => {
            ui.error(&error);
            error.exit.into()
        }
        Err(_) => {
            ui.error(
                &CliError::new(Exit::Error, "internal error: this is a bug in aws-baseline")
                    .hint("run again with --log-file FILE and report what stands there"),
            );
            Exit::Error.into()
        }
    }
}

fn run(cli: Cli, ui: Ui) -> Result<Exit, CliError> {
    let Cli { global, command } = cli;
    if let Command::Completions(args) = &command {
        return commands::completions::run(args, ui);
    }
    let settings = Settings::resolve(global)?;
    let _log = log::start(&settings)?;
    if settings.format == args::Format::Dot && !matches!(command, Command::Restore(_)) {
        return Err(CliError::usage("--format dot is the graph of a plan").hint("only `restore --dry-run` has it"));
    }
    if settings.format == args::Format::Focus && !matches!(command, Command::Cost(_)) {
        return Err(CliError::usage("only `cost` prints FOCUS").hint("choose table, json, yaml or csv with --format"));
    }
    match command {
        Command::Cost(args) => commands::cost::run(&args, &settings, ui),
        Command::Snapshot(command) => commands::snapshot::run(command, &settings, ui),
        Command::Delta(args) => commands::delta::run(&args, &settings, ui),
        Command::Restore(args) => commands::restore::run(&args, &settings, ui),
        Command::Types(args) => commands::types::run(&args, &settings, ui),
        Command::Completions(_) => Ok(Exit::Done),
    }
}

/// Runs a future to its end, or until Ctrl-C or a termination signal.
fn block_on<T>(future: impl Future<Output = Result<T, CliError>>) -> Result<T, CliError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| CliError::from_error(Exit::Error, &error))?;
    let result = runtime.block_on(async {
        tokio::select! {
            result = future => result,
            () = interrupted() => Err(CliError::new(Exit::Interrupted, "interrupted: nothing was written")),
        }
    });
    // Requests that are still under way are of no use to anybody.
    runtime.shutdown_background();
    result
}

/// Runs a future to its end. Ctrl-C does not end it: each one is told, with its number, and the future winds itself up.
fn block_on_stages<T>(future: impl Future<Output = T>, mut stage: impl FnMut(usize)) -> Result<T, CliError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| CliError::from_error(Exit::Error, &error))?;
    Ok(runtime.block_on(async {
        tokio::pin!(future);
        let mut times = 0;
        loop {
            tokio::select! {
                result = &mut future => return result,
                () = interrupted() => {
                    times += 1;
                    stage(times);
                }
            }
        }
    }))
}

#[cfg(unix)]
async fn interrupted() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut interrupt), Ok(mut terminate)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}

#[cfg(not(unix))]
async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
