"""The one HTTP client that may leave the house: every address checked, no redirects, small answers, short waits."""
