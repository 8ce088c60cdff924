"""The virtual environment of this folder's scripts, made under target/ on first use."""

import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import venv

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
ENVIRONMENT = ROOT / "target" / "emulate-venv"
REQUIREMENTS = HERE / "requirements.txt"

# An installation that hangs is no installation. Seconds.
INSTALL_MAX_S = 600


def enter() -> None:
    """Runs the calling script in the environment, which is made when it is missing or out of date."""
    if pathlib.Path(sys.prefix).resolve() == ENVIRONMENT.resolve():
        return
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    stamp = ENVIRONMENT / "requirements.sha256"
    python = ENVIRONMENT / "bin" / "python"
    if not stamp.exists() or stamp.read_text() != wanted:
        print("making the environment of the emulator under target/emulate-venv", file=sys.stderr, flush=True)
        venv.create(ENVIRONMENT, with_pip=True, clear=True)
        install = [python, "-m", "pip", "install", "--quiet", "--requirement", REQUIREMENTS]
        try:
            subprocess.run(install, check=True, timeout=INSTALL_MAX_S)
        except (subprocess.SubprocessError, OSError) as failure:
            shutil.rmtree(ENVIRONMENT, ignore_errors=True)
            sys.exit(f"the emulator cannot be installed here, which takes a network the first time: {failure}")
        stamp.write_text(wanted)
    # Replaced rather than called, so that whoever started us ends us by our own id.
    os.execv(python, [str(python), *sys.argv])
