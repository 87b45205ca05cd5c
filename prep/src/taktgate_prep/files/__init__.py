"""Files and the text in them: whole or not at all, strict where a machine reads them."""
