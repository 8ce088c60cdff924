//! What the banks of a process used of their permissions, noted down for whoever looks at many processes together.

use std::{
    collections::BTreeSet,
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::{Mutex, OnceLock, PoisonError},
};

use super::Part;

/// Names the folder; without it nothing is noted.
pub const FOLDER: &str = "GRANARY_STATEMENTS_USED";

struct Notes {
    file: File,
    known: BTreeSet<Part>,
}

fn notes() -> Option<&'static Mutex<Notes>> {
    static NOTES: OnceLock<Option<Mutex<Notes>>> = OnceLock::new();
    let open = || {
        let folder = PathBuf::from(std::env::var_os(FOLDER).filter(|it| !it.is_empty())?);
        open(&folder)
            .inspect_err(|error| tracing::error!(%error, folder = %folder.display(), "used statements are not noted"))
            .ok()
    };
    NOTES.get_or_init(open).as_ref()
}

/// A file of this process's own: others write theirs at the same time.
fn open(folder: &Path) -> io::Result<Mutex<Notes>> {
    fs::create_dir_all(folder)?;
    let path = folder.join(format!("{}-{}.tsv", std::process::id(), uuid::Uuid::new_v4()));
    let file = OpenOptions::new().create_new(true).append(true).open(path)?;
    Ok(Mutex::new(Notes { file, known: BTreeSet::new() }))
}

/// Whether anything is to be noted.
pub(super) fn wanted() -> bool {
    notes().is_some()
}

/// Notes a part, once in a process. It is written at once, so that a process that is killed has noted what it used.
pub(super) fn add(part: &Part) {
    let Some(notes) = notes() else { return };
    let mut notes = notes.lock().unwrap_or_else(PoisonError::into_inner);
    if !notes.known.insert(part.clone()) {
        return;
    }
    if let Err(error) = notes.file.write_all(format!("{part}\n").as_bytes()) {
        tracing::error!(%error, %part, "a used statement is not noted");
    }
}

/// What every process noted in a folder. The last line of a process that was killed may be torn, and is no part then.
///
/// # Errors
/// When the folder cannot be read.
pub fn read(folder: &Path) -> io::Result<BTreeSet<Part>> {
    let mut parts = BTreeSet::new();
    for entry in fs::read_dir(folder)? {
        let text = fs::read_to_string(entry?.path())?;
        parts.extend(text.lines().filter_map(|line| line.parse::<Part>().ok()));
    }
    Ok(parts)
}
