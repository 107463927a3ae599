//! The key under which secrets are masked. It never leaves the machine.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use super::error::{At, StoreError};
use super::files;
use crate::catalog::mask::Masker;

const FILE: &str = "mask.key";

/// Reads the key; `None` if there is none.
pub(super) fn load(dir: &Path) -> Result<Option<Masker>, StoreError> {
    let path = dir.join(FILE);
    match fs::read(&path) {
        Ok(bytes) => match parse(&bytes) {
            Some(key) => Ok(Some(Masker::new(key))),
            None => Err(StoreError::BadMaskKey { path }),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).at("read", &path),
    }
}

/// Reads the key, or makes one.
///
/// The key appears whole and only where none is, so processes that start at the same moment agree on one.
pub(super) fn load_or_create(dir: &Path) -> Result<Masker, StoreError> {
    if let Some(masker) = load(dir)? {
        return Ok(masker);
    }
    files::ensure_dir(dir)?;
    let path = dir.join(FILE);
    let mut key = [0; 32];
    getrandom::fill(&mut key).map_err(io::Error::other).at("find randomness for", &path)?;
    let text = key.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
    let staged = files::stage(dir, |file| writeln!(file, "{text}"))?;
    if staged.place_new(&path)? {
        files::take(&[files::Step::Flush(dir.to_owned())])?;
        return Ok(Masker::new(key));
    }
    load(dir)?.ok_or(StoreError::BadMaskKey { path })
}

fn parse(bytes: &[u8]) -> Option<[u8; 32]> {
    let text = std::str::from_utf8(bytes).ok()?.trim();
    if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let mut key = [0; 32];
    for (byte, digits) in key.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    }
    Some(key)
}
