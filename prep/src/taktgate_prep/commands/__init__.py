"""One file per subcommand: its options, and the way from them to its files. Only here is anything printed."""
