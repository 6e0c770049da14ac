"""Run every benchmark, or those named; `--quick` for a glance."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path


def run(names: list[str], quick: bool) -> None:
    """Run each module of this folder that has a `main(quick)`, in the order of their names."""
    for path in sorted(Path(__file__).parent.glob("*.py")):
        if path.stem.startswith("_") or (names and path.stem not in names):
            continue
        module = import_module(f"bench.{path.stem}")
        if hasattr(module, "main"):
            print(f"\n{path.stem}: {(module.__doc__ or '').splitlines()[0]}")
            module.main(quick=quick)


if __name__ == "__main__":
    asked = sys.argv[1:]
    run([name for name in asked if not name.startswith("-")], "--quick" in asked)
