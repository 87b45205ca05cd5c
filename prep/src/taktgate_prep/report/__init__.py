"""Pages for people: one self-contained HTML file each, with inline pictures and no script."""
