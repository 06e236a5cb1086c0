"""Carries out a Containerfile's lines on this machine, where no container engine may run: enough of them for ours.

COPY copies from the checkout, RUN runs, both in a folder that stands for WORKDIR; a later stage begins with what it
copies from an earlier one. What only an engine can do (USER, EXPOSE, HEALTHCHECK …) is told and not done.
"""

import json
import os
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Image:
    """What was made: the folder that is WORKDIR, and what the last stage says of how it runs."""

    workdir: Path
    command: list[str] = field(default_factory=list)
    said: dict[str, str] = field(default_factory=dict)


def made(containerfile: Path, context: Path, folder: Path) -> Image:
    """The image of this file's last stage."""
    image = Image(folder)
    for word, rest in lines(containerfile):
        if word == "FROM":
            image = Image(folder)
        elif word == "COPY" and not rest.startswith("--from="):
            source, target = rest.split()
            _copy(context / source, folder / target)
        elif word == "RUN":
            _run(rest, folder)
        elif word == "CMD":
            image.command = json.loads(rest)
        else:
            image.said[word] = rest
    return image


def lines(containerfile: Path) -> list[tuple[str, str]]:
    """Each instruction, and what follows it."""
    text = containerfile.read_text().splitlines()
    return [(line.split(" ", 1)[0], line.split(" ", 1)[1]) for line in text if line and not line.startswith("#")]


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(source, target)


def _run(command: str, folder: Path) -> None:
    words = shlex.split(command)
    program = sys.executable if words[0] == "python" else words[0]
    env = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}
    done = subprocess.run([program, *words[1:]], cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
