"""Speed and cost, always as a ratio of things measured in the same run. See README.md."""
