#!/usr/bin/env python3
"""Plants bugs into copies of the template and its neighbours, and sees that `make check`'s lint catches each of them.

Each patch is a bug as a person would write it. Its header says what it would do in production, and what the lint has
to say of it. Afterwards each of our own rules is tried on faults of its own (faults.py). Exits non-zero when a bug gets
through, when a patch no longer applies, or when the unpatched copy is not clean. Run it as `make traps`.
"""

import contextlib
import multiprocessing
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from typing import NamedTuple

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "infra" / "lint"))
import lint

# All that the lint reads.
NEEDED = ("infra/template.yaml", "statemachines", "events", "shared/aws/src/topic.rs")
PATCHES = 16
AT_ONCE = os.cpu_count() or 1


class Outcome(NamedTuple):
    """What became of one planted bug."""

    patch: str
    problem: str
    caught_by: str
    first_seen: str
    seconds: float


@contextlib.contextmanager
def copy_of_the_tree() -> Iterator[pathlib.Path]:
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder).resolve()
        for needed in NEEDED:
            (root / needed).parent.mkdir(parents=True, exist_ok=True)
            copy = shutil.copytree if (ROOT / needed).is_dir() else shutil.copy
            copy(ROOT / needed, root / needed)
        yield root


def spring(patch: pathlib.Path) -> Outcome:
    """Applies a patch to a copy and lints that."""
    began = time.monotonic()
    expected = re.search(r"^# expects: (.+)$", patch.read_text(), re.MULTILINE)

    def outcome(problem: str, caught_by: str = "", first_seen: str = "") -> Outcome:
        return Outcome(patch.stem, problem, caught_by, first_seen, time.monotonic() - began)

    if expected is None:
        return outcome("the patch does not say what it expects")
    with copy_of_the_tree() as root:
        # Else git would look for a repository around the copy, and take no notice of files outside of it.
        alone = {**os.environ, "GIT_CEILING_DIRECTORIES": str(root.parent)}
        applied = subprocess.run(
            ["git", "apply", patch], cwd=root, env=alone, capture_output=True, text=True, check=False
        )
        if applied.returncode != 0:
            return outcome(f"the patch does not apply: {applied.stderr.strip()}")
        findings = lint.lint(root)
    checkers = sorted({checker_of(finding) for finding in findings})
    telling = [finding for finding in findings if expected.group(1) in str(finding)]
    if not telling:
        said = "; ".join(str(finding) for finding in findings) or "nothing"
        return outcome(f"not caught: the lint should say {expected.group(1)!r}, and says {said}", ", ".join(checkers))
    return outcome("", ", ".join(checkers), telling[0].rule)


def checker_of(finding: lint.Finding) -> str:
    checker = finding.rule.split()[0]
    return checker if checker in ("cfn-lint", "asl-validator", "json", "lint") else "ours"


def main() -> None:
    lint.enter_environment(__file__)
    import faults  # It knows the rules, which want the environment.

    began = time.monotonic()
    with copy_of_the_tree() as root:
        problems = [f"without a patch: {finding}" for finding in lint.lint(root)]
        template, machines = lint.expand(root)
        names = lint.Names.read(root)
    patches = sorted(HERE.glob("*.patch"))
    if len(patches) != PATCHES:
        problems.append(f"{len(patches)} patches, and not {PATCHES}")
    # Forked only now: each process has the linters loaded, and what they said of the files that a patch leaves alone.
    with multiprocessing.get_context("fork").Pool(AT_ONCE) as pool:
        outcomes = pool.map(spring, patches, chunksize=1)
    print(f"{'planted bug':<40} {'caught by':<30} {'it says':<58} {'s':>4}")
    for it in outcomes:
        print(f"{it.patch:<40} {it.caught_by or '-':<30} {it.first_seen or 'NOT CAUGHT':<58} {it.seconds:>4.1f}")
    problems += [f"{it.patch}: {it.problem}" for it in outcomes if it.problem]
    missed = list(faults.missed(template, machines, names))
    caught = sum(not it.problem for it in outcomes)
    without_ours = sum(
        "cfn-lint" in it.caught_by or "asl-validator" in it.caught_by for it in outcomes if not it.problem
    )
    print(
        f"{caught} of {len(outcomes)} planted bugs are caught, {without_ours} of them also by cfn-lint or asl-validator"
    )
    planted = sum(map(len, faults.FAULTS.values()))
    print(f"{len(faults.rules())} rules of ours see {planted - len(missed)} of {planted} faults of their own")
    for problem in [*problems, *missed]:
        print(problem, file=sys.stderr)
    print(f"{time.monotonic() - began:.1f} s")
    sys.exit(1 if problems or missed else 0)


if __name__ == "__main__":
    main()
