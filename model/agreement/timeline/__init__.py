"""Agreement on when something happened: spans, seconds, unitizing, and what nobody pointed at."""
