//! Values to text. Pure, but for [`Report::emit`], which hands the text to the one place that prints.

pub mod cost;
pub mod delta;
pub mod plan;
pub mod plan_graph;
pub mod snapshot;

use std::io::Write as _;
use std::path::Path;

use comfy_table::{Attribute, Cell, ContentArrangement, Table};
use serde_json::Value;

use super::args::Format;
use super::error::CliError;
use super::exit::Exit;
use super::sanitise;
use super::settings::Settings;
use super::ui::Ui;
use crate::store::yaml;

/// The result of a command in every form in which it can be printed.
#[derive(Debug, Default)]
pub struct Report {
    /// For people.
    pub text: String,
    /// For programs; carries `schema`.
    pub data: Value,
    /// For spreadsheets and Markdown.
    pub rows: Rows,
    /// Markdown that says more than the rows do.
    pub markdown: Option<String>,
    /// A page that needs nothing else.
    pub html: Option<String>,
}

/// A table without its looks.
#[derive(Debug, Clone, Default)]
#[expect(clippy::struct_field_names, reason = "rows are what a table has")]
pub struct Rows {
    headers: Vec<String>,
    // The headers stand in a CSV file as they are here.
    verbatim: bool,
    rows: Vec<Vec<String>>,
}

impl Rows {
    /// An empty table with these headers.
    #[must_use]
    pub fn new(headers: &[&str]) -> Self {
        Rows { headers: headers.iter().map(|&header| header.to_owned()).collect(), ..Rows::default() }
    }

    /// An empty table whose headers are the names of CSV columns already.
    #[must_use]
    pub fn verbatim(headers: &[&str]) -> Self {
        Rows { verbatim: true, ..Rows::new(headers) }
    }

    /// Adds a row.
    pub fn push(&mut self, row: impl IntoIterator<Item = String>) {
        self.rows.push(row.into_iter().collect());
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

/// The form of an exported file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `.json`
    Json,
    /// `.yaml`, `.yml`
    Yaml,
    /// `.csv`
    Csv,
    /// `.md`
    Markdown,
    /// `.html`
    Html,
}

/// The form that a file name asks for.
pub fn export_form(path: &Path) -> Result<Form, CliError> {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("json") => Ok(Form::Json),
        Some("yaml" | "yml") => Ok(Form::Yaml),
        Some("csv") => Ok(Form::Csv),
        Some("md") => Ok(Form::Markdown),
        Some("html") => Ok(Form::Html),
        _ => Err(CliError::usage(format!("cannot tell the form of '{}'", path.display()))
            .hint("name a file that ends in .json, .yaml, .csv, .md or .html")),
    }
}

impl Report {
    /// Prints the report in the form that the settings ask for, and exports it.
    pub fn emit(&self, settings: &Settings, ui: Ui) -> Result<(), CliError> {
        let text = match settings.format {
            Format::Table | Format::Focus | Format::Dot => self.text.clone(),
            Format::Json => self.render(Form::Json)?,
            Format::Yaml => self.render(Form::Yaml)?,
            Format::Csv => self.render(Form::Csv)?,
            Format::Markdown => self.render(Form::Markdown)?,
        };
        ui.data(&text).map_err(|error| CliError::from_error(Exit::Error, &error))?;
        if let Some(path) = &settings.export {
            write_file(path, &self.render(export_form(path)?)?)?;
            ui.status(&format!("wrote {}", path.display()));
        }
        Ok(())
    }

    fn render(&self, form: Form) -> Result<String, CliError> {
        let failed = |error: &dyn std::error::Error| CliError::from_error(Exit::Error, error);
        match form {
            Form::Json => serde_json::to_string_pretty(&self.data)
                .map(|text| sanitise::json(&text) + "\n")
                .map_err(|e| failed(&e)),
            Form::Yaml => {
                yaml::to_string(&marked(self.data.clone())).map(|text| sanitise::yaml(&text)).map_err(|e| failed(&e))
            }
            Form::Csv => csv_text(&self.rows).map_err(|e| failed(&e)),
            Form::Markdown => Ok(self.markdown.clone().unwrap_or_else(|| markdown(&self.rows))),
            Form::Html => Ok(self.html.clone().unwrap_or_else(|| html(&self.rows))),
        }
    }
}

/// The same with all texts marked for YAML.
fn marked(data: Value) -> Value {
    match data {
        Value::String(text) => Value::String(sanitise::mark_for_yaml(&text)),
        Value::Array(items) => Value::Array(items.into_iter().map(marked).collect()),
        Value::Object(fields) => Value::Object(
            fields.into_iter().map(|(name, value)| (sanitise::mark_for_yaml(&name), marked(value))).collect(),
        ),
        other => other,
    }
}

/// Writes a file whole or not at all.
fn write_file(path: &Path, text: &str) -> Result<(), CliError> {
    let write = || -> std::io::Result<()> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(text.as_bytes())?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    };
    write().map_err(|error| {
        let mut failed = CliError::new(Exit::Error, format!("cannot write {}", path.display()));
        failed.causes.push(error.to_string());
        failed.hint("name a file in a folder that is there and that you may write to, with free space")
    })
}

/// A table for a terminal: no borders, so that it also reads well in a mail.
#[must_use]
pub fn table(rows: &Rows, ui: Ui) -> String {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    let header = rows.headers.iter().map(|header| {
        let cell = Cell::new(header);
        if ui.colours_stdout() { cell.add_attribute(Attribute::Bold) } else { cell }
    });
    table.set_header(header);
    if ui.colours_stdout() {
        table.enforce_styling();
    }
    for row in &rows.rows {
        table.add_row(row.iter().map(|cell| sanitise::terminal(cell)));
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    let text = table.to_string();
    text.lines().map(|line| line.trim_end().to_owned() + "\n").collect()
}

fn csv_text(rows: &Rows) -> Result<String, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let header = |header: &String| {
        if rows.verbatim { sanitise::csv(header) } else { header.to_ascii_lowercase().replace(' ', "_") }
    };
    writer.write_record(rows.headers.iter().map(header))?;
    for row in &rows.rows {
        writer.write_record(row.iter().map(|cell| sanitise::csv(cell)))?;
    }
    let bytes = writer.into_inner().map_err(|error| csv::Error::from(std::io::Error::other(error.to_string())))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn markdown(rows: &Rows) -> String {
    let line = |cells: &[String]| {
        let cells: Vec<String> = cells.iter().map(|cell| sanitise::markdown(cell)).collect();
        format!("| {} |\n", cells.join(" | "))
    };
    let rule = format!("|{}\n", " --- |".repeat(rows.headers.len()));
    let body: String = rows.rows.iter().map(|row| line(row)).collect();
    line(&rows.headers) + &rule + &body
}

/// A plain page, for results that have no page of their own.
fn html(rows: &Rows) -> String {
    let cells = |tag: &str, cells: &[String]| -> String {
        let cells = cells.iter().map(|cell| format!("<{tag}>{}</{tag}>", sanitise::html(cell)));
        format!("<tr>{}</tr>\n", cells.collect::<String>())
    };
    let body: String = rows.rows.iter().map(|row| cells("td", row)).collect();
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>aws-baseline</title>\n\
         <style>body{{font:14px system-ui,sans-serif;margin:24px}}td,th{{text-align:left;padding:4px 12px;border-bottom:1px solid #ddd}}</style>\n\
         </head><body><table>\n{}{body}</table></body></html>\n",
        cells("th", &rows.headers)
    )
}

/// `12.3 kB`: a size for people, in powers of ten.
#[must_use]
pub fn bytes(count: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "three digits for people")]
    let count_f = count as f64;
    match count {
        0..1_000 => format!("{count} B"),
        1_000..1_000_000 => format!("{:.1} kB", count_f / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", count_f / 1e6),
        _ => format!("{:.1} GB", count_f / 1e9),
    }
}

/// `1 resource`, `2 resources`.
#[must_use]
pub fn plural(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> Rows {
        let mut rows = Rows::new(&["NAME", "TAG"]);
        rows.push(["=cmd()|x".to_owned(), "a\nb".to_owned()]);
        rows
    }

    #[test]
    fn hostile_names_are_harmless_in_every_form() {
        assert_eq!(csv_text(&rows()).expect("csv"), "name,tag\n'=cmd()|x,a\\u{a}b\n");
        assert_eq!(markdown(&rows()), "| NAME | TAG |\n| --- | --- |\n| =cmd()\\|x | a\\u{a}b |\n");
    }

    #[test]
    fn sizes_are_for_people() {
        assert_eq!([bytes(999), bytes(12_345), bytes(2_500_000)], ["999 B", "12.3 kB", "2.5 MB"]);
    }
}
