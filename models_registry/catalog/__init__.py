"""Registered models, versions, stages, aliases, and the clearances that let versions move."""
