//! Secrets in files that nobody else reads.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    path::Path,
};

/// Writes the whole file, or none: whoever is killed on the way leaves nothing that is taken for a secret.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let partial = path.with_extension("partial");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(&partial)?.write_all(bytes)?;
    fs::rename(partial, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_process_left_behind_is_no_secret_and_in_nobodys_way() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key.pem");
        fs::write(folder.path().join("key.partial"), "half a k").unwrap();
        assert!(!path.exists());
        write(&path, b"a key").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"a key");
        assert!(!folder.path().join("key.partial").exists());
    }
}
