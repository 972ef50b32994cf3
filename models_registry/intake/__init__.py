"""An inventory comes in and goes out: spreadsheets of models are looked at, mapped, checked, applied and taken back.

Nothing here writes to the catalog by itself: every row goes through the catalog's own actions, with their permissions
and their entries in the trail. Editing many models at once is an import whose rows were chosen on a page.
"""
