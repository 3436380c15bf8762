"""What the commands of a page print today: `python -m tests.docs docs/gate.md`."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.docs.pages import PROMPT
from tests.docs.reader import Reader


def main(pages: list[str]) -> None:
    with TemporaryDirectory() as folder:
        reader, demo = Reader(Path(folder)), Path(folder) / "demo"
        try:
            reader.load(demo)
            for page in pages:
                for done in reader.read(Path(page).resolve(), demo=demo):
                    differs = "" if done.as_shown else "\n!!! The page shows something else."
                    print(f"{PROMPT}{done.command.typed}\n{done.printed}[{done.status}]{differs}")
        finally:
            reader.end()


if __name__ == "__main__":
    main(sys.argv[1:])
