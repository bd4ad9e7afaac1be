"""`python -m peakend`: the same command as `peakend`, for when the script is not on the path.

It holds no logic of its own.
"""

from __future__ import annotations

from peakend.cli import main

if __name__ == "__main__":
    main()
