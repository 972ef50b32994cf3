"""What a webhook may tell: what the person who made it may read, now."""

from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import can, remember
from models_registry.catalog.models import RegisteredModel


class Sight:
    """Who sees which models, each asked once a turn."""

    def __init__(self) -> None:
        self._makers: dict[int, Account] = {}
        self._known: dict[tuple[int, int], bool] = {}

    def sees(self, maker: Account, model: RegisteredModel) -> bool:
        """Return whether the account may read the model with the roles it holds now; a disabled one reads nothing."""
        key = (maker.pk, model.pk)
        if key not in self._known:
            if maker.pk not in self._makers:
                remember(maker)
                self._makers[maker.pk] = maker
            self._known[key] = bool(can(self._makers[maker.pk], Permission.MODEL_READ, on=model))
        return self._known[key]
