"""``python -m app`` is ``parvis``."""

from app.cli import main

if __name__ == "__main__":
    main()
