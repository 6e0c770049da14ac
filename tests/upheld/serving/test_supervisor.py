"""The supervisor and its workers, as processes, over real connections."""

import os
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from engine.errors import Unavailable
from tests.upheld.serving.running import ask, ask_environ, eventually, free_port, process
from upheld.serving.supervisor import pause, require_free_port

BODY_SECONDS = "2"


class Site:
    """A running supervisor."""

    def __init__(self, port: int, folder: Path, running: subprocess.Popen[bytes]) -> None:
        self.port = port
        self.notes = folder / "notes"
        self.log = folder / "log"
        self.process = running

    def told(self) -> list[str]:
        """What the workers noted."""
        return self.notes.read_text().split() if self.notes.exists() else []

    def pid(self) -> int:
        """The process of the worker that answers."""
        return int(ask(self.port)[1]["X-Pid"])


@contextmanager
def serving(folder: Path, workers: int = 1) -> Iterator[Site]:
    port = free_port()
    folder.mkdir(exist_ok=True)
    told = {"TINY_NOTES": str(folder / "notes"), "TINY_BROKEN": str(folder / "broken")}
    arguments = ("-m", "tests.upheld.serving.tiny", str(port), str(workers), BODY_SECONDS)
    with process(*arguments, log=folder / "log", **told) as running:
        yield Site(port, folder, running)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with serving(tmp_path_factory.mktemp("site")) as running:
        eventually(running.pid)
        yield running


def test_what_is_sent_arrives_whole(site: Site) -> None:
    body = os.urandom(300_000)
    assert ask(site.port, "/", body)[2] == body


def test_a_body_in_chunks_arrives_whole(site: Site) -> None:
    with socket.create_connection(("127.0.0.1", site.port)) as client:
        client.sendall(
            b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
            b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
        )
        assert b"".join(iter(lambda: client.recv(1000), b"")).endswith(b"abcde")


def test_a_long_answer_arrives_whole(site: Site) -> None:
    assert ask(site.port, "/big")[2] == b"x" * 5_000_000


def test_the_application_is_told_of_the_request_as_wsgi_says(site: Site) -> None:
    environ = ask_environ(site.port, "/environ?a=%20b&c=%E4%B8%AD%20x")
    assert environ["PATH_INFO"] == "/environ"
    assert environ["QUERY_STRING"] == "a=%20b&c=%E4%B8%AD%20x"
    assert environ["REQUEST_METHOD"] == "GET"
    assert environ["REMOTE_ADDR"] == "127.0.0.1"
    assert environ["SERVER_PORT"] == str(site.port)
    assert environ["HTTP_HOST"] == f"127.0.0.1:{site.port}"


def test_a_header_with_an_underscore_cannot_pass_for_another(site: Site) -> None:
    environ = ask_environ(site.port, "/environ", X_Forwarded_For="10.0.0.1")
    assert "HTTP_X_FORWARDED_FOR" not in environ


def test_a_body_that_is_too_large_is_refused_before_it_is_sent(site: Site) -> None:
    with socket.create_connection(("127.0.0.1", site.port)) as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000\r\n\r\n")
        assert client.recv(12) == b"HTTP/1.1 413"


def test_bodies_that_come_slowly_block_nobody_and_are_cut_off(site: Site) -> None:
    """Ten clients send nothing, and one a byte at a time, to a worker of two threads."""
    head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n"
    with ExitStack() as stack:
        slow = [
            stack.enter_context(socket.create_connection(("127.0.0.1", site.port)))
            for _ in range(11)
        ]
        for client in slow:
            client.sendall(head)
        assert ask(site.port, "/", b"quick")[2] == b"quick"
        assert _drip(slow[0]).startswith(b"HTTP/1.1 408")
        for client in slow[1:]:
            assert client.recv(12) == b"HTTP/1.1 408"
            assert b"".join(iter(lambda client=client: client.recv(1000), b"")).endswith(b"\n")


def test_a_worker_that_is_killed_is_replaced(tmp_path: Path) -> None:
    with serving(tmp_path) as site:
        first = eventually(site.pid)
        os.kill(first, signal.SIGKILL)
        assert eventually(lambda: site.pid() != first)


def test_workers_that_cannot_start_are_tried_again_until_they_can(tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.touch()
    with serving(tmp_path) as site:
        eventually(lambda: b"the web workers keep dying" in site.log.read_bytes())
        broken.unlink()
        assert eventually(site.pid)
    assert b"nothing works" not in site.log.read_bytes()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_when_stopped_it_finishes_what_it_answers_and_closes(
    tmp_path: Path, number: signal.Signals
) -> None:
    with serving(tmp_path, workers=2) as site:
        eventually(lambda: site.told().count("opened") == 2)
        answers: list[bytes] = []
        client = threading.Thread(target=lambda: answers.append(ask(site.port, "/wait")[2]))
        client.start()
        eventually(lambda: "asked" in site.told())
        os.killpg(site.process.pid, number)  # as a terminal tells them all
        client.join()
        assert site.process.wait() == 0
    assert answers == [b"hello"]
    assert site.told() == ["opened", "opened", "asked", "closed", "closed"]


def test_a_supervisor_that_is_killed_leaves_the_port_free(tmp_path: Path) -> None:
    with serving(tmp_path) as site:
        eventually(site.pid)
        site.process.kill()
        site.process.wait()
        eventually(lambda: _is_free(site.port))


def test_a_port_that_is_taken_is_refused_and_named() -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(Unavailable, match=f"port {port} on 127.0.0.1 is taken"):
            require_free_port("127.0.0.1", port)


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(Unavailable, match=r"cannot listen on `192\.0\.2\.1`"):
        require_free_port("192.0.2.1", 8080)


@pytest.mark.parametrize(
    ("failures", "seconds"), [(1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (900, 60)]
)
def test_the_pause_doubles_up_to_a_minute(failures: int, seconds: float) -> None:
    assert pause(failures) == seconds


def _drip(client: socket.socket) -> bytes:
    client.settimeout(0.1)
    while True:
        try:
            client.sendall(b"x")
            return client.recv(1000)
        except TimeoutError:
            continue


def _is_free(port: int) -> bool:
    try:
        require_free_port("127.0.0.1", port)
    except Unavailable:
        return False
    return True
