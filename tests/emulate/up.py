#!/usr/bin/env python3
"""Starts the emulator on loopback and deploys a template into it.

    python3 tests/emulate/up.py [--template T] [--binaries DIR] [--parameters FILE] [--port N] [--run DIR]

Prints one line of JSON when everything stands: where it is, the stack's outputs and resources, the deviations that it forced, and
how long each phase took. Then it is the hand of whoever started it: a line of JSON on standard input, {"service", "operation",
"parameters"}, is a call of AWS's own Python SDK as the account's owner, and is answered with a line, {"answer"} or {"error"}. At
the end of its standard input it takes everything down. It never outlives whoever started it.
"""

import argparse
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
import zipfile

sys.dont_write_bytecode = True  # Or the imports would leave a folder beside the sources.
import deviations
import environment
import expand

ROOT = environment.ROOT
REGION = "eu-west-1"
ACCOUNT = "000000000000"
STACK = "granary"
# The owner of the account: what deploys, and what looks.
OWNER_KEY, OWNER_SECRET = "owner", "owner-secret"

START_MAX_S = 60
DEPLOY_MAX_S = 300
STOP_MAX_S = 10


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Starts the emulator and deploys a template into it.")
    parser.add_argument("--template", type=pathlib.Path, default=ROOT / "infra" / "template.yaml")
    parser.add_argument("--binaries", type=pathlib.Path, default=ROOT / "target" / "emulate")
    parser.add_argument("--parameters", type=pathlib.Path, help="a JSON object: the template's parameters")
    parser.add_argument("--port", type=int, default=0, help="0: a free one")
    parser.add_argument("--run", type=pathlib.Path, default=ROOT / "target" / "emulate-run", help="emptied first")
    parser.add_argument("--no-auth", action="store_true", help="nothing is refused to anybody")
    parser.add_argument("--plain", action="store_true", help="a template of its own, for which no deviation is needed")
    return parser.parse_args()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Emulator:
    """The emulator's process group."""

    def __init__(self, port: int, endpoint: str, run: pathlib.Path, auth: bool) -> None:
        self.endpoint = endpoint
        self.log = run / "emulator.log"
        # Nothing of ours reaches it or the functions that inherit it, proxies and real credentials least of all.
        env = {
            "PATH": os.environ["PATH"],
            "HOME": str(run),
            "TMPDIR": str(run / "tmp"),
            "S3_DATA_DIR": str(run / "s3"),
            "STATE_DIR": str(run / "state"),
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(port),
            "AUTH": "true" if auth else "false",
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": OWNER_KEY,
            "AWS_SECRET_ACCESS_KEY": OWNER_SECRET,
            "MINISTACK_REGION": REGION,
            "MINISTACK_ACCOUNT_ID": ACCOUNT,
            "PYTHONDONTWRITEBYTECODE": "1",
            # Services of fixed ports that nobody here uses.
            "SFTP_ENABLED": "0",
            "IOT_MTLS_ENABLED": "0",
            "LOG_LEVEL": os.environ.get("EMULATOR_LOG_LEVEL", "INFO"),
        }
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, pathlib.Path(__file__).with_name("judge.py")],
                env=env,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_until_it_answers(self) -> None:
        until = time.monotonic() + START_MAX_S
        while time.monotonic() < until:
            if self.process.poll() is not None:
                break
            try:
                with urllib.request.urlopen(f"{self.endpoint}/_ministack/health", timeout=1):
                    return
            except OSError:
                time.sleep(0.05)
        raise SystemExit(f"the emulator did not start:\n{self.log.read_text(errors='replace')[-2000:]}")

    def stop(self) -> None:
        for kill in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.process.pid, kill)
                self.process.wait(STOP_MAX_S)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                continue


def client(service: str, endpoint: str):
    import boto3
    from botocore.config import Config

    return boto3.client(
        service,
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id=OWNER_KEY,
        aws_secret_access_key=OWNER_SECRET,
        config=Config(proxies={}, s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}, read_timeout=120),
    )


def upload(endpoint: str, binaries: set[str], folder: pathlib.Path, run: pathlib.Path, template: dict) -> str:
    """Uploads code and template, as packaging does; answers the template's URL."""
    missing = sorted(name for name in binaries if not (folder / name).is_file())
    if missing:
        raise SystemExit(f"not in {folder}: {', '.join(missing)}; build the functions first")
    s3 = client("s3", endpoint)
    s3.create_bucket(Bucket=expand.BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    for name in sorted(binaries):
        packed = run / f"{name}.zip"
        with zipfile.ZipFile(packed, "w") as archive:  # Not compressed: it goes nowhere.
            bootstrap = zipfile.ZipInfo("bootstrap")
            bootstrap.external_attr = 0o755 << 16
            archive.writestr(bootstrap, (folder / name).read_bytes())
        s3.put_object(Bucket=expand.BUCKET, Key=f"{name}.zip", Body=packed.read_bytes())
        packed.unlink()
    body = json.dumps(template)
    (run / "template.json").write_text(json.dumps(template, indent=1))
    s3.put_object(Bucket=expand.BUCKET, Key="template.json", Body=body.encode())
    return f"{endpoint}/{expand.BUCKET}/template.json"


def deploy(endpoint: str, url: str, parameters: dict[str, str]) -> tuple[dict, dict]:
    """Creates the stack; answers its outputs and its resources by logical id."""
    formation = client("cloudformation", endpoint)
    formation.create_stack(
        StackName=STACK,
        TemplateURL=url,
        Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
    )
    until = time.monotonic() + DEPLOY_MAX_S
    while True:
        stack = formation.describe_stacks(StackName=STACK)["Stacks"][0]
        if stack["StackStatus"] == "CREATE_COMPLETE":
            break
        if not stack["StackStatus"].endswith("IN_PROGRESS") or time.monotonic() > until:
            events = formation.describe_stack_events(StackName=STACK)["StackEvents"]
            reasons = [
                f"{it['LogicalResourceId']} ({it['ResourceType']}): {it.get('ResourceStatusReason', '')}"
                for it in events
                if it["ResourceStatus"].endswith("FAILED")
            ]
            raise SystemExit("the stack was not created: " + stack["StackStatus"] + "\n" + "\n".join(reasons))
        time.sleep(0.1)
    outputs = {it["OutputKey"]: it["OutputValue"] for it in stack.get("Outputs", [])}
    pages = formation.get_paginator("list_stack_resources").paginate(StackName=STACK)
    resources = {
        it["LogicalResourceId"]: it["PhysicalResourceId"] for page in pages for it in page["StackResourceSummaries"]
    }
    return outputs, resources


def lend_a_hand(endpoint: str, asked: dict) -> dict:
    """One call of the SDK."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        answer = getattr(client(asked["service"], endpoint), asked["operation"])(**asked["parameters"])
    except (BotoCoreError, ClientError) as refused:
        return {"error": str(refused)}
    answer.pop("ResponseMetadata", None)
    for name, value in answer.items():
        if hasattr(value, "read"):
            answer[name] = value.read().decode(errors="replace")
        elif isinstance(value, bytes):
            answer[name] = value.hex()
    return {"answer": answer}


def main() -> None:
    environment.enter()
    given = arguments()
    os.environ["AWS_DEFAULT_REGION"] = REGION  # The translator asks for a region although it calls nothing.
    shutil.rmtree(given.run, ignore_errors=True)
    (given.run / "tmp").mkdir(parents=True)
    parameters = json.loads(given.parameters.read_text()) if given.parameters else {}
    seconds: dict[str, float] = {}
    began = time.monotonic()

    def phase(name: str) -> None:
        nonlocal began
        now = time.monotonic()
        seconds[name] = round(now - began, 2)
        began = now

    port = given.port or free_port()
    endpoint = f"http://127.0.0.1:{port}"
    template, binaries = expand.expand(given.template.resolve(), parameters)
    applied = [] if given.plain else deviations.apply(template, endpoint)
    for name, parameter in template.get("Parameters", {}).items():
        if "Default" not in parameter:
            parameters.setdefault(name, "given-at-deployment")
    phase("expand")
    emulator = Emulator(port, endpoint, given.run, not given.no_auth)
    try:
        emulator.wait_until_it_answers()
        phase("start")
        url = upload(emulator.endpoint, binaries, given.binaries, given.run, template)
        phase("upload")
        outputs, resources = deploy(emulator.endpoint, url, parameters)
        phase("deploy")
        answer = {
            "endpoint": emulator.endpoint,
            "region": REGION,
            "account": ACCOUNT,
            "accessKeyId": OWNER_KEY,
            "secretAccessKey": OWNER_SECRET,
            "outputs": outputs,
            "resources": resources,
            "deviations": applied,
            "seconds": seconds,
            "log": str(emulator.log),
        }
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        signal.signal(signal.SIGINT, lambda *_: sys.exit(0))
        print(json.dumps(answer), flush=True)
        for line in sys.stdin:
            print(json.dumps(lend_a_hand(emulator.endpoint, json.loads(line)), default=str), flush=True)
    finally:
        emulator.stop()


if __name__ == "__main__":
    main()
