"""The machine interface as others use it: a real server with a shop of data; its document is validated, the server is held against it by a
property tester, and clients that were generated from it run the README's story. Use: try.py short|long FOLDER [OPTION OF THE PROPERTY TESTER]…

HOMEBOUND names the server's program, HOMEBOUND_TEST_POSTGRES a database to use in place of SQLite. The last line is `N passed, N failed`."""

import base64
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import xml.etree.ElementTree as xml
from datetime import datetime, timedelta, timezone

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
LENGTH, PLACE, MORE = sys.argv[1], pathlib.Path(sys.argv[2]).resolve(), sys.argv[3:]
PROGRAM = os.environ.get("HOMEBOUND", str(ROOT / "target/debug/homebound"))
BIN = pathlib.Path(sys.executable).parent
SEED = 20261126

# 1 × 1 pixels.
GIF = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")


def ago(days):
    return (datetime.now(timezone.utc) - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


class Server:
    """A server of its own, with a key."""

    def __init__(self, database):
        with socket.socket() as port:
            port.bind(("127.0.0.1", 0))
            self.base = f"http://127.0.0.1:{port.getsockname()[1]}"
        data = PLACE / "data"
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("HOMEBOUND_")} | {
            "HOMEBOUND_LISTEN": self.base.removeprefix("http://"),
            "HOMEBOUND_PUBLIC_URL": self.base,
            "HOMEBOUND_DATA_DIR": str(data),
            "HOMEBOUND_DEMO": "true",
            "HOMEBOUND_LIMITS__REQUESTS_PER_SECOND": "100000",
            "HOMEBOUND_LIMITS__BURST": "100000",
        }
        if database:
            self.environment["HOMEBOUND_DATABASE_URL"] = database
        key = subprocess.run([PROGRAM, "key", "add", "--name", "try-api", "--scope", "admin"], env=self.environment, check=True, capture_output=True)
        self.key = key.stdout.decode().strip()
        self.log = open(PLACE / "server.log", "wb")
        self.process = subprocess.Popen([PROGRAM, "serve"], env=self.environment, stdout=self.log, stderr=self.log)
        for _ in range(600):
            try:
                urllib.request.urlopen(f"{self.base}/readyz", timeout=5)
                return
            except OSError:
                if self.process.poll() is not None:
                    break
                time.sleep(0.1)
        sys.exit(f"the server did not start; see {PLACE / 'server.log'}")

    def call(self, method, path, body=None, form=None):
        headers = {"Authorization": f"Bearer {self.key}"}
        data = json.dumps(body).encode() if body is not None else None
        if form:
            headers["Content-Type"] = "multipart/form-data; boundary=x"
            data = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n' + form + b"\r\n--x--\r\n"
        request = urllib.request.Request(f"{self.base}/api/v1{path}", data=data, headers=headers, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def stop(self):
        self.process.terminate()
        self.process.wait(60)
        # Whatever was done: what is derived from events is what they say.
        return subprocess.run([PROGRAM, "rebuild", "--check"], env=self.environment, stdout=subprocess.DEVNULL).returncode == 0


def order(number, **more):
    line = {"sku": "TEE", "name": "Cotton tee", "category": "apparel", "quantity": 40, "unit_price": "24.50"}
    dear = {"sku": "CAMERA", "name": "Camera", "category": "electronics", "quantity": 4, "unit_price": "4990.00"}
    return {
        "number": number, "placed_at": ago(5), "currency": "EUR", "customer": {"id": "c-1", "email": "anna@example.com"}, "ship_to": {"country": "DE"},
        "lines": [{"id": "1", **line}, {"id": "2", **dear}, {"id": "3", **line, "final_sale": True}],
        "payments": [{"id": "pi_1", "method": "card", "amount": "21920.00"}],
        "deliveries": [{"shipped_at": ago(4), "delivered_at": ago(2)}],
    } | more


def shop(server):
    """Orders, and returns in several states: approved, with a person, declined in part, changed, called off."""
    orders, returns, evidence = [], [], []
    for place in range(12):
        number = f"T-{place}"
        server.call("PUT", f"/orders/{number}", order(number))
        orders.append(number)
        line = lambda line: {"line": line, "quantity": 1, "reason": "dislike", "condition": "opened", "resolution": "refund"}
        opened = server.call("POST", "/returns", {"orders": [number], "method": "self_ship", "lines": [line("1")] + [line(str(1 + place % 3))] * (place % 2)})
        returns.append(opened["rma"])
        if place % 4 == 1:
            server.call("POST", f"/returns/{opened['rma']}/cancel", {"reason": "kept"})
        if place % 4 == 2:
            evidence.append(server.call("POST", f"/returns/{opened['rma']}/evidence", form=PNG)["id"])
    server.call("PUT", "/stock/HZ1/TEE-L", {"quantity": 12, "variant_of": "TEE", "variant": "large", "price": "24.50", "currency": "EUR"})
    pictures = []
    for name, content in (("a.gif", GIF), ("a.png", PNG)):
        (PLACE / name).write_bytes(content)
        pictures.append(str(PLACE / name))
    told = PLACE / "shop.json"
    told.write_text(json.dumps({"orders": orders, "returns": returns, "evidence": evidence, "pictures": pictures, "placed": ago(5), "shipped": ago(4), "delivered": ago(2), "order": {name: value for name, value in order("").items() if name != "number"}}))
    return told


def run(name, *command, **more):
    """A step that has to end well; what it says is kept, and shown where it does not."""
    began = time.monotonic()
    with open(PLACE / f"{name}.log", "wb") as log:
        done = subprocess.run([str(word) for word in command], stdout=log, stderr=subprocess.STDOUT, **more)
    print(f"  {name}: {'well' if done.returncode == 0 else 'BADLY'}, {time.monotonic() - began:.0f} s", flush=True)
    if done.returncode:
        print((PLACE / f"{name}.log").read_text(errors="replace")[-20_000:], flush=True)
    return done.returncode == 0


def held(server, told):
    """Each call of the document, held against the server; answers how many held and how many did not."""
    report = PLACE / "held.xml"
    report.unlink(missing_ok=True)
    most = {"short": ["--max-examples", "12", "--phases", "examples,coverage,fuzzing"], "long": ["--max-examples", "100"]}[LENGTH]
    command = [BIN / "schemathesis", "--config-file", HERE / "schemathesis.toml", "run", f"{server.base}/api/openapi.json", "--no-color",
               "--header", f"Authorization: Bearer {server.key}", "--seed", SEED, "--report-junit-path", report, *most, *MORE]
    well = run("held", *command, cwd=PLACE, env=os.environ | {"HOMEBOUND_TRY_SHOP": str(told), "SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": str(HERE)})
    cases = list(xml.parse(report).iter("testcase")) if report.exists() else []
    bad = [case for case in cases if case.find("failure") is not None or case.find("error") is not None]
    return len(cases) - len(bad), max(len(bad), 0 if well else 1)


def clients(server):
    """Clients in two languages, generated, compiled, and run with the README's story."""
    document = PLACE / "openapi.json"
    environment = os.environ | {"HOMEBOUND_TRY_BASE": server.base, "HOMEBOUND_TRY_KEY": server.key}
    modules = HERE / "node_modules/.bin"
    yield run("typescript-generated", modules / "openapi-typescript", "--default-non-nullable=false", document, "-o", HERE / "generated/api.d.ts")
    yield run("typescript-compiled", modules / "tsc", "--project", HERE)
    yield run("typescript-story", "node", HERE / "generated/story.js", env=environment)
    yield run("python-generated", BIN / "openapi-python-client", "generate", "--path", document, "--config", HERE / "python-client.yaml",
              "--output-path", PLACE / "python", "--overwrite", "--fail-on-warning", env=environment | {"PATH": f"{BIN}:{os.environ['PATH']}"})
    yield run("python-compiled", BIN / "mypy", "--strict", "--no-incremental", HERE / "story.py", env=environment | {"MYPYPATH": str(PLACE / "python")})
    yield run("python-story", sys.executable, HERE / "story.py", env=environment | {"PYTHONPATH": str(PLACE / "python")})


def main():
    shutil.rmtree(PLACE / "data", ignore_errors=True)
    PLACE.mkdir(parents=True, exist_ok=True)
    database = os.environ.get("HOMEBOUND_TEST_POSTGRES")
    server = Server(database)
    passed = failed = 0
    try:
        with urllib.request.urlopen(f"{server.base}/api/openapi.json", timeout=60) as answer:
            (PLACE / "openapi.json").write_bytes(answer.read())
        well = [run("document", BIN / "openapi-spec-validator", "--validation-errors", "all", PLACE / "openapi.json")]
        well += clients(server)
        passed, failed = well.count(True), well.count(False)
        kept, broken = held(server, shop(server))
        passed, failed = passed + kept, failed + broken
    finally:
        consistent = server.stop()
    print(f"  the story told by events: {'well' if consistent else 'BADLY'}")
    passed, failed = passed + consistent, failed + (not consistent)
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


main()
