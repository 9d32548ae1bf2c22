"""Texts and models that are brought in or taken out through the browser."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

sync_api = pytest.importorskip("playwright.sync_api", reason="install it for these tests: pip install playwright")
expect = sync_api.expect


def upload(page: Page, button: str, file: Path) -> None:
    with page.expect_file_chooser() as chooser:
        page.locator(button).click()
    chooser.value.set_files(file)


def test_a_text_file_becomes_a_corpus_under_its_name(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "Mein Büchlein.txt"
    file.write_bytes(("Größe und Güte wohnen überall. " * 200).encode("latin-1"))
    page.locator("#dr-own button").first.click()
    upload(page, "#dr-upload", file)
    expect(page.locator("#dr-corpus input")).to_have_value(re.compile("Mein B"))
    expect(page.locator("#dr-facts .dr-facts-line")).to_contain_text("characters")
    page.reload()  # after which the bundled text was chosen again
    expect(page.locator("#dr-corpus input")).to_have_value(re.compile("Mein B"))
    page.locator("#dr-own button").first.click()
    expect(page.locator("#dr-files-sheet li b")).to_have_text(file.name)


@pytest.mark.parametrize("data", [b"", bytes(range(256)) * 40, b"a" * 5000], ids=["empty", "binary", "one character"])
def test_a_bad_file_is_refused_in_words(page: Page, tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "bad.txt"
    file.write_bytes(data)
    before = page.locator("#dr-corpus input").input_value()
    page.locator("#dr-own button").first.click()
    upload(page, "#dr-upload", file)
    expect(page.locator("#dr-files-sheet .dr-notices li").first).to_be_visible()
    assert page.locator("#dr-corpus input").input_value() == before


def test_a_pasted_text_becomes_a_corpus(page: Page) -> None:
    page.locator("#dr-own button").first.click()
    page.locator("#dr-paste textarea").fill("Once upon a time a bell was thirsty. " * 100)
    page.locator("#dr-name").get_by_role("textbox").fill("Pasted tale")
    page.locator("#dr-use-text").click()
    expect(page.locator("#dr-corpus input")).to_have_value("Pasted tale")
    expect(page.locator("#dr-paste textarea")).to_have_value("")


def test_a_model_goes_out_as_one_file_and_comes_back(page: Page, tmp_path: Path) -> None:
    with page.expect_download() as download:
        page.locator("#dr-export").click()
    file = tmp_path / "model.zip"
    download.value.save_as(file)
    assert any(name.endswith("model.safetensors") for name in zipfile.ZipFile(file).namelist())
    upload(page, "#dr-import", file)
    expect(page.locator("#dr-told")).to_contain_text("added to the models")
    page.locator("#dr-write").click()
    page.locator("#dr-writer .dr-token").first.wait_for()


def test_a_pickle_in_disguise_is_refused(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "model.zip"
    file.write_bytes(b"\x80\x04cposix\nsystem\n")
    before = page.locator("#dr-model input").input_value()
    said = page.locator("#dr-status .dr-said").inner_text()
    upload(page, "#dr-import", file)
    expect(page.locator("#dr-told .dr-notices li")).to_contain_text("model.zip is not a .zip")
    expect(page.locator("#dr-status .dr-said")).to_have_text(said)
    assert page.locator("#dr-model input").input_value() == before
