//! What needs a look inside: processes that die between two steps, disks that fill up.

use std::fs;
use std::io;

use super::*;
use crate::model::{Caller, Coverage, Filters, Scope, Tool};

fn snapshot(found: usize) -> Snapshot {
    let at = chrono::DateTime::UNIX_EPOCH;
    Snapshot {
        header: Header {
            name: "a".parse().expect("a name"),
            created_at: at,
            completed_at: at,
            account: "123456789012".into(),
            partition: "aws".into(),
            caller: Caller { arn: "arn:aws:iam::123456789012:root".into(), user_id: "123456789012".into() },
            scope: Scope::default(),
            filters: Filters::default(),
            metadata: std::collections::BTreeMap::new(),
            mask_key: "0011223344556677".into(),
            tool: Tool { version: "0.1.0".into(), normaliser: "b3v1".into() },
            found,
        },
        coverage: Coverage::default(),
        resources: Vec::new(),
    }
}

fn create(store: &Store, snapshot: &Snapshot, form: Form) {
    let store = store.clone().with_large(if form == Form::Lines { 0 } else { LARGE });
    let options = CreateOptions { compress: form == Form::PackedYaml, force: true, set_active: false };
    let stored = store.create(snapshot, options).expect("stored");
    assert!(stored.path.to_string_lossy().ends_with(form.suffix()), "{}", stored.path.display());
}

/// A writer that dies after `steps` of its steps while it replaces snapshot 1 by snapshot 2.
fn replace_and_die(store: &Store, form: Form, steps: usize) -> usize {
    let next = snapshot(2);
    let staged = store.stage(&next, &digest(&next), form).expect("staged");
    let all = store.replacement(&staged, &next.header.name, form);
    files::take(&all[..steps.min(all.len())]).expect("taken");
    // A killed process cleans nothing up.
    std::mem::forget(staged);
    all.len()
}

#[test]
fn a_death_between_any_two_steps_leaves_the_old_or_the_new() {
    for (old, new) in Form::ALL.into_iter().flat_map(|old| Form::ALL.map(|new| (old, new))) {
        let mut seen = Vec::new();
        let mut steps = 0;
        loop {
            let dir = tempfile::tempdir().expect("a directory");
            let store = Store::open(dir.path());
            let name = snapshot(1).header.name;
            create(&store, &snapshot(1), old);
            let all = replace_and_die(&store, new, steps);

            let found = store.load(&name).expect("old or new").header.found;
            let list = store.list().expect("a list");
            assert_eq!(list.len(), 1, "one name is one snapshot");
            assert_eq!(list[0].summary.as_ref().expect("sound").header.found, found);
            seen.push(found);

            // The next writer gets through, whatever it does.
            if steps % 2 == 0 {
                create(&store, &snapshot(3), Form::ALL[steps / 2 % 3]);
                assert_eq!(store.load(&name).expect("new").header.found, 3);
            } else {
                store.delete(&name).expect("deleted");
                assert!(store.names().expect("names").is_empty(), "nothing comes back");
            }
            if steps == all {
                break;
            }
            steps += 1;
        }
        assert_eq!((seen.first(), seen.last()), (Some(&1), Some(&2)), "{old:?} {new:?}");
        assert!(seen.is_sorted(), "never back from new to old: {seen:?}");
    }
}

#[test]
fn a_death_within_a_deletion_never_brings_an_older_content_back() {
    let dir = tempfile::tempdir().expect("a directory");
    let store = Store::open(dir.path());
    create(&store, &snapshot(1), Form::Yaml);
    // All forms: the `.yaml` of 1 counts.
    replace_and_die(&store, Form::PackedYaml, 2);
    replace_and_die(&store, Form::Lines, 2);
    let name = snapshot(1).header.name;
    for form in [Form::Lines, Form::PackedYaml] {
        files::take(&[Step::Remove(store.path(&name, form))]).expect("a step of a deletion");
        assert_eq!(store.load(&name).expect("still there").header.found, 1);
    }
}

#[test]
fn leftovers_of_a_death_never_come_back_with_the_next_replacement() {
    for form in Form::ALL {
        let steps = 6;
        for dies_after in 0..=steps {
            let dir = tempfile::tempdir().expect("a directory");
            let store = Store::open(dir.path());
            create(&store, &snapshot(1), Form::Yaml);
            // Older contents in both other forms.
            for old in [Form::PackedYaml, Form::Lines] {
                let stale = store.stage(&snapshot(0), &digest(&snapshot(0)), old).expect("staged");
                files::take(&[stale.place(&store.path(&snapshot(0).header.name, old))]).expect("placed");
                std::mem::forget(stale);
            }
            replace_and_die(&store, form, dies_after);
            let found = store.load(&snapshot(1).header.name).expect("old or new").header.found;
            assert_ne!(found, 0, "{form:?} {dies_after}");
        }
    }
}

#[test]
fn a_full_disk_leaves_nothing_behind() {
    let dir = tempfile::tempdir().expect("a directory");
    let failed = files::stage(dir.path(), |file| {
        file.write_all(b"half of it")?;
        Err(io::ErrorKind::StorageFull.into())
    });
    assert!(matches!(failed, Err(StoreError::Io { source, .. }) if source.kind() == io::ErrorKind::StorageFull));
    assert_eq!(fs::read_dir(dir.path()).expect("a directory").count(), 0);
}

#[test]
fn a_writer_that_fails_below_the_yaml_keeps_the_kind() {
    struct Full;
    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let error = format::write(Full, &snapshot(1), "").expect_err("full");
    assert_eq!(error.kind(), io::ErrorKind::StorageFull, "{error}");
}

#[test]
fn the_log_says_when_which_snapshot_was_active() {
    let dir = tempfile::tempdir().expect("a directory");
    let store = Store::open(dir.path());
    let named = |name: &str, taken: &str| {
        let mut snapshot = snapshot(1);
        snapshot.header.name = name.parse().expect("a name");
        snapshot.header.created_at = taken.parse().expect("a time");
        snapshot.header.completed_at = snapshot.header.created_at;
        snapshot
    };
    let told = || -> Vec<String> {
        let entries = store.activations().expect("entries");
        entries.iter().map(|(at, name)| format!("{} {name}", at.format("%m-%d"))).collect()
    };
    assert!(told().is_empty());
    let active = CreateOptions { set_active: true, ..CreateOptions::default() };
    store.create(&named("a", "2026-10-01T08:00:00Z"), active).expect("stored");
    store.create(&named("b", "2026-10-05T08:00:00Z"), CreateOptions::default()).expect("stored");
    let (a, b) = ("a".parse().expect("a name"), "b".parse().expect("a name"));
    store.set_active_at(&b, "2026-10-10T08:00:00Z".parse().expect("a time")).expect("set");
    assert_eq!(told(), ["10-01 a", "10-10 b"]);

    // A pointer that was moved by other means counts after what the log knows; a line that is none does no harm.
    store.set_active(&a).expect("set");
    assert_eq!(told(), ["10-01 a", "10-10 b", "10-10 a"]);
    fs::write(dir.path().join("active.log"), "half a li\n2026-10-02T00:00:00Z a\n2026-10-0").expect("written");
    store.set_active_at(&b, "2026-10-20T08:00:00Z".parse().expect("a time")).expect("set");
    assert_eq!(told(), ["10-02 a", "10-20 b"]);

    // A store from before there was a log.
    fs::remove_file(dir.path().join("active.log")).expect("removed");
    assert_eq!(told(), ["10-05 b"]);
}
