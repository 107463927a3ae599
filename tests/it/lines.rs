//! The form of large snapshots: the same content and digest as YAML, every damage found, and compared as it passes by.

use std::collections::BTreeMap;
use std::error::Error as _;
use std::fs;
use std::path::Path;

use aws_baseline::catalog::canon;
use aws_baseline::engine::diff::{self, Incomparable};
use aws_baseline::engine::stream::{self, StreamError};
use aws_baseline::model::{Coverage, Delta, Filters, Outcome, Resource, Snapshot};
use aws_baseline::store::{self, CreateOptions, Damage, Form, Store, StoreError};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::store::{FORCE, PACKED, PLAIN, Scene, name, named, nasty, resource, sample, value};

const FILE: &str = "snapshot-v1.jsonl.zst";

/// The same store, which takes every snapshot for a large one.
fn large(scene: &Scene) -> Store {
    scene.store.clone().with_large(0)
}

fn stored() -> (Scene, String) {
    let scene = Scene::empty();
    let stored = large(&scene).create(&sample(), PLAIN).expect("stored");
    assert_eq!(stored.path, scene.path(FILE));
    let text = unpack(&fs::read(&stored.path).expect("bytes"));
    (scene, text)
}

fn unpack(bytes: &[u8]) -> String {
    String::from_utf8(zstd::decode_all(bytes).expect("unpacked")).expect("text")
}

fn pack(text: impl AsRef<[u8]>) -> Vec<u8> {
    zstd::encode_all(text.as_ref(), 1).expect("packed")
}

/// The file of a snapshot that [`Store::create`] would refuse to write, with a digest that fits.
fn forged(snapshot: &Snapshot) -> String {
    let unreadable = snapshot.resources.iter().filter(|resource| !resource.unreadable.is_empty()).count();
    let mut lines = vec![
        json!({"schema": 1, "header": snapshot.header, "coverage": snapshot.coverage,
        "resources": snapshot.resources.len(), "unreadable": unreadable})
        .to_string(),
    ];
    lines.extend(snapshot.resources.iter().map(|resource| serde_json::to_string(resource).expect("JSON")));
    lines.push(json!({"digest": store::digest(snapshot)}).to_string());
    lines.join("\n") + "\n"
}

fn load_packed(scene: &Scene, content: &[u8]) -> Result<Snapshot, StoreError> {
    scene.put(FILE, content);
    let loaded = scene.store.load(&name("snapshot-v1"));
    // Whoever does not keep the resources must come to the same judgement.
    match (&loaded, scene.store.verify(&name("snapshot-v1"))) {
        (Ok(snapshot), Ok(summary)) => assert_eq!(summary.resources, snapshot.resources.len()),
        (Err(loading), Err(verifying)) => assert_eq!(loading.to_string(), verifying.to_string()),
        (loading, verifying) => panic!("{loading:?} but {verifying:?}"),
    }
    let passed = scene.store.stream(&name("snapshot-v1")).and_then(|stream| {
        stream.map(|passing| passing.map(store::Passing::into_resource)).collect::<Result<Vec<_>, _>>()
    });
    match (&loaded, passed) {
        (Ok(snapshot), Ok(resources)) => assert_eq!(resources, snapshot.resources),
        (Err(loading), Err(passing)) => assert_eq!(loading.to_string(), passing.to_string()),
        (loading, passing) => panic!("{loading:?} but {passing:?}"),
    }
    loaded
}

fn damage_packed(scene: &Scene, content: &[u8]) -> Damage {
    match load_packed(scene, content) {
        Err(StoreError::Corrupt { source, .. }) => *source,
        other => panic!("not called corrupt: {other:?}"),
    }
}

fn damage(scene: &Scene, text: impl AsRef<[u8]>) -> Damage {
    damage_packed(scene, &pack(text))
}

#[test]
fn large_snapshots_become_lines_with_the_same_content_and_digest() {
    let plain = Scene::empty();
    let expected = plain.store.create(&sample(), PLAIN).expect("stored").digest;
    for (limit, compress, file) in [
        (8, false, FILE),
        (8, true, FILE),
        (9, false, "snapshot-v1.yaml"),
        (9, true, "snapshot-v1.yaml.zst"),
        (store::LARGE, false, "snapshot-v1.yaml"),
    ] {
        let scene = Scene::empty();
        let store = scene.store.clone().with_large(limit);
        let stored = store.create(&sample(), CreateOptions { compress, set_active: true, ..PLAIN }).expect("stored");
        assert_eq!((&stored.path, &stored.digest), (&scene.path(file), &expected));
        assert_eq!(stored.bytes, fs::metadata(&stored.path).expect("a file").len());
        assert_eq!(scene.store.load_active().expect("loaded"), sample());
        let summary = scene.store.verify(&name("snapshot-v1")).expect("sound");
        assert_eq!((summary.resources, summary.gaps, summary.unreadable), (8, 4, 1));
        assert_eq!(summary.digest, expected);
        assert_eq!(scene.store.glance(&name("snapshot-v1")).expect("readable"), summary);
        let list = scene.store.list().expect("a list");
        assert_eq!(
            (list.len(), list[0].compressed, list[0].active),
            (1, !Path::new(file).ends_with("snapshot-v1.yaml"), true)
        );
        #[cfg(unix)]
        {
            let mode =
                std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&stored.path).expect("a file").permissions());
            assert_eq!(mode & 0o777, 0o600);
        }
    }
}

#[test]
fn the_golden_file_of_lines_loads_for_ever() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/snapshot-v1.jsonl.zst");
    let scene = Scene::empty();
    assert_eq!(load_packed(&scene, &fs::read(golden).expect("the golden file")).expect("loaded"), sample());
    // The digest of the golden file of YAML.
    insta::assert_snapshot!(scene.store.verify(&name("snapshot-v1")).expect("sound").digest, @"b3d1:31d27f1d879f6bc32131b2e05c1d12ca51167a2350642270404f108d445e1c0b");
}

#[test]
fn the_lines_are_what_the_documentation_says() {
    let page =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/snapshot-format.md")).expect("a page");
    assert!(store::LARGE == 10_000 && page.contains("of 10,000 resources or\nmore is stored as `NAME.jsonl.zst`"));
    let (_scene, text) = stored();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(lines.len(), 10);
    let keys = |value: &Value| value.as_object().expect("an object").keys().cloned().collect::<Vec<_>>();
    assert!(text.starts_with("{\"schema\":1,\"header\":{"));
    assert_eq!(keys(&lines[0]), ["coverage", "header", "resources", "schema", "unreadable"]);
    assert_eq!((&lines[0]["resources"], &lines[0]["unreadable"]), (&json!(8), &json!(1)));
    for (line, resource) in lines[1..9].iter().zip(sample().resources) {
        assert_eq!(*line, serde_json::to_value(resource).expect("JSON"));
    }
    assert_eq!(lines[9], json!({"digest": store::digest(&sample())}));
}

#[test]
fn each_damage_has_its_own_name() {
    let (scene, text) = stored();
    let damage = |text: &str| damage(&scene, text);
    assert!(matches!(damage_packed(&scene, b""), Damage::Empty));
    assert!(matches!(damage_packed(&scene, &[0; 512]), Damage::Empty));
    assert!(matches!(damage_packed(&scene, b"not zstd at all"), Damage::Zstd(_)));
    assert!(matches!(damage(""), Damage::Empty));
    assert!(matches!(damage("\n"), Damage::Empty));
    assert!(matches!(damage("hello\n"), Damage::Foreign));
    assert!(matches!(damage("[1, 2]\n"), Damage::Foreign));
    assert!(matches!(damage("{\"Resources\":{}}\n"), Damage::Foreign));
    assert!(matches!(damage(&text.replace("{\"schema\":1,", "{\"schema\":0,")), Damage::Foreign));
    assert!(matches!(damage(&text.replace("{\"schema\":1,", "{\"schema\":-1,")), Damage::Foreign));

    let at = text.find("façade").expect("a word") + 2;
    let mut bytes = text.clone().into_bytes();
    bytes[at] = 0xff;
    let broken = damage_packed(&scene, &pack(&bytes));
    assert!(matches!(broken, Damage::NotText { at: found } if found == at), "{broken:?}");

    let shape = |text: &str| match damage(text) {
        Damage::Shape(error) => error,
        other => panic!("{other:?}"),
    };
    let error = shape(&text.replace("\"found\":11", "\"found\":\"eleven\""));
    assert_eq!(error.at.map(|(line, _)| line), Some(1));
    assert!(
        error.to_string().starts_with("invalid type: string \"eleven\", expected usize at line 1 column "),
        "{error}"
    );
    let error = shape(&text.replace("\"undetermined\":true", "\"undetermined\":1"));
    assert_eq!(error.at.map(|(line, _)| line), Some(8));
    assert!(error.to_string().contains("expected a boolean at line 8 column "), "{error}");
    shape(&text.replace("\n{\"type\":\"AWS::IAM::Role\"", "\n[]\n{\"type\":\"AWS::IAM::Role\""));
    shape(&text.replace("{\"type\":\"AWS::IAM::Role\"", "{\"novelty\":1,\"type\":\"AWS::IAM::Role\""));
    shape(&text.replace("\"unreadable\":1}", "\"unreadable\":1,\"novelty\":1}"));
    let error = shape(&text.replace("\"Team\":\"payments\"", "\"Team\":\"payments\",\"Team\":\"other\""));
    assert!(error.to_string().starts_with("the field `Team` stands twice at line 7"), "{error}");
    let error = shape(&(text.clone() + "{}\n"));
    assert_eq!(error.to_string(), "something stands after the digest at line 11");
    shape(&text.replace("{\"digest\":", "{\"digest\":{},\"digest\":"));

    for (old, new) in [
        ("\"FromPort\":443", "\"FromPort\":444"),
        ("default VPC", "my VPC"),
        ("kms:ListKeys", "kms:ListKey"),
        ("AccessDenied: s3", "AccessDenied: s4"),
        ("2026-11-21T04:00:00Z", "2026-11-21T04:00:01Z"),
        ("b3v1:", "b3v0:"),
    ] {
        assert!(text.contains(old), "{old}");
        let found = damage(&text.replacen(old, new, 1));
        assert!(matches!(found, Damage::Digest { .. }), "{old}: {found:?}");
        assert!(found.source().is_none());
    }
    let without: String = text.split_inclusive('\n').filter(|line| !line.contains("AWS::EC2::VPC\",\"id\"")).collect();
    assert!(matches!(damage(&without), Damage::Count { what: "resources", stored: 8, found: 7 }));
    let more = text.replace("\"unreadable\":1}", "\"unreadable\":2}");
    assert!(matches!(damage(&more), Damage::Count { what, stored: 2, found: 1 } if what.contains("unreadable")));
}

#[test]
fn a_file_that_is_cut_off_anywhere_is_refused() {
    let (scene, text) = stored();
    let whole = fs::read(scene.path(FILE)).expect("bytes");
    for len in 0..whole.len() {
        let found = damage_packed(&scene, &whole[..len]);
        assert!(
            matches!(found, Damage::Truncated(_)) || len == 0 && matches!(found, Damage::Empty),
            "{len}: {found:?}"
        );
        assert!(scene.store.list().expect("a list")[0].summary.is_err(), "{len}");
    }
    // Cut off before it was packed.
    let last = text.trim_end().len();
    for len in (0..text.len()).filter(|len| text.is_char_boundary(*len)).step_by(7).chain([last - 1, last]) {
        match load_packed(&scene, &pack(&text[..len])) {
            // Only the last line end is missing.
            Ok(_) => assert_eq!(len, last),
            Err(StoreError::Corrupt { source, .. }) => assert!(
                matches!(*source, Damage::Truncated(_))
                    || len < 12 && matches!(*source, Damage::Empty | Damage::Foreign),
                "{len}: {source:?}"
            ),
            Err(other) => panic!("{len}: {other:?}"),
        }
    }
}

#[test]
fn a_digest_that_fits_does_not_hide_a_contradiction() {
    let scene = Scene::empty();
    let damage = |change: &dyn Fn(&mut Snapshot)| {
        let mut snapshot = sample();
        change(&mut snapshot);
        damage(&scene, forged(&snapshot))
    };
    assert_eq!(load_packed(&scene, &pack(forged(&sample()))).expect("sound"), sample());
    assert!(matches!(damage(&|it| it.header.name = name("other")), Damage::OtherName { .. }));
    assert!(matches!(damage(&|it| it.header.account = "12345678901".into()), Damage::Account(_)));
    assert!(matches!(damage(&|it| it.resources.swap(0, 1)), Damage::Unsorted(_)));
    assert!(matches!(damage(&|it| it.resources[1] = it.resources[0].clone()), Damage::Twice(_)));
    assert!(
        matches!(damage(&|it| it.resources[0].hash = it.resources[1].hash.clone()), Damage::Hash { key, .. } if key.contains("sg-0a1b"))
    );
    let nested = (0..102).fold(json!("core"), |inner, _| json!([inner]));
    let deep = resource("AWS::ZZ::Deep", "eu-west-1", "deep", json!({"A": nested}));
    assert!(matches!(damage(&|it| it.resources.push(deep.clone())), Damage::TooDeep(_)));
}

#[test]
fn hashes_of_another_normaliser_are_renewed_in_memory() {
    let scene = Scene::empty();
    let mut old = sample();
    for resource in &mut old.resources {
        resource.hash = format!("b3v0:{}", "0".repeat(64));
    }
    assert_eq!(load_packed(&scene, &pack(forged(&old))).expect("loaded").resources, sample().resources);
}

#[test]
fn a_newer_format_is_neither_read_nor_replaced() {
    let head = "{\"schema\":2,\"header\":{\"tool\":{\"version\":\"9.8.7\"},\"novelty\":1},\"coverage\":7}\n";
    for text in [head, "{\"schema\":3,%%\n", "{\"schema\":2}"] {
        let scene = Scene::empty();
        scene.put("a.jsonl.zst", pack(text));
        let before = fs::read(scene.path("a.jsonl.zst")).expect("bytes");
        for error in [
            scene.store.load(&name("a")).expect_err("refused"),
            scene.store.stream(&name("a")).err().expect("refused"),
            scene.store.prepare(&name("a"), true).expect_err("refused"),
            scene.store.create(&named("a"), FORCE).expect_err("refused"),
            large(&scene).create(&named("a"), FORCE).expect_err("refused"),
        ] {
            assert!(matches!(error, StoreError::NewerFormat { .. }), "{error:?}");
        }
        let list = scene.store.list().expect("a list");
        assert!(matches!(list[0].summary, Err(StoreError::NewerFormat { .. })), "{:?}", list[0].summary);
        assert_eq!(fs::read(scene.path("a.jsonl.zst")).expect("still there"), before);
        scene.store.delete(&name("a")).expect("deleted on request");
        assert_eq!(scene.files(), [".lock"]);
    }
    let scene = Scene::empty();
    scene.put("a.jsonl.zst", pack(head));
    let error = scene.store.load(&name("a")).expect_err("refused").to_string();
    assert!(
        error.ends_with("a.jsonl.zst has format 2, written by aws-baseline 9.8.7; this program knows formats up to 1"),
        "{error}"
    );
}

#[test]
fn a_name_exists_in_one_form_only() {
    let scene = Scene::empty();
    let mut next = named("a");
    scene.store.create(&next, PLAIN).expect("stored");
    for options in [PLAIN, PACKED] {
        assert!(matches!(large(&scene).create(&next, options), Err(StoreError::NameTaken { .. })));
    }
    let steps = [Form::Lines, Form::Yaml, Form::PackedYaml, Form::Lines, Form::PackedYaml, Form::Yaml, Form::Lines];
    for form in steps.into_iter().chain([Form::Lines]) {
        next.header.found += 1;
        let store = if form == Form::Lines { large(&scene) } else { scene.store.clone() };
        store.create(&next, CreateOptions { compress: form == Form::PackedYaml, ..FORCE }).expect("replaced");
        assert_eq!(scene.files(), [".gitignore".to_owned(), ".lock".into(), format!("a{}", form.suffix())]);
        assert_eq!(scene.store.load(&name("a")).expect("loaded"), next);
    }
    assert!(matches!(scene.store.create(&next, PLAIN), Err(StoreError::NameTaken { .. })));
    scene.store.set_active(&name("a")).expect("set");
    assert!(matches!(scene.store.delete(&name("a")), Err(StoreError::IsActive { .. })));
    // What is damaged may be replaced.
    scene.put("a.jsonl.zst", "broken");
    assert!(matches!(scene.store.set_active(&name("a")), Err(StoreError::Corrupt { .. })));
    scene.store.create(&next, FORCE).expect("replaced");
    assert_eq!(scene.files(), [".gitignore", ".lock", "a.yaml", "active"]);
}

/// Two snapshots of one account that have much, and not all, in common.
fn pair() -> impl Strategy<Value = (Snapshot, Snapshot)> {
    let side = || (proptest::collection::vec(one(), 0..24), proptest::collection::vec(outcome(), 4), filters(), 0..8u8);
    (side(), side()).prop_map(|(a, b)| (assembled("a", a), assembled("b", b)))
}

const TYPES: [&str; 2] = ["AWS::S3::Bucket", "AWS::SQS::Queue"];
const REGIONS: [&str; 2] = ["eu-west-1", "us-east-1"];

fn one() -> impl Strategy<Value = Resource> {
    let place = (0..2usize, 0..2usize, 0..6u8);
    let what = (0..3u8, proptest::option::weighted(0.3, 0..2i64), proptest::bool::weighted(0.1), 0..3u8);
    (place, what).prop_map(|((type_name, region, id), (kind, born, blind, tag))| {
        let properties = match kind {
            0 => json!({"Size": 1, "Share": 33.333_333_333_333_336}),
            1 => json!({"Size": 2, "Secret": {"$masked": "b3k1:00"}}),
            _ => json!({"Size": 1, "List": ["a", {"Key": "k", "Value": "\"é\u{1}"}]}),
        };
        let mut one = resource(TYPES[type_name], REGIONS[region], &format!("id\n{id}"), properties);
        one.created_at = born.and_then(|at| chrono::DateTime::from_timestamp(at * 86_400, 0));
        if blind {
            one.unreadable.insert("Size".into(), "AccessDenied".into());
        }
        if tag > 0 {
            one.tags.insert("Team".into(), tag.to_string());
        }
        one.undetermined = tag == 2 && born.is_none();
        one.hash = canon::rehash(&one);
        one
    })
}

fn outcome() -> impl Strategy<Value = Option<Outcome>> {
    prop_oneof![
        6 => Just(Some(Outcome::Complete { count: 1 })),
        1 => Just(Some(Outcome::Denied { action: "s3:ListBuckets".into() })),
        1 => Just(Some(Outcome::NotOffered)),
        1 => Just(None),
    ]
}

fn filters() -> impl Strategy<Value = (bool, bool)> {
    (proptest::bool::weighted(0.2), proptest::bool::weighted(0.2))
}

type Side = (Vec<Resource>, Vec<Option<Outcome>>, (bool, bool), u8);

fn assembled(called: &str, (resources, outcomes, (by_date, by_tag), mask): Side) -> Snapshot {
    let mut snapshot = named(called);
    let by_key: BTreeMap<_, _> =
        resources.into_iter().map(|it| ((it.type_name.clone(), it.region.clone(), it.id.clone()), it)).collect();
    snapshot.resources = by_key.into_values().collect();
    snapshot.coverage = Coverage::default();
    for (at, outcome) in outcomes.into_iter().enumerate() {
        if let Some(outcome) = outcome {
            snapshot.coverage.set(TYPES[at / 2], REGIONS[at % 2], outcome);
        }
    }
    snapshot.header.filters.created_from = by_date.then_some(chrono::DateTime::UNIX_EPOCH);
    snapshot.header.filters.tags = BTreeMap::new();
    if by_tag {
        snapshot.header.filters.tags.insert("Team".into(), "1".into());
    }
    if mask == 0 {
        snapshot.header.mask_key = "another".into();
    }
    snapshot
}

fn streamed(store: &Store, before: &str, after: &str) -> Result<Delta, StreamError> {
    stream::diff(store.stream(&name(before))?, store.stream(&name(after))?)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_survives_with_the_same_digest(id in nasty(), key in nasty(), tag in nasty(), first in value(), second in value()) {
        let mut snapshot = sample();
        let mut odd = resource("AWS::ZZ::Odd", "eu-west-1", &id, json!({key.as_str(): first, "Z": 1, "Y": [0.1]}));
        odd.observed.insert(tag.clone(), second);
        odd.tags.insert(key.clone(), tag.clone());
        odd.name = Some(tag.clone());
        odd.hash = canon::rehash(&odd);
        snapshot.resources.push(odd);
        snapshot.header.metadata.insert(key, tag);
        let scene = Scene::empty();
        let stored = large(&scene).create(&snapshot, PLAIN).expect("stored");
        prop_assert_eq!(&stored.digest, &store::digest(&snapshot));
        prop_assert_eq!(&scene.store.load(&name("snapshot-v1")).expect("loaded"), &snapshot);
        let summary = scene.store.glance(&name("snapshot-v1")).expect("readable");
        prop_assert_eq!(&summary, &scene.store.verify(&name("snapshot-v1")).expect("sound"));
        prop_assert_eq!(&summary.digest, &stored.digest);
        // Back to YAML and its digest.
        prop_assert_eq!(scene.store.create(&snapshot, FORCE).expect("stored").digest, stored.digest);
        prop_assert_eq!(scene.store.load(&name("snapshot-v1")).expect("loaded"), snapshot);
    }

    #[test]
    fn a_changed_byte_is_never_read_as_something_else(packed in any::<bool>(), flips in proptest::collection::vec((any::<prop::sample::Index>(), 1u8..), 1..4)) {
        let (scene, text) = stored();
        let mut bytes = if packed { fs::read(scene.path(FILE)).expect("bytes") } else { text.into_bytes() };
        for (place, flip) in flips {
            let place = place.index(bytes.len());
            bytes[place] ^= flip;
        }
        match load_packed(&scene, &if packed { bytes } else { pack(bytes) }) {
            Ok(snapshot) => prop_assert_eq!(snapshot, sample()),
            Err(error) => prop_assert!(matches!(error, StoreError::Corrupt { .. } | StoreError::NewerFormat { .. }), "{:?}", error),
        }
    }

    #[test]
    fn what_passes_by_differs_as_what_is_in_memory((before, after) in pair(), forms in (any::<bool>(), any::<bool>())) {
        let scene = Scene::empty();
        for (snapshot, lines) in [(&before, forms.0), (&after, forms.1)] {
            let store = if lines { large(&scene) } else { scene.store.clone() };
            store.create(snapshot, PLAIN).expect("stored");
        }
        let delta = streamed(&scene.store, "a", "b").expect("comparable");
        prop_assert_eq!(delta, diff::diff(&before, &after).expect("comparable"));
    }
}

#[test]
fn nothing_is_said_about_a_snapshot_whose_end_does_not_hold() {
    let scene = Scene::empty();
    large(&scene).create(&named("a"), PLAIN).expect("stored");
    let mut other = named("b");
    other.header.account = "999999999999".into();
    large(&scene).create(&other, PLAIN).expect("stored");
    let error = streamed(&scene.store, "a", "b").expect_err("two accounts");
    assert!(matches!(error, StreamError::Incomparable(Incomparable::Account(..))), "{error:?}");

    let bytes = fs::read(scene.path("b.jsonl.zst")).expect("bytes");
    scene.put("b.jsonl.zst", pack(unpack(&bytes).replace("default VPC", "my VPC")));
    for (before, after) in [("a", "b"), ("b", "a")] {
        let error = streamed(&scene.store, before, after).expect_err("damaged");
        assert!(
            matches!(&error, StreamError::Store(StoreError::Corrupt { source, .. }) if matches!(**source, Damage::Digest { .. })),
            "{error:?}"
        );
    }
    let missing = streamed(&scene.store, "a", "c").expect_err("no such snapshot");
    assert!(matches!(missing, StreamError::Store(StoreError::NotFound { .. })), "{missing:?}");
}

#[test]
fn many_resources_pass_by_in_pieces() {
    let scene = Scene::empty();
    let snapshot = |called: &str, skip: usize| {
        let mut snapshot = named(called);
        snapshot.header.filters = Filters::default();
        let queue = |at| resource("AWS::SQS::Queue", "eu-west-1", &format!("{at:05}"), json!({"DelaySeconds": at % 7}));
        snapshot.resources = (0..2_000).filter(|at| at % 10 != skip).map(queue).collect();
        snapshot
    };
    for (called, skip) in [("a", 3), ("b", 4)] {
        large(&scene).create(&snapshot(called, skip), PLAIN).expect("stored");
    }
    let delta = streamed(&scene.store, "a", "b").expect("comparable");
    assert_eq!((delta.unchanged, delta.added.len(), delta.deleted.len()), (1_600, 200, 200));
    assert!(delta.added.iter().chain(&delta.deleted).all(|resource| canon::rehash(resource) == resource.hash));
    // A reader that nobody listens to any more ends by itself.
    let mut stream = scene.store.stream(&name("a")).expect("readable");
    assert!(stream.next().is_some_and(|first| first.is_ok()));
    drop(stream);
}
