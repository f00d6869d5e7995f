"""What agents do: rational play for each mechanism, scripted, random and by-value play."""
