"""Plays the lab's page in a real Chromium: browser.py STHENO [CHECK…] [--screenshots FOLDER] [--chromium PATH]

STHENO is the command, which is started anew for each check. A check fails by an assertion, and by any error on the page's console. Needs playwright (1.60) and, for its copy
of axe-core, axe-playwright-python; no browser of Playwright's own.
"""
import argparse
import base64
import contextlib
import http.server
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import zipfile
import zlib

from playwright.sync_api import Error, expect, sync_playwright

import frames

SMALL = ["relu", "--train-samples", "500", "--hidden", "32,32", "--epochs", "3"]  # trains in a moment


class Lab:
    """stheno lab as a process."""

    def __init__(self, stheno, *args, **env):
        self.process = subprocess.Popen([stheno, "lab", "--no-open", *args], stdout=subprocess.PIPE, text=True, env={**os.environ, **env})
        line = self.process.stdout.readline()
        found = re.search(r"http://\S+", line)
        assert found, f"stheno lab said {line!r}"
        self.url = found.group()
        self.origin = self.url.split("/?")[0]
        self.port = int(self.origin.rsplit(":", 1)[1])

    def end(self, sig=signal.SIGINT):
        if self.process.poll() is None:
            self.process.send_signal(sig)
        return self.process.wait(20)


class Play:
    """A check's browser contexts and labs, and what went wrong on its pages."""

    def __init__(self, browser, stheno, shots):
        self.browser, self.stheno, self.shots = browser, stheno, shots
        self.labs, self.contexts, self.wrong, self.refused = [], [], [], []
        self.expected = ["410 \\(Gone\\)"]  # patterns of console errors that belong to the check, or to all: a run was removed while the page asked of it

    def lab(self, *args, **env):
        lab = Lab(self.stheno, *args, **env)
        self.labs.append(lab)
        return lab

    def context(self, **options):
        options = {"viewport": {"width": 1440, "height": 900}, "locale": "en-US", "reduced_motion": "reduce", **options}
        context = self.browser.new_context(**options)
        context.set_default_timeout(30_000)
        self.contexts.append(context)
        return context

    def page(self, lab, context=None, **options):
        page = (context or self.context(**options)).new_page()
        page.on("console", lambda m: m.type in ("error", "warning") and self.wrong.append(f"console: {m.text}"))
        page.on("pageerror", lambda e: self.wrong.append(f"page: {e}"))
        page.on("response", lambda r: r.status >= 400 and self.refused.append(f"{r.status} {r.request.method} {r.url} {r.request.post_data or ''}"[:300]))
        page.goto(lab.url)
        assert page.url.startswith(lab.origin + "/") and "token" not in page.url, page.url
        expect(page.locator("#connection")).to_have_attribute("data-is", "open")
        wait(page, "s.runs.length > 0")
        expect(page.locator("body")).to_have_attribute("aria-busy", "false")
        return page

    def close(self):
        for context in self.contexts:
            context.close()
        for lab in self.labs:
            if lab.process.poll() is None:
                lab.process.kill()
                lab.process.wait()

    def shot(self, page, name):
        if self.shots:
            page.screenshot(path=str(self.shots / (name + ".png")))


MODULE = "import(document.baseURI.split('#')[0] + 'static/state.js').then(({lab, run, series}) => { const s = lab.state, r = run(); return (%s) })"


def tell(page, expression):
    """What the page knows: s is the state, r the run that is shown."""
    return page.evaluate(MODULE % expression)


def wait(page, expression, seconds=60):
    """Waits until the page knows something."""
    end = time.monotonic() + seconds
    while not tell(page, f"Boolean(s && ({expression}))"):
        assert time.monotonic() < end, f"waited in vain for {expression}: {tell(page, 'r && JSON.stringify([r.name, r.condition, r.step, r.why])')}"
        page.wait_for_timeout(50)


def do(page, what, **fields):
    """Asks the lab as a page does."""
    answer = page.evaluate(
        "body => fetch('api/do', {method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify(body)}).then(r => r.json())", {"do": what, **fields})
    assert answer.get("ok"), answer
    return answer


def to_end(page, seconds=120):
    page.get_by_test_id("play").click()
    wait(page, "r.condition === 'done' && !s.playing && r.result", seconds)


def weights(content):
    """The tensors of a safetensors file, as bytes."""
    size = struct.unpack("<Q", content[:8])[0]
    head = json.loads(content[8 : 8 + size])
    data = content[8 + size :]
    return {k: (v["dtype"], v["shape"], data[slice(*v["data_offsets"])]) for k, v in head.items() if k != "__metadata__"}


def model(page):
    """The shown run's weights, where it is."""
    got = tell(page, "fetch('api/model?run=' + r.id).then(r => r.ok ? r.blob() : r.text().then(t => { throw new Error(t) })).then(b => new Promise(ok => { const f = new FileReader(); f.onload = () => ok(f.result); f.readAsDataURL(b) }))")
    return weights(base64.b64decode(got.split(",", 1)[1]))


# --- the checks, each a function of a Play --------------------------------------------------------------------------------------------------------------------------


def ladder(p):
    """The eleven steps, in their short versions, by the keyboard alone."""
    lab = p.lab()
    page = p.page(lab)
    expect(page.locator("button.rung")).to_have_count(11)
    names = [e.get_attribute("data-step") for e in page.locator("button.rung").all()]
    began = time.monotonic()

    def to(selector, limit=80):
        for _ in range(limit):
            if page.evaluate("sel => document.activeElement?.matches(sel) ?? false", selector):
                return
            page.keyboard.press("Tab")
        raise AssertionError(f"Tab does not reach {selector}, but {page.evaluate('document.activeElement?.outerHTML.slice(0, 200)')}")

    for name in names:
        page.evaluate("document.activeElement?.blur()")
        to(f'button.rung[data-step="{name}"]')
        ring = page.evaluate("(() => { const s = getComputedStyle(document.activeElement); return s.outlineStyle !== 'none' || s.boxShadow !== 'none' })()")
        assert ring, f"the focus on {name} is not to be seen"
        page.keyboard.press("Enter")
        expect(page.locator(f'[data-test="play-short"][data-step="{name}"]')).to_be_visible()  # its words are drawn in the next frame
        to(f'[data-test="play-short"][data-step="{name}"]')
        page.keyboard.press("Enter")
        wait(page, f"r.experiment === '{name}' && (r.condition === 'done' || r.condition === 'diverged')", 180)
        wait(page, "r.result && r.result.test !== null")
        expect(page.locator(f'button.rung[data-step="{name}"]')).to_contain_text(re.compile(r"\d%"))
    runs = tell(page, "s.runs.map(r => [r.experiment, r.short, r.steps_per_epoch * r.epochs === r.step])")
    assert runs[1:] == [[n, True, True] for n in names], runs
    # each shows, short as it is, what its step is about
    test, noisy = (tell(page, f"Object.fromEntries(s.runs.filter(r => r.short).map(r => [r.experiment, r.result.{of}]))") for of in ("test", "noisy_test"))
    for name in ("mse", "batch-10000", "deep-sigmoid", "raw-pixels"):
        assert test[name] < 0.2, f"{name} learns: {test}"
    for name in ("cross-entropy", "batch-1", "deep-relu"):
        assert test[name] > 0.5, f"{name} does not learn: {test}"
    assert 0.9 < test["relu"] < test["adam"], test
    assert noisy["dropout"] > noisy["noise"] + 0.05, noisy
    print(f"  eleven steps by keyboard in {time.monotonic() - began:.0f} s")


def mended(p):
    """The first step of the ladder fails, and the buttons of its findings bring it into a green band."""
    lab = p.lab("mse")
    page = p.page(lab)
    to_end(page, 240)
    expect(page.get_by_test_id("finding").first).to_be_visible()
    before = tell(page, "[r.id, r.result.test, r.settings.seed]")
    assert before[1] < 0.2, f"mse learnt: {before}"
    button = page.get_by_test_id("mend").filter(has_text=re.compile("cross-entropy")).first
    expect(page.locator("#words-note")).to_contain_text(f"at step {tell(page, 'r.head'):,}")
    said = page.get_by_test_id("words").inner_text()
    assert f"{100 * before[1]:.1f}%" in said, f"{before[1]} is written otherwise: {said}"
    assert not re.search(r"(^|[^0-9])[.][0-9]|[0-9] %|[0-9]e-", said), said
    p.shot(page, "mse-diagnosed")
    button.click()
    for _ in range(4):
        wait(page, f"r.id !== '{before[0]}' && r.condition === 'done' && !s.playing && r.result", 240)
        after = tell(page, "[r.id, r.result.test, r.settings.seed, r.in_band, r.matches, r.parent, s.runs.length]")
        if after[3]:
            break
        page.get_by_test_id("mend").first.click()
        wait(page, f"r.id !== '{after[0]}'")
        expect(page.get_by_test_id("beside-side")).to_have_count(2)  # what was mended and what mends it
    assert after[1] > 0.7 and after[2] == before[2] and after[3] is True and after[4], after
    assert before[0] in tell(page, "s.runs.map(r => r.id)"), "the run that was mended is gone"
    expect(page.locator("#steps li.in")).not_to_have_count(0)
    expect(page.locator(f'[data-step="{after[4]}"]').first).to_contain_text("%")
    p.shot(page, "mse-mended")


def diagnosed(p):
    """What is found stands in the order in which it was told, that of weight; under "Nothing is wrong" stands no more than that batches are small."""
    lab = p.lab("adam", "--batch-size", "4", "--epochs", "1", "--hidden", "20")
    page = p.page(lab)
    to_end(page)
    wait(page, "lab.findings.get(r.id)?.step === r.step")
    expect(page.get_by_test_id("finding").first).to_be_visible()
    shown = page.get_by_test_id("finding").evaluate_all("all => all.map(e => e.dataset.code)")
    assert shown == tell(page, "lab.findings.get(r.id).findings.map(f => f.code)") == ["healthy", "batch-small"], shown
    expect(page.get_by_test_id("finding").first).to_have_class(re.compile("good"))
    expect(page.get_by_test_id("finding").nth(1)).to_have_class(re.compile("note"))


def beside(p):
    """Two networks stand side by side, each at its step, on one scale; the address keeps it, and what is mended stands beside what mends it."""
    lab = p.lab("deep-sigmoid", "--train-samples", "300", "--epochs", "2")
    page = p.page(lab)
    to_end(page)
    expect(page.get_by_test_id("beside")).to_be_hidden()  # there is no other
    relu = do(page, "branch", run="r1", step=0, change={"activation": "relu"})["run"]
    wait(page, f"r.id === '{relu}'")
    expect(page.locator('[data-test="beside"] option[value="r1"]')).to_have_count(1)
    page.get_by_test_id("beside").focus()
    page.keyboard.press("ArrowDown")
    two = page.get_by_test_id("beside-side")
    expect(two).to_have_count(2)
    expect(two.nth(1)).to_contain_text("step 0")
    page.get_by_test_id("play").click()
    wait(page, "r.condition === 'done' && r.result")
    both = tell(page, f"['r1', '{relu}'].map(id => [s.runs.find(o => o.id === id).name, lab.layers.get(id).step, lab.layers.get(id).layers.map(l => l.grad_norm).filter(v => v !== null)])")
    for i, (name, step, norms) in enumerate(both):
        expect(two.nth(i)).to_contain_text(name)
        expect(two.nth(i)).to_contain_text(f"step {step}")
        got = float(re.search(r"× ([\d.]+(e[−\d]+)?)", two.nth(i).locator(".fall").inner_text()).group(1).replace("−", "-"))
        assert abs(got / (norms[0] / norms[-1]) - 1) < 0.06, (got, norms)
        ink = two.nth(i).locator("canvas").evaluate("c => new Set(c.getContext('2d').getImageData(0, 0, c.width, c.height).data).size")
        assert ink > 20, "nothing is drawn"
    assert both[0][2][0] / both[0][2][-1] < 1e-3 < both[1][2][0] / both[1][2][-1], both
    scale = page.evaluate("import(document.baseURI.split('#')[0] + 'static/beside.js').then(b => b.scale())")
    assert scale[0] < -5 and scale[1] >= 0, scale
    page.get_by_test_id("network-table-button").click()
    expect(page.locator('[data-test="beside-table"] table')).to_have_count(2)
    expect(page.locator('[data-test="beside-table"] tbody tr')).to_have_count(sum(tell(page, f"['r1', '{relu}'].map(id => lab.layers.get(id).layers.length)")))
    page.get_by_test_id("network-table-button").click()
    a, b = (two.nth(i).bounding_box() for i in (0, 1))
    assert a["y"] == b["y"] and a["x"] < b["x"], (a, b)
    p.shot(page, "beside-1440")
    page.get_by_test_id("open-take").click()
    with page.expect_download() as download:
        page.get_by_test_id("picture-network-svg").click()
    svg = pathlib.Path(download.value.path()).read_text()
    for name, step, norms in both:
        assert name[:20] in svg and f"step {step}<" in svg, (name, step)
    assert svg.count("<polygon") == 2, "the picture has not both networks"
    with page.expect_download() as download:
        page.get_by_test_id("picture-network-png").click()
    size = struct.unpack(">II", pathlib.Path(download.value.path()).read_bytes()[16:24])
    assert size[0] / size[1] == 960 / 388, size
    if p.shots:
        shutil.copy(download.value.path(), p.shots / "beside-taken.png")
    page.keyboard.press("Escape")
    page.locator('[data-test="run-chip"][data-run="r1"] [data-test="run"]').click()  # the two change places in what is steered, and stand as they stood
    wait(page, "r.id === 'r1'")
    expect(two.nth(1)).to_contain_text(both[1][0])
    expect(page.get_by_test_id("beside")).to_have_value(relu)
    wait(page, f"location.hash.includes('beside={relu}') && location.hash.includes('run=r1')")
    page.reload()
    wait(page, "r.id === 'r1'")
    expect(page.get_by_test_id("beside-two")).to_be_visible()
    expect(two.nth(1)).to_contain_text(both[1][0])
    p.shot(page, "beside-reloaded")
    link = page.url
    for width, height, scheme in ((1024, 768, "dark"), (390, 844, "light"), (720, 500, "dark")):
        other = p.page(lab, context=p.context(viewport={"width": width, "height": height}, color_scheme=scheme, locale="zh-TW"))
        other.goto(link.replace(page.url.split("#")[0], other.url.split("#")[0]))  # into a tab that looks at another run
        expect(other.get_by_test_id("beside-two")).to_be_visible()
        sides = other.get_by_test_id("beside-side")
        expect(sides.nth(0)).to_contain_text("步")
        a, b = sides.evaluate_all("all => all.map(e => e.getBoundingClientRect().y)")  # of one moment: what stands above may come yet
        assert (a == b) == (width > 390), (width, a, b)
        assert other.evaluate("document.scrollingElement.scrollWidth <= innerWidth"), width
        sides.nth(0).scroll_into_view_if_needed()
        other.wait_for_timeout(300)
        p.shot(other, f"beside-{width}-{scheme}")
        other.context.close()
        p.contexts.remove(other.context)
    page.get_by_test_id("beside").select_option("")
    expect(page.get_by_test_id("beside-two")).to_be_hidden()
    expect(page.get_by_test_id("layer").first).to_be_visible()
    # One of other data does not stay beside what comes then.
    page.get_by_test_id("beside").select_option(relu)
    expect(page.get_by_test_id("beside-two")).to_be_visible()
    do(page, "start", experiment="char-lm")
    wait(page, "r.experiment === 'char-lm'")
    do(page, "pause")
    expect(page.get_by_test_id("beside-two")).to_be_hidden()
    expect(page.get_by_test_id("beside")).to_have_value("")


def evening(p):
    """What is trained is kept where --out says, and is there the next evening; what is stopped without it says so; a run is taken away as a folder that the command goes on with."""
    with tempfile.TemporaryDirectory() as place:
        out, taken = os.path.join(place, "evening"), os.path.join(place, "taken")
        lab = p.lab(*SMALL, "--out", out)
        page = p.page(lab)
        to_end(page)
        do(page, "branch", run="r1", step=5, change={"rate": 0.02})
        wait(page, "s.runs.length === 2 && r.step === 5")
        do(page, "step")
        wait(page, "r.step === 6")
        was = tell(page, "s.runs.map(r => [r.name, r.head, r.condition])")
        expect(page.get_by_test_id("kept")).to_have_text("Kept in evening")
        wait(page, "s.runs.every(r => r.folder)")
        page.get_by_test_id("open-take").click()
        expect(page.get_by_test_id("take-kept")).to_contain_text(tell(page, "r.folder") + " in the folder evening")
        assert place not in page.content() and place not in json.dumps(tell(page, "s")), "where the folder lies is told"
        with page.expect_download() as download:
            page.get_by_test_id("take-folder").click()
        with zipfile.ZipFile(download.value.path()) as z:
            z.extractall(taken)
        page.close()
        assert lab.end() == 0 and "2 runs in" in lab.process.stdout.read(), "what was kept is not said"
        lab = p.lab("--out", out)
        page = p.page(lab)
        wait(page, "s.runs.length === 2")
        assert tell(page, "s.runs.map(r => [r.name, r.head, r.condition])") == was, was
        assert tell(page, "s.runs[0].result.test > 0")
        page.get_by_test_id("play").click()
        wait(page, "s.runs.length === 3 && r.condition === 'done' && r.result")
        end = tell(page, "r.result.test")
        p.shot(page, "evening")
        asked = []
        page.once("dialog", lambda d: (asked.append(d.message), d.accept()))
        drop, folder = tell(page, "[s.runs[1].name, s.runs[1].folder]")
        page.get_by_test_id("run-chip").nth(1).get_by_test_id("remove").click()
        wait(page, "s.runs.length === 2")
        assert asked == [f"Remove {drop}, with all that it has learnt? Its folder {folder} in evening is deleted, too."], asked
        page.close()
        lab.end()
        folders = sorted(f for f in os.listdir(out) if not f.startswith("."))
        assert len(folders) == 2 and folders[0].startswith("001-") and folder not in folders, folders
        folder = os.path.join(taken, os.listdir(taken)[0])

        def stheno(*args):
            return subprocess.run([p.stheno, *args], capture_output=True, text=True, check=True, timeout=120).stdout

        assert f"{end:.4f}".lstrip("0") in stheno("run", "--resume", folder), "the folder goes on to something else"
        for command in ("diagnose", "report", "eval"):
            assert stheno(command, os.path.join(out, folders[0]), *(["-o", os.path.join(place, "r.html")] if command == "report" else [])) or command == "report"
        lab = p.lab(*SMALL)
        page = p.page(lab)
        do(page, "step")
        expect(page.get_by_test_id("kept")).to_be_hidden()
        page.get_by_test_id("open-take").click()
        expect(page.get_by_test_id("take-kept")).to_contain_text("keeps no run")
        page.close()
        assert lab.end() == 0 and "and 1 run with it" in lab.process.stdout.read()


def kept(p):
    """What the page says of a step is of that step, also of a run that was kept without its steps; at a run's end no step is offered, and who asks for one is told, without an error on the console."""
    with tempfile.TemporaryDirectory() as place:
        folder = os.path.join(place, "small")
        subprocess.run([p.stheno, "run", *SMALL, "--out", folder, "--quiet"], check=True, stdout=subprocess.DEVNULL)
        with open(os.path.join(folder, "metrics.jsonl")) as f:
            mean = [json.loads(line)["running"]["loss"] for line in f]
        said = subprocess.run([p.stheno, "gradients", folder, "--at", "0", "--json"], capture_output=True, text=True, check=True).stdout
        first = {}
        for part in json.loads(said)["layers"]:
            first[part["layer"]] = first.get(part["layer"], 0) + part["grad_norm"] ** 2
        lab = p.lab(folder)
        page = p.page(lab)
        says, time_bar = page.get_by_test_id("time-says"), page.get_by_test_id("time")
        wait(page, "r.step === 15 && lab.layers.get(r.id)")
        began = tell(page, "lab.layers.get(r.id).layers.map(l => l.first.grad_norm)")
        assert all(abs(a - b**0.5) <= 1e-5 * a for a, b in zip(began, first.values(), strict=True)), f"it began with {began}, not {first}"
        expect(says).to_contain_text(f"mean loss of the epoch {mean[2]:.3}"[:-1])
        expect(says).not_to_contain_text("batch loss")
        expect(page.locator(".chart", has=page.get_by_test_id("plot-rate")).locator(".note")).to_contain_text("were not kept one by one")
        expect(page.get_by_test_id("curves-key")).to_contain_text("the loss is the mean of each epoch")
        page.locator("#language").click()
        expect(says).to_contain_text("平均損失")
        page.locator("#language").click()
        time_bar.focus()
        page.keyboard.press("Home")
        wait(page, "r.step === 0 && !lab.aim.moves")
        expect(says).to_contain_text("epoch 0.00")
        expect(says).not_to_contain_text("loss")
        for _ in range(7):
            page.keyboard.press("ArrowRight")
        wait(page, "r.step === 7")
        expect(says).to_contain_text("epoch 1.40")
        expect(says).to_contain_text("figures of step 5")
        expect(says).to_contain_text(f"mean loss of the epoch {mean[0]:.3}"[:-1])
        do(page, "branch")
        wait(page, "s.runs.length === 2")
        asked = []
        page.once("dialog", lambda d: (asked.append(d.message), d.accept()))
        page.get_by_test_id("run-chip").nth(0).get_by_test_id("remove").click()
        wait(page, "s.runs.length === 1")
        assert asked[0].endswith("from the lab? What lies on disk of it stays.") and os.path.exists(os.path.join(folder, "run.json")), asked
        page.close()
        lab = p.lab(*SMALL)
        page = p.page(lab)
        says = page.get_by_test_id("time-says")
        to_end(page)
        expect(says).to_contain_text("batch loss")
        page.get_by_test_id("play").click()
        expect(page.get_by_test_id("toast")).to_contain_text("is over, after 3 epochs")
        expect(page.locator('button[data-test="apart"]')).to_be_disabled()
        page.get_by_test_id("time").focus()
        page.keyboard.press("Home")
        wait(page, "r.step === 0")
        expect(says).to_contain_text("epoch 0.00")
        expect(says).not_to_contain_text("loss")
        page.locator('button[data-test="apart"]').click()
        page.get_by_test_id("apart-part").nth(4).click()
        expect(page.get_by_test_id("apart-do")).to_be_visible()


def elsewhere(p):
    """A link in a browser that has not been here says what to do, in its language."""
    p.expected.append("401")
    lab = p.lab(*SMALL)
    page = p.page(lab)
    for locale, says in (("en-US", "This browser is not in this lab yet"), ("zh-TW", "這個瀏覽器還沒進到這個實驗室")):
        for scheme in ("light", "dark"):
            stranger = p.context(locale=locale, color_scheme=scheme).new_page()
            stranger.on("console", lambda m: m.type == "error" and p.wrong.append(m.text))
            answer = stranger.goto(page.url)
            assert answer.status == 401 and "token=" not in stranger.content()
            expect(stranger.locator("h1")).to_have_text(says)
            assert stranger.evaluate("getComputedStyle(document.body).maxWidth") != "none", "its style is refused"
            p.shot(stranger, f"elsewhere-{locale}-{scheme}")
            stranger.context.close()
            p.contexts.remove(stranger.context)


def drawn(p):
    """A residual block's shortcut is drawn past its layers; filters say their order, and attention maps which way they are to be read; and a page at 200 % keeps its room for what is looked at."""
    page = p.page(p.lab("resnet", "--train-samples", "100", "--epochs", "1"))
    do(page, "step")
    expect(page.get_by_test_id("net-shortcut")).to_be_visible()
    page.wait_for_timeout(400)
    p.shot(page, "shortcuts-blocks")
    spans = "import(document.baseURI.split('#')[0] + 'static/shortcut.js').then(m => m.shortcuts(lab.layers.get(r.id).layers))"
    kinds = tell(page, "lab.layers.get(r.id).layers.map(l => [l.kind, l.nested])")
    got = tell(page, spans)
    assert [a for a, _ in got] == [i for i, (k, _) in enumerate(kinds) if k in ("residual", "net")] and len(got) > 5, (got, kinds)  # its nets are blocks of another size
    for a, b in got:
        assert all(n > kinds[a][1] for _, n in kinds[a + 1 : b + 1]), (a, b, kinds)
        assert b + 1 == len(kinds) or kinds[b + 1][1] <= kinds[a][1] if kinds[a][0] == "residual" else kinds[b][0] == "sum", (a, b, kinds)
    folded = tell(page, "import(document.baseURI.split('#')[0] + 'static/places.js').then(p => import(document.baseURI.split('#')[0] + 'static/shortcut.js').then(m => m.shortcuts(p.blocks(lab.layers.get(r.id).layers)).length))")
    assert folded == 6, folded  # of two sequences, two nets, two residual blocks
    page.get_by_test_id("network-fold").click()
    page.wait_for_timeout(400)
    p.shot(page, "shortcuts-all")
    page.locator('[data-layer^="conv"] button').first.click()
    expect(page.locator("#layer-dialog")).to_contain_text("Those of the largest weights first")
    page.context.close()
    p.contexts.pop()
    # A convolution over time has lines for filters, each with its numbers beside the drawing.
    page = p.page(p.lab("relu", "--layers", "conv1d 6 5 relu, flatten, dense 10 softmax", "--input", "28x28", "--train-samples", "300", "--epochs", "1"))
    do(page, "step")
    wait(page, "r.step === 1 && lab.layers.get(r.id)")
    page.locator('[data-layer^="conv1d"] button').first.click()
    lines = page.locator("#layer-dialog .pictures canvas")
    expect(lines).to_have_count(64)  # of 6 filters of 28 channels
    expect(page.locator("#layer-dialog")).to_contain_text("a bar for each weight")
    _, shape, data = model(page)["conv1d_1.weight"]
    all_weights, known = struct.unpack(f"<{len(data) // 4}f", data), {}
    for f in range(6):
        for c in range(28):
            known[f"{f + 1}, {c + 1}"] = [all_weights[(i * 28 + c) * 6 + f] for i in range(5)]
    order = sorted(known, key=lambda k: -sum(v * v for v in known[k]))
    for i in range(64):
        said, values = re.fullmatch(r"Filters (\d+, \d+): (.*)", lines.nth(i).get_attribute("aria-label")).groups()
        got = [float(v.replace("−", "-")) for v in values.split(", ")]
        assert said == order[i] and all(abs(a - b) < 0.006 * abs(b) + 1e-6 for a, b in zip(got, known[said], strict=True)), (i, said, got, order[i], known[order[i]])
    tall = lines.first.evaluate("""c => { const { width: w, height: h } = c, d = c.getContext('2d').getImageData(0, 0, w, h).data
        return [0, 1, 2, 3, 4].map(i => { const x = Math.floor((i + .5) * w / 5); let n = 0; for (let y = 0; y < h; y++) if (d[(y * w + x) * 4 + 3] > 200) n++; return n }) }""")
    largest = [abs(v) for v in known[order[0]]]
    assert tall.index(max(tall)) == largest.index(max(largest)) and max(tall) > 20, (tall, largest)
    lines.first.scroll_into_view_if_needed()
    p.shot(page, "lines")
    page.context.close()
    p.contexts.pop()
    page = p.page(p.lab("row-transformer", "--train-samples", "100", "--epochs", "1"), viewport={"width": 720, "height": 500})
    do(page, "step")
    wait(page, "lab.layers.get(r.id)")
    page.evaluate("scrollTo(0, 400)")
    page.wait_for_timeout(300)
    deck, top = page.locator("#deck").bounding_box(), page.locator(".top").bounding_box()
    assert deck["height"] + max(0, top["y"] + top["height"]) < 100, (deck, top)
    p.shot(page, "zoomed")
    name = tell(page, "lab.layers.get(r.id).layers.find(l => (l.draws ?? []).includes('attention')).name")
    page.evaluate("name => import(document.baseURI.split('#')[0] + 'static/layer.js').then(m => m.openLayer(name))", name)
    for text in ("looks at →", "↓ place that looks"):
        expect(page.locator("#layer-dialog .axes").get_by_text(text).first).to_be_visible()
    assert page.locator("#layer-dialog .axes canvas").first.bounding_box()["width"] >= 200
    page.locator("#layer-dialog .axes").scroll_into_view_if_needed()
    p.shot(page, "attention")


SHAPES = {
    "1": [[(14, 5), (14, 23)]],
    "0": [[(14, 5), (9, 8), (8, 14), (9, 20), (14, 23), (19, 20), (20, 14), (19, 8), (14, 5)]],
    "7": [[(7, 6), (20, 6), (16, 13), (13, 23)]],
    "3": [[(9, 6), (14, 5), (18, 8), (16, 12), (12, 13), (17, 15), (19, 19), (15, 23), (9, 21)]],
}


def digit(p):
    """A digit drawn by the pointer is recognised while it is drawn, by the mouse as by a finger; a test digit and a picture too."""
    lab = p.lab("relu", "--epochs", "4", "--optimizer", "adam")
    page = p.page(lab, has_touch=True)
    to_end(page, 120)
    pad = page.get_by_test_id("pad")
    pad.scroll_into_view_if_needed()

    def draw(lines):
        page.get_by_test_id("clear").click()
        box = pad.bounding_box()
        at = lambda q: (box["x"] + q[0] / 28 * box["width"], box["y"] + q[1] / 28 * box["height"])
        for line in lines:
            page.mouse.move(*at(line[0]))
            page.mouse.down()
            for q in line[1:]:
                page.mouse.move(*at(q), steps=6)
            page.mouse.up()

    for name, lines in SHAPES.items():
        draw(lines)
        expect(page.get_by_test_id("verdict").locator("b")).to_have_text(name)
        first = page.locator('[data-test="meter"].first')
        expect(first).to_have_attribute("data-class", name)
        p.shot(page, "drawn-" + name)
    assert page.get_by_test_id("meter").count() == 10
    page.get_by_test_id("clear").click()
    expect(page.get_by_test_id("verdict").locator("b")).to_have_count(0)
    right = 0
    for _ in range(10):
        page.get_by_test_id("test-sample").click()
        expect(page.get_by_test_id("verdict").locator("b")).to_have_count(1)
        page.wait_for_timeout(150)
        truth = re.search(r"(\d)\D*$", page.get_by_test_id("sample-says").inner_text()).group(1)
        right += page.get_by_test_id("verdict").locator("b").inner_text() == truth
    assert right >= 7, f"{right} of 10 test digits were recognised"
    page.get_by_test_id("next-wrong").click()
    expect(page.get_by_test_id("verdict")).to_contain_text("; it is")
    # A photograph: dark ink on white paper, which is turned round before the network sees it.
    paper = [[255] * 56 for _ in range(56)]
    for y in range(10, 47):
        for x in range(26, 31):
            paper[y][x] = 10
    page.get_by_test_id("picture-file").set_input_files({"name": "one.png", "mimeType": "image/png", "buffer": png(paper)})
    expect(page.get_by_test_id("verdict").locator("b")).to_have_text("1")
    # By the keyboard: down the middle.
    page.get_by_test_id("clear").click()
    pad.focus()
    for _ in range(9):
        page.keyboard.press("ArrowUp")
    page.keyboard.press("Space")
    for _ in range(17):
        page.keyboard.press("ArrowDown")
    expect(page.get_by_test_id("verdict").locator("b")).to_have_text("1")
    page.keyboard.press("Space")
    inked = "document.querySelector('[data-test=pad]').toDataURL()"
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    before = page.evaluate(inked)
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowDown")
    assert page.evaluate(inked) == before, "a lifted pen draws"
    page.keyboard.press("Escape")
    expect(pad).not_to_be_focused()


def png(rows):
    """A picture as a file: of grey pixels, or of three bytes each."""
    grey = isinstance(rows[0][0], int)
    chunk = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    raw = b"".join(b"\0" + bytes(r if grey else sum(r, ())) for r in rows)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", len(rows[0]), len(rows), 8, 0 if grey else 2, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b"")


def apart(p):
    """One step apart shows the numbers that inspect has for the same batch."""
    lab = p.lab(*SMALL)
    page = p.page(lab)
    said = subprocess.run([p.stheno, "gradients", *SMALL, "--at", "0,5", "--json"], capture_output=True, text=True, check=True).stdout
    want = {}
    for line in said.splitlines():
        g = json.loads(line)
        squares = want.setdefault(g["step"], {})
        for part in g["layers"]:
            squares[part["layer"]] = squares.get(part["layer"], 0) + part["grad_norm"] ** 2
    for step in (0, 5):
        for _ in range(step):
            page.locator('#deck [data-test="step"]').click()
        wait(page, f"r.step === {step} && !s.playing")
        page.locator('button[data-test="apart"]').click()
        expect(page.get_by_test_id("apart-frame")).to_have_attribute("data-frame", "batch")
        frames, norms, loss = 0, {}, None
        while True:
            frame = page.get_by_test_id("apart-frame")
            kind = frame.get_attribute("data-frame")
            frames += 1
            if kind == "loss":
                loss = float(page.get_by_test_id("apart-loss").get_attribute("data-value"))
                p.shot(page, "apart-loss")
            if kind == "backward":
                expect(page.get_by_test_id("apart-grad")).to_contain_text("of its parameters")  # and what is below is another quantity
                expect(page.get_by_test_id("apart-hist")).to_have_text("Gradient of its output")
                norms[frame.get_attribute("data-layer")] = float(page.get_by_test_id("apart-grad").get_attribute("data-value"))
                p.shot(page, "apart-backward")
            if kind in ("batch", "forward", "update"):
                p.shot(page, "apart-" + kind)
            if page.get_by_test_id("apart-next").is_disabled():
                break
            page.get_by_test_id("apart-next").click()
        assert frames >= 3 + 2 * 3, f"{frames} frames"
        expect(page.get_by_test_id("apart-part")).to_have_text(["Batch", "Forward", "Loss", "Backward", "Update"])
        page.get_by_test_id("apart-part").nth(3).click()
        expect(page.get_by_test_id("apart-frame")).to_have_attribute("data-frame", "backward")
        expect(page.get_by_test_id("apart-fall")).to_have_attribute("aria-label", re.compile(r"^dense_3 \S+$"))
        got, expected = sorted(norms.values()), sorted(v**0.5 for v in want[step].values())
        assert len(got) == len(expected) and all(abs(a - b) <= 1e-5 * abs(b) for a, b in zip(got, expected)), f"step {step}: the page has {norms}, inspect {want[step]}"
        page.keyboard.press("Escape")
        page.locator('#deck [data-test="step"]').click()
        wait(page, f"r.step === {step + 1} && !s.playing")
        after = tell(page, f"series(r.id).loss[{step}]")
        assert abs(after - loss) <= 1e-5 * abs(loss), f"step {step}: the loss taken apart is {loss}, the step's {after}"
        do(page, "goto", step=step)
    to_end(page)
    expect(page.locator('button[data-test="apart"]')).to_be_disabled()  # no step comes next
    page.keyboard.press("a")
    page.wait_for_timeout(300)
    expect(page.get_by_test_id("apart-frame")).to_be_hidden()
    do(page, "goto", step=5)
    expect(page.locator('button[data-test="apart"]')).to_be_enabled()


def travel(p):
    """Going back and on again gives the bits of a run that was never stopped, and of stheno run."""
    lab = p.lab(*SMALL)
    page = p.page(lab)
    to_end(page)
    whole, losses = model(page), tell(page, "series(r.id).loss")
    last = tell(page, "r.step")
    assert last == 15 and len(losses) == 15, (last, losses)
    time_bar = page.get_by_test_id("time")
    expect(time_bar).to_have_value("15")
    time_bar.focus()
    for _ in range(8):
        page.keyboard.press("ArrowLeft")
    wait(page, "r.step === 7")
    assert model(page) != whole
    expect(page.get_by_test_id("time-says")).to_contain_text("7")
    page.get_by_test_id("play").click()
    wait(page, "r.condition === 'done' && !s.playing && r.step === 15")
    assert model(page) == whole, "going back and on gave other weights"
    # What lies beyond the newest step is the newest step.
    do(page, "restart")
    wait(page, "s.runs.length === 2 && r.step === 0")
    do(page, "step")
    do(page, "epoch")
    wait(page, "r.step === 5 && !s.playing")
    time_bar.focus()
    page.keyboard.press("Home")
    wait(page, "r.step === 0")
    page.keyboard.press("End")
    wait(page, "r.step === 5")
    expect(time_bar).to_have_value("5")
    page.keyboard.press("Home")
    wait(page, "r.step === 0")
    page.get_by_test_id("newest").click()
    wait(page, "r.step === 5")
    expect(page.get_by_test_id("newest")).to_be_hidden()
    expect(time_bar).to_be_focused()
    box = time_bar.bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.9, box["y"] + box["height"] / 2)
    page.wait_for_timeout(500)
    expect(time_bar).to_have_value("5")
    assert not page.get_by_test_id("toast").count(), page.get_by_test_id("toast").all_inner_texts()
    do(page, "remove", run=tell(page, "r.id"))
    wait(page, "s.runs.length === 1 && r.step === 15")
    assert tell(page, "series(r.id).loss") == losses, "going back and on gave other losses"
    with tempfile.TemporaryDirectory() as folder:
        run, file = os.path.join(folder, "run"), os.path.join(folder, "model.safetensors")
        subprocess.run([p.stheno, "run", *SMALL, "--out", run, "--quiet"], check=True, stdout=subprocess.DEVNULL)
        subprocess.run([p.stheno, "save", run, "-o", file], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        same = weights(pathlib.Path(file).read_bytes())
    assert {k: v for k, v in same.items()} == whole, "stheno run gave other weights"
    # A change in the past is a branch, and the run that it comes from stays.
    do(page, "goto", step=5)
    page.locator('[data-test="set-rate"]').fill("0.01")
    page.get_by_test_id("apply-branch").click()
    wait(page, "s.runs.length === 2 && r.parent_step === 5 && r.condition === 'done' && !s.playing && r.result")
    assert model(page) != whole
    assert tell(page, "s.runs[0].head") == 15


def said(p):
    """What is said goes by itself, an error later, but not while it is pointed at; and three at most are there at once."""
    lab = p.lab(*SMALL)
    context = p.context()
    context.clock.install()
    page = p.page(lab, context=context)
    toast = page.get_by_test_id("toast")
    for level, ms in (("info", 6500), ("error", 15500)):
        page.evaluate("level => import(document.baseURI.split('#')[0] + 'static/state.js').then(s => s.tell('said', {level, text: {en: 'so it is', zh: 'so it is'}}))", level)
        expect(toast).to_have_count(1)
        toast.hover()
        context.clock.run_for(ms)
        expect(toast).to_have_count(1)
        page.mouse.move(5, 5)
        context.clock.run_for(ms - 2000)
        expect(toast).to_have_count(1)
        context.clock.run_for(2500)
        expect(toast).to_have_count(0)

    # Many do not pile up: an error outlasts what is newer, and a pointer that only rests where they come up holds none.
    say = lambda level, words: page.evaluate("([level, words]) => import(document.baseURI.split('#')[0] + 'static/state.js').then(s => s.tell('said', {level, text: {en: words, zh: words}}))", [level, words])
    say("error", "broken")
    box = toast.bounding_box()
    page.mouse.move(box["x"] + 40, box["y"] + 10)
    page.mouse.move(5, 5)
    for i in range(6):
        say("info", f"number {i}")
    expect(toast).to_have_text(["broken", "number 4", "number 5"])
    page.mouse.move(box["x"] + 40, box["y"] + 10)
    context.clock.run_for(15500)
    expect(toast).to_have_count(1)  # which the pointer came to
    context.clock.run_for(60_000)
    expect(toast).to_have_count(0)
    say("info", "under a pointer at rest")
    expect(toast).to_have_count(1)
    context.clock.run_for(6500)
    expect(toast).to_have_count(0)
    # While nothing was found yet the words are true of where the run is.
    words = """([step, playing]) => Promise.all(['state', 'words'].map(m => import(document.baseURI.split('#')[0] + `static/${m}.js`))).then(([s, w]) => {
      const r = { ...s.run(), step, condition: playing ? 'playing' : 'paused' }; return w.waits(r) })"""
    each = tell(page, "r.steps_per_epoch")
    assert [page.evaluate(words, [step, playing]) for step, playing in ((0, True), (1, True), (each, True), (5 * each, True), (1, False))] == ["words_empty", "words_empty", "words_way", "words_way", "words_soon"]


def again(p):
    """After a reload the page is as it was."""
    lab = p.lab(*SMALL)
    page = p.page(lab)
    to_end(page)
    do(page, "goto", step=9)
    wait(page, "r.step === 9")
    page.get_by_test_id("log").click()
    page.get_by_test_id("x_step").click()
    wait(page, "lab.findings.get(r.id)?.step === 9")
    page.wait_for_timeout(600)  # until the address has it
    know = "JSON.stringify([r, series(r.id).columns, s.current])"
    before, words = tell(page, know), page.get_by_test_id("words").inner_text()
    page.reload()
    wait(page, "r && r.step === 9 && lab.findings.get(r.id)?.step === 9")
    page.wait_for_timeout(300)
    after = tell(page, know)
    assert after == before, f"before {before}\nafter {after}"
    assert page.get_by_test_id("words").inner_text() == words
    expect(page.get_by_test_id("log")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_test_id("x_step")).to_have_attribute("aria-pressed", "true")


def tabs(p):
    """Two tabs, and one in another browser, steer one run without harm."""
    p.expected.append("400 \\(Bad Request\\)")  # what came too late to be done
    lab = p.lab(*SMALL[:-1], "400")
    a = p.page(lab)
    b = p.page(lab, context=a.context)
    c = p.page(lab)
    a.get_by_test_id("play").click()
    wait(b, "s.playing && r.step > 0")
    b.locator('[data-test="set-rate"]').fill("0.05")
    b.get_by_test_id("apply").click()
    for page in (a, b, c):
        wait(page, "r.settings.rate === 0.05 && r.segments.length === 2")
    # All at once, again and again: nothing is lost, and all see the same.
    for i in range(10):
        for page, what in ((a, "play"), (b, "step"), (c, "pause"), (b, "epoch"), (a, "goto")):
            page.evaluate("body => { fetch('api/do', {method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify(body)}) }", {"do": what, **({"step": i} if what == "goto" else {})})
    a.wait_for_timeout(500)
    do(c, "pause")
    for page in (a, b, c):
        wait(page, "!s.playing")
    know = "JSON.stringify([s.runs.map(r => [r.id, r.step, r.head, r.condition, r.settings]), s.current])"
    for _ in range(50):
        a.wait_for_timeout(100)
        seen = [tell(page, know) for page in (a, b, c)]
        if len(set(seen)) == 1:
            break
    assert len(set(seen)) == 1, "\n".join(seen)
    assert tell(a, "r.condition") in ("paused", "done")
    assert tell(a, "fetch('api/command').then(r => r.status)") == 200
    b.close()
    c.context.close()
    step = tell(a, "r.step")
    do(a, "step")
    wait(a, f"r.step === {step} + 1")


def intent(p):
    """While the lab takes its time, a button is of the run and the step that were chosen last, and what is chosen is shown as chosen."""
    lab = p.lab("relu", "--train-samples", "1200", "--batch-size", "10", "--hidden", "700,700", "--epochs", "2")
    page = p.page(lab)
    to_end(page)
    chip = lambda run: page.locator(f'[data-test="run-chip"][data-run="{run}"]')
    bar, said, deck = page.get_by_test_id("time"), page.get_by_test_id("time-says"), page.get_by_test_id("deck")
    drag = lambda step: page.evaluate("to => { const bar = document.querySelector('[data-test=time]'); bar.value = to; for (const e of ['input', 'change']) bar.dispatchEvent(new Event(e, {bubbles: true})) }", step)
    do(page, "branch", run="r1", step=120)
    wait(page, "r.id === 'r2'")
    chip("r1").get_by_test_id("run").click()
    wait(page, "s.current === 'r1'")
    # Under way for a second: dragged, and while it goes there, or before it has set off.
    for step, rest in ((119, 400), (238, 0), (97, 300)):
        drag(step)
        page.wait_for_timeout(rest)
        if rest:
            expect(bar).to_have_value(str(step))
            assert tell(page, "r.id") == "r1"
        n = tell(page, "s.runs.length")
        page.get_by_test_id("branch").click()
        wait(page, f"s.runs.length === {n} + 1 && r.parent_step === {step} && r.parent === 'r1' && r.step === {step}")
        chip("r1").get_by_test_id("run").click()
        assert tell(page, "r.id") == "r1", "a run that was chosen is not shown at once"
        wait(page, "s.current === 'r1'")
    # A run is chosen while another one is on its way.
    drag(117)
    page.wait_for_timeout(300)
    chip("r2").get_by_test_id("run").click()
    assert tell(page, "r.id") == "r2", "a run that was chosen on another one's way is not shown at once"
    expect(chip("r2")).to_have_class(re.compile(r"\bnow\b"))
    n = tell(page, "s.runs.length")
    page.get_by_test_id("branch").click()
    wait(page, f"s.runs.length === {n} + 1 && r.parent === 'r2' && r.parent_step === 120")
    assert tell(page, "s.runs.find(r => r.id === 'r1').step") == 117
    # Play, one step and one epoch, by button and by key: of the one that was chosen, from the step to which it goes.
    for act, to in ((lambda: page.locator("#deck [data-test=step]").click(), 98), (lambda: page.keyboard.press("."), 98), (lambda: page.locator("#deck [data-test=epoch]").click(), 120)):
        chip("r2").get_by_test_id("run").click()
        chip("r1").get_by_test_id("run").click()
        drag(97)
        page.evaluate("document.activeElement.blur()")
        act()
        wait(page, f"s.current === 'r1' && r.step === {to} && !s.playing")
    drag(30)
    chip("r2").get_by_test_id("run").click()
    page.get_by_test_id("play").click()
    expect(page.get_by_test_id("play")).to_have_attribute("aria-label", "Pause")
    wait(page, "s.current === 'r2' && r.step > 120")
    page.get_by_test_id("play").click()
    wait(page, "!s.playing")
    # What follows something that makes a run is of the run that it makes; twice the same key is there and back.
    page.locator("#deck [data-test=restart]").click()
    page.locator("#deck [data-test=step]").click()
    wait(page, "!['r1', 'r2'].includes(r.id) && r.step === 1")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Space")
    page.keyboard.press("Space")
    page.wait_for_timeout(1000)
    wait(page, "!s.playing && !r.ended")
    was = tell(page, "s.runs.map(r => r.id)")
    at = was.index(tell(page, "r.id"))
    page.keyboard.press("[")
    page.keyboard.press("[")
    assert tell(page, "r.id") == was[at - 2]
    wait(page, f"s.current === '{was[at - 2]}'")
    expect(page.locator('.run[aria-busy="true"]')).to_have_count(0)
    expect(deck).to_have_attribute("aria-busy", "false")
    expect(said).not_to_contain_text("Going")
    assert not page.get_by_test_id("toast").filter(has_text="no run").count()


# The panel of the network at each frame: what its head says, the layers of its columns, whether its drawing is seen, and the line below.
PANEL = """() => { window.panel = []; const look = () => { const note = document.querySelector('#network-note').textContent, on = document.querySelector('#network .net')
  window.panel.push([note, [...on.querySelectorAll('ol > li')].map(e => e.dataset.layer).join(), getComputedStyle(on.querySelector('canvas')).visibility !== 'hidden', document.querySelector('#net-fall').textContent])
  requestAnimationFrame(look) }; look() }"""


def panel(p):
    """In two tabs of a busy machine the panel of the network is of one run at any time: its head, its columns, all of them, its drawing and the line below."""
    lab = p.lab(*SMALL)
    a = p.page(lab)
    b = p.page(lab)
    to_end(a)
    expect(a.get_by_test_id("shared")).to_contain_text("Other pages open on this lab: 1")
    for page in (a, b):
        page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": 8})
        expect(page.locator("#network-note")).to_contain_text("relu", timeout=20_000)
        page.evaluate(PANEL)
    a.locator('button.rung[data-step="deep-sigmoid"]').click()
    a.locator('[data-test="play-short"][data-step="deep-sigmoid"]').click()
    for page in (a, b):
        expect(page.locator("#network-note")).to_contain_text("deep-sigmoid", timeout=20_000)
        wait(page, "lab.layers.get(r.id)?.step > 0")
    # There and back, while it plays.
    for run in ("r1", "r2", "r1", "r2"):
        a.locator(f'[data-test="run-chip"][data-run="{run}"] [data-test="run"]').click()
        a.wait_for_timeout(400)
        a.get_by_test_id("play").click() if run == "r2" else None
    for page in (a, b):
        expect(page.locator("#network-note")).to_contain_text("deep-sigmoid", timeout=20_000)
        names = tell(page, "Object.fromEntries(s.runs.map(r => [r.name, lab.layers.get(r.id).layers.map(l => l.name).join()]))")
        seen = {tuple(x) for x in page.evaluate("window.panel")}
        assert len(seen) > 3, seen
        for note, columns, drawing, fall in seen:
            if note == "":
                assert columns == "" and not drawing and fall == "", (note, columns, drawing, fall)
                continue
            assert columns == names[note.split(":")[0]], (note, columns)
    b.context.close()
    p.contexts.remove(b.context)
    expect(a.get_by_test_id("shared")).to_be_hidden()


def space(p):
    """Space, or Enter, right after a button that has something play pauses that, and plays it on: no second run is begun. The button says so."""
    lab = p.lab("relu", "--epochs", "60")
    page = p.page(lab)
    page.get_by_test_id("speed").select_option("25")  # none is over before it is paused
    wait(page, "s.speed === 25")
    for test, step in (("play-step", "mse"), ("play-short", "deep-relu")):
        page.locator(f'button.rung[data-step="{step}"]').click()
        button = page.locator(f'[data-test="{test}"][data-step="{step}"]')
        button.click()
        wait(page, f"s.playing && r.experiment === '{step}' && r.step > 0")
        expect(button).to_have_text("Pause")
        n = tell(page, "s.runs.length")
        page.keyboard.press("Space")
        wait(page, "!s.playing")
        expect(button).not_to_have_text("Pause")
        page.keyboard.press("Space")
        wait(page, f"s.playing && r.experiment === '{step}'")
        expect(button).to_have_text("Pause")  # before that it says that it begins another one, and does
        button.click()
        wait(page, "!s.playing")
        assert tell(page, "s.runs.length") == n
    expect(button).not_to_have_text("Pause")
    button.click()  # and at once
    page.keyboard.press("Space")
    wait(page, f"s.runs.length === {n} + 1")
    page.wait_for_timeout(800)
    assert tell(page, "[s.playing, s.runs.length]") == [False, n + 1]


def hidden(p):
    """Of eight tabs of one browser the last has a line, too: those that are not seen leave theirs, and come back with what is new and no word of alarm."""
    lab = p.lab(*SMALL)
    context = p.context()
    # A browser without a screen has all its tabs seen: whether a tab is, it is told here.
    context.add_init_script("""let state = 'visible'
        Object.defineProperty(document, 'visibilityState', { get: () => state })
        window.see = is => { state = is ? 'visible' : 'hidden'; document.dispatchEvent(new Event('visibilitychange')) }""")
    pages = []
    for _ in range(8):
        if pages:
            pages[-1].evaluate("see(false)")
        if len(pages) > 5:  # by now the browser's lines would all be taken
            pages[0].wait_for_timeout(3500)
        pages.append(p.page(lab, context=context))
    first, last = pages[0], pages[-1]
    to_end(last)
    assert tell(first, "r.step") == 0, "a hidden tab was told"
    first.evaluate("see(true)")
    wait(first, "r.step === 15 && r.condition === 'done' && s.readers === 2 && lab.connected === 'open'")
    assert not first.get_by_test_id("toast").count() and first.get_by_test_id("trouble").is_hidden()
    first.evaluate("see(false); see(true)")  # who looks away for a moment keeps the line
    assert tell(first, "lab.connected") == "open"
    # Where all lines are held by pages that are seen, the next one says why it waits.
    for page in pages[1:6]:
        page.evaluate("see(true)")
        wait(page, "lab.connected === 'open'")
    last.evaluate("see(false)")
    last.wait_for_timeout(3500)
    pages[6].evaluate("see(true)")
    wait(pages[6], "lab.connected === 'waiting'")
    expect(pages[6].get_by_test_id("trouble")).to_contain_text("six")
    first.close()
    wait(pages[6], "lab.connected === 'open'")
    expect(pages[6].get_by_test_id("trouble")).to_be_hidden()


def lost(p):
    """A server that stops for a while, one that ends, and one that is started anew: the page says so, and comes back."""
    p.expected.append("ERR_|Failed to load resource")
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        address = "127.0.0.1:%d" % s.getsockname()[1]
    lab = p.lab(*SMALL, "--addr", address)
    page = p.page(lab)
    to_end(page)
    server = tell(page, "s.server")
    assert lab.end() == 0
    expect(page.locator("#connection")).to_have_attribute("data-is", "lost")
    expect(page.get_by_test_id("trouble")).to_contain_text("does not answer")
    p.shot(page, "lost")
    anew = p.lab(*SMALL, "--addr", address)
    expect(page.get_by_test_id("trouble")).to_contain_text("started anew", timeout=30_000)
    p.shot(page, "anew")
    page.context.new_page().goto(anew.url)  # in another tab, which has the cookie for both
    expect(page.locator("#connection")).to_have_attribute("data-is", "open", timeout=30_000)
    wait(page, f"s.server !== '{server}' && r && r.step === 0 && r.condition === 'ready'")
    expect(page.get_by_test_id("trouble")).to_be_hidden()
    to_end(page)
    assert tell(page, "series(r.id).step.length") == 15


def broken(p):
    """The line breaks again and again while a run goes on: the page says so, comes back, and has missed nothing."""
    p.expected.append("ERR_|Failed to load resource")
    lab = p.lab(*SMALL[:-1], "40", "--batch-size", "20")
    pairs = []

    def carry(a, b):
        with contextlib.suppress(OSError):
            while data := a.recv(1 << 16):
                b.sendall(data)
        for s in (a, b):
            with contextlib.suppress(OSError):
                s.shutdown(socket.SHUT_RDWR)

    def serve():
        with contextlib.suppress(OSError):
            while True:
                a, _ = door.accept()
                b = socket.create_connection(("127.0.0.1", lab.port))
                pairs.append((a, b))
                for pair in ((a, b), (b, a)):
                    threading.Thread(target=carry, args=pair, daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as door:
        threading.Thread(target=serve, daemon=True).start()
        lab.url = lab.url.replace(f":{lab.port}/", f":{door.getsockname()[1]}/")
        lab.origin = lab.url.split("/?")[0]
        page = p.page(lab)
        do(page, "play", speed=250)
        for _ in range(3):
            page.wait_for_timeout(600)
            for a, b in pairs:
                for s in (a, b):
                    with contextlib.suppress(OSError):
                        s.shutdown(socket.SHUT_RDWR)
            pairs.clear()
            expect(page.locator("#connection")).to_have_attribute("data-is", "lost")
            expect(page.locator("#connection")).to_have_attribute("data-is", "open")
        wait(page, "r.condition === 'done' && !s.playing")
        got = tell(page, "[series(r.id).step, r.step, lab.epochs.get(r.id).map(e => e.epoch)]")
        assert got == [list(range(1, 1001)), 1000, list(range(1, 41))], got


def languages(p):
    """English and Chinese, by the browser's language and by the button."""
    lab = p.lab(*SMALL)
    texts = "[...document.querySelectorAll('[data-t], h2, h3, button, label, .note, p')].filter(e => e.offsetParent).map(e => e.textContent.trim()).filter(t => t)"
    chinese = re.compile(r"[\u4e00-\u9fff]")
    for locale, lang in (("zh-TW", "zh"), ("zh-CN", "zh"), ("en-GB", "en"), ("fr-FR", "en")):
        page = p.page(lab, locale=locale)
        page.wait_for_timeout(300)
        assert page.evaluate("document.documentElement.lang").startswith(lang), (locale, page.evaluate("document.documentElement.lang"))
        has = [t for t in page.evaluate(texts) if chinese.search(t)]
        if lang == "zh":
            assert len(has) > 30, (locale, has)
        else:
            assert set(has) <= {"中文"}, (locale, has)
        p.shot(page, "language-" + locale)
    page = p.page(lab)
    to_end(page)
    english = page.get_by_test_id("words").inner_text()
    page.get_by_test_id("language").click()
    expect(page.locator("html")).to_have_attribute("lang", re.compile("^zh"))
    page.wait_for_timeout(200)
    assert chinese.search(page.get_by_test_id("words").inner_text()) and not chinese.search(english)
    left = [t for t in page.evaluate("[...document.querySelectorAll('h2, h3, label > span, main button')].filter(e => e.offsetParent && !e.closest('[data-test=network]')).map(e => e.textContent.trim())") if re.search(r"[A-Za-z]{4,}", t) and not chinese.search(t)]
    print(f"  in Chinese these are left in letters: {sorted(set(left))}")
    page.reload()
    expect(page.locator("html")).to_have_attribute("lang", re.compile("^zh"))  # and it is kept
    page.get_by_test_id("language").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")


# STILL waits until nothing of the page was changed for a moment: what is fetched is there, and what is spread over frames is done.
STILL = """() => new Promise(still => {
  let timer = setTimeout(end, 120)
  const watch = new MutationObserver(() => { clearTimeout(timer); timer = setTimeout(end, 120) })
  function end() { watch.disconnect(); still() }
  watch.observe(document, { subtree: true, childList: true, attributes: true, characterData: true })
})"""

# AXE gives what is amiss and no more: what is right is a thousand times as much, and most of the time went into telling it.
AXE = """axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'], resultTypes: ['violations']}).then(r => r.violations.flatMap(v => v.nodes.slice(0, 3).map(n =>
  `axe ${v.id} (${v.impact}): ${v.help}: ${n.target.join(' ')}: ${[...n.any, ...n.all].map(c => c.message).join(' ').slice(0, 200)}`)))"""


def looks(p):
    """Three widths, light and dark, before, while and after a training, and every dialog: nothing overflows, and axe finds nothing."""
    import axe_playwright_python

    axe = (pathlib.Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
    lab = p.lab("deep-relu", "--train-samples", "500", "--epochs", "3")
    found = []

    def check(page, name):
        page.evaluate(STILL)
        p.shot(page, name)
        wide = page.evaluate("[document.scrollingElement.scrollWidth, innerWidth]")
        if wide[0] > wide[1]:
            found.append(f"{name}: {wide[0]} pixels wide in {wide[1]}")
        found.extend(f"{name}: beyond its card: {out}" for out in page.evaluate(BEYOND))
        if not page.evaluate("'axe' in window"):
            page.evaluate(axe)
        found.extend(f"{name}: {amiss}" for amiss in page.evaluate(AXE))

    def below(page, name, scroll):
        page.evaluate(scroll)
        page.evaluate(STILL)
        p.shot(page, name)

    for width, height in ((1440, 900), (1024, 768), (390, 844)):
        for scheme in ("light", "dark"):
            page = p.page(lab, viewport={"width": width, "height": height}, color_scheme=scheme, has_touch=width == 390, is_mobile=width == 390)
            name = f"{width}-{scheme}"
            if tell(page, "r.condition") == "ready":
                check(page, name + "-ready")
                to_end(page)
                wait(page, "lab.findings.get(r.id)?.step === r.step")
            expect(page.get_by_test_id("judged")).to_be_visible()
            check(page, name)
            below(page, name + "-below", "scrollTo(0, document.scrollingElement.scrollHeight)")
            page.evaluate("scrollTo(0, 0)")
            if name not in ("1440-light", "1024-dark", "390-light"):  # of the dialogs each width and each theme once
                page.context.close()
                p.contexts.remove(page.context)
                continue
            wide = page.locator(".net-labels span").evaluate_all("all => all.filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.textContent)")
            assert not wide, f"{name}: {wide} lie over the network"
            head = tell(page, "r.head")
            do(page, "goto", step=head - 1)  # behind the last there is none to take apart
            wait(page, f"r.step === {head - 1}")
            page.locator('button[data-test="apart"]').click()
            expect(page.get_by_test_id("apart-frame")).to_have_attribute("data-frame", "batch")
            for _ in range(4):
                page.get_by_test_id("apart-next").click()
            check(page, name + "-apart")
            page.keyboard.press("Escape")
            do(page, "goto", step=head)
            wait(page, f"r.step === {head} && r.condition === 'done'")
            page.get_by_test_id("layer").first.click()
            expect(page.locator("#layer-dialog h3").first).to_be_visible()
            check(page, name + "-layer")
            page.keyboard.press("Escape")
            for button, dialog in (("open-take", "take"), ("open-data", "data-dialog"), ("open-help", "help")):
                page.get_by_test_id(button).click()
                expect(page.locator("#" + dialog)).to_be_visible()
                check(page, f"{name}-{dialog}")
                page.keyboard.press("Escape")
            page.context.close()
            p.contexts.remove(page.context)
    with tempfile.TemporaryDirectory() as place:
        for target, judged in (("kind", "confusion"), ("price", "errors")):
            file = os.path.join(place, f"houses_and_what_they_were_sold_for_{target}.csv")
            with open(file, "w") as f:
                f.write("area,rooms,sold,heating,remark,kind,price\n")
                for i in range(150):
                    area = 30 + i * 37 % 170
                    f.write(f"{area if i % 9 else ''},{area // 30},2024-0{1 + i % 9}-1{i % 7},{('gas', 'oil', '')[i % 3]},{i} words that say nothing,{('flat', 'a house with a garden', 'barn', 'tower')[i * 7 % 4]},{area * 3000 + i * 53 % 900}\n")
            lab = p.lab(file, "--target", target, "--out", os.path.join(place, "kept-" + target))
            first = None
            for width, height, scheme, locale in ((1440, 900, "light", "en-US"), (1440, 900, "dark", "zh-TW"), (1024, 768, "dark", "en-US"), (390, 844, "light", "zh-TW")):
                page = p.page(lab, viewport={"width": width, "height": height}, color_scheme=scheme, locale=locale, has_touch=width == 390, is_mobile=width == 390)
                if first is None:
                    do(page, "change", change={"epochs": 2})
                    first = tell(page, "r.id")
                    to_end(page)
                    second = do(page, "branch", run=first, step=0, change={"rate": 0.02})["run"]
                    wait(page, f"r.id === '{second}'")
                    to_end(page)
                page.get_by_test_id("beside").select_option(first)
                expect(page.get_by_test_id("beside-side").locator("canvas")).to_have_count(2)
                expect(page.get_by_test_id(judged)).to_be_visible()
                name = f"own-{target}-{width}-{scheme}"
                check(page, name)
                below(page, name + "-judged", "document.getElementById('judged').scrollIntoView({ block: 'nearest' })")
                page.get_by_test_id("open-read").click()
                expect(page.get_by_test_id("read-split")).to_be_visible()
                check(page, name + "-read")
                page.keyboard.press("Escape")
                if target == "kind":
                    page.get_by_test_id("ladder-fold").click()
                    expect(page.locator("button.rung").first).to_be_visible()
                    check(page, name + "-ladder")
                page.context.close()
                p.contexts.remove(page.context)
            lab.end()
    assert not found, "\n".join(dict.fromkeys(found))


# SHIFTS are what was moved on the page that nobody asked for, with how much of it. None of it comes of keys or clicks: a phone's screen, whose first size counts as some, is no excuse.
SHIFTS = """window.shifts = []
  new PerformanceObserver(list => { for (const e of list.getEntries()) shifts.push([Math.round(e.startTime), e.value, ...e.sources.map(s => s.node?.id || s.node?.className || s.node?.nodeName)]) }).observe({ type: 'layout-shift' })"""


def calm(p):
    """A page that opens is built before it is seen. What comes on pause moves nothing that is pointed at, and little else; no more does a run that begins, or ends."""

    def opened(what, lab, width, come):
        context = p.context(viewport={"width": width, "height": 900}, has_touch=width == 390, is_mobile=width == 390)
        context.add_init_script(SHIFTS)
        page = p.page(lab, context=context)
        wait(page, come)
        page.wait_for_timeout(300)
        moved = page.evaluate("shifts")
        print(f"  {what}, {width} wide: {sum(m[1] for m in moved):.4f} was moved as it opened")
        assert sum(m[1] for m in moved) < 0.1, (what, width, moved)
        return page

    with tempfile.TemporaryDirectory() as folder:
        table = pathlib.Path(folder, "houses.csv")
        table.write_text("area,rooms,heating,kind\n" + "".join(f"{30 + i * 37 % 170},{1 + i % 6},{('gas', 'oil')[i % 2]},{('flat', 'house', 'barn')[i * 7 % 3]}\n" for i in range(150)))
        for what, args in (("a step of the ladder", SMALL), ("data of one's own", [str(table), "--epochs", "3"])):
            for width in (1440, 1024, 390):
                lab = p.lab(*args)  # another one each time, which gets ready while its page opens
                page = opened(what, lab, width, "lab.layers.get(r.id)")
                to_end(page)
                expect(page.get_by_test_id("judged")).to_be_visible()
                opened(what + ", trained", lab, width, "lab.layers.get(r.id) && lab.findings.get(r.id)").context.close()
                page.context.close()
                lab.end()
    lab = p.lab(*SMALL[:-1], "40", "--batch-size", "20")
    for width, scrolled in ((1440, 0), (1024, 300), (390, 0)):
        context = p.context(viewport={"width": width, "height": 900})
        page = p.page(lab, context=context)
        do(page, "restart")
        wait(page, "r.step === 0 && lab.layers.get(r.id)")
        page.wait_for_timeout(1500)
        if width == 390:
            page.get_by_test_id("pad").scroll_into_view_if_needed()
        else:
            page.evaluate("y => scrollTo(0, y)", scrolled)
        page.wait_for_timeout(300)
        box = page.get_by_test_id("pad").bounding_box()
        page.mouse.move(box["x"] + 30, max(120, box["y"] + 30))
        page.evaluate(SHIFTS)
        run = tell(page, "r.id")
        for what in ("step", "play"):
            do(page, what, **({"speed": 0} if what == "play" else {}))
            wait(page, f"lab.findings.get('{run}')?.step === r.step && !s.playing && (r.step === 1 || r.condition === 'done' && r.result)")
            expect(page.locator("#judged-note")).to_contain_text("step 1" if what == "step" else "step 1,000")
            page.wait_for_timeout(300)
            now = page.get_by_test_id("pad").bounding_box()
            assert abs(now["y"] - box["y"]) < 2, f"{width} wide, after {what}: the pad that is pointed at went from {box['y']} to {now['y']}"
        moved = page.evaluate("shifts")
        print(f"  {width} wide: {sum(m[1] for m in moved):.4f} was moved")
        assert sum(m[1] for m in moved) < 0.1, moved
        context.close()
        p.contexts.remove(context)


def opens(p):
    """While the lab gets ready the page says so, and nothing else; then all of it is seen, even if the layers, of which it waits for a moment, never come."""
    first = next(text for _, text in frames.record(p.stheno, *SMALL, seconds=0) if '"ready":true' in text)
    state = json.loads(re.search("data: (.*)", first)[1])
    unready = "event: state\ndata: " + json.dumps({**state, "ready": False, "runs": [], "ladder": []}) + "\n\n"
    for events, seen in (([(0, unready)], False), ([(0, unready), (0, first)], True)):
        with frames.Replay(events) as replay:
            page = p.context().new_page()
            page.goto(replay.url)
            expect(page.get_by_test_id("preparing")).to_be_visible(visible=not seen)
            for part in ("ladder", "network", "deck", "play"):
                expect(page.get_by_test_id(part)).to_be_visible(visible=seen)
            assert not page.get_by_test_id("toast").count()
            if seen:
                expect(page.locator("body")).to_have_attribute("aria-busy", "false")
                expect(page.locator("button.rung")).to_have_count(11)
            p.shot(page, "opens-" + ("seen" if seen else "preparing"))
            page.context.close()
            p.contexts.remove(page.context)


def spoken(p):
    """What is read out changes once a second at most, and ends with what is newest; a run's epochs are, however fast they come."""
    lab = p.lab(*SMALL)
    context = p.context()
    context.clock.install()
    page = p.page(lab, context=context)
    live = page.get_by_test_id("live")
    expect(live).to_have_attribute("aria-live", "polite")
    page.evaluate("""() => {
      window.heard = []
      new MutationObserver(() => heard.push([Date.now(), document.getElementById('live').textContent])).observe(document.getElementById('live'), { childList: true, characterData: true, subtree: true })
    }""")
    for epoch in range(1, 61):
        page.evaluate(
            "epoch => import(document.baseURI.split('#')[0] + 'static/state.js').then(({take, lab}) => take('epoch', { run: lab.current, epoch, step: epoch * 5, running: { loss: 1, accuracy: .5 }, validation: null, seconds: epoch }))", epoch)
        context.clock.run_for(100)
    context.clock.run_for(1000)
    heard = page.evaluate("heard")
    gaps = [b[0] - a[0] for a, b in zip(heard, heard[1:])]
    assert len(heard) >= 6 and min(gaps) > 990, heard
    assert "epoch 60," in heard[-1][1] and "50.0%" in heard[-1][1], heard[-1]
    context.clock.run_for(5000)
    assert len(page.evaluate("heard")) == len(heard), "something is read out though nothing happens"


def still(p):
    """Who wants less motion gets none: nothing glides, fades or scrolls by degrees. Who has not said so gets some."""
    lab = p.lab("deep-sigmoid", "--train-samples", "500", "--epochs", "2")
    lasting = "[...document.querySelectorAll('*')].filter(e => [e, '::before', '::after'].some(b => { const s = b === e ? getComputedStyle(e) : getComputedStyle(e, b); return /[1-9]/.test(s.transitionDuration + s.animationDuration) })).length"
    for motion in ("no-preference", "reduce"):
        page = p.page(lab, reduced_motion=motion, viewport={"width": 390, "height": 844})
        if tell(page, "r.condition") == "ready":
            to_end(page)
        at = page.locator("#words .at").first
        at.scroll_into_view_if_needed()
        page.wait_for_timeout(300)
        first, soon, late = page.evaluate("""async at => {
          const frames = async n => { for (let i = 0; i < n; i++) await new Promise(requestAnimationFrame) }
          const first = scrollY
          at.click()
          await frames(2)
          const soon = scrollY
          for (let before = NaN; before !== scrollY;) { before = scrollY; await frames(20) }
          return [first, soon, scrollY]
        }""", at.element_handle())
        assert first != late, "the layer of a finding is not brought into sight"
        if motion == "reduce":
            assert soon == late, f"it scrolls by degrees, from {first} by {soon} to {late}"
            assert page.evaluate(lasting) == 0
        else:
            assert soon != late and page.evaluate(lasting) > 10, "there is no motion to be without"


def walk(p):
    """By arrow keys one walks from layer to layer: Tab meets one of them, each says what it is, Enter opens it, and Esc comes back to it."""
    lab = p.lab("deep-relu", "--train-samples", "200", "--epochs", "1")
    page = p.page(lab)
    page.locator('#deck [data-test="step"]').click()
    wait(page, "r.step === 1 && !s.playing && lab.layers.get(r.id)?.layers.length > 10")
    layers = page.get_by_test_id("layer")
    names = tell(page, "lab.layers.get(r.id).layers.map(l => l.name)")
    expect(layers).to_have_count(len(names))
    here = lambda: page.evaluate("document.activeElement?.dataset.layer ?? null")
    page.get_by_test_id("network-table-button").focus()
    page.keyboard.press("Tab")
    assert here() == names[0], here()
    expect(page.locator("#tip .title")).to_contain_text(names[0])
    for name in names[1:]:
        page.keyboard.press("ArrowRight")
        assert here() == name, (here(), name)
        expect(page.locator("#tip .title")).to_contain_text(name)
        assert page.evaluate("document.activeElement.ariaLabel").startswith(name)
        assert page.locator('[data-test="layer"][tabindex="0"]').count() == 1, "Tab meets several layers"
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none", "the focus is not to be seen"
    page.keyboard.press("ArrowRight")
    assert here() == names[-1], "the walk goes round"
    page.keyboard.press("ArrowLeft")
    assert here() == names[-2]
    page.keyboard.press("Home")
    assert here() == names[0]
    page.keyboard.press("ArrowLeft")
    assert here() == names[0]
    page.keyboard.press("End")
    assert here() == names[-1]
    page.keyboard.press("ArrowUp")
    assert here() == names[-2]
    page.keyboard.press("Enter")
    expect(page.locator("#layer-dialog h2")).to_contain_text(names[-2])
    page.keyboard.press("Escape")
    assert here() == names[-2], "Esc does not come back"
    page.keyboard.press("Tab")
    assert here() is None, "Tab does not leave the layers"
    page.keyboard.press("Shift+Tab")
    assert here() == names[-2], "the way back does not lead to the same layer"
    # While a run goes on the focus stays where it is.
    page.keyboard.press("Home")
    page.keyboard.press(".")
    wait(page, "r.step === 2 && !s.playing")
    page.wait_for_timeout(200)
    assert here() == names[0], "a step took the focus away"


def hover(p):
    """At the pointer a chart tells what its lines have there, while a run plays as after it, and a step of the loss is the loss of that step."""
    lab = p.lab(*SMALL[:-1], "40", "--batch-size", "20")
    page = p.page(lab)
    do(page, "play", speed=100)
    wait(page, "r.step > 40")
    tip = page.locator("#tip")
    page.get_by_test_id("x_step").click()
    plot = page.get_by_test_id("plot-loss")
    box = plot.bounding_box()
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.move(*middle)
    expect(tip).to_be_visible()
    expect(tip.locator(".title")).to_contain_text("step")
    assert tell(page, "s.playing")
    page.get_by_test_id("play").click()
    wait(page, "!s.playing")
    page.wait_for_timeout(400)  # until the chart has the last of it
    for part in (0.3, 0.6, 0.8):
        page.mouse.move(box["x"] + part * box["width"], middle[1])
        step, figure = int(re.search(r"step (\d+)", tip.inner_text()).group(1)), float(tip.locator("b").first.inner_text())
        loss = tell(page, f"series(r.id).loss[series(r.id).at({step})]")
        assert abs(figure - loss) <= 1e-3 * abs(loss), (step, figure, loss)
    p.shot(page, "hover")
    page.mouse.move(5, 5)
    expect(tip).to_be_hidden()


# UNLIKE is the share of two pictures' pixels that are another colour.
UNLIKE = """async pair => {
  const [a, b] = await Promise.all(pair.map(async data => {
    const i = new Image()
    i.src = 'data:image/png;base64,' + data
    await i.decode()
    const g = new OffscreenCanvas(i.width, i.height).getContext('2d')
    g.drawImage(i, 0, 0)
    return g.getImageData(0, 0, i.width, i.height).data
  }))
  let n = 0
  for (let i = 0; i < a.length; i += 4) if (Math.abs(a[i] - b[i]) + Math.abs(a[i + 1] - b[i + 1]) + Math.abs(a[i + 2] - b[i + 2]) > 96) n++
  return a.length === b.length ? n / (a.length / 4) : 1
}"""


def unpainted(p):
    """A browser that draws in no worker draws on the page's own thread, and the same but for the edges of letters."""
    lab = p.lab(*SMALL)
    page = p.page(lab)
    to_end(page)
    pictures = []
    for without in ("", "delete HTMLCanvasElement.prototype.transferControlToOffscreen", "window.Worker = class { constructor() { setTimeout(() => this.onerror(new Event('error'))) } terminate() {} }"):
        context = p.context(device_scale_factor=2)
        context.add_init_script(without)
        other = p.page(lab, context=context)
        wait(other, "lab.layers.get(r.id) && series(r.id).step.length === 15")
        other.wait_for_timeout(1500)
        assert other.evaluate("performance.getEntriesByType('resource').filter(e => e.name.endsWith('/painter.js')).length") == (0 if without else 1)
        pictures.append([base64.b64encode(other.locator(part).screenshot()).decode() for part in (".net-inner", "[data-test=plot-loss]", "[data-test=plot-metric]", "[data-test=plot-rate]", ".travel .line")])
    assert all(len(x) > 3000 for x in pictures[0][:4]), "nothing is drawn"
    for which in pictures[1:]:
        unlike = [page.evaluate(UNLIKE, pair) for pair in zip(pictures[0], which)]
        assert max(unlike) < 0.01, f"the painter's pictures are others: {unlike}"


def frame(p):
    """A recorded run, told to the page again: what a frame costs the main thread is printed, and is not out of all proportion. frames.py measures it on a machine that has nothing else to do."""
    events = frames.record(p.stheno, "deep-relu", "--train-samples", "1000", seconds=6)
    assert sum("event: layers" in text for _, text in events) > 1, "no layers were told"
    _, drawn, _, _, _ = frames.measure(p.browser, events, 8)
    print("  " + frames.summed("frames", drawn))
    assert len(drawn) > 30 and sorted(f[3] for f in drawn)[len(drawn) // 2] < 10 * frames.LIMIT, frames.summed("frames", drawn)


# BEYOND are texts that leave their card to the right, where that does not scroll.
BEYOND = """[...document.querySelectorAll('.card, dialog[open]')].flatMap(card => [...card.querySelectorAll('*')].filter(e => {
  if (!e.offsetParent || !e.textContent.trim() || e.children.length || e.closest('.hidden-text')) return false
  for (let s = e.parentElement; s !== card.parentElement; s = s.parentElement) if (getComputedStyle(s).overflowX !== 'visible') return false
  return e.getBoundingClientRect().right > card.getBoundingClientRect().right + 1
}).map(e => e.tagName + ' ' + e.textContent.slice(0, 40)))"""

EVIL = """<!doctype html><meta charset=utf-8><body><script>
const lab = LAB, got = {}, later = (name, promise) => promise.then(v => { got[name] = v }, e => { got[name] = 'refused' })
const timed = (p, ms = 4000) => Promise.race([p, new Promise((_, no) => setTimeout(() => no(new Error('late')), ms))])
const element = (tag, set) => new Promise((yes, no) => { const e = document.createElement(tag); e.onload = () => yes('loaded ' + (e.naturalWidth ?? '')); e.onerror = () => no(new Error('error')); set(e); document.body.append(e) })
const json = {method: 'POST', headers: {'Content-Type': 'application/json'}, body: '{"do":"play"}', credentials: 'include'}
Promise.all([
  later('fetch', timed(fetch(lab + '/', {credentials: 'include'}).then(r => r.text()))),
  later('fetch of the stream', timed(fetch(lab + '/events', {credentials: 'include'}).then(r => r.text()))),
  later('fetch, blind', timed(fetch(lab + '/api/do', {method: 'POST', mode: 'no-cors', credentials: 'include', headers: {'Content-Type': 'text/plain'}, body: '{"do":"play"}'}).then(r => r.type === 'opaque' ? Promise.reject(0) : r.text()))),
  later('POST of JSON', timed(fetch(lab + '/api/do', json).then(r => r.text()))),
  later('EventSource', timed(new Promise((yes, no) => { const s = new EventSource(lab + '/events', {withCredentials: true}); s.onopen = yes; s.onmessage = yes; s.addEventListener('state', yes); s.onerror = no }))),
  later('WebSocket', timed(new Promise((yes, no) => { const s = new WebSocket(lab.replace('http', 'ws') + '/events'); s.onopen = yes; s.onerror = no }))),
  later('picture', timed(element('img', e => { e.src = lab + '/static/icon.svg' }))),
  later('script', timed(element('script', e => { e.src = lab + '/static/theme.js' }))),
  later('module', timed(import(lab + '/static/state.js'))),
  later('style', timed(element('link', e => { e.rel = 'stylesheet'; e.href = lab + '/static/style.css' }))),
  later('beacon', timed(new Promise((yes, no) => { navigator.sendBeacon(lab + '/api/do', new Blob(['{"do":"play"}'], {type: 'text/plain'})); setTimeout(no, 300) }))),
  later('frame', timed(new Promise((yes, no) => { const f = document.createElement('iframe'); f.src = lab + '/'; f.onload = () => { try { yes(f.contentDocument.body.innerText) } catch (e) { no(e) } }; document.body.append(f) }))),
  later('form', timed(new Promise((yes, no) => { const f = document.createElement('form'); f.method = 'POST'; f.enctype = 'text/plain'; f.action = lab + '/api/do'; f.target = 'into'; const i = document.createElement('iframe'); i.name = 'into'; i.onload = () => { try { yes(i.contentDocument.body.innerText || Promise.reject(0)) } catch (e) { no(e) } }; const v = document.createElement('input'); v.name = '{"do":"play","x":"'; v.value = '"}'; f.append(v); document.body.append(i, f); f.submit() }))),
  later('window', timed(new Promise((yes, no) => { const w = open(lab + '/'); setTimeout(() => { try { yes(w.document.body.innerText) } catch (e) { no(e) } }, 800) }))),
]).then(() => { document.title = JSON.stringify(got) })
</script>"""


def hostile(p):
    """A page on another origin gets nothing, be it of another site, or of this machine by another port; nor does a name that was turned to this address."""
    p.expected.append(".*")  # it is refused all over
    lab = p.lab(*SMALL)
    context = p.context()
    page = p.page(lab, context=context)
    told = []

    class Serve(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            told.append(self.headers.get("Cookie"))
            self.wfile.write(EVIL.replace("LAB", json.dumps(page.url.split("#")[0].rstrip("/"))).encode())

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Serve) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        for host in ("localhost", "127.0.0.1", "evil.example"):
            evil = context.new_page()
            evil.goto(f"http://{host}:{server.server_address[1]}/")
            expect(evil).to_have_title(re.compile("fetch"), timeout=20_000)
            got = json.loads(evil.title())
            assert len(got) == 14 and set(got.values()) == {"refused"}, (host, got)
            evil.close()
        server.shutdown()
    assert told and not any(told), f"a server at another port was told {told}"
    page.wait_for_timeout(300)
    assert tell(page, "[s.playing, r.step]") == [False, 0], "a hostile page had the run play"
    rebound = context.new_page()
    answer = rebound.goto(f"http://evil.example:{lab.port}/")
    assert answer.status == 403 and "Stheno" not in rebound.content(), rebound.content()
    answer = rebound.goto(f"http://evil.example:{lab.port}/?token={lab.url.split('=')[1]}")
    assert answer.status == 403, answer.status
    # By a link on another site the address with the token still opens the page: who has it is meant.
    rebound.goto("data:text/html,<a href='%s'>go</a>" % lab.url)
    rebound.get_by_text("go").click()
    expect(rebound).to_have_title(re.compile("lab"))
    expect(rebound.locator("#connection")).to_have_attribute("data-is", "open")


def own(p):
    """A table and a zip of pictures are dropped or chosen, trained on, and asked about; what is none is refused in words."""
    p.expected.append("400 \\(Bad Request\\)")
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as place:
        lab = p.lab(*SMALL, TMPDIR=place)
        page = p.page(lab)
        table = os.path.join(folder, "plants.csv")
        with open(table, "w") as f:
            f.write("height,leaves,wet,kind\n")
            for i in range(120):
                f.write(f"{i % 10 + (i % 2) * 20 + i / 1000},{i % 7},{['No', 'Yes'][i % 3 // 2]},{['grass', 'tree'][i % 2]}\n")
        pictures = os.path.join(folder, "marks.zip")
        with zipfile.ZipFile(pictures, "w") as z:
            for i in range(40):
                for kind in ("across", "down"):
                    at = 3 + i % 10
                    rows = [[200 if (y if kind == "across" else x) in (at, at + 1) else 5 * (i % 3) for x in range(16)] for y in range(16)]
                    z.writestr(f"marks/{kind}/{i}.png", png([[(v, v // 2, 20) for v in r] for r in rows]))
        broken = os.path.join(folder, "broken.zip")
        pathlib.Path(broken).write_bytes(b"PK\x03\x04 and nothing")

        def choose(file):
            page.get_by_test_id("open-data").click()
            page.get_by_test_id("data-file").set_input_files(file)
            expect(page.get_by_test_id("data-name")).to_have_text(os.path.basename(file))

        choose(broken)
        expect(page.get_by_test_id("data-says")).to_contain_text("zip")
        expect(page.get_by_test_id("data-send")).to_be_disabled()
        page.keyboard.press("Escape")
        gaps = os.path.join(folder, "gaps.csv")
        with open(gaps, "w") as f:
            f.write("size,day,price\n")
            for i in range(40):
                f.write(f"{i % 10},{'' if i in (1, 2) else f'2024-05-{i % 28 + 1:02}'},{'' if i in (4, 5, 6) else 2.5 * i}\n")
        choose(gaps)  # who trains on it is told at once what is not trained on
        expect(page.get_by_test_id("target-missing")).to_have_text("Rows without price are left out: 3 of 40.")
        expect(page.locator("#data-dialog tbody tr").nth(1).locator("td").last).to_have_text("2024-05-01")
        expect(page.locator("#data-dialog tbody tr").nth(1)).to_contain_text(re.compile("dates\\s*2\\s*2024"))
        page.get_by_test_id("data-target").select_option("size")
        expect(page.get_by_test_id("target-missing")).to_have_count(0)
        page.keyboard.press("Escape")
        choose(table)
        expect(page.get_by_test_id("data-read")).to_contain_text("120")
        assert page.locator("#data-target option").all_inner_texts() == ["height", "leaves", "wet", "kind"]
        expect(page.get_by_test_id("data-target")).to_have_value("kind")  # the last
        expect(page.locator("#data-dialog tbody tr").nth(0)).to_contain_text("numbers")
        expect(page.locator("#data-dialog tbody tr").nth(2)).to_contain_text("No or Yes")
        expect(page.get_by_test_id("target-missing")).to_have_count(0)
        p.shot(page, "own-read")
        page.get_by_test_id("data-send").click()
        wait(page, "r.kind === 'classes' && r.classes.length === 2 && r.input.kind === 'row'")
        to_end(page, 60)
        assert tell(page, "r.result.test") > 0.9, tell(page, "r.result")
        expect(page.locator("#ladder-count")).to_contain_text("none of them is of your data")
        expect(page.locator("button.rung").first).to_be_hidden()
        page.get_by_test_id("ladder-fold").click()
        expect(page.locator("button.rung").first).to_be_visible()
        page.get_by_test_id("ladder-fold").click()
        expect(page.locator("button.rung").first).to_be_hidden()
        page.get_by_label("height").fill("25")
        wet = page.get_by_label("wet")  # by the words of the table
        assert wet.locator("option").all_inner_texts() == ["No", "Yes"]
        for _ in range(3):
            page.get_by_test_id("test-sample").click()
            expect(wet).to_have_value(re.compile("^(No|Yes)$"))
        page.get_by_label("height").fill("25")
        page.get_by_test_id("ask").click()
        expect(page.get_by_test_id("verdict")).to_contain_text("tree")
        expect(page.get_by_test_id("confusion").locator("tbody tr")).to_have_count(2)
        expect(page.get_by_test_id("judged")).to_contain_text("would be right for")
        expect(page.get_by_test_id("judged")).to_contain_text("held out (24)")
        p.shot(page, "own-table")
        page.get_by_test_id("open-read").click()
        expect(page.get_by_test_id("read-split")).to_contain_text("96 to learn from and 24 held out")
        expect(page.locator("#read tbody tr").nth(0)).to_contain_text("numbers")
        expect(page.locator("#read tbody tr").nth(2)).to_contain_text("No … Yes")
        p.shot(page, "own-how-read")
        page.keyboard.press("Escape")
        page.get_by_test_id("open-data").click()
        page.get_by_test_id("data-file").set_input_files(table)
        page.locator("#data-target").select_option("height")
        page.get_by_test_id("data-send").click()
        wait(page, "r.kind === 'regression'")
        to_end(page, 60)
        expect(page.get_by_test_id("errors")).to_contain_text("height, in its own units")
        expect(page.get_by_test_id("loss-prepared")).to_be_visible()
        expect(page.get_by_test_id("metric")).to_have_value("r2")  # and not the accuracy of the run before
        expect(page.get_by_test_id("plot-metric")).not_to_have_class(re.compile("blank"))
        top = page.evaluate("""Promise.all(['curves', 'plot'].map(f => import(document.baseURI.split('#')[0] + `static/${f}.js`))).then(([c, p]) => {
          const of = c.plotOf('metric'), up = (...ys) => p.scales({ ...of, lines: [{ xs: [0, 1], ys }] }, 0, 0, 600, 210).y1
          return [p.scales(of, 0, 0, 600, 210).y1, up(-.4, .98), up(.2, 1), up(1, 1), up(-3, .1)] })""")
        assert top[:4] == [1, 1, 1, 1] and top[4] <= 1, top
        expect(page.get_by_test_id("curves-key")).to_contain_text("Rings")
        page.get_by_test_id("set-optimizer").fill("adam 0.002")
        expect(page.get_by_test_id("set-rate")).to_have_value("0.002")  # as the words say
        page.get_by_test_id("undo").click()
        expect(page.get_by_test_id("set-rate")).to_have_value("0.001")
        for part in ("time-says", "judged", "metric"):
            expect(page.get_by_test_id(part)).to_contain_text("R²")
        assert not re.search(r"\b(r2|rmse|mae)\b", page.locator("body").inner_text()), "a metric has another name somewhere"
        figures = page.evaluate("import(document.baseURI.split('#')[0] + 'static/format.js').then(({figure}) => [10341.67, 1234567, 12345678, .00098765].map(x => figure(x, 4)))")
        assert figures == ["10340", "1235000", "1.235e7", "0.0009877"], figures  # as train.FormatFigure has them
        p.shot(page, "own-numbers")
        choose(pictures)
        expect(page.get_by_test_id("data-read")).to_contain_text("80")
        page.get_by_test_id("data-send").click()
        wait(page, "r.classes?.length === 2 && r.input.kind === 'image'")
        to_end(page, 120)
        expect(page.get_by_test_id("pad")).to_be_visible()
        page.get_by_test_id("test-sample").click()
        expect(page.get_by_test_id("verdict").locator("b")).to_have_text(re.compile("across|down"))
        blue = page.evaluate("import(document.baseURI.split('#')[0] + 'static/pixels.js').then(({paint}) => [[0, 0, 255], [0, 0, 0]].map(b => { const c = document.createElement('canvas'); paint(c, {width: 1, height: 1, channels: 3, low: 0, high: 1, data: btoa(String.fromCharCode(...b))}, true); return c.toDataURL() }))")
        assert blue[0] != blue[1], "of a gradient only the red is drawn"
        p.shot(page, "own-pictures")
        # From run to run: each has its own figure's curve, and its own figures in the tables.
        page.get_by_test_id("network-table-button").click()
        done = tell(page, "s.runs.filter(r => r.result).map(r => [r.id, r.metric, r.dataset])")
        assert len(done) == 3 and len({m for _, m, _ in done}) == 2, done
        for run, metric, dataset in done * 4:
            page.locator(f'[data-test="run-chip"][data-run="{run}"] [data-test="run"]').click()
            wait(page, f"r.id === '{run}' && s.current === r.id")
            page.wait_for_timeout(700)
            expect(page.get_by_test_id("metric")).to_have_value(metric)
            for chart in ("loss", "metric", "rate"):
                assert "blank" not in page.get_by_test_id("plot-" + chart).get_attribute("class"), f"{chart} of {dataset}: {page.get_by_test_id('curves').inner_text()}"
                expect(page.get_by_test_id("unlike-" + chart)).to_contain_text("other data")
            assert written(page, "network-table") == drawn_layers(page, run)
            page.wait_for_timeout(100 * (int(run[1:]) % 3))
        assert os.listdir(place)
        assert lab.end() == 0
        assert not os.listdir(place), os.listdir(place)


def written(page, name):
    """Of each of a panel's tables the step in its heading, and each layer's gradient."""
    page.wait_for_timeout(100)
    return page.get_by_test_id(name).evaluate(
        "e => [...e.querySelectorAll('table')].map(t => [t.caption.textContent.match(/ step ([\\d,]+)$/)[1], ...[...t.tBodies[0].rows].map(r => r.cells.length > 5 ? r.cells[3].textContent : r.cells[2].textContent)])"
    )


def drawn_layers(page, *runs):
    """What stands there if it is what the lab told last."""
    return tell(page, "import(document.baseURI.split('#')[0] + 'static/format.js').then(({gradient, whole}) => %s.map(id => lab.layers.get(id)).map(m => [whole(m.step), ...m.layers.map(l => gradient(l, 2))]))" % json.dumps(runs))


def formats(p):
    """Figures as they are written: nothing that is neither is written as 0 or as 100 per cent, what is no number as a dash, and what a prediction says is what its meter says, aloud too."""
    page = p.page(p.lab(*SMALL))

    def written(form, *args):
        return page.evaluate("([form, args]) => import(document.baseURI.split('#')[0] + 'static/format.js').then(m => m[form](...args.map(Number)))", [form, [str(a) for a in args]])

    for form, cases in {
        "percent": {0: "0.0%", 1: "100.0%", 0.5: "50.0%", 0.9998: "99.98%", 0.0004: "0.04%", 0.99996: "99.996%", 0.00004: "0.004%", 0.9999999: ">99.999%", 1e-9: "<0.001%", 5e-324: "<0.001%", 1.00004: "100.004%",
                    1 + 1e-9: ">100%", 12.34: "1234.0%", 1e300: "1e302%", -0.0: "0.0%", -0.0004: "−0.04%", -1e-9: ">−0.001%", -0.5: "−50.0%", "NaN": "–", "Infinity": "–", "-Infinity": "–"},
        "figure": {0: "0", -0.0: "0", 1 / 3: "0.333", -1 / 3: "−0.333", 0.00012345: "0.000123", -0.000012345: "−1.23e−5", 1234567: "1230000", 12345678: "1.23e7", 5e-324: "4.94e−324", -1e300: "−1e300", 123456: "123000", "NaN": "–", "Infinity": "–"},
        "power": {0: "0", 9.96e-5: "1e−4", -2.34e7: "−2.3e7", "NaN": "–"},
        "whole": {0: "0", -0.4: "0", 1234.5: "1,235", -1234: "−1,234", "NaN": "–"},
        "compact": {9999: "9,999", 12345: "12.3k", 999499: "999k", 999600: "1M", 12345678: "12.3M", "NaN": "–"},
        "seconds": {0.0123: "12 ms", 0.9996: "1 s", 1.234: "1.23 s", 100: "1:40 min", "NaN": "–"},
    }.items():
        for x, want in cases.items():
            assert written(form, x) == want, (form, x, written(form, x), want)
    assert (written("percent", 0.0004, 0), written("percent", 0.9998, 0), written("percent", 0.3, 0)) == ("0.04%", "99.98%", "30%")
    assert (written("figure", 123456.7, 6), written("figure", -0.123456789, 6)) == ("123457", "−0.123457")
    amiss = page.evaluate("""() => import(document.baseURI.split('#')[0] + 'static/format.js').then(({ percent, figure }) => {
        const amiss = [], number = s => Number(s.replace(/[%<>]/g, '').replaceAll('−', '-'))
        for (let i = 0; i < 20000; i++) {
          const tiny = 10 ** (-12 * Math.random()), x = [tiny, 1 - tiny, 1 + tiny, -tiny, tiny * 1e15][i % 5], s = percent(x), f = figure(x)
          if (x !== 0 && x !== 1 && /^−?(0|100)(\.0*)?%$/.test(s) || /-|e\+|NaN/.test(s + f)) amiss.push([x, s, f])
          if (!/[<>]/.test(s) && Math.abs(number(s) - 100 * x) > Math.max(.05001, Math.abs(x))) amiss.push([x, s])
          if (Math.abs(number(f) - x) > .00501 * Math.abs(x)) amiss.push([x, f])
        }
        return amiss.slice(0, 9) })""")
    assert not amiss, amiss
    told = page.evaluate("""() => Promise.all(['meters', 'answer'].map(m => import(document.baseURI.split('#')[0] + 'static/' + m + '.js'))).then(([{ meters }, { answered }]) => {
        const says = document.createElement('p'), m = meters(['a', 'b', 'c']), r = { classes: ['a', 'b', 'c'] }, out = []
        for (const probabilities of [[.9998, .0002, 0], [1, 1e-9, 0], [null, .3, .7]]) {
          answered(r, { probabilities, winner: probabilities.indexOf(Math.max(...probabilities)) }, null, says, m)
          out.push([says.textContent, ...[...m.root.querySelectorAll('.meter')].map(e => [e.querySelector('.value').textContent, e.querySelector('[role=meter]').ariaValueText].join(' '))])
        }
        answered({}, { values: [0, -1234.5678, 1e-7, 1e9, null] }, null, says, m)
        return [...out, [says.textContent]] })""")
    for got, want in zip(told, (["99.98%", "99.98% 99.98%", "0.02% 0.02%", "0.0% 0.0%"], ["100.0%", "100.0% 100.0%", "<0.001% <0.001%", "0.0% 0.0%"], ["70.0%", "– –", "30.0% 30.0%", "70.0% 70.0%"], ["0, −1234.57, 1e−7, 1e9, –"]), strict=True):
        assert want[0] in got[0] and got[1:] == want[1:], (got, want)
    # A tip that is open says what there is to say by now, and goes where that is nothing.
    tips = page.evaluate("""() => import(document.baseURI.split('#')[0] + 'static/tip.js').then(({ tip }) => {
        const anchor = document.body.appendChild(document.createElement('button')), e = document.getElementById('tip'), seen = []
        let says = 'one'
        const anew = tip(anchor, () => [says]), see = () => seen.push(e.hidden ? '' : e.textContent)
        anchor.dispatchEvent(new Event('pointerenter')); see()
        says = 'two'; anew(); see()
        says = ''; anew(); see()
        says = 'three'; anew(); see()
        anchor.remove()
        return seen })""")
    assert tips == ["one", "two", "", ""], tips


def tables(p):
    """A table says what the drawing beside it shows: once a run is over, however fast it went, and as soon as it is opened."""
    lab = p.lab("relu", "--train-samples", "500", "--hidden", "32,32", "--epochs", "60")
    page = p.page(lab)
    button = page.get_by_test_id("network-table-button")
    button.click()
    for name in ("loss", "metric"):
        page.get_by_test_id("table-button-" + name).click()
    for name, runs in (("network-table", ["r1"]), ("network-table", ["r2"]), ("beside-table", ["r1", "r3"])):
        if runs != ["r1"]:
            do(page, "branch", run="r1", step=0, change={"rate": 0.01 * len(runs)})
            wait(page, f"r.id === '{runs[-1]}' && s.current === r.id")
        if len(runs) == 2:
            page.get_by_test_id("beside").select_option("r1")
        to_end(page)
        page.wait_for_timeout(1500)
        assert tell(page, "lab.layers.get(r.id).step === r.step")
        assert written(page, name) == drawn_layers(page, *runs), (name, written(page, name), drawn_layers(page, *runs))
        last = page.evaluate("['loss', 'metric'].map(n => [...document.querySelectorAll(`[data-test=table-${n}] tbody tr`)].filter(r => r.cells[0].textContent === document.querySelector('#steer-note').textContent).at(-1)?.cells[1].textContent)")
        assert last == ["300", "300"], last
        button.click()
        button.click()
        page.wait_for_timeout(100)
        assert written(page, name) == drawn_layers(page, *runs)
    page.get_by_test_id("beside").select_option("r2")
    expect(page.get_by_test_id("beside-table")).to_be_visible()
    page.wait_for_timeout(300)
    assert written(page, "beside-table") == drawn_layers(page, "r2", "r3")
    # Of a run in the midst of its second epoch each figure stands under what it is: a batch's loss is no mean, nor an accuracy one of the whole epoch, and the seconds are those of the training so far.
    mid = do(page, "branch", run="r1", step=0, change={"rate": 0.05})["run"]
    wait(page, f"r.id === '{mid}' && s.current === r.id")
    for step in range(1, 8):
        do(page, "step")
        wait(page, f"r.step === {step} && series(r.id).step.length === {step}")
    page.get_by_test_id("beside").select_option("")
    page.wait_for_timeout(500)
    want = tell(page, """import(document.baseURI.split('#')[0] + 'static/format.js').then(({figure, percent, seconds}) => {
      const c = series(r.id), p = lab.epochs.get(r.id)[0], f = v => figure(v, 4)
      return { loss: [['5', '1', f(c.loss[4]), f(p.running.loss), f(p.validation?.loss), seconds(c.seconds[4])], ['7', '1.4', f(c.loss[6]), '–', '–', seconds(c.seconds[6])]],
        metric: [['5', '1', percent(p.running.accuracy), p.validation ? percent(p.validation.accuracy) : '–', seconds(c.seconds[4])], ['7', '1.4', percent(c.accuracy[6]), '–', seconds(c.seconds[6])]] } })""")
    for what, heads in (("loss", ["run", "step", "epoch", "batch loss", "running", "validation", "seconds"]), ("metric", ["run", "step", "epoch", "running", "validation", "seconds"])):
        got = page.get_by_test_id("table-" + what).evaluate(
            "(e, name) => [[...e.querySelectorAll('thead th')].map(c => c.textContent), [...e.querySelectorAll('tbody tr')].map(r => [...r.cells].map(c => c.textContent)).filter(r => r[0] === name).map(r => r.slice(1))]", tell(page, "r.name"))
        assert got == [heads, want[what]], (what, got, want[what])


def narrow(p):
    """On a phone all of what the bar at the bottom says is there, and the ring of the bar's focus lies on none of it."""
    lab = p.lab("relu", "--train-samples", "10000", "--hidden", "16", "--batch-size", "100", "--epochs", "20")
    page = p.page(lab)
    to_end(page)
    for width, height, locale in ((390, 844, "en-US"), (390, 844, "zh-TW"), (320, 640, "en-US"), (720, 500, "zh-TW"), (1440, 900, "en-US")):
        page = p.page(lab, viewport={"width": width, "height": height}, locale=locale)
        expect(page.get_by_test_id("time-says")).to_contain_text("2,000")
        page.wait_for_timeout(300)
        cut = page.get_by_test_id("deck").evaluate("""e => { const deck = e.getBoundingClientRect(), says = e.querySelector('.says'), box = says.getBoundingClientRect(); return [...says.children].filter(c => c.textContent).filter(c => {
            const b = c.getBoundingClientRect(), inner = c.lastElementChild
            return b.right > box.right + 1 || b.bottom > deck.bottom + 1 || inner && (inner.scrollWidth > inner.clientWidth + 1 || inner.getBoundingClientRect().right > box.right + 1) }).map(c => c.textContent) }""")
        assert not cut, (width, locale, cut)
        page.keyboard.press("Tab")
        page.get_by_test_id("time").focus()
        over = page.get_by_test_id("time").evaluate("e => { const s = getComputedStyle(e), ring = parseFloat(s.outlineOffset) + parseFloat(s.outlineWidth); return [s.outlineStyle, e.getBoundingClientRect().bottom + ring, document.querySelector('.travel .under').getBoundingClientRect().top] }")
        assert over[0] != "none" and over[1] <= over[2], (width, over)
        page.evaluate("scrollTo(0, document.scrollingElement.scrollHeight)")
        page.wait_for_timeout(100)
        end = page.evaluate("[document.querySelector('main').getBoundingClientRect().bottom, document.querySelector('#deck').getBoundingClientRect().top]")
        assert end[0] <= end[1], f"{width}: the bar lies on the end of the page: {end}"
        p.shot(page, f"narrow-{width}-{locale}")
        page.context.close()
        p.contexts.remove(page.context)


def runs(p):
    """Runs are told apart: the ready one plays, twins are numbered, a step shows its run, what it gave stays, and curves of another loss are left out."""
    lab = p.lab("mse")
    page = p.page(lab)
    page.once("dialog", lambda d: d.accept())
    page.get_by_test_id("speed").select_option("250")
    wait(page, "s.speed === 250")
    page.get_by_test_id("play-step").click()
    wait(page, "s.playing && r.step > 0")
    assert tell(page, "[s.runs.length, s.speed]") == [1, 250]
    page.get_by_test_id("play").click()
    wait(page, "!s.playing")
    page.get_by_test_id("speed").select_option("0")
    page.get_by_test_id("play-short").click()
    wait(page, "r.short && r.condition === 'done' && r.result")
    page.get_by_test_id("open-others").press("Enter")  # no pointer: the ladder makes room for the step's result above it just then
    page.locator('[data-test="play-other"][data-experiment="deep-residual"]').click()
    wait(page, "r.experiment === 'deep-residual' && s.playing && r.step > 0")
    page.get_by_test_id("play").click()
    wait(page, "!s.playing && lab.epochs")
    expect(page.get_by_test_id("unlike-loss")).to_contain_text("mse")
    page.locator('[data-test="restart"]').click()
    wait(page, "s.runs.length === 4 && r.name === 'deep-residual #2' && r.step === 0")
    assert len(set(tell(page, "s.runs.map(r => r.name)"))) == 4
    page.locator('button.rung[data-step="mse"]').click()
    wait(page, "r.experiment === 'mse'")
    expect(page.locator("#network-note")).to_contain_text("mse")
    expect(page.locator("#words-note")).to_contain_text("mse")
    marks = page.evaluate("import(document.baseURI.split('#')[0] + 'static/palette.js').then(({colour, mark}) => [...Array(60).keys()].map(i => colour({color: i}) + mark({color: i})))")
    assert len(set(marks)) == 60, marks
    short = tell(page, "s.runs.find(r => r.short).id")
    was = page.locator('button.rung[data-step="mse"] .is').inner_text()
    page.locator(f'[data-test="run-chip"][data-run="{short}"] [data-test="remove"]').click()
    wait(page, "s.runs.length === 3")
    expect(page.locator('button.rung[data-step="mse"] .is')).to_have_text(was)
    page.get_by_test_id("runs-shown").select_option("one")
    expect(page.get_by_test_id("unlike-loss")).to_be_hidden()
    p.shot(page, "runs")


def taken(p):
    """The command that is copied trains the same, and the Go program, the report, the model and the pictures are whole."""
    lab = p.lab(*SMALL)
    page = p.page(lab)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    to_end(page)
    page.get_by_test_id("open-take").click()
    expect(page.get_by_test_id("take-command")).to_contain_text("stheno run")
    page.get_by_test_id("take-command-copy").click()
    command = page.evaluate("navigator.clipboard.readText()")
    assert command.startswith("stheno run relu") and "--hidden 32,32" in command, command
    expect(page.get_by_test_id("take-go")).to_contain_text("package main")
    for test, begins in (("take-report", b"<!doctype html>"), ("take-model", None), ("picture-network-svg", b"<svg"), ("picture-network-png", b"\x89PNG"), ("picture-curves-svg", b"<svg"), ("picture-curves-png", b"\x89PNG")):
        with page.expect_download() as download:
            page.get_by_test_id(test).click()
        content = pathlib.Path(download.value.path()).read_bytes()
        assert len(content) > 1000 and (begins is None or content.lower().lstrip().startswith(begins.lower())), (test, len(content), content[:40])
        if begins is None:
            assert weights(content) == model(page)


def playing(p):
    """While it plays the ladder says how far it is and the words come and go on coming; what stops early says why, and of which epoch the weights are."""
    page = p.page(p.lab("relu"))
    rung, note, seen = page.locator('[data-test="step"][data-step="relu"] .is'), page.locator("#words-note"), set()
    do(page, "play", speed=200)
    expect(note).to_contain_text("at step 100")
    seen.add(note.inner_text())
    asked = []
    page.on("request", lambda r: "api/predict" in r.url and asked.append(r.post_data))
    page.get_by_test_id("test-sample").click()
    expect(page.get_by_test_id("verdict").locator("b")).to_have_count(1)
    expect(rung).to_have_text(re.compile(r"^(1\d|[2-9]\d)% …$"))
    expect(note).not_to_have_text(seen.pop())
    assert tell(page, "s.playing")
    do(page, "speed", speed=20)  # it goes on for as long as is needed
    asked.clear()
    for _ in range(100):
        page.wait_for_timeout(100)
        if len(asked) > 2:
            break
    assert len(asked) > 2 and tell(page, "s.playing"), f"while it learnt what is shown was asked {len(asked)} times"
    do(page, "pause")
    wait(page, "!s.playing")
    page.wait_for_timeout(1500)
    sample = json.loads(asked[-1])
    want = page.evaluate("body => fetch('api/predict', {method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify(body)}).then(r => r.json())", sample)["probabilities"]
    got = page.locator('[data-test="meter"] [role="meter"]').evaluate_all("all => all.map(e => Number(e.ariaValueNow))")
    assert all(abs(a - b) < 1e-3 for a, b in zip(got, want)), f"the answer is of an older step: {got}, {want}"
    with tempfile.TemporaryDirectory() as folder: # of which there is nothing to learn
        table = pathlib.Path(folder, "noise.csv")
        table.write_text("a,b,label\n" + "".join(f"{i * 37 % 101},{i * 53 % 97},{'xyz'[i * i % 7 % 3]}\n" for i in range(400)))
        lab = p.lab(str(table), "--epochs", "400")
        page = p.page(lab, locale="zh-TW")
    to_end(page)
    assert tell(page, "r.epoch < r.epochs && r.kept_epoch > 0 && r.kept_epoch < r.epoch")
    expect(page.get_by_test_id("time-says")).to_contain_text(f"第 {tell(page, 'r.kept_epoch')} 個 epoch 的權重")
    expect(page.get_by_test_id("words-why")).to_contain_text("連續 20 個 epoch")
    expect(page.locator("#words-note")).to_contain_text(f"第 {tell(page, 'r.kept_epoch')} 個 epoch 的權重")
    # On a telephone the bar has two lines, in which no reason has room: it stands where the bar points to, all of it, in the words, and by keyboard in a tip.
    for locale, whole, past in (("en-US", f"stopped early: the loss has not gone down for 20 epochs, from .+; it has the weights of epoch {tell(page, 'r.kept_epoch')}", "play goes on to the same bits"), ("zh-TW", "提早停止：.*連續 20 個 epoch.*個 epoch 的權重", "播放會走出一模一樣的結果")):
        page = p.page(lab, viewport={"width": 390, "height": 844}, locale=locale, has_touch=True, is_mobile=True)
        says, why, words = page.get_by_test_id("time-says"), page.get_by_test_id("why"), page.get_by_test_id("words-why")
        for full in (whole, past):
            if full == past:
                do(page, "goto", run="r1", step=tell(page, "r.steps_per_epoch"))
                wait(page, "r.step < r.head")
            expect(words).to_have_text(re.compile(full))
            expect(why).to_be_visible()
            lines = says.evaluate("e => [e.offsetHeight, parseFloat(getComputedStyle(e).minHeight)]")
            assert lines[0] <= lines[1] + 6, f"{locale}: the bar says it in {lines[0]} pixels, where two lines are {lines[1]}: {says.inner_text()}"
            page.keyboard.press("Tab")
            why.focus()
            expect(page.locator("#tip")).to_have_text(re.compile(full))
            page.keyboard.press("Escape")
            why.click()
            expect(words).to_be_focused()
            expect(words).to_be_in_viewport()
        do(page, "goto", run="r1", step=tell(page, "r.head"))
        wait(page, "r.condition === 'done'")


CHECKS = [ladder, playing, mended, diagnosed, beside, evening, kept, elsewhere, drawn, digit, apart, travel, said, again, tabs, intent, panel, space, hidden, lost, broken, languages, looks, opens, calm, spoken, still, walk, hover, unpainted, frame, hostile, own, runs, formats, tables, narrow, taken]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("stheno")
    parser.add_argument("checks", nargs="*", help="of " + ", ".join(c.__name__ for c in CHECKS))
    parser.add_argument("--screenshots", type=pathlib.Path)
    parser.add_argument("--chromium", default=shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome"))
    a = parser.parse_args()
    if a.screenshots:
        a.screenshots.mkdir(parents=True, exist_ok=True)
    unknown = set(a.checks) - {c.__name__ for c in CHECKS}
    if unknown or not a.chromium:
        parser.error(f"no check is called {unknown}" if unknown else "there is no chromium: say where with --chromium")
    failed = 0
    expect.set_options(timeout=60_000)  # on a machine that has other things to do
    with sync_playwright() as playwright:
        playwright.selectors.set_test_id_attribute("data-test")
        browser = playwright.chromium.launch(executable_path=a.chromium, args=["--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP evil.example 127.0.0.1"])
        for check in CHECKS:
            if a.checks and check.__name__ not in a.checks:
                continue
            began = time.monotonic()
            p = Play(browser, a.stheno, a.screenshots)
            try:
                check(p)
                wrong = [w for w in p.wrong if not any(re.search(e, w) for e in p.expected)]
                assert not wrong, "\n".join(dict.fromkeys(wrong))
                print(f"ok {check.__name__} ({time.monotonic() - began:.1f} s)", flush=True)
            except (AssertionError, Error, subprocess.SubprocessError) as e:
                failed += 1
                at = [f for f in traceback.extract_tb(e.__traceback__) if f.filename == __file__]
                print(f"FAIL {check.__name__}, line {at[-1].lineno if at else '?'} ({time.monotonic() - began:.1f} s): {e}", flush=True)
                for w in dict.fromkeys(p.wrong + p.refused):
                    print("  " + w)
                with contextlib.suppress(Error, IndexError):
                    p.shot(p.contexts[-1].pages[-1], "failed-" + check.__name__)
            finally:
                p.close()
        browser.close()
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
