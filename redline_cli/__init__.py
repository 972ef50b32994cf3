"""The `redline` command for pipelines: ask the gate, and check rule files.

`redline gate` needs nothing but Python; its exit code is the answer, and 0 means APPROVE alone.
"""

from redline_cli.command import main

__all__ = ["main"]
