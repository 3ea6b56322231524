"""The command `parvis` with requests to private addresses allowed: ``python -m ops.rigs.private_parvis serve``.

For tests and benchmarks whose push services and web pages are on this machine. Server processes that the command
starts import this module too, so they may reach the same addresses.
"""

import runpy

from adapters.addresses import GUARD

GUARD.open = True

if __name__ == "__main__":
    # By name, since ops stands below app.
    runpy.run_module("app", run_name="__main__", alter_sys=True)
