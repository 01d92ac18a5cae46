"""Made scenes: a script becomes voices in a room, a moving picture, and a reference of who said what when."""
