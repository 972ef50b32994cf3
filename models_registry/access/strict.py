"""Input of programs: every field is known, the others are refused by name."""

from typing import Any

from rest_framework import serializers


class Strict(serializers.Serializer[Any]):
    """Refuses fields that it does not know."""

    def to_internal_value(self, data: Any) -> Any:
        """Return the checked input. Raises ValidationError for every unknown field."""
        unknown = sorted(set(data) - set(self.fields)) if isinstance(data, dict) else []
        if unknown:
            raise serializers.ValidationError({name: ["Unknown field."] for name in unknown})
        return super().to_internal_value(data)


def checked(serializer: Strict) -> dict[str, Any]:
    """Return the checked input as its own dictionary. Raises ValidationError."""
    serializer.is_valid(raise_exception=True)
    facts: dict[str, Any] = dict(serializer.validated_data)
    return facts
