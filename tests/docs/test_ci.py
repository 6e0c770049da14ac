"""The hooks and the workflow that the manual gives out do what it says, in a repository of its own."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
POLICY = ROOT / "policies" / "aicodewith"
OLD, NEW = "2026-04-03", "2026-10-01"
BIN = Path(sys.executable).parent


@dataclass
class Repository:
    """A repository that holds a policy, as a pull request finds it: the first version on its base branch."""

    folder: Path
    environ: dict[str, str] = field(default_factory=dict)

    def git(self, *arguments: str) -> str:
        """Run git, which must succeed."""
        return self.run(["git", *arguments], check=True).stdout

    def run(self, command: list[str], *, check: bool = False) -> subprocess.CompletedProcess[str]:
        """Run a command in it."""
        return subprocess.run(
            command, cwd=self.folder, env=self.environ, check=check, capture_output=True, text=True
        )

    def replace(self, file: str, old: str, new: str) -> None:
        """Change a file of the new version."""
        path = self.folder / "policies" / "aicodewith" / NEW / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    folder = tmp_path / "work"
    names = ("LANG", "LC_ALL", "TMPDIR")
    environ = {name: os.environ[name] for name in names if name in os.environ} | {
        "PATH": f"{BIN}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GITHUB_BASE_REF": "main",
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
        **{f"GIT_{who}_{what}": "o@example.com" for who in ("AUTHOR", "COMMITTER")
           for what in ("NAME", "EMAIL")},
    }  # fmt: skip
    found = Repository(folder, environ)
    shutil.copytree(POLICY, folder / "policies" / "aicodewith", ignore=lambda *_: [NEW, "tests"])
    found.git("init", "--quiet", "--initial-branch", "main")
    found.git("add", ".")
    found.git("commit", "--quiet", "-m", "the first version")
    found.git("clone", "--quiet", "--bare", ".", str(tmp_path / "origin.git"))
    found.git("remote", "add", "origin", str(tmp_path / "origin.git"))
    found.git("fetch", "--quiet", "origin")
    shutil.copytree(POLICY, folder / "policies" / "aicodewith", dirs_exist_ok=True)
    return found


def _blocks(language: str) -> list[str]:
    text = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, flags=re.DOTALL)


def _workflow() -> tuple[str, dict[str, Any]]:
    (text,) = (block for block in _blocks("yaml") if "runs-on" in block)
    return text, yaml.safe_load(text)


def _step(repository: Repository, name: str) -> subprocess.CompletedProcess[str]:
    """Run a step as the runner does."""
    (step,) = (s for s in _workflow()[1]["jobs"]["policy"]["steps"] if s.get("name") == name)
    repository.environ["UPHELD_POLICY"] = "aicodewith"
    return repository.run(["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]])


def test_the_workflow_is_one_by_the_published_schema(tmp_path: Path):
    path = tmp_path / "privacy-policy.yml"
    path.write_text(_workflow()[0], encoding="utf-8")
    tool = [str(BIN / "check-jsonschema"), "--builtin-schema", "vendor.github-workflows", str(path)]
    checked = subprocess.run(tool, check=False, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout


def test_in_a_pull_request_the_steps_lint_test_and_tell_the_difference(repository: Repository):
    for name in ("Lint", "Test", "Compare"):
        done = _step(repository, name)
        assert done.returncode == 0, (name, done.stdout, done.stderr)
    summary = Path(repository.environ["GITHUB_STEP_SUMMARY"]).read_text(encoding="utf-8")
    assert summary.startswith(f"## Privacy policy: {OLD} → {NEW}\n")
    assert (repository.folder / "difference.md").read_text(encoding="utf-8") == summary


def test_an_error_in_the_pull_request_is_an_annotation_and_fails_the_step(repository: Repository):
    repository.replace("retention.yaml", "keep: 180 days", "keep: 181 days")
    done = _step(repository, "Lint")
    assert done.returncode == 1
    assert re.search(r"^::error file=.*retention\.yaml,line=[0-9]+", done.stdout, re.MULTILINE)


def test_a_change_that_a_human_must_decide_fails_the_step_and_is_told_all_the_same(
    repository: Repository,
):
    text = "basis: consent\n  choice: improve-with-my-usage"
    repository.replace("use.yaml", text, "basis: legitimate interest")
    done = _step(repository, "Compare")
    assert done.returncode == 1
    assert "| blocked (review) |" in (repository.folder / "difference.md").read_text("utf-8")


def _local(hooks: list[dict[str, Any]]) -> str:
    return yaml.safe_dump({"repos": [{"repo": "local", "hooks": hooks}]})


def _hooks() -> list[dict[str, Any]]:
    told = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    return [{**hook, "language": "system"} for hook in told]


def test_the_hooks_let_a_sound_policy_pass_and_stop_a_commit_that_breaks_it(repository: Repository):
    (repository.folder / ".pre-commit-config.yaml").write_text(_local(_hooks()), encoding="utf-8")
    repository.run(["pre-commit", "install"], check=True)
    repository.git("add", ".")
    repository.git("commit", "-m", "a new version")
    repository.replace("retention.yaml", "keep: 180 days", "keep: 181 days")
    done = repository.run(["git", "commit", "-am", "a longer period"])
    assert done.returncode == 1
    assert "TEXT_RULE_DISAGREE" in done.stdout + done.stderr


def test_the_manual_s_own_configuration_has_the_same_hooks():
    (local,) = (block for block in _blocks("yaml") if "repo: local" in block)
    told = {hook["id"]: hook for hook in yaml.safe_load(local)["repos"][0]["hooks"]}
    keys = ("id", "name", "entry", "language", "files", "pass_filenames")
    assert told == {hook["id"]: {key: hook[key] for key in keys} for hook in _hooks()}


def test_the_hooks_file_is_one_by_pre_commit_s_own_check():
    tool = [str(BIN / "pre-commit"), "validate-manifest", str(ROOT / ".pre-commit-hooks.yaml")]
    checked = subprocess.run(tool, check=False, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout
