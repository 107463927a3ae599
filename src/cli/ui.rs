//! The only place that prints.
//!
//! stdout carries data and nothing else. Progress, warnings, hints and prompts go to stderr, and `--quiet` leaves only
//! errors there.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use owo_colors::{OwoColorize as _, Style};

use super::error::CliError;
use super::sanitise;

/// When to colour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Colour {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// How much to say on stderr.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Errors only.
    Quiet,
    /// What was done, warnings, hints.
    Normal,
}

/// What is printed, and how.
#[derive(Debug, Clone, Copy)]
pub struct Ui {
    colour_out: bool,
    colour_err: bool,
    level: Level,
}

#[expect(clippy::unused_self, reason = "holding a Ui is the permission to print")]
impl Ui {
    /// A user interface for the real terminal.
    #[must_use]
    pub fn new(colour: Colour, level: Level) -> Self {
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
            || std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let wanted = |terminal: bool| match colour {
            Colour::Always => true,
            Colour::Never => false,
            Colour::Auto => terminal && !plain,
        };
        Ui { colour_out: wanted(io::stdout().is_terminal()), colour_err: wanted(io::stderr().is_terminal()), level }
    }

    /// Whether tables on stdout are coloured.
    #[must_use]
    pub fn colours_stdout(self) -> bool {
        self.colour_out
    }

    /// Whether progress may be drawn: a person is looking and wants to know.
    #[must_use]
    pub fn draws_progress(self) -> bool {
        self.level > Level::Quiet && io::stderr().is_terminal()
    }

    /// Whether anything but errors may be said.
    #[must_use]
    pub fn speaks(self) -> bool {
        self.level > Level::Quiet
    }

    /// Whether somebody can be asked.
    #[must_use]
    pub fn can_ask(self) -> bool {
        io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    /// Data. A closed pipe (`| head`) is no error.
    pub fn data(self, text: &str) -> io::Result<()> {
        let mut out = io::stdout().lock();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            other => other,
        }
    }

    /// What was done.
    pub fn status(self, text: &str) {
        if self.speaks() {
            self.err(text);
        }
    }

    /// Something that the user should know and can act on.
    pub fn warn(self, text: &str) {
        if self.speaks() {
            self.err(&format!("{} {text}", self.label("warning:", Style::new().yellow().bold())));
        }
    }

    /// What to do next.
    pub fn hint(self, text: &str) {
        if self.speaks() {
            self.err(&format!("{} {text}", self.label("hint:", Style::new().cyan().bold())));
        }
    }

    /// An error with its causes and hints; `--quiet` does not hide it.
    pub fn error(self, error: &CliError) {
        self.err(&format!(
            "{} {}",
            self.label("error:", Style::new().red().bold()),
            sanitise::terminal(&error.message)
        ));
        for cause in &error.causes {
            let mut lines = cause.lines();
            self.err(&format!("  caused by: {}", sanitise::terminal(lines.next().unwrap_or_default())));
            for line in lines {
                self.err(&format!("    {}", sanitise::terminal(line)));
            }
        }
        for hint in &error.hints {
            self.err(&format!("{} {}", self.label("hint:", Style::new().cyan().bold()), sanitise::terminal(hint)));
        }
    }

    /// Asks and reads one line.
    pub fn ask(self, question: &str) -> io::Result<String> {
        let mut err = io::stderr().lock();
        write!(err, "{question} ")?;
        err.flush()?;
        let mut line = String::new();
        io::stdin().lock().read_line(&mut line)?;
        Ok(line.trim().to_owned())
    }

    fn label(self, text: &str, style: Style) -> String {
        if self.colour_err { text.style(style).to_string() } else { text.to_owned() }
    }

    fn err(self, text: &str) {
        // Nobody is left to tell when stderr is gone.
        let _ = writeln!(io::stderr().lock(), "{text}");
    }
}

/// Where `-v` logs.
#[must_use]
pub fn log_target() -> fn() -> io::Stderr {
    io::stderr
}
