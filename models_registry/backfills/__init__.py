"""What was measured before Redline: files of history, brought in row by row beside live telemetry.

A file is kept piece by piece, read in batches of constant size, and each batch becomes one event of its source,
so that history takes the same line as everything else and can be explained and replayed like it.
"""
