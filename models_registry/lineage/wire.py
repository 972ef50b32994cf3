"""What programs send and get: artifacts, edges, whole statements, and lineages as nodes and links."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from models_registry.access.strict import Strict
from models_registry.lineage.models import ArtifactKind, EdgeRole
from models_registry.lineage.statement import (
    LONGEST_CONTENT,
    LONGEST_VALUE,
    MOST_ARTIFACTS,
    Member,
    Stated,
    Statement,
)

LONGEST_KEY = 120


@extend_schema_field(
    {"oneOf": [{"type": "string", "maxLength": LONGEST_VALUE}, {"type": "number"}, {"type": "boolean"}]}
)
class ValueField(serializers.Field):
    """A parameter: a text, a number or a truth."""

    def to_internal_value(self, data: Any) -> str | float | bool:
        """Return the value as it came."""
        if isinstance(data, str | int | float):
            return data
        raise serializers.ValidationError("A parameter is a text, a number, true or false.")

    def to_representation(self, value: Any) -> Any:
        """Return the value."""
        return value


@extend_schema_field({"type": "number"})
class NumberField(serializers.Field):
    """A number, and no text that looks like one."""

    def to_internal_value(self, data: Any) -> float:
        """Return the number."""
        if isinstance(data, int | float) and not isinstance(data, bool):
            return data
        raise serializers.ValidationError("A metric is a number.")

    def to_representation(self, value: Any) -> Any:
        """Return the number."""
        return value


class ArtifactVersionInput(Strict):
    """One version of an artifact. The same digest again is the same version."""

    kind = serializers.ChoiceField(choices=ArtifactKind.choices)
    name = serializers.CharField(max_length=200, help_text="Letters, digits, spaces and `. _ / @ : + -`.")
    version = serializers.CharField(
        required=False, allow_blank=True, max_length=100, help_text="Its label; the head of the digest when left out."
    )
    digest = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=140,
        help_text="`sha256:…`, `sha512:…`, `sha1:…`, `md5:…` or `git:…`; may be left out for what its maker hosts.",
    )
    licence = serializers.CharField(
        required=False, allow_blank=True, max_length=120, help_text="An SPDX identifier where there is one."
    )
    source_uri = serializers.CharField(
        required=False, allow_blank=True, max_length=500, help_text="Kept as given and never opened."
    )
    content = serializers.CharField(
        required=False,
        allow_null=True,
        max_length=LONGEST_CONTENT,
        trim_whitespace=False,
        help_text="The text of a prompt or a guardrail. Its digest is the SHA-256 of its UTF-8 bytes.",
    )
    description = serializers.CharField(required=False, allow_blank=True, max_length=500)


class OriginInput(Strict):
    """What an artifact of a statement was made from: another one of it, by its key."""

    key = serializers.CharField(max_length=LONGEST_KEY)
    role = serializers.ChoiceField(choices=EdgeRole.choices, default=EdgeRole.DERIVED_FROM.value)


class MemberInput(ArtifactVersionInput):
    """An artifact of a statement."""

    key = serializers.CharField(
        required=False, max_length=LONGEST_KEY, help_text="What the statement calls it; its name when left out."
    )
    role = serializers.ChoiceField(
        choices=EdgeRole.choices,
        required=False,
        help_text="What it is to the model version; left out where it is known only through others.",
    )
    made_from = OriginInput(many=True, required=False, max_length=50)  # type: ignore[call-arg]


class StatementInput(Strict):
    """Everything a pipeline knows about a version at the end of its run. All of it is kept, or nothing."""

    artifacts = MemberInput(many=True, required=False, max_length=MOST_ARTIFACTS)  # type: ignore[call-arg]
    parameters = serializers.DictField(child=ValueField(), required=False)
    metrics = serializers.DictField(child=NumberField(), required=False)


class EdgeInput(Strict):
    """An edge: from a version of a model, or from an artifact version, to the artifact version that it uses."""

    model = serializers.SlugField(required=False, max_length=80)
    version = serializers.IntegerField(required=False, min_value=1, max_value=2**31 - 1)
    derived = serializers.IntegerField(
        required=False, min_value=1, max_value=2**63 - 1, help_text="Identifier of an artifact version."
    )
    used = serializers.IntegerField(
        min_value=1, max_value=2**63 - 1, help_text="Identifier of the artifact version that is used."
    )
    role = serializers.ChoiceField(choices=EdgeRole.choices)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Ask for one beginning."""
        named = "model" in attrs and "version" in attrs
        if named == ("derived" in attrs) or ("model" in attrs) != ("version" in attrs):
            raise serializers.ValidationError("An edge begins at `model` and `version`, or at `derived`.")
        return attrs


class WithdrawalInput(Strict):
    """Why an edge was a mistake."""

    reason = serializers.CharField(max_length=500)


class ArtifactOutput(serializers.Serializer[Any]):
    """Something of one kind that goes by one name."""

    id = serializers.IntegerField()
    kind = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField()
    created_by = serializers.CharField(source="created_by.username")
    created_at = serializers.DateTimeField()


class ArtifactVersionOutput(serializers.Serializer[Any]):
    """One state of an artifact."""

    id = serializers.IntegerField()
    artifact = serializers.IntegerField(source="artifact_id")
    kind = serializers.CharField(source="artifact.kind")
    name = serializers.CharField(source="artifact.name")
    version = serializers.CharField(source="label")
    digest = serializers.CharField()
    licence = serializers.CharField()
    source_uri = serializers.CharField()
    created_by = serializers.CharField(source="created_by.username")
    created_at = serializers.DateTimeField()


class ArtifactVersionText(ArtifactVersionOutput):
    """One state of an artifact, with its text where that is kept."""

    content = serializers.CharField(allow_null=True)


class EdgeOutput(serializers.Serializer[Any]):
    """An edge of the lineage."""

    id = serializers.IntegerField()
    role = serializers.CharField()
    model = serializers.CharField(source="version.model.slug", default=None, allow_null=True)
    version = serializers.IntegerField(source="version.number", default=None, allow_null=True)
    derived = serializers.IntegerField(source="derived_id", allow_null=True)
    used = serializers.IntegerField(source="used_id")
    recorded_at = serializers.DateTimeField()
    withdrawn_at = serializers.DateTimeField(allow_null=True)
    reason = serializers.CharField()


class NodeOutput(serializers.Serializer[Any]):
    """A version of a model (`kind` is empty) or of an artifact; `depth` counts the links to the beginning."""

    key = serializers.CharField()
    id = serializers.IntegerField(source="pk")
    depth = serializers.IntegerField()
    kind = serializers.CharField(allow_blank=True)
    name = serializers.CharField()
    version = serializers.CharField(source="label")
    digest = serializers.CharField(allow_blank=True)
    licence = serializers.CharField(allow_blank=True)
    model = serializers.CharField(source="slug", allow_blank=True)
    stage = serializers.CharField(allow_blank=True)
    aliases = serializers.ListField(child=serializers.CharField())


class LinkOutput(serializers.Serializer[Any]):
    """`maker` uses `used` in this role; both are keys of nodes."""

    id = serializers.IntegerField(source="pk")
    maker = serializers.CharField()
    used = serializers.CharField()
    role = serializers.CharField()


class LineageOutput(serializers.Serializer[Any]):
    """What was reached from one node, the node itself first."""

    nodes = NodeOutput(many=True)
    links = LinkOutput(many=True)
    hidden = serializers.IntegerField(help_text="Versions of models that the caller may not read.")
    cut = serializers.BooleanField(help_text="Whether the depth ended the walk.")


class AffectedOutput(serializers.Serializer[Any]):
    """A version of a model that stands on the artifact version."""

    model = serializers.CharField(source="node.slug")
    name = serializers.CharField(source="node.name")
    number = serializers.IntegerField(source="node.number")
    stage = serializers.CharField(source="node.stage")
    aliases = serializers.ListField(child=serializers.CharField(), source="node.aliases")
    owner = serializers.CharField(source="node.owner")
    depth = serializers.IntegerField()
    role = serializers.CharField()
    via = serializers.CharField()


class AffectedList(serializers.Serializer[Any]):
    """Those that serve first: in production, then behind an alias, then the nearest."""

    affected = AffectedOutput(many=True)
    hidden = serializers.IntegerField(help_text="Versions of models that the caller may not read.")


class RecordedOutput(serializers.Serializer[Any]):
    """What a statement came to."""

    artifacts = serializers.DictField(
        child=serializers.IntegerField(),
        help_text="Identifiers of the artifact versions, by the keys of the statement.",
    )
    new_artifacts = serializers.IntegerField()
    new_edges = serializers.IntegerField()
    new_facts = serializers.IntegerField()


def stated(facts: dict[str, Any]) -> Stated:
    """Return the artifact version that checked input states."""
    return Stated(
        kind=facts["kind"],
        name=facts["name"],
        label=facts.get("version", ""),
        digest=facts.get("digest", ""),
        licence=facts.get("licence", ""),
        source_uri=facts.get("source_uri", ""),
        content=facts.get("content"),
        description=facts.get("description", ""),
    )


def statement(facts: dict[str, Any]) -> Statement:
    """Return the statement of checked input."""
    members = tuple(
        Member(
            key=one.get("key") or one["name"],
            stated=stated(one),
            role=one.get("role", ""),
            made_from=tuple((origin["key"], origin["role"]) for origin in one.get("made_from", ())),
        )
        for one in facts.get("artifacts", ())
    )
    return Statement(members, facts.get("parameters", {}), facts.get("metrics", {}))
