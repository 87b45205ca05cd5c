"""`python -m taktgate_prep`."""

from taktgate_prep.cli import main

raise SystemExit(main())
