"""A server that gives prepared answers, for what a real one cannot be brought to say."""

import socket
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Prepared:
    """One answer, `hold` seconds late; `drip` is how many bytes of the body go out at a time, with waits."""

    status: int
    body: bytes = b"{}"
    headers: Mapping[str, str] = field(default_factory=dict)
    drip: int = 0
    hold: float = 0.0


@dataclass
class Seen:
    """One request that came."""

    path: str
    headers: Mapping[str, str]
    body: bytes


class answering:  # noqa: N801  reads as a word in `with`
    """Gives these answers in turn, the last one for ever; `with` gives the URL and what it has seen."""

    def __init__(self, *answers: Prepared) -> None:
        self._seen: list[Seen] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler(answers, self._seen))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    def __enter__(self) -> tuple[str, list[Seen]]:
        self._thread.start()
        return f"http://127.0.0.1:{self._server.server_port}", self._seen

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def handler(answers: Sequence[Prepared], seen: list[Seen]) -> type[BaseHTTPRequestHandler]:
    """What answers so."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            answer = answers[min(len(seen), len(answers) - 1)]
            seen.append(Seen(self.path, dict(self.headers.items()), body))
            time.sleep(answer.hold)
            self.send_response(answer.status)
            self.send_header("Content-Length", str(len(answer.body)))
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self._say(answer)

        def do_GET(self) -> None:
            self.do_POST()

        def _say(self, answer: Prepared) -> None:
            step = answer.drip or len(answer.body) or 1
            try:
                for start in range(0, len(answer.body), step):
                    self.wfile.write(answer.body[start : start + step])
                    self.wfile.flush()
                    time.sleep(0.02 if answer.drip else 0)
            except OSError:
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
