"""Agreement between raters, as a command for anyone's table of ratings and as a page for researchers."""
