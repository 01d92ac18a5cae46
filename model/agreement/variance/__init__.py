"""Where the spread of scores comes from: intraclass correlations and generalizability theory."""
