"""The emulator's own process. It ends, with everything that it started, as soon as nobody holds its standard input any more."""

import inspect
import os
import signal
import sys
import threading

ISSUER = 'f"https://cognito-idp.{_pool_region(pool_id)}.amazonaws.com/{pool_id}"'
ISSUER_HERE = "f\"{os.environ['AWS_ENDPOINT_URL']}/{pool_id}\""


def issue_tokens_under_an_address_that_can_be_reached() -> None:
    """Tokens name Cognito's own address as their issuer, as they must; a function fetches the public keys there, and there is no
    such host on loopback. The emulator's tokens name the emulator, which serves the keys at the path that Cognito has."""
    from ministack.services import cognito

    source = inspect.getsource(cognito._fake_token)
    if source.count(ISSUER) != 1:
        sys.exit("the emulator writes the issuer of its tokens elsewhere: look again")
    exec(source.replace(ISSUER, ISSUER_HERE), cognito.__dict__)


def end_with_the_parent() -> None:
    """Waits for the end of standard input, which comes however the parent ended."""

    def wait() -> None:
        while os.read(0, 4096):
            pass
        os.killpg(os.getpgid(0), signal.SIGKILL)

    threading.Thread(target=wait, daemon=True).start()


def main() -> None:
    if os.getpgid(0) != os.getpid():
        sys.exit("the emulator must lead a process group of its own")
    end_with_the_parent()
    issue_tokens_under_an_address_that_can_be_reached()
    from ministack import app

    sys.argv = ["ministack"]
    app.main()


if __name__ == "__main__":
    main()
