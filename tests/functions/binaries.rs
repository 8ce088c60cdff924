//! Where the functions' binaries are.
//!
//! Cargo builds no binary for a test of another package, and one that was left behind by an earlier build may be old. So the
//! test asks cargo itself: a build that has nothing to do takes a moment, cargo's own lock makes concurrent tests wait for
//! each other, and its messages say where each binary is, whatever the profile and the target directory.

use std::{
    collections::BTreeMap,
    env,
    io::BufReader,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::OnceLock,
};

use cargo_metadata::Message;
use granary::runner::registry;

/// The freshly built binary of the function in `functions/<folder>`.
pub fn binary(folder: &str) -> &'static Path {
    binaries().get(folder).unwrap_or_else(|| panic!("no package builds a binary named {folder}"))
}

/// All of them. The first who asks may have to wait for a build.
pub fn binaries() -> &'static BTreeMap<String, PathBuf> {
    static BINARIES: OnceLock<BTreeMap<String, PathBuf>> = OnceLock::new();
    BINARIES.get_or_init(build)
}

fn build() -> BTreeMap<String, PathBuf> {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    // This very test is <target>/<profile's folder>/deps/<name>.
    let test = env::current_exe().unwrap();
    let profile = match test.ancestors().nth(2).and_then(Path::file_name).and_then(|folder| folder.to_str()) {
        Some("debug") => "dev",
        Some(folder) => folder,
        None => panic!("{} is in no profile's folder", test.display()),
    };
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["build", "--offline", "--message-format=json-render-diagnostics"])
        // With this test among the targets, dependencies have the features that they have for it: only binaries are left to build.
        .args(["--bins", "--package", env!("CARGO_PKG_NAME"), "--test", env!("CARGO_CRATE_NAME")])
        .args(registry().into_iter().flat_map(|function| ["--package", function.name]))
        .args(["--profile", profile, "--target-dir"])
        .arg(target)
        .arg("--manifest-path")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.toml"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let messages = Message::parse_stream(BufReader::new(cargo.stdout.take().unwrap()));
    let binaries = messages.filter_map(|message| match message.unwrap() {
        Message::CompilerArtifact(it) if it.target.is_bin() && !it.profile.test => {
            Some((it.target.name, it.executable?.into_std_path_buf()))
        }
        _ => None,
    });
    let binaries = binaries.collect();
    assert!(cargo.wait().unwrap().success(), "the functions' binaries do not build; cargo's messages are above");
    binaries
}
