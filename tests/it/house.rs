//! The rules of the house: which module may import which, how long a file may be, and that nothing is forgotten.

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a readable folder") {
        let path = entry.expect("a readable entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

fn all_sources() -> Vec<(String, String)> {
    let mut paths = Vec::new();
    sources(&root().join("src"), &mut paths);
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            let name = path.strip_prefix(root()).expect("below the root").to_string_lossy().into_owned();
            (name, fs::read_to_string(&path).expect("a readable file"))
        })
        .collect()
}

/// The part before the unit tests.
fn program(text: &str) -> &str {
    text.split("#[cfg(test)]").next().unwrap_or(text)
}

#[test]
fn imports_follow_the_layers() {
    // Who must not know whom.
    let rules: &[(&str, &[&str])] = &[
        (
            "src/model/",
            &["crate::aws", "crate::catalog", "crate::cli", "crate::engine", "crate::services", "crate::store"],
        ),
        ("src/engine/", &["crate::cli"]),
        ("src/store/", &["crate::cli", "crate::engine", "crate::aws", "crate::services"]),
        ("src/catalog/", &["crate::cli", "crate::engine", "crate::store"]),
        ("src/aws/", &["crate::cli", "crate::engine", "crate::store", "crate::services"]),
        ("src/services/", &["crate::cli", "crate::engine", "crate::store"]),
        ("src/cli/render/", &["crate::aws", "tokio"]),
    ];
    let mut problems = Vec::new();
    for (name, text) in all_sources() {
        for (folder, forbidden) in rules {
            for word in forbidden.iter().filter(|word| name.starts_with(folder) && program(&text).contains(*word)) {
                problems.push(format!("{name} imports {word}"));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn only_the_ui_prints_and_no_file_is_too_long() {
    let mut problems = Vec::new();
    for (name, text) in all_sources() {
        let program = program(&text);
        let lines = program.lines().count();
        if lines > 500 {
            problems.push(format!("{name} has {lines} lines: make it two"));
        }
        for word in ["println!(", "eprintln!(", "print!(", "io::stdout()", "io::stderr()"] {
            if name != "src/cli/ui.rs" && program.contains(word) {
                problems.push(format!("{name} prints with {word}"));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn every_service_file_is_listed() {
    let mut problems = Vec::new();
    for (name, text) in all_sources() {
        let Some(path) = name.strip_prefix("src/services/") else { continue };
        let is_type = text.contains("pub const SPEC: TypeSpec");
        let Some((service, file)) = path.rsplit_once('/') else { continue };
        let module = file.trim_end_matches(".rs");
        let list = fs::read_to_string(root().join(format!("src/services/{service}/mod.rs"))).expect("a mod.rs");
        if is_type && !list.contains(&format!("&{module}::SPEC")) {
            problems.push(format!("{name} is not in TYPES of services/{service}/mod.rs"));
        }
        let services = fs::read_to_string(root().join("src/services/mod.rs")).expect("services/mod.rs");
        if !services.contains(&format!("{service}::TYPES")) {
            problems.push(format!("services/{service} is not in services/mod.rs"));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn every_test_file_is_compiled() {
    let main = fs::read_to_string(root().join("tests/it/main.rs")).expect("main.rs");
    for entry in fs::read_dir(root().join("tests/it")).expect("tests/it") {
        let name = entry.expect("an entry").file_name().to_string_lossy().into_owned();
        let module = name.trim_end_matches(".rs");
        assert!(module == "main" || main.contains(&format!("mod {module};")), "tests/it/{name} is never compiled");
    }
}

/// A list of types that is not today's would be believed all the same.
#[test]
fn the_list_of_types_is_current() {
    let told = fs::read_to_string(root().join("docs/types.md")).expect("a readable file");
    let types = |args: &[&str]| {
        let run = std::process::Command::new(env!("CARGO_BIN_EXE_aws-baseline")).arg("types").args(args).output();
        String::from_utf8(run.expect("it runs").stdout).expect("UTF-8")
    };
    let table = types(&["--format", "markdown"]);
    assert!(table.lines().count() > 78 && told.ends_with(&table), "write the table of docs/types.md again");
    let text = types(&["--format", "table"]);
    let total = text.lines().last().unwrap_or_default();
    assert!(told.contains(total), "docs/types.md does not say: {total}");
}
