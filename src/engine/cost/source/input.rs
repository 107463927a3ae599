//! From what was typed to bytes: files, patterns, directories, stdin; plain, gzip or zstd.

use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use globset::GlobBuilder;

use super::super::error::CostError;

/// Ends of file names that a directory or pattern is searched for.
const ENDINGS: &[&str] = &[".csv", ".csv.gz", ".csv.zst", ".csv.zstd", ".parquet"];
/// How deep directories are searched: `year=2026/month=10/…`.
const DEPTH: usize = 12;

/// One input.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Input {
    /// A file.
    File(PathBuf),
    /// Standard input.
    Stdin,
}

impl Input {
    /// What it is called in messages and reports.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Input::File(path) => path.display().to_string(),
            Input::Stdin => "-".to_owned(),
        }
    }
}

/// An opened input.
pub enum Opened {
    /// Text, unpacked while it is read.
    Text(Box<dyn Read>),
    /// A Parquet file: that format starts at its end, so it needs a file.
    Parquet(File),
}

/// Finds the inputs: a file, a pattern (`cur/**/*.parquet`), a directory, or `-`. Each file once, sorted.
///
/// A file that two arguments name would count twice otherwise.
pub fn find(sources: &[String]) -> Result<Vec<Input>, CostError> {
    let mut found = Vec::new();
    for source in sources {
        if source == "-" {
            found.push(Input::Stdin);
            continue;
        }
        let path = Path::new(source);
        let mut files = Vec::new();
        if path.is_dir() {
            walk(path, DEPTH, &mut |file| {
                if is_data(file) {
                    files.push(file.to_owned());
                }
            })?;
        } else if path.exists() || !source.contains(['*', '?', '[', '{']) {
            files.push(path.to_owned());
        } else {
            files = matching(source)?;
        }
        if files.is_empty() {
            return Err(CostError::NoFiles(source.clone()));
        }
        found.extend(files.into_iter().map(Input::File));
    }
    found.sort();
    let mut seen = std::collections::BTreeSet::new();
    found.retain(|input| match input {
        Input::Stdin => seen.insert(PathBuf::from("-")),
        Input::File(path) => seen.insert(path.canonicalize().unwrap_or_else(|_| path.clone())),
    });
    Ok(found)
}

fn is_data(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    !name.starts_with(['.', '_']) && ENDINGS.iter().any(|ending| name.ends_with(ending))
}

fn matching(pattern: &str) -> Result<Vec<PathBuf>, CostError> {
    let glob = GlobBuilder::new(pattern)
        .literal_separator(true)
        .build()
        .map_err(|_| CostError::BadPattern(pattern.to_owned()))?
        .compile_matcher();
    // Only what stands before the first wildcard is a directory for sure.
    let fixed = pattern.split(['*', '?', '[', '{']).next().unwrap_or_default();
    let root = fixed.rsplit_once('/').map_or("", |(root, _)| root);
    let root = match (root, fixed.starts_with('/')) {
        ("", true) => Path::new("/"),
        ("", false) => Path::new("."),
        (root, _) => Path::new(root),
    };
    let mut files = Vec::new();
    if root.is_dir() {
        walk(root, DEPTH, &mut |file| {
            let file = file.strip_prefix("./").unwrap_or(file);
            // As in a shell, what is hidden is not meant.
            let hidden = file.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
            if !hidden && glob.is_match(file) {
                files.push(file.to_owned());
            }
        })?;
    }
    Ok(files)
}

fn walk(folder: &Path, depth: usize, visit: &mut dyn FnMut(&Path)) -> Result<(), CostError> {
    let failed = |source| CostError::Read { name: folder.display().to_string(), line: 0, source };
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.is_dir() {
            // A link back up would go round for ever.
            if depth > 0 && !path.is_symlink() {
                walk(&path, depth - 1, visit)?;
            }
        } else {
            visit(&path);
        }
    }
    Ok(())
}

/// Opens an input; the first bytes tell how it is packed, whatever its name says.
pub fn open(input: &Input) -> Result<Opened, CostError> {
    let name = input.name();
    let failed = |source| CostError::Read { name: name.clone(), line: 0, source };
    let mut reader: Box<dyn Read> = match input {
        Input::File(path) => Box::new(File::open(path).map_err(failed)?),
        Input::Stdin => Box::new(io::stdin().lock()),
    };
    let mut head = Vec::with_capacity(8);
    reader.by_ref().take(8).read_to_end(&mut head).map_err(failed)?;
    let refuse = |what: &str| Err(CostError::NotCostData { name: name.clone(), what: what.to_owned() });
    match head.as_slice() {
        [] => refuse("it is empty"),
        [b'P', b'A', b'R', b'1', ..] => {
            let mut file = match input {
                Input::File(path) => File::open(path).map_err(failed)?,
                Input::Stdin => {
                    let mut copy = tempfile::tempfile().map_err(failed)?;
                    io::copy(&mut Cursor::new(head).chain(reader), &mut copy).map_err(failed)?;
                    copy
                }
            };
            file.seek(SeekFrom::Start(0)).map_err(failed)?;
            Ok(Opened::Parquet(file))
        }
        [b'P', b'K', 3 | 5, ..] => refuse("it is a zip archive; unpack it first"),
        [0x1f, 0x8b, ..] => {
            let packed = Cursor::new(head).chain(reader);
            Ok(Opened::Text(Box::new(flate2::read::MultiGzDecoder::new(packed))))
        }
        [0x28, 0xb5, 0x2f, 0xfd, ..] => {
            let packed = Cursor::new(head).chain(reader);
            Ok(Opened::Text(Box::new(zstd::Decoder::new(packed).map_err(failed)?)))
        }
        [b'{' | b'[', ..] => refuse("it is JSON; FOCUS and CUR come as CSV or Parquet"),
        [b'%', b'P', b'D', b'F', ..] => refuse("it is a PDF; the invoice has no line items"),
        _ => Ok(Opened::Text(Box::new(Cursor::new(head).chain(reader)))),
    }
}
