"""What the lab's page costs the browser's main thread: frames.py STHENO [EXPERIMENT…] [--seconds 20] [--why]

A lab plays an experiment, and what it tells is recorded with its times. The lab is ended, and a small server tells the same to the page in Chromium, so that no training takes the
processor from it. Of Chromium's own trace each frame's tasks are added up: script, style, layout, paint and what else the main thread does, in the sixtieth of a second that is the
frame's, and since the frame before, however long ago that was. A machine on which nothing else runs is asked for: what is measured is wall time. Needs what browser.py needs.
"""
import argparse
import contextlib
import http.client
import http.server
import json
import pathlib
import re
import shutil
import subprocess
import threading
import time
import urllib.parse

from playwright.sync_api import sync_playwright

PAGE = pathlib.Path(__file__).parent.parent / "page"
LIMIT = 4  # ms a frame
SCREEN = 1e6 / 60  # µs that a screen shows a frame
KINDS = {".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2"}
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; worker-src 'self'"


def record(stheno, *args, seconds=20):
    """What a lab tells while it plays: (seconds since play, event) each, those before it at 0."""
    lab = subprocess.Popen([stheno, "lab", "--no-open", *args], stdout=subprocess.PIPE, text=True)
    try:
        url = urllib.parse.urlparse(re.search(r"http://\S+", lab.stdout.readline()).group())
        connect = lambda: http.client.HTTPConnection(url.hostname, url.port, timeout=60)
        door = connect()
        door.request("GET", "/?" + url.query)
        let_in = door.getresponse()
        cookie, path = let_in.getheader("Set-Cookie").split(";")[0], let_in.getheader("Location")
        stream = connect()
        stream.request("GET", path + "events", headers={"Cookie": cookie})
        answer, events, lines, began, ready = stream.getresponse(), [], [], None, False
        while began is None or time.monotonic() - began < seconds:
            line = answer.readline().decode()
            if line != "\n":
                lines.append(line)
                continue
            text, lines = "".join(lines) + "\n", []
            if "data: " not in text:
                continue
            events.append((time.monotonic() - began if began else 0, text))
            ready = ready or '"ready":true' in text
            if began is None and ready and "event: layers\n" in text:  # a page that is opened has them at once
                began = time.monotonic()
                ask = connect()
                ask.request("POST", path + "api/do", '{"do":"play"}', {"Cookie": cookie, "Content-Type": "application/json"})
                assert ask.getresponse().status == 200
        return events
    finally:
        lab.kill()
        lab.wait()


class Replay:
    """A server of the page that tells what was recorded: what was before play at once, the rest from play on."""

    def __init__(self, events):
        self.play = play = threading.Event()

        class Serve(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle(self):
                with contextlib.suppress(ConnectionError):  # the page was closed
                    super().handle()

            def answer(self, content, kind, status=200):
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(content)))
                self.send_header("Content-Security-Policy", POLICY)
                self.end_headers()
                self.wfile.write(content)

            def do_GET(self):
                path = urllib.parse.urlparse(self.path).path
                file = PAGE / (path.strip("/") or "index.html")
                if path == "/events":
                    self.stream()
                elif file.is_file() and PAGE in file.parents:
                    self.answer(file.read_bytes(), KINDS[file.suffix])
                else:
                    self.answer(b'{"error":"recorded"}', "application/json", 404)

            def do_POST(self):
                self.rfile.read(int(self.headers["Content-Length"]))
                play.set()
                self.answer(b'{"ok":true}', "application/json")

            def stream(self):
                self.send_response(200)
                self.send_header("Content-Type", "text/event-stream")
                self.send_header("Connection", "close")
                self.end_headers()
                began = None
                try:
                    for at, text in events:
                        if at and not began:
                            play.wait()
                            began = time.monotonic()
                        time.sleep(max(0, at - (time.monotonic() - began)) if at else 0)
                        self.wfile.write(text.encode())
                except OSError:
                    return  # the page was closed
                time.sleep(60)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Serve)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def traced(trace):
    """The frames of a trace: (when in µs, ms since the frame before, {what: ms} of what is inside, ms in the sixtieth of a second that ends with it) each."""
    events = [e for e in json.loads(trace)["traceEvents"] if e.get("ph") == "X"]
    names = {(e["pid"], e["tid"]): e["args"]["name"] for e in json.loads(trace)["traceEvents"] if e.get("name") == "thread_name"}
    by = {}
    for e in events:
        if e["name"] == "FireAnimationFrame":
            by[e["pid"], e["tid"]] = by.get((e["pid"], e["tid"]), 0) + 1
    main = max(by, key=by.get)
    assert "Main" in names.get(main, "Main"), names[main]
    mine = sorted((e for e in events if (e["pid"], e["tid"]) == main), key=lambda e: (e["ts"], -e.get("dur", 0)))
    tasks = [e for e in mine if e["name"].endswith("RunTask")]
    starts = [e["ts"] for e in mine if e["name"] == "FireAnimationFrame"]
    # Each event's own time, what is inside of it taken off.
    own, stack = {}, []
    for e in mine:
        while stack and stack[-1]["ts"] + stack[-1].get("dur", 0) <= e["ts"]:
            stack.pop()
        own[id(e)] = e.get("dur", 0)
        if stack:
            own[id(stack[-1])] -= e.get("dur", 0)
        stack.append(e)
    frames, total, inside, i, ends, k, near = [], 0.0, {}, 0, -1, 0, []
    for task in tasks:
        if task["ts"] < ends:
            continue  # inside of another
        ends = task["ts"] + task.get("dur", 0)
        total += task.get("dur", 0) / 1000
        near = [t for t in near if t[1] > ends - SCREEN] + [(task["ts"], ends)]
        while k < len(mine) and mine[k]["ts"] < ends:
            e = mine[k]
            if e["ts"] >= task["ts"]:
                inside[e["name"]] = inside.get(e["name"], 0) + own[id(e)] / 1000
            k += 1
        fired = False
        while i < len(starts) and starts[i] < ends:
            fired, i = True, i + 1
        if fired:
            frames.append((task["ts"], total, inside, sum(b - max(a, ends - SCREEN) for a, b in near) / 1000))
            total, inside = 0.0, {}
    return frames


CATEGORIES = ["toplevel", "devtools.timeline", "blink.user_timing", "-*"]
MORE = ["disabled-by-default-devtools.timeline", "v8"]  # which take time themselves


def measure(browser, events, seconds, why=False, **options):
    """Plays what was recorded to the page, and gives the frames from play on and the page's own figures."""
    with Replay(events) as replay:
        context = browser.new_context(viewport={"width": 1440, "height": 1000}, **options)
        page = context.new_page()
        browser.start_tracing(page=page, categories=CATEGORIES + (MORE if why else []))
        began = time.monotonic()
        page.goto(replay.url)
        page.wait_for_function("() => document.body.ariaBusy === 'false'", polling=50)
        drawn = page.evaluate("performance.now()")
        page.wait_for_timeout(1500)
        page.evaluate("performance.mark('play')")
        page.evaluate("fetch('api/do', { method: 'POST', body: '{}' })")
        page.wait_for_timeout(seconds * 1000)
        trace = browser.stop_tracing()
        spends = page.evaluate("import(document.baseURI.split('#')[0] + 'static/frame.js').then(f => [...f.spends])")
        context.close()
    at = [e["ts"] for e in json.loads(trace)["traceEvents"] if e.get("name") == "play"][0]
    return [f for f in traced(trace) if f[0] < at], [f for f in traced(trace) if f[0] >= at], dict(spends), drawn, trace


def summed(name, frames):
    """Figures on frames: of what the main thread did in a frame's own sixtieth of a second, and of all that it did since the frame before, however long ago that was."""
    if not frames:
        return f"{name}: no frame"

    def figures(which):
        ms = sorted(f[which] for f in frames)
        at = lambda q: ms[min(len(ms) - 1, int(len(ms) * q))]
        return f"{sum(m > LIMIT for m in ms)} over {LIMIT} ms, mean {sum(ms) / len(ms):.2f}, median {at(.5):.2f}, 95 % {at(.95):.2f}, most {ms[-1]:.1f} ms"

    return f"{name}: {len(frames)} frames: {figures(3)}; since the frame before: {figures(1)}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("stheno")
    parser.add_argument("experiments", nargs="*", default=["relu", "deep-relu"])
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--keep", type=pathlib.Path, help="a folder of recorded streams, which are taken from there if they are there")
    parser.add_argument("--trace", type=pathlib.Path, help="a folder for Chromium's traces")
    parser.add_argument("--record", action="store_true", help="record only")
    parser.add_argument("--why", action="store_true", help="what is in the frames that take too long")
    parser.add_argument("--chromium", default=shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome"))
    a = parser.parse_args()
    streams = {}
    for name in a.experiments:
        kept = a.keep and a.keep / (name + ".json")
        if kept and kept.exists():
            streams[name] = json.loads(kept.read_text())
        else:
            streams[name] = record(a.stheno, *name.split(), seconds=a.seconds)
            if kept:
                kept.write_text(json.dumps(streams[name]))
    if a.record:
        return
    with sync_playwright() as playwright:
        for name, events in streams.items():
            browser = playwright.chromium.launch(executable_path=a.chromium, args=["--no-sandbox", "--disable-gpu"])
            load, frames, spends, drawn, trace = measure(browser, events, a.seconds, a.why)
            browser.close()
            if a.trace:
                (a.trace / (name + ".json")).write_bytes(trace)
            first = [f for f in frames if f[0] < frames[0][0] + 2e6]
            print(f"{name}: {len(events)} events; the first picture {drawn:.0f} ms after the request")
            for part, fs in (("loading", load), ("first two seconds", first), ("then", frames[len(first):])):
                print("  " + summed(part, fs))
                for f in sorted(fs, key=lambda f: -f[1])[:8] if a.why else []:
                    if f[1] > LIMIT:
                        print(f"    at {(f[0] - frames[0][0]) / 1e6:.2f} s {f[1]:.1f} ms: " + ", ".join(f"{k} {v:.1f}" for k, v in sorted(f[2].items(), key=lambda x: -x[1])[:9] if v > .15))
            if a.why:
                print("  jobs, times × mean (most) ms: " + ", ".join(f"{k} {n}×{t / n:.2f} ({m:.1f})" for k, (n, t, m) in sorted(spends.items(), key=lambda x: -x[1][1])))


if __name__ == "__main__":
    main()
