//! Rules of the house that are programs.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use cargo_metadata::{DependencyKind, MetadataCommand, PackageId};
use granary::{runner::registry, template};

use crate::support::TEMPLATE;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// Which of our crates a crate may depend on. Whatever is not here is a function or service.
const MAY_DEPEND_ON: [(&str, &[&str]); 16] = [
    ("money", &[]),
    ("domain", &["money"]),
    ("contracts", &["money", "domain"]),
    ("app", &["money", "domain", "contracts"]),
    ("aws", &["money", "domain", "contracts", "app"]),
    ("providers", &["money", "domain", "contracts", "app"]),
    ("graph", &["money", "domain", "contracts", "app"]),
    ("lambda-kit", &["money", "domain", "contracts", "app"]),
    ("graph-edge", &["money", "domain", "contracts", "app", "aws", "graph", "lambda-kit"]),
    ("simulators", &[]),
    ("FUNCTION", &["money", "domain", "contracts", "app", "aws", "providers", "graph", "lambda-kit", "graph-edge"]),
    (
        "granary",
        &["money", "domain", "contracts", "app", "aws", "providers", "graph", "lambda-kit", "simulators", "FUNCTION"],
    ),
    ("benches", &[]),
    (
        "proof",
        &[
            "money",
            "domain",
            "contracts",
            "app",
            "aws",
            "providers",
            "graph",
            "lambda-kit",
            "simulators",
            "granary",
            "conformance-probe",
        ],
    ),
    ("conformance-probe", &["lambda-kit"]),
    (
        "tests",
        &["money", "domain", "contracts", "app", "aws", "providers", "graph", "lambda-kit", "simulators", "granary"],
    ),
];

fn metadata() -> cargo_metadata::Metadata {
    MetadataCommand::new()
        .manifest_path(format!("{ROOT}/Cargo.toml"))
        .other_options(["--offline".to_owned()])
        .exec()
        .unwrap()
}

#[test]
fn crates_depend_in_one_direction_only() {
    let metadata = metadata();
    let functions: BTreeSet<_> = metadata
        .workspace_packages()
        .into_iter()
        .filter(|package| package.manifest_path.as_str().contains("/functions/"))
        .map(|package| package.name.to_string())
        .collect();
    let class = |name: &str| if functions.contains(name) { "FUNCTION".to_owned() } else { name.to_owned() };
    let ours: BTreeSet<_> = metadata.workspace_packages().iter().map(|package| package.name.to_string()).collect();
    let allowed: BTreeMap<_, _> = MAY_DEPEND_ON.into_iter().collect();
    for package in metadata.workspace_packages() {
        let may = allowed.get(class(&package.name).as_str());
        let may = may.unwrap_or_else(|| panic!("say in tests/tidy.rs what {} may depend on", package.name));
        let normal =
            package.dependencies.iter().filter(|it| it.kind == DependencyKind::Normal && ours.contains(&it.name));
        for dependency in normal {
            let on = class(&dependency.name);
            assert!(may.contains(&on.as_str()), "{} must not depend on {}", package.name, dependency.name);
        }
    }
}

#[test]
fn the_domain_knows_no_runtime_cloud_client_or_randomness() {
    let metadata = metadata();
    let resolve = metadata.resolve.as_ref().unwrap();
    let nodes: BTreeMap<&PackageId, _> = resolve.nodes.iter().map(|node| (&node.id, node)).collect();
    let domain = metadata.packages.iter().find(|package| package.name.as_str() == "domain").unwrap();
    let mut closure = BTreeSet::new();
    let mut to_see = vec![&domain.id];
    while let Some(id) = to_see.pop() {
        if closure.insert(id) {
            let normal =
                |it: &&cargo_metadata::NodeDep| it.dep_kinds.iter().any(|kind| kind.kind == DependencyKind::Normal);
            to_see.extend(nodes[id].deps.iter().filter(normal).map(|dep| &dep.pkg));
        }
    }
    for package in metadata.packages.iter().filter(|package| closure.contains(&package.id)) {
        let name = package.name.as_str();
        let banned = name.starts_with("aws") || ["tokio", "reqwest", "rand", "hyper", "async-std"].contains(&name);
        assert!(!banned, "domain depends on {name}");
    }
}

/// Files that git has or would take.
fn files() -> Vec<PathBuf> {
    let listed =
        Command::new("git").args(["ls-files", "-co", "--exclude-standard"]).current_dir(ROOT).output().unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    let files: Vec<_> = listed.lines().map(|line| Path::new(ROOT).join(line)).filter(|path| path.is_file()).collect();
    assert!(files.len() > 100, "git lists the files");
    files
}

#[test]
fn sources_fit_in_a_head() {
    const LINES_MAX: usize = 400;
    for path in files().iter().filter(|path| path.extension().is_some_and(|it| it == "rs")) {
        let lines = fs::read_to_string(path).unwrap().lines().count();
        assert!(lines <= LINES_MAX, "{} has {lines} lines; split it", path.display());
    }
}

#[test]
fn every_crate_begins_by_saying_what_it_is_for() {
    for package in metadata().workspace_packages() {
        for target in &package.targets {
            let text = fs::read_to_string(&target.src_path).unwrap();
            assert!(text.starts_with("//! "), "{} does not say what it is for", target.src_path);
        }
    }
}

#[test]
fn every_function_is_in_the_template_and_in_the_local_bank() {
    let folders: BTreeSet<String> = fs::read_dir(format!("{ROOT}/functions"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let registered: BTreeSet<String> = registry().iter().map(|function| function.name.to_owned()).collect();
    assert_eq!(folders, registered);
    let parameters = template::placeholders(TEMPLATE);
    let plan =
        template::load(TEMPLATE, &granary::cli::definitions(), &parameters, &template::Pseudo::default()).unwrap();
    let wired: BTreeSet<String> = plan.functions.iter().map(|function| function.name.clone()).collect();
    assert_eq!(folders, wired);
}

#[test]
fn functions_read_the_environment_at_start_up_only() {
    for path in files().iter().filter(|path| path.to_string_lossy().contains("/functions/")) {
        if path.extension().is_some_and(|it| it == "rs") {
            let text = fs::read_to_string(path).unwrap();
            assert!(!text.contains("std::env"), "{} reads the environment; take it from Env", path.display());
        }
    }
}

#[test]
fn money_is_never_a_float() {
    let rooms = ["shared/money", "shared/domain", "shared/app", "shared/providers", "simulators", "functions"];
    for path in files().iter().filter(|path| path.extension().is_some_and(|it| it == "rs")) {
        let name = path.strip_prefix(ROOT).unwrap().to_string_lossy().into_owned();
        if rooms.iter().any(|room| name.starts_with(room)) {
            let text = fs::read_to_string(path).unwrap();
            for word in ["f64", "f32", "as_f64", "from_f64"] {
                let used = text.split(|c: char| !c.is_alphanumeric() && c != '_').any(|it| it == word);
                assert!(!used, "{name} uses {word}");
            }
        }
    }
}

#[test]
fn lints_are_expected_with_a_reason_and_never_silenced() {
    for path in files().iter().filter(|path| path.extension().is_some_and(|it| it == "rs")) {
        let text = fs::read_to_string(path).unwrap();
        let silenced = concat!("#[al", "low(");
        assert!(!text.contains(silenced), "{} silences a lint; use #[expect(lint, reason = \"…\")]", path.display());
    }
}

#[test]
fn every_decision_is_in_the_index() {
    let index = fs::read_to_string(format!("{ROOT}/docs/adr/README.md")).unwrap();
    for entry in fs::read_dir(format!("{ROOT}/docs/adr")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(name == "README.md" || index.contains(&name), "docs/adr/README.md does not list {name}");
    }
}
