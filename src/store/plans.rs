//! Plans on disk: one JSON file each, where the user wants it. It appears whole or not at all, for its owner's eyes only,
//! and is believed only if it matches its own hash.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::error::StoreError;
use super::files::{self, Step};
use crate::catalog::seal;
use crate::model::{PLAN_SCHEMA, Plan};

/// The longest plan file that is read: some 100,000 actions.
const LONGEST: u64 = 1 << 30;

/// Why a plan file was not written or not believed.
#[derive(Debug, thiserror::Error)]
pub enum PlanFileError {
    /// The operating system refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The operating system refused, or what is there is no regular file of a sensible length.
    #[error("cannot read the plan {path}", path = path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// Not JSON, or not of the shape of a plan.
    #[error("{path} does not hold a plan", path = path.display())]
    Shape {
        /// The file.
        path: PathBuf,
        /// What is wrong, with line and column.
        source: serde_json::Error,
    },
    /// A newer program wrote it, or an older one whose plans expired long ago.
    #[error("{path} holds a plan of schema {found}; this program knows schema {known}", path = path.display())]
    Schema {
        /// The file.
        path: PathBuf,
        /// Its schema.
        found: u64,
        /// The schema that this program knows.
        known: u32,
    },
    /// The plan was changed after it was made.
    #[error("the plan in {path} does not match its hash: it was changed after it was made", path = path.display())]
    Tampered {
        /// The file.
        path: PathBuf,
    },
}

/// Writes a plan, over what is there, with mode 0600: it names everything that an account would lose.
pub fn save_plan(path: &Path, plan: &Plan) -> Result<(), PlanFileError> {
    let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    files::regular(path)?;
    let staged = files::stage(dir, |file| {
        serde_json::to_writer_pretty(&mut *file, plan)?;
        file.write_all(b"\n")
    })?;
    files::take(&[staged.place(path), Step::Flush(dir.to_owned())])?;
    Ok(())
}

/// Reads a plan and checks its shape, schema and hash. Whether it may still be executed is another question.
pub fn load_plan(path: &Path) -> Result<Plan, PlanFileError> {
    let failed = |source: io::Error| PlanFileError::Read { path: path.to_owned(), source };
    let length = fs::metadata(path).map_err(failed)?.len();
    if length > LONGEST {
        return Err(failed(io::Error::new(io::ErrorKind::FileTooLarge, format!("it has {length} bytes"))));
    }
    let text = fs::read(path).map_err(failed)?;
    let shape = |source| PlanFileError::Shape { path: path.to_owned(), source };
    // The schema is read first: the shape of another one says nothing.
    let Schema { schema } = serde_json::from_slice(&text).map_err(shape)?;
    if schema != u64::from(PLAN_SCHEMA) {
        return Err(PlanFileError::Schema { path: path.to_owned(), found: schema, known: PLAN_SCHEMA });
    }
    let plan: Plan = serde_json::from_slice(&text).map_err(shape)?;
    if seal::is_sealed(&plan) { Ok(plan) } else { Err(PlanFileError::Tampered { path: path.to_owned() }) }
}

#[derive(serde::Deserialize)]
struct Schema {
    schema: u64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ActionId, plan_example};

    fn saved() -> (tempfile::TempDir, PathBuf, Plan) {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("plan.json");
        let mut plan = plan_example::plan();
        plan.hash = seal::seal(&plan);
        save_plan(&path, &plan).expect("saved");
        (dir, path, plan)
    }

    #[test]
    fn what_is_loaded_is_what_was_saved() {
        let (_dir, path, plan) = saved();
        assert_eq!(load_plan(&path).expect("loaded"), plan);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs::metadata(&path).expect("a file").permissions().mode() & 0o777, 0o600);
        }
        save_plan(&path, &plan).expect("over an older one");
    }

    #[test]
    fn every_hand_edit_is_noticed() {
        let (_dir, path, plan) = saved();
        let text = fs::read_to_string(&path).expect("text");
        let edits = [
            ("\"second\\\"\"", "\"baseline-queue\""),
            ("sqs:DeleteQueue", "sqs:PurgeQueue"),
            ("2026-02-02T10:00:00Z", "2036-02-02T10:00:00Z"),
            ("\"123456789012\"", "\"210987654321\""),
            ("\"data_loss\": true", "\"data_loss\": false"),
            ("\"max_deletes\": 200", "\"max_deletes\": 201"),
            ("reads from it", "reads from us"),
            ("\"1.50\"", "\"1.5\""),
        ];
        for (old, new) in edits {
            let edited = text.replacen(old, new, 1);
            assert_ne!(edited, text, "{old} does not stand in the file");
            fs::write(&path, edited).expect("written");
            assert!(matches!(load_plan(&path), Err(PlanFileError::Tampered { .. })), "{old}");
        }
        // An action that is taken out, or put elsewhere, is a hand edit too.
        for change in [
            (|plan: &mut Plan| drop(plan.actions.pop())) as fn(&mut Plan),
            |plan| plan.actions.reverse(),
            |plan| plan.refused.clear(),
            |plan| plan.actions[0].id = ActionId("a0009".into()),
        ] {
            let mut changed = plan.clone();
            change(&mut changed);
            save_plan(&path, &changed).expect("saved");
            assert!(matches!(load_plan(&path), Err(PlanFileError::Tampered { .. })));
        }
    }

    #[test]
    fn strange_files_are_told_apart() {
        let (dir, path, _) = saved();
        let text = fs::read_to_string(&path).expect("text");
        let load = |text: &str| {
            fs::write(&path, text).expect("written");
            load_plan(&path).expect_err("refused")
        };
        assert!(matches!(load("{"), PlanFileError::Shape { .. }));
        assert!(matches!(load("{\"schema\": 1}"), PlanFileError::Shape { .. }));
        assert!(matches!(load(&text[..text.len() / 2]), PlanFileError::Shape { .. }));
        let extra = text.replacen("\"schema\"", "\"more\": 1, \"schema\"", 1);
        assert!(matches!(load(&extra), PlanFileError::Shape { .. }));
        assert!(matches!(load("{\"schema\": 2, \"x\": []}"), PlanFileError::Schema { found: 2, .. }));
        assert!(matches!(load_plan(&dir.path().join("none")), Err(PlanFileError::Read { .. })));
        assert!(matches!(
            save_plan(dir.path(), &plan_example::plan()),
            Err(PlanFileError::Store(StoreError::NotAFile { .. }))
        ));
    }
}
