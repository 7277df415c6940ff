"""The README's blocks of Python, run one after the other as they stand there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

README = Path(__file__).resolve().parents[2] / "README.md"

# As the interpreter that the README starts: what an expression gives is printed.
INTERPRETER = """
import ast
names = {}
for statement in ast.parse(open("readme.py").read()).body:
    exec(compile(ast.Interactive([statement]), "readme.py", "single"), names)
"""


def test_the_lines_of_the_readme_do_what_they_say(tmp_path: Path) -> None:
    """In an empty folder, with the variables that its shell exports."""
    _, rest = README.read_text().split("\n## In Python\n")
    section, _ = rest.split("\n## ", 1)
    exports = re.findall(r"^export .+$", section, re.MULTILINE)
    blocks = re.findall(r"^```python quickstart\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
    assert (len(exports), len(blocks)) == (1, 2)
    (tmp_path / "readme.py").write_text("\n".join(blocks))
    done = subprocess.run(
        ["bash", "-c", f'set -eu\n{exports[0]}\nexec "$0" "$@"', sys.executable, "-c", INTERPRETER],
        cwd=tmp_path,
        # The cache of the suites is no setting of the service.
        env={name: value for name, value in os.environ.items() if "AUTHCORE" not in name},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    version, created, logged_in, needs_rehash, sub, published = done.stdout.splitlines()
    assert int(version) > 0  # of the schema
    assert created == "201"
    assert logged_in.startswith("200 b'{")
    assert '"access_token":' in logged_in
    assert needs_rehash == "False"
    assert sub == "'ada'"
    assert published.startswith("{'keys': [{")
    assert "'d'" not in published
