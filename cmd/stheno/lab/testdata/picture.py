"""Makes the README's picture of the lab: picture.py STHENO [FILE]

A lab plays some of the lecture's steps to their ends and a part of deep-sigmoid, whose gradient vanishes: what the page then shows, 1440 pixels wide and light, is the picture, in 128
colours so that it is small. Takes some minutes. Needs what browser.py needs, and Pillow.
"""
import argparse
import io
import pathlib
import shutil

from PIL import Image
from playwright.sync_api import expect, sync_playwright

import browser

FILE = pathlib.Path(__file__).parents[4] / "notebooks" / "pictures" / "lab.png"
PLAYED = ["mse", "cross-entropy", "relu"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("stheno")
    parser.add_argument("file", nargs="?", type=pathlib.Path, default=FILE)
    parser.add_argument("--chromium", default=shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome"))
    a = parser.parse_args()
    with sync_playwright() as playwright:
        playwright.selectors.set_test_id_attribute("data-test")
        chromium = playwright.chromium.launch(executable_path=a.chromium, args=["--no-sandbox", "--disable-gpu"])
        p = browser.Play(chromium, a.stheno, None)
        try:
            page = p.page(p.lab(PLAYED[0]), viewport={"width": 1440, "height": 1010}, color_scheme="light")

            def play(name, until):
                page.locator(f'button.rung[data-step="{name}"]').click()
                page.locator(f'[data-test="play-step"][data-step="{name}"]').click()
                browser.wait(page, f"r.experiment === '{name}' && {until}", 400)

            for name in PLAYED:
                play(name, "r.condition === 'done' && r.result && !s.playing")
            play("deep-sigmoid", "r.step >= 150")
            page.get_by_test_id("play").click()
            browser.wait(page, "!s.playing && lab.findings.get(r.id)?.step === r.step")
            expect(page.get_by_test_id("mend").first).to_be_visible()
            page.evaluate("scrollTo(0, 0)")
            page.mouse.move(0, 0)
            page.wait_for_timeout(8000)  # until no message is left standing
            assert not p.wrong, p.wrong
            shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
        finally:
            p.close()
            chromium.close()
    shot.quantize(128, dither=Image.Dither.NONE).save(a.file, optimize=True)
    print(f"{a.file}: {shot.width} × {shot.height}, {a.file.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
