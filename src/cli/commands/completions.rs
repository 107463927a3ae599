use clap::{Args, CommandFactory as _};

use crate::cli::args::Cli;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::ui::Ui;

/// Options of `completions`.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    shell: clap_complete::Shell,
}

/// Prints completions for a shell.
pub fn run(args: &CompletionsArgs, ui: Ui) -> Result<Exit, CliError> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "aws-baseline", &mut script);
    ui.data(&String::from_utf8_lossy(&script)).map_err(|error| CliError::from_error(Exit::Error, &error))?;
    Ok(Exit::Done)
}
