"""The rules of the house: which room may know which, how long things may be, and what nobody may use."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "deeprnn"
SOURCES = sorted([*PACKAGE.rglob("*.py"), *(ROOT / "benchmarks").rglob("*.py"), ROOT / "app.py"])
TESTS = sorted((ROOT / "tests").rglob("*.py"))
ASSETS = sorted(path for path in (PACKAGE / "ui" / "assets").rglob("*") if path.suffix in (".js", ".css"))
MAX_FILE_LINES, MAX_FUNCTION_LINES = 250, 40

# Data goes one way: a room may import those above it, and what stands in its own line.
ROOMS = [
    {"messages", "errors", "arguments", "config", "device", "home", "disk"},
    {"text"},
    {"model"},
    {"generation"},
    {"training"},
    {"trained_model"},
    {"runs"},
    {"ui"},
    {"cli"},
]
LEVEL = {name: level for level, names in enumerate(ROOMS) for name in names}
FIRST = {"messages": 0, "errors": 1, "arguments": 2, "config": 2, "device": 2, "home": 2, "disk": 2}

# Who alone may import what; a name also covers everything in it.
OWNERS = {
    **dict.fromkeys(("threading", "_thread", "multiprocessing"), ("deeprnn/runs/job.py",)),
    "concurrent.futures": ("deeprnn/text/ahead.py", "deeprnn/runs/once.py"),
    "subprocess": ("deeprnn/text/formats/process.py", "deeprnn/runs/lines.py", "benchmarks/"),
    "pypdf": ("deeprnn/text/formats/pdf.py",),
    "datasets": ("deeprnn/text/hub.py",),
    "trackio": ("deeprnn/runs/tracking.py",),
    "tensorboard": ("deeprnn/runs/tracking.py",),
    "gradio": ("deeprnn/ui/",),
    "torch.optim": ("deeprnn/training/",),
    "tqdm": ("deeprnn/cli/",),
}
FORBIDDEN_IMPORTS = ("pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal")
FORBIDDEN_CALLS = ("eval", "exec", "torch.load", "torch.save", "os.system", "os.popen", "compile", "__import__")
# Folders of one machine, and hosts of packages; put together here, so that this file does not name them itself.
PLACES = [rf"/{folder}/" for folder in ("root", "work", r"home/\w+")]
HOSTS = [r"\.".join(parts) for parts in (("py" + "pi",), ("python" + "hosted",), ("deb", "debian"), ("npm" + "js",))]
FORBIDDEN_WORDS = re.compile("|".join([*PLACES, *HOSTS]), re.I)


def module(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def imports(path: Path) -> Iterator[str]:
    """Yield the full name of everything a file imports, at its top or inside a function."""
    package = path.relative_to(ROOT).with_suffix("").parts[:-1]
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield from (f"{base}.{alias.name}" for alias in node.names)


def room(name: str) -> str | None:
    """Return the room of a full module name, None outside the package and for the package itself."""
    parts = name.split(".")
    return parts[1] if parts[0] == "deeprnn" and len(parts) > 1 and parts[1] in LEVEL else None


def name_of(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{name_of(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else "?"


@pytest.mark.parametrize("path", SOURCES, ids=module)
def test_imports_go_one_way(path: Path) -> None:
    mine = room(module(path).removesuffix(".py").replace("/", "."))
    for imported in imports(path):
        other = room(imported)
        if mine is None or other is None or mine == other:
            continue
        order = FIRST if mine in FIRST and other in FIRST else LEVEL
        assert order[other] < order[mine], f"{mine} must not know {other}"


def test_every_file_of_the_package_is_in_a_room() -> None:
    rooms = {path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    assert rooms - {"__init__", "__main__"} == set(LEVEL)


@pytest.mark.parametrize("path", SOURCES, ids=module)
def test_only_the_owner_imports_it(path: Path) -> None:
    for imported in imports(path):
        for name, owners in OWNERS.items():
            if imported == name or imported.startswith(name + "."):
                assert module(path).startswith(owners), f"{name} belongs to {owners}"
        assert imported.split(".")[0] not in FORBIDDEN_IMPORTS


@pytest.mark.parametrize("path", SOURCES, ids=module)
def test_nothing_unsafe_is_called(path: Path) -> None:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Attribute) and name_of(node).startswith("torch.optim."):
            assert module(path).startswith(OWNERS["torch.optim"])
        if not isinstance(node, ast.Call):
            continue
        assert name_of(node.func) not in FORBIDDEN_CALLS, f"line {node.lineno}"
        given = {keyword.arg: keyword.value for keyword in node.keywords}
        for name in ("shell", "allow_pickle"):
            value = given.get(name)
            assert value is None or (isinstance(value, ast.Constant) and value.value is False), f"line {node.lineno}"
        if name_of(node.func) == "print":
            assert module(path).startswith(("deeprnn/cli/", "benchmarks/")), f"line {node.lineno}"


@pytest.mark.parametrize("path", [*SOURCES, *ASSETS], ids=module)
def test_files_fit_the_mind(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= MAX_FILE_LINES


@pytest.mark.parametrize("path", SOURCES, ids=module)
def test_functions_fit_a_screen(path: Path) -> None:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            assert lines <= MAX_FUNCTION_LINES, f"{node.name} has {lines} lines"


@pytest.mark.parametrize("path", SOURCES, ids=module)
def test_every_file_says_what_it_owns(path: Path) -> None:
    assert ast.get_docstring(tree(path))


def test_the_project_speaks_of_itself_alone() -> None:
    texts = [
        *SOURCES,
        *TESTS,
        *ASSETS,
        *ROOT.glob("*.md"),
        *ROOT.glob("*.txt"),
        *ROOT.glob("*.toml"),
        *ROOT.glob(".ci/*"),
    ]
    found = [(module(path), word) for path in texts for word in FORBIDDEN_WORDS.findall(path.read_text("utf-8"))]
    assert not found


@pytest.mark.parametrize("readme", ["README.md", "README.zh.md"])
def test_the_map_in_the_readme_names_files_that_exist(readme: str) -> None:
    text = (ROOT / readme).read_text("utf-8")
    named = re.findall(r"^\| `([^`]+)` \|", text, re.M)
    links = [link for link in re.findall(r"\]\(([^)#\s]+)\)", text) if "://" not in link]
    assert len(named) > 10
    assert [path for path in [*named, *links] if not (ROOT / path).exists()] == []


def test_the_first_command_comes_before_line_25() -> None:
    lines = (ROOT / "README.md").read_text("utf-8").splitlines()
    assert next(number for number, line in enumerate(lines, 1) if line.startswith("pip install")) < 25


def test_the_front_matter_asks_for_the_pinned_gradio() -> None:
    front = (ROOT / "README.md").read_text("utf-8").split("---")[1]
    version = re.search(r"^sdk_version: (\S+)$", front, re.M)
    assert version
    assert f"gradio=={version[1]}\n" in (ROOT / "requirements.txt").read_text("utf-8")
