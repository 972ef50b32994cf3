"""One module per provider: `build` writes the message, `send` hands it over and says what came of it."""
