#!/usr/bin/env python3
"""Plants each bug of this folder in a copy of the project and lets a proof look for it: the simulation, or the one that the patch names.

A proof that finds nothing may be a proof that cannot find anything. Each patch breaks what the bank's correctness rests on; for each,
some seed's run, or the named proof, must end with a finding of the auditor. Exits non-zero when a patch no longer applies or is not found.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
COPY = ROOT / "target" / "planted"
# Dependencies are built once for the project and its copy; only what is ours is built anew, and not optimised, as it runs for seconds.
BUILD = {**os.environ, "CARGO_TARGET_DIR": str(ROOT / "target"), "CARGO_INCREMENTAL": "0"}
SEEDS_MAX = 150


def copy() -> None:
    """The project as it stands, committed or not, without what is built."""
    shutil.rmtree(COPY, ignore_errors=True)
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            (COPY / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, COPY / name)


def hurry() -> None:
    """What is ours runs for seconds: it is built without being optimised."""
    named = (re.search(r'^name = "(.*)"', it.read_text(), re.MULTILINE) for it in COPY.glob("*/**/Cargo.toml"))
    profiles = [f'\n[profile.emulate.package."{it[1]}"]\nopt-level = 0\n' for it in named if it]
    with (COPY / "Cargo.toml").open("a") as manifest:
        manifest.writelines(profiles)


def apply(patch: pathlib.Path, *options: str) -> None:
    subprocess.run(["patch", "--strip=1", "--silent", "--fuzz=0", *options, f"--input={patch}"], cwd=COPY, check=True)


def build() -> None:
    subprocess.run(["cargo", "build", "--quiet", "--profile", "emulate", "--workspace", "--bin", "proof", "--examples"], cwd=COPY, env=BUILD, check=True)


def prove(arguments: list[str], planted: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PLANTED": planted}
    return subprocess.run([ROOT / "target/emulate/proof", *arguments], capture_output=True, text=True, env=environment)


def finding(patch: pathlib.Path) -> str:
    """What the proof that the patch names says of what is planted; without a name, what the simulation says."""
    named = re.search(r"^Found by: (.*)$", patch.read_text(), re.MULTILINE)
    if not named:
        return seed_that_finds(patch)
    ran = prove(named[1].split(), patch.stem)
    if ran.returncode == 0 or not ran.stderr.strip():
        sys.exit(f"{patch.stem}: {named[1]} finds nothing\n{ran.stdout}{ran.stderr}")
    return f"{named[1].split()[0]}: {' '.join(ran.stderr.split())}"


def seed_that_finds(patch: pathlib.Path) -> str:
    """The first seed that finds what is planted, with its first finding."""
    # The seed that found it last is tried first: other code leads other lives under the same seed, so it may be another by now.
    first = re.search(r"^Seed (\d+)", patch.read_text(), re.MULTILINE)
    seeds = ["--seed", first[1] if first else "1", "--runs", str(SEEDS_MAX)]
    ran = prove(["sim", *seeds, "--weeks", "2", "--until-found"], patch.stem)
    found = re.search(r"^seed (\d+): .*findings\n  (.*)$", ran.stdout, re.MULTILINE)
    if ran.returncode != 0 or not found:
        sys.exit(f"{patch.stem}: {SEEDS_MAX} seeds find nothing\n{ran.stdout}{ran.stderr}")
    return f"seed {found[1]}: {found[2]}"


def main() -> None:
    wanted = sys.argv[1:]  # Names of patches, or their beginnings; all of them without any.
    patches = [it for it in sorted(HERE.glob("*.patch")) if not wanted or it.stem.startswith(tuple(wanted))]
    # Most bugs lie dormant until `PLANTED` names them, so that they are built together. The others come after them, one by one.
    dormant = [it for it in patches if "PLANTED" in it.read_text()]
    copy()
    hurry()
    for group in filter(None, [dormant, *([it] for it in patches if it not in dormant)]):
        began = time.monotonic()
        for patch in group:
            apply(patch)
        build()
        print(f"{', '.join(it.stem for it in group)}: built in {time.monotonic() - began:.0f} s", flush=True)
        for patch in group:
            began = time.monotonic()
            found = finding(patch)
            print(f"{patch.stem:<22} {time.monotonic() - began:4.0f} s  {found[:150]}", flush=True)
        if group is not dormant:
            apply(group[0], "--reverse")
    print(f"{len(patches)} of {len(patches)} planted bugs are found")


if __name__ == "__main__":
    main()
