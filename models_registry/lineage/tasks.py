"""What the clock does for predictions: orphans find their version, and months beyond the term go."""

import datetime as dt

from models_registry.lineage import prediction_actions
from models_registry.lineage.prediction_writing import ensure_months_ahead

ADOPT_EVERY_S = 30
MONTHS_EVERY_S = 3_600
ROUNDS = 10


def tick(at: dt.datetime) -> int:
    """Do what is due in this second and return how much was done."""
    second = int(at.timestamp())
    done = 0
    if second % ADOPT_EVERY_S == 0:
        for _ in range(ROUNDS):
            adopted = prediction_actions.adopt()
            done += adopted
            if not adopted:
                break
    if second % MONTHS_EVERY_S == 0:
        done += ensure_months_ahead(at)
        done += prediction_actions.drop_old(at=at)
    return done
