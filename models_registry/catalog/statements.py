"""The statements that check and act at once, so that nothing comes between."""

NEXT_VERSION = """
WITH line AS (
    UPDATE catalog_model AS model SET changed_at = %(created_at)s, last_number = 1 + greatest(
        model.last_number, (SELECT max(number) FROM catalog_version WHERE model_id = %(model_id)s),
        %(after)s::integer
    )
    WHERE model.id = %(model_id)s RETURNING model.last_number
), made AS (
    INSERT INTO catalog_version (
        model_id, number, artifact_digest, source_uri, description, stage, epoch, created_by_id, created_at,
        run_id, run_link, logged_model_id, download_uri, registry_tags
    )
    SELECT %(model_id)s, line.last_number, %(artifact_digest)s, %(source_uri)s, %(description)s, %(stage)s, 0,
           %(created_by_id)s, %(created_at)s, %(run_id)s, %(run_link)s, %(logged_model_id)s, %(download_uri)s,
           %(registry_tags)s
    FROM line RETURNING id, number
), moved AS (
    INSERT INTO catalog_stage_move (version_id, from_stage, to_stage, moved_by_id, moved_at)
    SELECT made.id, '', %(stage)s, %(created_by_id)s, %(created_at)s FROM made
)
SELECT id, number FROM made
"""
"""The model's row is the line that numbers are drawn in: whoever waits for it reads the newest number."""

STANDING_ALIAS = """
SELECT alias.version_id, alias.guarded, protection.pipeline_only,
       ARRAY(SELECT account_id FROM catalog_alias_mover WHERE aliasprotection_id = protection.id)
FROM catalog_model AS model
LEFT JOIN catalog_alias AS alias ON alias.model_id = model.id AND alias.name = %(name)s
LEFT JOIN catalog_alias_protection AS protection ON protection.model_id = model.id AND protection.name = %(name)s
WHERE model.id = %(model)s
"""

POINT_ALIAS = """
WITH pointed AS (
    INSERT INTO catalog_alias (model_id, name, version_id, guarded)
    VALUES (%(model)s, %(name)s, %(version)s, %(guarded)s)
    ON CONFLICT (model_id, name) DO UPDATE SET version_id = excluded.version_id
    RETURNING id
), moved AS (
    INSERT INTO catalog_alias_move (model_id, name, version_id, clearance_id, moved_by_id, moved_at)
    VALUES (%(model)s, %(name)s, %(version)s, %(clearance)s, %(by)s, %(at)s)
)
SELECT id FROM pointed
"""

USE_CLEARANCE = """
WITH used AS (
    UPDATE catalog_clearance SET used_at = %(at)s
    WHERE id = %(clearance)s AND version_id = %(version)s AND target = %(target)s
      AND used_at IS NULL AND expires_at > %(at)s
    RETURNING version_id, epoch, artifact_digest
)
UPDATE catalog_version AS version SET stage = %(stage)s, epoch = version.epoch + 1
FROM used
WHERE version.id = used.version_id AND version.epoch = used.epoch AND version.stage = %(from_stage)s
  AND version.artifact_digest = used.artifact_digest AND version.artifact_digest <> ''
RETURNING version.epoch
"""
"""Check and act are one statement; a version changed meanwhile is read again under its lock."""
