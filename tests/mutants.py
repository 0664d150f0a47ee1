"""`make mutants`: changes the rules of `communities/` one place at a time and asks whether tests/rules notices.

cosmic-ray's operators make the changes. Each changed module lives in a forked process only, never on the disk. What
reads the same to Python as the original (annotations, which nothing evaluates) or as another change isn't counted.
"""

from __future__ import annotations

import argparse
import ast
import gc
import importlib
import json
import os
import resource
import sys
import time
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from itertools import islice
from math import ceil
from pathlib import Path
from types import ModuleType

import hypothesis
import pytest
from cosmic_ray.ast import get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.operators.operator import Operator
from cosmic_ray.plugins import get_operator, operator_names

ROOT = Path(__file__).parent.parent
RULES = ROOT / "communities"
TESTS = ROOT / "tests" / "rules"

LEAST_NOTICED = 95.0
"""Per cent of the mutants that the tests have to notice."""

LONGER = 3
"""How many times as long as with the rules as they are a run may take; a change that never comes to an end is noticed.
"""

MEMORY_BYTES = 2 * 1024**3
USES = ("holidays", "holidays.countries.united_kingdom", "rapidfuzz.fuzz", "zoneinfo", "email.message")
"""Loaded once, before the first fork."""

LEFT_OUT = ("core/VariableInserter", "core/VariableReplacer")
"""They need the names of variables to exchange."""


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """One change: the module, the operator and which of its places, and the changed line as it was and is."""

    module: str
    operator: str
    occurrence: int
    line: int
    was: str
    now: str


def operators() -> Iterator[tuple[str, Operator]]:
    """cosmic-ray's operators that need no arguments."""
    for name in operator_names():
        if name not in LEFT_OUT:
            yield name, get_operator(name)()


def meaning(source: str) -> str:
    """What Python makes of a module, without its annotations, which are never evaluated."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.AnnAssign):
            node.annotation = ast.Constant(None)
        elif isinstance(node, ast.arg):
            node.annotation = None
        elif isinstance(node, ast.FunctionDef):
            node.returns = None
    return ast.dump(tree)


def mutants_of(path: Path) -> Iterator[tuple[Mutant, str]]:
    """The changes to one module, each with its source."""
    source = path.read_text("utf-8")
    seen = {meaning(source)}
    nodes = list(_nodes(get_ast(source)))
    for name, operator in operators():
        places = sum(len(list(operator.mutation_positions(node))) for node in nodes)
        for occurrence in range(places):
            changed = mutate_code(source, operator, occurrence)
            try:
                means = meaning(changed)
            except SyntaxError:
                continue
            if means not in seen:
                seen.add(means)
                yield _described(path, name, occurrence, source, changed), changed


def _nodes(node: object) -> Iterator[object]:
    yield node
    for child in getattr(node, "children", ()):
        yield from _nodes(child)


def _described(path: Path, operator: str, occurrence: int, source: str, changed: str) -> Mutant:
    old, new = source.splitlines(), changed.splitlines()
    at = next((n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), len(new) - 1)
    name = operator.removeprefix("core/")
    return Mutant(
        module=path.stem, operator=name, occurrence=occurrence, line=at + 1, was=old[at].strip(), now=new[at].strip()
    )


class _Changed(MetaPathFinder, Loader):
    """Loads one module of the rules from changed source."""

    def __init__(self, module: str, path: Path, source: str) -> None:
        self.name, self.path, self.source = f"communities.{module}", path, source

    def find_spec(self, name: str, *_: object) -> ModuleSpec | None:
        return ModuleSpec(name, self, origin=str(self.path)) if name == self.name else None

    def exec_module(self, module: ModuleType) -> None:
        exec(compile(self.source, str(self.path), "exec"), vars(module))


NOTICED = (pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.INTERRUPTED)
"""A test failed, or one could not be loaded."""


def is_noticed(module: str, source: str, tests: Sequence[Path], most_s: int) -> bool:
    """Whether the tests notice, in a process of its own that may use so many seconds of a core.

    Raises `RuntimeError` where they could not be run.
    """
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_CPU, (most_s, most_s))
        _run_changed(module, source, tests)
    status = os.waitpid(child, 0)[1]
    if os.WIFSIGNALED(status):
        return True  # out of time
    code = os.WEXITSTATUS(status)
    if code in NOTICED:
        return True
    if code != pytest.ExitCode.OK:
        raise RuntimeError(f"pytest ended with {code} for a change in {module}")
    return False


def _run_changed(module: str, source: str, tests: Sequence[Path]) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    sys.meta_path.insert(0, _Changed(module, RULES / f"{module}.py", source))
    code: int = pytest.ExitCode.INTERNAL_ERROR
    try:
        code = run_tests(tests)
    finally:
        os._exit(code)


def run_tests(tests: Sequence[Path]) -> int:
    """Run them without a word, to the first failure; pytest's exit code."""
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 1)
    os.dup2(silent, 2)
    quick = [
        "-x", "-q", "-p", "no:cacheprovider", "--no-header", "--tb=no", "--capture=no", "--assert=plain",
        f"--confcutdir={TESTS}",
    ]  # fmt: skip
    return int(pytest.main([*quick, *map(str, tests)]))


def judge(module: str, most_s: int, known: Collection[Mutant]) -> Iterator[tuple[Mutant, bool]]:
    """Each change to a module with whether it was noticed: by the tests of its own name first, then by the others.

    Those `known` were noticed before and aren't tried again.
    """
    own = TESTS / f"test_{module}.py"
    others = [p for p in sorted(TESTS.glob("test_*.py")) if p != own]
    source, stages = (RULES / f"{module}.py").read_text("utf-8"), [(others, most_s)]
    if own.exists():
        before = used_s()
        if is_noticed(module, source, [own], most_s):
            raise RuntimeError(f"{own.name} fails as the code stands")
        stages.insert(0, ([own], ceil(LONGER * (used_s() - before))))
    for mutant, changed in mutants_of(RULES / f"{module}.py"):
        yield mutant, mutant in known or any(is_noticed(module, changed, tests, s) for tests, s in stages)


def used_s() -> float:
    """Seconds of a core that the forked processes have used so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def warm_up() -> int:
    """Load what every run needs, write the tests' compiled files, and make sure they pass as things are.

    Returns how many seconds of a core a run may take.
    """
    hypothesis.settings.register_profile(
        "mutants", derandomize=True, database=None, deadline=None, max_examples=40,
        phases=(hypothesis.Phase.explicit, hypothesis.Phase.generate),
    )  # fmt: skip
    hypothesis.settings.load_profile("mutants")
    for name in USES:
        importlib.import_module(name)
    began = time.monotonic()
    if (child := os.fork()) == 0:
        os._exit(run_tests([TESTS]))
    if os.waitpid(child, 0)[1]:
        sys.exit("The tests of the rules fail as the code stands: run pytest tests/rules first.")
    print(f"tests/rules passes in {time.monotonic() - began:.1f} s.")
    sys.dont_write_bytecode = True
    gc.freeze()  # no child looks through what was loaded here
    return ceil(LONGER * used_s())


def share_of(modules: Sequence[str], jobs: int) -> Iterator[list[str]]:
    """The modules dealt out over so many processes, the longest first."""
    by_size = sorted(modules, key=lambda m: -(RULES / f"{m}.py").stat().st_size)
    return (list(islice(by_size, n, None, jobs)) for n in range(jobs))


def work_through(modules: Iterable[str], folder: Path, most_s: int, *, again: bool) -> None:
    """Judge the modules, each into a file of its own, a line a change; `again` keeps what was noticed before."""
    for module in modules:
        kept = folder / f"{module}.jsonl"
        known = {m for m, noticed in results(kept) if noticed} if again and kept.exists() else set()
        with kept.open("w") as out:
            for mutant, noticed in judge(module, most_s, known):
                out.write(json.dumps({**asdict(mutant), "noticed": noticed}) + "\n")
                out.flush()


def results(kept: Path) -> Iterator[tuple[Mutant, bool]]:
    """The changes a file holds, and whether each was noticed."""
    for line in kept.read_text().splitlines():
        found = json.loads(line)
        noticed = found.pop("noticed")
        yield Mutant(**found), noticed


def report(modules: Sequence[str], folder: Path) -> float:
    """Print the table and the changes nobody noticed; returns the per cent noticed."""
    made, noticed = Counter[str](), Counter[str]()
    survivors = []
    for module in modules:
        for mutant, is_known in results(folder / f"{module}.jsonl"):
            made[module] += 1
            noticed[module] += is_known
            if not is_known:
                survivors.append(mutant)
    print("\n| file | made | noticed | not | % |\n| --- | --- | --- | --- | --- |")
    for module in sorted(made):
        print(_row(f"{module}.py", made[module], noticed[module]))
    print(_row("all", made.total(), noticed.total()))
    for m in survivors:
        print(f"\n{m.module}.py:{m.line} ({m.operator})\n  was {m.was}\n  now {m.now}")
    return 100 * noticed.total() / max(made.total(), 1)


def _row(name: str, made: int, noticed: int) -> str:
    return f"| {name} | {made:,} | {noticed:,} | {made - noticed:,} | {100 * noticed / max(made, 1):.1f} |"


def main() -> None:
    """Judge the modules named, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("modules", nargs="*", help="names of modules of communities/; all where none is given")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--folder", type=Path, default=ROOT / ".mutants", help="where the results are kept")
    parser.add_argument("--again", action="store_true", help="try only what was not noticed before")
    parser.add_argument("--only-report", action="store_true", help="print what the folder holds")
    asked = parser.parse_args()
    modules = asked.modules or sorted(p.stem for p in RULES.glob("[a-z]*.py"))
    asked.folder.mkdir(exist_ok=True)
    if not asked.only_report:
        most_s = warm_up()
        children = []
        for part in share_of(modules, asked.jobs):
            if (child := os.fork()) == 0:
                work_through(part, asked.folder, most_s, again=asked.again)
                os._exit(0)
            children.append(child)
        ended = [os.waitpid(child, 0)[1] for child in children]
        if any(ended):
            sys.exit("A process did not come to its end; see above.")
    if report(modules, asked.folder) < LEAST_NOTICED:
        sys.exit(f"Fewer than {LEAST_NOTICED:.0f}% were noticed.")


if __name__ == "__main__":
    main()
